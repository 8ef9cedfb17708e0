import io
from pathlib import Path

import pytest

from labeler.errors import Invalid
from labeler.exchange.formats import Source, detect


@pytest.mark.parametrize(
    ("name", "head", "format_name"),
    [
        ("a.csv", b"text,label\n", "csv"),
        ("a.CSV", b"text\n", "csv"),
        ("a.tsv", b"text\tlabel\n", "tsv"),
        ("a.jsonl", b'{"text": "a"}\n', "jsonl"),
        ("a.ndjson", b'{"text": "a"}\n', "jsonl"),
        ("a.json", b' \n[{"text": "a"}]', "json"),
        ("a.json", b"\xef\xbb\xbf[", "json"),
        ("a.json", "[".encode("utf-16"), "json"),
        ("a.json", b'{"text": "a"}\n{"text": "b"}', "jsonl"),
        ("a.txt", b"text;label\n", "csv"),
        ("a.txt", b"text\tlabel, or so\n", "tsv"),
        ("a.csv", b"PK\x03\x04 and so on", "zip"),
        ("a.zip", b"PK\x05\x06", "zip"),
    ],
)
def test_the_format_is_found_and_the_reason_given(name: str, head: bytes, format_name: str) -> None:
    found = detect(name, head)
    assert found.format == format_name
    assert found.why.endswith(".")


@pytest.mark.parametrize(
    ("head", "advice"),
    [
        (b"\x1f\x8b\x08", "unpack it first"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04....[Content_Types].xml", "save it as CSV"),
        (b"PAR1", "Parquet"),
        (b"\x89PNG\r\n", "a folder or a ZIP"),
        (b"hello world", "--format"),
        (b"", "--format"),
    ],
)
def test_what_cannot_be_read_is_refused_with_advice(head: bytes, advice: str) -> None:
    with pytest.raises(Invalid, match=advice):
        detect("thing", head)


def test_paths_and_sources_are_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "upload-7f3a"
    path.write_bytes(b"[]")
    assert detect(path).format == "json"
    assert detect(Source.upload(path, "rows.csv")).format == "csv"
    assert detect(tmp_path).format == detect(Source.local(tmp_path)).format == "folder"
    with pytest.raises(Invalid, match="cannot be read"):
        detect(tmp_path / "gone.csv")


def test_a_stream_that_was_looked_into_can_still_be_read_from_its_start() -> None:
    stream = io.BytesIO(b"[1]")
    assert detect(Source.sent(stream, "body")).format == "json"
    assert stream.read() == b"[1]"

import io
from pathlib import Path

import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.detection import detect
from labeler.exchange.formats.registry import READERS
from labeler.exchange.reading import detected, open_rows
from labeler.exchange.rows import Row
from labeler.exchange.sources import ReadOptions, Source
from tests.exchange.datasets import picture, zipped


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
        ("a.csv", b"PAR1\x15\x04", "parquet"),
        ("a.txt", b"text\tlabel, or so\n", "tsv"),
        ("a.csv", b"PK\x03\x04 and so on", "zip"),
        ("a.zip", b"PK\x05\x06", "zip"),
        ("a.json", b'{"info": {}, "images": [{"file_name": "a"', "coco"),
        ("a.json", b'[{"id": 1, "data": {"text": "a"}, "annotations": []}]', "label_studio"),
        ("a.json", b'[{"id": 1, "text": "a", "annotations": []}]', "json"),
        ("a.jsonl", b'{"text": "a b", "label": [[0, 1, "X"]]}', "doccano"),
        ("a.jsonl", b'{"text": "a b", "label": ["X"]}', "jsonl"),
        ("a.jsonl", b'{"text": "a b", "entities": [[0, 1, "X"]]}', "spacy"),
        ("a.jsonl", b'["a b", {"entities": [[0, 1, "X"]]}]\n', "spacy"),
        ("a.json", b'[["a b", {"entities": []}]]', "spacy"),
        ("a.txt", b"Ada B-PER\nmet O\n\nBob", "conll"),
        ("a.tsv", b"Ada\tB-PER\nmet\tO\n\nBob", "conll"),
        ("a.conll", b"anything", "conll"),
        ("a.conll", b"[ O\nAda B-PER\n] O\n\n", "conll"),
        ("a.bio", b"[ -X- O", "conll"),
        (
            "a.json",
            b'{"data": {"image": "a.png", "file_name": "a.png"}, "annotations": [{"result": []}]}',
            "label_studio",
        ),
        ("train.spacy.jsonl", b'{"text": "a", "cats": {"X": 1.0}}', "spacy"),
        ("a.tsv", b"text\tlabel\nBlood type\tO\n", "tsv"),
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
        (b"hello world", "--format"),
        (b"", "--format"),
    ],
)
def test_what_cannot_be_read_is_refused_with_advice(head: bytes, advice: str) -> None:
    with pytest.raises(Invalid, match=advice):
        detect("thing", head)


def test_the_binary_format_of_spacy_is_known_by_its_ending() -> None:
    assert detect("train.spacy", b"x\x9c\xed\xbd").format == "docbin"


@pytest.mark.parametrize(
    ("files", "format_name"),
    [
        ({"a.jpg": "", "data.yaml": ""}, "yolo"),
        ({"images/a.jpg": "", "labels/a.txt": ""}, "yolo"),
        ({"a.jpg": "", "c.json": '{"images": [], "annotations": [{"image_id": 1}]}'}, "coco"),
        ({"a.jpg": "", "t.json": '[{"data": {"image": "a.jpg"}, "annotations": []}]'}, "label_studio"),
        ({"a.jpg": "", "all.jsonl": '{"filename": "a.jpg", "bbox": []}'}, "doccano"),
        ({"cat/a.jpg": "", "README.txt": "hello", "other.json": "{}"}, "zip"),
    ],
)
def test_a_set_is_known_by_what_lies_beside_its_pictures(
    files: dict[str, bytes | str], format_name: str, tmp_path: Path
) -> None:
    stream = io.BytesIO(zipped(files))
    assert detect(Source.sent(stream, "set.zip")).format == format_name
    assert stream.tell() == 0
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert detect(tmp_path).format == ("folder" if format_name == "zip" else format_name)


def test_only_those_that_are_asked_can_know_a_source() -> None:
    head = b'{"text": "a b", "label": [[0, 1, "X"]]}'
    plain = [READERS["json"], READERS["jsonl"]]
    assert detect("a.txt", head).format == "doccano"
    assert detect("a.txt", head, among=plain).format == "jsonl"
    assert detect("a.txt", b"[" + head + b"]", among=plain).format == "json"
    with pytest.raises(Invalid, match="no format that is known"):
        detect("a.txt", head, among=[READERS["coco"]])


@pytest.mark.parametrize(
    ("head", "format_name"),
    [
        (b'{"text": "a b", "label": [[0, 1, "X"]], "annotator": "ann"}\n', "jsonl"),
        (b'[{"text": "a b", "entities": [[0, 1, "X"]], "annotator": "ann"}]', "json"),
        (b"Ada B-PER\nmet O\n\nBob", "conll"),  # says who answered in no form, and is refused with that reason
    ],
)
def test_answers_that_look_like_a_format_without_people_are_read_as_plain_json(head: bytes, format_name: str) -> None:
    options = ReadOptions(wants="annotations", task="spans")
    assert detected(Source.sent(io.BytesIO(head), "answers"), options).format == format_name


def test_pictures_whose_labels_do_not_fit_are_pictures_still() -> None:
    options = ReadOptions(media="image", task="classification")
    stream = io.BytesIO(zipped({"cat/a.jpg": picture(), "data.yaml": "names: [cat]"}))
    assert detected(Source.sent(stream, "set.zip"), options).format == "zip"
    _, rows = open_rows(Source.sent(stream, "set.zip"), None, options)
    assert [row.given_label for row in rows if isinstance(row, Row)] == ["cat"]


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

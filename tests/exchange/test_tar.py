"""TAR archives wherever a ZIP is taken: the same pictures, and nothing that leads out, grows or is no file."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.detection import detect
from labeler.exchange.formats.registry import READERS
from labeler.exchange.parsing import tar_archive
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import Limits, ReadOptions, Source
from tests.exchange.datasets import picture


def packed(files: dict[str, bytes], mode: str = "w:gz", odd: tuple[tarfile.TarInfo, ...] = ()) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        for entry in odd:
            archive.addfile(entry)
    return buffer.getvalue()


def read(data: bytes, limits: Limits | None = None) -> list[Row | RejectedRow]:
    options = ReadOptions(media="image", limits=limits or Limits())
    return list(READERS["zip"].read(Source.sent(io.BytesIO(data), "set.tar.gz"), options))


def kind(name: str, what: bytes, link: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = what, link
    return entry


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2"])
def test_pictures_come_in_with_their_folders_as_labels(mode: str, tmp_path: Path) -> None:
    data = packed({"./cat/a.jfif": picture(), "./dog/b.jpg": picture(3, 4)}, mode)
    path = tmp_path / "kept"
    path.write_bytes(data)
    assert detect(Source.upload(path, "set.tgz")).format == "zip"
    found = [row for row in read(data) if isinstance(row, Row)]
    assert [(row.name, row.given_label) for row in found] == [("cat/a.jfif", "cat"), ("dog/b.jpg", "dog")]
    assert [row.image() for row in found if row.image] == [picture(), picture(3, 4)]


def test_a_dataset_in_a_tar_is_known_by_its_files() -> None:
    data = packed({"images/a.jpg": picture(), "labels/a.txt": b"0 .5 .5 .1 .1\n", "data.yaml": b"names: [cat]\n"})
    source = Source.sent(io.BytesIO(data), "set.tar.gz")
    assert detect(source).format == "yolo"
    options = ReadOptions(media="image", task="boxes", classes=("cat",))
    (row,) = READERS["yolo"].read(source, options)
    assert isinstance(row, Row)
    assert len((row.given_value or {})["boxes"]) == 1


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (kind("l.png", tarfile.SYMTYPE, "/etc/passwd"), "a link or device"),
        (kind("h.png", tarfile.LNKTYPE, "a.png"), "a link or device"),
        (kind("d.png", tarfile.CHRTYPE), "a link or device"),
        (kind("f.png", tarfile.FIFOTYPE), "a link or device"),
        (kind("../../out.png", tarfile.REGTYPE), "leads out"),
        (kind("/abs.png", tarfile.REGTYPE), "leads out"),
        (kind("a.png", tarfile.REGTYPE), "twice"),
        (kind("A.png", tarfile.REGTYPE), "differs"),
    ],
    ids=lambda given: given.name if isinstance(given, tarfile.TarInfo) else "",
)
def test_what_is_no_honest_file_is_named_and_costs_nothing_else(entry: tarfile.TarInfo, said: str) -> None:
    found = read(packed({"a.png": picture()}, odd=(entry,)))
    assert [row.name for row in found if isinstance(row, Row)] == ["a.png"]
    (rejected,) = [row for row in found if isinstance(row, RejectedRow)]
    assert said in rejected.reason


def test_a_file_that_is_too_large_is_left_out() -> None:
    found = read(packed({"a.png": picture(), "b.png": b"x" * 5000}), Limits(image_bytes=4000))
    assert [row.reason for row in found if isinstance(row, RejectedRow)] == ["larger than 4,000 bytes"]


def test_an_archive_that_grows_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_archive, "_HONEST", 100_000)
    with pytest.raises(Invalid, match="unpacks to more than"):
        read(packed({"a.png": b"\0" * 5_000_000}))


def test_a_header_that_is_too_long_is_refused() -> None:
    long = tarfile.TarInfo("a.png")
    long.pax_headers = {"comment": "x" * 2_000_000}
    with pytest.raises(Invalid, match="not a TAR archive"):
        read(packed({"a.png": picture()}, odd=(long,)))


def test_too_many_entries_and_a_cut_archive_are_refused() -> None:
    whole = packed({f"{number}.png": picture() for number in range(9)})
    with pytest.raises(Invalid, match="more than 5 entries"):
        read(whole, Limits(entries=5))
    with pytest.raises(Invalid, match="cut off"):
        read(whole[: len(whole) // 2])


def test_a_table_that_is_packed_is_still_refused_with_advice() -> None:
    with pytest.raises(Invalid, match="unpack it first"):
        detect(Source.sent(io.BytesIO(gzip.compress(b"text,label\na,b\n")), "a.csv.gz"))

import io
import stat
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.registry import READERS
from labeler.exchange.parsing.imagefolder import places, wrapper
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import Limits, Mapping, ReadOptions, Source

PIXELS = b"pixels of "


def folder_of(root: Path, *names: str, **tables: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PIXELS + name.encode(errors="replace"))
    for name, content in tables.items():
        (root / name.replace("__", "/").replace("_csv", ".csv").replace("_jsonl", ".jsonl")).write_text(content)
    return root


def zip_of(*entries: str | tuple[zipfile.ZipInfo | str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for entry in entries:
            name, data = entry if isinstance(entry, tuple) else (entry, PIXELS + entry.encode())
            archive.writestr(name, data)
    return buffer.getvalue()


def read_folder(root: Path, **options: Any) -> list[Row | RejectedRow]:
    return list(READERS["folder"].read(Source.local(root), ReadOptions(media="image", **options)))


def read_zip(data: bytes, **options: Any) -> list[Row | RejectedRow]:
    source = Source.sent(io.BytesIO(data), "set.zip")
    return list(READERS["zip"].read(source, ReadOptions(media="image", **options)))


def good(entries: list[Row | RejectedRow]) -> list[Row]:
    return [entry for entry in entries if isinstance(entry, Row)]


def rejected(entries: list[Row | RejectedRow]) -> dict[str, str]:
    return {entry.original: entry.reason for entry in entries if isinstance(entry, RejectedRow)}


def load(row: Row) -> bytes:
    assert row.image is not None
    return row.image()


def rows_of_both(root: Path, names: list[str]) -> Iterator[list[Row]]:
    yield good(read_folder(folder_of(root, *names)))
    yield good(read_zip(zip_of(*names)))


def test_the_folder_of_an_image_is_its_given_label(tmp_path: Path) -> None:
    for rows in rows_of_both(tmp_path, ["cat/1.png", "cat/2.JPG", "dog/1.png"]):
        assert [(row.number, row.external_id, row.given_label) for row in rows] == [
            (1, "cat/1.png", "cat"),
            (2, "cat/2.JPG", "cat"),
            (3, "dog/1.png", "dog"),
        ]
        assert [row.name for row in rows] == [row.external_id for row in rows]
        assert [load(row) for row in rows] == [PIXELS + (row.name or "").encode() for row in rows]


def test_splits_become_metadata_and_same_names_in_them_stay_apart(tmp_path: Path) -> None:
    for rows in rows_of_both(tmp_path, ["test/cat/1.png", "train/cat/1.png"]):
        assert [(row.external_id, row.given_label, row.metadata) for row in rows] == [
            ("test/cat/1.png", "cat", {"split": "test"}),
            ("train/cat/1.png", "cat", {"split": "train"}),
        ]


def test_a_class_called_test_is_a_class_when_others_are_no_splits() -> None:
    assert places(["test/1.png", "cat/1.png"])["test/1.png"] == ("test", None)


def test_plain_files_have_no_label(tmp_path: Path) -> None:
    for rows in rows_of_both(tmp_path, ["1.png", "2.png"]):
        assert [(row.external_id, row.given_label) for row in rows] == [("1.png", None), ("2.png", None)]


def test_one_folder_around_all_is_not_a_class() -> None:
    assert wrapper(["set/cat/1.png", "set/dog/1.png"]) == "set/"
    assert wrapper(["cat/1.png", "cat/2.png"]) == ""
    assert wrapper(["train/cat/1.png"]) == ""
    assert wrapper(["set/metadata.csv", "set/1.png"]) == "set/"


def test_folder_names_can_be_ignored(tmp_path: Path) -> None:
    rows = good(read_folder(folder_of(tmp_path, "cat/1.png"), mapping=Mapping(folder_labels=False)))
    assert [row.given_label for row in rows] == [None]


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_metadata_table_says_what_an_image_is(tmp_path: Path, kind: str) -> None:
    table = "file_name,label,page\n1.png,cat,3\ngone.png,dog,4\n1.png,dog,5\n../x.png,dog,6\n"
    if kind == "folder":
        entries = read_folder(folder_of(tmp_path, "1.png", "2.png", metadata_csv=table))
    else:
        entries = read_zip(zip_of("1.png", "2.png", ("metadata.csv", table.encode())))
    rows = good(entries)
    assert [(row.external_id, row.name, row.given_label, row.metadata) for row in rows] == [
        ("1.png", "1.png", "cat", {"page": "3"}),
        ("2.png", "2.png", None, {}),
    ]
    assert [load(row) for row in rows] == [PIXELS + b"1.png", PIXELS + b"2.png"]
    assert len(rejected(entries)) == 3
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_metadata_tables_may_lie_in_each_split(tmp_path: Path, kind: str) -> None:
    names = ["test/1.png", "train/1.png"]
    lines = '{"file_name": "1.png", "label": "a", "id": "7"}\n'
    if kind == "folder":
        entries = read_folder(folder_of(tmp_path, *names, train__metadata_jsonl=lines))
    else:
        entries = read_zip(zip_of(*names, ("train/metadata.jsonl", lines.encode())))
    assert [(row.external_id, row.name, row.given_label, row.metadata) for row in good(entries)] == [
        ("7", "train/1.png", "a", {"split": "train"}),
        ("test/1.png", "test/1.png", None, {"split": "test"}),
    ]


def test_system_files_are_nobodys_data_and_other_files_are_reported(tmp_path: Path) -> None:
    names = ["cat/1.png", "cat/.DS_Store", "cat/Thumbs.db", "__MACOSX/cat/._1.png", "notes.txt", "cat/README"]
    wanted = {"notes.txt": 'not an image file: its name ends in ".txt"', "cat/README": "not an image file"}
    assert rejected(read_folder(folder_of(tmp_path, *names))) == wanted
    assert rejected(read_zip(zip_of(*names))) == wanted


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    folder_of(tmp_path / "outside", "secret.png")
    root = folder_of(tmp_path / "in", "cat/1.png")
    (root / "cat" / "2.png").symlink_to(tmp_path / "outside" / "secret.png")
    (root / "dog").symlink_to(tmp_path / "outside")
    entries = read_folder(root)
    assert [row.name for row in good(entries)] == ["cat/1.png"]
    assert rejected(entries) == dict.fromkeys(["cat/2.png", "dog"], "a link, which is not followed")


@pytest.mark.parametrize("name", ["/etc/x.png", "a\\..\\..\\x.png", "C:/x.png", "a/\n/x.png", "a/../../x.png"])
def test_a_name_that_leads_out_of_a_zip_is_rejected(name: str) -> None:
    entries = read_zip(zip_of("cat/1.png", "dog/1.png", name))
    assert [row.name for row in good(entries)] == ["cat/1.png", "dog/1.png"]
    assert list(rejected(entries).values()) == ["its name leads out of the archive"]


def test_nothing_is_written_while_a_zip_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for row in good(read_zip(zip_of("cat/1.png", "../up.png", "dog/1.png"))):
        load(row)
    assert list(tmp_path.iterdir()) == []
    assert not (tmp_path.parent / "up.png").exists()


def test_links_and_devices_in_a_zip_are_rejected() -> None:
    link = zipfile.ZipInfo("cat/2.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    entries = read_zip(zip_of("cat/1.png", "dog/1.png", (link, b"/etc/passwd")))
    assert rejected(entries) == {"cat/2.png": "a link or device, not a file"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_twins_in_a_zip_are_reported() -> None:
    entries = read_zip(zip_of("cat/1.png", "cat/1.png", "Cat/1.png", "dog/e\u0301.png", "dog/\u00e9.png"))
    assert [row.name for row in good(entries)] == ["cat/1.png", "dog/e\u0301.png"]
    reasons = rejected(entries)
    assert "appears twice" in reasons["cat/1.png"]
    assert 'differs from "cat/1.png" only in case' in reasons["Cat/1.png"]
    assert "accents" in reasons["dog/\u00e9.png"]


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = ("cat/big.png", b"\0" * 5_000_000)
    entries = read_zip(zip_of("cat/1.png", "dog/1.png", bomb), limits=Limits(ratio=100))
    assert "-fold when unpacked" in rejected(entries)["cat/big.png"]
    assert rejected(read_zip(zip_of("cat/1.png", bomb), limits=Limits(image_bytes=4_000_000))) == {
        "cat/big.png": "larger than 4,000,000 bytes"
    }
    with pytest.raises(Invalid, match="unpacks to 5,000,019 bytes; the limit is 1,000,000"):
        read_zip(zip_of("cat/1.png", bomb), limits=Limits(unpacked_bytes=1_000_000))


def test_too_many_entries_are_refused() -> None:
    with pytest.raises(Invalid, match="has 3 entries; the limit is 2"):
        read_zip(zip_of("1.png", "2.png", "3.png"), limits=Limits(entries=2))


def test_a_size_that_lies_is_found_when_the_image_is_loaded() -> None:
    data = bytearray(zip_of(("cat/1.png", b"x" * 1000), method=zipfile.ZIP_STORED))
    at = data.rindex(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 10)
    (row,) = good(read_zip(bytes(data)))
    with pytest.raises(Invalid, match="cannot be unpacked"):
        load(row)


def overlapping() -> bytes:
    """Two directory entries that point at the same packed bytes."""
    data = zip_of("1.png")
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    directory = data[start:end]
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(directory), start, 0)
    return data[:start] + directory + directory + tail


def test_entries_that_overlap_are_refused() -> None:
    with pytest.raises(Invalid, match="overlap"):
        read_zip(overlapping())


def test_an_entry_that_runs_into_the_directory_is_refused() -> None:
    data = bytearray(zip_of("1.png"))
    at = data.rindex(b"PK\x01\x02") + 20
    data[at : at + 4] = struct.pack("<I", 5000)
    with pytest.raises(Invalid, match="past the end"):
        read_zip(bytes(data))


def test_an_encrypted_entry_is_rejected() -> None:
    data = bytearray(zip_of("cat/1.png", "dog/1.png"))
    at = data.index(b"PK\x01\x02") + 8
    data[at] |= 1
    assert rejected(read_zip(bytes(data))) == {"cat/1.png": "it is encrypted"}


@pytest.mark.parametrize("data", [b"", b"not a zip", zip_of("1.png")[:-30]], ids=["empty", "no zip", "cut off"])
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="is not a ZIP archive, or it is cut off"):
        read_zip(data)


def test_a_damaged_entry_costs_only_itself() -> None:
    data = bytearray(zip_of(("cat/1.png", b"A" * 50), ("dog/1.png", b"B" * 50), method=zipfile.ZIP_STORED))
    data[data.index(b"AAAA")] = ord("Z")
    first, second = good(read_zip(bytes(data)))
    with pytest.raises(Invalid, match="cannot be unpacked"):
        load(first)
    assert load(second) == b"B" * 50


def test_images_can_be_loaded_after_the_last_row_was_read(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    path.write_bytes(zip_of("cat/1.png"))
    rows = good(list(READERS["zip"].read(Source.upload(path, "set.zip"), ReadOptions(media="image"))))
    assert [load(row) for row in rows] == [PIXELS + b"cat/1.png"]


def test_an_image_over_the_limit_is_said_when_it_is_loaded(tmp_path: Path) -> None:
    (row,) = good(read_folder(folder_of(tmp_path, "1.png"), limits=Limits(image_bytes=3)))
    with pytest.raises(Invalid, match="larger than 3 bytes"):
        load(row)


@pytest.mark.parametrize("data", [zip_of(), zip_of("notes.txt")])
def test_a_zip_without_images_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="holds no images"):
        read_zip(data)


def test_images_do_not_go_into_a_project_of_texts_nor_count_as_answers(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "1.png")
    for name, source in (("folder", Source.local(root)), ("zip", Source.sent(io.BytesIO(zip_of("1.png")), "s.zip"))):
        with pytest.raises(Invalid, match="items of this project are texts"):
            list(READERS[name].read(source, ReadOptions(media="text")))
        with pytest.raises(Invalid, match="does not say who answered"):
            list(READERS[name].read(source, ReadOptions(media="image", wants="annotations")))


def test_a_name_that_is_no_text_costs_only_its_image(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "cat/1.png", "cat/two\nlines.png", "cat/\udce9.png")
    entries = read_folder(root)
    assert [row.name for row in good(entries)] == ["cat/1.png"]
    assert set(rejected(entries)) == {"cat/two\nlines.png", "cat/?.png"}


def test_a_folder_that_is_not_there_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="gone is not a folder"):
        read_folder(tmp_path / "gone")


def test_columns_are_those_of_the_metadata_table(tmp_path: Path) -> None:
    options = ReadOptions(media="image")
    assert READERS["folder"].columns(Source.local(folder_of(tmp_path / "a", "1.png")), options) == ()
    described = folder_of(tmp_path / "b", "1.png", metadata_csv="file_name,label\n1.png,a\n")
    assert READERS["folder"].columns(Source.local(described), options) == ("file_name", "label")
    data = zip_of("1.png", ("metadata.csv", b"file_name,label\n1.png,a\n"))
    assert READERS["zip"].columns(Source.sent(io.BytesIO(data), "s.zip"), options) == ("file_name", "label")

"""A look at a file before it comes in: some of its rows, what is wrong with any, and its rows as they stand in it."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from labeler.exchange import preview
from labeler.exchange.left_out import MOST_KINDS
from labeler.exchange.parsing import encodings
from labeler.exchange.parsing.encodings import proposed
from labeler.exchange.preview import Preview, look
from labeler.exchange.raw_rows import LONGEST, raw_rows
from labeler.exchange.rows import Row
from labeler.exchange.sources import ReadOptions, Source
from tests.exchange.datasets import annotation, coco, image, picture, zipped

BOXES = ReadOptions(media="image", task="boxes", classes=("cat", "dog"))


def written(folder: Path, name: str, data: bytes | str) -> Source:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return Source.upload(path, name)


def seen(source: Source, format_name: str = "csv", **told: Any) -> Preview:
    options = told.pop("options", ReadOptions(classes=("cat", "dog")))
    return look(source, format_name, options, options.classes, seconds=60, **told)


def table(rows: int, bad: dict[int, str]) -> str:
    return "id,text,label\n" + "".join(bad.get(n, f"i{n},text {n},cat\n") for n in range(1, rows + 1))


def test_what_is_wrong_is_told_once_for_each_kind_with_the_rows_that_have_it(tmp_path: Path) -> None:
    bad = {n: f"i{n},,cat\n" for n in range(40, 100, 10)} | {7: "i7,seven,cat,too,many\n", 1234: "x,y\n"}
    found = seen(written(tmp_path, "t.csv", table(1500, bad)))
    assert (found.read, found.complete, found.bad) == (1500, True, 8)
    assert [(one.count, one.rows, one.further) for one in found.refused.values()] == [
        (1, ["7"], 0),
        (6, ["40", "50", "60", "70", "80"], 1),
        (1, ["1234"], 0),
    ]
    assert [row.number for row in found.first] == list(range(1, 21))


def test_kinds_beyond_the_most_are_told_together() -> None:
    found = Preview()
    for n in range(MOST_KINDS + 5):
        preview._note(found.refused, f"reason {chr(97 + n % 26)}{chr(97 + n // 26)}", Row(n, None, "t", None, None, {}))
    assert len(found.refused) == MOST_KINDS + 1
    assert sum(one.count for one in found.refused.values()) == MOST_KINDS + 5


def test_rows_at_random_are_drawn_from_the_whole_file_in_its_order(tmp_path: Path) -> None:
    source = written(tmp_path, "t.csv", table(2000, {}))
    drawn = [[row.number for row in seen(source, seed=seed).drawn] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(numbers == sorted(set(numbers)) and len(numbers) == preview.SHOWN for numbers in drawn)
    every = [number for seed in range(30) for number in (row.number for row in seen(source, seed=seed).drawn)]
    assert 800 < sum(every) / len(every) < 1200, "no part of the file is drawn more often"
    few = seen(written(tmp_path, "few.csv", table(3, {})))
    assert [row.number for row in few.drawn] == [1, 2, 3]


def test_parts_that_would_be_missing_are_told_by_kind(tmp_path: Path) -> None:
    spoilt = [annotation(1), annotation(2, bbox=[1, 2, 0, 5]), annotation(3, segmentation=[[1, 1, 9, 1, 5, 8]])]
    files: dict[str, bytes | str] = {"a.jpg": picture(), "c.json": coco([image()], spoilt)}
    found = seen(written(tmp_path, "s.zip", zipped(files)), "coco", options=BOXES)
    assert (found.bad, [(one.count, one.rows) for one in found.parts.values()]) == (0, [(1, ["a.jpg"]), (1, ["a.jpg"])])


def test_a_look_ends_in_time_and_says_that_there_is_more(tmp_path: Path) -> None:
    source = written(tmp_path, "t.csv", table(50, {}))
    found = look(source, "csv", ReadOptions(classes=("cat",)), ("cat",), seconds=-1)
    assert (found.read, found.complete, len(found.drawn)) == (1, False, 1)


def test_rows_are_shown_as_they_stand_in_the_file(tmp_path: Path) -> None:
    raw = raw_rows(written(tmp_path, "t.csv", table(50, {})), "csv", ("id", "text", "label"), ReadOptions())
    assert (len(raw), raw[:2]) == (20, ("id,text,label", "i1,text 1,cat"))
    source = written(tmp_path, "w.csv", "text;label\nMüller;cat\n".encode("cp1252"))
    assert raw_rows(source, "csv", (), ReadOptions(encoding="cp1252"))[1] == "Müller;cat"
    assert raw_rows(source, "csv", (), ReadOptions())[1] == "M\N{REPLACEMENT CHARACTER}ller;cat"
    (cut,) = raw_rows(written(tmp_path, "l.jsonl", "x" * 9000), "jsonl", (), ReadOptions())
    assert len(cut) == LONGEST + 1


def test_of_a_set_the_files_are_shown_and_of_a_workbook_its_cells(tmp_path: Path) -> None:
    source = written(tmp_path, "s.zip", zipped({"cat/a.jpg": picture(), "notes.txt": "x"}))
    assert raw_rows(source, "zip", (), BOXES) == ("cat/a.jpg", "notes.txt")
    book, buffer = Workbook(), io.BytesIO()
    for row in (("nr", "text", "label"), (1, "meow", "cat"), (2, None, "dog")):
        book.active.append(row)
    book.save(buffer)
    source = written(tmp_path, "b.xlsx", buffer.getvalue())
    assert raw_rows(source, "xlsx", ("nr", "text", "label"), ReadOptions()) == (
        "nr\ttext\tlabel",
        "1\tmeow\tcat",
        "2\t\tdog",
    )


@pytest.mark.parametrize(
    ("name", "data"), [("x.parquet", b"PAR1\x00\x01"), ("x.csv", b"a\0b\n"), ("x.zip", b"PK\x03\x04")]
)
def test_what_is_no_text_or_damaged_shows_nothing(name: str, data: bytes, tmp_path: Path) -> None:
    assert raw_rows(written(tmp_path, name, data), "csv", (), ReadOptions()) == ()


def test_the_encoding_of_a_file_is_found_once_until_the_file_is_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, judge = list[int](), encodings._judged

    def counting(*seen: Any) -> Any:
        judged.append(1)
        return judge(*seen)

    monkeypatch.setattr(encodings, "_judged", counting)
    source = written(tmp_path, "w.csv", "text\nMüller\n".encode("cp1252"))
    first = [proposed(source) for _ in range(3)]
    assert (len(judged), {one.encoding for one in first if one}) == (1, {"cp1252"})
    written(tmp_path, "w.csv", json.dumps(["plain"]))
    assert (proposed(source), len(judged)) == (None, 2)

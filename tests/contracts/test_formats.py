"""What every format promises, whatever it is called: run over all readers and writers that the dictionaries name."""

import contextlib
import io
import itertools
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.detection import detect
from labeler.exchange.formats.registry import READERS, WRITERS, readers_for
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.rows import ExportRow, FlagOut, RejectedRow, Row, Vote
from labeler.exchange.sources import ReadOptions, Source
from labeler.exchange.writing.report import Report
from labeler.task_types.base import Content, TaskConfig
from labeler.task_types.registry import TASK_TYPES, task_type

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "formats"
IMAGES = {"folder", "zip", "coco", "yolo", "voc", "labelme", "cvat", "masks"}
UNNAMED = IMAGES | {"conll", "label_studio", "fasttext", "docbin"}
TASKS = {
    "coco": "boxes",
    "yolo": "polygons",
    "voc": "boxes",
    "labelme": "polygons",
    "cvat": "polygons",
    "masks": "polygons",
    "conll": "spans",
    "spacy": "spans",
    "docbin": "spans",
    "doccano": "spans",
    "prodigy": "spans",
}
CONTEXT = ExportContext("p", "P", "text", "classification", ("no", "yes"), "2026-02-03T10:00:00Z")

LABELS = ("labels/", "Annotations/", "masks/", "train/")  # one file in them is of one item
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef924"
    "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)

COUNTED: dict[str, Callable[[bytes], int]] = {
    "probabilities_npz": lambda data: len(np.load(io.BytesIO(data))["item"]),
    "probabilities_parquet": lambda data: parquet.read_table(io.BytesIO(data)).num_rows,
    "cleanlab_votes": lambda data: data.count(b"\n") - 1,
    "conll": lambda data: data.decode().count("\n\n") - 1,
}
"""How many items there are in files that say it in a way of their own."""

readers = pytest.mark.parametrize("name", READERS)
writers = pytest.mark.parametrize("name", WRITERS)


def sample(name: str) -> Source:
    (path,) = (SAMPLES / name).iterdir()
    return Source.local(path)


def options(name: str) -> ReadOptions:
    return ReadOptions(media="image" if name in IMAGES else "text", task=TASKS.get(name, "classification"))


def context(name: str) -> ExportContext:
    """Return a context the writer fits: of the tasks, the first it can hold."""
    media = "text" if "text" in WRITERS[name].media else "image"
    task = next(task for task in TASK_TYPES if WRITERS[name].holds(task_type(task).shape, media))
    return replace(CONTEXT, task=task, media=media, report=Report(), picture=lambda _hash: PIXEL)


def export_rows(count: int, name: str = "csv") -> Iterator[ExportRow]:
    told = context(name)
    if task_type(told.task).one_class:
        yield from _plain_rows(count)
        return
    values: dict[str, dict[str, Any]] = {
        "boxes": {"boxes": [{"label": "yes", "x": 1, "y": 2, "width": 3, "height": 4}]},
        "polygons": {"polygons": [{"label": "yes", "points": [[1, 1], [5, 1], [3, 6]]}]},
    }
    value = values.get(told.task, {"spans": [{"label": "yes", "start": 0, "end": 4}]})
    text, image = ("text", None) if told.media == "text" else (None, "a.png")
    for item in range(1, count + 1):
        bare = ExportRow(item, f"i{item}", text, image, told.media, None, None, "words", "given", None)
        yield bare._replace(final_value=value, width=9, height=9)


def _plain_rows(count: int) -> Iterator[ExportRow]:
    for item in range(1, count + 1):
        votes = tuple(Vote(f"{who}@example.org", "yes", 1.5, "", "2026-02-01T10:00:00Z") for who in ("ann", "bob"))
        flags = (FlagOut("label_error", 0.9, "no"),) if item % 3 == 0 else ()
        yield ExportRow(
            item, f"i{item}", f"text\n{item}", None, "text", "no", "yes", "yes", "consensus", 0.9, votes, flags
        )


@readers
def test_a_reader_is_known_by_its_name_and_its_sample_by_its_look(name: str) -> None:
    assert READERS[name].name == name
    assert READERS[name].title
    assert detect(sample(name)).format == name


@readers
def test_a_reader_reads_its_sample_whole(name: str) -> None:
    entries = list(READERS[name].read(sample(name), options(name)))
    assert [type(entry) for entry in entries] == [Row] * len(entries)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert len(entries) >= 4
    assert any(entry.given_label or entry.given_value for entry in entries if isinstance(entry, Row))


@readers
def test_a_reader_gives_the_same_rows_again(name: str) -> None:
    def shown() -> list[tuple[object, ...]]:
        entries = READERS[name].read(sample(name), options(name))
        return [(*entry[:3], *entry[4:]) for entry in entries]

    assert shown() == shown()


@readers
def test_a_row_has_either_a_text_or_an_image_that_loads(name: str) -> None:
    for row in READERS[name].read(sample(name), options(name)):
        assert isinstance(row, Row)
        if name in IMAGES:
            assert row.text is None
            assert row.image is not None
            assert row.image().startswith(b"\x89PNG")
        else:
            assert row.text
            assert row.image is None


def test_the_same_texts_in_every_format_are_the_same_rows() -> None:
    def rows(name: str) -> list[tuple[object, ...]]:
        entries = [row for row in READERS[name].read(sample(name), options(name)) if isinstance(row, Row)]
        return [(row.external_id, row.text, row.given_label, row.metadata) for row in entries]

    assert rows("csv") == rows("tsv") == rows("xlsx") == rows("jsonl") == rows("json") == rows("parquet")


@readers
def test_columns_are_those_that_rows_are_made_of(name: str) -> None:
    columns = READERS[name].columns(sample(name), options(name))
    if name in UNNAMED:
        assert columns == ()
    else:
        assert "text" in columns


@readers
def test_what_a_reader_reads_is_what_the_task_takes(name: str) -> None:
    told = options(name)
    task, classes = task_type(told.task), ("square", "triangle", "person", "place")
    for row in READERS[name].read(sample(name), told):
        assert isinstance(row, Row)
        if row.given_value is not None:
            assert task.check_value(row.given_value, TaskConfig(classes), Content(text=row.text)) == row.given_value


@readers
def test_a_reader_says_what_it_can_hold(name: str) -> None:
    reader = READERS[name]
    for task in TASK_TYPES:
        for media in task_type(task).media:
            assert (name in readers_for(task, media)) == reader.holds(shape_of(task), media)


@writers
def test_a_writer_is_known_by_its_name_and_says_what_it_cannot_hold(name: str) -> None:
    writer = WRITERS[name]
    assert writer.name == name
    assert writer.suffix.startswith(".")
    assert writer.losses
    assert all(loss.endswith(".") for loss in writer.losses)


@writers
@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1000])
def test_a_writer_leaves_no_row_out(name: str, count: int) -> None:
    told = context(name)
    data = b"".join(WRITERS[name].write(export_rows(count, name), told))
    assert count_items(name, data) == count
    assert told.report.written == count


def count_items(name: str, data: bytes) -> int:
    if name in COUNTED:
        return COUNTED[name](data)
    if name in {"parquet", "huggingface", "xlsx", "docbin"}:
        return sum(1 for _ in READERS[name].read(Source.sent(io.BytesIO(data), "out"), ReadOptions()))
    if WRITERS[name].archive:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            return sum(entry.startswith(LABELS) and not entry.endswith("/") for entry in archive.namelist())
    data.decode("utf-8")
    if name in {"label_studio", "coco", "coco_rle"}:
        found = json.loads(data)
        return len(found if isinstance(found, list) else found["images"])
    if WRITERS[name].suffix in {".jsonl", ".txt"}:
        return len(data.splitlines())
    rows = READERS[name if name in READERS else "csv"].read(Source.sent(io.BytesIO(data), "out"), ReadOptions())
    return sum(isinstance(row, Row) for row in rows)


@pytest.mark.parametrize("name", sorted(WRITERS.keys() - {"probabilities_npz"}))  # NPZ first says how many
def test_a_writer_streams(name: str) -> None:
    """Chunks come out while rows still go in, so neither side is ever held whole."""
    endless = (row._replace(item=number) for number, row in enumerate(itertools.cycle(export_rows(10, name)), 1))
    chunks = list(itertools.islice(WRITERS[name].write(endless, context(name)), 5))
    assert all(chunks)


@writers
def test_a_writer_takes_rows_that_hold_almost_nothing(name: str) -> None:
    bare = ExportRow(1, None, "t", None, "text", None, None, None, None, None)
    told = context(name)
    assert b"".join(WRITERS[name].write([bare], told))
    assert told.report.written == 1


@given(st.sampled_from(sorted(set(READERS) - {"folder"})), st.binary(max_size=200), st.binary(max_size=20))
def test_no_bytes_bring_a_reader_down(name: str, data: bytes, broken: bytes) -> None:
    """Random bytes, and a sample with a few bytes put into its middle, are read, rejected or refused in words."""
    (path,) = (SAMPLES / name).iterdir()
    good = path.read_bytes()
    at = int.from_bytes(broken[:2], "big") % len(good)
    for tried in (data, good[:at] + broken + good[at:], good[:at] + broken + good[at + len(broken) :]):
        with contextlib.suppress(Invalid):
            for row in READERS[name].read(Source.sent(io.BytesIO(tried), "tried"), options(name)):
                if isinstance(row, Row) and row.image:
                    row.image()


# NUL and lone surrogates cannot come in (see the readers), and a text of blanks is no item.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip)
TRICKY = st.text("'\"=+-@\t\r\n,;|a1é😀\u2028 ", min_size=1, max_size=12).filter(str.strip)
NAMES = st.none() | (TEXTS | TRICKY).map(str.strip).filter(lambda name: 0 < len(name) < 200)


@given(
    st.lists(st.tuples(TEXTS | TRICKY, NAMES, NAMES), max_size=6), st.sampled_from(["csv", "tsv", "jsonl", "parquet"])
)
def test_texts_ids_and_labels_come_back_exactly(values: list[tuple[str, str | None, str | None]], name: str) -> None:
    rows = [
        ExportRow(item, external_id, text, None, "text", label, None, None, None, None)
        for item, (text, external_id, label) in enumerate(values)
    ]
    data = b"".join(WRITERS[name].write(rows, CONTEXT))
    known = ReadOptions(classes=tuple({label for _, _, label in values if label is not None}))  # "null" may be a class
    entries = list(READERS[name].read(Source.sent(io.BytesIO(data), f"out.{name}"), known))
    assert [entry for entry in entries if isinstance(entry, RejectedRow)] == []
    assert [(row.text, row.external_id, row.given_label) for row in entries if isinstance(row, Row)] == values

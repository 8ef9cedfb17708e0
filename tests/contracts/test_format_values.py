"""What goes out comes in again, value by value: for every format, task and medium that the dictionaries pair.

Pictures are made here, as exports name them and do not contain them. YOLO keeps six decimals of a share, so there a
side may differ by a millionth of the picture's; everything else is equal to the ten-millionth of a pixel.
"""

import functools
import io
import itertools
import math
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.registry import READERS, WRITERS, writers_for
from labeler.exchange.parsing.tokens import at_blanks
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.rows import ExportRow, Row
from labeler.exchange.sources import Mapping, ReadOptions, Source
from labeler.exchange.writing.report import Report
from labeler.task_types.base import Content, TaskConfig
from labeler.task_types.registry import TASK_TYPES, task_type

CLASSES = ("cat", "big dog", "né, ja", "=1")
SIZES = ((640, 480), (33, 1000), (7, 5))
# CoNLL knows tokens only, and is tried by itself below, as fastText is, which has lines (tests/exchange); the table for
# cleanlab is not one to read back.
BOTH_WAYS = [name for name in WRITERS if name in READERS and name not in {"conll", "fasttext"}]
TABLES = {"csv", "tsv", "xlsx", "jsonl", "parquet", "huggingface"}
IN_PIXELS = {"masks"}  # test_losses compares those pixel by pixel
CASES = [
    (name, task, media)
    for task in TASK_TYPES
    for media in sorted(task_type(task).media)
    for name in BOTH_WAYS
    if name in writers_for(task, media) and name not in IN_PIXELS
]

BY_NAME = {"yolo", "voc"}  # they know a picture by its name alone
WITHOUT_IDS = {"docbin"}  # which it says
Value = dict[str, Any]

characters = st.sampled_from("ab é,\"'|=[\n\u0930\u093f\U0001f600\U0001f468\u200d\U0001f692\u05d0")
texts = st.text(characters, min_size=1, max_size=20).filter(lambda text: bool(text.strip()))


@functools.cache
def picture(size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("1", size).save(buffer, "PNG")
    return buffer.getvalue()


def sides(most: int) -> st.SearchStrategy[tuple[float, float]]:
    """Return (start, length) of boxes of a tenth of a pixel or more."""

    @st.composite
    def drawn(draw: st.DrawFn) -> tuple[float, float]:
        start = draw(st.integers(0, most * 10 - 1))
        return start / 10, draw(st.integers(1, most * 10 - start)) / 10

    return drawn()


@st.composite
def boxes(draw: st.DrawFn, size: tuple[int, int]) -> Value:
    found = []
    for _ in range(draw(st.integers(0, 3))):
        (x, width), (y, height) = draw(sides(size[0])), draw(sides(size[1]))
        found.append({"label": draw(st.sampled_from(CLASSES)), "x": x, "y": y, "width": width, "height": height})
    return {"boxes": found}


@st.composite
def polygons(draw: st.DrawFn, size: tuple[int, int]) -> Value:
    """Return outlines with corners on an ellipse, so that they never cross themselves."""
    found = []
    for _ in range(draw(st.integers(0, 3))):
        corners, label = draw(st.integers(3, 7)), draw(st.sampled_from(CLASSES))
        turn = draw(st.floats(0, 6, allow_nan=False))
        points = [
            [round(size[axis] * (0.5 + 0.45 * wave(turn + 2 * math.pi * n / corners)), 2) for axis, wave in _AXES]
            for n in range(corners)
        ]
        found.append({"label": label, "points": points})
    return {"polygons": found}


_AXES = ((0, math.cos), (1, math.sin))


@st.composite
def spans(draw: st.DrawFn, text: str) -> Value:
    places = [(start, end) for start in range(len(text)) for end in range(start + 1, len(text) + 1)]
    marked = st.tuples(st.sampled_from(places), st.sampled_from(CLASSES))
    chosen = draw(st.lists(marked, max_size=4, unique=True))
    return {"spans": [{"label": label, "start": start, "end": end} for (start, end), label in chosen]}


def values(task: str, text: str, size: tuple[int, int]) -> st.SearchStrategy[Value]:
    """Return a strategy of answers to one item."""
    label = st.sampled_from(CLASSES)
    found: dict[str, st.SearchStrategy[Value]] = {
        "label": label.map(lambda name: {"label": name}),
        "labels": st.sets(label).map(lambda names: {"labels": [name for name in CLASSES if name in names]}),
        "boxes": boxes(size),
        "polygons": polygons(size),
        "spans": spans(text),
        "text": (texts | st.sampled_from(("", " a ", "NaN", '{"text": ""}', "N/A"))).map(lambda said: {"text": said}),
    }
    return found[shape_of(task)]


@st.composite
def export_rows(draw: st.DrawFn, task: str, media: str) -> list[ExportRow]:
    """Return labeled items; each says in words what its value says, as an export does."""
    rows = []
    for item in range(1, draw(st.integers(1, 4)) + 1):
        text = f"{item} {draw(texts)}"
        size = draw(st.sampled_from(SIZES))
        value = draw(values(task, text, size))
        label = value.get("label", "some words")
        kept = None if "label" in value else value
        shown, image = (text, None) if media == "text" else (None, f"a/{item}.png")
        row = ExportRow(item, f"id {item}", shown, image, media, label, label, label, "consensus", None)
        row = row._replace(given_value=kept, consensus_value=kept, final_value=kept, metadata={"note": "ä", "page": 3})
        rows.append(row._replace(width=size[0], height=size[1]) if media == "image" else row)
    return rows


def told(task: str, media: str) -> ExportContext:
    return ExportContext("p", "P", media, task, CLASSES, "2026-02-03T10:00:00+00:00")


def written(name: str, rows: list[ExportRow], context: ExportContext) -> bytes:
    return b"".join(WRITERS[name].write(rows, context))


def with_pictures(name: str, data: bytes, rows: list[ExportRow]) -> bytes:
    """Put the pictures where the export says they belong."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        if WRITERS[name].archive:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for entry in archive.namelist():
                    out.writestr(entry, archive.read(entry))
        else:
            out.writestr(f"export{WRITERS[name].suffix}", data)
        for row in rows:
            out.writestr(f"images/train/{row.image}", picture((row.width or 1, row.height or 1)))
    return buffer.getvalue()


def back(name: str, data: bytes, options: ReadOptions) -> list[Row]:
    """Read an export; nothing in it may be rejected."""
    found = list(READERS[name].read(Source.sent(io.BytesIO(data), f"export.{name}"), options))
    assert [entry for entry in found if not isinstance(entry, Row)] == []
    return [entry for entry in found if isinstance(entry, Row)]


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from numbers(inner)
    elif not isinstance(value, str):
        yield value


def words(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: words(inner) for key, inner in value.items()}
    return [words(inner) for inner in value] if isinstance(value, list) else value if isinstance(value, str) else None


def assert_same(one: Value, two: Value, precision: float) -> None:
    assert words(one) == words(two)
    off = [abs(a - b) for a, b in zip(numbers(one), numbers(two), strict=True)]
    assert max(off, default=0) <= precision


@pytest.mark.parametrize(("name", "task", "media"), CASES)
@settings(max_examples=15)
@given(data=st.data())
def test_what_goes_out_comes_in_again_as_it_was(name: str, task: str, media: str, data: st.DataObject) -> None:
    rows = data.draw(export_rows(task, media))
    context = told(task, media)
    out = written(name, rows, context)
    options = ReadOptions(media="image" if media == "image" else "text", task=task, classes=CLASSES)
    plain = media == "text" or name in TABLES
    if plain and media == "image":
        options = ReadOptions(media="text", task=task, classes=CLASSES, mapping=Mapping(text="image"))
    found = back(name, out if plain else with_pictures(name, out, rows), options)
    assert len(found) == len(rows) == context.report.written
    for row, came in zip(rows, found, strict=True):
        value = row.final_value or {"label": row.final_label}
        came_value = came.given_value or {"label": came.given_label}
        assert_same(value, came_value, 1e-6 * max(row.width or 1, row.height or 1) if name == "yolo" else 1e-7)
        assert came.text == (row.text or row.image if plain else None)
        if name not in BY_NAME | WITHOUT_IDS:
            assert came.external_id == row.external_id
            assert (row.metadata or {}).items() <= came.metadata.items()
        content = Content(text=row.text, width=row.width, height=row.height)
        task_type(task).check_value(came_value, TaskConfig(CLASSES), content)


tokens = st.lists(st.text("ab.\U0001f600#\u0930\u093f-", min_size=1, max_size=4), min_size=1, max_size=8)


@given(tokens, st.data())
def test_sentences_of_conll_come_back_token_by_token(words_of: list[str], data: st.DataObject) -> None:
    text = " ".join(words_of)
    places = at_blanks(text)
    ends = data.draw(st.lists(st.integers(0, len(places)), unique=True, max_size=6).map(sorted))
    marked = [
        {"label": data.draw(st.sampled_from(CLASSES)), "start": places[first][0], "end": places[after - 1][1]}
        for first, after in zip(ends[::2], ends[1::2], strict=False)
    ]
    kept = {"tokenized": True, "pos": " ".join("X" for _ in places)}
    row = ExportRow(1, None, text, None, "text", None, None, "words", "given", None)
    context = told("spans", "text")
    out = written("conll", [row._replace(final_value={"spans": marked}, metadata=kept)], context)
    (came,) = back("conll", out, ReadOptions(task="spans", classes=CLASSES))
    assert (came.text, came.given_value, came.metadata["pos"]) == (text, {"spans": marked}, kept["pos"])
    assert context.report == Report(written=1)


@given(st.lists(st.tuples(texts, st.data()), min_size=1, max_size=3))
def test_every_span_given_to_conll_is_in_the_file_or_in_the_report(cases: list[tuple[str, st.DataObject]]) -> None:
    rows = [
        ExportRow(item, None, text, None, "text", None, None, "words", "given", None)._replace(
            final_value=data.draw(spans(text))
        )
        for item, (text, data) in enumerate(cases, 1)
    ]
    context = told("spans", "text")
    out = written("conll", rows, context)
    found = back("conll", out, ReadOptions(task="spans", classes=CLASSES))
    given_spans = sum(len((row.final_value or {})["spans"]) for row in rows)
    kept = sum(len((row.given_value or {})["spans"]) for row in found)
    left = sum(loss.count for sentence, loss in context.report.losses.items() if "left out" in sentence)
    assert kept + left == given_spans
    assert len(found) == len(rows)


def test_every_task_has_the_formats_its_users_expect() -> None:
    expected = {
        "boxes": {"coco", "yolo", "voc", "label_studio", "csv", "jsonl", "doccano"},
        "polygons": {"coco", "yolo", "masks", "label_studio", "csv", "jsonl", "doccano"},
        "spans": {"conll", "spacy", "doccano", "label_studio", "csv", "jsonl"},
        "classification": {"label_studio", "csv", "jsonl", "doccano", "cleanlab"},
        "multilabel": {"label_studio", "csv", "jsonl", "doccano", "cleanlab"},
        "rating": {"label_studio", "csv", "jsonl", "doccano", "cleanlab"},
        "text": {"label_studio", "csv", "jsonl"},
    }
    for task, media in itertools.chain.from_iterable(
        [(task, one) for one in task_type(task).media] for task in TASK_TYPES
    ):
        assert expected[task] <= set(writers_for(task, media))


def test_an_export_of_yolo_holds_no_name_that_leaves_its_folder() -> None:
    names = ["../../etc/passwd", "/abs.png", "c:\\x.png", "a/../../b.png", "", "...", "ok/1.png", "OK/1.jpg"]
    rows = [
        ExportRow(item, None, None, name, "image", None, None, "w", "given", None, final_value={"boxes": []})
        for item, name in enumerate(names, 1)
    ]
    context = told("boxes", "image")
    data = written("yolo", [row._replace(width=4, height=4) for row in rows], context)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        labels = [entry for entry in archive.namelist() if entry.endswith(".txt") and entry != "report.txt"]
    assert len({entry.casefold() for entry in labels}) == len(names)
    for entry in labels:
        assert PurePosixPath(entry).parts[:2] == ("labels", "train")
        assert ".." not in PurePosixPath(entry).parts
        assert "\\" not in entry
        assert ":" not in entry

"""import(export(x)) = x for every format, task and medium that can hold it; what differs is what was counted.

Each way out is read by the way in of the same name, or by the one that reads such files (`READ_BY`). Items may have no
label, shares of classes, skips and doubts beside their answers, so that every loss has its chance. Labels are compared
value by value, those of masks pixel by pixel, since pixels are all that masks promise.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from labeler.exchange.formats.base import KEEPS, ExportContext
from labeler.exchange.formats.registry import READERS, WRITERS, writers_for
from labeler.exchange.formats.skips_and_doubts import REASONS, SKIPS, SOFT, UNSURE
from labeler.exchange.parsing.annotations import as_votes
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.rows import ExportRow, RejectedRow, Row, Skip, Vote, VoteRow
from labeler.exchange.sources import Mapping, ReadOptions, Source
from labeler.exchange.writing.raster import covered
from labeler.task_types.registry import TASK_TYPES, task_type
from tests.contracts.test_format_values import CLASSES, TABLES, Value, numbers, picture, texts, told, values, words

READ_BY = {"coco_rle": "coco", "imagefolder": "zip", "yolo_classify": "zip"}
NOT_READ = {"cleanlab", "cleanlab_votes"}  # tables for that library, which tests/exchange reads with it
NOT_READ |= {"probabilities_npz", "probabilities_parquet"}  # what a model says, and no label
IN_PIXELS = {"masks", "coco_rle"}
IN_WORDS = {"conll"}
INSIDE = {"imagefolder", "yolo_classify"}
PAPERS = {"report.txt", "classes.csv", "pictures.csv"}
BESIDE = (SKIPS, REASONS, SOFT, UNSURE)
ONLY_SAYS = (
    "Spans of the item overlap",  # all of them are in the file, in another place
    "A span begins or ends inside a word",  # it is in the file; the program may leave it out
    "The text has line breaks or blanks around it",  # of the text, not of the label
)
CASES = [
    (name, task, media)
    for task in TASK_TYPES
    for media in sorted(task_type(task).media)
    for name in writers_for(task, media)
    if name not in NOT_READ
]
SIZES = ((40, 30), (13, 57))
AT = "2026-02-01T10:00:00+00:00"


@st.composite
def votes(draw: st.DrawFn, value: st.SearchStrategy[Value]) -> tuple[Vote, ...]:
    found = []
    for who in draw(st.lists(st.sampled_from(("ann", "bob")), unique=True)):
        said = draw(value)
        comment = draw(st.sampled_from((None, 'hm, "why"?')))
        kept = None if "label" in said else said
        label = said.get("label", "words")
        found.append(Vote(f"{who}@x.org", label, 1.5, comment, AT, kept, draw(st.booleans())))
    return tuple(found)


@st.composite
def items(draw: st.DrawFn, task: str, media: str) -> list[ExportRow]:
    """Return items of which some have no label, and about which people said more than labels."""
    rows = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        text, size = f"{number} {draw(texts)}", draw(st.sampled_from(SIZES))
        value = values(task, text, size)
        final = draw(st.none() | value)
        skips = draw(st.sampled_from(((), (Skip("cy@x.org", "too dark", 2.5, "sorry", AT),))))
        row = ExportRow(number, f"id {number}", None, None, media, None, None, None, None, None, draw(votes(value)))
        row = row._replace(skips=skips, content_hash=str(number), metadata={"page": 3})
        row = row._replace(text=text) if media == "text" else row._replace(image=f"a/{number}.png")
        row = row._replace(width=size[0], height=size[1]) if media == "image" else row
        rows.append(_labeled(row, final, draw(st.booleans()), one_class=task_type(task).one_class))
    return rows


def _labeled(row: ExportRow, final: Value | None, ambiguous: bool, *, one_class: bool) -> ExportRow:  # noqa: FBT001
    if final is None:
        soft = {CLASSES[0]: 0.75, CLASSES[1]: 0.25} if ambiguous and one_class else None
        return row._replace(final_source="ambiguous" if soft else None, soft_label=soft)
    label, value = final.get("label", "words"), None if "label" in final else final
    said: dict[str, Any] = dict.fromkeys(("given_label", "consensus_label", "final_label"), label)
    kept: dict[str, Any] = dict.fromkeys(("given_value", "consensus_value", "final_value"), value)
    return row._replace(**said, **kept, final_source="given")


def out_and_in(
    name: str, rows: list[ExportRow], task: str, media: str, wants: Any = "items"
) -> tuple[list[Row | RejectedRow], ExportContext, ReadOptions]:
    """Return what comes in of what went out, with what the export says of itself."""
    sizes = {row.content_hash: (row.width or 1, row.height or 1) for row in rows}
    context = replace(told(task, media), picture=lambda content: picture(sizes[content]))
    data = b"".join(WRITERS[name].write(rows, context))
    options = ReadOptions(media="image" if media == "image" else "text", task=task, classes=CLASSES, wants=wants)
    table = name in TABLES
    if table and media == "image" and wants == "items":
        options = replace(options, media="text", mapping=Mapping(text="image"))
    if media == "image" and not table and name not in INSIDE:
        data = _with_pictures(name, data, rows)
    source = Source.sent(io.BytesIO(data), f"export{WRITERS[name].suffix}")
    return list(READERS[READ_BY.get(name, name)].read(source, options)), context, options


def _with_pictures(name: str, data: bytes, rows: list[ExportRow]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        if WRITERS[name].archive:
            with zipfile.ZipFile(io.BytesIO(data)) as written:
                for entry in written.namelist():
                    archive.writestr(entry, written.read(entry))
        else:
            archive.writestr(f"export{WRITERS[name].suffix}", data)
        for row in rows:
            archive.writestr(f"images/train/{row.image}", picture((row.width or 1, row.height or 1)))
    return buffer.getvalue()


def matched(name: str, rows: list[ExportRow], found: list[Row]) -> dict[int, Row]:
    """Return what came in by the number of the item that went out."""
    if name in INSIDE:
        by_stem = {(row.name or "").rpartition("/")[2]: row for row in found}
        return {row.item: by_stem[f"{row.item}.png"] for row in rows if f"{row.item}.png" in by_stem}
    assert len(found) == len(rows)
    return {row.item: came for row, came in zip(rows, found, strict=True)}


def label_of(given_label: str | None, value: Value | None) -> Value | None:
    return value if value is not None else None if given_label is None else {"label": given_label}


def same(one: Value | None, two: Value | None, off: float) -> bool:
    if one is None or two is None:
        return one is two
    if words(one) != words(two):
        return False
    return max((abs(a - b) for a, b in zip(numbers(one), numbers(two), strict=True)), default=0) <= off


def in_words(text: str, value: Value | None) -> Value | None:
    """Return spans by where they stand among the characters that are no blanks: which blanks there are is not kept."""
    at = [0]
    for character in text:
        at.append(at[-1] + (not character.isspace()))
    spans = [{**span, "start": at[span["start"]], "end": at[span["end"]]} for span in (value or {"spans": []})["spans"]]
    return None if value is None else {"spans": sorted(spans, key=lambda span: (span["start"], span["end"]))}


def same_pixels(one: Value | None, two: Value | None, size: tuple[int, int]) -> bool:
    if one is None or two is None:
        return one is two
    return _pixels(one, size) == _pixels(two, size)


def _pixels(value: Value, size: tuple[int, int]) -> dict[str, bytes]:
    found: dict[str, Any] = {}
    for part in value["polygons"]:
        inside = covered(part["points"], *size)
        found[part["label"]] = found[part["label"]] | inside if part["label"] in found else inside
    return {label: bits.tobytes() for label, bits in found.items() if bits.any()}


@pytest.mark.parametrize(("name", "task", "media"), CASES)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_a_label_comes_back_or_is_counted(name: str, task: str, media: str, data: st.DataObject) -> None:
    rows = data.draw(items(task, media))
    assume(name not in INSIDE or any(row.final_label for row in rows))
    found, context, _ = out_and_in(name, rows, task, media)
    came = matched(name, rows, [row for row in found if isinstance(row, Row)])
    assert [row for row in found if isinstance(row, RejectedRow) and row.file not in PAPERS] == []
    differs, alike = set(), _comparing(name)
    for row in rows:
        back = came.get(row.item)
        had = label_of(row.final_label, row.final_value)
        got = label_of(back.given_label, back.given_value) if back else None
        if name in IN_WORDS and back:
            had, got = in_words(row.text or "", had), in_words(back.text or "", got)
        if back is None or not alike(had, got, (row.width or 1, row.height or 1)):
            differs.add(row.item)
    losses = context.report.losses
    counted = {
        item
        for sentence, loss in losses.items()
        for item in loss.items
        if sentence not in BESIDE and not sentence.startswith(ONLY_SAYS)
    }
    said_on_the_way_in = {item for item, back in came.items() if back.left_out and name in IN_PIXELS}
    unlabeled = {row.item for row in rows if row.final_value is None and row.final_label is None}
    assert beside(name, rows) == {said: losses[said].count if said in losses else 0 for said in BESIDE}
    assert differs <= counted | said_on_the_way_in, "a label was lost and nobody said so"
    assert counted - unlabeled <= differs | _hidden(name, rows), "something was counted that came back"


def beside(name: str, rows: list[ExportRow]) -> dict[str, int]:
    """Return how often what people say beside labels is lost by a format that keeps less than all of it."""
    kept = WRITERS[name].keeps
    return {
        SKIPS: sum(len(row.skips) for row in rows if "skips" not in kept),
        REASONS: sum(len(row.skips) for row in rows if "skips" in kept and "reasons" not in kept),
        SOFT: sum(row.soft_label is not None for row in rows if "soft" not in kept),
        UNSURE: sum(vote.unsure for row in rows for vote in row.votes if "unsure" not in kept),
    }


def _comparing(name: str) -> Callable[[Value | None, Value | None, tuple[int, int]], bool]:
    if name in IN_PIXELS:
        return same_pixels
    return lambda one, two, size: same(one, two, 1e-6 * max(size) if name == "yolo" else 1e-7)


def _hidden(name: str, rows: list[ExportRow]) -> set[int]:
    """Return items of which pixels or words do not tell: an object below another of its class, a blank in a span."""
    return {row.item for row in rows} if name in IN_PIXELS | IN_WORDS else set()


KEEP_ALL = [case for case in CASES if WRITERS[case[0]].keeps == KEEPS]


@pytest.mark.parametrize(("name", "task", "media"), KEEP_ALL)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_what_people_said_comes_back_whole(name: str, task: str, media: str, data: st.DataObject) -> None:
    rows = data.draw(items(task, media))
    found, _, options = out_and_in(name, rows, task, media, "annotations")
    said = list(as_votes(found, options))
    assert [one for one in said if isinstance(one, RejectedRow)] == []
    back = [one for one in said if isinstance(one, VoteRow)]
    answered = [_told(one) for one in back if one.skip is None and one.soft is None]
    made = partial(_told_of, shape_of(task))
    assert answered == [made(row, vote) for row in rows for vote in row.votes]
    skipped = [(one.external_id, one.annotator, one.skip, one.comment, one.created_at) for one in back if one.skip]
    assert skipped == [
        (row.external_id, one.annotator, one.reason, one.comment, one.created_at) for row in rows for one in row.skips
    ]
    soft = {one.external_id: one.soft for one in back if one.soft is not None}
    assert soft == {row.external_id: row.soft_label for row in rows if row.soft_label}


def _told(vote: VoteRow) -> tuple[Any, ...]:
    value = vote.value or {"label": vote.label}
    return vote.external_id, vote.annotator, value, vote.seconds, vote.comment, vote.created_at, vote.unsure


def _told_of(shape: str, row: ExportRow, vote: Vote) -> tuple[Any, ...]:
    value = vote.value or {shape: vote.label}
    return row.external_id, vote.annotator, value, vote.seconds, vote.comment, vote.created_at, vote.unsure

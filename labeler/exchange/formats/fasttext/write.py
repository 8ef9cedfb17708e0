"""fastText's training data as it goes out."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.formats.fasttext.labels import PREFIX, check_apart, spelled
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks
from labeler.exchange.writing.files_of_parts import files_of_parts
from labeler.exchange.writing.zip_stream import ZipStream
from labeler.messages import Message

UNLABELED = Message("The item has no label; its line holds its text alone.")
ON_ONE_LINE = Message("The text has line breaks or blanks around it; a line break went out as a blank.")
LIKE_A_LABEL = Message("A word of the text begins as a label does; fastText takes it for one.")
_CALLED = {"": "items", "val": "valid"}
_BREAKS = re.compile(r"[\r\n]+")


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a line an item in UTF-8; raises Invalid where two classes would be one."""
    check_apart(context.classes)
    return _written(rows, context)


def write_packed(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a ZIP with a file for each part of the split, called as its users call them."""
    return files_of_parts(
        rows,
        context.parts,
        ZipStream(context.exported_at),
        called=lambda part: f"{_CALLED.get(part, part)}.txt",
        write=lambda own: write(own, context),
        report=lambda: "\n".join((*context.report.lines(), *WRITER.loses(context), "")),
    )


def _written(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    for chunk in chunks(rows, context.report):
        yield "".join([f"{_line(row, context)}\n" for row in chunk]).encode(errors="replace")


def _line(row: ExportRow, context: ExportContext) -> str:
    text = _BREAKS.sub(" ", row.text or "").strip()
    if text != row.text:
        context.report.lose(ON_ONE_LINE, row.item)
    if PREFIX in text:
        context.report.lose(LIKE_A_LABEL, row.item)
    labels = row.final_value["labels"] if row.final_value is not None else [row.final_label]
    words = [f"{PREFIX}{spelled(name)}" for name in labels if name is not None]
    if not words:
        context.report.lose(UNLABELED, row.item)
    return " ".join((*words, text))


WRITER = Writer(
    "fasttext",
    "fastText",
    ".txt",
    "text/plain; charset=utf-8",
    (
        Message("Only final labels go out: no votes, no consensus, no flags, no scores."),
        Message("Ids and metadata are left out."),
        Message("Blanks in the names of classes go out as _."),
    ),
    write,
    frozenset({"label", "labels"}),
    frozenset({"text"}),
    counts=True,
)
WRITER = replace(
    WRITER,
    packed=replace(WRITER, suffix=".zip", content_type="application/zip", write=write_packed, archive=True),
)

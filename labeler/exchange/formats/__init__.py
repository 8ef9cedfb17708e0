"""Every way in and out, by name.

To add a format: one file with a `Reader` or `Writer` (copy the most similar one), one line here, one sample in
`sample_data/formats/<name>/`; the contract tests pick it up.

What a reader would get wrong: formats are calculations. They know rows and bytes, never the database, and they may not
decide whether a class, item or person exists.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from labeler.errors import Invalid
from labeler.exchange.formats import (
    cleanlab_table,
    coco,
    conll,
    csv_table,
    doccano,
    image_folder,
    image_zip,
    json_list,
    jsonl_lines,
    label_studio,
    spacy_jsonl,
    tsv_table,
    yolo,
)
from labeler.exchange.formats.annotations import as_votes
from labeler.exchange.formats.base import (
    Detection,
    ExportContext,
    ExportRow,
    FlagOut,
    ImageLoader,
    Limits,
    Mapping,
    Reader,
    ReadOptions,
    RejectedRow,
    Row,
    Source,
    Vote,
    VoteRow,
    Writer,
)
from labeler.exchange.formats.detection import HEAD_BYTES, detect
from labeler.exchange.formats.report import Loss, Report
from labeler.exchange.formats.values import shape_of

__all__ = [
    "HEAD_BYTES",
    "READERS",
    "WRITERS",
    "Detection",
    "ExportContext",
    "ExportRow",
    "FlagOut",
    "ImageLoader",
    "Limits",
    "Loss",
    "Mapping",
    "ReadOptions",
    "Reader",
    "RejectedRow",
    "Report",
    "Row",
    "Source",
    "Vote",
    "VoteRow",
    "Writer",
    "as_votes",
    "check_fits",
    "detect",
    "readers_for",
    "shape_of",
    "writers_for",
]

READERS: dict[str, Reader] = {
    "csv": csv_table.READER,
    "tsv": tsv_table.READER,
    "jsonl": jsonl_lines.READER,
    "json": json_list.READER,
    "folder": image_folder.READER,
    "zip": image_zip.READER,
    "label_studio": label_studio.READER,
    "coco": coco.READER,
    "yolo": yolo.READER,
    "conll": conll.READER,
    "spacy": spacy_jsonl.READER,
    "doccano": doccano.READER,
}

_WRITERS: dict[str, Writer] = {
    "csv": csv_table.WRITER,
    "jsonl": jsonl_lines.WRITER,
    "label_studio": label_studio.WRITER,
    "cleanlab": cleanlab_table.WRITER,
    "coco": coco.WRITER,
    "yolo": yolo.WRITER,
    "conll": conll.WRITER,
    "spacy": spacy_jsonl.WRITER,
    "doccano": doccano.WRITER,
}

SOFT = "The shares of several classes of an ambiguous item; it goes out without a label."


def _with_soft_counted(writer: Writer) -> Writer:
    """Return a writer that counts soft labels as lost, unless it holds them."""
    if writer.soft or not writer.shapes & {"label"}:
        return writer

    def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
        return writer.write((_counted(row, context) for row in rows), context)

    return replace(writer, write=write, counts=True)


def _counted(row: ExportRow, context: ExportContext) -> ExportRow:
    if row.soft_label:
        context.report.lose(SOFT, row.item)
    return row


WRITERS: dict[str, Writer] = {name: _with_soft_counted(writer) for name, writer in _WRITERS.items()}


def readers_for(task: str, media: str) -> dict[str, Reader]:
    """Return the ways in that fit a project's task and medium, by name."""
    shape = shape_of(task)
    return {name: one for name, one in READERS.items() if shape in one.shapes and media in one.media}


def check_fits(writer: Writer, task: str, media: str) -> None:
    """Raise Invalid, naming the formats that fit, when a project's labels cannot go out this way."""
    fitting = writers_for(task, media)
    if writer.name not in fitting:
        raise Invalid(
            f"{writer.title} cannot hold {shape_of(task)} of {media} items. Fitting formats: {', '.join(fitting)}.",
            field="format",
        )


def writers_for(task: str, media: str) -> dict[str, Writer]:
    """Return the ways out that fit a project's task and medium, by name."""
    shape = shape_of(task)
    return {name: one for name, one in WRITERS.items() if shape in one.shapes and media in one.media}

"""Every way in and out, by name.

To add a format: one file with a `Reader` or `Writer` (copy the most similar one), one line here, one sample in
`sample_data/formats/<name>/`; the contract tests pick it up.

What a reader would get wrong: formats are calculations. They know rows and bytes, never the database, and they may not
decide whether a class, item or person exists.
"""

from labeler.exchange.formats import (
    cleanlab_table,
    csv_table,
    image_folder,
    image_zip,
    json_list,
    jsonl_lines,
    label_studio,
    tsv_table,
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
    "Mapping",
    "ReadOptions",
    "Reader",
    "RejectedRow",
    "Row",
    "Source",
    "Vote",
    "VoteRow",
    "Writer",
    "as_votes",
    "detect",
]

READERS: dict[str, Reader] = {
    "csv": csv_table.READER,
    "tsv": tsv_table.READER,
    "jsonl": jsonl_lines.READER,
    "json": json_list.READER,
    "folder": image_folder.READER,
    "zip": image_zip.READER,
}

WRITERS: dict[str, Writer] = {
    "csv": csv_table.WRITER,
    "jsonl": jsonl_lines.WRITER,
    "label_studio": label_studio.WRITER,
    "cleanlab": cleanlab_table.WRITER,
}

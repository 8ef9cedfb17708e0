"""Every way in and out, by name.

To add a format: one file with a `Reader` or `Writer` (copy the most similar one), one line here, one sample in
`sample_data/formats/<name>/`; the contract tests pick it up.

Note: formats are calculations. They know rows and bytes, never the database, and they may not
decide whether a class, item or person exists.
"""

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
from labeler.exchange.formats.base import Reader, Writer
from labeler.exchange.formats.beside_answers import counting
from labeler.exchange.formats.values import shape_of

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

WRITERS: dict[str, Writer] = {
    "csv": counting(csv_table.WRITER),
    "jsonl": counting(jsonl_lines.WRITER),
    "label_studio": counting(label_studio.WRITER),
    "cleanlab": counting(cleanlab_table.WRITER),
    "coco": counting(coco.WRITER),
    "yolo": counting(yolo.WRITER),
    "conll": counting(conll.WRITER),
    "spacy": counting(spacy_jsonl.WRITER),
    "doccano": counting(doccano.WRITER),
}


def readers_for(task: str, media: str) -> dict[str, Reader]:
    """Return the ways in that fit a project's task and medium, by name."""
    shape = shape_of(task)
    return {name: one for name, one in READERS.items() if shape in one.shapes and media in one.media}


def check_fits(writer: Writer, task: str, media: str) -> None:
    """Raise Invalid, naming the formats that fit, when a project's labels cannot go out this way."""
    fitting = writers_for(task, media)
    if writer.name not in fitting:
        raise Invalid(
            "{format} cannot hold {shape} of {media} items. Fitting formats: {fitting}.",
            field="format",
            format=writer.title,
            shape=shape_of(task),
            media=media,
            fitting=", ".join(fitting),
        )


def writers_for(task: str, media: str) -> dict[str, Writer]:
    """Return the ways out that fit a project's task and medium, by name."""
    shape = shape_of(task)
    return {name: one for name, one in WRITERS.items() if shape in one.shapes and media in one.media}

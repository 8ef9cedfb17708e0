"""Every way in and out, by name.

To add a format: one file with a `Reader` or `Writer` (copy the most similar one), one line here, one sample in
`sample_data/formats/<name>/`; the contract tests pick it up.

Note: formats are calculations. They know rows and bytes, never the database, and they may not
decide whether a class, item or person exists.
"""

from labeler.errors import Invalid
from labeler.exchange.formats.base import Reader, Writer
from labeler.exchange.formats.cleanlab import write as write_cleanlab
from labeler.exchange.formats.coco import read as read_coco
from labeler.exchange.formats.coco import write as write_coco
from labeler.exchange.formats.conll import read as read_conll
from labeler.exchange.formats.conll import write as write_conll
from labeler.exchange.formats.csv import read as read_csv
from labeler.exchange.formats.csv import write as write_csv
from labeler.exchange.formats.doccano import read as read_doccano
from labeler.exchange.formats.doccano import write as write_doccano
from labeler.exchange.formats.folder import read as read_folder
from labeler.exchange.formats.json import read as read_json
from labeler.exchange.formats.jsonl import read as read_jsonl
from labeler.exchange.formats.jsonl import write as write_jsonl
from labeler.exchange.formats.label_studio import read as read_label_studio
from labeler.exchange.formats.label_studio import write as write_label_studio
from labeler.exchange.formats.skips_and_doubts import counting
from labeler.exchange.formats.spacy import read as read_spacy
from labeler.exchange.formats.spacy import write as write_spacy
from labeler.exchange.formats.tsv import read as read_tsv
from labeler.exchange.formats.yolo import read as read_yolo
from labeler.exchange.formats.yolo import write as write_yolo
from labeler.exchange.formats.zip import read as read_zip
from labeler.exchange.parsing.values import shape_of

READERS: dict[str, Reader] = {
    "csv": read_csv.READER,
    "tsv": read_tsv.READER,
    "jsonl": read_jsonl.READER,
    "json": read_json.READER,
    "folder": read_folder.READER,
    "zip": read_zip.READER,
    "label_studio": read_label_studio.READER,
    "coco": read_coco.READER,
    "yolo": read_yolo.READER,
    "conll": read_conll.READER,
    "spacy": read_spacy.READER,
    "doccano": read_doccano.READER,
}

WRITERS: dict[str, Writer] = {
    "csv": counting(write_csv.WRITER),
    "jsonl": counting(write_jsonl.WRITER),
    "label_studio": counting(write_label_studio.WRITER),
    "cleanlab": counting(write_cleanlab.WRITER),
    "coco": counting(write_coco.WRITER),
    "yolo": counting(write_yolo.WRITER),
    "conll": counting(write_conll.WRITER),
    "spacy": counting(write_spacy.WRITER),
    "doccano": counting(write_doccano.WRITER),
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

"""Every way in and out, by name.

To add a format: a folder with a `FORMAT` (copy the most similar one), one line here, one sample in
`sample_data/formats/<name>/`; the contract tests pick it up. Whatever else asks for a format asks this table, never a
name.

Note: formats are calculations. They know rows and bytes, never the database, and they may not
decide whether a class, item or person exists.
"""

from labeler.errors import Invalid
from labeler.exchange.formats import (
    cleanlab,
    cleanlab_votes,
    coco,
    coco_rle,
    conll,
    csv,
    cvat,
    docbin,
    doccano,
    fasttext,
    folder,
    huggingface,
    imagefolder,
    json,
    jsonl,
    label_studio,
    labelme,
    masks,
    parquet,
    probabilities_npz,
    probabilities_parquet,
    prodigy,
    spacy,
    tsv,
    voc,
    xlsx,
    yolo,
    yolo_classify,
)
from labeler.exchange.formats import zip as zip_
from labeler.exchange.formats.base import Format, Reader, Writer
from labeler.exchange.formats.skips_and_doubts import counting
from labeler.exchange.parsing.values import shape_of

FORMATS: tuple[Format, ...] = (
    csv.FORMAT,
    tsv.FORMAT,
    xlsx.FORMAT,
    jsonl.FORMAT,
    json.FORMAT,
    parquet.FORMAT,
    huggingface.FORMAT,
    folder.FORMAT,
    zip_.FORMAT,
    label_studio.FORMAT,
    cleanlab.FORMAT,
    cleanlab_votes.FORMAT,
    probabilities_npz.FORMAT,
    probabilities_parquet.FORMAT,
    coco.FORMAT,
    coco_rle.FORMAT,
    yolo.FORMAT,
    voc.FORMAT,
    labelme.FORMAT,
    cvat.FORMAT,
    masks.FORMAT,
    imagefolder.FORMAT,
    yolo_classify.FORMAT,
    conll.FORMAT,
    spacy.FORMAT,
    docbin.FORMAT,
    doccano.FORMAT,
    prodigy.FORMAT,
    fasttext.FORMAT,
)
"""In the order in which they are offered; of equal signs of a source the first one counts."""

READERS: dict[str, Reader] = {one.reader.name: one.reader for one in FORMATS if one.reader}
WRITERS: dict[str, Writer] = {one.writer.name: counting(one.writer) for one in FORMATS if one.writer}


def readers_for(task: str, media: str) -> dict[str, Reader]:
    """Return the ways in that fit a project's task and medium, by name."""
    shape = shape_of(task)
    return {name: one for name, one in READERS.items() if one.holds(shape, media)}


def sent_readers(task: str, media: str) -> dict[str, Reader]:
    """Return those of them that read what can be sent, by name; the one to begin with for the medium comes first."""
    fitting = {name: one for name, one in readers_for(task, media).items() if not one.local}
    return dict(sorted(fitting.items(), key=lambda pair: media not in pair[1].usual))


def body_readers() -> dict[str, Reader]:
    """Return the readers of items that are the body of a request, by its media type."""
    return {kind: one for one in READERS.values() for kind in one.sent_as}


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
    return {name: one for name, one in WRITERS.items() if one.holds(shape, media)}

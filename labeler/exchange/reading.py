"""Opening a file, folder or stream as rows, by the format that was named or detected."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from labeler.errors import Invalid
from labeler.exchange.formats.base import Detection
from labeler.exchange.formats.detection import HEAD_BYTES, detect
from labeler.exchange.formats.registry import READERS, readers_for
from labeler.exchange.parsing.dataset_files import is_set
from labeler.exchange.parsing.encodings import check_readable
from labeler.exchange.parsing.text_lines import opened, text_of
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import Mapping, ReadOptions, Source, Wants
from labeler.messages import Message
from labeler.projects.models import Project
from labeler.projects.queries import classes_of


def detected(source: Source, options: ReadOptions) -> Detection:
    """Return what a source seems to be; pictures with labels that do not fit the project are pictures still."""
    found = detect(source)
    if options.wants != "items" and not READERS[found.format].answers and not is_set(source):
        return _plain_json(source, found)
    if found.format in readers_for(options.task, options.media) or options.media != "image" or not is_set(source):
        return found
    folder = source.path is not None and source.path.is_dir()
    return Detection(
        "folder" if folder else "zip", Message("{why} Its labels do not fit, so only pictures are read.", why=found.why)
    )


def _plain_json(source: Source, found: Detection) -> Detection:
    """Return how answers are read that look like a format which says nothing of who gave them, where that is JSON."""
    lines = found.format in {"doccano", "spacy"}
    listed = lines and _head(source).lstrip().startswith("[")
    why = Message("{why} Answers are read as plain JSON, which says who gave them.", why=found.why)
    return Detection("json" if listed else "jsonl", why) if lines else found


def _head(source: Source) -> str:
    with opened(source) as stream:
        place = stream.tell() if stream.seekable() else 0
        head = stream.read(HEAD_BYTES)
        if stream.seekable():
            stream.seek(place)
    return text_of(head)


def format_of(source: Source, named: str | None, options: ReadOptions) -> str:
    """Return the name of the format to read with; raises Invalid naming the known ones."""
    if named is None:
        return detected(source, options).format
    if named not in READERS:
        raise Invalid(
            "There is no import format {named!r}; choose one of {formats}.",
            field="format",
            named=named,
            formats=", ".join(READERS),
        )
    return named


def options_of(
    session: Session,
    project: Project,
    *,
    wants: Wants = "items",
    mapping: Mapping | None = None,
    encoding: str | None = None,
) -> ReadOptions:
    """Return how to read a source for a project."""
    return ReadOptions(
        media="image" if project.media == "image" else "text",
        wants=wants,
        task=project.task,
        classes=classes_of(session, project.id).names,
        mapping=mapping or Mapping(),
        encoding=encoding,
    )


def open_rows(source: Source, named: str | None, options: ReadOptions) -> tuple[str, Iterator[Row | RejectedRow]]:
    """Return the format's name and the rows of a source; raises Invalid when it cannot be read at all."""
    name = format_of(source, named, options)
    reader, shape = READERS[name], shape_of(options.task)
    if shape not in reader.shapes or options.media not in reader.media:
        fitting = ", ".join(readers_for(options.task, options.media))
        raise Invalid(
            "{format} cannot hold {shape} of {media} items. Fitting formats: {fitting}.",
            field="format",
            format=reader.title,
            shape=shape,
            media=options.media,
            fitting=fitting,
        )
    if options.wants != "items" and not reader.answers:
        raise Invalid(
            "{format} does not say who or what answered; import it as items.", field="format", format=reader.title
        )
    check_readable(source, options)
    return name, reader.read(source, options)

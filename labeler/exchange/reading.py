"""Opening a file, folder or stream as rows, by the format that was named or detected."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.orm import Session

from labeler.errors import Invalid
from labeler.exchange.class_numbers import known_numbers
from labeler.exchange.formats.base import Detection, Reader
from labeler.exchange.formats.detection import detect
from labeler.exchange.formats.registry import READERS, readers_for
from labeler.exchange.parsing.class_names import names_by_number
from labeler.exchange.parsing.dataset_files import is_set
from labeler.exchange.parsing.encodings import check_readable
from labeler.exchange.parsing.row_checks import SAY_WHO, TOLD_BY_LABELS
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import BARE, Mapping, ReadOptions, Source, Wants
from labeler.messages import Message
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.task_types.registry import task_type


def detected(source: Source, options: ReadOptions) -> Detection:
    """Return what a source seems to be; pictures with labels that do not fit the project are pictures still."""
    found = detect(source)
    dataset = is_set(source)
    told = options.wants in BARE or bool(options.annotator)
    if not told and not READERS[found.format].answers and not dataset:
        return _of_the_family(source, found)
    fitting = readers_for(options.task, options.media)
    if options.media == "text" and _holds_files(source) and found.format not in fitting:
        raise Invalid(
            "{name} holds several files, and texts come in as one: a table (CSV, JSON Lines) with a row for each text, "
            "or a file of a format that holds them all. Import that file by itself.",
            field="file",
            name=source.name,
        )
    if found.format in fitting or options.media != "image" or not dataset:
        return found
    pictures = detect(source, among=fitting.values())
    if not READERS[pictures.format].folder_labels:
        return pictures
    _check_pictures_alone(source, READERS[found.format])
    why = Message("{why} Its labels do not fit, so only pictures are read.", why=found.why)
    return Detection(pictures.format, why)


def _holds_files(source: Source) -> bool:
    """Say whether a source is a folder, or a ZIP that can be opened; what is wrong with another one its reader says."""
    return source.path is not None and (source.path.is_dir() or zipfile.is_zipfile(source.path))


def _check_pictures_alone(source: Source, reader: Reader) -> None:
    """Raise Invalid where labels do not fit and the folders beside the pictures would be taken for more of them."""
    if reader.own_folders:
        raise Invalid(
            "{name} is a set in {format}, whose labels do not fit this project. Import the folder of its pictures "
            "alone as a folder of images.",
            field="file",
            name=source.name,
            format=reader.title,
        )


def _of_the_family(source: Source, found: Detection) -> Detection:
    """Return how answers are read that look like a format which says nothing of who gave them."""
    family = READERS[found.format].family
    plain = [one for one in READERS.values() if one.answers and one.family and one.family == family]
    if not plain:
        return found
    why = Message("{why} Answers are read as plain JSON, which says who gave them.", why=found.why)
    return Detection(detect(source, among=plain).format, why)


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
    sheet: str = "",
    annotator: str = "",
    classes: str = "",
) -> ReadOptions:
    """Return how to read a source for a project. classes: what its numbers of classes mean, as somebody wrote it.

    Raises Invalid where that says no names.
    """
    known = classes_of(session, project.id)
    return ReadOptions(
        media="image" if project.media == "image" else "text",
        wants=wants,
        task=project.task,
        classes=known.names,
        mapping=mapping or Mapping(),
        encoding=encoding,
        sheet=sheet,
        annotator=annotator.strip(),
        class_numbers=known_numbers(known, names_by_number(classes)),
    )


def open_rows(source: Source, named: str | None, options: ReadOptions) -> tuple[str, Iterator[Row | RejectedRow]]:
    """Return the format's name and the rows of a source; raises Invalid when it cannot be read at all."""
    name = format_of(source, named, options)
    reader, shape = READERS[name], shape_of(options.task)
    if not reader.holds(shape, options.media):
        fitting = ", ".join(readers_for(options.task, options.media))
        raise Invalid(
            "{format} cannot hold {shape} of {media} items. Fitting formats: {fitting}.",
            field="format",
            format=reader.title,
            shape=shape,
            media=options.media,
            fitting=fitting,
        )
    if reader.encoded:
        check_readable(source, options)
    return name, read_rows(source, name, options)


def read_rows(source: Source, name: str, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Return the rows of a source in the format of this name; raises Invalid where it cannot say what is wanted."""
    reader = READERS[name]
    if reader.answers:
        return reader.read(source, options)
    if options.wants == "annotations" and not options.annotator:
        raise Invalid(
            "{format} does not say who answered. {advice}", field="annotator", format=reader.title, advice=SAY_WHO
        )
    if options.wants not in TOLD_BY_LABELS:
        raise Invalid(
            "{format} does not say who or what answered; import it as items.", field="format", format=reader.title
        )
    if options.wants != "predictions":
        return reader.read(source, options if options.wants == "items" else replace(options, wants="labels"))
    return _predicted(reader.read(source, options if reader.scores else replace(options, wants="labels")), options)


def _predicted(rows: Iterator[Row | RejectedRow], options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield the labels of a format that holds nothing else as what a model says."""
    task = task_type(options.task)
    for row in rows:
        if isinstance(row, RejectedRow) or row.prediction is not None:
            yield row
            continue
        if row.given_label is None and row.given_value is None and row.left_out:
            shown = row.external_id or row.name or ""
            yield from (RejectedRow(row.number, "label", reason, shown, row.file) for reason, _ in row.left_out)
            continue
        value = row.given_value if row.given_label is None else task.from_class(row.given_label)
        yield row._replace(prediction=value, given_label=None, given_value=None)

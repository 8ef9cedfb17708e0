"""Opening a file, folder or stream as rows, by the format that was named or detected."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from labeler.errors import Invalid
from labeler.exchange.formats import READERS, detect
from labeler.exchange.formats.base import Mapping, ReadOptions, RejectedRow, Row, Source, Wants
from labeler.projects.models import Project
from labeler.projects.queries import classes_of


def format_of(source: Source, named: str | None) -> str:
    """Return the name of the format to read with; raises Invalid naming the known ones."""
    if named is None:
        return detect(source).format
    if named not in READERS:
        raise Invalid(f"There is no import format {named!r}; choose one of {', '.join(READERS)}.", field="format")
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
    name = format_of(source, named)
    return name, READERS[name].read(source, options)

"""One export, from what was chosen to the bytes: the one way of pages, API, command and releases."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from labeler.errors import Invalid
from labeler.exchange.export_choices import ExportChoices
from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.formats.registry import WRITERS, check_fits
from labeler.exchange.parts import Parts, parts_of
from labeler.exchange.pseudonyms import names_of, who_answered
from labeler.exchange.queries import Wanted, chosen_rows, context_of
from labeler.exchange.rows import ExportRow
from labeler.exchange.soft_labels import soft_label
from labeler.projects.models import Project
from labeler.projects.queries import task_of
from labeler.statistics.item_conditions import met

Picture = Callable[[str], bytes]


@dataclass(frozen=True, eq=False)
class Export:
    """An export that is ready to be written. context.report: filled while it is; parts: of the split, if one is asked.

    It reads from the session that it was made with, which therefore has to stay open.
    """

    writer: Writer
    context: ExportContext
    parts: Parts | None
    _session: Session
    _project: Project
    _chosen: ExportChoices
    _conditions: tuple[ColumnElement[bool], ...]

    def rows(self) -> Iterator[ExportRow]:
        """Yield the items as they go out, in id order."""
        chosen, parts = self._chosen, self.parts
        names = names_of(self._session, self._project.id, chosen.people)
        wanted = Wanted(self._conditions, names, self.writer.probabilities)
        found = chosen_rows(self._session, self._project, wanted)
        if parts is not None:
            found = (row._replace(split=parts.part(row.item)) for row in found)
        return as_chosen(found, self.writer, chosen, self.context)

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the file."""
        return self.writer.write(self.rows(), self.context)


def prepare(
    session: Session, project: Project, chosen: ExportChoices, at: datetime, *, picture: Picture | None = None
) -> Export:
    """Return the export that was chosen. at: when it is made, as it says itself; picture: gives originals by hash.

    The items are split here, which reads each of them once. Raises Invalid for what does not fit the project.
    """
    writer = writer_of(project, chosen)
    conditions = tuple(met(session, project.id, chosen.items))
    parts = parts_of(session, project, conditions, chosen.split) if chosen.split else None
    context = replace(
        context_of(session, project, at),
        picture=picture,
        pictures=has_pictures(project.media, writer, chosen),
        parts=chosen.parts,
        soft_labels=chosen.soft_labels and task_of(project).one_class,
        annotators=who_answered(session, project.id, chosen.people),
    )
    return Export(writer, context, parts, session, project, chosen, conditions)


def writer_of(project: Project, chosen: ExportChoices) -> Writer:
    """Return the way out that was chosen; raises Invalid where there is none of that name, or it does not fit."""
    if chosen.format not in WRITERS:
        raise Invalid(
            "There is no export format {name!r}; choose one of {formats}.",
            field="format",
            name=chosen.format,
            formats=", ".join(WRITERS),
        )
    check_fits(WRITERS[chosen.format], project.task, project.media)
    return fitting(WRITERS[chosen.format], project.media, chosen)


def fitting(writer: Writer, media: str, chosen: ExportChoices) -> Writer:
    """Return a way out as what was chosen needs it: as an archive where parts or pictures do not fit into one file."""
    archived = chosen.split is not None or has_pictures(media, writer, chosen)
    return writer.packed if writer.packed and archived else writer


def has_pictures(media: str, writer: Writer, chosen: ExportChoices) -> bool:
    """Whether pictures go into the archive because they were asked for."""
    return chosen.pictures and bool(writer.outside) and media == "image"


def as_chosen(
    found: Iterable[ExportRow], writer: Writer, chosen: ExportChoices, context: ExportContext
) -> Iterator[ExportRow]:
    """Yield rows with what was chosen of them: shares of classes where asked for, answers unless they are left out."""
    if context.soft_labels:
        found = (row._replace(soft_label=soft_label(row)) for row in found)
    if writer.answers and not chosen.answers:
        found = (row._replace(votes=(), skips=()) for row in found)
    return iter(found)

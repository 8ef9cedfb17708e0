"""What the page "My answers" shows, read for one person and nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.assignment.queries import left_for
from labeler.audits import queries as audits
from labeler.notices.queries import RETURNED, Notice
from labeler.projects.models import Project
from labeler.projects.seen import seen_name
from labeler.second_opinions import queries as opinions
from labeler.statistics.own_answers import OwnAnswer
from labeler.threads.queries import Word, words_in
from labeler.web.shared.evidence import Desk
from labeler.web.shared.item_card import Label
from labeler.web.shared.words import gettext as _

NEXT = 5  # projects that are offered next


@dataclass(frozen=True)
class AnswerRow:
    """One answer in the list. label: None for a skip; decided: the label a lead decided for instead, with why.

    reply: the newest word of a lead in the thread; words: how many words the thread has.
    """

    answer: OwnAnswer
    project: Project
    name: str
    label: Label | None
    decided: Label | None
    reason: str
    reply: Word | None
    words: int


@dataclass(frozen=True)
class ToDo:
    """A project with how many items are left for this person, and how many of them were sent back."""

    project: Project
    left: int
    returned: int


@dataclass(frozen=True)
class WaitingRow:
    """One thing that waits. name: of its item, "" for guidelines; label: what a decision set."""

    notice: Notice
    name: str
    label: Label | None


class Desks:
    """The classes of each project, read once a page."""

    def __init__(self, session: Session, projects: Sequence[Project]) -> None:
        self._session = session
        self._projects = {one.id: one for one in projects}
        self._found: dict[int, Desk] = {}

    def of(self, project_id: int) -> Desk:
        """Return those of one project."""
        if project_id not in self._found:
            self._found[project_id] = Desk.of(self._session, self._projects[project_id])
        return self._found[project_id]


def answer_rows(session: Session, found: Sequence[OwnAnswer], desks: Desks) -> list[AnswerRow]:
    """Return answers as rows, with what was said about them."""
    pairs = [(one.item.id, one.annotation.user_id) for one in found]
    threads = words_in(session, pairs)
    rows = []
    for one, pair in zip(found, pairs, strict=True):
        desk = desks.of(one.item.project_id)
        said = [word for word in threads[pair] if not word.decision]
        rows.append(
            AnswerRow(
                one,
                desk.project,
                item_name(one.item.id, one.item.external_id, desk.project),
                desk.label(one.annotation.code, one.annotation.value),
                desk.label(one.decided.code, one.decided.value) if one.decided else None,
                one.decided.reason if one.decided else "",
                next((word for word in reversed(said) if word.by_lead), None),
                len(said),
            )
        )
    return rows


def waiting_rows(notices: Sequence[Notice], desks: Desks) -> list[WaitingRow]:
    """Return notices as rows."""
    return [
        WaitingRow(
            one,
            item_name(one.item, one.external_id, one.project) if one.item else "",
            desks.of(one.project.id).label(one.code, one.value) if one.code else None,
        )
        for one in notices
    ]


def next_projects(
    session: Session, user_id: int, projects: Sequence[Project], notices: Sequence[Notice], now: datetime
) -> list[ToDo]:
    """Return the projects with work: those with returned items first, then the one worked on last."""
    newest = select(Annotation.project_id, func.max(Annotation.id)).where(
        Annotation.user_id == user_id, Annotation.project_id.in_([one.id for one in projects])
    )
    last: dict[int, int] = {row[0]: row[1] for row in session.execute(newest.group_by(Annotation.project_id))}
    found = []
    for project in projects:
        returned = sum(one.kind == RETURNED and one.project.id == project.id for one in notices)
        left = left_for(session, project.id, user_id, now) + audits.left_for(session, project.id, user_id)
        left += opinions.left_for(session, project.id, user_id)
        if left:
            found.append(ToDo(project, left, returned))
    found.sort(key=lambda one: (-one.returned, -last.get(one.project.id, 0), one.project.id))
    return found[:NEXT]


def item_name(item_id: int, external_id: str | None, project: Project) -> str:
    """Return an item's name as its annotators see it: the user's own id, else its number."""
    return seen_name(external_id, project.media) or _("Item %(number)s", number=item_id)

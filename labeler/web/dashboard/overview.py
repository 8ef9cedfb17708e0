"""Fills the dashboard: reads the counts of a project and says them in words, with the address of what was counted.

Everything is counted at the moment of the request (`extensions.project_counts`).
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import url_for
from sqlalchemy.orm import Session

from labeler.accounts.permissions import ANNOTATOR
from labeler.accounts.queries import members
from labeler.automatic.queries import standing_labels
from labeler.decisions.outcomes import decided
from labeler.extensions.project_counts import project_counts
from labeler.extensions.translating import translated
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of, guideline_of, task_of
from labeler.quality.detectors.registry import detector, rank
from labeler.quality.models import Inspection
from labeler.quality.queries import latest_inspection
from labeler.review import disagreements, queue
from labeler.statistics.counts import ProjectCounts
from labeler.web.dashboard import view_model as view
from labeler.web.dashboard.agreement import read_agreement
from labeler.web.dashboard.annotators import annotator_rows, team_agreement
from labeler.web.dashboard.inspection import read_inspection
from labeler.web.dashboard.mixups import read_mix_ups
from labeler.web.dashboard.progress import done_by_day, done_chart, forecast_words, look_ahead
from labeler.web.dashboard.remaining import read_remaining
from labeler.web.shared.words import format_decimal, ngettext
from labeler.web.shared.words import gettext as _

if TYPE_CHECKING:
    from labeler.measures.headline import Measured

ANNOTATORS_SHOWN = 8
FEWEST_ANSWERS = 10  # of a class, below which its agreement is not shown
RARE = 0.02
SECONDS_A_DECISION = 10
SECONDS_A_QUESTION = 15


@dataclass(frozen=True)
class _Seen:
    """What one look at a project found."""

    project: Project
    classes: Classes
    tally: ProjectCounts
    at: datetime
    agreement: "Measured"
    inspection: Inspection | None
    waiting: dict[str, int]
    differing: int

    def url(self, page: str, **wanted: Any) -> str:
        """Return the address of a page of this project."""
        return url_for(f"web.{page}", slug=self.project.slug, **wanted)

    @property
    def marks(self) -> tuple[view.ClassMark, ...]:
        """The classes with their places in the palette."""
        return tuple(view.ClassMark(name, place) for place, name in enumerate(self.classes.names, start=1))


def read_dashboard(session: Session, project: Project) -> view.DashboardView:
    """Return all that the dashboard of a project shows."""
    from labeler.agreement.measured import measure

    classes = classes_of(session, project.id)
    tally, at = project_counts(session, project, classes)
    agreement = measure(session, project, classes)
    inspection = latest_inspection(session, project.id)
    waiting = queue.counts(session, inspection.id) if inspection else {"": 0}
    differing = disagreements.waiting_count(session, project.id)
    seen = _Seen(project, classes, tally, at, agreement, inspection, waiting, differing)
    ahead, history = look_ahead(tally, at.date()), done_by_day(tally, at.date())
    names = {member.user_id: member.name or member.email for member in members(session, project.id)}
    rows = annotator_rows(tally, project.slug, names, classes)
    return view.DashboardView(
        status=_status(tally),
        counted_at=at,
        refresh_url=seen.url("overview"),
        add_url=seen.url("data"),
        export_url=seen.url("exports"),
        progress=view.ProgressCard(
            tally.done, tally.items, seen.url("items", state="done"), forecast_words(ahead, at.date(), tally)
        ),
        agreement=read_agreement(project, agreement, classes.names),
        remaining=read_remaining(session, project, _one_label(session, seen), waiting[""], seen.url),
        time=view.TimeSpent(tally.seconds / 3600, sum(one.timed for one in tally.people), tally.median),
        inspection=read_inspection(session, project, seen.inspection, waiting[""], items=tally.items),
        chart=done_chart(history, tally, ahead, at.date()),
        needs=tuple(_needs(seen)),
        mix_ups=read_mix_ups(session, project, classes, tally, seen.marks),
        classes=tuple(_class_rows(seen)),
        class_note=_class_note(seen),
        by_model=standing_labels(session, project.id),
        by_model_url=seen.url("items", state="automatic"),
        annotators=tuple(rows[:ANNOTATORS_SHOWN]),
        team_agreement=team_agreement(tally),
        annotators_url=seen.url("annotators") if rows else seen.url("people"),
        annotators_total=len(rows),
        checklist=tuple(_checklist(session, seen)),
    )


def _status(tally: ProjectCounts) -> str:
    if tally.items and tally.done == tally.items:
        return _("All items done")
    people = sum(one.answers > 0 for one in tally.people)
    if not people:
        return _("No answers yet")
    return ngettext("Running · %(num)s person", "Running · %(num)s people", people)


def _one_label(session: Session, seen: _Seen) -> int:
    """Return how many items have one final label: those with a soft label are labeled too."""
    return seen.tally.labeled - decided(session, seen.project.id).ambiguous


# -- what waits -----------------------------------------------------------------------------------------------------


def _needs(seen: _Seen) -> list[view.Need]:
    found = [_flagged(seen), _differing(seen)]
    tally = seen.tally
    for count, said, state in (
        (tally.sent_back, _("Sent back to annotators"), "sent_back"),
        (tally.commented, _("Items with comments"), "commented"),
        (tally.skipped, _("Items somebody skipped"), "skipped"),
    ):
        found.append(_need(count, said, _("Look"), seen.url("items", state=state), seconds=0, tone="info"))
    return [need for need in found if need.count]


def _flagged(seen: _Seen) -> view.Need:
    """Return what waits in the review, each item once, and why: an item may have several reasons."""
    kinds = [kind for kind in sorted(filter(None, seen.waiting), key=rank) if seen.waiting[kind]]
    parts = tuple(
        view.Part(seen.waiting[kind], translated(detector(kind).waiting), seen.url("review", kind=kind))
        for kind in kinds
    )
    count = seen.waiting[""]
    several = _("some for more than one reason") if sum(part.count for part in parts) > count else ""
    tone = "warn" if any(detector(kind).tone == "warn" for kind in kinds) else "info"
    need = _need(count, _("Items to review"), _("Review"), seen.url("review"), detail=several, tone=tone)
    return replace(need, parts=parts)


def _differing(seen: _Seen) -> view.Need:
    """Return the items on which answers differ; the ties among them have no final label."""
    ties = view.Part(seen.tally.ties, _("Ties between annotators"), seen.url("disagreements", ties=1))
    detail = _("ties have no final label") if ties.count else ""
    need = _need(
        seen.differing, _("Items on which answers differ"), _("Decide"), seen.url("disagreements"), detail=detail
    )
    return replace(need, parts=(ties,) if ties.count else ())


def _need(
    count: int,
    words: str,
    action: str,
    href: str,
    *,
    detail: str = "",
    seconds: int = SECONDS_A_DECISION,
    tone: str = "warn",
) -> view.Need:
    return view.Need(count, words, action, href, detail, math.ceil(count * seconds / 60), tone)


# -- labels ---------------------------------------------------------------------------------------------------------


def _class_rows(seen: _Seen) -> list[view.ClassRow]:
    rows = []
    for index, mark in enumerate(seen.marks if seen.tally.finals else ()):
        code, agreed = seen.classes.codes[index], seen.agreement.per_class[index]
        known = agreed.specific is not None and agreed.answers >= FEWEST_ANSWERS
        rows.append(
            view.ClassRow(
                mark=mark,
                count=seen.tally.finals[index],
                href=seen.url("items", final=code),
                agreement=agreed.specific if known else None,
                agreement_href=seen.url("items", vote=code, state="differ"),
            )
        )
    return rows if task_of(seen.project).ordered else sorted(rows, key=lambda row: (-row.count, row.mark.position))


def _class_note(seen: _Seen) -> str:
    labeled = sum(seen.tally.finals)  # with one class: a soft label counts for none
    if not labeled:
        return ""
    rare = [(count, name) for count, name in zip(seen.tally.finals, seen.classes.names, strict=True)]
    count, name = min(rare)
    if count >= RARE * labeled or len(rare) == 1:
        return ""
    words = _("%(name)s is rare: %(count)s of %(labeled)s final labels.")
    return words % {"name": name, "count": format_decimal(count), "labeled": format_decimal(labeled)}


# -- the first steps -----------------------------------------------------------------------------------


def _checklist(session: Session, seen: _Seen) -> list[view.Step]:
    """Return the first steps; none once there are items and somebody answered, or a pass ran over given labels."""
    tally = seen.tally
    if tally.items and (tally.answers or seen.inspection):
        return []
    people = sum(member.role == ANNOTATOR for member in members(session, seen.project.id))
    return [
        view.Step(
            _("Add items"),
            _("Texts or images from a file, a folder or a ZIP; labels they have already come along."),
            _("Add items"),
            seen.url("data"),
            done=tally.items > 0,
        ),
        view.Step(
            _("Write the guidelines"),
            _("What each class means, with tricky cases. Annotators see them beside every item."),
            _("Write"),
            seen.url("guidelines"),
            done=guideline_of(session, seen.project.id) is not None,
        ),
        view.Step(
            _("Invite annotators"),
            _("Each gets a link of their own. Two or more answers an item show where people differ."),
            _("Invite"),
            seen.url("people"),
            done=people > 0,
        ),
        view.Step(
            _("Label the first ten yourself"),
            _("The quickest way to find what the guidelines leave open."),
            _("Label"),
            seen.url("label"),
            done=tally.answers > 0,
        ),
    ]

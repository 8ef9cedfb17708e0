"""The ways of answering side by side: one by one, by page, with a suggestion shown or hidden by chance.

Note: ways meet other items, so only the suggestion, which is hidden by chance, has an effect that can be told apart.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from labeler.annotations.queries import answers_with_mode
from labeler.projects.models import Project
from labeler.projects.queries import Classes
from labeler.quality.suggestions import Difference, Effect, Share, effect, share_difference
from labeler.statistics.bulk_labeling import AnswerWithMode, compare
from labeler.statistics.suggestion_effects import decisions, suggested_answers
from labeler.web.shared.words import format_decimal, format_percent
from labeler.web.shared.words import gettext as _

FEWEST = 30  # judged answers a way below which two are not compared


@dataclass(frozen=True)
class Way:
    """One way. right: of those answers that a decision or at least two others judge; detail: what it does, in words."""

    name: str
    answers: int
    right: Share
    seconds: float | None
    detail: str


@dataclass(frozen=True)
class Ways:
    """The ways that were used, and what showing suggestions pulls."""

    rows: tuple[Way, ...]
    sentence: str


def read_ways(session: Session, project: Project, classes: Classes, user: int = 0) -> Ways | None:
    """Compare the ways of everybody (0) or of one person; None where there was only one, or answers are no classes."""
    if not classes.task.one_class or not {"bulk", "suggestions"} & set(project.settings):
        return None
    given = (AnswerWithMode(*row) for row in answers_with_mode(session, project.id))
    found = compare(given, decisions(session, project.id), user=user)
    suggested = [one for one in suggested_answers(session, project) if user in {0, one.user}]
    if not found.bulk.answers and not suggested:
        return None
    rows = [Way(_("One by one"), found.single.answers, found.single.right, found.single.seconds, "")]
    if found.bulk.answers:
        bulk = found.bulk
        rows.append(Way(_("Bulk labeling"), bulk.answers, bulk.right, bulk.seconds, _points(found.difference)))
    return Ways((*rows, *_sides(effect(suggested))), _pull(effect(suggested))) if suggested else Ways(tuple(rows), "")


def _sides(found: Effect) -> tuple[Way, Way]:
    named = ((_("Suggestion shown"), found.shown), (_("Suggestion hidden, by chance"), found.hidden))
    shown, hidden = (
        Way(
            name,
            side.answers,
            side.right,
            side.seconds,
            _("%(share)s are the suggestion", share=format_percent(side.taken.value)) if side.answers else "",
        )
        for name, side in named
    )
    return shown, hidden


def _pull(found: Effect) -> str:
    """Say what showing suggestions does to how often answers are the suggestion."""
    shown, hidden = found.shown.taken, found.hidden.taken
    if min(shown.of, hidden.of) < FEWEST:
        return _("Too few answers with a hidden suggestion to say what showing it does (%(count)s).", count=hidden.of)
    pull = share_difference(shown, hidden)
    said = _points(pull)
    if pull.low <= 0 <= pull.high:
        return _("What a suggestion that is shown pulls: %(points)s: not settled yet.", points=said)
    return _("What a suggestion that is shown pulls: %(points)s.", points=said)


def _points(difference: Difference | None) -> str:
    """Return a difference in points with its range; "" without one."""
    if difference is None:
        return ""
    value, low, high = (format_decimal(100 * one, "0") for one in (difference.value, difference.low, difference.high))
    return _("%(value)s points (%(low)s to %(high)s)", value=value, low=low, high=high)

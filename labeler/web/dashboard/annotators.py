"""One row for each annotator, with the one thing a lead should know about them, in words.

No ranking: rows are in the order of the work done. Note on the silence: with fewer than ten compared
answers there is no number, and that others chose otherwise is said only when it is clear (`measures.persons`). Nobody
is called reliable or wrong: others are no truth.
"""

from collections.abc import Callable
from typing import Any

from flask import url_for

from labeler.measures.intervals import wilson
from labeler.measures.persons import others_clearly_differ
from labeler.projects.queries import Classes
from labeler.statistics.counts import Mistaken, Person, ProjectCounts
from labeler.web.dashboard.view_model import AnnotatorFlag, AnnotatorRow, Estimate
from labeler.web.shared.words import format_decimal, format_percent
from labeler.web.shared.words import gettext as _

FEWEST_COMPARED = 10
FEWEST_TEAM = 20
OFTEN_FAST = 0.2  # share of the newest answers under a second
FEWEST_RECENT = 20
TWICE = 2
MIXED_UP = 5  # answers of one annotator below which a mix-up is chance
SKIPS_MUCH = 0.2
MORE_OFTEN = 0.05  # a mix-up stands out when it is so much more frequent than with the others


def team_agreement(tally: ProjectCounts) -> float | None:
    """Return how far all annotators together agree with the others; None while too few answers were compared."""
    agreed, compared = tally.agreed
    return agreed / compared if compared >= FEWEST_TEAM else None


def annotator_rows(tally: ProjectCounts, slug: str, names: dict[int, str], classes: Classes) -> list[AnnotatorRow]:
    """Return one row a person, most answers first. names: by user id."""
    return [_row(one, tally, slug, names.get(one.user, _("Somebody who left")), classes) for one in tally.people]


def _row(one: Person, tally: ProjectCounts, slug: str, name: str, classes: Classes) -> AnnotatorRow:
    def items(**wanted: Any) -> str:
        return url_for("web.items", slug=slug, annotator=one.user, **wanted)

    agreement = None
    if one.compared >= FEWEST_COMPARED:
        interval = wilson(one.agreed, one.compared)
        agreement = Estimate(one.agreed / one.compared, interval.low, interval.high)
    return AnnotatorRow(
        name=name,
        href=url_for("web.annotator", slug=slug, annotator=one.user),
        votes=one.answers,
        votes_href=items(),
        per_minute=60 * one.timed / one.seconds if one.seconds else None,
        agreement=agreement,
        compared=one.compared,
        skipped=one.skips / max(one.answers + one.skips, 1),
        skipped_href=items(state="skipped") if one.skips else "",
        flag=_flag(one, tally, classes, items),
    )


def _flag(one: Person, tally: ProjectCounts, classes: Classes, items: Callable[..., str]) -> AnnotatorFlag | None:
    if one.recent >= FEWEST_RECENT and one.fast > OFTEN_FAST * one.recent:
        words = _("Often under 1 s: %(fast)s of the last %(recent)s", fast=one.fast, recent=one.recent)
        return AnnotatorFlag(words, "bad", items(fast=1, recent=1))
    if (worst := _worst_mix_up(one, tally)) is not None:
        words = _(
            "%(final)s answered as %(vote)s: %(count)s of %(total)s",
            final=classes.names[worst.final],
            vote=classes.names[worst.vote],
            count=format_decimal(worst.count),
            total=format_decimal(worst.of),
        )
        href = items(final=classes.codes[worst.final], vote=classes.codes[worst.vote])
        return AnnotatorFlag(words, "warn", href)
    # things marked on one item stand or fall together, so of those the range would be too narrow to say it
    if one.compared and tally.one_class and bool(others_clearly_differ(one.agreed, one.compared)):
        share = format_percent(1 - one.agreed / one.compared)
        return AnnotatorFlag(_("Others chose otherwise in %(share)s", share=share), "warn", items(disagrees=1))
    if one.answers + one.skips >= FEWEST_RECENT and one.skips > SKIPS_MUCH * (one.answers + one.skips):
        return AnnotatorFlag(
            _("Skips often: %(count)s", count=format_decimal(one.skips)), "info", items(state="skipped")
        )
    return None


def _worst_mix_up(one: Person, tally: ProjectCounts) -> Mistaken | None:
    """Return the most frequent mix-up this person makes twice as often as the others, and surely more often."""
    for mistaken in one.mistaken:
        if mistaken.count < MIXED_UP:
            return None
        row = tally.mixed[mistaken.final]
        others = sum(row) - mistaken.of
        if others <= 0:
            continue
        usual = (row[mistaken.vote] - mistaken.count) / others
        surely = wilson(mistaken.count, mistaken.of).low > usual
        often = mistaken.of >= FEWEST_COMPARED and mistaken.count >= (usual + MORE_OFTEN) * mistaken.of
        if surely and often and mistaken.count >= TWICE * usual * mistaken.of:
            return mistaken
    return None

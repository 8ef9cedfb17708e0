"""The page of one annotator as plain values: the alert with its reasons, charts, sources of accuracy, mix-ups."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from labeler.measures.accuracy import Accuracy
from labeler.measures.drift import FEWEST
from labeler.measures.intervals import Interval, wilson
from labeler.projects.queries import Classes
from labeler.statistics.annotator_reads import Everybody
from labeler.statistics.annotators import AnnotatorFigures
from labeler.statistics.pace import PacePoint, pace
from labeler.statistics.since_alarm import SinceAlarm, since_alarm
from labeler.web.annotators import words
from labeler.web.annotators.charts import DriftChart, PaceChart, drift_chart, pace_chart
from labeler.web.annotators.rows import MixUpRow, mix_up_row, team_accuracy
from labeler.web.shared.charts import RangeDot, range_dot
from labeler.web.shared.words import format_decimal, format_percent
from labeler.web.shared.words import gettext as _

MIX_UPS = 4
FEWEST_SHARE = 10  # compared answers before there is a share


@dataclass(frozen=True)
class Reason:
    """One reason of the alert: what was seen, from where on it says anything, and the list of its answers."""

    words: str
    limit: str
    href: str


@dataclass(frozen=True)
class Alert:
    """Why to have a look, and what speaks against it."""

    title: str
    reasons: tuple[Reason, ...]
    against: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """What answers were compared with. share, interval: None while there are too few; main: THE accuracy."""

    name: str
    right: int
    of: int
    share: float | None
    interval: Interval | None
    dot: RangeDot | None
    detail: str
    href: str = ""
    main: bool = False


@dataclass(frozen=True)
class Person:
    """Everything on the page but what is asked of the database by itself. needed: judged answers for a curve."""

    figures: AnnotatorFigures
    per_minute: float | None
    team_per_minute: float | None
    alert: Alert | None
    since: SinceAlarm | None
    drift: DriftChart | None
    drift_words: str
    needed: int
    points: tuple[PacePoint, ...]
    pace: PaceChart | None
    pace_words: str
    mix_ups: tuple[MixUpRow, ...]
    sources: tuple[Source, ...]


def read_person(
    found: Everybody, one: AnnotatorFigures, slug: str, classes: Classes, reviewed: tuple[int, int]
) -> Person:
    """Lay out one person. reviewed: (right, of) answers on flagged items that a lead decided."""
    user = one.person.user

    def answers(**wanted: Any) -> str:
        return url_for("web.annotator_answers", slug=slug, annotator=user, **wanted)

    since = since_alarm(found.compared, one, found.checked)
    points = pace(found.compared, user)
    tally = found.tally
    timed = sum(person.timed for person in tally.people), sum(person.seconds for person in tally.people)
    return Person(
        figures=one,
        per_minute=60 * one.person.timed / one.person.seconds if one.person.seconds else None,
        team_per_minute=60 * timed[0] / timed[1] if timed[1] else None,
        alert=_alert(one, since, classes, answers) if one.alarmed else None,
        since=since,
        drift=drift_chart(one.drift, _days(found, one)) if one.drift else None,
        drift_words=_drift_words(one),
        needed=FEWEST,
        points=tuple(points),
        pace=pace_chart(points),
        pace_words=_pace_words(points),
        mix_ups=tuple(mix_up_row(row, classes, answers) for row in one.mix_ups[:MIX_UPS]),
        sources=tuple(_sources(found, one, reviewed, answers)),
    )


def _days(found: Everybody, one: AnnotatorFigures) -> list[int]:
    import numpy as np

    places = np.searchsorted(found.books.answers.id, one.judged.id)
    days: list[int] = found.books.answers.day[places].tolist()
    return days


def _alert(one: AnnotatorFigures, since: SinceAlarm | None, classes: Classes, answers: Callable[..., str]) -> Alert:
    reasons = []
    if since is not None and one.drift is not None:
        href = answers(only="wrong", since=since.first)
        reasons.append(Reason(words.drift_words(one), words.drift_limit(one.drift), href))
    lists = {"fast": "recent", "spammer": "compared", "run": "", "entropy": "compared"}
    reasons += [
        Reason(words.sign_words(sign, classes.names), words.sign_limit(sign), answers(only=lists[sign.kind]))
        for sign in one.signs
    ]
    return Alert(words.alert_title(one), tuple(reasons), tuple(_against(one, since)))


def _against(one: AnnotatorFigures, since: SinceAlarm | None) -> list[str]:
    """Return what speaks against the alert, or that nothing known does."""
    found = []
    if since is not None and since.harder:
        found.append(
            _(
                "The others differ more on these items too: %(now)s of their answers there, before %(before)s. The "
                "items may be harder.",
                now=format_percent(since.others_since or 0.0),
                before=format_percent(since.others_before or 0.0),
            )
        )
    if since is not None and since.checked_well:
        found.append(
            _(
                "On checked items they are as right as before: %(now)s since, %(before)s before.",
                now=words.accuracy_words(since.checked_since),
                before=words.accuracy_words(since.checked_before),
            )
        )
    if since is not None and not since.checked_since.enough:
        found.append(
            _(
                "Only the others say so: %(count)s checked answers since then are too few to tell.",
                count=format_decimal(since.checked_since.of),
            )
        )
    if not one.signs:
        found.append(_("There is no sign of haste or pattern."))
    return found or [_("Nothing that is known speaks against it. It may still have a good reason: ask.")]


def _drift_words(one: AnnotatorFigures) -> str:
    """Say the curve in words, for who does not see it."""
    if one.drift is None:
        return ""
    now = format_decimal(float(one.drift.sums[-1]), "0.0")
    if one.alarm is None:
        return _(
            "CUSUM of wrong answers over %(count)s judged answers: now %(now)s, limit %(limit)s, no alarm",
            count=format_decimal(len(one.judged.id)),
            now=now,
            limit=format_decimal(one.drift.limit),
        )
    return _(
        "CUSUM of wrong answers over %(count)s judged answers: above the limit %(limit)s, up since %(day)s, "
        "now %(now)s",
        count=format_decimal(len(one.judged.id)),
        limit=format_decimal(one.drift.limit),
        day=words.day_words(one.alarm_day),
        now=now,
    )


def _pace_words(points: Sequence[PacePoint]) -> str:
    if not points:
        return ""
    first, last = points[0], points[-1]
    words_of = _(
        "Median seconds an answer: %(first)s at first, %(last)s now",
        first=format_decimal(first.own, "0.0"),
        last=format_decimal(last.own, "0.0"),
    )
    if last.others is None:
        return words_of
    return words_of + _("; the others on the same items %(others)s", others=format_decimal(last.others, "0.0"))


def _sources(
    found: Everybody, one: AnnotatorFigures, reviewed: tuple[int, int], answers: Callable[..., str]
) -> list[Source]:
    checked, team = one.checked, team_accuracy(found.figures)
    usual = team.mean if team.enough else None
    person = one.person
    rows = [
        _checked(_("Test items"), checked.test_items, usual, _("answers known before, hidden among the others")),
        _checked(_("Random audits"), checked.audits, usual, _("items chosen at random, decided by a lead")),
        _checked(_("Both together"), checked.together, usual, _("this is the accuracy said everywhere"), main=True),
    ]
    lists = ("test", "audit", "checked")
    rows = [replace(row, href=answers(only=only)) for row, only in zip(rows, lists, strict=True)]
    agreed = found.tally.agreed
    with_others = agreed[0] / agreed[1] if agreed[1] else None
    said = _("what most of the others say of the item, without this answer")
    same = _counted(_("Same as the others"), (person.agreed, person.compared), with_others, said)
    said = _("chosen because something looked wrong: expect it to be low; no part of the accuracy")
    if found.books.one_class:  # else it is counted thing by thing, and no list of answers is as long
        same = replace(same, href=answers(only="same"))
    return [*rows, same, _counted(_("Decisions about flags"), reviewed, None, said)]


def _checked(name: str, one: Accuracy, team: float | None, detail: str, *, main: bool = False) -> Source:
    if not one.enough:
        return Source(name, one.right, one.of, None, None, None, detail, main=main)
    span = one.interval
    return Source(name, one.right, one.of, one.mean, span, _dot(one.mean, span, team), detail, main=main)


def _counted(name: str, counted: tuple[int, int], team: float | None, detail: str) -> Source:
    right, of = counted
    if of < FEWEST_SHARE:
        return Source(name, right, of, None, None, None, detail)
    span = wilson(right, of)
    return Source(name, right, of, right / of, span, _dot(right / of, span, team), detail)


def _dot(value: float, span: Interval, team: float | None) -> RangeDot:
    return range_dot(value, (span.low, span.high), team, 0.0)

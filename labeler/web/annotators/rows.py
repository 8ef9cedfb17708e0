"""The page of everybody as plain values: who to look at first, then by name. No ranking and no sum of anything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from flask import url_for

from labeler.measures.accuracy import Accuracy
from labeler.projects.queries import Classes
from labeler.statistics.annotators import AnnotatorFigures, MixUp
from labeler.web.annotators import words
from labeler.web.shared.charts import RangeDot, range_dot
from labeler.web.shared.words import gettext as _

SPARK = (92, 26)  # pixels


@dataclass(frozen=True)
class Known:
    """What is known of a person beside their answers. paused: since when, None while they work."""

    name: str
    paused: datetime | None = None
    member: bool = False


@dataclass(frozen=True)
class MixUpRow:
    """A mix-up with the list of its answers."""

    one: MixUp
    href: str


@dataclass(frozen=True)
class Look:
    """One line of "Please look"."""

    name: str
    href: str
    words: str
    detail: str
    main: bool


@dataclass(frozen=True)
class Row:
    """One person. spark: points of the line of agreement by day, "" without; answers(**filter): address of a list."""

    figures: AnnotatorFigures
    name: str
    known: Known
    href: str
    per_minute: float | None
    accuracy: Accuracy
    dot: RangeDot | None
    mix_up: MixUpRow | None
    drift_since: str
    spark: str
    spark_words: str
    answers: Callable[..., str]


def rows_of(
    found: Sequence[AnnotatorFigures],
    slug: str,
    classes: Classes,
    known: dict[int, Known],
    names: dict[int, str],
) -> list[Row]:
    """Return a row a person. names: by user id, as shown."""
    team = team_accuracy(found)
    lows = [one.checked.together.interval.low for one in found if one.checked.together.enough]
    start = 0.5 if all(low >= 0.5 for low in lows) else 0.0  # noqa: PLR2004 - the scale of the drawing

    def row(one: AnnotatorFigures) -> Row:
        user = one.person.user

        def answers(**wanted: Any) -> str:
            return url_for("web.annotator_answers", slug=slug, annotator=user, **wanted)

        accuracy = one.checked.together
        dot = None
        if accuracy.enough:
            usual = team.mean if team.enough else None
            dot = range_dot(accuracy.mean, (accuracy.interval.low, accuracy.interval.high), usual, start)
        return Row(
            figures=one,
            name=names[user],
            known=known.get(user, Known("")),
            href=url_for("web.annotator", slug=slug, annotator=user),
            per_minute=60 * one.person.timed / one.person.seconds if one.person.seconds else None,
            accuracy=accuracy,
            dot=dot,
            mix_up=mix_up_row(one.stands_out, classes, answers) if one.stands_out else None,
            drift_since=words.day_words(one.alarm_day) if one.alarm_day else "",
            spark=_spark(one),
            spark_words=_spark_words(one),
            answers=answers,
        )

    return sorted(map(row, found), key=lambda one: (not one.figures.please_look, one.name.casefold()))


def team_accuracy(found: Sequence[AnnotatorFigures]) -> Accuracy:
    """Return the accuracy of everybody together."""
    return sum((one.checked.together for one in found), Accuracy(0, 0))


def mix_up_row(one: MixUp, classes: Classes, answers: Callable[..., str]) -> MixUpRow:
    """Return a mix-up with the list of its answers."""
    href = answers(others=classes.codes[one.truth], said=classes.codes[one.answered])
    return MixUpRow(one, href)


def looks_of(rows: Sequence[Row], classes: Classes) -> list[Look]:
    """Return whom to look at and why, signs before mix-ups; the first one with signs is the main thing to do."""
    found: list[Look] = []
    for row in sorted(rows, key=lambda one: (not one.figures.alarmed, one.name.casefold())):
        one = row.figures
        if one.alarmed:
            said = [words.drift_words(one), *(words.sign_words(sign, classes.names) for sign in one.signs)]
            detail = " · ".join(filter(None, said))
            found.append(Look(row.name, row.href, words.alert_title(one), detail, main=not found))
        elif one.stands_out is not None:
            said_of = words.mix_up_words(one.stands_out, classes.names)
            detail = _("The rule may be missing, not the care.")
            found.append(Look(row.name, row.href, said_of, detail, main=False))
    return found


def hidden_names(project_id: int, users: Sequence[int]) -> dict[int, str]:
    """Return letters instead of names, in an order that is the same each time and says nothing."""
    order = sorted(users, key=lambda user: blake2b(f"{project_id}:{user}".encode(), digest_size=8).digest())
    return {user: _("Annotator %(letter)s", letter=_letters(place)) for place, user in enumerate(order)}


def _letters(place: int) -> str:
    text = chr(ord("A") + place % 26)
    return _letters(place // 26 - 1) + text if place >= 26 else text  # noqa: PLR2004 - letters of the alphabet


def _spark(one: AnnotatorFigures) -> str:
    """Return the points of the line of agreement by day, from half to all of the height."""
    if len(one.days) < 2:  # noqa: PLR2004 - a line needs two points
        return ""
    width, height = SPARK
    first, last = one.days[0].day, one.days[-1].day
    span = max(last - first, 1)
    return " ".join(
        f"{3 + (width - 6) * (day.day - first) / span:.1f} "
        f"{3 + (height - 6) * (1 - max(0.0, 2 * day.same / day.compared - 1)):.1f}"
        for day in one.days
    )


def _spark_words(one: AnnotatorFigures) -> str:
    if not one.days:
        return ""
    first, last = one.days[0], one.days[-1]
    if first is last:
        return _(
            "%(share)s on %(day)s", share=words.share_words(first.same, first.compared), day=words.day_words(first.day)
        )
    return _(
        "%(first)s on %(start)s, %(last)s on %(end)s",
        first=words.share_words(first.same, first.compared),
        start=words.day_words(first.day),
        last=words.share_words(last.same, last.compared),
        end=words.day_words(last.day),
    )

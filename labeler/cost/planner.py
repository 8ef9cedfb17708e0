"""Reads what a plan starts from, and simulates the plans: from the first hundred items, or from what is assumed."""

from dataclasses import dataclass, fields, replace
from statistics import fmean

from sqlalchemy.orm import Session

from labeler.accounts.permissions import ANNOTATOR
from labeler.accounts.queries import Member, members
from labeler.cost import queries
from labeler.cost.crowd import ANSWERS, FIRST, Agreement, Assumed, Crowd, Pace, agreement, crowds
from labeler.cost.ledger import Work
from labeler.cost.plans import Foreseen, Range, Wanted, foreseen, range_of, recommended
from labeler.cost.prices import Prices, prices_of
from labeler.decisions.final import excluded_items
from labeler.errors import Invalid
from labeler.projects.models import Project
from labeler.projects.queries import Classes, item_count
from labeler.statistics.remaining_error import SECONDS, maximum_of

MINUTES = 60.0  # a day of each person, before anything is known
EXTRA = 0.05  # of the answers: test items and repeats, where a project does not say
EXTRA_SETTINGS = ("test_share", "repeat_share")
MOST_ITEMS, MOST_PEOPLE, MOST_MINUTES, MOST_SECONDS = 10**8, 1000, 24 * 60, 24 * 3600


@dataclass(frozen=True)
class Inputs:
    """What a plan is asked for; what is None is what the project says.

    target, extra, right, hard are shares; minutes: of each person a day; seconds: of an answer; right: share of single
    answers that are right; hard: share of items that are hard for everybody. The last three are assumptions.
    """

    items: int | None = None
    target: float | None = None
    people: int | None = None
    minutes: float | None = None
    extra: float | None = None
    right: float | None = None
    hard: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Planned:
    """The plans for a project. right, hard, seconds: what they stand on, over the simulated projects.

    seen: answers to the first items that were looked at, 0 where it is all assumed; timed: whether the pace is this
    project's; chosen: the plan that is recommended; met: whether it is below the target; hour: mean price of an hour of
    those who answer, None without prices.
    """

    wanted: Wanted
    right: Range
    hard: Range
    seconds: Range
    seen: int
    timed: bool
    found: tuple[Foreseen, ...]
    chosen: Foreseen | None
    prices: Prices
    hour: float | None

    @property
    def met(self) -> bool:
        """Whether the middle of the recommended plan is below the target."""
        return self.chosen is not None and self.chosen.error.middle < self.wanted.target

    def money(self, hours: float) -> float | None:
        """Return what so many hours cost, in the smallest coin."""
        return None if self.hour is None else hours * self.hour


def planned(session: Session, project: Project, classes: Classes, asked: Inputs) -> Planned:
    """Simulate plans for a project whose answers are one class. Raises Invalid, naming the field."""
    if not classes.task.one_class:
        raise Invalid("Plans can be simulated where an answer is one class. This project asks for something else.")
    check(asked)
    people, work = members(session, project.id), queries.answers_given(session, project)
    wanted = _wanted(session, project, people, work, asked)
    prices = prices_of(project.settings)
    first = queries.first_answers(session, project, classes)
    enough = len(first) >= FIRST and asked.right is None and asked.hard is None
    seen = agreement(first, len(classes.codes)) if enough else _assumed(asked)
    timed = queries.pace_of(session, project) if asked.seconds is None else None
    drawn = crowds(seen, len(classes.codes), timed or Pace(asked.seconds or SECONDS))
    found = tuple(foreseen(wanted, drawn))
    return Planned(
        wanted,
        *_told(drawn),
        seen.items * ANSWERS if isinstance(seen, Agreement) else 0,
        timed is not None,
        found,
        recommended(found, wanted.target),
        prices,
        _hour(prices, people),
    )


def _assumed(asked: Inputs) -> Assumed:
    given = {name: one for name in ("right", "hard") if (one := getattr(asked, name)) is not None}
    return replace(Assumed(), **given)


def _told(drawn: list[Crowd]) -> tuple[Range, Range, Range]:
    return (
        range_of([one.right for one in drawn]),
        range_of([one.hard for one in drawn]),
        range_of([one.seconds for one in drawn]),
    )


def _wanted(session: Session, project: Project, people: list[Member], work: list[Work], asked: Inputs) -> Wanted:
    """Return what is asked for, and of the project where nothing is."""
    able = sum(one.role == ANNOTATOR and one.active for one in people)
    items = item_count(session, project.id) - len(excluded_items(session, project.id))
    return Wanted(
        items if asked.items is None else asked.items,
        maximum_of(project) if asked.target is None else asked.target,
        (able or 1) if asked.people is None else asked.people,
        minutes_a_day(work) if asked.minutes is None else asked.minutes,
        _extra(project) if asked.extra is None else asked.extra,
    )


def _extra(project: Project) -> float:
    """Return the share of answers that are test items and repeats, as the project is set, else EXTRA."""
    set_here = [project.settings[name] for name in EXTRA_SETTINGS if name in project.settings]
    return float(sum(set_here)) if set_here else EXTRA


def minutes_a_day(work: list[Work]) -> float:
    """Return the minutes of a person on a day on which they answered, at least 1; MINUTES before there are any."""
    days = {(one.user, one.day) for one in work if one.milliseconds}
    return float(max(1, round(sum(one.milliseconds for one in work) / 60_000 / len(days)))) if days else MINUTES


def _hour(prices: Prices, people: list[Member]) -> float | None:
    """Return the mean price of an hour of the annotators; of those who have none, nothing is known."""
    able = [one.user_id for one in people if one.role == ANNOTATOR and one.active]
    known = [price for user in able if (price := prices.of(user, frozenset())) is not None]
    return fmean(known) if known else (prices.hour if prices.currency else None)


def check(asked: Inputs) -> None:
    """Raise Invalid, naming the field, for what cannot be planned with."""
    for name, most in (("items", MOST_ITEMS), ("people", MOST_PEOPLE)):
        value = getattr(asked, name)
        if value is not None and not 1 <= value <= most:
            raise Invalid("Write a whole number of 1 to {most:,}.", field=name, most=most)
    for name, most in (("minutes", MOST_MINUTES), ("seconds", MOST_SECONDS)):
        value = getattr(asked, name)
        if value is not None and not 0 < value <= most:
            raise Invalid("Write a number above 0, at most {most:,}.", field=name, most=most)
    for one in fields(asked):
        value, low = getattr(asked, one.name), 0.0 if one.name in {"extra", "hard"} else 0.0005
        if one.name in {"target", "extra", "right", "hard"} and value is not None and not low <= value <= 1:
            raise Invalid("Write a share of at most 100 percent.", field=one.name)

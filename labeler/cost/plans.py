"""Plans: how many answers an item gets, what each would cost and how many labels would be wrong, and which to take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from labeler.cost.simulation import FITTED_ITEMS, ITEMS, answered, course, ends, learnt

if TYPE_CHECKING:
    from labeler.cost.crowd import Crowd

SETTING = "plan"  # where a project keeps the plan it uses among its settings
FIXED = (1, 2, 3, 5)  # answers an item
LEAST = 2  # answers before a label is believed
CAPS = (5, 7)  # of the plan to the target, and of the one to half of it
BAND = (10, 50, 90)  # percentiles
KNOWN = 50  # answers of a person from which their accuracy is taken to be known
EVEN = 0.25  # of the simulated projects meet the target, from which it is about even
_SEED = 1979
_WORKDAYS = 5


@dataclass(frozen=True)
class Plan:
    """How many answers an item gets: least to most, one more while its label is wrong with more than `target`.

    target None: always `most`.
    """

    least: int
    most: int
    target: float | None = None

    @property
    def name(self) -> str:
        """What it is called in addresses and the API."""
        return str(self.most) if self.target is None else f"adaptive-{self.target:g}"


@dataclass(frozen=True)
class Range:
    """A number over all simulated projects: the middle, and 80 % of them."""

    middle: float
    low: float
    high: float


class Verdict(StrEnum):
    """What is said of the target; never "will"."""

    LIKELY = "likely"
    MORE_LIKELY = "more_likely_than_not"
    EVEN = "about_even"
    MISSED = "missed"


@dataclass(frozen=True)
class Foreseen:
    """What a plan would bring. answers: an item; error: share of labels wrong; hours: active, extra items included."""

    plan: Plan
    answers: float
    error: Range
    hours: Range
    verdict: Verdict


@dataclass(frozen=True)
class Wanted:
    """What a plan is for. target: share of labels wrong, at most; people: who answer; minutes: of each a day.

    extra: answers beside those for labels (test items, repeats), as a share of these.
    """

    items: int
    target: float
    people: int
    minutes: float
    extra: float = 0.05


def offered(wanted: Wanted) -> list[Plan]:
    """Return the plans that so many people can carry out: nobody answers an item twice."""
    plans = [Plan(votes, votes) for votes in FIXED if votes <= wanted.people]
    for cap, target in zip(CAPS, (wanted.target, wanted.target / 2), strict=True):
        if min(cap, wanted.people) > LEAST:
            plans.append(Plan(LEAST, min(cap, wanted.people), float(f"{target:.4g}")))
    return plans


def foreseen(wanted: Wanted, crowds: Sequence[Crowd], plans: Sequence[Plan] | None = None) -> list[Foreseen]:
    """Simulate one project for each crowd, the same for all plans."""
    import numpy as np

    plans = offered(wanted) if plans is None else plans
    answers, errors = np.empty((len(plans), len(crowds))), np.empty((len(plans), len(crowds)))
    for run, crowd in enumerate(crowds):
        answers[:, run], errors[:, run] = _simulated(wanted, crowd, plans, run)
    seconds = np.array([crowd.seconds for crowd in crowds])
    hours = wanted.items * answers * (1 + wanted.extra) * seconds / 3600
    return [
        Foreseen(
            plan,
            float(answers[row].mean()),
            (error := range_of(errors[row])),
            range_of(hours[row]),
            verdict(error, float((errors[row] <= wanted.target).mean()), wanted.target),
        )
        for row, plan in enumerate(plans)
    ]


def _simulated(wanted: Wanted, crowd: Crowd, plans: Sequence[Plan], run: int) -> tuple[list[float], list[float]]:
    """Return the answers an item had and the share of labels wrong, of each plan, in one project.

    A project of fewer items than wanted has as many fewer people, so that each of them answers as much.
    """
    import numpy as np

    chance, most = np.random.default_rng((_SEED, run)), max((plan.most for plan in plans), default=0)
    few = wanted.items * most < KNOWN * wanted.people
    size = min(FITTED_ITEMS if few else ITEMS, wanted.items)
    people = max(most, round(wanted.people * size / wanted.items) if few else wanted.people)
    items, answers, errors = answered(crowd, people, most, chance, size), [], []
    known = course(items, crowd.shares)
    for plan in plans:
        went = course(learnt(items, plan.most, len(crowd.shares)), crowd.shares) if few and plan.most > 1 else known
        last = ends(went.doubt, plan.least, plan.most, plan.target)
        answers.append(float(last.mean()))
        errors.append(min(1.0, crowd.misjudged * float((went.after(last) != items.truth).mean())))
    return answers, errors


def range_of(values: Any) -> Range:
    """Return the middle of many values, and where 80 % of them lie."""
    import numpy as np

    low, middle, high = np.percentile(values, BAND).tolist()
    return Range(middle, low, high)


def verdict(error: Range, meet: float, target: float) -> Verdict:
    """Return what is said of a target. meet: share of the simulated projects that meet it."""
    if error.high <= target:
        return Verdict.LIKELY
    if error.middle < target:
        return Verdict.MORE_LIKELY
    return Verdict.EVEN if meet >= EVEN else Verdict.MISSED


def recommended(found: Sequence[Foreseen], target: float) -> Foreseen | None:
    """Return the cheapest plan whose middle is below the target; if none is, the one with the smallest error."""
    fitting = [one for one in found if one.error.middle < target]
    if fitting:
        return min(fitting, key=lambda one: (one.hours.middle, one.error.middle))
    return min(found, key=lambda one: (one.error.middle, one.hours.middle), default=None)


def as_settings(plan: Plan) -> dict[str, Any]:
    """Return the settings by which a project is served as a plan says, beside its votes (`votes_of`).

    votes_cap: the most answers an item may get, 0 where all get the same number.
    """
    return {"votes_cap": 0} if plan.target is None else {"votes_cap": plan.most, "target_error": plan.target}


def votes_of(plan: Plan) -> int:
    """Return how many answers each item wants before anything is known of it: the votes of the project."""
    return plan.least


def is_adaptive(settings: Mapping[str, Any]) -> bool:
    """Whether a project asks once more while a label is unsure already."""
    return bool(settings.get("votes_cap"))


def end_day(hours: float, wanted: Wanted, start: date) -> date | None:
    """Return the day on which so many hours are worked, Monday to Friday from `start` on; None where nobody works."""
    a_day = wanted.people * wanted.minutes / 60
    if a_day <= 0:
        return None
    left = max(1, -int(-hours // a_day))
    weeks, rest = divmod(left - 1, _WORKDAYS)
    if weeks > 50 * 52:
        return None
    day = _workday(start) + timedelta(weeks=weeks)
    for _ in range(rest):
        day = _workday(day + timedelta(days=1))
    return day


def _workday(day: date) -> date:
    while day.weekday() >= _WORKDAYS:
        day += timedelta(days=1)
    return day


@dataclass(frozen=True)
class Kept:
    """A plan that is used, as it was foreseen. money: in the smallest coin, None without prices; end: None if never."""

    name: str
    made_on: date
    hours: float
    error: Range
    money: int | None
    end: date | None


def as_setting(kept: Kept) -> dict[str, Any]:
    """Return a used plan as a project keeps it."""
    error = kept.error
    return {
        "name": kept.name,
        "made_on": kept.made_on.isoformat(),
        "hours": round(kept.hours, 2),
        "error": [round(share, 5) for share in (error.middle, error.low, error.high)],
        "money": kept.money,
        "end": kept.end.isoformat() if kept.end else None,
    }


def kept_in(settings: Mapping[str, Any]) -> Kept | None:
    """Return the plan that a project uses, None without one."""
    kept = settings.get(SETTING)
    if not kept:
        return None
    end = date.fromisoformat(kept["end"]) if kept["end"] else None
    made = date.fromisoformat(kept["made_on"])
    return Kept(kept["name"], made, kept["hours"], Range(*kept["error"]), kept["money"], end)

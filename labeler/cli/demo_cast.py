"""Simulated annotators with known habits: what they would answer, as plain data.

The demo and its tests need people whose habits are known, so that the dashboard can be seen to tell the truth about
them: one careful, one who mixes a pair of classes, one fast and sloppy, one who rates a step too kindly.
Note: a habit is kept as an exact share of the answers, not as a coin thrown per item, so a
short list shows it as clearly as a long one. Hard items (two classes defensible, or none) stand outside those shares:
nobody is right or wrong about them.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

NOT_CLEAR = "not clear"
OTHER = "other"
MIXING = 0.8  # share of a mixer's mistakes that fall on the pair
CLEAR_REMARKS = ("Took a second look.", "A good example for the guidelines.", "Fairly sure.")


@dataclass(frozen=True)
class Habits:
    """How one person works.

    accuracy: share of right answers among clear items (0 to 1); seconds: median active time per item; mixes: the two
    classes most mistakes swap; too_kind: share of the otherwise right answers that go one class up (ordered classes);
    skips, comments: shares of clear items.
    """

    name: str
    accuracy: float
    seconds: float
    mixes: tuple[str, str] | None = None
    too_kind: float = 0.0
    skips: float = 0.01
    comments: float = 0.02


class SimulatedAnswer(NamedTuple):
    """One answer, or a skip: then label and value are None and skip holds the reason. seconds: active time.

    value: the answer where it has parts, else it is the label.
    """

    item: str
    annotator: str
    label: str | None
    seconds: float
    skip: str | None = None
    comment: str | None = None
    value: dict[str, Any] | None = None


Slips = Mapping[str, Sequence[str]]

MIRA = Habits("Mira", accuracy=0.96, seconds=6.5, comments=0.04)
RUI = Habits("Rui", accuracy=0.90, seconds=5.0)
JONAS = Habits("Jonas", accuracy=0.78, seconds=2.1, skips=0.03, comments=0.0)
SOFIA = Habits("Sofia", accuracy=0.93, seconds=4.4, too_kind=0.7, comments=0.03)

TICKETS_CAST = (MIRA, replace(RUI, mixes=("Billing", "Account access")), JONAS)
DIGITS_CAST = (replace(MIRA, seconds=2.2), replace(RUI, seconds=1.7, mixes=("4", "9")), replace(JONAS, seconds=0.9))
MARKS_CAST = (MIRA, RUI, replace(JONAS, accuracy=0.85))
REVIEWS_CAST = (MIRA, replace(RUI, mixes=("2", "3")), replace(JONAS, seconds=1.8), SOFIA)


def slips_anywhere(classes: Sequence[str]) -> dict[str, list[str]]:
    """Where a mistake ends when classes have no order: any other class, equally likely."""
    return {name: [other for other in classes if other != name] for name in classes}


def slips_to_neighbours(classes: Sequence[str]) -> dict[str, list[str]]:
    """Where a mistake ends on a scale: one step up or down."""
    return {name: [*classes[max(0, n - 1) : n], *classes[n + 1 : n + 2]] for n, name in enumerate(classes)}


def answers(
    truth: Mapping[str, str], hard: Mapping[str, Sequence[str]], slips: Slips, habits: Habits, seed: int
) -> list[SimulatedAnswer]:
    """Return one answer or skip for each item, in the order in which this person met them.

    truth: {item: class}; hard: {item: the classes a careful person could defend}, empty where no class fits;
    slips: {class: classes a mistake ends in}, its keys in the project's class order.
    The same arguments give the same answers, on every machine.
    """
    rng = random.Random(f"{seed} {habits.name}")  # noqa: S311 - simulated people, no secret
    met = list(truth)
    rng.shuffle(met)
    clear = [item for item in met if item not in hard]
    skipped = set(rng.sample(clear, round(habits.skips * len(clear))))
    mistakes = _mistakes({item: truth[item] for item in clear if item not in skipped}, slips, habits, rng)
    given = []
    for n, item in enumerate(met):
        if item in hard:
            answer = _hard_answer(item, hard[item], list(slips), habits, rng)
        elif item in skipped:
            answer = SimulatedAnswer(item, habits.name, None, 0.0, skip=OTHER)
        else:
            comment = _remark(item in mistakes, habits, rng)
            answer = SimulatedAnswer(item, habits.name, mistakes.get(item, truth[item]), 0.0, comment=comment)
        given.append(answer._replace(seconds=_seconds(n, item in hard, habits, rng)))
    return given


def _mistakes(truth: Mapping[str, str], slips: Slips, habits: Habits, rng: random.Random) -> dict[str, str]:
    """Return {item: wrong label} in the shares the habits ask for."""
    wanted = round((1 - habits.accuracy) * len(truth))
    pair = habits.mixes or ()
    of_pair = [item for item, label in truth.items() if label in pair]
    others = [item for item, label in truth.items() if label not in pair]
    mixed = rng.sample(of_pair, min(len(of_pair), round(MIXING * wanted)))
    slipped = rng.sample(others, min(len(others), wanted - len(mixed)))
    wrong = {item: pair[1 - pair.index(truth[item])] for item in mixed}
    wrong |= {item: rng.choice(slips[truth[item]]) for item in slipped}
    return wrong | _too_kind({item: label for item, label in truth.items() if item not in wrong}, slips, habits, rng)


def _too_kind(truth: Mapping[str, str], slips: Slips, habits: Habits, rng: random.Random) -> dict[str, str]:
    """Return {item: one class up} for the share this person lifts; the top class has nowhere to go."""
    scale = list(slips)
    below = [item for item, label in truth.items() if label != scale[-1]]
    lifted = rng.sample(below, round(habits.too_kind * len(below)))
    return {item: scale[scale.index(truth[item]) + 1] for item in lifted}


def _hard_answer(
    item: str, defensible: Sequence[str], classes: Sequence[str], habits: Habits, rng: random.Random
) -> SimulatedAnswer:
    """Answer an item on which careful people differ: careful ones skip what fits no class, and say what else fits."""
    skip_chance = habits.accuracy if not defensible else 5 * habits.skips
    if rng.random() < skip_chance:
        return SimulatedAnswer(item, habits.name, None, 0.0, skip=NOT_CLEAR)
    label = rng.choice(defensible or classes)
    rest = [name for name in defensible if name != label]
    says_so = habits.comments > 0 and rng.random() < habits.accuracy / 2
    comment = f"Could also be {rest[0]}." if rest and says_so else None
    return SimulatedAnswer(item, habits.name, label, 0.0, comment=comment)


def _remark(mistaken: bool, habits: Habits, rng: random.Random) -> str | None:
    """Return a comment now and then; on a mistake by someone who mixes a pair it says that they hesitate."""
    if rng.random() >= habits.comments * (4 if mistaken else 1):
        return None
    if mistaken and habits.mixes:
        return f"{habits.mixes[0]} or {habits.mixes[1]}? I hesitate."
    return rng.choice(CLEAR_REMARKS)


def _seconds(nth: int, hard: bool, habits: Habits, rng: random.Random) -> float:
    """Return active seconds: skewed around the median, slower at the start and on hard items."""
    learning = 1 + math.exp(-nth / 15)
    typical = habits.seconds * learning * (2.0 if hard else 1.0)
    return round(max(0.4, rng.lognormvariate(math.log(typical), 0.4)), 1)

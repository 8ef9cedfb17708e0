"""Do ranges and alarms about people hold what is said of them? `python -m tests.bench.bench_people [--short]`.

Worlds are made from a seed. One JSON line a question: how often the 95 % range of a person's accuracy held the truth;
of the drift alarm, how many judged answers come between two false ones and after how many a real rise is found
(median), where the usual share of mistakes is known, and where it is estimated from a person's first hundred answers as
the product does; and how often somebody honest has two signs of haste or pattern.
"""

import argparse
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeler.measures import haste
from labeler.measures.accuracy import RIGHT, WRONG, Accuracy
from labeler.measures.drift import BASE, LIMIT, LIMIT_OF_MANY, PRIOR, Rates
from tests.bench.report import emit

Floats = NDArray[np.float64]
PAIRS = ((0.05, 0.15), (0.10, 0.20), (0.20, 0.35))
STATED = {  # judged answers a false alarm and median delay, by pair and limit: where the limits come from
    ((0.05, 0.15), 6.0): (12_267, 63),
    ((0.10, 0.20), 6.0): (14_886, 94),
    ((0.20, 0.35), 6.0): (9_909, 70),
    ((0.05, 0.15), 7.0): (33_604, 75),
    ((0.10, 0.20), 7.0): (41_425, 114),
    ((0.20, 0.35), 7.0): (27_664, 85),
}
CHECKED = (10, 20, 50, 100, 300)


def coverage(people: int, *, seed: int, narrow: bool = False) -> float:
    """Return how often the range holds a person's accuracy: drawn as the range expects, or (narrow) from 60 to 98 %."""
    chance = np.random.default_rng(seed)
    held = 0
    for number in range(people):
        truth = chance.uniform(0.6, 0.98) if narrow else chance.beta(RIGHT, WRONG)
        of = CHECKED[number % len(CHECKED)]
        found = Accuracy(int(chance.binomial(of, truth)), of).interval
        held += found.low <= truth <= found.high
    return held / people


def answers_a_false_alarm(rates: Rates, limit: float, *, people: int, answers: int, seed: int) -> float:
    """Return how many judged answers come between two alarms where mistakes stay as usual; each starts it anew."""
    chance = np.random.default_rng(seed)
    alarms = _alarms(chance, np.full(people, rates.usual), _steps([rates] * people), limit, answers)
    return people * answers / max(int(alarms.sum()), 1)


def delay(rates: Rates, limit: float, *, people: int, seed: int) -> float:
    """Return the median number of judged answers from the rise to the alarm."""
    chance = np.random.default_rng(seed)
    down, up = rates.steps
    sums, found = np.zeros(people), np.zeros(people)
    for number in range(1, 4000):
        sums = np.maximum(sums + np.where(chance.random(people) < rates.raised, up, down), 0.0)
        found[(found == 0) & (sums > limit)] = number
        if found.all():
            break
    return float(np.median(found))


def estimated(usual: float, limit: float, *, people: int, answers: int, seed: int) -> tuple[float, float]:
    """Return (answers a false alarm, share of people with one) where the usual share is estimated as in the product.

    usual: of everybody; each person's own is drawn around it. The sum is watched from the first answer on.
    """
    chance = np.random.default_rng(seed)
    own = chance.beta(usual * 40, (1 - usual) * 40, people)
    first = chance.binomial(BASE, own)
    rates = [Rates.of_counts(int(wrong), BASE, usual) for wrong in first]
    alarms = _alarms(chance, own, _steps(rates), limit, answers)
    return people * answers / max(int(alarms.sum()), 1), float((alarms > 0).mean())


def _steps(rates: list[Rates]) -> tuple[Floats, Floats]:
    return np.array([one.steps[0] for one in rates]), np.array([one.steps[1] for one in rates])


def _alarms(
    chance: np.random.Generator, wrong: Floats, steps: tuple[Floats, Floats], limit: float, answers: int
) -> NDArray[np.int64]:
    down, up = steps
    sums, alarms = np.zeros(len(wrong)), np.zeros(len(wrong), np.int64)
    for _ in range(answers):
        sums = np.maximum(sums + np.where(chance.random(len(wrong)) < wrong, up, down), 0.0)
        over = sums > limit
        if over.any():
            alarms += over
            sums[over] = 0.0
    return alarms


@dataclass(frozen=True)
class Crowd:
    """Honest people who answer the same items. label, seconds: (people, items); truth: (items,)."""

    label: NDArray[np.int64]
    truth: NDArray[np.int64]
    seconds: Floats


def honest_crowd(people: int, items: int, *, seed: int, classes: int = 5) -> Crowd:
    """Make a crowd of 80 to 95 % accuracy whose paces differ by a third, on items sorted a little by class."""
    chance = np.random.default_rng(seed)
    truth = chance.integers(0, classes, items)
    runs = chance.integers(0, items - 6, items // 40)
    for start in runs:
        truth[start : start + 6] = truth[start]
    right = chance.random((people, items)) < chance.uniform(0.8, 0.95, (people, 1))
    label = np.where(right, truth, chance.integers(0, classes, (people, items)))
    pace = chance.lognormal(0.9, 0.3, (people, 1))
    return Crowd(label, truth, pace * chance.lognormal(0.0, 0.5, (people, items)))


def signs_of_the_honest(crowds: int, *, seed: int) -> tuple[float, float]:
    """Return the share of honest people with one sign or more, and with two."""
    one = two = of = 0
    for number in range(crowds):
        crowd = honest_crowd(6, 400, seed=seed + number)
        share = np.bincount(crowd.label.ravel(), minlength=5) / crowd.label.size
        for person in range(6):
            others = np.delete(crowd.seconds, person, axis=0)[:, -haste.RECENT :].ravel()
            signs = [
                haste.fast(crowd.seconds[person, -haste.RECENT :], others),
                haste.run(crowd.label[person], crowd.label[person] == crowd.truth, share),
                haste.entropy(crowd.label[person], crowd.truth),
            ]
            found = sum(sign is not None for sign in signs)
            one, two, of = one + (found > 0), two + (found > 1), of + 1
    return one / of, two / of


def main() -> int:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    people, answers = (200, 6_000) if options.short else (1_000, 24_000)
    for narrow in (False, True):
        share = coverage(2_000 if options.short else 20_000, seed=options.seed, narrow=narrow)
        emit(bench="people", what="coverage", truth="60 to 98 %" if narrow else "Beta(4, 1)", share=share)
    for (pair, limit), (stated, after) in STATED.items():
        rates = Rates(*pair)
        found = answers_a_false_alarm(rates, limit, people=people, answers=answers, seed=options.seed)
        waits = delay(rates, limit, people=people, seed=options.seed)
        emit(bench="people", what="drift, known rates", usual=pair[0], raised=pair[1], limit=limit,
             answers_a_false_alarm=found, stated=stated, delay=waits, stated_delay=after)  # fmt: skip
    for usual in (0.05, 0.1, 0.2):
        for limit in (LIMIT, LIMIT_OF_MANY):
            found, share = estimated(usual, limit, people=people, answers=answers, seed=options.seed)
            emit(bench="people", what="drift, estimated rate", usual=usual, limit=limit, prior=PRIOR,
                 answers_a_false_alarm=found, people_with_one=share, judged=answers)  # fmt: skip
    one, two = signs_of_the_honest(20 if options.short else 200, seed=options.seed)
    emit(bench="people", what="signs of the honest", one_or_more=one, two_or_more=two)
    return 0


if __name__ == "__main__":
    sys.exit(main())

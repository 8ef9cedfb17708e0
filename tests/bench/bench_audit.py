"""How often do the ranges of an audit hold? `python -m tests.bench.bench_audit [--runs 500] [--short]`.

Worlds are made from a seed: labels of which a known share is wrong, a sample drawn as an audit draws it, the range
counted as an audit counts it. One JSON line a question: the share of the runs in which the range held the truth (at
any time: held it at every moment, so also under stopping at the best one), and of the stop rule, in how many runs it
said "stop" though more than the maximum was wrong.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from labeler.audits.anytime import any_time_range
from labeler.audits.estimate import Estimate, Rest, Stratum, after_reviews, plain, prediction_powered, stratified
from labeler.audits.sample import allotted
from labeler.audits.stopping import Verdict, verdict
from tests.bench.report import emit

WORLDS = ((6000, 800, 0.02), (6000, 400, 0.02), (2000, 200, 0.05), (500, 200, 0.05), (20_000, 1500, 0.01))
BY_CLASS = (
    ({"a": 3000, "b": 2000, "c": 700, "d": 300}, {"a": 0.01, "b": 0.02, "c": 0.05, "d": 0.1}, 400),
    ({"a": 5000, "b": 300, "c": 300, "d": 300}, {"a": 0.02, "b": 0.02, "c": 0.02, "d": 0.02}, 300),
    ({f"k{n}": 500 for n in range(12)}, {f"k{n}": 0.004 * n for n in range(12)}, 600),
)
MAXIMUM = 0.02


@dataclass(frozen=True)
class Covered:
    """In which share of the runs a range held the truth, and how wide it was in the mean."""

    share: float
    width: float


def _covered(runs: Iterator[tuple[Estimate, float]]) -> Covered:
    found = [(one.low - 1e-12 <= truth <= one.high + 1e-12, one.high - one.low) for one, truth in runs]
    return Covered(sum(held for held, _ in found) / len(found), sum(width for _, width in found) / len(found))


def _drawn(chance: np.random.Generator, size: int, checked: int, share: float) -> tuple[Stratum, int]:
    wrong = round(size * share)
    return Stratum(size, checked, int(chance.hypergeometric(wrong, size - wrong, checked))), wrong


def covered_plain(runs: int, *, seed: int) -> Covered:
    """Draw plain samples."""
    chance = np.random.default_rng(seed)

    def run(number: int) -> tuple[Estimate, float]:
        size, checked, share = WORLDS[number % len(WORLDS)]
        found, wrong = _drawn(chance, size, checked, share)
        return plain(found), wrong / size

    return _covered(run(number) for number in range(runs))


def covered_by_class(runs: int, *, seed: int) -> Covered:
    """Draw by class, and weigh."""
    chance = np.random.default_rng(seed)

    def run(number: int) -> tuple[Estimate, float]:
        sizes, shares, checked = BY_CLASS[number % len(BY_CLASS)]
        wanted = allotted(sizes, checked)
        drawn = [_drawn(chance, sizes[code], wanted[code], shares[code]) for code in sizes]
        return stratified([one for one, _ in drawn]), sum(wrong for _, wrong in drawn) / sum(sizes.values())

    return _covered(run(number) for number in range(runs))


@dataclass(frozen=True)
class Reviewed:
    """A set of labels with a queue in front, of which a lead reviewed the first part, worst first, after an audit.

    Arrays (labels,): whether it is wrong, its probability wrong, and whether the audit drew it.
    """

    wrong: np.ndarray[tuple[int], np.dtype[np.bool_]]
    probability: np.ndarray[tuple[int], np.dtype[np.float64]]
    drawn: np.ndarray[tuple[int], np.dtype[np.bool_]]
    queue: int
    done: int

    def stratum(self, start: int, end: int) -> Stratum:
        """Return what the audit found among the labels of these places."""
        drawn, wrong = self.drawn[start:end], self.wrong[start:end]
        return Stratum(end - start, int(drawn.sum()), int((drawn & wrong).sum()))

    def estimate(self) -> Estimate:
        """Return the share wrong by the combined estimator, once the audit's own findings are corrected too."""
        size, left = len(self.wrong), self.stratum(self.done, len(self.wrong))
        expected = float(self.probability[self.done : self.queue].mean()) if self.done < self.queue else None
        return after_reviews(
            reviewed=self.done,
            corrected=left.wrong,
            others=[self.stratum(self.queue, size)],
            rest=Rest(self.stratum(self.done, self.queue), expected),
        )

    def truth(self) -> float:
        """Return the share that is wrong by now."""
        return float((self.wrong & ~self.drawn)[self.done :].sum()) / len(self.wrong)


def reviewed_world(chance: np.random.Generator, *, trust: float, done: int) -> Reviewed:
    """Make 6,000 labels with 300 in the queue. trust: what the shown probabilities are, over what they should be."""
    size, queue, checked = 6000, 300, 800
    should = np.zeros(size)
    should[:queue] = np.linspace(0.6, 0.05, queue)
    wrong = chance.random(size) < np.where(np.arange(size) < queue, should, 0.012)
    drawn = np.zeros(size, bool)
    drawn[chance.choice(size, checked, replace=False)] = True
    return Reviewed(wrong, np.minimum(1.0, should * trust), drawn, queue, done)


def covered_after_reviews(runs: int, *, seed: int) -> Covered:
    """Review none, half or all of the queue after the audit, with probabilities that are right, half and double."""
    chance = np.random.default_rng(seed)
    ways = [(trust, done) for trust in (1.0, 0.5, 2.0) for done in (0, 150, 300)]

    def run(number: int) -> tuple[Estimate, float]:
        trust, done = ways[number % len(ways)]
        world = reviewed_world(chance, trust=trust, done=done)
        return world.estimate(), world.truth()

    return _covered(run(number) for number in range(runs))


def covered_prediction_powered(runs: int, *, seed: int) -> Covered:
    """Correct probabilities by a sample."""
    chance = np.random.default_rng(seed)

    def run(number: int) -> tuple[Estimate, float]:
        world = reviewed_world(chance, trust=(1.0, 0.5, 2.0)[number % 3], done=0)
        found = prediction_powered(
            list(world.wrong[world.drawn]), list(world.probability[world.drawn]), list(world.probability)
        )
        assert found is not None
        return found, float(world.wrong.mean())

    return _covered(run(number) for number in range(runs))


def covered_any_time(runs: int, *, seed: int, size: int = 2000, looks: int = 400) -> Covered:
    """Look after every fifth of the first 400 answers: the range must hold the truth each time."""
    chance = np.random.default_rng(seed)

    def run(number: int) -> tuple[Estimate, float]:
        wrong = round(size * (0.01, 0.02, 0.05, 0.2)[number % 4])
        labels = np.zeros(size, bool)
        labels[chance.choice(size, wrong, replace=False)] = True
        low, high, found = 0.0, 1.0, 0
        for checked in range(5, looks + 1, 5):
            found = int(labels[:checked].sum())
            now = any_time_range(found, checked, size)
            low, high = max(low, now.low), min(high, now.high)
        return Estimate(wrong / size, low, high, "any_time", looks, found), wrong / size

    return _covered(run(number) for number in range(runs))


def stopped_too_early(runs: int, *, seed: int, audits: int = 2) -> float:
    """Return in which share of the runs two audits in a row let one stop though just over the maximum is wrong."""
    chance = np.random.default_rng(seed)
    early = 0
    for _ in range(runs):
        found = [plain(_drawn(chance, 6000, 800, MAXIMUM + 0.0005)[0]) for _ in range(audits)]
        early += any(verdict(one, MAXIMUM) is Verdict.MET for one in found)
    return early / runs


def main() -> int:
    """Print one line a question."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="Few runs, to see that it runs.")
    parser.add_argument("--runs", type=int, default=500)
    given = parser.parse_args()
    runs = 40 if given.short else given.runs
    questions: dict[str, Callable[..., Covered]] = {
        "plain": covered_plain,
        "by_class": covered_by_class,
        "after_reviews": covered_after_reviews,
        "prediction_powered": covered_prediction_powered,
        "any_time_at_the_worst_moment": covered_any_time,
    }
    for name, question in questions.items():
        started = time.process_time()
        found = question(runs, seed=0)
        cpu = time.process_time() - started
        emit(bench="audit_range", of=name, runs=runs, seed=0, covered=found.share, width=found.width, cpu_seconds=cpu)
    emit(bench="audit_stop", runs=runs, seed=0, audits=2, wrong=MAXIMUM + 0.0005, early=stopped_too_early(runs, seed=0))
    return 0


if __name__ == "__main__":
    sys.exit(main())

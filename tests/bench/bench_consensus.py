"""Accuracy and speed of consensus: `python -m tests.bench.bench_consensus`. One JSON line a measurement.

Every set with labels and truth, every method, the same votes. Ties count as drawn at random: an item tied between two
classes, one of them true, is half right. The methods never see the truth; no setting was chosen on these sets.
"""

import sys
from typing import Any

import numpy as np

from labeler.consensus.base import Consensus, Votes
from labeler.consensus.registry import METHODS, recommended
from tests.bench.label_sets import LabelSet, read_all
from tests.bench.report import emit, peak_memory, seconds, shared_data

SEED = 11
LEAST = 1e-15  # a probability of 0 would make the log loss infinite


def judged(found: Consensus, truth: Any) -> dict[str, float]:
    """Return accuracy (ties shared), log loss, expected accuracy, on items whose truth is known."""
    known = np.flatnonzero(truth >= 0)
    probabilities, right = found.probabilities[known], truth[known]
    best = probabilities >= probabilities.max(axis=1, keepdims=True) - 1e-9
    of_truth = (np.arange(len(known)), right)
    return {
        "accuracy": float((best[of_truth] / best.sum(axis=1)).mean()),
        "log_loss": float(-np.log(np.maximum(probabilities[of_truth], LEAST)).mean()),
        "expected_accuracy": float(found.confidence[known].mean()),
    }


def bench_set(label_set: LabelSet) -> dict[str, float]:
    """Measure every method on one set; return their accuracies."""
    votes = label_set.votes
    accuracies = {}
    for name, method in METHODS.items():
        found = method(votes)
        figures = judged(found, label_set.truth)
        accuracies[name] = figures["accuracy"]
        emit(
            name="consensus",
            set=label_set.name,
            method=name,
            recommended=recommended(votes) == name,
            n=len(votes.item),
            items=votes.n_items,
            annotators=votes.n_annotators,
            classes=votes.n_classes,
            seed=None,
            seconds=seconds(lambda method=method: method(votes), runs=1),  # type: ignore[misc]
            rounds=found.rounds,
            converged=found.converged,
            **figures,
        )
    return accuracies | {"recommended": accuracies[recommended(votes)]}


def bench_sets() -> None:
    """Measure every shared set that has several votes an item, and the mean over them."""
    data = shared_data()
    if data is None:
        emit(name="consensus", skipped="shared label sets absent: set LABELER_SHARED")
        return
    sets = [found for found in read_all(data) if found.votes.per_item().max() > 1]
    measured = [bench_set(found) for found in sets]
    means = {name: float(np.mean([one[name] for one in measured])) for name in measured[0]} if measured else {}
    emit(name="consensus_mean", sets=[found.name for found in sets], seed=None, mean_accuracy=means)


def simulated(n: int) -> tuple[Votes, Any]:
    """Return n votes of 200 annotators (right 50 to 95 %) on 10 classes, three an item, and the truth."""
    random = np.random.default_rng(SEED)
    items, classes, people = n // 3, 10, 200
    truth = random.integers(0, classes, items)
    item = np.repeat(np.arange(items, dtype=np.int32), 3)
    annotator = ((random.integers(0, people, (items, 1)) + np.array([0, 61, 122])) % people).ravel().astype(np.int32)
    right = random.random(len(item)) < random.uniform(0.5, 0.95, people)[annotator]
    label = np.where(right, truth[item], random.integers(0, classes, len(item))).astype(np.int32)
    return Votes(item, annotator, label, items, people, classes), truth


def bench_speed(n: int) -> None:
    """Time each method; majority goes first and is what the others are compared with.

    `rise_of_peak_bytes` is beyond the highest point of everything before it in this process, not a method's own need.
    """
    votes, truth = simulated(n)
    counted = seconds(lambda: METHODS["majority"](votes), runs=1)
    for name, method in METHODS.items():
        before = peak_memory()
        took = seconds(lambda method=method: method(votes), runs=1)  # type: ignore[misc]
        extra = peak_memory() - before
        found = method(votes)
        emit(
            name="consensus_speed",
            method=name,
            n=n,
            seed=SEED,
            seconds=took,
            rounds=found.rounds,
            seconds_a_round=took / max(found.rounds, 1),
            rise_of_peak_bytes=extra,
            compared="majority",
            compared_seconds=counted,
            **judged(found, truth),
        )


def main() -> int:
    """Measure the recorded sets, then 100,000 and a million simulated votes."""
    bench_sets()
    for n in (99_999, 999_999):
        bench_speed(n)
    return 0


if __name__ == "__main__":
    sys.exit(main())

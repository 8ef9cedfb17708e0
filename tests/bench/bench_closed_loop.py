"""What review brings, round after round: `python -m tests.bench closed_loop [--sets noisyag_a,…] [--rounds 6]`.

The labels are as they were recorded. In each round the pass runs on the labels as they stand by then, the worst labels
that nobody has reviewed are put right by the truth (a lead who is never wrong), and the next round learns from that.
One line a round and order, with how many labels are wrong after so many reviews: our order; cleanlab's, by its score of
the same held-out probabilities, with rounds of its own; and at random, where what is left is known without drawing. The
last line of a set says after how many reviews half of the mistakes are gone. The truth is read to correct and to count.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from labeler.quality.dataset import Examination
from labeler.quality.examine import Contents, look_at
from tests.bench.bench_label_errors import Floats, Recorded, dataset_of, examined, load
from tests.bench.report import emit, shared_data

SETS = ("noisyag_a", "sentiment_polarity")
ROUND = 0.05  # of the items are reviewed in a round
Score = Callable[[Examination], Floats]
ORDERS: dict[str, Score] = {
    "ours": lambda found: found.label_scores,
    "cleanlab": lambda found: found.cleanlab_scores,
}


def rounds(recorded: Recorded, contents: Contents, score: Score, many: int) -> Iterator[tuple[int, int]]:
    """Yield (labels reviewed so far, labels that are wrong then) after each round."""
    labels, reviewed = recorded.labels.copy(), np.zeros(len(recorded.labels), dtype=bool)
    for _ in range(many):
        found, _flags = examined(replace(recorded, labels=labels.copy()), contents)
        scores = np.where(reviewed, -1.0, np.nan_to_num(score(found), nan=0.0))
        worst = np.argsort(-scores, kind="stable")[: round(ROUND * len(labels))]
        labels[worst], reviewed[worst] = recorded.truth[worst], True
        yield int(reviewed.sum()), int((labels != recorded.truth).sum())


def half_gone(steps: Sequence[tuple[int, int]], wrong: int) -> float | None:
    """Return after how many reviews half of the mistakes are gone, between rounds by a straight line; None: never."""
    before = (0, wrong)
    for step in steps:
        if step[1] <= wrong / 2:
            return before[0] + (before[1] - wrong / 2) / (before[1] - step[1]) * (step[0] - before[0])
        before = step
    return None


def bench_set(folder: Path, given: argparse.Namespace) -> None:
    """Print the rounds of one set."""
    with tempfile.TemporaryDirectory() as images:
        recorded = load(folder, 0, Path(images), given.items)
        contents = look_at(dataset_of(recorded), progress=lambda _share, _sentence: None)
        size, wrong = len(recorded.labels), int((recorded.labels != recorded.truth).sum())
        about = {"bench": "closed_loop", "set": folder.name, "seed": 0, "n": size, "wrong": wrong}
        ends: dict[str, float | None] = {"at_random": size / 2}
        for name, score in ORDERS.items():
            begin, steps = time.process_time(), []
            for reviewed, left in rounds(recorded, contents, score, given.rounds):
                steps.append((reviewed, left))
                emit(**about, order=name, reviewed=reviewed, left=left, at_random=wrong * (1 - reviewed / size))
            ends[name] = half_gone(steps, wrong)
            emit(**about, order=name, cpu_seconds=time.process_time() - begin)
        emit(**about, half_of_the_mistakes_gone_after=ends)


def main(arguments: Sequence[str] | None = None) -> None:
    """Bench the sets named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", default=",".join(SETS), help="names, with commas between")
    parser.add_argument("--items", type=int, help="take the first so many items only")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--short", action="store_true", help="One set, few items, to see that it runs.")
    given = parser.parse_args(arguments)
    if given.short:
        given.sets, given.items, given.rounds = "sentiment_polarity", 600, 2
    folder = shared_data()
    if folder is None:
        emit(bench="closed_loop", skipped="shared label sets absent: set LABELER_SHARED")
        return
    for name in given.sets.split(","):
        bench_set(folder / name, given)


if __name__ == "__main__":
    main()

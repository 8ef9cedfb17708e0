"""Do labels without any pattern accuse anybody? `python -m tests.bench.bench_shuffled [--runs 100] [--short]`.

Texts of three topics, of five, and texts without any topic, with their labels shuffled, at several sizes; one JSON line
a size: how many runs opened the gate, and how many label errors were flagged in all of them. Both should be 0. Beside
them, for the power of the gate, the same texts with their true labels: how many runs opened it.
"""

import argparse
import random
import sys
import time

import numpy as np

from tests.bench.report import emit
from tests.quality.worlds import COMMON, TOPICS, Integers, dataset, look_at, text_about

SIZES = (15, 30, 60, 150, 300)
OWN = 3  # words of its topic in a text of nine; fewer than in the tests, so that the gate has something to do


def world(size: int, topics: int, seed: int) -> tuple[list[str], Integers]:
    """Return texts of so many topics (1: of none) and their classes, two at least."""
    rng = random.Random(seed)
    truth = np.array([rng.randrange(max(2, topics)) for _ in range(size)], dtype=np.int64)
    words = [*TOPICS.values(), [*COMMON[:7], "river"], [*COMMON[5:], "music"]]
    about = [words[label] if topics > 1 else COMMON for label in truth]
    return [f"{text_about(one, rng, own=OWN)} {rng.randrange(1000)}" for one in about], truth


def bench(size: int, runs: int) -> None:
    """Examine `runs` worlds of one size with shuffled and with true labels, and print a line."""
    opened, true_opened, flags, cpu = 0, 0, 0, time.process_time()
    for seed in range(runs):
        topics = (1, 3, 5)[seed % 3]
        contents, truth = world(size, topics, seed)
        names = tuple(f"class {number}" for number in range(max(2, topics)))
        shuffled = look_at(dataset(contents, np.random.default_rng(seed).permutation(truth), names))
        opened += bool((shuffled.summary["gate"] or {}).get("open"))
        flags += shuffled.summary["findings"]["label_error"]
        if topics > 1:
            known = look_at(dataset(contents, truth, names))
            true_opened += bool((known.summary["gate"] or {}).get("open"))
    emit(
        bench="shuffled_labels",
        n=size,
        seed=0,
        runs=runs,
        opened=opened,
        flags=flags,
        true_labels_runs=sum((1, 3, 5)[seed % 3] > 1 for seed in range(runs)),
        true_labels_opened=true_opened,
        cpu_seconds=time.process_time() - cpu,
    )


def main() -> int:
    """Bench every size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="Few runs of two sizes, to see that it runs.")
    parser.add_argument("--runs", type=int, default=100)
    given = parser.parse_args()
    for size in (30, 150) if given.short else SIZES:
        bench(size, 3 if given.short else given.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())

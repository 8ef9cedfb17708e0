"""Are mistakes planted in labels that are no single class found? `python -m tests.bench.bench_parts [--short]`.

One JSON line a task type, witness and seed: of each problem how many were planted, flagged, and flagged with that
problem at its place; precision of the flags; AUPRC of the items beside cleanlab's score on the same predictions; how
many of as many true labels were flagged; how many with each other's labels; CPU seconds and peak memory. Synthetic
worlds, whose truth is known (`tests/quality/judges/worlds.py`).
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from labeler.quality.dataset import Examination
from tests.bench.report import emit, peak_memory
from tests.quality.judges.worlds import (
    World,
    flags,
    label_sets,
    marked_texts,
    pictures_with_marks,
    problems,
    shuffled,
    written_texts,
)
from tests.quality.worlds import look_at

Make = Callable[[Path, int, int, int], World]
WORLDS: dict[str, tuple[Make, int]] = {
    "several labels": (lambda _folder, count, wrong, seed: label_sets(count, wrong, seed), 1000),
    "spans": (lambda _folder, count, wrong, seed: marked_texts(count, wrong, seed), 1000),
    "boxes by answers": (
        lambda folder, count, wrong, seed: pictures_with_marks(folder, count, wrong, seed, beside="answers"),
        200,
    ),
    "polygons by answers": (
        lambda folder, count, wrong, seed: pictures_with_marks(
            folder, count, wrong, seed, task="polygons", beside="answers"
        ),
        200,
    ),
    "boxes by predictions": (
        lambda folder, count, wrong, seed: pictures_with_marks(folder, count, wrong, seed, beside="predictions"),
        200,
    ),
    "boxes by crops": (pictures_with_marks, 200),
    "free text": (lambda _folder, count, wrong, seed: written_texts(count, wrong, seed), 1000),
}
WRONG = 0.04


def bench(name: str, count: int, seed: int) -> None:
    """Examine one world with planted mistakes, the same without any, and with the labels of other items."""
    make, _ = WORLDS[name]
    with tempfile.TemporaryDirectory() as folder:
        begin = time.process_time()
        world = make(Path(folder), count, round(WRONG * count), seed)
        made = time.process_time()
        found = look_at(world.dataset)
        seconds = time.process_time() - made
        others = look_at(shuffled(world)) if name != "free text" else None
        clean = look_at(make(Path(folder), count, 0, seed + 1).dataset)
    flagged = flags(found)
    emit(
        bench="parts",
        name=name,
        n=count,
        seed=seed,
        planted=dict(Counter(world.planted.values())),
        flagged=dict(Counter(problem for item, problem in world.planted.items() if item in flagged)),
        at_its_place=dict(
            Counter(p for item, p in world.planted.items() if item in flagged and p in problems(flagged[item]))
        ),
        precision=len(flagged.keys() & world.planted.keys()) / len(flagged) if flagged else None,
        right_as_a_whole=sum(one.value == world.truth[item] for item, one in flagged.items()),
        **_ranking(world, found),
        clean_flags=len(flags(clean)),
        shuffled_flags=None if others is None else len(flags(others)),
        cpu_seconds=seconds,
        making_seconds=made - begin,
        peak_memory=peak_memory(),
    )


def _ranking(world: World, found: Examination) -> dict[str, float | None]:
    from sklearn.metrics import average_precision_score

    wrong = np.isin(np.arange(len(world.truth)), list(world.planted))
    ours, theirs = np.nan_to_num(found.label_scores), found.cleanlab_scores
    judged = ~np.isnan(theirs)
    return {
        "auprc": float(average_precision_score(wrong, ours)),
        "auprc_where_cleanlab_scores": float(average_precision_score(wrong[judged], ours[judged]))
        if wrong[judged].any()
        else None,
        "cleanlab_auprc": float(average_precision_score(wrong[judged], theirs[judged]))
        if wrong[judged].any()
        else None,
    }


def main() -> int:
    """Bench every task type."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="Small worlds of one seed, to see that it runs.")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    for name, (_, count) in WORLDS.items():
        for seed in range(1, 2 if given.short else given.seeds + 1):
            bench(name, count // 5 if given.short else count, seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())

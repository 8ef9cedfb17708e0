"""How far the shown probability can be believed: `python -m tests.bench.bench_calibration [--items 1200] [--sets …]`.

For each set and case (labels as recorded; truth with 1, 2, 5 and 10 % changed at random, with 3 and 10 % changed class
by class, and with both) the pass scores the labels once. Then a lead is simulated, who decides by the truth: half of
the reviews from the top of the queue, half drawn at random from its top tenth, as the review page serves them. After 0,
10, 20 and 50 reviews: the calibration error of the shown probability in that top tenth (five groups of equal size, mean
distance between stated and real share; `gap`: of the tenth as a whole), and how often the real share of the tenth lies
in the mean 90 % interval. `chance`: the error that numbers which are right have in groups of that size. The same with
what an audit of so many labels, drawn at random from all, taught as well (`audited`), alone and after 20 reviews.

Then a time box: a lead decides the first 40 flagged items in the order of scores, of whom a pace is learnt, and of the
rest corrections a minute in 2, 5 and 10 minutes are counted: by the order of the product, of scores and a random one.
That lead is made up: so many seconds a kind (`SECONDS`), and half of each text read at 240 words a minute. The truth is
read to count, to decide as a lead and to make cases; no number of the product was chosen here.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from labeler.quality.calibration.probability import Calibration
from labeler.quality.calibration.queries import learnt
from labeler.quality.dataset import Examination
from labeler.review.timebox import READING, Candidate, Timed, by_corrections_a_minute, pace_of
from tests.bench.bench_label_errors import SETS, Floats, Integers, Recorded, Truths, examined, load
from tests.bench.report import emit, shared_data
from tests.quality.worlds import with_mistakes

STEPS = ((0, 0), (10, 0), (20, 0), (50, 0), (0, 100), (0, 300), (20, 100), (20, 300))  # reviews, audited labels
DRAWS = 20  # leads simulated a case
GROUPS = 5
SECONDS = {"label_error": 9.0, "contradiction": 14.0, "ambiguous": 22.0, "near_duplicate": 12.0, "outlier": 11.0}
MINUTES = (2, 5, 10)
PACED = 40  # decisions that a pace is learnt from
VARIES = 0.4  # of the seconds of one decision, as a standard deviation of their logarithm


def class_wise(truth: Integers, share: float, classes: int, seed: int) -> Integers:
    """Return the labels where a share is moved, each class to one other only."""
    rng = np.random.default_rng(seed)
    other = np.roll(rng.permutation(classes), 1)
    partner = np.where(other == np.arange(classes), (other + 1) % classes, other)
    wrong = rng.permutation(len(truth))[: round(share * len(truth))]
    labels = truth.copy()
    labels[wrong] = partner[labels[wrong]]
    return labels


def cases(recorded: Recorded, seed: int) -> Iterator[tuple[str, Integers]]:
    """Yield what labels are looked at, by name."""
    truth, many = recorded.truth, len(recorded.classes)
    yield "as labeled", recorded.labels
    for share in (0.01, 0.02, 0.05, 0.1):
        yield f"{share:.0%} random", with_mistakes(truth, share, many, seed)
    for share in (0.03, 0.1):
        yield f"{share:.0%} class-wise", class_wise(truth, share, many, seed)
    mixed = with_mistakes(class_wise(truth, 0.05, many, seed), 0.05, many, seed + 1)
    yield "mixed", mixed


def reviewed(scores: Floats, tenth: Integers, many: int, seed: int) -> list[int]:
    """Return which labels a lead looked at: from the top and, every second time, drawn from the top tenth."""
    rng, top = random.Random(seed), list(np.argsort(-scores, kind="stable"))
    left, found = [int(one) for one in tenth], list[int]()
    for step in range(many):
        if step % 2 and step < 40 and left:
            one = rng.choice(left)
        else:
            one = next(int(one) for one in top if int(one) not in set(found))
        found.append(one)
        left = [other for other in left if other != one]
    return found


def look(scores: Floats, wrong: Truths, many: int, audited: int, seed: int) -> tuple[float, float, bool, float]:
    """Return error, gap, whether the interval is right, and the error by chance, after so many reviews."""
    tenth = np.argsort(-scores, kind="stable")[: max(GROUPS, len(scores) // 10)]
    seen, drawn = reviewed(scores, tenth, many, seed), random.Random(seed).sample(range(len(scores)), audited)
    decided, judged = ([(float(scores[one]), bool(wrong[one])) for one in part] for part in (seen, drawn))
    known: Calibration = learnt(decided, [], judged)
    said = [known.of(float(scores[one])) for one in tenth]
    stated, real = np.array([one.number for one in said]), wrong[tenth].astype(float)
    groups = np.array_split(np.arange(len(tenth)), GROUPS)
    error = float(np.mean([abs(stated[part].mean() - real[part].mean()) for part in groups]))
    chance = float(np.mean([np.sqrt((stated[p] * (1 - stated[p])).sum()) / len(p) * 0.8 for p in groups]))
    low, high = (float(np.mean([getattr(one, end) or 0.0 for one in said])) for end in ("low", "high"))
    return error, abs(float(stated.mean() - real.mean())), low <= real.mean() <= high, chance


def calibrate(about: dict[str, Any], scores: Floats, wrong: Truths) -> None:
    """Print how good the probability is after each number of reviews, in the mean of the simulated leads."""
    for many, audited in STEPS:
        found = [look(scores, wrong, many, audited, seed) for seed in range(DRAWS if many or audited else 1)]
        error, gap, held, chance = (float(np.mean(column)) for column in zip(*found, strict=True))
        emit(
            bench="calibration", **about, n=len(scores), reviews=many, audited=audited, error=error, gap=gap,
            chance=chance, held=held if many or audited else None,
        )  # fmt: skip


def loop(about: dict[str, Any], found: Examination, recorded: Recorded, wrong: Truths, seed: int) -> None:
    """Print corrections a minute of three orders over what is left of all that is flagged once a pace is known."""
    kinds: dict[int, str] = {}
    for one in sorted(found.findings, key=lambda one: list(SECONDS).index(one.kind) if one.kind in SECONDS else 99):
        if one.kind in SECONDS and not np.isnan(found.label_scores[one.item]):
            kinds.setdefault(one.item, one.kind)
    if len(kinds) < PACED + 20:
        return
    scores, read = found.label_scores, recorded.media == "text"
    seen = reviewed(scores, np.argsort(-scores)[: len(scores) // 10], 20, seed)
    known = learnt([(float(scores[one]), bool(wrong[one])) for one in seen], [])
    flagged = [
        Candidate(n, item, kind, known.of(float(scores[item])), len(recorded.contents[item]) if read else 0)
        for n, (item, kind) in enumerate(kinds.items())
    ]
    order = list(SECONDS)
    flagged.sort(key=lambda one: (order.index(one.kind), -one.corrections))
    first, by_score, rng = flagged[:PACED], flagged[PACED:], random.Random(seed)
    pace = pace_of([Timed(one.kind, needed(one) * rng.lognormvariate(0, VARIES), one.length) for one in first])
    orders = {
        "time-boxed": by_corrections_a_minute(by_score, pace),
        "score": by_score,
        "random": rng.sample(by_score, len(by_score)),
    }
    for minutes in MINUTES:
        a_minute = {name: corrected(one, wrong, minutes) / minutes for name, one in orders.items()}
        emit(bench="timebox", **about, waiting=len(by_score), minutes=minutes, a_character=pace.a_character, **a_minute)


def needed(one: Candidate) -> float:
    """Return the seconds that the simulated lead needs for an item: of its kind, and to read half of its text."""
    return SECONDS[one.kind] + READING / 2 * one.length


def corrected(ordered: Sequence[Candidate], wrong: Truths, minutes: int) -> int:
    """Return how many labels are corrected in so many minutes."""
    left, count = 60.0 * minutes, 0
    for one in ordered:
        left -= needed(one)
        if left < 0:
            break
        count += int(wrong[one.item])
    return count


def main(arguments: Sequence[str] | None = None) -> None:
    """Bench the sets named, or all four."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", default=",".join(SETS), help="names, with commas between")
    parser.add_argument("--items", type=int, default=2000, help="take the first so many items only")
    parser.add_argument("--only", default="", help="the case of this name only")
    parser.add_argument("--short", action="store_true", help="One set, few items, to see that it runs.")
    given = parser.parse_args(arguments)
    if given.short:
        given.sets, given.items, given.only = "hausa_news", 500, "10% random"
    folder, begin = shared_data(), time.process_time()
    if folder is None:
        emit(bench="calibration", skipped="shared label sets absent: set LABELER_SHARED")
        return
    for name in given.sets.split(","):
        with tempfile.TemporaryDirectory() as images:
            recorded = load(folder / name, 0, Path(images), given.items)
            for case, labels in cases(recorded, 0):
                if given.only in {"", case}:
                    bench(name, case, recorded, labels)
    emit(bench="calibration", cpu_seconds=time.process_time() - begin)


def bench(name: str, case: str, recorded: Recorded, labels: Integers) -> None:
    """Examine one case, then simulate leads."""
    one = Recorded(recorded.media, recorded.contents, recorded.classes, labels, recorded.truth)
    found, _flags = examined(one)
    judged = ~np.isnan(found.label_scores)
    about = {"set": name, "case": case, "seed": 0}
    if not judged.any():
        emit(bench="calibration", **about, skipped="no model is worth hearing")
        return
    wrong = labels != recorded.truth
    calibrate(about | {"base_rate": float(wrong.mean())}, found.label_scores[judged], wrong[judged])
    loop(about, found, recorded, wrong, 0)


if __name__ == "__main__":
    main()

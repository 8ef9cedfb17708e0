"""How well wrong labels are ranked: `python -m tests.bench.bench_label_errors [--sets noisyag_a,…] [--items 2000]`.

One JSON line a set, seed and case: area under precision and recall (`auprc`) and precision in the worst 5 % (`top5`),
ours and, in the same run, cleanlab's score of the same held-out probabilities (the same pool). Cases: the labels as
they were recorded, and the truth with 1 % and 5 % of it changed at random. With --default also cleanlab on what its
manual begins with: one cross-validated logistic regression over TF-IDF (words and characters) or, for images, HOG. The
truth is read only to count and to make the second kind of case.

What was looked at. Powers of the pool, biases, the noise and how far its pattern is trusted are chosen on each set by
the labels alone. The forms (which opinions, the even and the patterned noise, the share of the pattern) were developed
by others on these four sets among others, seeing their truth, and looked at once on sets that are kept elsewhere; here
nothing was chosen by the truth of a set.
"""

import argparse
import csv
import gzip
import io
import random
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from labeler.quality.dataset import Dataset, Examination
from labeler.quality.examine import examine
from labeler.quality.features import image
from tests.bench.report import emit, shared_data
from tests.quality.worlds import with_mistakes

SEEDS = {"sentiment_polarity": (0, 1)}
SETS = ("noisyag_a", "sentiment_polarity", "hausa_news", "cifar10n_a")
SHARES = (0.0, 0.01, 0.05)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Recorded:
    """A recorded set with one label an item: contents, class names, labels and truth as class positions."""

    media: Literal["text", "image"]
    contents: list[Any]
    classes: tuple[str, ...]
    labels: Integers
    truth: Integers


def read_rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """Read `name`.csv or `name`.csv.gz by column name."""
    packed = folder / f"{name}.csv.gz"
    raw = gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / f"{name}.csv").read_bytes()
    return csv.DictReader(io.StringIO(raw.decode()))


def one_label_each(folder: Path, seed: int) -> dict[str, str]:
    """Choose one label an item: the column r1 where the annotators are columns, else one at random."""
    labels: dict[str, list[str]] = {}
    for row in read_rows(folder, "labels"):
        if row.get("annotator") not in {"r2", "r3"}:
            labels.setdefault(row["item"], []).append(row["label"])
    choose = random.Random(seed)
    return {item: choose.choice(given) for item, given in labels.items()}


def load(folder: Path, seed: int, images: Path, limit: int | None) -> Recorded:
    """Read one set; pictures are unpacked into `images`."""
    labels = one_label_each(folder, seed)
    truth = {row["item"]: row["truth"] for row in read_rows(folder, "truth")}
    items = [row for row in read_rows(folder, "items") if row["item"] in labels and row["item"] in truth][:limit]
    classes = tuple(sorted({*labels.values(), *truth.values()}))
    place = {name: n for n, name in enumerate(classes)}
    media: Literal["text", "image"] = "image" if "image" in items[0] else "text"
    if media == "image":
        with zipfile.ZipFile(folder / "images.zip") as packed:
            packed.extractall(images)
    return Recorded(
        media,
        [images / row["image"] if media == "image" else row["text"] for row in items],
        classes,
        np.array([place[labels[row["item"]]] for row in items]),
        np.array([place[truth[row["item"]]] for row in items]),
    )


def examined(recorded: Recorded) -> tuple[Examination, dict[str, Any]]:
    """Return the examination of a set, and what is said of its flags."""
    nothing = np.array([], dtype=np.int64)
    world = Dataset(
        recorded.media,
        recorded.contents,
        recorded.classes,
        recorded.labels,
        recorded.labels,
        nothing,
        nothing,
        nothing,
    )
    found = examine(world, progress=lambda _share, _sentence: None)
    flagged = [finding.item for finding in found.findings if finding.kind == "label_error"]
    wrong = recorded.labels != recorded.truth
    flags = {
        "flagged": len(flagged),
        "flagged_precision": float(wrong[flagged].mean()) if flagged else None,
        "flagged_recall": float(wrong[flagged].sum() / wrong.sum()),
        "blocks": found.summary["blocks"],
        "gate_t": found.summary["gate"]["standard_errors"],
        "wrong": int(wrong.sum()),
    }
    if model := found.summary["model"]:
        flags |= {name: model[name] for name in ("accuracy", "calibration_error", "expected_wrong", "powers")}
        flags["patterned"] = model["noise"]["patterned"]
    return found, flags


def with_random_mistakes(recorded: Recorded, share: float, seed: int) -> Recorded:
    """Return the set with its truth as labels, but for a share that is changed to any other class."""
    labels = with_mistakes(recorded.truth, share, len(recorded.classes), seed)
    return replace(recorded, labels=labels)


def default_scores(recorded: Recorded) -> Floats:
    """Return cleanlab's default on one cross-validated logistic regression, turned round: 1 = surely wrong."""
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    features, strength = plain_features(recorded)
    model = LogisticRegression(C=strength, max_iter=1000, tol=1e-3)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    chance = cross_val_predict(model, features, recorded.labels, cv=folds, method="predict_proba")
    present, numbers = np.unique(recorded.labels, return_inverse=True)
    if len(present) != chance.shape[1]:
        raise SystemExit("a class is missing from a fold of the comparison; take more items")
    scores: Floats = 1 - get_label_quality_scores(numbers, chance)
    return scores


def plain_features(recorded: Recorded) -> tuple[Any, float]:
    """Return TF-IDF or HOG features and the penalty."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import StandardScaler

    if recorded.media == "text":
        words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2)
        runs = TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 5), min_df=2, max_features=50_000)
        return hstack([words.fit_transform(recorded.contents), runs.fit_transform(recorded.contents)]).tocsr(), 10.0
    thumbnails = np.stack([picture for picture, _ in map(image.open_picture, recorded.contents) if picture is not None])
    return StandardScaler().fit_transform(image.describe_shapes(thumbnails)), 0.001


def quality(scores: Floats, wrong: Truths) -> tuple[float, float]:
    """Return the area under precision and recall, and the precision among the worst twentieth."""
    from sklearn.metrics import average_precision_score

    worst = np.argsort(-scores, kind="stable")[: max(1, len(scores) // 20)]
    return float(average_precision_score(wrong, scores)), float(wrong[worst].mean())


def bench(recorded: Recorded, about: dict[str, Any], *, default: bool) -> None:
    """Score one case of a set and print a line."""
    wrong = recorded.labels != recorded.truth
    begin, cpu = time.perf_counter(), time.process_time()
    found, flags = examined(recorded)
    took, used = time.perf_counter() - begin, time.process_time() - cpu
    line: dict[str, Any] = {}
    if found.summary["model"]:  # scored; NaN where the class has too few labels to be judged
        known = ~np.isnan(found.label_scores)
        ours, top = quality(found.label_scores[known], wrong[known])
        pool, pool_top = quality(found.cleanlab_scores[known], wrong[known])
        line = {"auprc": ours, "top5": top, "compared_auprc": pool, "compared_top5": pool_top, "gain": ours - pool}
    if default:
        line["default_auprc"], line["default_top5"] = quality(default_scores(recorded), wrong)
    emit(
        bench="label_errors",
        **about,
        n=len(wrong),
        base_rate=float(wrong.mean()),
        compared="cleanlab's score of the same held-out probabilities",
        **line,
        cpu_seconds=used,
        seconds=took,
        **flags,
    )


def bench_set(folder: Path, seed: int, given: argparse.Namespace) -> None:
    """Bench the cases of one set."""
    with tempfile.TemporaryDirectory() as images:
        recorded = load(folder, seed, Path(images), given.items)
        for share in given.shares:
            case = f"{share:.0%} random" if share else "as labeled"
            one = with_random_mistakes(recorded, share, seed) if share else recorded
            bench(one, {"set": folder.name, "case": case, "seed": seed}, default=given.default and not share)


def main(arguments: Sequence[str] | None = None) -> None:
    """Bench the sets named, or all four."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", default=",".join(SETS), help="names, with commas between")
    parser.add_argument("--items", type=int, help="take the first so many items only")
    parser.add_argument("--shares", type=float, nargs="*", default=SHARES, help="of random mistakes; 0: as labeled")
    parser.add_argument("--default", action="store_true", help="also cleanlab on one logistic regression")
    parser.add_argument("--short", action="store_true", help="One set, few items, to see that it runs.")
    given = parser.parse_args(arguments)
    if given.short:
        given.sets, given.items, given.shares = "hausa_news", 400, (0.0, 0.05)
    folder = shared_data()
    if folder is None:
        emit(bench="label_errors", skipped="shared label sets absent: set LABELER_SHARED")
        return
    for name in given.sets.split(","):
        for seed in SEEDS.get(name, (0,)):
            bench_set(folder / name, seed, given)


if __name__ == "__main__":
    main()

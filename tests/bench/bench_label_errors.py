"""How well wrong labels are ranked: `python -m tests.bench.bench_label_errors [--sets noisyag_a,…] [--items 2000]`.

One JSON line a set, seed and case: area under precision and recall (`auprc`) and precision in the worst 1, 2 and 5 %,
ours and, in the same run, cleanlab's score of the same held-out probabilities (the same pool). Cases: the labels as
they were recorded; the truth with 1, 2, 5 and 10 % of it changed at random, with 3 and 10 % changed in one direction a
class, with 3 % of each; all of it true; and shuffled, which says nothing. The last line has the mean over all cases
with mistakes and the worst one against cleanlab. With --default also cleanlab on what its manual begins with: one
cross-validated logistic regression over TF-IDF (words and characters) or, for images, HOG. The truth is read only to
count and to make all cases but the first. --without-meaning: as if no sentence encoder were installed.

What was looked at. Powers of the pool, biases, the noise and how far its pattern is trusted are chosen on each set by
the labels alone. The forms (which opinions, the even and the patterned noise, the share of the pattern) were developed
by others on these four sets among others, seeing their truth, and looked at once on sets that are kept elsewhere; here
nothing was chosen by the truth of a set, but for one: that accidents are scored by the posterior under even noise, and
that texts have a regression on what they mean beside a vote, was decided by these cases of the three sets of texts, and
how steeply the pattern is heard (`noise.STEEP`, of 1 to 4) by the worst case of all four.
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
from labeler.quality.examine import Contents, examine, look_at
from labeler.quality.features import image, meaning
from tests.bench.report import emit, shared_data
from tests.quality.worlds import with_mistakes, with_mistakes_by_class

SETS = ("noisyag_a", "sentiment_polarity", "hausa_news", "cifar10n_a")

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


def _quietly(_share: float, _sentence: str) -> None:
    """Report nothing."""


def dataset_of(recorded: Recorded) -> Dataset:
    """Return a set as an examination takes it."""
    nothing = np.array([], dtype=np.int64)
    labels = recorded.labels
    return Dataset(recorded.media, recorded.contents, recorded.classes, labels, labels, nothing, nothing, nothing)


def examined(recorded: Recorded, contents: Contents | None = None) -> tuple[Examination, dict[str, Any]]:
    """Return the examination of a set, and what is said of its flags. contents: where they were looked at before."""
    world = dataset_of(recorded)
    found = examine(world, progress=_quietly, contents=contents)
    flagged = [finding.item for finding in found.findings if finding.kind == "label_error"]
    wrong = recorded.labels != recorded.truth
    flags = {
        "flagged": len(flagged),
        "flagged_precision": float(wrong[flagged].mean()) if flagged else None,
        "flagged_recall": float(wrong[flagged].sum() / wrong.sum()) if wrong.any() else None,
        "blocks": found.summary["blocks"],
        "gate_t": found.summary["gate"]["standard_errors"],
        "wrong": int(wrong.sum()),
    }
    if model := found.summary["model"]:
        flags |= {name: model[name] for name in ("accuracy", "calibration_error", "expected_wrong", "powers")}
        flags["patterned"] = model["noise"]["patterned"]
    return found, flags


def cases(recorded: Recorded, seed: int) -> dict[str, Integers]:
    """Return the labels of each case by its name."""
    truth, classes = recorded.truth, len(recorded.classes)
    by_class = with_mistakes_by_class(truth, 0.03, classes, seed)
    mixed = np.where(by_class == truth, with_mistakes(truth, 0.03, classes, seed + 1), by_class)
    return {
        "as labeled": recorded.labels,
        **{f"{share}% random": with_mistakes(truth, share / 100, classes, seed) for share in (1, 2, 5, 10)},
        "3% by class": by_class,
        "10% by class": with_mistakes_by_class(truth, 0.10, classes, seed),
        "3% each": mixed,
        "all true": truth,
        "shuffled": np.random.default_rng(seed).permutation(truth),
    }


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
    opened = [picture.pixels for picture in map(image.open_picture, recorded.contents) if picture is not None]
    return StandardScaler().fit_transform(image.describe_shapes(np.stack(opened))), 0.001


def quality(scores: Floats, wrong: Truths) -> dict[str, float]:
    """Return the area under precision and recall, and the precision among the worst 1, 2 and 5 %."""
    from sklearn.metrics import average_precision_score

    order = np.argsort(-scores, kind="stable")
    tops = {f"top{part}": float(wrong[order[: max(1, len(scores) * part // 100)]].mean()) for part in (1, 2, 5)}
    return {"auprc": float(average_precision_score(wrong, scores)), **tops}


def bench(recorded: Recorded, contents: Contents, about: dict[str, Any], *, default: bool) -> dict[str, Any]:
    """Score one case of a set and print a line; returns what it measured."""
    wrong = recorded.labels != recorded.truth
    begin, cpu = time.perf_counter(), time.process_time()
    found, flags = examined(recorded, contents)
    took, used = time.perf_counter() - begin, time.process_time() - cpu
    line: dict[str, Any] = {}
    if found.summary["model"] and wrong.any():  # scored; NaN where the class has too few labels to be judged
        known = ~np.isnan(found.label_scores)
        ours, theirs = (quality(one[known], wrong[known]) for one in (found.label_scores, found.cleanlab_scores))
        line = {**ours, **{f"compared_{name}": value for name, value in theirs.items()}}
        line["gain"] = ours["auprc"] - theirs["auprc"]
        line["calibration"] = abs(float(np.nanmean(found.label_scores)) - float(wrong[known].mean()))
    if default and wrong.any():
        line |= {f"default_{name}": value for name, value in quality(default_scores(recorded), wrong).items()}
    emit(
        bench="label_errors",
        **about,
        n=len(wrong),
        base_rate=float(wrong.mean()),
        compared="cleanlab's score of the same held-out probabilities",
        **line,
        cpu_seconds_without_contents=used,
        seconds_without_contents=took,
        **flags,
    )
    return line


def bench_set(folder: Path, seed: int, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Bench the cases of one set."""
    with tempfile.TemporaryDirectory() as images:
        recorded = load(folder, seed, Path(images), given.items)
        cpu = time.process_time()
        contents = look_at(dataset_of(recorded), progress=_quietly)
        about = {"set": folder.name, "seed": seed, "contents_cpu_seconds": time.process_time() - cpu}
        return [
            bench(replace(recorded, labels=labels), contents, {**about, "case": case}, default=given.default)
            for case, labels in cases(recorded, seed).items()
            if not given.cases or case in given.cases
        ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Bench the sets named, or all four."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", default=",".join(SETS), help="names, with commas between")
    parser.add_argument("--items", type=int, help="take the first so many items only")
    parser.add_argument("--cases", nargs="*", help="some cases by name, such as 'as labeled'; all by default")
    parser.add_argument("--seeds", type=int, nargs="*", default=(0,))
    parser.add_argument("--default", action="store_true", help="also cleanlab on one logistic regression")
    parser.add_argument("--without-meaning", action="store_true", help="as if no sentence encoder were installed")
    parser.add_argument("--short", action="store_true", help="One set, few items, to see that it runs.")
    given = parser.parse_args(arguments)
    if given.short:
        given.sets, given.items, given.cases = "hausa_news", 400, ("as labeled", "5% random")
    if given.without_meaning:
        meaning.MOST = 0
    folder = shared_data()
    if folder is None:
        emit(bench="label_errors", skipped="shared label sets absent: set LABELER_SHARED")
        return
    lines = [
        line
        for name in given.sets.split(",")
        for seed in given.seeds
        for line in bench_set(folder / name, seed, given)
        if "gain" in line
    ]
    if lines:
        mean, compared = (float(np.mean([line[name] for line in lines])) for name in ("auprc", "compared_auprc"))
        worst = min(line["gain"] for line in lines)
        emit(bench="label_errors", cases=len(lines), mean_auprc=mean, compared_mean=compared, worst_gain=worst)


if __name__ == "__main__":
    main()

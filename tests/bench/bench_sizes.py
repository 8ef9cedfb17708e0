"""Large projects end to end: `python -m tests.bench sizes` [--part 20 for a twentieth of each] [--case pictures].

100,000 short texts of ten classes, 20,000 pictures of three, 5,000 texts of 300 classes, made up as in `bench_pass`;
one label in twenty moved by chance. Two JSON lines a case, each from a process of its own, so that `peak_bytes` is that
of the whole process: the pass (`cpu_seconds`, reading the contents included, and `again_cpu_seconds` of a second pass
that finds the numbers of the first, with one label in a hundred changed), and what nobody can do without, the bare fits
by scikit-learn: TF-IDF of words and of character runs (of pictures HOG and mean colours), a logistic regression on
each, predicted in five folds. `ratio` is the first by the second, in processor time.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from labeler.quality.dataset import Dataset
from labeler.quality.examine import examine
from tests.bench.bench_pass import SEED, WRONG, of_pictures
from tests.bench.report import emit, peak_memory
from tests.quality.worlds import dataset, with_mistakes

SIZES = {"short_texts": 100_000, "pictures": 20_000, "texts_of_many_classes": 5_000}
STEPS = 25  # of each bare fit, as many as ours make


def texts(count: int, classes: int, words: tuple[int, int]) -> Dataset:
    """Return texts of so many everyday words and words of their class."""
    random = np.random.default_rng(SEED)
    truth = random.permutation(np.arange(count) % classes)
    common = (20_000 * random.power(0.3, (count, words[0]))).astype(int)
    own = random.integers(0, 12, (count, words[1]))
    contents = [
        " ".join([f"word{word}" for word in common[row]] + [f"topic{truth[row]}x{word}" for word in own[row]])
        for row in range(count)
    ]
    return dataset(
        contents, with_mistakes(truth, WRONG, classes, SEED), tuple(f"class {one}" for one in range(classes))
    )


CASES: dict[str, Callable[[int, Path], Dataset]] = {
    "short_texts": lambda count, _: texts(count, 10, (8, 2)),
    "pictures": of_pictures,
    "texts_of_many_classes": lambda count, _: texts(count, max(3, 300 * count // 5_000), (32, 8)),
}


def the_pass(world: Dataset, folder: Path) -> dict[str, Any]:
    """Check the labels, and again with one in a hundred changed."""
    cpu = time.process_time()
    found = examine(world, progress=lambda _share, _sentence: None, kept=folder / "numbers")
    first, peak = time.process_time() - cpu, peak_memory()
    changed = with_mistakes(world.labels, 0.01, len(world.classes), SEED + 1)
    cpu = time.process_time()
    examine(replace(world, labels=changed), progress=lambda _share, _sentence: None, kept=folder / "numbers")
    flags = found.summary["findings"]["label_error"]
    return {"cpu_seconds": first, "again_cpu_seconds": time.process_time() - cpu, "peak_bytes": peak, "flags": flags}


def bare_fits(world: Dataset, folder: Path) -> dict[str, Any]:
    """Predict every label in five folds by one logistic regression on each of two kinds of features."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    del folder
    cpu = time.process_time()
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fits that are stopped early, and classes with few items
        for features, strength in _features(world):
            model = LogisticRegression(C=strength, max_iter=STEPS)
            cross_val_predict(model, features, world.labels, cv=folds, method="predict_proba")
    return {"cpu_seconds": time.process_time() - cpu, "peak_bytes": peak_memory()}


def _features(world: Dataset) -> list[tuple[Any, float]]:
    if world.media == "text":
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2, max_features=100_000)
        runs = TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 5), min_df=2, max_features=50_000)
        return [(one.fit_transform(world.contents).astype(np.float32), 3.0) for one in (words, runs)]
    from skimage.feature import hog
    from sklearn.preprocessing import StandardScaler

    from labeler.quality.features.image import open_picture

    shapes, colours = [], []
    for path in world.contents:
        picture = open_picture(Path(path))
        if picture is None:
            raise SystemExit("a picture that was just made cannot be read")
        pixels = picture.pixels
        shapes.append(hog(pixels.mean(axis=2), orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2)))
        colours.append(pixels.reshape(8, 8, 8, 8, 3).mean(axis=(1, 3)).ravel())
    return [(StandardScaler().fit_transform(np.array(one, dtype=np.float32)), 0.003) for one in (shapes, colours)]


WAYS: dict[str, Callable[[Dataset, Path], dict[str, Any]]] = {"pass": the_pass, "bare fits": bare_fits}


def measure(case: str, way: str, count: int) -> None:
    """Do one thing with one case here and print its line."""
    with tempfile.TemporaryDirectory() as folder:
        world = CASES[case](count, Path(folder))
        begun = time.perf_counter()
        line = WAYS[way](world, Path(folder))
        emit(bench="sizes", case=case, way=way, n=count, seed=SEED, **line, seconds=time.perf_counter() - begun)


def main() -> int:
    """Run every case in processes of their own; or, with --way, one thing here."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--part", type=int, default=1, help="Divide the sizes by this.")
    parser.add_argument("--short", action="store_true", help="A hundredth of each, to see that it runs.")
    parser.add_argument("--case", choices=list(CASES))
    parser.add_argument("--way", choices=list(WAYS))
    given = parser.parse_args()
    part = 100 if given.short else given.part
    if given.case and given.way:
        measure(given.case, given.way, SIZES[given.case] // part)
        return 0
    for case in [given.case] if given.case else SIZES:
        used = []
        for way in WAYS:
            command = [
                sys.executable,
                "-m",
                "tests.bench.bench_sizes",
                "--part",
                str(part),
                "--case",
                case,
                "--way",
                way,
            ]
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            sys.stdout.write(done.stdout)
            if done.returncode:
                sys.stderr.write(done.stderr)
                return 1
            used.append(json.loads(done.stdout)["cpu_seconds"])
        emit(bench="sizes", case=case, ratio=used[0] / used[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())

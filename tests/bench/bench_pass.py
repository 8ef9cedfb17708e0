"""What the quality pass costs: 10,000 pictures, and 5,000 texts of 300 classes. `python -m tests.bench.bench_pass`.

Each case runs in a process of its own, so that `peak_bytes` is that of the whole process, imports included, and prints
one JSON line: CPU seconds and memory of `examine`, reading the contents included. Contents are made up: pictures are
the discs, squares and stripes of the tests; texts mix everyday words with a few words of their class. One label in
twenty is moved to another class by chance.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from labeler.quality.dataset import Dataset
from tests.bench.report import emit, peak_memory
from tests.quality.worlds import dataset, look_at, pictures, with_mistakes

SEED = 0
WRONG = 0.05
CLASSES = 300
SIZES = {"pictures": (10_000, 300), "texts_of_300_classes": (5_000, 1_500)}  # full, short


def of_pictures(count: int, folder: Path) -> Dataset:
    """Return pictures of three classes."""
    paths, truth = pictures(folder, (count - 2 * (count // 3), count // 3, count // 3), SEED)
    return dataset(paths, with_mistakes(truth, WRONG, 3, SEED), ("disc", "square", "stripes"))


def of_texts(count: int, folder: Path) -> Dataset:
    """Return texts of CLASSES classes: of 40 words about 8 are of the 12 of their class, the others from 20,000."""
    del folder
    random = np.random.default_rng(SEED)
    truth = random.permutation(np.arange(count) % CLASSES)
    common = (20_000 * random.power(0.3, (count, 32))).astype(int)
    own = random.integers(0, 12, (count, 8))
    contents = [
        " ".join([f"word{word}" for word in common[row]] + [f"topic{truth[row]}x{word}" for word in own[row]])
        for row in range(count)
    ]
    labels = with_mistakes(truth, WRONG, CLASSES, SEED)
    return dataset(contents, labels, tuple(f"class {number}" for number in range(CLASSES)))


CASES: dict[str, Callable[[int, Path], Dataset]] = {"pictures": of_pictures, "texts_of_300_classes": of_texts}


def measure(case: str, count: int) -> None:
    """Run one case here and print its line."""
    with tempfile.TemporaryDirectory() as folder:
        world = CASES[case](count, Path(folder))
        before = peak_memory()
        wall, cpu = time.perf_counter(), time.process_time()
        found = look_at(world)
        line: dict[str, Any] = {
            "cpu_seconds": time.process_time() - cpu,
            "seconds": time.perf_counter() - wall,
            "peak_bytes": peak_memory(),
            "peak_bytes_before": before,
        }
    flags = found.summary["findings"]["label_error"]
    model = found.summary["model"] or {}
    emit(bench="pass", case=case, n=count, seed=SEED, flags=flags, accuracy=model.get("accuracy"), **line)


def main() -> int:
    """Run every case in its own process; or, with --case and --n, one here."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="Small sizes, to see that it runs.")
    parser.add_argument("--case", choices=list(CASES))
    parser.add_argument("--n", type=int)
    given = parser.parse_args()
    if given.case:
        measure(given.case, given.n or SIZES[given.case][given.short])
        return 0
    failed = 0
    for case, sizes in SIZES.items():
        one = ["--case", case, "--n", str(given.n or sizes[given.short])]
        failed += subprocess.run([sys.executable, "-m", "tests.bench.bench_pass", *one], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())

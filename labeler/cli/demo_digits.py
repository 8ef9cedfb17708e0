"""Handwritten digits as pictures: scikit-learn's 8 x 8 scans, drawn large, with planted wrong labels.

Note: file names carry no label, since an annotator sees them; and importing scikit-learn is
slow, so it happens when the pictures are written and not before.
"""

import random
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from labeler import durable
from labeler.errors import Invalid

CONFUSABLE = (("3", "8"), ("4", "9"), ("1", "7"), ("5", "6"), ("3", "5"), ("0", "6"))
PLANTED = 2 * len(CONFUSABLE)  # each pair in both directions
SIDE = 128  # pixels of the drawn picture
SCAN = 8  # pixels of the scan
INK = 16  # the darkest value of the scan
DIGITS = 10
FEWEST, MOST = 60, 1700  # enough of each digit for the planted ones; no more than there are


class Digit(NamedTuple):
    """One written picture. truth, given: "0" to "9"; they differ where a wrong label was planted."""

    path: Path
    truth: str
    given: str


def write_digits(folder: Path, n: int = 300, seed: int = 0) -> list[Digit]:
    """Write n PNGs of 128 x 128 pixels, as many of each digit; 12 of them come with a wrong given label.

    The same seed chooses the same scans and the same wrong labels. Raises Invalid when n is not 60 to 1700.
    """
    if not FEWEST <= n <= MOST:
        raise Invalid("Choose {least} to {most} digits.", field="n", least=FEWEST, most=MOST)
    from sklearn.datasets import load_digits

    scans = load_digits()
    rng = random.Random(seed)  # noqa: S311 - a reproducible sample, no secret
    truth = [str(label) for label in scans.target]
    chosen = _balanced(truth, n, rng)
    given = _plant([truth[row] for row in chosen], rng)
    durable.make_folder(folder)
    written = []
    for number, (row, label) in enumerate(zip(chosen, given, strict=True), start=1):
        path = folder / f"digit-{number:04d}.png"
        with durable.renamed(folder / f"{path.name}.part", path) as file:
            draw_digit(scans.data[row]).save(file, "PNG", optimize=True)
        written.append(Digit(path, truth[row], label))
    durable.flush_folder(folder)
    return written


def slips_of_digits() -> dict[str, list[str]]:
    """Where a mistake about a digit ends: the look-alikes three times as often as each other digit."""
    digits = [str(digit) for digit in range(DIGITS)]
    alike = {digit: [b if a == digit else a for a, b in CONFUSABLE if digit in {a, b}] for digit in digits}
    return {digit: [*(other for other in digits if other != digit), *alike[digit], *alike[digit]] for digit in digits}


def draw_digit(scan: Iterable[float]) -> Image.Image:
    """Draw a scan (64 values 0..16, row by row) as dark ink on white, smooth, with a margin."""
    small = Image.frombytes("L", (SCAN, SCAN), bytes(round(float(value) * 255 / INK) for value in scan))
    framed = Image.new("L", (SCAN + 2, SCAN + 2), 0)
    framed.paste(small, (1, 1))
    large = framed.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return large.point([_paper(level) for level in range(256)])


def _paper(level: int) -> int:
    """Turn ink 0..255 into a grey of paper: steeper in the middle, so that strokes have edges."""
    x = min(1.0, max(0.0, (level - 50) / 150))
    return round(255 - 225 * x * x * (3 - 2 * x))


def _balanced(truth: list[str], n: int, rng: random.Random) -> list[int]:
    """Return n row numbers in random order, each digit as often as the others (± 1)."""
    rows: list[int] = []
    for digit in range(DIGITS):
        rows += rng.sample([row for row, label in enumerate(truth) if label == str(digit)], (n + digit) // DIGITS)
    rng.shuffle(rows)
    return rows


def _plant(truth: list[str], rng: random.Random) -> list[str]:
    """Return the given labels: the truth but for one item per direction of each confusable pair."""
    given = list(truth)
    for pair in CONFUSABLE:
        for label, wrong in (pair, pair[::-1]):
            untouched = [row for row, now in enumerate(given) if truth[row] == now == label]
            given[rng.choice(untouched)] = wrong
    return given

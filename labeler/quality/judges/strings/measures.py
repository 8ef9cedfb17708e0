"""What can be measured of texts without a model: scripts, and how unlike the texts of a set one is."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats

RUN = 3  # characters
IMAGINED = 0.1  # how often a run is seen that is not
FEWEST_LETTERS = 12  # of a text whose script or language is asked for
FREEDOM = 4  # of Student's t, whose tails are heavier than a normal number's


@cache
def script_of(letter: str) -> str:
    """Return the script of a letter by its Unicode name, such as LATIN, CYRILLIC or CJK; "" for what is no letter."""
    return unicodedata.name(letter, "").split(" ", 1)[0].split("-", 1)[0] if letter.isalpha() else ""


def main_script(text: str) -> str:
    """Return the script of most letters of a text, "" where there are too few; kana and Han are one."""
    counts = Counter(filter(None, map(script_of, text)))
    for one in ("HIRAGANA", "KATAKANA"):
        if one in counts:
            counts["CJK"] += counts.pop(one)
    return counts.most_common(1)[0][0] if counts.total() >= FEWEST_LETTERS else ""


def unlikeness(texts: Sequence[str]) -> Floats:
    """Return for each of n texts how unusual its runs of three characters are in the others, in nats a run.

    NaN where a text is too short. The text's own runs are left out of what is usual.
    """
    import numpy as np

    runs = [Counter(_runs(text)) for text in texts]
    everywhere: Counter[str] = Counter()
    for one in runs:
        everywhere.update(one)
    total = everywhere.total()
    found = np.full(len(texts), np.nan)
    for place, one in enumerate(runs):
        size = one.total()
        if size < FEWEST_LETTERS or total <= size:
            continue
        rest = total - size + IMAGINED * len(everywhere)
        found[place] = (
            -sum(count * np.log((everywhere[run] - count + IMAGINED) / rest) for run, count in one.items()) / size
        )
    return found


def _runs(text: str) -> list[str]:
    plain = " ".join(text.casefold().split())
    return [plain[at : at + RUN] for at in range(len(plain) - RUN + 1)]


def tail(values: Floats, least: float) -> Floats:
    """Return how probable each of n values or a larger one is in this set: a robust t with the median and its spread.

    least: spread, in the unit of the values, below which differences say nothing; NaN gives 1.
    """
    import numpy as np
    from scipy.stats import t as student

    known = values[~np.isnan(values)]
    if len(known) < 2:  # noqa: PLR2004 - nothing to compare with
        return np.ones(len(values))
    middle = float(np.median(known))
    spread = max(least, 1.4826 * float(np.median(np.abs(known - middle))))
    found: Floats = np.clip(np.nan_to_num(student.sf((values - middle) / spread, FREEDOM), nan=1.0), 1e-6, 1.0)
    return found

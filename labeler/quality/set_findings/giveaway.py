"""What gives the class away beside the content: a column, a file name, the size or format of a picture, a length.

A model that sees it learns the camera and not the thing, and does worse on the next camera. It is asked of the labels
alone how well each tells them: an item's label is guessed from the labels of all others with the same value (leave one
out), so a column of ids tells nothing. Said is only what brings at least half of the way from always guessing the most
common class to always being right, and surely so: by four standard errors of the paired difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from labeler.messages import Message
from labeler.quality.set_findings.base import SetFinding

if TYPE_CHECKING:
    from labeler.quality.dataset import Dataset, Evidence, Finding, Floats, Integers

KIND = "giveaway"
FEWEST = 50  # labels
HALF = 0.5  # least share of what guessing gets wrong that the column gets right
ERRORS = 4.0  # standard errors
BINS, FEW_VALUES = 16, 20  # of numbers: as many equally full parts, unless there are only so many values
SAME = 0.95  # share of the labels that a column spells, from which it is the class under another name
SHOWN = 3
_FIRST_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Told:
    """How well one thing tells N labels. right: by it; guessed: by the most common class; values: N group numbers."""

    right: int
    guessed: int
    labeled: int
    errors: float
    values: Integers

    @property
    def gives_away(self) -> bool:
        """Whether it tells far more than guessing does, surely."""
        missed = self.labeled - self.guessed
        return missed > 0 and self.right - self.guessed >= HALF * missed and self.errors >= ERRORS


def find(evidence: Evidence, findings: Sequence[Finding]) -> list[SetFinding]:
    """Say which columns, names, sizes, formats or lengths tell the labels."""
    del findings
    dataset = evidence.dataset
    if int((dataset.labels >= 0).sum()) < FEWEST:
        return []
    found = []
    for name, column, values in _candidates(evidence):
        told = measure(values, dataset.labels, len(dataset.classes))
        if told is not None and told.gives_away:
            found.append(_finding(dataset, name, column, values, told))
    return found


def _candidates(evidence: Evidence) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yield (what it is, the column, N values): the columns, and what else is known of an item."""
    dataset = evidence.dataset
    for column, values in dataset.columns.items():
        yield "column", column, values
    if any(dataset.names):
        paths = [PurePosixPath(name) for name in dataset.names]
        yield "names", "", [_start(path.name) for path in paths]
        yield "format", "", [path.suffix.casefold() for path in paths]
    if dataset.media == "text":
        yield "length", "", [str(len(str(text))) for text in dataset.contents]
    elif evidence.features.looks is not None:
        looks = evidence.features.looks
        sizes = dataset.sizes or list(zip(looks.width.tolist(), looks.height.tolist(), strict=True))
        yield "size", "", [f"{wide} x {high}" for wide, high in sizes]


def _start(name: str) -> str:
    """Return the letters that a name begins with."""
    found = _FIRST_LETTERS.match(name)
    return found.group().casefold() if found else ""


def measure(values: Sequence[str], labels: Integers, classes: int) -> Told | None:
    """Guess each label from the labels of the other items with the same value; None for a single value.

    values: N texts, numbers are put into parts of equal size; labels: N class positions, -1 = none.
    """
    import numpy as np

    groups = _grouped(values)
    labeled = np.flatnonzero(labels >= 0)
    own, place = labels[labeled], groups[labeled]
    if len(np.unique(place)) < 2 or len(np.unique(own)) < 2:  # noqa: PLR2004 - nothing to tell, or nothing to tell from
        return None
    shares = np.bincount(own, minlength=classes) / len(own)
    pairs, of_item = np.unique(place * classes + own, return_inverse=True)
    counts = np.zeros((int(place.max()) + 1, classes), dtype=np.int64)
    np.add.at(counts, (place, own), 1)
    right = np.zeros(len(pairs), dtype=bool)
    for number, pair in enumerate(pairs.tolist()):
        group, label = divmod(pair, classes)
        others = counts[group] + shares  # where no other item has the value, the most common class is guessed
        others[label] -= 1
        right[number] = int(others.argmax()) == label
    hit, guess = right[of_item], own == int(shares.argmax())
    gain = hit.astype(float) - guess
    error = float(gain.std()) / len(gain) ** 0.5
    errors = float(gain.mean()) / error if error else 0.0
    return Told(int(hit.sum()), int(guess.sum()), len(own), errors, groups)


def _grouped(values: Sequence[str]) -> Integers:
    """Return N group numbers: equal values are one group, many numbers are parts of equal size."""
    import numpy as np

    names, groups = np.unique(np.asarray(values, dtype=object).astype(str), return_inverse=True)
    if len(names) > FEW_VALUES and (numbers := _numbers(names)) is not None:
        ends = np.quantile(numbers[groups], np.arange(1, BINS) / BINS)
        parts: Integers = np.searchsorted(ends, numbers[groups], side="left")
        return parts
    found: Integers = groups
    return found


def _numbers(names: Iterable[str]) -> Floats | None:
    import numpy as np

    try:
        numbers = np.array([float(name) if name else -np.inf for name in names])
    except ValueError:
        return None
    return numbers if np.isfinite(numbers[numbers > -np.inf]).all() else None


def _finding(dataset: Dataset, name: str, column: str, values: Sequence[str], told: Told) -> SetFinding:
    facts = {
        "by": name,
        "right": told.right,
        "guessed": told.guessed,
        "labeled": told.labeled,
        "standard_errors": round(told.errors, 1),
        "values": _examples(dataset, values, told),
    }
    same = name == "column" and _spells(dataset, values) >= SAME * told.labeled
    said = _same(column) if same else _said(name, column, told)
    return SetFinding(KIND, said, facts=facts | {"column": column, "same": same})


def _spells(dataset: Dataset, values: Sequence[str]) -> int:
    """Count the items whose value is the name of their class."""
    names = [name.strip().casefold() for name in dataset.classes]
    return sum(
        label >= 0 and values[item].strip().casefold() == names[label]
        for item, label in enumerate(dataset.labels.tolist())
    )


def _examples(dataset: Dataset, values: Sequence[str], told: Told) -> list[dict[str, str | int]]:
    """Return the values (of parts of numbers: from and to) of most items, with their most common class."""
    import numpy as np

    labeled = np.flatnonzero(dataset.labels >= 0)
    sizes = np.bincount(told.values[labeled])
    found: list[dict[str, str | int]] = []
    for group in np.argsort(-sizes, kind="stable")[:SHOWN].tolist():
        inside = labeled[told.values[labeled] == group]
        counts = np.bincount(dataset.labels[inside])
        seen = sorted({values[item] for item in inside.tolist()}, key=lambda value: (len(value), value))
        shown = seen[0] if len(seen) == 1 else f"{seen[0]} … {seen[-1]}"
        most = int(counts.argmax()) if len(counts) else 0
        found.append({"value": shown, "class": dataset.classes[most], "count": int(counts[most]), "of": len(inside)})
    return found


def _same(column: str) -> str:
    return Message(
        'The column "{column}" is the class under another name. Leave it out of what models learn from, and do not '
        "show it to those who label.",
        column=column,
    )


def _said(name: str, column: str, told: Told) -> str:
    right, labeled, guessed = told.right, told.labeled, told.guessed
    if name == "column":
        return Message(
            'The column "{column}" gives the class away: it alone tells {right:,} of {labeled:,} labels, and always '
            "saying the most common class would tell {guessed:,}. Leave it out of what models learn from.",
            column=column,
            right=right,
            labeled=labeled,
            guessed=guessed,
        )
    if name == "names":
        return Message(
            "How the items are called gives the class away: the first letters of a name tell {right:,} of {labeled:,} "
            "labels, and always saying the most common class would tell {guessed:,}. Do not show names to those who "
            "label.",
            right=right,
            labeled=labeled,
            guessed=guessed,
        )
    if name == "format":
        return Message(
            "The format of the files gives the class away: it tells {right:,} of {labeled:,} labels, and always saying "
            "the most common class would tell {guessed:,}. Bring all files into one format.",
            right=right,
            labeled=labeled,
            guessed=guessed,
        )
    if name == "size":
        return Message(
            "The size of the pictures gives the class away: it tells {right:,} of {labeled:,} labels, and always "
            "saying the most common class would tell {guessed:,}. Bring all pictures to one size.",
            right=right,
            labeled=labeled,
            guessed=guessed,
        )
    return Message(
        "The length of the texts gives the class away: it tells {right:,} of {labeled:,} labels, and always saying the "
        "most common class would tell {guessed:,}. See whether the classes come from different sources.",
        right=right,
        labeled=labeled,
        guessed=guessed,
    )

"""Recorded label sets with known truth, read into the arrays the calculations take.

Columns are read by name, files plain or gzipped. Note: truth may cover only part of the items
(-1 elsewhere) and that classes are those of labels and truth together, in sorted order.
"""

import csv
import gzip
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labeler.consensus.base import Votes


@dataclass(frozen=True, eq=False)
class LabelSet:
    """One set: votes, truth (items,) as class index or -1, and what the indices of items and classes stand for."""

    name: str
    votes: Votes
    truth: NDArray[np.int64]
    items: list[str]
    classes: list[str]


def rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file, plain or gzipped, by column name."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def read(folder: Path) -> LabelSet | None:
    """Return the set in a folder; None where labels or truth are missing."""
    labels = [file for name in ("labels.csv", "labels.csv.gz") if (file := folder / name).is_file()]
    if not labels or not (folder / "truth.csv").is_file():
        return None
    given, known = rows(labels[0]), {row["item"]: row["truth"] for row in rows(folder / "truth.csv")}
    items, classes = sorted({row["item"] for row in given}), sorted({r["label"] for r in given} | set(known.values()))
    people = sorted({row.get("annotator", "") for row in given})
    item_at, class_at, person_at = ({name: at for at, name in enumerate(names)} for names in (items, classes, people))
    item = np.array([item_at[row["item"]] for row in given])
    annotator = np.array([person_at[row.get("annotator", "")] for row in given])
    label = np.array([class_at[row["label"]] for row in given])
    truth = np.array([class_at[known[name]] if name in known else -1 for name in items])
    votes = Votes(item, annotator, label, len(items), len(people), len(classes))
    return LabelSet(folder.name, votes, truth, items, classes)


def read_all(data: Path) -> list[LabelSet]:
    """Return every set with labels and truth under a data folder, by name."""
    return [found for folder in sorted(data.iterdir()) if folder.is_dir() and (found := read(folder))]

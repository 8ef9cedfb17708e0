"""Vectors and class probabilities that were imported: kept in files beside the pictures, a row for each item.

Note: nobody can work them out again, so unlike what a pass keeps for the next one they are in every backup. A new
import of rows as long as those that are there joins them, the newest row of an item standing; rows of another length
come from another model and take their place only when that is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from labeler import durable
from labeler.errors import Invalid

if TYPE_CHECKING:
    from pathlib import Path

    from labeler.quality.dataset import Floats, Integers, Singles

VECTORS, PROBABILITIES = "vectors", "probabilities"
FORMAT = ".npz"


@dataclass(frozen=True)
class Imported:
    """n rows of single numbers and the ids of their items. codes: of the classes that are the columns; () = vectors."""

    items: Integers
    rows: Singles
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Joined:
    """What became of an import: all rows there are now, and how many of them are new, changed, as they were."""

    kept: Imported
    added: int
    changed: int
    unchanged: int


def read(folder: Path, kind: str) -> Imported | None:
    """Return what was imported of a kind; None where nothing was, or the file is damaged."""
    import numpy as np

    try:
        with np.load(folder / f"{kind}{FORMAT}", allow_pickle=False) as file:
            found = Imported(file["items"], file["rows"], tuple(map(str, file["codes"])))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    return found if found.rows.ndim == 2 and len(found.rows) == len(found.items) else None  # noqa: PLR2004 - a matrix


def store(folder: Path, kind: str, new: Imported, *, replace: bool) -> Joined:
    """Join new rows, one an item, with those that are there, or put them in their place; raises Invalid."""
    import numpy as np

    durable.make_folder(folder)
    with durable.alone_in(folder):  # two imports at once must not forget each other's rows
        joined = _join(None if replace else read(folder, kind), new)
        with durable.writing(folder / f"{kind}{FORMAT}") as file:
            np.savez(file, items=joined.kept.items, rows=joined.kept.rows, codes=np.array(joined.kept.codes, dtype=str))
    return joined


def forget(folder: Path, kind: str) -> bool:
    """Remove what was imported of a kind; returns whether there was anything."""
    path = folder / f"{kind}{FORMAT}"
    there = path.is_file()
    path.unlink(missing_ok=True)
    return there


def _join(before: Imported | None, new: Imported) -> Joined:
    import numpy as np

    if before is None or not len(before.items):
        return Joined(new, len(new.items), 0, 0)
    if not new.codes and before.rows.shape[1] != new.rows.shape[1]:
        raise Invalid(
            "The vectors that are here have {before:,} numbers and those of this file {new:,}, so they are of another "
            "model. To put them in place of the {items:,} that are here, ask for that: by --replace, or by the box on "
            "the import page.",
            field="vectors",
            before=before.rows.shape[1],
            new=new.rows.shape[1],
            items=len(before.items),
        )
    old = columns_for(before, new.codes) if new.codes else before.rows
    place = {int(item): row for row, item in enumerate(before.items)}
    known = np.array([place.get(int(item), -1) for item in new.items], dtype=np.int64)
    same = (known >= 0) & (old[known] == new.rows).all(axis=1)
    left = ~np.isin(before.items, new.items)
    kept = Imported(np.concatenate([before.items[left], new.items]), np.concatenate([old[left], new.rows]), new.codes)
    return Joined(kept, int((known < 0).sum()), int(((known >= 0) & ~same).sum()), int(same.sum()))


def columns_for(imported: Imported, codes: Sequence[str]) -> Singles:
    """Return the columns of these classes, zeros for those that did not exist when they were imported."""
    import numpy as np

    rows = np.zeros((len(imported.items), len(codes)), dtype=np.float32)
    place = {code: column for column, code in enumerate(imported.codes)}
    for column, code in enumerate(codes):
        if code in place:
            rows[:, column] = imported.rows[:, place[code]]
    return rows


def vectors_of(folder: Path, items: Sequence[int]) -> Singles | None:
    """Return N x D vectors of N items, zeros where one has none; None where none was imported for any of them."""
    import numpy as np

    found = read(folder, VECTORS)
    here = None if found is None else _rows_of(found, items)
    if found is None or here is None:
        return None
    return np.where(here[:, None] >= 0, found.rows[here], np.float32(0))


def probabilities_of(folder: Path, items: Sequence[int], codes: Sequence[str]) -> Floats | None:
    """Return N x K probabilities of N items, NaN where one has none; None where none was imported for any of them.

    What was said of classes that are gone is left out, and the rest stands for all.
    """
    import numpy as np

    found = read(folder, PROBABILITIES)
    here = None if found is None else _rows_of(found, items)
    if found is None or here is None:
        return None
    shares = columns_for(found, codes)[here].astype(np.float64)
    total = shares.sum(axis=1, keepdims=True)
    known = (here[:, None] >= 0) & (total > 0)
    return np.where(known, shares / np.where(total > 0, total, 1), np.nan)


def _rows_of(imported: Imported, items: Sequence[int]) -> Integers | None:
    """Return for each item the row it has, -1 for none; None where no item has one."""
    import numpy as np

    place = {int(item): row for row, item in enumerate(imported.items)}
    rows = np.array([place.get(item, -1) for item in items], dtype=np.int64)
    return rows if (rows >= 0).any() else None

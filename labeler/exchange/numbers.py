"""Vectors and class probabilities that were worked out elsewhere, as rows of numbers that say which item they are of.

In: NPZ, Parquet, and every table or list of objects that answers come in. A vector is one list ("vector": [0.1, …]) or
all columns of numbers; probabilities are one object or list ("probabilities": {"cat": 0.9, …}), a column for each
class, or a predicted class with its score. Rows that do not fit the first one are left out, saying why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing import npz
from labeler.exchange.reading import format_of as format_of_rows
from labeler.exchange.reading import open_rows
from labeler.exchange.rows import SHOWN, RejectedRow, Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.exchange.sources import ReadOptions, Source

    Numbers = NDArray[np.float32]

VECTOR = ("vector", "vectors", "embedding", "embeddings")
PROBABILITIES = ("probabilities", "probability", "probs", "pred_probs", "proba")
SUM_FROM, SUM_TO = 0.98, 1.02  # of probabilities, which are rounded in many files
NUMBERS = ("vectors", "probabilities")
SAMPLE = 4  # numbers of a row that are shown
_NPZ = "npz"


class NumbersRow(NamedTuple):
    """The numbers of one item; number: as in a Row."""

    number: int
    external_id: str | None
    text: str | None
    values: Numbers


def format_of(source: Source, named: str | None, options: ReadOptions) -> str:
    """Return the name of the format that numbers are read with; raises Invalid where nothing says it."""
    if named is None and source.path is not None and source.path.is_file():
        return _NPZ if npz.is_npz(source.path) else format_of_rows(source, None, options)
    return named if named == _NPZ else format_of_rows(source, named, options)


def open_numbers(
    source: Source, named: str | None, options: ReadOptions
) -> tuple[str, Iterator[NumbersRow | RejectedRow]]:
    """Return the format's name and the numbers of a source; raises Invalid when it cannot be read at all.

    options.wants: "vectors" or "probabilities"; those are shares of the project's classes in its order, adding up to 1.
    """
    name = format_of(source, named, options)
    rows: Iterator[Row | RejectedRow]
    if name == _NPZ and source.path is not None:
        key = (PROBABILITIES if options.wants == "probabilities" else VECTOR)[0]
        rows = npz.read(source.path, source.name, key)
    else:
        name, rows = open_rows(source, name, options)
    find = _shares(options.classes) if options.wants == "probabilities" else _vectors()
    return name, _numbers(rows, find)


def shown(rows: Iterator[NumbersRow | RejectedRow]) -> Iterator[Row | RejectedRow]:
    """Yield rows as a preview shows them: how many numbers there are, and the first of them."""
    for row in rows:
        if isinstance(row, RejectedRow):
            yield row
            continue
        first = ", ".join(f"{value:.3g}" for value in row.values[:SAMPLE])
        more = ", …" if len(row.values) > SAMPLE else ""
        yield Row(row.number, row.external_id, row.text, None, None, {str(len(row.values)): first + more})


def _numbers(
    rows: Iterator[Row | RejectedRow], find: Callable[[Row], Sequence[float]]
) -> Iterator[NumbersRow | RejectedRow]:
    import numpy as np

    width = 0
    for row in rows:
        if isinstance(row, RejectedRow):
            yield row
            continue
        try:
            _check_named(row)
            with np.errstate(over="ignore"):  # what is too large becomes infinite, and that is refused
                values = np.asarray(find(row), dtype=np.float32)
            _check(values, width)
        except (Invalid, TypeError, ValueError, OverflowError) as error:
            said = error if isinstance(error, Invalid) else Invalid("not all of its values are numbers")
            shown = row.external_id or (row.text or "")[:SHOWN]
            yield RejectedRow(row.number, said.field or "", said.message, shown)
            continue
        width = width or len(values)
        yield NumbersRow(row.number, row.external_id, row.text, values)


def _check_named(row: Row) -> None:
    if not row.external_id and row.text is None:
        raise Invalid("nothing says which item was meant", field="id")


def _check(values: Numbers, width: int) -> None:
    import numpy as np

    if values.ndim != 1 or not len(values):
        raise Invalid("a list of numbers is expected")
    if width and len(values) != width:
        raise Invalid("{count} numbers, where the first row has {width}", count=len(values), width=width)
    if not np.isfinite(values).all():
        raise Invalid("not all of its numbers are finite")


def _named(row: Row, names: Sequence[str]) -> Any:
    """Return what stands under the first of these names, whatever the case; a list in a cell is read as JSON."""
    by_lower = {name.casefold(): name for name in reversed(row.metadata)}
    held = next((row.metadata[by_lower[name]] for name in names if name in by_lower), None)
    return json.loads(held) if isinstance(held, str) and held.strip()[:1] in {"[", "{"} else held


def _vectors() -> Callable[[Row], Sequence[float]]:
    """Return what finds the vector of a row; which columns it is made of is decided by the first row."""
    columns: list[str] = []

    def find(row: Row) -> Sequence[float]:
        held = _named(row, VECTOR)
        if held is not None and not isinstance(held, str | int | float):
            return held  # type: ignore[no-any-return]  # a list, or else it is refused
        columns.extend([] if columns else [name for name, value in row.metadata.items() if _is_number(value)])
        if not columns:
            raise Invalid('there is no vector: give a list under "vector", or columns of numbers')
        return [_number(row, name) for name in columns]

    return find


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, bool)


def _number(row: Row, name: str) -> float:
    value = row.metadata.get(name)
    if not _is_number(value):
        raise Invalid("{value!r} is no number", field=name, value=value)
    return float(value)  # type: ignore[arg-type]  # it was tried


def _shares(classes: tuple[str, ...]) -> Callable[[Row], Sequence[float]]:
    """Return what finds the probabilities of a row, in the order of the classes, adding up to 1."""

    def find(row: Row) -> Sequence[float]:
        shares = _by_class(row, classes)
        total = sum(shares)
        if min(shares) < 0 or not SUM_FROM <= total <= SUM_TO:
            raise Invalid("its probabilities add up to {total:.3f}, not to 1", total=total)
        return [share / total for share in shares]

    return find


def _by_class(row: Row, classes: tuple[str, ...]) -> list[float]:
    held = _named(row, PROBABILITIES)
    if isinstance(held, Mapping):
        if unknown := [name for name in held if name not in classes]:
            raise Invalid("{name!r} is no class of this project", name=unknown[0])
        return [float(held.get(name, 0.0)) for name in classes]
    if held is not None and not isinstance(held, str | int | float):
        if len(held) != len(classes):
            raise Invalid("{count} probabilities for {classes} classes", count=len(held), classes=len(classes))
        return [float(one) for one in held]
    if row.prediction is not None and row.prediction_score is not None:
        rest = (1 - row.prediction_score) / max(1, len(classes) - 1)
        return [row.prediction_score if name == row.prediction.get("label") else rest for name in classes]
    if not any(name in row.metadata for name in classes):
        raise Invalid('there are no probabilities: give them under "probabilities", or a column for each class')
    return [_number(row, name) if name in row.metadata else 0.0 for name in classes]

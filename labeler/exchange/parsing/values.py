"""A label as cells and JSON spell it, made a value of the shape that the project asks for.

Note: nothing here knows whether a class exists or a box lies in its picture; the task type
checks that when the row is stored, and its reason stands with the rejected row. It also says how
its shape is spelled.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any

from labeler.exchange.parsing.json_stream import DECODER
from labeler.task_types.registry import by_shape, task_type

Value = dict[str, Any]
MISSING = frozenset(
    ("nan", "NaN", "NAN", "-nan", "-NaN", "<NA>", "NA", "N/A", "n/a", "#N/A", "#NA", "null", "NULL", "None", "NaT")
)


@cache  # asked for every row
def shape_of(task: str) -> str:
    """Return the shape of the answers of a task type; raises Invalid when there is no such task type."""
    return task_type(task).shape


def value_of(given: Any, shape: str, classes: Sequence[str]) -> Value | None:
    """Return a label as a value: {shape: …}, or None where there is no label; raises Invalid saying what is wrong.

    given: a value itself, the inner part of one, or a text: a class, several, or JSON. An empty cell is no label,
    while an empty list is an answer.
    """
    if isinstance(given, str):
        given = _spelled(given.strip(), shape, classes)
    if given is None:
        return None
    if isinstance(given, dict) and shape in given:
        return {shape: given[shape]}
    spelled = by_shape(shape).spelled(_whole(given, classes))
    if isinstance(spelled, list) and all(isinstance(one, str) for one in spelled):
        spelled = [without_gap(one, classes) for one in spelled]
    return {shape: spelled}


def _whole(given: Any, classes: Sequence[str]) -> Any:
    """Return a class, or a list of them, that is written as a number with a point (1.0), as a text."""
    if isinstance(given, list):
        return [_whole(one, classes) for one in given]
    return str(given) if classes and isinstance(given, float) and given.is_integer() else given


def is_missing(cell: str, classes: Sequence[str]) -> bool:
    """Say whether a cell is how a table spells "no label" (pandas' own words for it), and no class is called so."""
    return cell in MISSING and cell not in classes


def without_gap(label: str, classes: Collection[str]) -> str:
    """Return "1" for "1.0" where only the first is a class: numbers in a column with gaps are written with a point."""
    whole = label.removesuffix(".0")
    return whole if label not in classes and whole in classes else label


def label_and_value(value: Value | None) -> tuple[str | None, Value | None]:
    """Return (label, None) for a value that is one label, (None, value) for any other, as rows hold them."""
    if value is None:
        return None, None
    (shape,) = value
    return (value[shape], None) if by_shape(shape).one_class else (None, value)


def labels_in(value: Value) -> set[str]:
    """Return the names of classes in a value; what is no name is left for others to refuse."""
    (shape,) = value
    return by_shape(shape).labels_in(value)


def score_of(given: Any) -> float | None:
    """Return how sure a model is, 0 to 1; None when it is not said, or not so."""
    try:
        score = float(given) if isinstance(given, str | int | float) and not isinstance(given, bool) else None
    except (ValueError, OverflowError):
        return None
    return score if score is not None and 0 <= score <= 1 else None


def mean_score(given: Iterable[Any]) -> float | None:
    """Return how sure a model is of several objects together: the mean, None unless it is said of each."""
    scores = [score_of(one) for one in given]
    said = [score for score in scores if score is not None]
    return sum(said) / len(said) if said and len(said) == len(scores) else None


def _spelled(cell: str, shape: str, classes: Sequence[str]) -> Any:
    if not cell or is_missing(cell, classes):
        return None
    return by_shape(shape).from_cell(cell, classes, DECODER.decode)

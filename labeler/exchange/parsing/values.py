"""A label as cells and JSON spell it, made a value of the shape that the project asks for.

Note: nothing here knows whether a class exists or a box lies in its picture; the task type
checks that when the row is stored, and its reason stands with the rejected row. And several labels in one cell have no
separator of their own: it is the first of | ; , under which every part is a class, else the bar.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing.json_stream import DECODER
from labeler.task_types.registry import task_type

Value = dict[str, Any]
SEPARATORS = "|;,"
MISSING = frozenset(
    ("nan", "NaN", "NAN", "-nan", "-NaN", "<NA>", "NA", "N/A", "n/a", "#N/A", "#NA", "null", "NULL", "None", "NaT")
)
_SPAN_PARTS = 3


@cache  # asked for every row
def shape_of(task: str) -> str:
    """Return the shape of the answers of a task type; raises Invalid when there is no such task type."""
    (shape,) = task_type(task).shapes
    return shape


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
    inner = {"label": _one, "labels": _several, "spans": _spans, "boxes": _boxes, "polygons": _polygons}[shape](given)
    return {shape: inner}


def is_missing(cell: str, classes: Sequence[str]) -> bool:
    """Say whether a cell is how a table spells "no label" (pandas' own words for it), and no class is called so."""
    return cell in MISSING and cell not in classes


def label_and_value(value: Value | None) -> tuple[str | None, Value | None]:
    """Return (label, None) for a value that is one label, (None, value) for any other, as rows hold them."""
    if value is not None and isinstance(value.get("label"), str):
        return value["label"], None
    return None, value


def labels_in(value: Value) -> set[str]:
    """Return the names of classes in a value; what is no name is left for others to refuse."""
    if isinstance(value.get("label"), str):
        return {value["label"]}
    (inner,) = value.values()
    parts = inner if isinstance(inner, list) else []
    names = (part.get("label") if isinstance(part, dict) else part for part in parts)
    return {name for name in names if isinstance(name, str)}


def joined(labels: Sequence[str], classes: Sequence[str]) -> str:
    """Return several labels as one cell, "a|b", or as a JSON list where that could be read as something else."""
    doubtful = not labels or (len(labels) == 1 and any(mark in labels[0] for mark in SEPARATORS))
    if doubtful or any("|" in name or name[:1] in "[{" for name in (*labels, *classes)):
        return json.dumps(list(labels), ensure_ascii=False)
    return "|".join(labels)


def score_of(given: Any) -> float | None:
    """Return how sure a model is, 0 to 1; None when it is not said, or not so."""
    try:
        score = float(given) if isinstance(given, str | int | float) and not isinstance(given, bool) else None
    except (ValueError, OverflowError):
        return None
    return score if score is not None and 0 <= score <= 1 else None


def _spelled(cell: str, shape: str, classes: Sequence[str]) -> Any:
    if not cell or is_missing(cell, classes):
        return None
    if shape == "label":
        return cell
    if cell[0] in "[{":
        try:
            return DECODER.decode(cell)
        except (ValueError, RecursionError) as error:
            if shape != "labels":
                raise Invalid("not valid JSON: {error}", field="label", error=error) from error
    if shape == "labels":
        return _taken_apart(cell, classes)
    raise Invalid('{shape} are written as JSON, such as {{"{shape}": []}}', field="label", shape=shape)


def _taken_apart(cell: str, classes: Sequence[str]) -> list[str]:
    known = frozenset(classes)
    if cell in known:
        return [cell]
    for separator in SEPARATORS:
        parts = [part.strip() for part in cell.split(separator)]
        if known.issuperset(parts):
            return parts
    return [part for part in map(str.strip, cell.split("|")) if part]


def _one(given: Any) -> str:
    if isinstance(given, list) and len(given) == 1:
        (given,) = given
    if isinstance(given, str):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    raise Invalid("one class is expected", field="label")


def _several(given: Any) -> list[str]:
    if isinstance(given, dict) and isinstance(given.get("choices"), list):
        given = given["choices"]  # Label Studio's short form
    if not isinstance(given, list):
        return [_one(given)]
    return [_one(label) for label in given]


def _spans(given: Any) -> list[Any]:
    """Take lists [start, end, label] and objects with start_offset and end_offset as well."""
    return [one for span in _listed(given) for one in _each_label(_span(span), "labels")]


def _each_label(part: Any, key: str) -> list[Any]:
    """Return an object once for each of the labels that Label Studio's short form lists in it; any other as it is."""
    labels = part.get(key) if isinstance(part, dict) and "label" not in part else None
    if not isinstance(labels, list) or not labels:
        return [part]
    return [{**{name: what for name, what in part.items() if name != key}, "label": label} for label in labels]


def _span(given: Any) -> Any:
    if isinstance(given, list) and len(given) == _SPAN_PARTS:
        return {"label": given[2], "start": given[0], "end": given[1]}
    if isinstance(given, dict) and {"start_offset", "end_offset", "label"} <= given.keys():
        return {"label": given["label"], "start": given["start_offset"], "end": given["end_offset"]}
    return given


def _polygons(given: Any) -> list[Any]:
    """Take corners in one flat list as well."""
    return [_outline(one) for part in _listed(given) for one in _each_label(_in_pixels(part), "polygonlabels")]


def _outline(given: Any) -> Any:
    points = given.get("points") if isinstance(given, dict) else None
    if isinstance(points, list) and points and not isinstance(points[0], list) and len(points) % 2 == 0:
        return {**given, "points": [list(pair) for pair in zip(points[::2], points[1::2], strict=True)]}
    return given


def _boxes(given: Any) -> list[Any]:
    """Take the two parallel lists of an image folder's table, {"bbox": [[x, y, w, h]], "categories": […]}, as well."""
    if not isinstance(given, dict):
        return [one for part in _listed(given) for one in _each_label(_in_pixels(part), "rectanglelabels")]
    places, names = given.get("bbox"), given.get("categories", given.get("category"))
    if not isinstance(places, list) or not isinstance(names, list) or len(places) != len(names):
        raise Invalid("bbox and categories must be two lists of the same length", field="label")
    if not all(isinstance(place, list) and len(place) == 4 for place in places):  # noqa: PLR2004  x, y, width, height
        raise Invalid("each bbox must be [x, y, width, height]", field="label")
    sides = ("x", "y", "width", "height")
    return [{"label": name, **dict(zip(sides, place, strict=True))} for name, place in zip(names, places, strict=True)]


def _in_pixels(part: Any) -> Any:
    """Return an object of Label Studio's short form in pixels instead of percents; any other as it is."""
    if not isinstance(part, dict) or not part.keys() & {"rectanglelabels", "polygonlabels"}:
        return part
    width, height = part.get("original_width"), part.get("original_height")
    if type(width) is not int or type(height) is not int:
        raise Invalid("nothing says how large the picture is (original_width, original_height)", field="label")
    wide, high = width / 100, height / 100
    try:
        if "points" in part:
            return {**part, "points": [[x * wide, y * high] for x, y in part["points"]]}
        across = {name: part[name] * wide for name in ("x", "width")}
        return {**part, **across, **{name: part[name] * high for name in ("y", "height")}}
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("an object of Label Studio has no place in percents", field="label") from error


def _listed(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise Invalid("a list is expected", field="label")
    return given

"""What Label Studio calls a result: one region or choice of an answer, and how it stands for a part of a value.

Boxes and outlines are percents of the picture, 0 to 100. Places of spans are Unicode code points, end exclusive: the
front end has stored them so since 2021, before that it stored UTF-16 code units. A result also holds the text of its
span, so each is checked against it, as code points and then as UTF-16; without it offsets.py decides.

Note: a result may belong to another question of the same page (a comment, a choice beside
boxes). Those are counted and named, not taken; a shape that cannot be held (a turned box, an ellipse, a brush) refuses
the whole answer instead. Of a label that an item comes with, only that region is left out.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing import coordinates
from labeler.exchange.parsing.coordinates import Placed, Size
from labeler.exchange.parsing.extra_fields import LeftOut
from labeler.exchange.parsing.offsets import Place, guessed, quoted_place
from labeler.exchange.parsing.values import Value
from labeler.messages import Message, verbatim
from labeler.task_types.registry import by_shape

Result = dict[str, Any]

OTHER = "other_results"
_TYPES = {
    "label": ("choices", "rating"),
    "labels": ("choices",),
    "boxes": ("rectanglelabels",),
    "polygons": ("polygonlabels",),
    "spans": ("labels", "hypertextlabels"),
}
_DRAWN = re.compile(r"(rectangle|polygon|ellipse|brush|keypoint|bitmask|vector|magicwand|timeseries|video|paragraph)")
_ROTATION, _POINT = Message("the rotation of a box"), Message("a point")
_SIDES = {side: Message("{side} of a box", side=side) for side in ("x", "y", "width", "height")}


class Seen(NamedTuple):
    """What the results of one answer are about. question: the name of the control that asks, "" for the only one."""

    text: str | None = None
    size: Size | None = None
    question: str = ""


def results_of(value: Value, content: str, identity: str, seen: Seen) -> list[Result]:
    """Return a value as results; raises Invalid when the size of the picture is needed and not known."""
    asked = {"from_name": "label", "to_name": content}
    (shape,) = value
    own = by_shape(shape).label_studio
    if own is not None:
        return [{"id": identity, **asked, "type": own.types[0], "value": own.result(value)}]
    if "label" in value or value.get("labels"):
        chosen = value["labels"] if "labels" in value else [value["label"]]
        return [{"id": identity, **asked, "type": "choices", "value": {"choices": chosen}}]
    if "spans" in value:
        parts = [_span_result(span, seen.text or "") for span in value["spans"]]
    else:
        parts = [_shape_result(part, seen.size) for part in (*value.get("boxes", ()), *value.get("polygons", ()))]
    return [{"id": f"{identity}_{number}", **asked, **part} for number, part in enumerate(parts, 1)]


def value_of_results(results: Any, shape: str, seen: Seen) -> tuple[Value, dict[str, Any]]:
    """Return the value that results stand for, and metadata about it; raises Invalid saying what cannot be held."""
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        raise Invalid("the results of an answer must be a list of objects")
    own = by_shape(shape).label_studio
    taken, others = _sorted(results, shape, own.types if own else _TYPES[shape], seen.question)
    told: dict[str, Any] = {OTHER: dict(others)} if others else {}
    if own is not None:
        return own.value([_inner(result) for result in taken]), told
    if shape in {"label", "labels"}:
        return _chosen(taken, shape), told
    if shape == "spans":
        return {"spans": _spans(taken, seen.text or "")}, told
    placed = [one for result in taken for one in _placed(result, shape, _size(result, seen.size))]
    value, clipped = coordinates.value_from(shape, placed)
    return value, {**told, **clipped}


def understood_results(results: Any, shape: str, seen: Seen) -> tuple[Value | None, dict[str, Any], LeftOut]:
    """Return what can be held of results as a value, None for nothing, with metadata and what was left out.

    Not for answers of people: without one of its regions it would be another answer.
    """
    try:
        return (*value_of_results(results, shape, seen), ())
    except Invalid as error:
        if not by_shape(shape).part_fields or not isinstance(results, list):
            return None, {}, ((error.message, 1),)
    parts: list[Any] = []
    placed: list[dict[str, Any]] = []
    lost, others = Counter[str](), Counter[str]()
    for result in results:
        try:
            value, told = value_of_results([result], shape, seen)
        except Invalid as error:
            lost[verbatim(error.message)] += 1
            continue
        parts += value[shape]
        others.update(told.pop(OTHER, {}))
        placed.append(told)
    clipped = sum(told.get(coordinates.CLIPPED, 0) for told in placed)
    metadata = {OTHER: dict(others), coordinates.CLIPPED: clipped}
    kept = {name: what for name, what in metadata.items() if what}
    return {shape: parts} if parts else None, kept, tuple(lost.items())


def _sorted(
    results: Sequence[Result], shape: str, types: Sequence[str], question: str
) -> tuple[list[Result], Counter[str]]:
    """Return the results that answer, and how many of other kinds there are."""
    taken, others = [], Counter[str]()
    for result in results:
        kind = str(result.get("type", ""))
        if question and result.get("from_name") != question:
            others[f"{kind} {result.get('from_name')}"[:60]] += 1
        elif kind in types:
            taken.append(result)
        elif _DRAWN.match(kind):
            raise Invalid(
                "a result of the type {kind!r} cannot be held in a project of {shape}", kind=kind[:40], shape=shape
            )
        else:
            others[kind[:40]] += 1
    names = sorted({str(result.get("from_name")) for result in taken})
    if len(names) > 1 and not by_shape(shape).part_fields:
        raise Invalid(
            "it answers {count} questions ({names}); name one as the label's column",
            count=len(names),
            names=", ".join(names)[:80],
        )
    return taken, others


def _chosen(taken: Sequence[Result], shape: str) -> Value:
    chosen: list[str] = []
    for result in taken:
        value = _inner(result)
        given = value.get("choices", [value.get("rating")])
        for one in given if isinstance(given, list) else [given]:
            name = one[-1] if isinstance(one, list) and one else one
            if isinstance(name, bool) or not isinstance(name, str | int):
                raise Invalid("a choice must be a text")
            chosen.append(str(name))
    if shape == "labels":
        return {"labels": chosen}
    if len(chosen) != 1:
        raise Invalid("one choice is expected, not {count}", count=len(chosen))
    return {"label": chosen[0]}


def _inner(result: Result) -> dict[str, Any]:
    value = result.get("value")
    if not isinstance(value, dict):
        raise Invalid("a result has no value")
    return value


def _labels(result: Result, kind: str) -> list[str]:
    labels = _inner(result).get(kind, _inner(result).get("labels"))
    if not isinstance(labels, list) or not labels or not all(isinstance(label, str) for label in labels):
        raise Invalid("a result has no class")
    return labels


def _spans(taken: Sequence[Result], text: str) -> list[dict[str, Any]]:
    places = [_place(_inner(result)) for result in taken]
    quoted = [_inner(result).get("text") for result in taken]
    if not all(isinstance(quote, str) and quote for quote in quoted):
        places = guessed(text, places)
    else:
        places = [quoted_place(text, place, str(quote)) for place, quote in zip(places, quoted, strict=True)]
    return [
        {"label": label, "start": start, "end": end}
        for result, (start, end) in zip(taken, places, strict=True)
        for label in _labels(result, str(result["type"]))
    ]


def _place(value: dict[str, Any]) -> Place:
    whole = value.get("globalOffsets")
    start, end = (value.get("start"), value.get("end"))
    if isinstance(whole, dict) and type(start) is not int:
        start, end = whole.get("start"), whole.get("end")
    if type(start) is not int or type(end) is not int:
        raise Invalid("a span is placed inside HTML; only places in plain text are read")
    return start, end


def _size(result: Result, size: Size | None) -> Size:
    """Return the size of the upright picture; what the result says of it must at least have the same form."""
    if result.get("image_rotation"):
        raise Invalid("it was drawn on a turned picture; turn the picture itself")
    stated = result.get("original_width"), result.get("original_height")
    if not all(type(side) is int and 0 < side <= coordinates.LIMIT for side in stated):
        if size is None:
            raise Invalid("nothing says how large the picture is (original_width, original_height)")
        return size
    given = Size(int(str(stated[0])), int(str(stated[1])))
    if size is None or given == size:
        return given
    if abs(given.width * size.height - given.height * size.width) > size.width + size.height:
        raise Invalid(
            "it was drawn on {on_width} x {on_height}, but the picture is {width} x {height}",
            on_width=given.width,
            on_height=given.height,
            width=size.width,
            height=size.height,
        )
    return size


def _placed(result: Result, shape: str, size: Size) -> Iterator[Placed]:
    value = _inner(result)
    for label in _labels(result, "rectanglelabels" if shape == "boxes" else "polygonlabels"):
        if shape == "boxes":
            turn = coordinates.number(value.get("rotation", 0) or 0, _ROTATION)
            if turn % 360:
                raise Invalid("a box is turned; only upright boxes can be held")
            sides = [coordinates.number(value.get(side), what) for side, what in _SIDES.items()]
            wide, high = size.width / 100, size.height / 100
            yield coordinates.box(label, (sides[0] * wide, sides[1] * high, sides[2] * wide, sides[3] * high), size)
        else:
            yield coordinates.polygon(label, [_corner(point, size) for point in _points(value)], size)


def _points(value: dict[str, Any]) -> list[Any]:
    points = value.get("points")
    if not isinstance(points, list):
        raise Invalid("a polygon has no points")
    if value.get("closed") is False:
        raise Invalid("a polygon is not closed")
    return points


def _corner(point: Any, size: Size) -> tuple[float, float]:
    if not isinstance(point, list) or len(point) != 2:  # noqa: PLR2004  x and y
        raise Invalid("a point must be [x, y]")
    x, y = (coordinates.number(side, _POINT) for side in point)
    return x * size.width / 100, y * size.height / 100


def _span_result(span: dict[str, Any], text: str) -> Result:
    start, end = span["start"], span["end"]
    return {"type": "labels", "value": {"start": start, "end": end, "text": text[start:end], "labels": [span["label"]]}}


def _shape_result(part: dict[str, Any], size: Size | None) -> Result:
    if size is None:
        raise Invalid("the size of the picture is not known")
    wide, high = 100 / size.width, 100 / size.height
    told = {"original_width": size.width, "original_height": size.height, "image_rotation": 0}
    if "points" in part:
        points = [[x * wide, y * high] for x, y in part["points"]]
        value = {"points": points, "closed": True, "polygonlabels": [part["label"]]}
        return {"type": "polygonlabels", **told, "value": value}
    sides = {
        "x": part["x"] * wide,
        "y": part["y"] * high,
        "width": part["width"] * wide,
        "height": part["height"] * high,
    }
    return {"type": "rectanglelabels", **told, "value": {**sides, "rotation": 0, "rectanglelabels": [part["label"]]}}

"""Objects of a label with more fields than are kept here: what agrees with the rest is dropped, what does not is told.

Other tools write beside a span the text it covers, its tokens, an id, a score. Note: not all of it
can simply be dropped: the text that a span covers says where it stands, so where the two disagree the row is refused,
and a box that is turned is not the upright box of the same numbers.
"""

from collections import Counter
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing.offsets import quoted_place
from labeler.exchange.parsing.values import Value, mean_score
from labeler.messages import Message
from labeler.task_types.registry import by_shape

LeftOut = tuple[tuple[str, int], ...]

_SAID_TWICE = frozenset(("text", "token_start", "token_end", "tokens", "length", "original_width", "original_height"))
_TURNS = ("rotation", "angle", "theta")


def shape_of_parts(value: Value | None) -> str:
    """Return the shape of a label that is made of objects, "" for any other."""
    return next((shape for shape in value or () if by_shape(shape).part_fields), "")


def known_parts(value: Value | None, text: str | None) -> tuple[Value | None, LeftOut]:
    """Return a label of objects with the fields that are kept here, and what was dropped, as (reason, how many).

    text: of the item, to check what a span quotes (None: not known). Raises Invalid where the fields contradict.
    """
    shape = shape_of_parts(value)
    if value is None or not shape or not isinstance(value[shape], list):
        return value, ()
    if all(isinstance(part, dict) and part.keys() <= by_shape(shape).part_fields for part in value[shape]):
        return value, ()
    dropped = Counter[str]()
    parts = [_known(part, shape, text, dropped) for part in value[shape]]
    told = tuple(
        (Message("a field of {shape} that cannot be held: {name}", shape=shape, name=name), count)
        for name, count in sorted(dropped.items())
    )
    return {shape: parts}, told


def without_scores(value: Value | None) -> tuple[Value | None, float | None]:
    """Return a prediction of objects without how sure a model is of each, and the mean of that, None where not said."""
    shape = shape_of_parts(value)
    parts = value[shape] if value is not None and shape else None
    if not isinstance(parts, list) or not any(isinstance(part, dict) and "score" in part for part in parts):
        return value, None
    kept = [{name: what for name, what in part.items() if name != "score"} if isinstance(part, dict) else part
            for part in parts]  # fmt: skip
    return {shape: kept}, mean_score(part.get("score") for part in parts if isinstance(part, dict))


def _known(part: Any, shape: str, text: str | None, dropped: Counter[str]) -> Any:
    if not isinstance(part, dict):
        return part  # for the task type to refuse
    task = by_shape(shape)
    for turn in _TURNS:
        if "image" in task.media and isinstance(part.get(turn), int | float) and part[turn] % 360:
            raise Invalid("a box is turned; only upright boxes can be held", field=shape)
    kept = {name: what for name, what in part.items() if name in task.part_fields}
    dropped.update(str(name)[:40] for name in part.keys() - kept.keys() - _SAID_TWICE - set(_TURNS))
    if "text" in task.media and text is not None and isinstance(quote := part.get("text"), str) and quote:
        start, end = part.get("start"), part.get("end")
        if type(start) is type(end) is int:
            kept["start"], kept["end"] = quoted_place(text, (start, end), quote)
    return kept

"""Prodigy's JSON Lines: what `answer` says about the label beside it.

Only an accepted label is one. What was rejected is known to be wrong and what was ignored is not known to be anything:
both come in without a label, and what they showed stays as metadata.

Note: a choice is in `accept`, and `options` only lists what could be chosen.
"""

from collections.abc import Collection, Iterable
from typing import Any

from labeler.exchange.parsing.extra_fields import LeftOut
from labeler.exchange.rows import SHOWN, RejectedRow
from labeler.exchange.sources import ReadOptions
from labeler.messages import Message

ANSWERS = frozenset(("accept", "reject", "ignore"))
_LABELS = ("label", "labels", "spans", "accept", "relations")
_KEPT_AS = {"reject": "rejected", "ignore": "ignored"}


def left_out(answer: str) -> LeftOut:
    """Return what is told of a row whose answer is no label."""
    return ((Message("the answer is {answer}, so what it shows is no label; the item has none", answer=answer), 1),)


def is_prodigy(values: Iterable[Any], classes: Collection[str]) -> bool:
    """Say whether these objects have an `answer` as Prodigy writes it. classes: of the project; may be such words."""
    answers = [value["answer"] for value in values if isinstance(value, dict) and "answer" in value]
    plain = bool(answers) and all(isinstance(answer, str) and answer in ANSWERS for answer in answers)
    return plain and not set(classes) >= ANSWERS and not set(answers) <= set(classes)


def judged(value: dict[str, Any], options: ReadOptions) -> tuple[dict[str, Any], LeftOut]:
    """Return an object of Prodigy's with the label that was accepted, or with none, and what is told of that."""
    answer = value.get("answer")
    if answer not in ANSWERS:
        return value, ()
    if answer == "accept":
        chosen = value.get("accept")
        return ({**value, "label": chosen} if isinstance(chosen, list) and "label" not in value else value), ()
    labels = {*_LABELS, options.mapping.label}
    shown = {f"{_KEPT_AS[answer]}_{name}": what for name, what in value.items() if name in labels}
    kept = {name: what for name, what in value.items() if name not in labels}
    return {**kept, **shown}, left_out(answer)


def refused(number: int, value: dict[str, Any], written: str) -> RejectedRow | None:
    """Return why an object that should be somebody's answer is none, or None when it is."""
    if value.get("answer") not in _KEPT_AS:
        return None
    return RejectedRow(
        number,
        "answer",
        Message("the answer is {answer}, which gives no label", answer=value["answer"]),
        written[:SHOWN],
    )

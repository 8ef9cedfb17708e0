"""Boxes and polygons: marks that are missed, where nothing is, of a wrong class, or badly placed.

Three witnesses, each heard only where it is clearly better than guessing: the answers of several annotators, imported
predictions, and crops of the marks judged by models that never saw the picture. Of what they say about one mark the
most probable is kept, not the sum: they often see the same thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labeler.messages import Message
from labeler.quality.dataset import Judged, Verdict
from labeler.quality.judges import base
from labeler.quality.judges.regions import by_answers, by_crops, by_predictions, cleanlab, marks
from labeler.task_types.matching import SAME

if TYPE_CHECKING:
    from labeler.quality.judges.base import Case
    from labeler.quality.judges.regions.marks import Edit
    from labeler.task_types.base import Value

WITNESSES = (by_answers.find, by_predictions.find, by_crops.find)


def judge(case: Case) -> Judged:
    """Judge every picture that has a label; see the module."""
    heard: list[dict[int, list[Edit]]] = []
    facts: dict[str, Any] = {}
    closed = 0
    for witness in WITNESSES:
        found, said = witness(case)
        facts |= said
        closed += found is None
        if found:
            heard.append(found)
    scores, beside = base.nothing(case), cleanlab.scores(case)
    model: dict[str, Any] = {"witnesses": len(heard), **facts}
    summary = {"gate": {"open": bool(heard), **facts} if heard or closed else None, "model": model if heard else None}
    if not heard:
        return Judged(scores, beside, notes=[_silent(closed)], facts=summary)
    verdicts = []
    for item in sorted({item for found in heard for item in found}):
        edits = _kept(case, [edit for found in heard for edit in found.get(item, ())])
        scores[item] = 0.0
        if edits:
            verdicts.append(_verdict(case, item, edits))
            scores[item] = base.at_least_one(place["probability"] for place in verdicts[-1].places)
    return Judged(scores, beside, verdicts, facts=summary)


def _kept(case: Case, edits: list[Edit]) -> list[Edit]:
    """Return of each mark, and of each thing that is missed, what is said with the highest probability."""
    task = marks.kind(case.values)
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda one: -one.place["probability"]):
        if not any(_is_same(task, edit, other) for other in kept):
            kept.append(edit)
    return kept


def _is_same(task: Any, one: Edit, other: Edit) -> bool:
    if one.mark >= 0 or other.mark >= 0:
        return one.mark == other.mark
    shapes = [task.drawn("", 0, 0, task.place_in(edit.place["geometry"])).shape for edit in (one, other)]
    return bool(task.overlap(*shapes) >= SAME)


def _verdict(case: Case, item: int, edits: list[Edit]) -> Verdict:
    shown = base.named([edit.place for edit in edits])
    edit_of = {id(edit.place): edit for edit in edits}
    chosen = [edit_of[id(place)] for place in base.taken(shown)]
    right = [place["probability"] * edit_of[id(place)].right for place in shown]
    return Verdict(item, shown, _corrected(case, item, chosen), base.chance_as_a_whole(shown, right))


def _corrected(case: Case, item: int, edits: list[Edit]) -> Value:
    parts: list[Value | None] = [*marks.parts_of(case.values, case.values.labels[item])]
    for edit in edits:
        if edit.mark < 0:
            parts.append(edit.part)
        else:
            parts[edit.mark] = edit.part
    return {case.values.task.shape: [part for part in parts if part is not None]}


def _silent(closed: int) -> str:
    if closed:
        return Message(
            "Neither several answers, nor predictions, nor models of what is inside the marks are clearly better than "
            "guessing here, so nobody accuses a label. Label more items, then run the pass again."
        )
    return Message(
        "To find wrong marks the check needs several answers to an item, imported predictions, or 20 marks of two "
        "classes; there are none of these yet."
    )

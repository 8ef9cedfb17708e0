"""Labels of pictures beside the answers of several annotators, thing by thing as the task type matches them.

How far an annotator is believed is how often they agree with most of the others on a thing, not having marked it being
an answer too; from that follows how probable each class is, or that nothing is there, as if annotators answered
independently (naive Bayes). Where a mark lies is compared with how well those who marked the same thing agree.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

from labeler.quality import gate
from labeler.quality.judges.regions import by_predictions, marks
from labeler.quality.judges.regions.marks import LABEL, LOOSE, Edit
from labeler.task_types import matching
from labeler.task_types.base import ABSENT

if TYPE_CHECKING:
    from labeler.quality.judges.base import Case
    from labeler.task_types.base import Value
    from labeler.task_types.matching import Drawn

FEWEST = 5  # items with a label and several answers
IMAGINED = 4.0  # things on which each annotator is taken to agree as all do
GUESSING, SUREST = 0.34, 0.99  # between which an annotator is believed
OTHERS = 2  # things that a wrong answer may say: nothing, or another class

Thing = tuple[int, "Drawn | None", "dict[str, Drawn | None]"]
"""Of an item: the label's mark, and each annotator's, None where they did not mark it."""


def find(case: Case) -> tuple[dict[int, list[Edit]] | None, dict[str, float]]:
    """Return what the answers speak against, by item, None where they agree no better than by chance; and the facts."""
    import numpy as np

    values = case.values
    items = [n for n, label in enumerate(values.labels) if label is not None and len(values.answers[n]) > 1]
    if len(items) < FEWEST:
        return {}, {}
    task = marks.kind(values)
    drawn = {n: {who: marks.drawn(case, said, who) for who, said in values.answers[n].items()} for n in items}
    hits, of, by_place = np.zeros(len(items)), np.zeros(len(items)), np.zeros(len(items))
    for place, n in enumerate(items):
        others = drawn[items[place - 1]]
        for one, two in combinations(drawn[n].values(), 2):
            hits[place] += 2 * sum(a.label == b.label for a, b, _ in marks.compare(one, two, task).pairs)
            of[place] += len(one) + len(two)
        for one, two in zip(drawn[n].values(), others.values(), strict=False):
            by_place[place] += 2 * sum(a.label == b.label for a, b, _ in marks.compare(one, two, task).pairs)
    groups = case.features.groups[items]
    opened = gate.is_clear(gate.clearness(hits - by_place, groups), groups)
    facts = {"answers_f1": round(float(hits.sum() / max(1.0, of.sum())), 4)}
    return (_judge(case, _things(case, drawn)) if opened else None), facts


def _things(case: Case, drawn: dict[int, dict[str, list[Drawn]]]) -> list[Thing]:
    found: list[Thing] = []
    task = marks.kind(case.values)
    for n, answers in drawn.items():
        label = marks.drawn(case, case.values.labels[n])
        for members in matching.clusters({LABEL: label, **answers}, matching.remembered(task.overlap)):
            own = {one.who: one for one in members}
            found.append((n, own.get(LABEL), {who: own.get(who) for who in answers}))
    return found


def _said(mark: Drawn | None) -> int:
    return ABSENT if mark is None else mark.label


def _agreement(things: list[Thing]) -> dict[str, float]:
    """Return how often each annotator says of a thing what most others say, drawn to the mean of all."""
    agreed: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for _, _, votes in things:
        for who, mark in votes.items():
            others = Counter(_said(other) for name, other in votes.items() if name != who).most_common(2)
            if len(others) == 1 or others[0][1] > others[1][1]:
                asked[who] += 1
                agreed[who] += others[0][0] == _said(mark)
    usual = (agreed.total() + 1) / (asked.total() + 2)
    return {who: (agreed[who] + IMAGINED * usual) / (asked[who] + IMAGINED) for _, _, votes in things for who in votes}


def _judge(case: Case, things: list[Thing]) -> dict[int, list[Edit]]:
    agreement = _agreement(things)
    found: dict[int, list[Edit]] = {n: [] for n, _, _ in things}
    waiting: list[tuple[int, Drawn, list[Drawn]]] = []
    usual = sum(agreement.values()) / len(agreement)
    for n, own, votes in _joined(case, things):
        belief = _belief(_said(own), votes, agreement | {LABEL: usual})
        best = max(belief, key=lambda label: (belief[label], label == _said(own)))
        if best != _said(own):
            found[n].append(_edit(case, (n, own, votes), best, belief))
        elif own is not None:
            waiting.append((n, own, [mark for mark in votes.values() if mark is not None and mark.label == own.label]))
    for n, edit in _badly_placed(case, waiting):
        found[n].append(edit)
    return found


def _joined(case: Case, things: list[Thing]) -> list[Thing]:
    """Take a mark of the label and marks of others together that are one thing, however badly placed."""
    measure = marks.kind(case.values).overlap
    alone = {n: t for n, t in enumerate(things) if t[1] is not None and not any(t[2].values())}
    joined, gone = list(things), set()
    for at, (n, own, votes) in enumerate(things):
        seen = [mark for mark in votes.values() if mark is not None]
        if own is not None or not seen:
            continue
        label = Counter(mark.label for mark in seen).most_common(1)[0][0]
        near = [
            (measure(other[1].shape, seen[0].shape), place)
            for place, other in alone.items()
            if other[0] == n and other[1] is not None and other[1].label == label and place not in gone
        ]
        if near and max(near)[0] >= LOOSE:
            gone.add(max(near)[1])
            joined[at] = (n, things[max(near)[1]][1], votes)
    return [thing for place, thing in enumerate(joined) if place not in gone]


def _belief(own: int, votes: dict[str, Drawn | None], agreement: dict[str, float]) -> dict[int, float]:
    """Return how probable each class, or that nothing is there, is by the votes and the label, which is one more."""
    labels = {own, ABSENT, *(_said(mark) for mark in votes.values())}
    chance = dict.fromkeys(labels, 1.0)
    said = {LABEL: own, **{who: _said(mark) for who, mark in votes.items()}}
    for who, vote in said.items():
        right = min(max(agreement[who], GUESSING), SUREST)
        for label in labels:
            chance[label] *= right if vote == label else (1 - right) / OTHERS
    total = sum(chance.values())
    return {label: one / total for label, one in chance.items()}


def _edit(case: Case, thing: Thing, best: int, belief: dict[int, float]) -> Edit:
    n, own, votes = thing
    task, chance = marks.kind(case.values), 1 - belief[_said(own)]
    says = {"votes": sum(_said(mark) == best for mark in votes.values()), "voters": len(votes)}
    right = belief[best] / chance
    if own is None:
        part = {"label": case.values.config.classes[best], **_middle(case, n, [m for m in votes.values() if m])}
        return Edit(marks.place("missed", chance, None, best, marks.geometry(task, part)) | says, -1, part, right)
    now = marks.parts_of(case.values, case.values.labels[n])[own.number]
    if best == ABSENT:
        place = marks.place("nothing_there", chance, own, None, marks.geometry(task, now))
        return Edit(place | says, own.number, None, right)
    place = marks.place("wrong_class", chance, own, best, marks.geometry(task, now))
    return Edit(place | says, own.number, {**now, "label": case.values.config.classes[best]}, right)


def _middle(case: Case, item: int, seen: list[Drawn]) -> Value:
    """Return where most of the annotators who marked a thing have it."""
    task = marks.kind(case.values)
    parts = [marks.parts_of(case.values, case.values.answers[item][one.who])[one.number] for one in seen]
    places = [task.place_in(part) for part in parts]
    if len(places) == 1:
        return task.part_at(places[0])
    return task.part_at(task.middle(places, [one.shape for one in seen], task.overlap))


def _badly_placed(case: Case, waiting: list[tuple[int, Drawn, list[Drawn]]]) -> list[tuple[int, Edit]]:
    """Return marks that overlap with those of annotators clearly less than these do among themselves."""
    task, compared = marks.kind(case.values), []
    for n, own, seen in waiting:
        if len(seen) > 1:
            pairs = [task.overlap(one.shape, two.shape) for one, two in combinations(seen, 2)]
            with_own = [task.overlap(own.shape, one.shape) for one in seen]
            among, beside = sum(pairs) / len(pairs), sum(with_own) / len(with_own)
            compared.append((n, own, seen, among, beside))
    found = []
    chances = by_predictions.far_off([1 - max(0.0, among - beside) for *_, among, beside in compared])
    for (n, own, seen, among, beside), chance in zip(compared, chances, strict=True):
        if chance > 0:
            now = marks.parts_of(case.values, case.values.labels[n])[own.number]
            moved = _middle(case, n, seen)
            place = marks.place("border", chance, own, own.label, marks.geometry(task, now))
            says = {"suggested_geometry": moved, "overlap": round(beside, 4), "usual_overlap": round(among, 4)}
            says |= {"votes": len(seen), "voters": len(case.values.answers[n])}
            found.append((n, Edit(place | says, own.number, {**now, **moved})))
    return found

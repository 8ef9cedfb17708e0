"""Labels of pictures beside imported predictions.

How far a prediction is believed is counted, not assumed: how often the marks it makes are in the labels, how often it
finds those that are, with which class, how well they overlap, and how far its score tells that. One that is nearly
always right makes a label that differs doubtful, one that is often wrong makes no difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.quality import gate
from labeler.quality.judges import base
from labeler.quality.judges.regions import marks
from labeler.quality.judges.regions.marks import Edit

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats
    from labeler.quality.judges.base import Case
    from labeler.quality.judges.regions.marks import Beside
    from labeler.task_types.base import Value

FEWEST = 10  # items with a label and a prediction
SPREAD = 0.03  # least usual deviation of overlaps
CLEARLY = 0.2  # by which an overlap must be below the usual one
LABELS_WRONG = 0.008  # share of marks, before anybody knows: more would accuse good labels of a fair model's mistakes
SUREST = 0.95  # chance of a label that differs
EDGE = 0.01  # by which scores of 0 and 1 are kept from being sure
STEPS = 12  # of Newton's method
NEARLY_NONE, PRIOR = 0.02, 0.5  # how strongly what predictions are usually, and what scores tell, are drawn to 0
FREEDOM = 4  # of Student's t, whose tails are heavier than a normal number's: some marks are hard to place


def find(case: Case) -> tuple[dict[int, list[Edit]] | None, dict[str, float]]:
    """Return what the predictions speak against, by item, None where they are no better than guessing; and the facts.

    Items with a label and a prediction, but nothing to say against it, have an empty list.
    """
    import numpy as np

    values = case.values
    items = [n for n, said in enumerate(values.predictions) if said is not None and values.labels[n] is not None]
    if len(items) < FEWEST:
        return {}, {}
    task = marks.kind(values)
    ours = {n: marks.drawn(case, values.labels[n]) for n in items}
    theirs = {n: marks.drawn(case, said.value, "model") for n in items if (said := values.predictions[n]) is not None}
    beside = {n: marks.compare(ours[n], theirs[n], task) for n in items}
    other = dict(zip(items, np.roll(items, 1).tolist(), strict=True))
    hits = np.array([_hits(beside[n]) for n in items])
    by_place = np.array([_hits(marks.compare(ours[other[n]], theirs[n], task)) for n in items])
    of = np.array([len(ours[n]) + len(theirs[n]) for n in items], dtype=np.float64)
    f1 = float(2 * hits.sum() / max(1.0, of.sum()))
    groups = case.features.groups[items]
    opened = gate.is_clear(gate.clearness(hits - by_place, groups), groups)
    facts = {"prediction_f1": round(f1, 4), "prediction_guessed": round(float(2 * by_place.sum() / of.sum()), 4)}
    return (_judge(case, items, beside) if opened else None), facts


def _hits(beside: Beside) -> float:
    return float(sum(one.label == two.label for one, two, _ in beside.pairs))


def _sureness(case: Case, items: list[int]) -> dict[int, float]:
    """Return the log odds of each item's score, less the usual ones; 0 where nothing is said."""
    import numpy as np

    odds = {}
    for n in items:
        said = case.values.predictions[n]
        score = None if said is None else said.score
        odds[n] = None if score is None else float(np.log((score + EDGE) / (1 - score + EDGE)))
    known = [one for one in odds.values() if one is not None]
    usual = float(np.median(known)) if known else 0.0
    return {n: 0.0 if one is None else one - usual for n, one in odds.items()}


def _judge(case: Case, items: list[int], beside: dict[int, Beside]) -> dict[int, list[Edit]]:
    sure = _sureness(case, items)
    pairs = [(n, *pair) for n in items for pair in beside[n].pairs]
    missed = [(n, one) for n in items for one in beside[n].missed]
    extra = [(n, one) for n in items for one in beside[n].extra]
    found: dict[int, list[Edit]] = {n: [] for n in items}
    differ = [pair for pair in pairs if pair[1].label != pair[2].label]
    same = [pair for pair in pairs if pair[1].label == pair[2].label]
    task, agreeing = marks.kind(case.values), [n for n, *_ in pairs]
    for (n, one), chance in zip(missed, _doubt(agreeing, [n for n, _ in missed], sure), strict=True):
        part = _part(case, n, one.number)
        place = marks.place("missed", chance, None, one.label, marks.geometry(task, part))
        found[n].append(Edit(place | {"by_prediction": True}, -1, part))
    for (n, one), chance in zip(extra, _doubt(agreeing, [n for n, _ in extra], sure), strict=True):
        own = marks.parts_of(case.values, case.values.labels[n])[one.number]
        place = marks.place("nothing_there", chance, one, None, marks.geometry(task, own))
        found[n].append(Edit(place | {"by_prediction": True}, one.number, None))
    for (n, one, two, _), chance in zip(
        differ, _doubt([n for n, *_ in same], [n for n, *_ in differ], sure), strict=True
    ):
        own = marks.parts_of(case.values, case.values.labels[n])[one.number]
        place = marks.place("wrong_class", chance, one, two.label, marks.geometry(task, own))
        changed = {**own, "label": case.values.config.classes[two.label]}
        found[n].append(Edit(place | {"by_prediction": True}, one.number, changed))
    overlaps = [overlap for *_, overlap in same]
    for (n, one, two, overlap), chance in zip(same, far_off(overlaps), strict=True):
        if chance > 0:
            own, better = marks.parts_of(case.values, case.values.labels[n])[one.number], _part(case, n, two.number)
            place = marks.place("border", chance, one, one.label, marks.geometry(task, own))
            moved = {"suggested_geometry": marks.geometry(task, better), "by_prediction": True}
            found[n].append(Edit(place | moved | said_of(overlap, overlaps), one.number, better))
    return found


def _part(case: Case, item: int, number: int) -> Value:
    said = case.values.predictions[item]
    return marks.parts_of(case.values, None if said is None else said.value)[number]


def _doubt(agreeing: list[int], differing: list[int], sure: dict[int, float]) -> list[float]:
    """Return how probably each label that differs is wrong. agreeing, differing: items of marks; sure: by item.

    How often predictions differ at their score is fitted to the labels themselves (logistic regression with a weak
    prior, so that a score that says nothing changes nothing). Whether the label or the prediction is wrong then nobody
    can count, so labels are taken to be wrong in `LABELS_WRONG` of the marks, never more often than predictions are.
    """
    import numpy as np

    if not differing:
        return []
    right = np.concatenate([np.zeros(len(differing)), np.ones(len(agreeing))])
    score = np.array([sure[n] for n in (*differing, *agreeing)])
    slope = np.stack([np.ones(len(score)), score], axis=1)
    weights = np.zeros(2)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-slope @ weights))
        curve = slope.T @ (slope * (chance * (1 - chance))[:, None]) + np.diag([NEARLY_NONE, PRIOR])
        weights += np.linalg.solve(curve, slope.T @ (right - chance) - np.array([NEARLY_NONE, PRIOR]) * weights)
    differs = 1 / (1 + np.exp(slope @ weights))
    rate = min(LABELS_WRONG, float(differs.mean()) / 2)
    found: list[float] = (rate / np.maximum(differs[: len(differing)], rate / SUREST)).tolist()
    return found


def far_off(overlaps: list[float]) -> list[float]:
    """Return how probably each of n overlaps is too small to be usual; 0 where it is not clearly below that."""
    import numpy as np
    from scipy.stats import t as student

    if not overlaps:
        return []
    found = np.array(overlaps)
    usual = float(np.median(found))
    spread = max(SPREAD, 1.4826 * float(np.median(np.abs(found - usual))))
    own: Floats = np.clip(2 * student.sf((usual - found) / spread, FREEDOM), 1e-6, 1.0)
    clear = usual - found > CLEARLY
    return np.where(clear, base.accidents(own), 0.0).tolist()  # type: ignore[no-any-return]


def said_of(overlap: float, overlaps: list[float]) -> dict[str, float]:
    """Return what a place says of an overlap."""
    import numpy as np

    return {"overlap": round(overlap, 4), "usual_overlap": round(float(np.median(overlaps)), 4)}

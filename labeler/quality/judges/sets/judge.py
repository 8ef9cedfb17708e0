"""Labels that are sets of classes: for each class, whether it is missing from a set or superfluous in it.

Each class is a question of its own, with its own powers and its own noise, because one is often forgotten and another
never. Whether the models are heard at all is decided once for all classes together, or among many useless questions
chance would open one; and then for each class. Several answers to an item are weighed class by class, as single classes
are. Note: classes of one set are taken for independent once the content is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labeler.messages import Message
from labeler.quality import crowd, gate, judgeable, noise, pooling
from labeler.quality.dataset import Judged, Verdict
from labeler.quality.judges import base
from labeler.quality.judges.sets import model

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Reason, Truths
    from labeler.quality.judges.base import Case

HALF = 0.5


@dataclass(frozen=True)
class _Asked:
    """One class as a question. logs: N x 2 an opinion (no, yes); answers: n of the labeled items, 0 or 1."""

    place: int
    logs: list[Floats]
    answers: Integers
    powers: Floats
    pooled: Floats
    clear: bool


def judge(case: Case) -> Judged:
    """Judge every set; see the module."""
    import numpy as np

    chosen, labeled = _sets(case)
    known = _judgeable(chosen, labeled, case)
    scores, beside = base.nothing(case), base.nothing(case)
    if len(known) == 0:
        return Judged(scores, beside, notes=[_too_few()], facts={"gate": None, "model": None})
    odds = model.opinions(chosen[:, known], labeled, case.features, case.near, report=case.report, seed=case.seed)
    if odds is None:
        note = Message("All labeled items have the same content, so no model can be trained.")
        return Judged(scores, beside, notes=[note], facts={"gate": None, "model": None})
    asked, clear = _ask(case, chosen, labeled, known, odds)
    pooled = np.stack([one.pooled[:, 1] for one in asked], axis=1)
    beside[labeled] = _cleanlab(chosen[labeled][:, known], pooled[labeled])
    facts, measure = _facts(chosen[labeled][:, known], pooled[labeled], opened=clear)
    if not clear:
        return Judged(scores, beside, notes=[base.not_heard(measure)], facts=facts | {"model": None})
    chances = _chances(case, chosen, labeled, asked)
    verdicts = [found for item in labeled if (found := _verdict(case, chosen[item], int(item), asked, chances))]
    scores[labeled] = np.nanmax(chances[labeled], axis=1, initial=0.0)
    for verdict in verdicts:
        scores[verdict.item] = base.at_least_one(place["probability"] for place in verdict.places)
    return Judged(scores, beside, verdicts, _notes(case, chosen, labeled, asked), facts)


def _sets(case: Case) -> tuple[Floats, Integers]:
    """Return N x K, 1 where a class is in the set, and the positions of the items that have one and can be read."""
    import numpy as np

    index, values = case.index, case.values
    chosen = np.zeros((len(values.labels), len(index)))
    for item, value in enumerate(values.labels):
        for code in values.task.labels_in(value) if value else ():
            chosen[item, index[code]] = 1.0
    known = np.array([value is not None for value in values.labels], dtype=bool)
    return chosen, np.flatnonzero(known & ~case.features.blank)


def _judgeable(chosen: Floats, labeled: Integers, case: Case) -> Integers:
    """Return the classes that are in enough sets of different contents, and missing from as many."""
    import numpy as np

    groups = case.features.groups[labeled]
    inside = [len(np.unique(groups[column > 0])) for column in chosen[labeled].T]
    outside = [len(np.unique(groups[column == 0])) for column in chosen[labeled].T]
    return np.flatnonzero(np.minimum(inside, outside) >= judgeable.FEWEST)


def _ask(
    case: Case, chosen: Floats, labeled: Integers, known: Integers, odds: list[Floats]
) -> tuple[list[_Asked], bool]:
    """Pool the opinions on each class; returns the questions, and whether all together are better than guessing."""
    import numpy as np

    groups, total, asked = case.features.groups[labeled], np.zeros(len(labeled)), []
    for column, place in enumerate(known):
        logs = [_log_chances(one[:, column]) for one in odds]
        answers = chosen[labeled, place].astype(np.int64)
        held = [one[labeled] for one in logs]
        powers = pooling.temper(held, answers)
        gains = gate.over_guessing(held, answers, groups, case.seed)
        total += gains
        share = answers.mean()
        entropy = -(share * np.log(share) + (1 - share) * np.log1p(-share))
        clear = gate.is_clear(gate.clearness(gains, groups), groups) and gains.mean() > gate.LEAST_GAIN * entropy
        asked.append(_Asked(int(place), logs, answers, powers, pooling.pool(logs, powers), bool(clear)))
    together = gate.is_clear(gate.clearness(total, groups), groups)
    return asked, together and any(one.clear for one in asked)


def _log_chances(odds: Floats) -> Floats:
    """Return N x 2 log chances (no, yes) of N log odds."""
    import numpy as np

    return np.maximum(-np.logaddexp(0, np.stack([odds, -odds], axis=1)), np.log(pooling.FLOOR))


def _chances(case: Case, chosen: Floats, labeled: Integers, asked: list[_Asked]) -> Floats:
    """Return N x K chances that what a set says of a class is wrong; NaN where the class is not judged."""
    import numpy as np

    chances = np.full(chosen.shape, np.nan)
    for one in asked:
        if one.clear:
            said = np.full(len(chosen), -1, dtype=np.int64)
            said[labeled] = one.answers
            found = noise.estimate(one.logs, one.powers, said, case.seed)
            chances[:, one.place] = _with_votes(case, one, said, found.scores)
    return chances


def _with_votes(case: Case, one: _Asked, said: Integers, alone: Floats) -> Floats:
    """Return the chances of one class, of items with several answers by these and the model together."""
    import numpy as np

    code = case.values.config.classes[one.place]
    rows = [
        (item, int(who), int(code in case.values.task.labels_in(answer)))
        for item, answers in enumerate(case.values.answers)
        for who, answer in answers.items()
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    if len(np.unique(table[:, 0])) == len(table):
        return alone  # one answer an item at most
    binary = replace(
        case.dataset, classes=("no", "yes"), labels=said, values=None, vote_items=table[:, 0],
        vote_annotators=table[:, 1], vote_classes=table[:, 2],
    )  # fmt: skip
    return crowd.weigh_votes(binary, crowd.gather(binary), one.pooled).scores(said, alone)


def _verdict(case: Case, own: Floats, item: int, asked: list[_Asked], chances: Floats) -> Verdict | None:
    """Return what speaks against one set: the classes of which votes or models hold the opposite for likelier."""
    places = []
    for one in asked:
        chance, there = float(chances[item, one.place]), own[one.place] > 0
        several = len(case.values.answers[item]) > 1
        contrary = chance > HALF if several else one.pooled[item, int(there)] < HALF
        if one.clear and contrary:
            places.append(_place(one.place, chance, there=bool(there)))
    if not places:
        return None
    shown = base.named(places)
    value = _corrected(case, own, base.taken(shown))
    whole = base.chance_as_a_whole(shown, [place["probability"] for place in shown])
    return Verdict(item, shown, value, whole, _more(case, item, shown[0]))


def _place(which: int, chance: float, *, there: bool) -> Reason:
    return {
        "kind": base.KIND,
        "problem": "superfluous" if there else "missing",
        "class": which if there else None,
        "suggested": None if there else which,
        "probability": round(chance, 4),
    }


def _corrected(case: Case, own: Floats, places: list[Reason]) -> dict[str, list[str]]:
    """Return the whole set with some places put right."""
    right = own.copy()
    for place in places:
        missing = place["suggested"] is not None
        right[place["suggested"] if missing else place["class"]] = float(missing)
    units = {code: n if right[n] > 0 else -1 for n, code in enumerate(case.values.config.classes)}
    return case.values.task.assemble(units, case.values.config, case.values.contents[0])


def _more(case: Case, item: int, place: Reason) -> list[Reason]:
    """Count who else says what the first place says: annotators, and the sets of similar items, where most do."""
    missing = place["suggested"] is not None
    which = place["suggested"] if missing else place["class"]
    code, names = case.values.config.classes[which], case.values.task.labels_in
    said = [code in names(answer) for answer in case.values.answers[item].values()]
    others = [case.values.labels[near] for near in case.near[0][item][:8] if near >= 0]
    alike = [code in names(value) for value in others if value is not None]
    found: list[Reason] = []
    for kind, list_ in (("chosen_by", said), ("neighbours_choose", alike)):
        agreeing = sum(one == missing for one in list_)
        if len(list_) > 1 and 2 * agreeing >= len(list_):
            found.append({"kind": kind, "count": sum(list_), "of": len(list_), "class": which})
    return found


def _cleanlab(chosen: Floats, pooled: Floats) -> Floats:
    """Return n of cleanlab's scores for sets turned round: 1 = surely wrong."""
    import numpy as np
    from cleanlab.multilabel_classification import get_label_quality_scores

    labels = [np.flatnonzero(row > 0).tolist() for row in chosen]
    turned: Floats = 1 - get_label_quality_scores(labels, pooled)
    return turned


def _facts(chosen: Floats, pooled: Floats, *, opened: bool) -> tuple[dict[str, Any], str]:
    """Return the facts of the gate and the model, and what measures the model, in words."""
    import numpy as np
    from sklearn.metrics import average_precision_score

    precision = float(np.mean([average_precision_score(chosen[:, n], pooled[:, n]) for n in range(chosen.shape[1])]))
    guessed = float(chosen.mean())
    right: Truths = (pooled > HALF) == (chosen > 0)
    facts = {
        "gate": {"open": opened, "average_precision": round(precision, 4), "guessed": round(guessed, 4)},
        "model": {"average_precision": round(precision, 4), "right_a_class": round(float(right.mean()), 4)},
    }
    said = Message(
        "its average precision over the classes is {precision:.2f} on items it never saw, where guessing has "
        "{guessed:.2f}",
        precision=precision,
        guessed=guessed,
    )
    return facts, said


def _too_few() -> str:
    return Message(
        "No class is in {enough} label sets of different items and missing from as many, so no model can be trained. "
        "Label more items.",
        enough=judgeable.FEWEST,
    )


def _notes(case: Case, chosen: Floats, labeled: Integers, asked: list[_Asked]) -> list[str]:
    """Name the classes that cannot be judged, or that the model does not know well enough."""
    judged = {one.place for one in asked if one.clear}
    names, counts = case.dataset.classes, chosen[labeled].sum(axis=0)
    left = [f"{name} ({int(counts[n])})" for n, name in enumerate(names) if n not in judged]
    if not left:
        return []
    return [
        Message(
            "Classes that the model does not clearly tell from the others are not judged (label sets with them): "
            "{classes}.",
            classes=", ".join(left),
        )
    ]

"""What speaks for another class than the label: the strongest reasons first.

Those that speak against the suggestion are left out: the reviewer sees the probabilities and votes anyway.
"""

from __future__ import annotations

from collections import Counter

from labeler.quality.dataset import Evidence, Reason
from labeler.quality.detectors.reasons import duplicate, model, votes

MOST = 4
STEPS_WEIGHT = 2.0  # how far a label of a scale is off is said first
COMMON = 3  # a mix-up seen less often is chance


def for_label(evidence: Evidence, item: int, suggested: int, mixed: Counter[tuple[int, int]]) -> list[Reason]:
    """Collect what speaks for the suggested class, strongest first, at most four."""
    given = int(evidence.dataset.labels[item])
    weighed = [
        *_model(evidence, item, suggested, given),
        *_weighed(neighbours(evidence, item, suggested)),
        *_weighed(votes(evidence, item, suggested)),
        *_duplicates(evidence, item, suggested),
        (0.1, mix_up(given, suggested, mixed)),
        *_differing(annotator(evidence, item, given)),
    ]
    if evidence.dataset.ordered:
        weighed.append(
            (STEPS_WEIGHT, {"kind": "steps", "steps": abs(given - suggested), "class": suggested, "given": given})
        )
    weighed.sort(key=lambda pair: -pair[0])
    return [reason for _, reason in weighed if reason][:MOST]


def neighbours(evidence: Evidence, item: int, suggested: int) -> Reason | None:
    """Count how many of the most similar labeled items have the suggested class."""
    near = evidence.neighbours[item]
    labels = [int(evidence.dataset.labels[other]) for other in near if other >= 0]
    count, of = labels.count(suggested), sum(label >= 0 for label in labels)
    return {"kind": "neighbours", "count": count, "of": of, "class": suggested} if 2 * count >= of > 0 else None


def annotator(evidence: Evidence, item: int, given: int) -> Reason | None:
    """Name who chose the given class and most differs on it from the others who saw the same items, if clearly so."""
    votes_of_item = slice(evidence.crowd.starts[item], evidence.crowd.starts[item + 1])
    chose = evidence.crowd.classes[votes_of_item] == given
    known = [
        (evidence.differs[int(one), given], int(one))
        for one in evidence.crowd.annotators[votes_of_item][chose]
        if (int(one), given) in evidence.differs
    ]
    if not known:
        return None
    differs, who = max(known, key=lambda pair: (pair[0].share, -pair[1]))
    return {"kind": "annotator", "annotator": who, "class": given, "share": round(differs.share, 4), "of": differs.of}


def mix_up(given: int, suggested: int, mixed: Counter[tuple[int, int]]) -> Reason | None:
    """Say that this pair of classes is the set's most frequent mix-up, and how often it was found."""
    count = mixed[given, suggested]
    if count < COMMON or count < max(mixed.values()):
        return None
    return {"kind": "mix_up", "given": given, "suggested": suggested, "count": count}


def _model(evidence: Evidence, item: int, suggested: int, given: int) -> list[tuple[float, Reason]]:
    """Weigh what the model says by the share it gives the suggested class; nothing when it prefers the given one."""
    reason = model(evidence, item, suggested, given)
    if reason is None or reason["probability"] <= reason["given_probability"]:
        return []
    return [(reason["probability"], reason)]


def _weighed(reason: Reason | None) -> list[tuple[float, Reason]]:
    return [(reason["count"] / reason["of"], reason)] if reason else []


def _differing(reason: Reason | None) -> list[tuple[float, Reason]]:
    return [(reason["share"], reason)] if reason else []


def _duplicates(evidence: Evidence, item: int, suggested: int) -> list[tuple[float, Reason]]:
    labels = evidence.dataset.labels
    agreeing = {other: same for other, same in evidence.twins.get(item, {}).items() if labels[other] == suggested}
    if not agreeing:
        return []
    other = max(agreeing, key=lambda place: (agreeing[place], -place))
    return [(agreeing[other], duplicate(evidence, other, agreeing[other]))]

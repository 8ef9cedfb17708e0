"""Nearly identical items with different labels: at most one of the labels can be right.

Items tied together by sameness form one family; its most frequent label is suggested to the others. Where two labels
are equally frequent the posterior decides, and without a model all members are flagged without a suggestion.
"""

from __future__ import annotations

from collections import Counter

from labeler.messages import Message
from labeler.quality.dataset import Evidence, Finding, Reason
from labeler.quality.detectors.base import Detector
from labeler.quality.detectors.families import families, with_family
from labeler.quality.detectors.reasons import duplicate

KIND = "contradiction"


def find(evidence: Evidence) -> list[Finding]:
    """Flag the members of a family whose label is not the family's most frequent one."""
    labels = evidence.dataset.labels
    findings = []
    for family in families(evidence):
        counted = Counter(int(labels[item]) for item in family if labels[item] >= 0)
        if len(counted) > 1:
            findings += _contradictions(evidence, family, counted)
    return findings


def _contradictions(evidence: Evidence, family: list[int], counted: Counter[int]) -> list[Finding]:
    most = max(counted.values())
    leading = sorted(label for label, count in counted.items() if count == most)
    suggested = _decide(evidence, family, leading)
    labels = evidence.dataset.labels
    findings = []
    for item in family:
        if labels[item] < 0 or labels[item] == suggested:
            continue
        believed = 0.0 if suggested is None else _belief(evidence, [item], suggested, counted)
        score = believed if suggested is not None else 1 - counted[int(labels[item])] / counted.total()
        findings.append(Finding(item, KIND, score, suggested, believed, _why(evidence, item, family)))
    return findings


def _decide(evidence: Evidence, family: list[int], leading: list[int]) -> int | None:
    if len(leading) == 1:
        return leading[0]
    if evidence.probabilities is None:
        return None
    sums = evidence.probabilities[family].sum(axis=0)
    return max(leading, key=lambda label: float(sums[label]))


def _belief(evidence: Evidence, items: list[int], label: int, counted: Counter[int]) -> float:
    """Return the mean of the share of the family's labels and of the model's probability, where there is a model."""
    share = counted[label] / counted.total()
    if evidence.probabilities is None:
        return share
    return (share + float(evidence.probabilities[items, label].mean())) / 2


def _why(evidence: Evidence, item: int, family: list[int]) -> list[Reason]:
    labels = evidence.dataset.labels
    alike = evidence.twins[item]
    differing = [other for other in family if labels[other] >= 0 and labels[other] != labels[item]]
    differing.sort(key=lambda other: (-alike.get(other, 0.0), other))
    named = [duplicate(evidence, other, alike.get(other, evidence.features.same_from)) for other in differing[:3]]
    return with_family(named, item, family)


DETECTOR = Detector(
    KIND,
    find,
    title=Message("Contradiction"),
    waiting=Message("Twins with different labels"),
    explanation=Message("It is nearly the same as an item with another label: at most one of the labels is right."),
    tone="warn",
    bulk=True,
)

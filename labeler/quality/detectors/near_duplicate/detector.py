"""Items that are nearly the same as another one, when their labels do not contradict each other.

Of a pair only the later item is flagged, so that excluding every flagged item keeps one of each.
"""

from __future__ import annotations

from labeler.messages import Message
from labeler.quality.dataset import Evidence, Finding
from labeler.quality.detectors.base import Detector, item_should_go
from labeler.quality.detectors.families import families, with_family
from labeler.quality.detectors.reasons import duplicate

KIND = "near_duplicate"


def find(evidence: Evidence) -> list[Finding]:
    """Flag the later item of each nearly identical pair; the score is how alike the two are."""
    labels = evidence.dataset.labels
    family_of = {item: family for family in families(evidence) for item in family}
    findings = []
    for item, alike in sorted(evidence.twins.items()):
        earlier = {other: cosine for other, cosine in alike.items() if other < item}
        if not earlier:
            continue
        if labels[item] >= 0 and any(labels[other] not in {-1, labels[item]} for other in alike):
            continue
        other = max(earlier, key=lambda place: (earlier[place], -place))
        why = with_family([duplicate(evidence, other, earlier[other])], item, family_of[item])
        findings.append(Finding(item, KIND, earlier[other], None, 0.0, why))
    return findings


DETECTOR = Detector(
    KIND,
    find,
    title=Message("Duplicate"),
    waiting=Message("Near-duplicates"),
    explanation=Message("It is nearly the same as an earlier item, and their labels do not contradict each other."),
    about="item",
    was_right=item_should_go,
)

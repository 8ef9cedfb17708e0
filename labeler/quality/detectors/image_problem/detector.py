"""Pictures that cannot be opened or show nothing, and those too dark, too bright, faint, blurred or of an odd size.

What more than a tenth of a set has is how the set is and no problem of single pictures: it is said once, in a note.
Pictures that cannot be opened are flagged however many they are.
"""

from __future__ import annotations

from labeler.messages import Message
from labeler.quality.dataset import Evidence, Finding, Reason
from labeler.quality.detectors.base import Detector, is_common, item_should_go
from labeler.quality.detectors.image_problem import measured

KIND = "image_problem"
SCORES = {
    measured.UNREADABLE: 1.0,
    measured.UNIFORM: 0.95,
    measured.SMALL: 0.9,
    measured.DARK: 0.8,
    measured.BRIGHT: 0.8,
    measured.FAINT: 0.75,
    measured.BLURRED: 0.7,
    measured.SHAPE: 0.6,
}
_SAID_ALONE = (measured.UNREADABLE, measured.UNIFORM)  # what else is measured of such a picture says nothing more


def find(evidence: Evidence) -> list[Finding]:
    """Flag each picture with a problem once, with all its reasons; never suggests a class."""
    reasons: dict[int, list[Reason]] = {}
    for kind, found in _problems(evidence).items():
        if kind != measured.UNREADABLE and is_common(len(found), len(evidence.dataset)):
            continue
        for item, why in found.items():
            known = reasons.setdefault(item, [])
            if not known or known[0]["kind"] not in _SAID_ALONE or kind == measured.SMALL:
                known.append(why)
    return [
        Finding(item, KIND, max(SCORES[one["kind"]] for one in why), None, 0.0, why[:4])
        for item, why in sorted(reasons.items())
    ]


def notes(evidence: Evidence) -> list[str]:
    """Say how many pictures cannot be opened, and what too many have for each to be flagged."""
    problems, count = _problems(evidence), len(evidence.dataset)
    said: list[str] = []
    unreadable = len(problems.get(measured.UNREADABLE, {}))
    if unreadable == 1:
        said.append(Message("{count} picture cannot be opened.", count=unreadable))
    elif unreadable:
        said.append(Message("{count:,} pictures cannot be opened.", count=unreadable))
    uniform = len(problems.get(measured.UNIFORM, {}))
    if is_common(uniform, count):
        said.append(
            Message(
                "{count:,} of {total:,} pictures are one colour all over, too many to flag each: look at how they were "
                "made.",
                count=uniform,
                total=count,
            )
        )
    return said


def _problems(evidence: Evidence) -> measured.Found:
    looks = evidence.features.looks
    if looks is None:
        return {}
    return measured.find(looks, evidence.features.blank, evidence.dataset.sizes)


DETECTOR = Detector(
    KIND,
    find,
    title=Message("Image problem"),
    waiting=Message("Pictures with problems"),
    explanation=Message(
        "The picture cannot be seen well, or is of an odd size, measured against the others of its set."
    ),
    about="item",
    was_right=item_should_go,
    notes=notes,
)

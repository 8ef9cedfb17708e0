"""The kinds of flags: adding one is one folder and one line here, whose place is that of the kind in the queue.

A detector only decides what is worth a look and says why; what it looks at was computed before, once, for all of them.
Kinds are looked at one after the other, since scores of different kinds do not compare. A flag of a kind that is not
here (its detector was taken away, or came from elsewhere) comes after all others, under its own name.
"""

from labeler.messages import Message
from labeler.quality.detectors.ambiguous import detector as ambiguous
from labeler.quality.detectors.base import Detector, Unknown, nothing
from labeler.quality.detectors.contradiction import detector as contradiction
from labeler.quality.detectors.image_problem import detector as image_problem
from labeler.quality.detectors.label_error import detector as label_error
from labeler.quality.detectors.near_duplicate import detector as near_duplicate
from labeler.quality.detectors.outlier import detector as outlier
from labeler.quality.detectors.random_draw import detector as random_draw
from labeler.quality.detectors.split_leak import detector as split_leak
from labeler.quality.detectors.text_problem import detector as text_problem

DETECTORS: dict[str, Detector] = {
    one.kind: one
    for one in (
        label_error.DETECTOR,
        contradiction.DETECTOR,
        ambiguous.DETECTOR,
        image_problem.DETECTOR,
        text_problem.DETECTOR,
        split_leak.DETECTOR,
        near_duplicate.DETECTOR,
        outlier.DETECTOR,
        random_draw.DETECTOR,
    )
}

WRONG_LABELS = label_error.DETECTOR
"""The detector whose score is that of a label, flagged or not, and becomes its probability wrong (`calibration`).

Of its flags exports say what is suggested.
"""

DRAWN = random_draw.DETECTOR
"""The detector that flags at random, so that decisions teach how far scores can be believed (`review/draws.py`)."""

LEAKS = split_leak.DETECTOR
"""The detector whose flags are told beside the split that they are about."""


def detector(kind: str) -> Detector:
    """Return what is known of a kind of flag; of one that nobody knows, its name made readable."""
    title = kind.replace("_", " ").capitalize()
    gone = Message("Nothing here knows this kind of flag any more; what was stored of its evidence is shown.")
    return DETECTORS.get(kind) or Unknown(kind, nothing, title, title, gone)


def judging_kinds() -> list[str]:
    """Return the kinds whose decisions teach how far the scores of labels can be believed."""
    return [kind for kind, one in DETECTORS.items() if one.judges]


def rank(kind: str) -> tuple[int, str]:
    """Return what sorts kinds into the order in which they are looked at."""
    kinds = list(DETECTORS)
    return (kinds.index(kind) if kind in DETECTORS else len(kinds), kind)


def bulk_kind(asked: str) -> str:
    """Return the kind of which many suggestions may be accepted at once: the one asked for, else the first; or ""."""
    return asked if detector(asked).bulk else next((kind for kind, one in DETECTORS.items() if one.bulk), "")

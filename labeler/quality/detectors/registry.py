"""One file a kind of flag, each a function from the evidence to findings; adding a kind is one file and one line here.

A detector only decides what is worth a look and says why; what it looks at was computed before, once, for all of them.
The table says in which order kinds are looked at, since scores of different kinds do not compare. A flag of a kind that
is not in it (its detector was taken away, or came from elsewhere) comes after all others, under its own name.
"""

from labeler.quality.detectors.ambiguous import detector as ambiguous
from labeler.quality.detectors.base import Detector, nothing
from labeler.quality.detectors.contradiction import detector as contradiction
from labeler.quality.detectors.label_error import detector as label_error
from labeler.quality.detectors.near_duplicate import detector as near_duplicate
from labeler.quality.detectors.outlier import detector as outlier

DETECTORS: dict[str, Detector] = {
    "label_error": label_error.DETECTOR,
    "contradiction": contradiction.DETECTOR,
    "ambiguous": ambiguous.DETECTOR,
    "near_duplicate": near_duplicate.DETECTOR,
    "outlier": outlier.DETECTOR,
}


def detector(kind: str) -> Detector:
    """Return what is known of a kind of flag; of one that nobody knows, its name made readable."""
    title = kind.replace("_", " ").capitalize()
    return DETECTORS.get(kind) or Detector(nothing, title, title)


def rank(kind: str) -> tuple[int, str]:
    """Return what sorts kinds into the order in which they are looked at."""
    kinds = list(DETECTORS)
    return (kinds.index(kind) if kind in DETECTORS else len(kinds), kind)

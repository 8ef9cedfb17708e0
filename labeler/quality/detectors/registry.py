"""One file a kind of flag, each a function from the evidence to findings; adding a kind is one file and one line here.

A detector only decides what is worth a look and says why; what it looks at was computed before, once, for all of them.
"""

from collections.abc import Callable

from labeler.quality.dataset import Evidence, Finding
from labeler.quality.detectors import ambiguous, contradiction, label_error, near_duplicate, outlier

DETECTORS: dict[str, Callable[[Evidence], list[Finding]]] = {
    "label_error": label_error.find,
    "ambiguous": ambiguous.find,
    "outlier": outlier.find,
    "near_duplicate": near_duplicate.find,
    "contradiction": contradiction.find,
}

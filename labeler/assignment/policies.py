"""In which order items are served. A calculation: an order is a function from an item's number to its priority.

Items are served by ascending priority, then in the order they were imported. A policy only sets the first priority;
what a lead sends back goes to the front, whatever the policy: what is for one person (SENT_TO_ONE) before what anybody
may answer (SENT_BACK), so that nobody's claim steps over what is not theirs.
"""

import hashlib
from collections.abc import Callable

SENT_TO_ONE, SENT_BACK = -2.0, -1.0
DEFAULT = "in_order"

Policy = Callable[[str], float]


def in_order(content_hash: str) -> float:
    """Serve items as they were imported."""
    del content_hash
    return 0.0


def shuffled(content_hash: str) -> float:
    """Serve items in an order that has nothing to do with the file, but is the same on every machine: 0 to 1."""
    return int.from_bytes(hashlib.sha256(content_hash.encode()).digest()[:6]) / 2**48


POLICIES: dict[str, Policy] = {"in_order": in_order, "shuffled": shuffled}

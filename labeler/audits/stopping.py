"""When can we stop? What a finished audit says about a maximum error rate, and how large the next one must be.

A calculation. Note: only the range of an audit says "met". Reviews make labels better, but what they left is expected,
not shown; so after them the word is "not settled" until a new audit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from labeler.audits.estimate import Estimate, wilson_range

POWER = 0.8
"""The chance that an audit of the size stated shows what is so."""
_MOST_TRIED = 40  # halvings of a size


class Verdict(StrEnum):
    """What a range says about the most that may be wrong."""

    MET = "met"
    NOT_MET = "not_met"
    OPEN = "not_settled"


def verdict(found: Estimate, maximum: float) -> Verdict:
    """Return it: met when the whole range is at or below the maximum, not met when all of it is above."""
    if found.method != "after_reviews" and found.high <= maximum:
        return Verdict.MET
    return Verdict.NOT_MET if found.low > maximum else Verdict.OPEN


def most_wrong(checked: int, size: int, maximum: float) -> int:
    """Return with how many wrong of `checked` an audit still shows the maximum; -1 where not even with none."""
    if wilson_range(0, checked, size).high > maximum:
        return -1
    low, high = 0, checked
    while low < high:
        middle = (low + high + 1) // 2
        if wilson_range(middle, checked, size).high <= maximum:
            low = middle
        else:
            high = middle - 1
    return low


def chance_to_show(share: float, checked: int, size: int, maximum: float) -> float:
    """Return how likely an audit of so many of `size` items shows the maximum, if this share of them is wrong."""
    from scipy.stats import hypergeom

    most = most_wrong(checked, size, maximum)
    return 0.0 if most < 0 else float(hypergeom.cdf(most, size, round(share * size), checked))


def audit_size(share: float, size: int, maximum: float) -> int | None:
    """Return the smallest audit that shows the maximum with POWER, if this share is wrong; None where none could."""
    if share >= maximum or not size:
        return None
    fewest, most = 1, size
    for _ in range(_MOST_TRIED):
        if fewest >= most:
            break
        middle = (fewest + most) // 2
        if chance_to_show(share, middle, size, maximum) >= POWER:
            most = middle
        else:
            fewest = middle + 1
    return most if chance_to_show(share, most, size, maximum) >= POWER else None


@dataclass(frozen=True)
class Way:
    """The cheapest steps to a verdict.

    reviews: labels in the queue to review first; expected: the share wrong after that; audit: items to audit then,
    None where no audit could show it; stop_at: the maximum at which one could stop now.
    """

    reviews: int
    expected: Estimate
    audit: int | None
    stop_at: float


def cheapest(now: Estimate, reviewed: Estimate, *, queue: int, size: int, maximum: float) -> Way:
    """Return what leads to "met": an audit at once if that is enough, else the reviews first.

    now: the share wrong as known; reviewed: as expected once the queue of `queue` labels is reviewed; size: labels.
    """
    stop_at = math.ceil(now.high * 1000) / 1000
    at_once, later = audit_size(now.share, size, maximum), audit_size(reviewed.share, size, maximum)
    if at_once is not None and (later is None or at_once <= queue + later):
        return Way(0, now, at_once, stop_at)
    return Way(queue, reviewed, later, stop_at)

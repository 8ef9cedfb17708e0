"""Ranges that hold whenever one looks, and stops, at a sample: what an audit that is closed early is told with.

A bet against each possible number of wrong items: for a population of N items of which W are wrong, drawn one by one
without replacement, prior(W) / posterior(W) is a martingale that starts at 1, so it ever reaches 20 with a chance of at
most 1 in 20 (Ville). The W at which it is below 20 are a 95 % range at every moment at once (Waudby-Smith and Ramdas
2020, "Confidence sequences for sampling without replacement"). The prior is a beta-binomial that expects few errors; it
makes ranges narrow where it is right, and they hold where it is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from labeler.audits.estimate import Estimate, Stratum
from labeler.measures.intervals import LEVEL, Interval

PRIOR = (0.7, 10.0)
"""Wrong and right items imagined beforehand."""


def any_time_range(wrong: int, checked: int, size: int, *, level: float = LEVEL) -> Interval:
    """Return the range of the share wrong of `size` items after `checked` of them in random order, at any moment."""
    if not size:
        return Interval(0.0, 0.0)
    limit = math.log(1 / (1 - level))
    low, high = _ends(wrong, checked, size, limit)
    return Interval(low / size, high / size)


def _ends(wrong: int, checked: int, size: int, limit: float) -> tuple[int, int]:
    """Return the fewest and the most wrong items that the bets have not ruled out: the ratio has one valley."""
    least, most = wrong, size - (checked - wrong)  # what was seen is certain
    best = round(wrong + (size - checked) * (wrong + PRIOR[0]) / (checked + sum(PRIOR))) if checked else least
    best = min(most, max(least, best))
    low = _first(lambda w: _log_ratio(w, wrong, checked, size) < limit, least, best)
    high = most - _first(lambda gap: _log_ratio(most - gap, wrong, checked, size) < limit, 0, most - best)
    return low, high


def _first(holds: Callable[[int], bool], start: int, end: int) -> int:
    """Return the first number from start on for which it holds, where it holds from there up to `end`."""
    while start < end:
        middle = (start + end) // 2
        if holds(middle):
            end = middle
        else:
            start = middle + 1
    return start


def _log_ratio(w: int, wrong: int, checked: int, size: int) -> float:
    """Return log prior(w) - log posterior(w) after `wrong` of `checked`."""
    a, b = PRIOR
    prior = _log_beta_binomial(w, size, a, b)
    return prior - _log_beta_binomial(w - wrong, size - checked, a + wrong, b + checked - wrong)


def _log_beta_binomial(k: int, n: int, a: float, b: float) -> float:
    """Return the log of the probability of k in n under a beta-binomial."""
    choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return choose + _log_beta(k + a, n - k + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def any_time(strata: Sequence[Stratum]) -> Estimate:
    """Return the share wrong over strata with a range that holds at any moment.

    With several strata each range holds with its part of the 5 % (Bonferroni), so the sum of their ends holds too.
    """
    strata = [one for one in strata if one.size]
    total = sum(one.size for one in strata)
    level = 1 - (1 - LEVEL) / max(1, len(strata))
    ranges = [(one.size / total, any_time_range(one.wrong, one.checked, one.size, level=level)) for one in strata]
    share = sum(one.size / total * one.wrong / one.checked for one in strata if one.checked)
    method = "any_time" if len(strata) == 1 else "any_time_by_class"
    low, high = sum(weight * one.low for weight, one in ranges), sum(weight * one.high for weight, one in ranges)
    checked, wrong = sum(one.checked for one in strata), sum(one.wrong for one in strata)
    return Estimate(share, min(low, share), max(high, share), method, checked, wrong)

"""The remaining error from a sample: shares wrong with 95 % ranges. A calculation.

A sample is drawn without replacement from a list that ends, so a part that was looked at as a whole has no range left:
the size that a range is counted with is n (N - 1) / (N - n), the correction of finite populations (Cochran 1977, 2.6).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from labeler.measures.intervals import NORMAL, Interval, wilson_of_share

FEWEST = 50
"""Items checked of a class or a slice from which a share is shown."""


@dataclass(frozen=True)
class Estimate:
    """A share wrong, 0 to 1, with its range. method: the name of the estimator; checked, wrong: what it was counted on.

    Methods: `wilson`, `stratified`, `weighted`, `after_reviews`, `prediction_powered`, `any_time`, `any_time_by_class`.
    """

    share: float
    low: float
    high: float
    method: str
    checked: int
    wrong: int


_DRAWN = 10.0  # items by which the share of a stratum is drawn towards that of all


@dataclass(frozen=True)
class Stratum:
    """A part of the population, and what was found in the items drawn from it."""

    size: int
    checked: int
    wrong: int


def effective_size(checked: int, size: int) -> float:
    """Return the size of a sample from an endless population that would be as sure; infinite where all are checked."""
    return math.inf if checked >= size else checked * (size - 1) / (size - checked)


def wilson_range(wrong: int, checked: int, size: int) -> Interval:
    """Return the Wilson range of the share wrong of `size` items, of which `checked` were drawn at random."""
    if not checked:
        return Interval(0.0, 1.0)
    of = effective_size(checked, size)
    return Interval(wrong / checked, wrong / checked) if math.isinf(of) else wilson_of_share(wrong / checked, of)


def plain(found: Stratum) -> Estimate:
    """Return the share wrong of a simple random sample, with its Wilson range."""
    within = wilson_range(found.wrong, found.checked, found.size)
    share = found.wrong / found.checked if found.checked else 0.0
    return Estimate(share, within.low, within.high, "wilson", found.checked, found.wrong)


def stratified(strata: Sequence[Stratum]) -> Estimate:
    """Return the share wrong over strata that make up the population, each with what was drawn from it.

    The sum of the shares weighted by size (Cochran 1977, 5.3). Its range is the Wilson range of a simple random sample
    that would be as sure (Korn and Graubard 1998): where few errors are expected, the normal range of a weighted share
    is too narrow. For that only, the share of a stratum is drawn towards that of all, since one of 0 of 20 would seem
    to have no spread. What nobody was asked about adds all it could be.
    """
    known, unknown = [one for one in strata if one.checked], sum(one.size for one in strata if not one.checked)
    total, checked = sum(one.size for one in strata), sum(one.checked for one in strata)
    wrong, size = sum(one.wrong for one in strata), total - unknown
    if not size:
        return Estimate(0.0, 0.0, 1.0 if unknown else 0.0, "stratified", checked, wrong)
    share = sum(one.size / size * one.wrong / one.checked for one in known)
    of = _as_sure_as(known, size, share)
    within = Interval(share, share) if math.isinf(of) else wilson_of_share(share, of)
    part = size / total
    return Estimate(share, within.low * part, within.high * part + 1 - part, "stratified", checked, wrong)


def _as_sure_as(strata: Sequence[Stratum], size: int, share: float) -> float:
    """Return the size of a simple random sample that is as sure as these strata together; infinite if all are asked."""
    asked = sum(one.checked for one in strata if one.checked < one.size)
    middle = (share * asked + 1) / (asked + 2)
    drawn = [(one.wrong + _DRAWN * middle) / (one.checked + _DRAWN) for one in strata]
    spread = sum(
        (one.size / size) ** 2 * of_one * (1 - of_one) / effective_size(one.checked, one.size)
        for one, of_one in zip(strata, drawn, strict=True)
    )
    mean = sum(one.size / size * of_one for one, of_one in zip(strata, drawn, strict=True))
    return mean * (1 - mean) / spread if spread else math.inf


def weighted(weights: Sequence[float], wrong: Sequence[bool]) -> Estimate:
    """Return the share wrong of a part of a sample whose items stand for different numbers of labels.

    The weighted share, with the Wilson range of a sample of the size that unequal weights leave (Kish 1965). How many
    labels the part has is not known, so it is taken for a sample from an endless one.
    """
    total = sum(weights)
    if not total:
        return Estimate(0.0, 0.0, 1.0, "weighted", 0, 0)
    share = sum(weight for weight, one in zip(weights, wrong, strict=True) if one) / total
    within = wilson_of_share(share, total * total / sum(weight * weight for weight in weights))
    return Estimate(share, within.low, within.high, "weighted", len(weights), sum(wrong))


@dataclass(frozen=True)
class Rest:
    """Labels in the review queue that nobody has decided yet. expected: mean probability wrong, None where unknown."""

    found: Stratum
    expected: float | None


def after_reviews(*, reviewed: int, corrected: int, others: Sequence[Stratum], rest: Rest) -> Estimate:
    """Return the share wrong after reviews that followed an audit.

    reviewed: labels decided since, counted as right; corrected: wrong labels the audit itself found and a lead took as
    decisions, which are still among the wrong of the other parts; others: labels that were never flagged, and those
    decided before the audit. The audited items of a part are a random sample of it, since nobody reviews an item
    because it is in an audit. The rest of the queue is counted by its probabilities, as far as they are known; the
    range is that of what the audit found, widened where the probabilities say something else.
    """
    parts = [Stratum(reviewed, reviewed, 0), *others, rest.found]
    total = sum(one.size for one in parts)
    if not total:
        return Estimate(0.0, 0.0, 0.0, "after_reviews", 0, 0)
    found, share = stratified([one for one in parts if one.size]), 0.0
    for one in others:
        share += one.size / total * (one.wrong / one.checked if one.checked else 0.0)
    seen = rest.found.wrong / rest.found.checked if rest.found.checked else 0.0
    share += rest.found.size / total * (seen if rest.expected is None else rest.expected)
    known = corrected / total
    share, low, high = (max(0.0, end - known) for end in (share, min(found.low, share), max(found.high, share)))
    checked, wrong = found.checked - reviewed, found.wrong
    return Estimate(share, low, high, "after_reviews", checked, wrong)


def prediction_powered(wrong: Sequence[bool], sampled: Sequence[float], everywhere: Sequence[float]) -> Estimate | None:
    """Return the share wrong from the probabilities of all items, corrected by what the sample says about them.

    wrong, sampled: of the checked items, whether each was wrong and its probability wrong; everywhere: the
    probabilities of all items of the population. share = mean(everywhere) + mean(wrong - sampled), with the normal
    range of that difference (Angelopoulos et al. 2023; the difference estimator of Cochran 1977, 7.3). None where the
    sample shows no spread to count from.
    """
    n, size = len(wrong), len(everywhere)
    missed = [float(one) - probability for one, probability in zip(wrong, sampled, strict=True)]
    if n < FEWEST or not any(wrong) or size < n:
        return None
    mean = sum(missed) / n
    spread = sum((one - mean) ** 2 for one in missed) / (n - 1)
    reach = NORMAL * math.sqrt(spread / n * (1 - n / size))
    share = sum(everywhere) / size + mean
    low, high = max(0.0, share - reach), min(1.0, share + reach)
    return Estimate(min(1.0, max(0.0, share)), low, high, "prediction_powered", n, sum(wrong))

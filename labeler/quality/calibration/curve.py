"""A probability as a curve of a score, learnt from few cases: p = sigmoid(height + slope * logit(score)).

Platt's scaling on the log odds of a score that is one already. The priors keep a handful of cases from bending the
curve: height ~ N(0, 2), slope ~ N(0.5, 0.25) within 0.05 to 3, so that before the first case a score of 0.9 says 0.75
and the order of scores is never turned round. Plain Python: a page learns from some hundred cases in milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

EDGE = 1e-4  # scores are kept so far from 0 and 1, where log odds have no end
HEIGHT, HEIGHT_SPREAD = 0.0, 2.0
SLOPE, SLOPE_SPREAD = 0.5, 0.25
FLATTEST, STEEPEST = 0.05, 3.0
REACH = 1.6448536269514722  # of a 90 % interval, in standard errors
ROUNDS = 50
LONGEST = 1.0  # step of one round, which keeps Newton's method from leaping over the best place
STILL = 1e-9
TOP = 6  # one drawn case in so many: of 3 to 6 the first whose ranges were right in 0.88 of 24 cases of three sets
NEVER = 2.0  # a score that no item has

Case = tuple[float, bool]
"""A score, 0 to 1, and whether it was so."""


@dataclass(frozen=True)
class Curve:
    """The curve. variances: of the height, of height and slope together, of the slope."""

    height: float
    slope: float
    variances: tuple[float, float, float]

    def probability(self, score: float) -> float:
        """Return the probability that belongs to a score."""
        return _sigmoid(self.height + self.slope * _logit(score))

    def interval(self, score: float) -> tuple[float, float]:
        """Return where that probability lies in 9 of 10 cases (delta method on the log odds)."""
        odds = _logit(score)
        middle = self.height + self.slope * odds
        of_height, of_both, of_slope = self.variances
        reach = REACH * math.sqrt(max(0.0, of_height + 2 * odds * of_both + odds * odds * of_slope))
        return _sigmoid(middle - reach), _sigmoid(middle + reach)

    def score_at(self, probability: float) -> float:
        """Return the least score whose probability is at least this one: 0 where all are, above 1 where none is."""
        if probability <= self.probability(0.0):
            return 0.0
        if probability > self.probability(1.0):
            return NEVER
        return _sigmoid((_logit(probability, 0.0) - self.height) / self.slope)


@lru_cache(maxsize=64)
def learn(cases: Sequence[Case]) -> Curve:
    """Return the most probable curve after these cases (a tuple); the same cases are learnt once."""
    points = [(_logit(score), 1.0 if so else 0.0) for score, so in cases]
    height, slope = HEIGHT, SLOPE
    for _ in range(ROUNDS):
        (down, along), (a, b, c) = _derivatives(points, height, slope)
        held = (slope <= FLATTEST and along > 0) or (slope >= STEEPEST and along < 0)
        whole = a * c - b * b
        up, on = (down / a, 0.0) if held else ((c * down - b * along) / whole, (a * along - b * down) / whole)
        height, slope = height - _short(up), min(STEEPEST, max(FLATTEST, slope - _short(on)))
        if abs(up) + abs(on) < STILL:
            break
    a, b, c = _derivatives(points, height, slope)[1]
    whole = a * c - b * b
    return Curve(height, slope, (c / whole, -b / whole, a / whole))


def learn_beside(cases: Sequence[Case], drawn: Sequence[Case]) -> Curve:
    """Return the curve after cases, and others that were drawn at random from all scores.

    Most of what is drawn has low scores. It says much of the curve down there, but no curve fits everywhere, so it
    makes nothing surer at the top: how sure the curve is comes from the `TOP` of it with the highest scores.
    """
    curve = learn(tuple(sorted([*cases, *drawn])))
    if not drawn:
        return curve
    top = sorted(drawn)[len(drawn) - len(drawn) // TOP :]
    return replace(curve, variances=learn(tuple(sorted([*cases, *top]))).variances)


def _derivatives(
    points: Sequence[tuple[float, float]], height: float, slope: float
) -> tuple[tuple[float, float], tuple[float, float, float]]:
    """Return the first and second derivatives of what is made least: - log likelihood - log prior."""
    down, along = (height - HEIGHT) / HEIGHT_SPREAD**2, (slope - SLOPE) / SLOPE_SPREAD**2
    a, b, c = 1 / HEIGHT_SPREAD**2, 0.0, 1 / SLOPE_SPREAD**2
    for odds, was in points:
        p = _sigmoid(height + slope * odds)
        down, along = down + p - was, along + (p - was) * odds
        weight = p * (1 - p)
        a, b, c = a + weight, b + weight * odds, c + weight * odds * odds
    return (down, along), (a, b, c)


def _short(step: float) -> float:
    return max(-LONGEST, min(LONGEST, step))


def _sigmoid(odds: float) -> float:
    if odds >= 0:
        return 1 / (1 + math.exp(-odds))
    grown = math.exp(odds)
    return grown / (1 + grown)


def _logit(share: float, edge: float = EDGE) -> float:
    inside = min(1 - edge, max(edge, share))
    return math.log(inside / (1 - inside))

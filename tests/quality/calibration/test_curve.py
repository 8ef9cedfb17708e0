"""The curve from scores to probabilities: what it says before, with a few and with many cases."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize

from labeler.quality.calibration.curve import NEVER, Case, learn, learn_beside
from labeler.quality.calibration.probability import ENOUGH, ProbabilityWrong
from labeler.quality.calibration.queries import learnt

Floats = NDArray[np.float64]
CASES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)
SHARE = st.floats(0, 1)


def logit(scores: Floats) -> Floats:
    inside = np.clip(scores, 1e-4, 1 - 1e-4)
    odds: Floats = np.log(inside / (1 - inside))
    return odds


def by_search(cases: list[Case]) -> tuple[float, float]:
    """The same curve by a general optimiser, as the formula is written."""
    z, sign = logit(np.array([score for score, _ in cases])), np.array([2.0 * so - 1 for _, so in cases])

    def loss(at: Floats) -> float:
        likely = np.logaddexp(0, -sign * (at[0] + at[1] * z)).sum()
        return float(likely + (at[0] / 2) ** 2 / 2 + ((at[1] - 0.5) / 0.25) ** 2 / 2)

    found = minimize(loss, (0.0, 0.5), bounds=[(None, None), (0.05, 3)], tol=1e-12).x
    return float(found[0]), float(found[1])


@pytest.mark.parametrize("seed", range(8))
def test_the_curve_is_the_most_probable_one(seed: int) -> None:
    rng = random.Random(seed)
    cases = [(score, rng.random() < score**2) for score in (rng.random() for _ in range(5 + 20 * seed))]
    curve = learn(tuple(cases))
    assert (curve.height, curve.slope) == pytest.approx(by_search(cases), abs=1e-3)


def test_before_the_first_case_scores_are_taken_with_care() -> None:
    curve = learn(())
    assert curve.probability(0.5) == pytest.approx(0.5)
    assert curve.probability(0.9) == pytest.approx(0.75)
    low, high = curve.interval(0.9)
    assert low < 0.15
    assert high > 0.98


@given(CASES, SHARE, SHARE)
def test_the_order_of_scores_is_never_turned_round(cases: list[Case], one: float, other: float) -> None:
    curve = learn(tuple(cases))
    low, high = sorted((one, other))
    assert curve.probability(low) <= curve.probability(high)
    least, most = curve.interval(one)
    assert 0 <= least <= curve.probability(one) <= most <= 1
    assert 0.05 <= curve.slope <= 3


@given(CASES, SHARE, SHARE)
def test_a_score_is_at_or_above_a_threshold_where_its_probability_is(
    cases: list[Case], score: float, wanted: float
) -> None:
    curve = learn(tuple(cases))
    least = curve.score_at(wanted)
    assert 0 <= least <= 1 or least == NEVER
    if abs(curve.probability(score) - wanted) > 1e-9:
        assert (score >= least) == (curve.probability(score) >= wanted)


def test_many_cases_are_believed_whatever_the_scores_said() -> None:
    rng = random.Random(3)
    cases = tuple((score, rng.random() < 0.9) for score in (rng.uniform(0.05, 0.2) for _ in range(200)))
    curve = learn(cases)
    assert curve.probability(0.1) == pytest.approx(0.9, abs=0.05)
    low, high = curve.interval(0.1)
    assert high - low < 0.15


def truth(height: float, slope: float, score: float) -> float:
    return 1 / (1 + math.exp(-height - slope * math.log(score / (1 - score))))


def test_nine_of_ten_intervals_hold_the_truth() -> None:
    rng, held, looked = random.Random(1), 0, 0
    for _ in range(150):
        height, slope = rng.gauss(0, 1.5), min(3.0, max(0.05, rng.gauss(0.5, 0.25)))
        scores = [rng.uniform(0.02, 0.98) for _ in range(30)]
        curve = learn(tuple((score, rng.random() < truth(height, slope, score)) for score in scores))
        for score in scores[:10]:
            low, high = curve.interval(score)
            held, looked = held + (low <= truth(height, slope, score) <= high), looked + 1
    assert 0.86 <= held / looked <= 0.95


def test_no_probability_is_known_before_ten_decisions() -> None:
    cases = [(0.8, True)] * (ENOUGH - 1)
    few = learnt(cases, cases)
    assert few.of(0.8) == ProbabilityWrong(0.8)
    assert (few.of(0.8).number, few.of_suggestion(0.9, 0.8), few.score_from(0.8)) == (0.8, None, 0.8)
    known = learnt([*cases, (0.8, True)], []).of(0.8)
    assert known.probability is not None
    assert known.number == known.probability > 0.9


def test_bands_say_in_words_what_is_not_known_yet() -> None:
    assert [ProbabilityWrong(score).band for score in (0.5, 0.49, 0.3, 0.29)] == [
        "strong",
        "likely",
        "likely",
        "sample",
    ]


def test_a_suggestion_is_never_more_probable_than_that_the_label_is_wrong() -> None:
    known = learnt([(0.8, n % 2 == 0) for n in range(20)], [(0.9, True)] * 20)
    assert known.of_suggestion(0.99, 0.8) == known.of(0.8).number


def test_what_is_drawn_from_all_scores_moves_the_curve_and_makes_it_surer_at_the_top_only_by_its_top() -> None:
    rng = random.Random(1)
    drawn = [(score, rng.random() < score / 3) for score in (rng.betavariate(0.3, 3) for _ in range(300))]
    decided = [(0.9, n % 3 == 0) for n in range(12)]
    alone, together = learn(tuple(decided)), learn(tuple(sorted([*decided, *drawn])))
    beside = learn_beside(decided, drawn)
    assert (beside.height, beside.slope) == (together.height, together.slope)
    low, high = beside.interval(0.9)
    assert together.interval(0.9)[1] - together.interval(0.9)[0] < high - low
    assert high - low < alone.interval(0.9)[1] - alone.interval(0.9)[0]
    assert learn_beside(decided, []).interval(0.9) == pytest.approx(alone.interval(0.9))
    assert learn_beside([], drawn[:3]).probability(0.5) < 0.5  # three are too few to have a top

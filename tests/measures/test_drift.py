"""The drift alarm: its sum, where it says a change began, and how often it is a false one."""

import math

import numpy as np
import pytest

from labeler.measures.drift import JUDGED_A_FALSE_ALARM, LIMIT, Rates, drift, limit_for, sums_of
from tests.bench.bench_people import STATED, answers_a_false_alarm, delay, estimated


def by_hand(wrong: list[bool], rates: Rates) -> list[float]:
    found, now = [], 0.0
    for one in wrong:
        step = math.log(rates.raised / rates.usual) if one else math.log((1 - rates.raised) / (1 - rates.usual))
        now = max(0.0, now + step)
        found.append(now)
    return found


def test_the_sum_is_the_one_counted_by_hand() -> None:
    wrong = np.random.default_rng(5).random(3_000) < 0.15
    rates = Rates(0.1, 0.2)
    assert sums_of(wrong, rates) == pytest.approx(by_hand(wrong.tolist(), rates), abs=1e-9)


def test_what_is_usual_is_drawn_to_the_team_and_never_below_two_percent() -> None:
    assert Rates.of(np.zeros(400, np.bool_), 0.0).usual == 0.02
    few = Rates.of(np.array([True] * 5 + [False] * 5), 0.1)
    mean = (5 + 20 * 0.1) / 30
    assert few.usual == pytest.approx(mean + (mean * (1 - mean) / 30) ** 0.5)
    assert few.raised == pytest.approx(2 * few.usual)
    later = np.concatenate([np.zeros(100, np.bool_), np.ones(200, np.bool_)])
    assert Rates.of(later, 0.1).usual < 0.05  # the first hundred say it


def test_with_fewer_than_thirty_judged_answers_there_is_no_curve() -> None:
    assert drift(np.zeros(29, np.bool_), 0.1, LIMIT) is None
    assert drift(np.zeros(30, np.bool_), 0.1, LIMIT) is not None


def test_an_alarm_says_where_the_sum_left_zero() -> None:
    wrong = np.zeros(200, np.bool_)
    wrong[10] = True
    wrong[150:] = True
    found = drift(wrong, 0.1, LIMIT)
    assert found is not None
    assert found.alarm is not None
    assert found.alarm.since == 150
    assert 150 < found.alarm.crossed < 165
    assert found.sums[149] == 0
    assert found.sums[found.alarm.crossed - 1] <= LIMIT < found.sums[found.alarm.crossed]


def test_an_alarm_is_over_when_the_sum_is_back_at_zero() -> None:
    wrong = np.zeros(600, np.bool_)
    wrong[120:140] = True
    found = drift(wrong, 0.1, LIMIT)
    assert found is not None
    assert found.alarm is None
    assert len(found.alarms) == 1
    assert found.alarms[0].until is not None
    assert found.sums[found.alarms[0].until] == 0


def test_with_more_than_fifty_people_the_limit_is_seven() -> None:
    assert limit_for(50) == 6
    assert limit_for(51) == 7


@pytest.mark.parametrize("pair", [(0.05, 0.15), (0.10, 0.20), (0.20, 0.35)])
def test_false_alarms_and_delays_are_as_stated(pair: tuple[float, float]) -> None:
    stated, after = STATED[pair, 6.0]
    rates = Rates(*pair)
    found = answers_a_false_alarm(rates, 6.0, people=1_000, answers=3_000, seed=1)
    assert found == pytest.approx(stated, rel=0.25)
    assert delay(rates, 6.0, people=400, seed=1) == pytest.approx(after, rel=0.15)


@pytest.mark.parametrize("usual", [0.05, 0.1, 0.2])
def test_false_alarms_stay_rare_where_the_usual_share_is_only_estimated(usual: float) -> None:
    found, _ = estimated(usual, LIMIT, people=600, answers=3_000, seed=4)
    assert found > 0.75 * JUDGED_A_FALSE_ALARM[LIMIT]

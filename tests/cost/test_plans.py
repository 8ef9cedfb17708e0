"""Plans: simulated, compared, recommended, used."""

import time
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from labeler.consensus.base import Votes
from labeler.consensus.methods import one_coin
from labeler.cost.crowd import Agreement, Assumed, Crowd, Pace, agreement, crowds
from labeler.cost.plans import (
    Foreseen,
    Kept,
    Plan,
    Range,
    Verdict,
    Wanted,
    as_setting,
    as_settings,
    end_day,
    foreseen,
    is_adaptive,
    kept_in,
    offered,
    recommended,
    verdict,
    votes_of,
)
from labeler.cost.replay import replayed
from labeler.cost.simulation import ITEMS, Answered, answered, course, ends

WANTED = Wanted(12_000, 0.03, people=6, minutes=14)


def crowd(right: float = 0.85, hard: float = 0.0, classes: int = 4) -> Crowd:
    confusion = (np.ones((classes, classes)) - np.eye(classes)) / (classes - 1)
    return Crowd(right, hard, 0.5, 2.0, 0.4, 0.01, confusion, np.full(classes, 1 / classes), 3.0)


def test_simulated_labels_are_those_of_the_consensus_that_knows_everybody() -> None:
    items = answered(crowd(), 6, 5, np.random.default_rng(1))
    went = course(items, np.full(4, 0.25))
    many = len(items.said)
    votes = Votes(np.repeat(np.arange(many), 5), items.person.ravel(), items.said.ravel(), many, 6, 4)
    fitted = one_coin.consensus(votes)
    assert (fitted.label == went.label[4]).mean() > 0.995
    assert np.abs(fitted.confidence - (1 - went.doubt[4])).mean() < 0.01


def test_doubt_is_how_often_labels_are_wrong_where_no_item_is_hard() -> None:
    items = answered(crowd(0.75), 8, 3, np.random.default_rng(2), items=20_000)
    went = course(items, np.full(4, 0.25))
    for number in (1, 2):
        assert (went.label[number] != items.truth).mean() == pytest.approx(went.doubt[number].mean(), abs=0.01)


def test_an_item_ends_when_its_label_is_sure_enough_or_at_the_cap() -> None:
    doubt = np.array([[0.3, 0.3, 0.3], [0.01, 0.2, 0.2], [0.5, 0.02, 0.2], [0.5, 0.5, 0.1]])
    assert ends(doubt, 2, 4, 0.03).tolist() == [2, 3, 4]
    assert ends(doubt, 2, 3, 0.03).tolist() == [2, 3, 3]
    assert ends(doubt, 3, 3, None).tolist() == [3, 3, 3]


def test_three_answers_are_counted_by_how_many_agree() -> None:
    found = agreement([[0, 0, 0], [0, 1, 0], [1, 2, 2], [0, 1, 2]], 3)
    assert found == Agreement(1, 2, 1, (2, 0, 1), {(0, 1): 1, (2, 1): 1})


@pytest.mark.parametrize("right", [0.7, 0.85, 0.95])
def test_the_share_of_right_answers_is_found_from_agreement(right: float) -> None:
    truth = crowd(right)
    items = answered(replace_apart(truth), 6, 3, np.random.default_rng(5), items=100)
    drawn = crowds(agreement(items.said.tolist(), 4), 4, Pace(3.0))
    shares = [one.right for one in drawn]
    assert np.percentile(shares, 5) - 0.03 <= right <= np.percentile(shares, 95) + 0.03


def replace_apart(one: Crowd) -> Crowd:
    return one._replace(apart=0.01, by_class=0.01)


def test_assumptions_are_what_the_simulated_projects_have_in_the_mean() -> None:
    drawn = crowds(Assumed(0.9, 0.08), 3, Pace(20.0))
    assert np.mean([one.right for one in drawn]) == pytest.approx(0.9, abs=0.02)
    assert np.mean([one.hard for one in drawn]) == pytest.approx(0.08, abs=0.02)
    assert np.mean([one.seconds for one in drawn]) == pytest.approx(20, rel=0.05)


def test_plans_are_simulated_within_two_seconds_and_always_alike() -> None:
    began = time.process_time()
    found = foreseen(replace(WANTED, people=10), crowds(Assumed(), 10, Pace(2.5, 0.2)))
    assert time.process_time() - began <= 2.0
    assert found == foreseen(replace(WANTED, people=10), crowds(Assumed(), 10, Pace(2.5, 0.2)))


def test_more_answers_cost_more_and_leave_fewer_wrong_labels() -> None:
    found = {one.plan.name: one for one in foreseen(WANTED, crowds(Assumed(), 4, Pace(2.5)))}
    assert list(found) == ["1", "2", "3", "5", "adaptive-0.03", "adaptive-0.015"]
    fixed = [found[name] for name in ("1", "2", "3", "5")]
    assert [one.answers for one in fixed] == [1, 2, 3, 5]
    assert sorted((one.error.middle for one in fixed), reverse=True) == [one.error.middle for one in fixed]
    assert sorted(one.hours.middle for one in fixed) == [one.hours.middle for one in fixed]
    adaptive = found["adaptive-0.03"]
    assert adaptive.answers < 3
    assert adaptive.error.middle < found["2"].error.middle
    assert found["3"].hours.middle == pytest.approx(12_000 * 3 * 1.05 * 2.5 / 3600, rel=0.05)
    assert all(one.error.low <= one.error.middle <= one.error.high for one in found.values())


def test_nobody_is_asked_twice_so_few_people_have_few_plans() -> None:
    assert [plan.name for plan in offered(replace(WANTED, people=2))] == ["1", "2"]
    assert [plan.most for plan in offered(replace(WANTED, people=3))] == [1, 2, 3, 3, 3]
    assert [plan.most for plan in offered(replace(WANTED, people=9))] == [1, 2, 3, 5, 5, 7]


def one(error: float, hours: float, name: int = 1) -> Foreseen:
    return Foreseen(Plan(name, name), name, Range(error, error, error), Range(hours, hours, hours), Verdict.EVEN)


def test_the_cheapest_plan_below_the_target_is_recommended_else_the_smallest_error() -> None:
    plans = [one(0.05, 1, 1), one(0.02, 9, 5), one(0.025, 4, 3)]
    assert recommended(plans, 0.03) == plans[2]
    assert recommended(plans, 0.01) == plans[1]
    assert recommended([], 0.01) is None


def test_a_target_is_never_promised() -> None:
    assert verdict(Range(0.02, 0.01, 0.03), 0.9, 0.03) is Verdict.LIKELY
    assert verdict(Range(0.025, 0.014, 0.034), 0.7, 0.03) is Verdict.MORE_LIKELY
    assert verdict(Range(0.031, 0.02, 0.042), 0.45, 0.03) is Verdict.EVEN
    assert verdict(Range(0.06, 0.046, 0.072), 0.0, 0.03) is Verdict.MISSED


def test_a_plan_becomes_settings() -> None:
    assert as_settings(Plan(2, 5, 0.03)) == {"votes_cap": 5, "target_error": 0.03}
    assert as_settings(Plan(3, 3)) == {"votes_cap": 0}
    assert [is_adaptive(as_settings(plan)) for plan in (Plan(3, 3), Plan(2, 5, 0.03))] == [False, True]
    assert [votes_of(plan) for plan in (Plan(3, 3), Plan(2, 5, 0.03))] == [3, 2]
    kept = Kept("3", date(2026, 11, 2), 26.0, Range(0.031, 0.02, 0.042), None, date(2026, 11, 28))
    assert kept_in({"plan": as_setting(kept)}) == kept
    assert kept_in({}) is None


def test_work_is_done_monday_to_friday() -> None:
    wanted = Wanted(1, 0.02, people=2, minutes=60)  # two hours a day
    friday = date(2026, 3, 6)
    assert end_day(2, wanted, friday) == friday
    assert end_day(2.5, wanted, friday) == date(2026, 3, 9)
    assert end_day(22, wanted, friday) == date(2026, 3, 20)
    assert end_day(0, wanted, date(2026, 3, 7)) == date(2026, 3, 9)
    assert end_day(10, replace(wanted, minutes=0), friday) is None


def _said(people: Answered, items: int) -> list[list[tuple[int, int]]]:
    rows = zip(people.person[:items].tolist(), people.said[:items].tolist(), strict=True)
    return [list(zip(person, label, strict=True)) for person, label in rows]


def test_answers_gone_through_again_show_what_asking_while_unsure_saves() -> None:
    items = answered(crowd(0.92), 5, 3, np.random.default_rng(7))
    found = replayed(_said(items, 600), 4, 0.03)
    assert found is not None
    assert 2.0 < found.needed < 2.6
    assert found.saved > 0.1
    assert found.shows_saving
    assert found.error_of_all.low <= found.error_of_all.middle <= found.error_of_all.high


def test_no_saving_is_shown_from_few_items_or_two_answers() -> None:
    items = answered(crowd(0.9), 5, 3, np.random.default_rng(7))
    assert replayed(_said(items, 99), 4, 0.03) is None
    assert replayed([row[:2] for row in _said(items, ITEMS)], 4, 0.03) is None


def test_no_saving_is_shown_where_the_error_would_be_another() -> None:
    found = replayed(_said(answered(crowd(0.9), 5, 3, np.random.default_rng(7)), 600), 4, 0.6)
    assert found is not None
    worse = replace(found, error=Range(0.09, 0.08, 0.1), error_of_all=Range(0.02, 0.01, 0.03))
    assert found.saved == pytest.approx(1 / 3)
    assert not worse.shows_saving

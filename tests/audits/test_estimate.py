"""Shares wrong and their ranges: known values, and how often the ranges hold in small worlds made from a seed.

The full simulations are tests/bench/bench_audit.py.
"""

import math
import random

import pytest

from labeler.audits.anytime import any_time, any_time_range
from labeler.audits.estimate import (
    Estimate,
    Rest,
    Stratum,
    after_reviews,
    plain,
    prediction_powered,
    stratified,
)
from labeler.audits.stopping import (
    POWER,
    Verdict,
    audit_size,
    chance_to_show,
    cheapest,
    most_wrong,
    verdict,
)
from labeler.measures.intervals import wilson
from tests.bench.bench_audit import (
    covered_after_reviews,
    covered_any_time,
    covered_by_class,
    covered_plain,
    stopped_too_early,
)

MANY = 10**9  # a population without an end, as good as


def test_of_an_endless_population_it_is_the_wilson_range() -> None:
    found, usual = plain(Stratum(MANY, 800, 17)), wilson(17, 800)
    assert found.share == 17 / 800
    assert found.low == pytest.approx(usual.low, abs=1e-6)
    assert found.high == pytest.approx(usual.high, abs=1e-6)
    assert (round(100 * usual.low, 1), round(100 * usual.high, 1)) == (1.3, 3.4)


def test_what_was_looked_at_as_a_whole_has_no_range_left() -> None:
    for found in (plain(Stratum(50, 50, 3)), stratified([Stratum(30, 30, 2), Stratum(20, 20, 1)])):
        assert found.low == pytest.approx(0.06)
        assert found.high == pytest.approx(0.06)


def test_nothing_checked_says_nothing() -> None:
    assert (plain(Stratum(100, 0, 0)).low, plain(Stratum(100, 0, 0)).high) == (0.0, 1.0)
    assert (stratified([Stratum(100, 0, 0)]).low, stratified([Stratum(100, 0, 0)]).high) == (0.0, 1.0)


def test_strata_count_by_their_size_and_not_by_what_was_drawn_of_them() -> None:
    found = stratified([Stratum(900, 50, 1), Stratum(100, 50, 10)])
    assert found.share == pytest.approx(0.9 * 0.02 + 0.1 * 0.2)
    assert found.low < found.share < found.high


def test_strata_drawn_in_proportion_say_what_a_plain_sample_says() -> None:
    together, one = stratified([Stratum(3000, 300, 6), Stratum(3000, 300, 6)]), plain(Stratum(6000, 600, 12))
    assert together.share == one.share
    assert together.low == pytest.approx(one.low, abs=0.0005)
    assert together.high == pytest.approx(one.high, abs=0.0005)


def test_a_part_nobody_was_asked_about_adds_all_it_could_be() -> None:
    without, with_it = stratified([Stratum(900, 90, 0)]), stratified([Stratum(900, 90, 0), Stratum(100, 0, 0)])
    assert with_it.high == pytest.approx(without.high * 0.9 + 0.1)


def test_reviews_take_out_what_they_decided() -> None:
    audit = plain(Stratum(6000, 800, 17))
    found = after_reviews(reviewed=315, corrected=0, others=[Stratum(5685, 758, 12)], rest=Rest(Stratum(0, 0, 0), None))
    assert found.share == pytest.approx(5685 / 6000 * 12 / 758)
    assert found.high < audit.high
    assert verdict(found, 0.5) is Verdict.OPEN, "met needs a new audit"


def test_the_rest_of_the_queue_is_counted_by_its_probabilities() -> None:
    rest = Stratum(118, 16, 5)
    by_audit = after_reviews(reviewed=197, corrected=0, others=[Stratum(5685, 758, 12)], rest=Rest(rest, None))
    by_model = after_reviews(reviewed=197, corrected=0, others=[Stratum(5685, 758, 12)], rest=Rest(rest, 0.5))
    assert by_model.share - by_audit.share == pytest.approx(118 / 6000 * (0.5 - 5 / 16))
    assert by_model.low <= by_model.share <= by_model.high


def test_labels_that_the_audit_corrected_are_wrong_no_more() -> None:
    others, rest = [Stratum(6000, 800, 17)], Rest(Stratum(0, 0, 0), None)
    before = after_reviews(reviewed=0, corrected=0, others=others, rest=rest)
    after = after_reviews(reviewed=0, corrected=17, others=others, rest=rest)
    assert before.share - after.share == pytest.approx(17 / 6000)


def test_good_probabilities_make_the_range_narrower_and_bad_ones_do_not_make_it_false() -> None:
    chance = random.Random(5)
    truth = [chance.random() < 0.1 for _ in range(3000)]
    good = [0.9 if one else 0.02 for one in truth]
    bad = [chance.random() for _ in truth]
    drawn = chance.sample(range(3000), 300)
    usual = plain(Stratum(3000, 300, sum(truth[n] for n in drawn)))
    for probabilities, narrower in ((good, True), (bad, False)):
        found = prediction_powered([truth[n] for n in drawn], [probabilities[n] for n in drawn], probabilities)
        assert found is not None
        assert (found.high - found.low < 0.6 * (usual.high - usual.low)) is narrower
        assert found.low <= sum(truth) / 3000 <= found.high
    assert prediction_powered([False] * 300, [0.1] * 300, bad) is None


def test_a_range_for_any_time_is_wider_and_never_rules_out_what_was_seen() -> None:
    usual = plain(Stratum(6000, 312, 6))
    early = any_time_range(6, 312, 6000)
    assert early.low < usual.low
    assert early.high > usual.high
    assert any_time_range(0, 0, 1000) == any_time_range(0, 0, 1000)
    assert (any_time_range(0, 0, 1000).low, any_time_range(0, 0, 1000).high) == (0.0, 1.0)
    whole = any_time_range(3, 50, 50)
    assert (whole.low, whole.high) == (3 / 50, 3 / 50)


def test_ranges_for_any_time_over_classes_hold_the_share() -> None:
    found = any_time([Stratum(900, 60, 2), Stratum(100, 40, 5)])
    assert found.method == "any_time_by_class"
    assert found.low <= 0.9 * 2 / 60 + 0.1 * 5 / 40 <= found.high
    assert any_time([Stratum(900, 60, 2)]).method == "any_time"


def test_verdicts() -> None:
    def with_range(low: float, high: float) -> Estimate:
        return Estimate((low + high) / 2, low, high, "wilson", 100, 2)

    assert verdict(with_range(0.003, 0.016), 0.02) is Verdict.MET
    assert verdict(with_range(0.013, 0.034), 0.02) is Verdict.OPEN
    assert verdict(with_range(0.037, 0.072), 0.02) is Verdict.NOT_MET


def test_the_size_of_the_next_audit_shows_the_maximum_with_the_promised_chance() -> None:
    size = audit_size(0.008, 6000, 0.02)
    assert size is not None
    assert chance_to_show(0.008, size, 6000, 0.02) >= POWER
    assert chance_to_show(0.008, size // 2, 6000, 0.02) < POWER
    assert audit_size(0.02, 6000, 0.02) is None, "no audit shows what is not so"
    assert most_wrong(100, 6000, 0.02) == -1, "too small even with nothing wrong"
    assert most_wrong(6000, 6000, 0.02) == 120


def test_reviews_come_first_where_they_make_the_audit_so_much_smaller() -> None:
    now = plain(Stratum(6000, 800, 17))
    reviewed = after_reviews(
        reviewed=315, corrected=0, others=[Stratum(5685, 758, 5)], rest=Rest(Stratum(0, 0, 0), None)
    )
    way = cheapest(now, reviewed, queue=118, size=6000, maximum=0.02)
    assert way.reviews == 118
    assert way.audit is not None
    assert cheapest(now, now, queue=118, size=6000, maximum=0.02).audit is None
    assert cheapest(reviewed, reviewed, queue=118, size=6000, maximum=0.02).reviews == 0
    assert way.stop_at == math.ceil(now.high * 1000) / 1000


def test_ranges_hold_as_often_as_they_say() -> None:
    assert covered_plain(500, seed=1).share == pytest.approx(0.95, abs=0.03)
    assert covered_by_class(500, seed=1).share == pytest.approx(0.95, abs=0.03)
    assert covered_after_reviews(300, seed=1).share == pytest.approx(0.95, abs=0.035)


def test_the_stop_rule_seldom_stops_too_early() -> None:
    assert stopped_too_early(500, seed=1) <= 0.05


def test_the_range_for_any_time_holds_at_the_worst_moment() -> None:
    assert covered_any_time(120, seed=1).share >= 0.93

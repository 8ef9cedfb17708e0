"""What was spent, to the smallest coin."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from labeler.cost.decision_times import Decision, timed
from labeler.cost.ledger import AUDITS, REVIEW, STEPS, Ledger, Spent, Work, ledger, shared_out, together
from labeler.cost.prices import Prices, as_setting, checked, cost_of, prices_of
from labeler.errors import Invalid

WORK = some.builds(
    Work,
    user=some.integers(1, 5),
    step=some.sampled_from(STEPS),
    code=some.sampled_from(["", "1", "2", "3"]),
    day=some.integers(739000, 739010),
    count=some.integers(1, 50),
    untimed=some.integers(0, 3),
    milliseconds=some.integers(0, 10**8),
)
PRICE = some.one_of(some.none(), some.integers(1, 10**6))
PRICES = some.builds(
    Prices,
    currency=some.just("EUR"),
    hour=PRICE,
    lead_hour=PRICE,
    people=some.dictionaries(some.integers(1, 5), some.integers(1, 10**6)),
)


@given(some.lists(WORK, max_size=60), PRICES, some.frozensets(some.integers(1, 5)))
def test_steps_people_and_classes_each_sum_to_what_was_spent(
    work: list[Work], prices: Prices, leads: frozenset[int]
) -> None:
    found = ledger(work, prices, leads)
    by_step = together(found.step(step) for step in STEPS)
    by_person = together(found.person(user) for user in found.people)
    by_class = together(found.label(code) for code in found.codes)
    assert by_step == by_person == by_class == found.total
    assert found.total.milliseconds == sum(one.milliseconds for one in work)
    assert found.total.count == sum(one.count for one in work)


@given(some.lists(WORK, min_size=1, max_size=40), some.integers(1, 10**6))
def test_money_is_that_of_the_time_within_half_a_coin_for_each_person_and_step(work: list[Work], hour: int) -> None:
    found = ledger(work, Prices("EUR", hour, hour), frozenset())
    exact = Decimal(sum(one.milliseconds for one in work)) * hour / 3_600_000
    assert found.total.money is not None
    assert abs(found.total.money - exact) <= Decimal(len(found.cells)) / 2


def test_time_without_a_price_is_in_no_money_and_said() -> None:
    lead, annotator = Work(1, REVIEW, "", 1, 2, 0, 3_600_000), Work(2, "answers", "", 1, 9, 0, 1_800_000)
    found = ledger([lead, annotator], Prices("EUR", 2000), frozenset({1}))
    assert found.total == Spent(11, 0, 5_400_000, 1000, 3_600_000)
    assert found.step(REVIEW).money is None
    assert ledger([lead], Prices(), frozenset({1})).total.money is None


def test_an_own_price_goes_before_that_of_the_role() -> None:
    prices = Prices("EUR", 2000, 4000, {7: 3000})
    assert [prices.of(user, frozenset({1, 7})) for user in (1, 2, 7)] == [4000, 2000, 3000]


def test_halves_of_a_coin_round_up() -> None:
    assert [cost_of(time, 1) for time in (1_799_999, 1_800_000, 3_600_000)] == [0, 1, 1]


def test_coins_are_shared_out_by_largest_remainder() -> None:
    assert shared_out(10, [1, 1, 1]) == [4, 3, 3]
    assert shared_out(5, [0, 3, 7]) == [0, 2, 3]
    assert shared_out(0, [0, 0]) == [0, 0]


def test_prices_are_kept_as_they_were_written() -> None:
    found = checked("eur", Decimal("18.50"), None, {3: Decimal(25), 4: None})
    assert found == Prices("EUR", 1850, None, {3: 2500})
    assert prices_of({"prices": as_setting(found)}) == found
    assert checked("JPY", Decimal(1500), None, {}).hour == 1500
    assert not prices_of({}).known


@pytest.mark.parametrize(
    ("currency", "hour", "field"),
    [("", "18", "currency"), ("euro", "18", "currency"), ("EUR", "0", "hour"), ("EUR", "0.001", "hour")],
)
def test_a_price_that_would_read_as_nothing_is_refused(currency: str, hour: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(currency, Decimal(hour), None, {})
    assert refused.value.field == field


AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_decision_takes_the_time_since_the_same_person_did_something() -> None:
    def at(seconds: float) -> datetime:
        return AT + timedelta(seconds=seconds)

    decisions = [
        Decision(1, at(100), REVIEW, "5"),
        Decision(1, at(110.5), AUDITS, ""),
        Decision(1, at(900), REVIEW, "5"),
    ]
    found = list(timed([*decisions, Decision(2, at(101), REVIEW, "")], [(1, at(90)), (2, at(50))]))
    assert [(one.user, one.step, one.milliseconds, one.untimed) for one in found] == [
        (1, REVIEW, 10_000, 0),
        (1, AUDITS, 10_500, 0),
        (1, REVIEW, 0, 1),  # after a break
        (2, REVIEW, 51_000, 0),
    ]


def test_what_is_decided_with_one_click_takes_the_time_of_one() -> None:
    found = ledger(
        list(timed([Decision(1, AT + timedelta(seconds=30), REVIEW, "")] * 5, [(1, AT)])), Prices(), frozenset()
    )
    assert found.total == Spent(5, 0, 30_000, None, 30_000)


def test_nothing_was_spent_before_anything_was_done() -> None:
    assert Ledger().total == Spent()

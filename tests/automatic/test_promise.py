"""What must be shown before labels of the model stand, against published bounds and simulated audits."""

import random

import pytest

from labeler.automatic.promise import POWER, audit_size, holds, propose, share_right_at_least


@pytest.mark.parametrize(
    ("right", "checked", "least"),
    [
        (59, 59, 0.95050),  # 0.05 ** (1 / 59)
        (58, 58, 0.94966),
        (0, 10, 0.0),
        (10, 20, 0.30196),
    ],
)
def test_the_bound_is_the_exact_one_of_a_share(right: int, checked: int, least: float) -> None:
    assert share_right_at_least(right, checked, 0.95) == pytest.approx(least, abs=2e-4)


@pytest.mark.parametrize(("wrong", "fewest"), [(0, 59), (1, 93), (2, 124), (3, 153)])  # the known plans of 95 / 95
def test_the_fewest_that_show_ninety_five_percent(wrong: int, fewest: int) -> None:
    assert holds(fewest - wrong, fewest, 0.95, 0.95)
    assert not holds(fewest - 1 - wrong, fewest - 1, 0.95, 0.95)
    assert not holds(0, 0, 0.5, 0.95)


@pytest.mark.parametrize(("expected", "target"), [(0.99, 0.95), (0.98, 0.95), (0.999, 0.98), (0.9, 0.8)])
def test_an_audit_of_the_planned_size_shows_the_target_as_often_as_planned(expected: float, target: float) -> None:
    size = audit_size(expected, target, 0.95)
    assert size is not None
    rng = random.Random(0)
    shown = sum(holds(sum(rng.random() < expected for _ in range(size)), size, target, 0.95) for _ in range(600))
    assert shown / 600 >= POWER - 0.05
    fooled = sum(holds(sum(rng.random() < target for _ in range(size)), size, target, 0.95) for _ in range(1000))
    assert fooled / 1000 <= 0.07  # 1 - the confidence, and chance


def test_what_the_model_does_not_expect_to_reach_is_not_audited() -> None:
    assert audit_size(0.95, 0.95, 0.95) is None
    assert audit_size(0.951, 0.95, 0.95) is None


def test_those_are_proposed_that_win_the_most_over_what_has_to_be_checked() -> None:
    said = [(0.995, n) for n in range(500)] + [(0.7, n) for n in range(500, 1000)]
    found = propose("1", said, 0.95, 0.95)
    assert list(found.items[:500]) == list(range(500))
    assert len(found.items) < 530  # more would make the check dearer than they are worth
    assert found.size is not None
    assert found.won == len(found.items) - found.size > 400
    assert found.expected == pytest.approx(0.99, abs=0.006)


def test_a_handful_is_not_worth_the_check_and_nothing_is_proposed_of_a_model_that_is_not_sure() -> None:
    for said in ([(0.999, n) for n in range(30)], [(0.6, n) for n in range(1000)], []):
        found = propose("1", said, 0.95, 0.95)
        assert (found.items, found.size, found.won, found.least) == ([], None, 0, 1.0)

"""How an audit is drawn, and where its items stand among others."""

import itertools
from collections import Counter

from labeler.audits.sample import FEWEST_OF_A_CLASS, allotted, draw, draw_by_class, extra_for_classes
from labeler.audits.spacing import SPACING, mixed, room


def test_every_item_is_drawn_as_often_as_any_other() -> None:
    times = Counter(one.item for seed in range(400) for one in draw(range(20), 5, seed=seed))
    assert set(times) == set(range(20))
    assert min(times.values()) > 60
    assert max(times.values()) < 145


def test_the_order_of_asking_is_random_too() -> None:
    first = Counter(draw(range(10), 10, seed=seed)[0].item for seed in range(300))
    assert len(first) == 10


def test_the_same_seed_draws_the_same() -> None:
    assert draw(range(50), 20, seed=3) == draw(range(50), 20, seed=3)
    assert draw(range(50), 20, seed=3) != draw(range(50), 20, seed=4)


def test_weights_of_a_sample_sum_to_the_population() -> None:
    labels = {n: "rare" if n < 60 else "usual" for n in range(2000)}
    for drawn in (draw(list(labels), 400, seed=1), draw_by_class(labels, 400, seed=1)):
        assert abs(sum(one.weight for one in drawn) - 2000) < 1e-6


def test_a_draw_by_class_has_enough_of_each_class_or_all_of_it() -> None:
    labels = {n: "tiny" if n < 20 else "rare" if n < 100 else "usual" for n in range(3000)}
    taken = Counter(one.stratum for one in draw_by_class(labels, 300, seed=9))
    assert taken["tiny"] == 20
    assert taken["rare"] == FEWEST_OF_A_CLASS
    assert taken["usual"] == allotted({"tiny": 20, "rare": 80, "usual": 2900}, 300)["usual"]
    assert extra_for_classes({"tiny": 20, "rare": 80, "usual": 2900}, 300) == sum(taken.values()) - 300


def test_classes_that_are_large_enough_are_drawn_in_proportion_and_nothing_extra() -> None:
    assert allotted({"a": 600, "b": 400}, 200) == {"a": 120, "b": 80}
    assert extra_for_classes({"a": 600, "b": 400}, 200) == 0


def test_an_audit_of_more_than_there_is_takes_all() -> None:
    assert sorted(one.item for one in draw(range(7), 50, seed=1)) == list(range(7))
    assert len(draw_by_class(dict.fromkeys(range(7), "a"), 50, seed=1)) == 7


def test_two_of_an_audit_never_stand_closer_than_every_fifth_while_there_are_others() -> None:
    for own in range(1, 30):
        for since in range(SPACING + 1):
            fit = room(own, 40, since, SPACING)
            row = mixed(["own"] * own, ["audit"] * fit, since, SPACING)
            places = [n for n, one in enumerate(row) if one == "audit"]
            assert len(row) == own + fit
            assert all(b - a > SPACING for a, b in itertools.pairwise(places))
            assert not places or places[0] >= SPACING - since


def test_no_more_is_held_than_fits_among_what_is_asked_for() -> None:
    assert room(own=10, count=10, since=SPACING, spacing=SPACING) == 2
    assert room(own=1, count=1, since=SPACING, spacing=SPACING) == 1
    assert room(own=1, count=1, since=0, spacing=SPACING) == 0
    assert room(own=10, count=10, since=0, spacing=0) == 10


def test_what_is_left_of_an_audit_follows_where_the_others_run_out() -> None:
    assert mixed(["own"], ["a", "b", "c"], SPACING, SPACING) == ["a", "own", "b", "c"]

"""What fits in a time of review, how many corrections to expect, and how fast somebody decides."""

import random

import pytest

from labeler.quality.calibration.believed import StatedBand, stated_bands, verdict
from labeler.quality.calibration.probability import ProbabilityWrong
from labeler.review.expected import expected_wrong
from labeler.review.timebox import (
    USUAL,
    Candidate,
    Pace,
    Timed,
    best_box,
    box,
    by_corrections_a_minute,
    look_alikes_together,
    pace_of,
)


def said(p: float, reach: float = 0.05) -> ProbabilityWrong:
    return ProbabilityWrong(p, p, max(0.0, p - reach), min(1.0, p + reach))


def candidate(n: int, kind: str, p: float) -> Candidate:
    return Candidate(n, n, kind, said(p))


def test_what_takes_long_comes_after_what_brings_as_much_in_less_time() -> None:
    pace = Pace(10.0, {"slow": 40.0}, 30)
    waiting = [candidate(0, "slow", 0.9), candidate(1, "quick", 0.5), candidate(2, "quick", 0.2)]
    assert [one.flag for one in by_corrections_a_minute(waiting, pace)] == [1, 0, 2]


def test_a_box_holds_what_fits_and_says_what_it_brings() -> None:
    pace = Pace(30.0)
    ordered = [candidate(n, "quick", 0.9 if n < 10 else 0.1) for n in range(40)]
    ten, everything = box(ordered, pace, 10), box(ordered, pace)
    assert (ten.items, everything.items, everything.minutes) == (20, 40, 20.0)
    assert ten.expected is not None
    assert ten.expected.wrong == pytest.approx(10.0)
    assert ten.a_minute == pytest.approx(1.0)
    assert ten.expected.low <= 9
    assert ten.expected.high >= 11
    assert everything.end == pytest.approx(0.2)
    assert best_box([ten, everything]) == ten  # the last minutes of all are not worth it, nor those of the shorter


def test_an_empty_queue_has_an_empty_box() -> None:
    found = box([], Pace())
    assert (found.items, found.expected, found.minutes, found.a_minute) == (0, None, 0.0, 0.0)


def test_a_pace_leaves_breaks_and_interruptions_out_and_is_usual_before_twenty() -> None:
    assert pace_of([Timed("a", 5.0)] * 19) == Pace(USUAL, decisions=19)
    times = {("a", 5.0): 30, ("b", 15.0): 10, ("a", 4000.0): 5, ("a", 200.0): 2}
    found = pace_of([Timed(*one) for one, many in times.items() for _ in range(many)])
    assert found.known
    assert found.seconds == pytest.approx(7.5)
    assert found.of("b") == pytest.approx((150 + 5 * 7.5) / 15)
    assert found.of("never decided") == found.seconds


def test_how_many_are_wrong_is_a_sum_with_a_range_that_knows_the_curve_may_be_off() -> None:
    sure = expected_wrong(said(0.7, 0.001) for _ in range(20))
    unsure = expected_wrong(said(0.7, 0.2) for _ in range(20))
    assert sure is not None
    assert unsure is not None
    assert (sure.of, round(sure.wrong), sure.low, sure.high) == (20, 14, 11, 17)
    assert unsure.low < sure.low
    assert unsure.high > sure.high
    assert expected_wrong([ProbabilityWrong(0.9)]) is None


def test_bands_are_stated_by_the_other_decisions_and_judged_when_enough_were_made() -> None:
    few = [(0.9, True)] * 12
    assert verdict(stated_bands(few))[0] == "few"
    found = []
    for seed in range(10):
        rng = random.Random(seed)
        good = [(score, rng.random() < score) for score in (rng.random() for _ in range(200))]
        bands = stated_bands(good)
        assert sum(band.checked for band in bands) == 200
        found.append(verdict(bands)[0])
    assert found.count("yes") >= 7  # five ranges of 95 %
    off = StatedBand(0.75, 0.9, 50, 26, 0.82)
    assert verdict([off, StatedBand(0.9, 1.0, 20, 19, 0.95)]) == ("high", off)
    under = StatedBand(0.0, 0.25, 50, 26, 0.1)
    assert verdict([off, under]) == ("low", under)


def test_who_reads_to_the_end_needs_longer_for_long_texts_and_gets_short_ones_of_the_same_suspicion_first() -> None:
    rng = random.Random(0)
    timed = []
    for _ in range(60):
        length = rng.choice([40, 200, 600, 9000])
        timed.append(Timed("a", 4 + 0.02 * min(length, 4000) + rng.gauss(0, 1), length))
    found = pace_of(timed[:40])
    assert found.a_character == pytest.approx(0.02, rel=0.15)
    assert found.of("a", 40) < found.of("a", 600) < found.of("a", 9000) == found.of("a", 4000)
    waiting = [Candidate(0, 0, "a", said(0.9), 4000), Candidate(1, 1, "a", said(0.5), 40)]
    assert [one.flag for one in by_corrections_a_minute(waiting, found)] == [1, 0]
    assert box(waiting, found).minutes == pytest.approx((found.of("a", 40) + found.of("a", 4000)) / 60)


@pytest.mark.parametrize("seed", range(10))
def test_length_costs_next_to_nothing_where_it_does_not_show(seed: int) -> None:
    rng = random.Random(seed)
    found = pace_of([Timed("a", 5 * rng.lognormvariate(0, 0.5), rng.randrange(20, 400)) for _ in range(40)])
    assert 0 <= found.a_character < 0.012  # of a text of 400 characters: less than its usual time again
    pictures = pace_of([Timed("a", rng.uniform(2, 9)) for _ in range(40)])
    assert pictures.a_character == 0
    assert pictures.of("a") == pytest.approx(pictures.seconds, rel=0.01)


def order(*items: int) -> list[Candidate]:
    return [candidate(item, "quick", 0.9) for item in items]


def numbers(found: list[Candidate]) -> list[int]:
    return [one.item for one in found]


def all_alike(items: range) -> dict[int, set[int]]:
    return {item: set(items) - {item} for item in items}


def test_look_alikes_follow_each_other_within_the_front_of_the_order() -> None:
    alike = {0: {3}, 3: {0, 4}, 4: {3}}
    assert numbers(look_alikes_together(order(0, 1, 2, 3, 4, 5), alike)) == [0, 3, 4, 1, 2, 5]
    assert numbers(look_alikes_together(order(0, 1, 2), {})) == [0, 1, 2]
    assert look_alikes_together([], alike) == []


def test_what_is_far_behind_is_not_brought_to_the_front() -> None:
    alike = {0: {19, 20}, 19: {0}, 20: {0}}
    assert numbers(look_alikes_together(order(*range(30)), alike))[:3] == [0, 19, 1]


def test_a_row_of_look_alikes_ends_after_six_and_nothing_is_lost() -> None:
    items = order(*range(0, 20, 2), *range(1, 20, 2))
    alike = all_alike(range(0, 20, 2)) | {1: set()}
    found = numbers(look_alikes_together([items[0], *reversed(items[1:])], alike))
    assert found[:6] == [0, 18, 16, 14, 12, 10]
    assert found[6] == 19
    assert sorted(found) == list(range(20))


def test_a_row_goes_on_after_each_decision_and_ends_all_the_same() -> None:
    alike = all_alike(range(10))
    assert numbers(look_alikes_together(order(20, 5), alike, [4]))[0] == 5
    assert numbers(look_alikes_together(order(20, 5), alike, [4, 3, 2, 1, 0]))[0] == 5
    assert numbers(look_alikes_together(order(20, 5), alike, [5, 4, 3, 2, 1, 0]))[0] == 20
    assert numbers(look_alikes_together(order(20, 9), alike, [4, 30, 2, 1, 0, 3]))[0] == 9

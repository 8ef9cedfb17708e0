"""Shares of what is left, and who gives up what nobody has opened."""

from datetime import UTC, datetime, timedelta

from labeler.assignment.sharing import OPEN, PROGRAM, READY, Hold, abandoned, halved, share

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=30)


def held(user: int, count: int, *, desk: str = READY, heard: timedelta = timedelta(0), first: int = 0) -> list[Hold]:
    ends = NOW - heard + LEASE
    return [Hold(first + n, first + n, 0, user, desk, ends) for n in range(count)]


def test_a_share_is_an_even_part_and_never_more_than_asked_for() -> None:
    assert share(10_000, 3, 48) == 48
    assert share(60, 3, 48) == 20
    assert share(61, 3, 48) == 21
    assert share(1, 9, 48) == 2
    assert share(0, 0, 1) == 1


def test_what_a_silent_workspace_has_ready_is_given_up_in_serving_order() -> None:
    silent, heard_of = held(1, 3, heard=timedelta(seconds=90)), held(2, 3, heard=timedelta(seconds=89), first=10)
    assert abandoned(silent + heard_of, 9, now=NOW, lease=LEASE) == silent
    assert abandoned(silent, 2, now=NOW, lease=LEASE) == silent[:2]


def test_with_a_short_lease_a_workspace_is_silent_before_it_ends() -> None:
    short = timedelta(seconds=12)
    ends = NOW + short - timedelta(seconds=9)
    assert abandoned([Hold(1, 1, 0, 1, READY, ends)], 1, now=NOW, lease=short)
    assert not abandoned([Hold(1, 1, 0, 1, READY, NOW + short / 2)], 1, now=NOW, lease=short)


def test_what_was_opened_and_what_a_program_holds_is_never_given_up() -> None:
    kept = held(1, 5, desk=OPEN, heard=timedelta(minutes=29)) + held(2, 5, desk=PROGRAM, heard=timedelta(minutes=29))
    assert abandoned(kept, 9, now=NOW, lease=LEASE) == []
    assert halved(kept, {1: 5, 2: 5}, 9) == []


def test_the_one_who_holds_most_gives_half_of_it_from_the_end() -> None:
    few, many = held(1, 4), held(2, 9, first=10)
    assert [one.item for one in halved(few + many, {1: 5, 2: 10}, 99)] == [14, 15, 16, 17, 18]
    assert [one.item for one in halved(few + many, {1: 5, 2: 10}, 2)] == [17, 18]
    assert halved(held(1, 1), {1: 1}, 9) == [], "nobody is left with nothing"
    assert halved([], {}, 9) == []

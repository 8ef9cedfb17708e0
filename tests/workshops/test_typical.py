"""A dozen items to look at."""

from labeler.workshops.border import Contested
from labeler.workshops.typical import typical


def one(item: int, cluster: int | None, said: str = "ab") -> Contested:
    return Contested(item, dict(enumerate(said)), decided=False, cluster=cluster)


def test_the_largest_groups_come_first_and_the_most_divided_within_them() -> None:
    items = [one(1, 7, "aab"), one(2, 7, "aabb"), one(3, 7), one(4, 7, "aaab"), one(5, 7)]
    items += [one(number, 2) for number in (6, 7, 8)]
    groups = typical(items, "a")
    assert [(group.cluster, group.items, [case.item for case in group.shown]) for group in groups] == [
        (7, 5, [2, 3, 5, 1]),
        (2, 3, [6, 7, 8]),
    ]
    assert [group.share for group in groups] == [5 / 8, 3 / 8]


def test_items_of_no_group_follow_while_there_is_room_for_twelve() -> None:
    items = [
        *(one(number, 7) for number in range(5)),
        one(5, 3),
        *(one(number, None, "aab") for number in range(6, 20)),
    ]
    grouped, others = typical(items, "a")
    assert (grouped.cluster, len(grouped.shown)) == (7, 4)
    assert (others.cluster, others.items, [case.item for case in others.shown]) == (
        None,
        15,
        [5, 6, 7, 8, 9, 10, 11, 12],
    )


def test_items_that_form_no_group_are_one_list_of_twelve() -> None:
    (group,) = typical([one(number, None if number % 2 else number) for number in range(20)], "a")
    assert (group.cluster, group.items, len(group.shown), group.share) == (None, 20, 12, 1.0)


def test_without_items_there_is_nothing_to_look_at() -> None:
    assert typical([], "a") == ()

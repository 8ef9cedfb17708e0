"""Which items lie at the border of two classes."""

from labeler.workshops.border import Contested, near_border, wavers


def contested(item: int, *, decided: bool = False) -> Contested:
    return Contested(item, {1: "a", 2: "b"}, decided)


def test_an_item_called_both_is_near_unless_it_is_decided_or_the_model_is_sure() -> None:
    found = near_border(
        [contested(1), contested(2, decided=True), contested(3), contested(4)],
        {1: (0.5, 0.4), 3: (0.8, 0.1), 4: (0.1, 0.2)},
        [],
    )
    assert (found.contested, found.decided, found.clear) == ((1, 4), (2,), (3,))
    assert found.items == (1, 4)


def test_without_a_model_all_that_is_undecided_is_near() -> None:
    assert near_border([contested(1), contested(2, decided=True)], {}, [7, 8]).items == (1,)


def test_an_item_called_one_of_them_is_near_where_the_model_wavers_between_the_two_alone() -> None:
    chances = {5: (0.45, 0.4), 6: (0.9, 0.05), 7: (0.3, 0.3)}
    assert near_border([], chances, [5, 6, 7, 8]).wavering == (5,)
    assert wavers((0.7, 0.15))
    assert not wavers((0.8, 0.2))
    assert not wavers((0.4, 0.39))

"""The layout of one page: its class, its order, and which items are unlike the others."""

from labeler.quality.pages import Placed, lay_out


def test_the_least_certain_item_comes_first() -> None:
    chosen, placed = lay_out([(1, [0.9, 0.1]), (2, [0.6, 0.4]), (3, [0.8, 0.2])])
    assert chosen == 0
    assert [one.item for one in placed] == [2, 3, 1]
    assert [one.probability for one in placed] == [0.6, 0.8, 0.9]


def test_the_class_of_a_page_is_the_likeliest_of_most_items() -> None:
    chosen, placed = lay_out([(1, [0.2, 0.7, 0.1]), (2, [0.1, 0.8, 0.1]), (3, [0.6, 0.4, 0.0])])
    assert chosen == 1
    assert placed[0] == Placed(3, 0.4, odd=True, rival=0)


def test_clearly_less_likely_than_the_rest_is_odd_and_says_what_else_it_may_be() -> None:
    sure = [(n, [0.9, 0.05, 0.05]) for n in range(1, 6)]
    _, placed = lay_out([*sure, (9, [0.5, 0.1, 0.4]), (8, [0.7, 0.2, 0.1])])
    assert placed[0] == Placed(9, 0.5, odd=True, rival=2)
    assert [one.item for one in placed if one.odd] == [9]


def test_a_page_of_equals_has_no_odd_one_however_unsure_the_model_is() -> None:
    _, placed = lay_out([(n, [0.35, 0.33, 0.32]) for n in range(12)])
    assert not any(one.odd for one in placed)


def test_an_item_without_a_prediction_comes_last_and_is_never_odd() -> None:
    chosen, placed = lay_out([(7, []), (1, [0.9, 0.1])])
    assert (chosen, [one.item for one in placed], placed[1]) == (0, [1, 7], Placed(7, None))
    assert lay_out([(7, [])]) == (None, [Placed(7, None)])
    assert lay_out([]) == (None, [])


def test_a_project_of_one_class_has_nothing_else_to_suggest() -> None:
    assert lay_out([(1, [1.0])]) == (0, [Placed(1, 1.0)])

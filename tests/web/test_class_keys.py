"""Which key answers which class: a number in a name is its key, everything else goes by position."""

import pytest

from labeler.web.shared.class_keys import CLASS_KEYS, class_keys


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        ([str(n) for n in range(11)], [*"0123456789", "q"]),
        ([str(n) for n in range(1, 11)], [*"123456789", "q"]),
        ([str(n) for n in range(21)], [*"0123456789", *"qwertyuiop", "shift+1"]),
        (["0 none", "1 mild", "2", "3 severe"], ["0", "1", "2", "3"]),
        (["3", "2", "1"], ["3", "2", "1"]),
        (["0: none", "1) mild", "(2) bad", "#3"], ["0", "1", "2", "3"]),
        (["2D", "3D"], ["2", "3"]),
        (["1-3 items", "4-6 items", "7+"], ["1", "4", "7"]),
        (["-1", "0", "+1"], ["q", "0", "1"]),
        (["0", "0.5", "1.0", "1,5"], ["0", "q", "1", "w"]),
    ],
)
def test_a_number_in_front_of_a_name_is_its_key_and_ten_is_on_q(names: list[str], keys: list[str]) -> None:
    assert class_keys(names) == tuple(keys)


def test_on_a_scale_no_digit_means_anything_but_a_number() -> None:
    assert class_keys(["0", "1", "2", "can't tell"]) == ("0", "1", "2", "q")


def test_among_words_the_digits_left_over_go_by_position() -> None:
    assert class_keys(["car", "truck", "2-wheeler", "bus"]) == ("1", "3", "2", "4")


def test_of_two_names_with_one_number_the_first_has_it() -> None:
    assert class_keys(["1 a", "1 b", "2 c"]) == ("1", "q", "2")


@pytest.mark.parametrize("names", [["2019", "2020"], ["10", "20", "30"], ["red", "green"], ["A1", "B2"]])
def test_without_a_name_of_one_digit_keys_go_by_position(names: list[str]) -> None:
    assert class_keys(names) == CLASS_KEYS[: len(names)]


def test_no_key_is_given_twice_and_classes_beyond_the_last_key_have_none() -> None:
    for names in ([str(n) for n in range(40)], [f"c{n}" for n in range(40)], [f"{n} x" for n in (5, 5, 12, 12, 3)]):
        keys = [key for key in class_keys(names) if key]
        assert len(keys) == len(set(keys))
        assert len(class_keys(names)) == len(names)

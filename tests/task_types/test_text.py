"""Free text: what is kept, when two texts are equal, how far they are apart, which of many stands for all."""

import json
import unicodedata
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.errors import Invalid
from labeler.measures.summary import Reason
from labeler.task_types.text.agreement import DIGITS, pattern, read, text_agreement
from labeler.task_types.text.consensus import nearest
from labeler.task_types.text.diff import Diff, Run, differences
from labeler.task_types.text.distances import edits as edits_of
from labeler.task_types.text.distances import error_rate, mean_rates
from labeler.task_types.text.normal import LONGEST, direction, kept, normal, within

ARABIC = "\u0643\u062a\u0627\u0628"  # a book
BOOKS = "\u0643\u062a\u0628"  # books
HEBREW = "\u05e9\u05dc\u05d5\u05dd"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # with a zero-width non-joiner
ALPHABET = "ab C.\n\t\u00e9e\u0301\u0643\u05e9\u4e2d\u0e01\u0e34\u00a0\u3000\N{GRINNING FACE}\u200d"
TEXTS = st.text(alphabet=ALPHABET, max_size=12)
ANSWERS = st.lists(TEXTS, min_size=1, max_size=5)


def edits(first: str, second: str) -> int:
    return edits_of(normal(first), normal(second))


def character_error_rate(first: str, second: str) -> float:
    return error_rate(normal(first), normal(second))


def word_error_rate(first: str, second: str) -> float:
    return error_rate(normal(first).split(), normal(second).split())


def test_a_text_is_kept_as_typed_but_for_the_ends_of_lines() -> None:
    typed = "  Two  blanks,\ta tab,\u00a0\u201cquotes\u201d, e\u0301 and \u00e9\r\nnext\rlast\n"
    assert kept(typed) == "  Two  blanks,\ta tab,\u00a0\u201cquotes\u201d, e\u0301 and \u00e9\nnext\nlast\n"


@pytest.mark.parametrize("character", ["\0", "\x07", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\ud800"])
def test_a_control_character_is_refused_with_its_place(character: str) -> None:
    with pytest.raises(Invalid, match=r"Character 6 of the text \(U\+") as refused:
        kept(f"ab\r\ncd{character}")
    assert refused.value.field == "text"


@pytest.mark.parametrize("character", ["\u200d", "\u200e", "\u2028", "\ufeff", "\u00ad", "\N{GRINNING FACE}", "\t"])
def test_a_character_that_is_no_control_character_is_kept(character: str) -> None:
    assert kept(f"a{character}b") == f"a{character}b"


def test_limits_count_code_points_the_longest_all_and_the_shortest_without_blanks_around() -> None:
    assert within("\N{GRINNING FACE}" * 3, longest=3)
    assert within("", shortest=0) == ""
    assert within("x" * LONGEST)
    with pytest.raises(Invalid, match="4 of at most 3"):
        within("abc ", longest=3)
    with pytest.raises(Invalid, match="10,001 of at most 10,000"):
        within("x" * (LONGEST + 1))
    with pytest.raises(Invalid, match="1 of at least 2"):
        within("  a \n", shortest=2)


@pytest.mark.parametrize(
    ("first", "second", "equal"),
    [
        ("e\u0301t\u00e9", "\u00e9te\u0301", True),
        (" one\n two\u00a0\u3000three\r\n", "one two three", True),
        ("Paris", "paris", False),
        ("Paris", "Paris.", False),
        ("\u201cyes\u201d", '"yes"', False),
        ("\uff21", "A", False),
        ("\u00df", "ss", False),
        ("a b", "ab", False),
        (PERSIAN, PERSIAN.replace("\u200c", ""), False),
    ],
)
def test_what_makes_two_texts_equal(first: str, second: str, *, equal: bool) -> None:
    assert (normal(first) == normal(second)) is equal
    assert (character_error_rate(first, second) == 0) is equal


@given(text=st.text())
def test_the_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    assert normal(normal(text)) == normal(text)
    assert normal(unicodedata.normalize("NFD", text)) == normal(text)


@pytest.mark.parametrize(
    ("first", "second", "characters", "words"),
    [
        ("", "", 0, 0),
        (" \n", "", 0, 0),
        ("", "abc", 1, 1),
        ("kitten", "sitting", 3 / 7, 1),
        ("the cat sat", "the cat sat down", 5 / 16, 1 / 4),
        ("the  cat\nsat", "the cat sat", 0, 0),
        ("a b c d", "a x c d", 1 / 7, 1 / 4),
        ("\u6771\u4eac\u90fd", "\u6771\u4eac\u5e02", 1 / 3, 1),
        ("caf\u00e9", "cafe\u0301", 0, 0),
        ("aa", "bb", 1, 1),
        ("\N{GRINNING FACE}\N{GRINNING FACE}", "\N{GRINNING FACE}a", 1 / 2, 1),
    ],
)
def test_rates_are_edits_over_the_longer_text(first: str, second: str, characters: float, words: float) -> None:
    assert character_error_rate(first, second) == pytest.approx(characters)
    assert word_error_rate(first, second) == pytest.approx(words)


@given(first=TEXTS, second=TEXTS)
def test_rates_are_the_same_both_ways_round_and_zero_only_for_equal_texts(first: str, second: str) -> None:
    for rate in (character_error_rate, word_error_rate):
        assert rate(first, second) == rate(second, first)
        assert 0 <= rate(first, second) <= 1
        assert (rate(first, second) == 0) == (normal(first) == normal(second))


@given(first=TEXTS, second=TEXTS)
def test_the_rate_is_never_above_the_usual_one_with_a_reference(first: str, second: str) -> None:
    if normal(second):
        usual = edits(first, second) / len(normal(second))
        assert character_error_rate(first, second) <= usual
        if len(normal(second)) >= len(normal(first)):
            assert character_error_rate(first, second) == pytest.approx(usual)


@given(first=TEXTS, second=TEXTS, third=TEXTS)
def test_edits_are_a_metric(first: str, second: str, third: str) -> None:
    assert edits(first, third) <= edits(first, second) + edits(second, third)
    assert edits(first, second) == edits(second, first)


def by_hand(first: str, second: str) -> int:
    """Count edits in the plainest way there is."""
    row = list(range(len(second) + 1))
    for at, one in enumerate(first, 1):
        above, row = row, [at]
        for to, other in enumerate(second, 1):
            row.append(min(above[to] + 1, row[to - 1] + 1, above[to - 1] + (one != other)))
    return row[-1]


@given(first=TEXTS, second=TEXTS)
def test_edits_are_what_counting_by_hand_gives(first: str, second: str) -> None:
    assert edits(first, second) == by_hand(normal(first), normal(second))


def test_a_pattern_says_what_an_item_adds() -> None:
    assert pattern([]) == ""
    assert pattern(["anything"]) == "n=1"
    assert pattern(["a b", "a  b"]) == "n=2;c=0;w=0;e=1"
    assert pattern(["the cat", "the cat", "the cut"]) == "n=3;c=0.0952;w=0.3333;e=0.3333"


@given(texts=ANSWERS)
def test_a_pattern_can_be_read_again_and_knows_no_order(texts: list[str]) -> None:
    row = pattern(texts)
    found = read(row)
    assert found.answers == len(texts)
    assert {pattern(order) for order in permutations(texts)} == {row}
    if len(texts) > 1:
        assert (found.character_rate, found.word_rate, found.exact) == pytest.approx(
            mean_rates(texts), abs=0.51 * 10**-DIGITS
        )


@pytest.mark.parametrize(
    "row", ["", "n=0", "n=x", "17,17", "n=2", "n=1;c=0", "n=2;c=2;w=0;e=0", "n=2;c=nan;w=0;e=0", "n=2;c=0;w=0;e=0;x=1"]
)
def test_a_row_that_is_no_pattern_is_refused(row: str) -> None:
    with pytest.raises(Invalid, match="recount the histogram"):
        read(row)


def test_agreement_is_the_mean_over_items_of_the_mean_over_pairs() -> None:
    found = text_agreement({"n=1": 3, "n=2;c=0.5;w=1;e=0": 1, "n=3;c=0;w=0;e=1": 3, "": 9, "n=2;c=0;w=0;e=1": 0})
    assert (found.characters, found.words, found.exact) == (0.875, 0.75, 0.75)
    assert (found.items, found.pairable_items, found.answers, found.pairable_answers) == (7, 4, 14, 11)
    assert found.characters_interval is found.words_interval is found.exact_interval is None
    assert found.reason is Reason.FEW_ITEMS
    assert found.reason_sentence == "Too few double-labelled items (4 of 50)."


@pytest.mark.parametrize("patterns", [{}, {"n=1": 100}])
def test_without_two_answers_to_an_item_nothing_is_said(patterns: dict[str, int]) -> None:
    found = text_agreement(patterns)
    assert found.characters is found.words is found.exact is None
    assert found.reason_sentence == "No item has two answers yet."
    assert found.items == found.answers == sum(patterns.values())


def test_intervals_hold_the_mean_and_the_same_counts_give_the_same_ones() -> None:
    patterns = {"n=2;c=0.1;w=0.2;e=0": 40, "n=2;c=0;w=0;e=1": 60, "n=1": 900}
    found, again = text_agreement(patterns), text_agreement(dict(reversed(patterns.items())))
    assert found == again
    assert found.reason is None
    assert found.reason_sentence == ""
    assert found.exact == pytest.approx(0.6)
    assert found.exact_interval is not None
    assert found.exact_interval.low == pytest.approx(0.6 - 1.96 * (0.24 / 100) ** 0.5, abs=0.015)
    assert found.exact_interval.high == pytest.approx(0.6 + 1.96 * (0.24 / 100) ** 0.5, abs=0.015)
    assert found.characters_interval is not None
    assert found.characters is not None
    assert found.characters_interval.low < found.characters < found.characters_interval.high


def test_equal_answers_everywhere_agree_fully_and_have_an_interval_of_one_point() -> None:
    found = text_agreement({"n=3;c=0;w=0;e=1": 50})
    assert (found.characters, found.exact, found.reason) == (1, 1, None)
    assert found.exact_interval is not None
    assert (found.exact_interval.low, found.exact_interval.high) == (1, 1)


def test_fewer_than_no_items_are_refused() -> None:
    with pytest.raises(Invalid, match="negative"):
        text_agreement({"n=1": -1})


@pytest.mark.parametrize(
    ("texts", "text", "confidence", "differ"),
    [
        ([], None, 0, False),
        (["a"], "a", 1.5 / 2, False),
        (["a", "a", "a"], "a", 3.5 / 4, False),
        (["a b", " a  b"], "a b", 2.5 / 3, False),
        (["a", "b"], None, 1.5 / 3, True),
        (["cat", "cats", "cots"], "cats", (1 + 3 / 4 + 3 / 4 + 0.5) / 4, True),
        (["abcd", "abcd", "wxyz"], "abcd", 2.5 / 4, True),
        (["a", "a", "b", "b"], None, 2.5 / 5, True),
        (["", ""], "", 2.5 / 3, False),
        (["", "abc"], None, 1.5 / 3, True),
    ],
)
def test_the_nearest_answer_and_how_sure_it_is(
    texts: list[str], text: str | None, confidence: float, *, differ: bool
) -> None:
    found = nearest(texts)
    assert (found.text, found.differ) == (text, differ)
    assert found.confidence == pytest.approx(confidence)


def test_between_equally_near_texts_the_one_with_more_votes_than_any_other_is_taken() -> None:
    near = ["ab", "ab", "ax", "xb", "ax", "ab"]  # "ab" leads and is the nearest as well
    assert nearest(near).text == "ab"
    tied = ["aaaa", "aaaa", "aabb", "abbb", "bbbb"]  # sums 2+3+4 and 2+2+1+2 and so on
    sums = {text: sum(edits(text, other) for other in tied) for text in tied}
    assert min(sums, key=sums.__getitem__) == nearest(tied).text == "aabb"


def test_a_tie_of_the_nearest_goes_to_the_most_votes() -> None:
    texts = ["aa", "aa", "ab", "bb", "bb", "ab", "ab"]
    assert nearest(texts).text == "ab"
    tied = ["aab", "aab", "abb", "bbb"]  # 1+2 and 1+1+1
    assert {text: sum(edits(text, other) for other in tied) for text in tied} == {"aab": 3, "abb": 3, "bbb": 5}
    assert nearest(tied).text == "aab"
    assert nearest([*tied, "aaa", "bbb"]).text is None  # now "aab" has no more votes than "bbb"


def test_of_equal_answers_the_one_typed_most_often_then_the_earliest_is_taken() -> None:
    assert nearest(["a b", "a  b", "a  b"]).text == "a  b"
    assert nearest(["a  b", "a b", "a\nb"]).text == "a  b"
    assert nearest(["x", "a\nb", "a b", "a b"]).text == "a b"


@given(texts=ANSWERS)
def test_the_order_of_answers_does_not_change_what_they_say_together(texts: list[str]) -> None:
    found = [nearest(order) for order in permutations(texts)]
    assert len({None if one.text is None else normal(one.text) for one in found}) == 1
    assert len({round(one.confidence, 9) for one in found}) == 1
    assert all(0 < one.confidence < 1 for one in found)
    assert all(one.text is None or one.text in texts for one in found)
    assert {one.differ for one in found} == {len({normal(text) for text in texts}) > 1}


@given(texts=ANSWERS)
def test_the_text_taken_has_the_fewest_edits_to_all_others(texts: list[str]) -> None:
    taken = nearest(texts).text
    if taken is not None:
        sums = [sum(edits(text, other) for other in texts) for text in texts]
        assert sum(edits(taken, other) for other in texts) == min(sums)


def runs(found: Diff) -> list[tuple[str, str]]:
    return [(run.kind, run.text) for run in found.runs]


@pytest.mark.parametrize(
    ("older", "newer", "wanted"),
    [
        ("", "", []),
        ("", "new", [("added", "new")]),
        ("old", " ", [("removed", "old")]),
        ("a  b\n", "a b", [("same", "a b")]),
        ("quany, 640", "quarry, 640", [("same", "qua"), ("removed", "n"), ("added", "rr"), ("same", "y, 640")]),
        ("the cat", "the dog", [("same", "the "), ("removed", "cat"), ("added", "dog")]),
        ("a b c", "a c", [("same", "a "), ("removed", "b "), ("same", "c")]),
        (
            "\u0e01\u0e34\u0e19",
            "\u0e01\u0e35\u0e19",
            [("removed", "\u0e01\u0e34"), ("added", "\u0e01\u0e35"), ("same", "\u0e19")],
        ),
        (
            "a\U0001f44d\U0001f3fdb",
            "a\U0001f44db",
            [("same", "a"), ("removed", "\U0001f44d\U0001f3fd"), ("added", "\U0001f44d"), ("same", "b")],
        ),
        (
            "a\U0001f469\u200d\U0001f4bbb",
            "a\U0001f469b",
            [("same", "a"), ("removed", "\U0001f469\u200d\U0001f4bb"), ("added", "\U0001f469"), ("same", "b")],
        ),
        (ARABIC, BOOKS, [("removed", ARABIC), ("added", BOOKS)]),
        (HEBREW, HEBREW[:-1], [("same", HEBREW[:-1]), ("removed", HEBREW[-1])]),
        ("\u6771\u4eac\u90fd\u6c11", "\u6771\u4eac\u5e02\u6c11", None),
        ("caf\u00e9", "cafe\u0301", [("same", "cafe\u0301")]),
        ("naive\u0323", "naive", [("same", "naiv"), ("removed", "\u1eb9"), ("added", "e")]),
        (
            "\u0e01\u0e34\u0e19",
            "\u0e01\u0e34\u0e07",
            [("same", "\u0e01\u0e34"), ("removed", "\u0e19"), ("added", "\u0e07")],
        ),
    ],
)
def test_what_differs_is_shown_by_words_and_inside_them_by_letters(
    older: str, newer: str, wanted: list[tuple[str, str]] | None
) -> None:
    found = differences(older, newer)
    if wanted is None:
        assert [run.kind for run in found.runs] == ["same", "removed", "added", "same"]
    else:
        assert runs(found) == wanted


@given(older=TEXTS, newer=TEXTS)
def test_runs_hold_both_texts_and_alternate(older: str, newer: str) -> None:
    found = differences(older, newer)
    for text, gone in ((older, "added"), (newer, "removed")):
        assert normal("".join(run.text for run in found.runs if run.kind != gone)) == normal(text)
    assert all(run.text for run in found.runs)
    assert all(one.kind != other.kind for one, other in zip(found.runs, found.runs[1:], strict=False))
    assert found.changed == (normal(older) != normal(newer))


def test_the_paragraph_of_a_difference_runs_as_its_letters_do() -> None:
    assert differences("", f"12 {ARABIC} abc").direction == "rtl"
    assert differences(HEBREW, "").direction == "rtl"
    assert differences("12", "13").direction == "ltr"
    assert direction(["1.", f"- abc {HEBREW}"]) == "ltr"


def test_a_run_is_plain_json() -> None:
    assert json.dumps(Run("same", "a")) == '["same", "a"]'

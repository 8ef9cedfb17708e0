"""The sentences that say why an item has its consensus."""

import pytest

from labeler.consensus.ground import Ground
from labeler.consensus.reasons import Case, Side, why

ANN, BOB, EVE = ("Ann", "1"), ("Bob", "2"), ("Eve", "3")
GROUND = Ground("tempered_dawid_skene", 60.0, {"1": 0.92, "2": 0.9, "3": 0.41})


def case(label: str, *sides: Side, chance: float = 0.9, method: str = "tempered_dawid_skene") -> Case:
    return Case(label, chance, method, sides, one_class=True)


def test_who_said_what_is_named_with_how_often_they_are_expected_to_be_right() -> None:
    found = why(case("cat", Side("dog", [EVE]), Side("cat", [ANN, BOB])), GROUND)
    assert found[:2] == ["Ann (92%), Bob (90%) said cat.", "Eve (41%) said dog."]
    assert "In brackets" in found[2]


def test_a_majority_that_was_overruled_is_said() -> None:
    found = why(case("cat", Side("dog", [EVE, ("Fay", "4")]), Side("cat", [ANN])), GROUND)
    assert found[0] == "Ann (92%) said cat."
    assert found[1] == "Eve (41%), Fay said dog."
    assert found[2].startswith("Fewer people said cat")


def test_a_tie_says_what_would_settle_it_or_that_it_was_settled() -> None:
    sides = Side("dog", [EVE]), Side("cat", [ANN])
    assert "so a lead decides" in why(case("", *sides), GROUND)[2]
    settled = why(case("cat", *sides, chance=0.97), GROUND)[2]
    assert settled.startswith("The answers tie, and cat stands all the same: by who gave which it is 97% likely")


def test_answers_that_are_alike_and_a_single_one_are_said_plainly() -> None:
    assert why(case("cat", Side("cat", [ANN, BOB])), GROUND)[0] == "All 2 answers say the same."
    assert why(case("cat", Side("cat", [ANN])), GROUND)[0].startswith("There is one answer")
    assert why(case(""), GROUND) == []


def test_what_is_only_counted_so_far_says_so_and_names_no_shares() -> None:
    found = why(case("cat", Side("cat", [ANN, BOB]), Side("dog", [EVE]), method="majority"), GROUND)
    assert found[0] == "Ann, Bob said cat."
    assert "only counted" in found[-1]


def test_a_model_that_was_heard_is_named_with_its_weight() -> None:
    heard = Ground("tempered_dawid_skene", 60.0, {}, content_weight=0.5, content_from=3)
    said = Case("cat", 0.9, "tempered_dawid_skene", (Side("cat", [ANN, BOB]),), one_class=True, model=("dog", 0.8))
    assert any("dog likeliest (80%). It was heard 50% as much" in one for one in why(said, heard))


@pytest.mark.parametrize(
    ("each", "beginning"), [(0.0, "No item has two answers"), (12.0, "Too few labels: 12"), (20.0, "")]
)
def test_too_few_labels_to_know_anybody_is_said(each: float, beginning: str) -> None:
    weak = Ground("tempered_dawid_skene", each)
    assert weak.weak.startswith(beginning)
    assert (why(case("cat", Side("cat", [ANN, BOB])), weak)[-1] == weak.weak) == bool(beginning)


def test_long_lists_of_people_are_cut() -> None:
    many = [(f"P{n}", str(n + 10)) for n in range(9)]
    found = why(case("cat", Side("cat", many), Side("dog", [EVE])), GROUND)
    assert found[0].endswith("P5, 3 more said cat.")


def test_names_with_braces_are_said_as_they_are() -> None:
    assert why(case("{cat}", Side("{cat}", [("A{0}", "9")]), Side("dog", [EVE])), GROUND)[0] == "A{0} said {cat}."


def test_it_is_kept_and_read_again() -> None:
    assert Ground.read(GROUND.as_json()) == GROUND
    assert Ground.read(None) is None

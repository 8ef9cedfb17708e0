"""Items on both sides of a split, as flags."""

import pytest

from labeler.quality.dataset import Finding
from labeler.quality.detectors.registry import LEAKS
from tests.quality.detectors.seen import evidence, said
from tests.quality.worlds import texts

LONG = "seven geese walked slowly over the frozen lake behind the old mill while nobody was looking"


def found(sides: list[str], column: str = "split") -> tuple[list[Finding], list[str]]:
    """What is flagged of sixty texts and two nearly identical ones at their end, on these two sides."""
    contents = [*texts((20, 20, 20))[0], LONG, f"{LONG}!"]
    values = ["train", "test"] * 30 + sides
    seen = evidence(contents, read=True, columns={"source": ["web"] * 62, column: values})
    return LEAKS.find(seen), LEAKS.notes(seen)


def test_the_item_outside_training_is_flagged_with_its_twin_and_both_sides() -> None:
    (one,), (note,) = found(["test", "train"])
    assert (one.item, one.reasons[0]["item"]) == (60, 61)
    assert one.score == pytest.approx(one.reasons[0]["similarity"], abs=1e-4)
    (words,) = said(one)
    assert words.startswith("It is in test, and nearly the same as item 61 (")
    assert words.endswith("alike), which is in train.")
    assert note.startswith("1 of 31 items outside split = train are nearly the same")


@pytest.mark.parametrize("sides", [["train", "train"], ["test", "test"], ["test", ""], ["", ""]])
def test_twins_on_one_side_or_on_none_are_no_leak(sides: list[str]) -> None:
    assert found(sides) == ([], [])


def test_a_column_is_known_as_a_split_by_its_values_too() -> None:
    (one,), _ = found(["test", "train"], "usage")
    assert one.reasons[0]["side"] == "test"


def test_without_a_split_nothing_leaks() -> None:
    contents = [*texts((20, 20, 20))[0], LONG, f"{LONG}!"]
    assert LEAKS.find(evidence(contents, read=True)) == []


def test_a_clean_split_has_no_leak() -> None:
    contents = texts((60, 60, 60))[0]
    columns = {"split": [("train", "train", "val", "test")[n % 4] for n in range(len(contents))]}
    seen = evidence(contents, read=True, columns=columns)
    across = {(a, b) for a, twins in seen.twins.items() for b in twins if columns["split"][a] != columns["split"][b]}
    assert len(LEAKS.find(seen)) <= len(across)
    assert not across or LEAKS.find(seen)

"""Whether texts are the same is asked of whole texts, however long."""

import random

import pytest

from labeler.quality import neighbours
from labeler.quality.features.extraction import extract
from labeler.quality.features.text import LONGEST
from labeler.quality.features.windows import window
from tests.quality.worlds import dataset, kinds, look_at

WORDS = (
    ["great", "lovely", "wonderful", "happy", "excellent", "superb"],
    ["awful", "terrible", "bad", "sad", "horrible", "dreadful"],
)


def long_texts(count: int, own: int) -> list[str]:
    """Texts of 13,000 characters that differ in their last words only; every second one is of the other class."""
    rng = random.Random(1)
    shared = " ".join(
        rng.choice(["contract", "party", "clause", "goods"]) + str(rng.randrange(300)) for _ in range(1400)
    )
    return [f"{shared} {' '.join(rng.choices(WORDS[n % 2], k=own))}." for n in range(count)]


@pytest.mark.parametrize("own", [3, 12, 40])
@pytest.mark.parametrize("count", [12, 80])
def test_long_texts_that_differ_at_their_end_do_not_contradict_each_other(count: int, own: int) -> None:
    found = look_at(dataset(long_texts(count, own), [n % 2 for n in range(count)], ("pos", "neg")))
    assert not kinds(found, "contradiction")


def test_long_texts_that_differ_at_their_end_are_told_apart_by_the_models() -> None:
    found = look_at(dataset(long_texts(80, 12), [n % 2 for n in range(80)], ("pos", "neg")))
    assert found.summary["model"]["accuracy"] > 0.9


def test_a_difference_in_the_middle_of_a_long_text_that_models_do_not_read_is_seen() -> None:
    """Two texts of 60,000 characters, one with a paragraph of its own where no window reads."""
    rng = random.Random(2)
    words = [f"w{rng.randrange(5000)}" for _ in range(10_000)]
    own = [f"own{n}" for n in range(60)]
    at = 1000
    first, second = " ".join(words), " ".join([*words[:at], *own, *words[at + 60 :]])
    features = extract("text", [first, second, *(f"another text number {n}" for n in range(20))])
    assert features.groups[0] != features.groups[1]
    assert 1 not in neighbours.twins(features, neighbours.nearest(features.space)[0]).get(0, {})


def test_the_same_long_text_twice_with_two_labels_is_a_contradiction() -> None:
    contents = long_texts(40, 12)
    contents += [contents[0].upper(), f"  {contents[0]}\n", contents[0].replace(" ", "  ")]
    found = look_at(dataset(contents, [*(n % 2 for n in range(40)), 1, 0, 0], ("pos", "neg")))
    assert kinds(found, "contradiction") == {40}
    [finding] = [one for one in found.findings if one.kind == "contradiction"]
    assert finding.reasons[0]["twins"] == [0, 40, 41, 42]  # the whole family, whatever their labels


def test_a_long_text_is_read_from_its_first_character_to_its_last() -> None:
    text = "".join(chr(0x4E00 + n) for n in range(20_000))
    read = window(text, LONGEST)
    assert len(read) < LONGEST + 10
    assert read[0] == text[0]
    assert read[-1] == text[-1]
    assert window(text[:LONGEST], LONGEST) == text[:LONGEST]

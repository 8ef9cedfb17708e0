"""What is said of a set as a whole: only what is so, with its numbers."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from labeler.quality.dataset import Evidence
from labeler.quality.set_findings import giveaway, rare_class
from labeler.quality.set_findings.registry import SET_FINDINGS, find
from tests.quality.detectors.seen import evidence
from tests.quality.worlds import TOPICS, dataset, look_at, texts

NAMES = tuple(TOPICS)


def seen(
    counts: Sequence[int] = (60, 50, 40), columns: Mapping[str, Sequence[str]] | None = None, **more: Any
) -> Evidence:
    contents, truth = texts(counts)
    return evidence(contents, labels=truth, columns=columns or {}, **more)


def by_class(values: Sequence[str], share: float, seed: int = 1) -> list[str]:
    """A column that says the class of `texts((60, 50, 40))` for a share of the items, and anything for the others."""
    rng = random.Random(seed)
    _, truth = texts((60, 50, 40))
    return [values[label] if rng.random() < share else rng.choice(values) for label in truth.tolist()]


def given_away(columns: Mapping[str, Sequence[str]], **more: Any) -> list[str]:
    return [one.facts["by"] for one in giveaway.find(seen(columns=columns, **more), [])]


def test_a_column_that_tells_the_class_is_named_with_its_numbers_and_values() -> None:
    (one,) = giveaway.find(seen(columns={"camera": by_class("abc", 0.95)}), [])
    facts = one.facts
    assert facts["column"] == "camera"
    assert facts["labeled"] == 150
    assert facts["guessed"] == 60
    assert facts["right"] > 135
    assert one.said.startswith(
        f'The column "camera" gives the class away: it alone tells {facts["right"]} of 150 labels, '
    )
    assert {(value["value"], value["class"]) for value in facts["values"]} == set(zip("abc", NAMES, strict=True))
    assert all(value["count"] <= value["of"] for value in facts["values"])


def test_a_column_that_is_the_class_under_another_name_is_called_that() -> None:
    (one,) = giveaway.find(seen(columns={"label_text": [name.upper() for name in by_class(NAMES, 1.0)]}), [])
    assert one.facts["same"]
    assert one.said.startswith('The column "label_text" is the class under another name.')


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"id": [str(n) for n in range(150)]},
        {"url": [f"https://example.org/{n}" for n in range(150)]},
        {"one": ["same"] * 150},
        {"none": [""] * 150},
        {"random": random.Random(2).choices("abcdefgh", k=150)},
        {"number": [f"{random.Random(n).random():.6f}" for n in range(150)]},
        {"hint": by_class("abc", 0.25)},
    ],
    ids=lambda columns: next(iter(columns), "nothing"),
)
def test_ids_chance_and_weak_hints_give_nothing_away(columns: Mapping[str, Sequence[str]]) -> None:
    assert given_away(columns) == []


def test_numbers_names_formats_sizes_and_lengths_can_give_the_class_away() -> None:
    classes = by_class("abc", 1.0)
    year = [str(1990 + 10 * "abc".index(one) + n % 9 + n / 200) for n, one in enumerate(classes)]
    assert given_away({"year": year}) == ["column"]
    assert given_away({}, names=[f"{one * 3}_{n}.jpg" for n, one in enumerate(classes)]) == ["names"]
    assert given_away(
        {}, names=[f"{n}.{('jpg', 'png', 'gif')['abc'.index(one)]}" for n, one in enumerate(classes)]
    ) == ["format"]
    contents, truth = texts((60, 50, 40))
    longer = [text + " word" * (20 * int(label)) for text, label in zip(contents, truth, strict=True)]
    assert [one.facts["by"] for one in giveaway.find(evidence(longer, labels=truth), [])] == ["length"]


def test_the_measure_leaves_the_item_itself_out() -> None:
    labels = np.array([0, 1] * 30)
    told = giveaway.measure([str(n // 2) for n in range(60)], labels, 2)  # each value once of either class
    assert told is not None
    assert told.right == 0  # the other item of a value always has the other class
    assert giveaway.measure(["a"] * 60, labels, 2) is None


def test_columns_of_chance_are_rarely_said_to_give_a_rare_class_away() -> None:
    contents, truth = texts((140, 10, 0))
    said = 0
    for seed in range(100):
        column = random.Random(seed).choices("abcdefghijkl", k=150)
        said += bool(giveaway.find(evidence(contents, labels=truth, columns={"column": column}), []))
    assert said == 0


def test_few_labels_and_labels_of_one_class_say_nothing() -> None:
    column = {"camera": ["a"] * 20 + ["b"] * 20}
    few = evidence([f"text {n}" for n in range(40)], labels=[0] * 20 + [1] * 20, columns=column)
    one = evidence([f"text {n}" for n in range(80)], labels=[0] * 80, columns={"camera": ["a", "b"] * 40})
    assert giveaway.find(few, []) == giveaway.find(one, []) == []


def test_classes_fifty_times_rarer_than_the_largest_are_named_with_their_counts() -> None:
    (one,) = rare_class.find(seen((150, 3, 0)), [])
    assert one.facts["rare"] == {"attic": 0, "bank": 3}
    assert "than zoo (150) or none at all: attic (0), bank (3)." in one.said
    assert rare_class.find(seen((150, 4, 4)), []) == []
    assert rare_class.find(seen((90, 1, 1)), []) == []


def test_a_group_with_more_wrong_labels_and_one_that_the_model_knows_less_are_told_apart() -> None:
    rng = random.Random(4)
    contents, truth = texts((120, 120, 120))
    source = [rng.choice(("web", "phone", "mail", "worn")) for _ in contents]
    labels = truth.copy()
    for item, kind in enumerate(source):
        if kind == "worn" and rng.random() < 0.3:
            labels[item] = (labels[item] + 1) % 3
    found = look_at(replace(dataset(contents, labels), columns={"source": source}))
    (one,) = found.summary["set_findings"]
    assert (one["kind"], one["column"], one["value"], one["flagged"]) == ("weak_group", "source", "worn", True)
    assert one["facts"]["items"] == source.count("worn")
    assert one["facts"]["items"] + one["facts"]["others"] == 360
    assert one["said"].startswith("More labels look wrong where source is worn: ")
    json.dumps(found.summary, allow_nan=False)


def test_a_group_that_the_model_knows_less_well_is_said_without_calling_its_labels_wrong() -> None:
    rng = random.Random(4)
    contents, truth = texts((120, 120, 120))
    source = [rng.choice(("web", "phone", "foggy")) for _ in contents]
    world = evidence(contents, labels=truth, columns={"source": source})
    chances = np.eye(3)[truth] * 0.9
    for item, kind in enumerate(source):
        if kind == "foggy" and rng.random() < 0.5:
            chances[item] = np.eye(3)[(truth[item] + 1) % 3] * 0.6
    (one,) = find(replace(world, probabilities=chances), [])
    assert (one.kind, one.value, one.flagged) == ("weak_group", "foggy", False)
    assert one.said.startswith("The model knows the items less well where source is foggy: ")


def test_clean_sets_have_nothing_said_of_them() -> None:
    for seed in range(20):
        contents, truth = texts((60, 60, 60), seed)
        rng = np.random.default_rng(seed)
        columns = {name: rng.choice(list("abcd"), 180).tolist() for name in ("source", "camera", "split")}
        chances = np.eye(3)[truth] * 0.8 + 0.06
        for item in rng.permutation(180)[:30]:
            chances[item] = np.roll(chances[item], 1)
        world = evidence(contents, labels=truth, columns=columns, names=[f"item_{n}" for n in range(180)])
        assert find(replace(world, probabilities=chances), []) == []


def test_nothing_is_said_of_nothing() -> None:
    assert find(evidence([]), []) == []
    assert list(SET_FINDINGS) == ["weak_group", "giveaway", "rare_class"]

"""Pairs of people, counted against a plain loop; histograms by group, against the plain tally."""

from collections import Counter
from itertools import combinations

import numpy as np

from labeler.measures.between_people import Couple, couples
from labeler.measures.histogram import by_group


def _answers(items: int) -> list[tuple[int, int, int]]:
    """Return (item, user, label) of items with one to four answers, sorted by item and label."""
    random = np.random.default_rng(3)
    rows = []
    for item in range(items):
        people = random.permutation([7, 9, 12, 30])[: random.integers(1, 5)]
        rows += [(item, int(one), int(random.integers(0, 4))) for one in people]
    return sorted(rows, key=lambda row: (row[0], row[2]))


def test_pairs_are_those_of_a_plain_loop() -> None:
    rows = _answers(200)
    wanted: dict[tuple[int, int], Counter[tuple[int, int]]] = {}
    for one, two in combinations(rows, 2):
        if one[0] == two[0]:
            first, second = sorted((one, two), key=lambda row: row[1])
            wanted.setdefault((first[1], second[1]), Counter())[first[2], second[2]] += 1
    found = couples(*(np.array(column) for column in zip(*rows, strict=True)))
    assert {(one.one, one.two): one.cells for one in found} == wanted
    assert [(one.one, one.two) for one in found] == sorted(wanted)


def test_a_pair_knows_its_items_and_those_that_differ() -> None:
    pair = Couple(1, 2, {(0, 0): 5, (0, 1): 2, (1, 0): 3})
    assert (pair.items, pair.differ, pair.histogram) == (10, 5, {(0, 0): 5, (0, 1): 5})


def test_histograms_by_group_add_up_to_the_plain_tally() -> None:
    rows = _answers(300)
    item, _, label = (np.array(column) for column in zip(*rows, strict=True))
    group = np.arange(300) % 3 - 1
    found = by_group(item, label, group)
    patterns: dict[int, list[int]] = {}
    for one, _, said in rows:
        patterns.setdefault(one, []).append(said)
    for number in (0, 1):
        wanted = Counter(tuple(said) for one, said in patterns.items() if group[one] == number)
        assert found[number] == wanted
    assert set(found) == {0, 1}, "a group below zero is none"


def test_many_labels_are_counted_row_by_row() -> None:
    label = np.array([3, 90_000, 3, 90_000, 4, 5] * 2)
    unit = np.repeat([0, 1], 6)
    assert by_group(unit, np.sort(label.reshape(2, 6)).ravel(), np.zeros(2, np.int64)) == {
        0: {(3, 3, 4, 5, 90_000, 90_000): 2}
    }

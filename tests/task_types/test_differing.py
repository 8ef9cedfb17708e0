"""Differences of two answers, on pictures and texts made by hand: each part in one kind, and credit for parts of it."""

from collections import Counter
from typing import Any

import pytest

from labeler.task_types.base import Content, TaskConfig
from labeler.task_types.differing import ALIKE, BORDERS, BOTH, CLASS, ONLY, SEVERAL
from labeler.task_types.registry import TASK_TYPES

CONFIG = TaskConfig(("cat", "dog"))
PICTURE = Content(width=400, height=400)


def box(x: float, y: float, width: float, height: float, label: str = "cat") -> dict[str, Any]:
    return {"label": label, "x": x, "y": y, "width": width, "height": height}


def kinds(task: str, one: list[Any], two: list[Any], content: Content = PICTURE) -> Counter[str]:
    """Return the parts of both answers by kind; every part is in one, also when the two change places."""
    kind = TASK_TYPES[task]
    first, second = {kind.shape: one}, {kind.shape: two}
    found = kind.part_differences(first, second, CONFIG, content)
    back = kind.part_differences(second, first, CONFIG, content)
    count = Counter[str]()
    for each in found:
        count[each.kind] += len(each.first) + len(each.second)
    assert sorted(n for each in found for n in each.first) == list(range(len(one)))
    assert sorted(n for each in found for n in each.second) == list(range(len(two)))
    assert Counter(each.kind for each in found) == Counter(each.kind for each in back)
    return count


def test_boxes_are_alike_or_differ_in_one_way() -> None:
    one = [box(0, 0, 100, 100), box(200, 0, 100, 100), box(0, 200, 100, 100), box(300, 300, 50, 50)]
    two = [box(2, 0, 100, 100), box(200, 0, 100, 100, "dog"), box(30, 200, 100, 100)]
    assert kinds("boxes", one, two) == {ALIKE: 2, CLASS: 2, BORDERS: 2, ONLY: 1}


def test_one_box_around_what_another_drew_as_two() -> None:
    assert kinds("boxes", [box(0, 0, 200, 100)], [box(0, 0, 90, 100), box(110, 0, 90, 100)]) == {SEVERAL: 3}


def test_nested_boxes_and_twins_are_matched_one_to_one() -> None:
    nested = [box(0, 0, 200, 200), box(50, 50, 40, 40)]
    assert kinds("boxes", nested, nested) == {ALIKE: 4}
    twins = [box(0, 0, 100, 100), box(0, 0, 100, 100)]
    assert kinds("boxes", twins, twins[:1]) == {ALIKE: 2, ONLY: 1}
    assert kinds("boxes", [], []) == {}
    assert kinds("boxes", [], twins) == {ONLY: 2}


def test_credit_for_boxes_is_the_sum_of_overlaps() -> None:
    kind = TASK_TYPES["boxes"]
    one, two = {"boxes": [box(0, 0, 100, 100), box(300, 300, 50, 50)]}, {"boxes": [box(0, 0, 100, 80)]}
    found = kind.part_differences(one, two, CONFIG, PICTURE)
    over, under = kind.partial_credit(one, two, found)
    assert over == pytest.approx(2 * 0.8, abs=1e-9)
    assert under == 3


def test_polygons_are_compared_by_their_areas() -> None:
    square = {"label": "cat", "points": [[0, 0], [100, 0], [100, 100], [0, 100]]}
    half = {"label": "cat", "points": [[0, 0], [100, 0], [0, 100]]}
    assert kinds("polygons", [square], [square]) == {ALIKE: 2}
    assert kinds("polygons", [square], [half]) == {BORDERS: 2}


def span(start: int, end: int, label: str = "cat") -> dict[str, Any]:
    return {"label": label, "start": start, "end": end}


def test_spans_differ_in_borders_in_class_or_in_both() -> None:
    text = Content(text="\N{GRINNING FACE}" * 3 + " שלום and more words to mark here.")
    one = [span(0, 3), span(5, 9), span(10, 13), span(15, 20), span(25, 28)]
    two = [span(0, 3), span(4, 9), span(10, 13, "dog"), span(16, 20, "dog")]
    assert kinds("spans", one, two, text) == {ALIKE: 2, BORDERS: 2, CLASS: 2, BOTH: 2, ONLY: 1}


def test_partial_credit_for_spans_counts_letters_of_one_class() -> None:
    kind = TASK_TYPES["spans"]
    one, two = {"spans": [span(0, 10), span(20, 25, "dog")]}, {"spans": [span(4, 10), span(20, 25)]}
    found = kind.part_differences(one, two, CONFIG, Content(text="x" * 30))
    assert kind.partial_credit(one, two, found) == (12.0, 26.0)


def test_the_nearest_spans_are_partners_and_equal_ones_first() -> None:
    text = Content(text="x" * 40)
    assert kinds("spans", [span(0, 10)], [span(0, 4), span(5, 10)], text) == {BORDERS: 2, ONLY: 1}
    assert kinds("spans", [span(0, 10), span(2, 6)], [span(2, 6)], text) == {ALIKE: 2, ONLY: 1}


def test_kinds_without_parts_have_no_differences() -> None:
    for kind in TASK_TYPES.values():
        value = kind.example.value
        found = kind.part_differences(value, value, kind.example.config, kind.example.content)
        assert bool(found) == kind.has_parts
        assert all(each.kind == ALIKE for each in found)

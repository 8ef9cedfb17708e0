"""Objects of several annotators: what is the same thing, what is absent, and whose order counts."""

import random
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.errors import Invalid
from labeler.task_types import matching
from labeler.task_types.base import ABSENT, Content, TaskConfig, Value, place_of
from labeler.task_types.boxes.task import Boxes
from labeler.task_types.matching import assign, best_assignment
from labeler.task_types.polygons.task import Polygons
from labeler.task_types.spans.task import Spans

CONFIG = TaskConfig(classes=("cat", "dog"))
NOWHERE = Content()
BOXES, POLYGONS, SPANS = Boxes(), Polygons(), Spans()


def box(x: float, y: float = 0, width: float = 10, height: float = 10, label: str = "cat") -> dict[str, Any]:
    return {"label": label, "x": x, "y": y, "width": width, "height": height}


def boxes(*parts: dict[str, Any]) -> Value:
    return {"boxes": list(parts)}


def polygon(*points: list[float], label: str = "cat") -> dict[str, Any]:
    return {"label": label, "points": list(points)}


def span(start: int, end: int, label: str = "cat") -> dict[str, Any]:
    return {"label": label, "start": start, "end": end}


def box_units(**answers: Value) -> dict[str, dict[str, int]]:
    return BOXES.units(answers, CONFIG, NOWHERE)


FEW = st.lists(
    st.builds(
        box,
        st.integers(0, 12),
        st.integers(0, 4),
        st.integers(4, 12),
        st.integers(8, 12),
        st.sampled_from(CONFIG.classes),
    ),
    max_size=4,
)


def test_boxes_drawn_alike_are_one_thing_at_its_median() -> None:
    found = box_units(ann=boxes(box(0)), bob=boxes(box(1, label="dog")), cyd=boxes(box(5, width=8)))
    assert found == {"[1,0,10,10]": {"ann": 0, "bob": 1, "cyd": 0}}


def test_a_box_nobody_else_drew_is_absent_for_them() -> None:
    found = box_units(ann=boxes(box(0), box(100)), bob=boxes(box(0)), cyd=boxes())
    assert list(found.values()) == [{"ann": 0, "bob": 0, "cyd": ABSENT}, {"ann": 0, "bob": ABSENT, "cyd": ABSENT}]


@pytest.mark.parametrize(("moved", "things"), [(3.33, 1), (3.34, 2)])
def test_half_of_the_union_must_be_shared(moved: float, things: int) -> None:
    assert len(box_units(ann=boxes(box(0)), bob=boxes(box(moved)))) == things


def test_exactly_half_is_the_same_thing() -> None:
    assert len(box_units(ann=boxes(box(0)), bob=boxes(box(0, width=20)))) == 1


def test_two_boxes_close_together_are_matched_so_that_both_have_a_partner() -> None:
    found = box_units(ann=boxes(box(0), box(2)), bob=boxes(box(2), box(4)))
    assert [sorted(labels.values()) for labels in found.values()] == [[0, 0], [0, 0]]


def test_one_annotator_never_has_two_objects_in_one_thing() -> None:
    found = box_units(ann=boxes(box(0), box(0), box(1)), bob=boxes(box(0)))
    assert sorted(tuple(labels.values()) for labels in found.values()) == [(0, ABSENT), (0, ABSENT), (0, 0)]


def test_between_equal_overlaps_the_same_class_decides() -> None:
    found = box_units(ann=boxes(box(0, label="cat"), box(0, label="dog")), bob=boxes(box(0, label="dog")))
    assert sorted(tuple(labels.values()) for labels in found.values()) == [(0, ABSENT), (1, 1)]


def test_the_first_annotator_sets_the_order_and_the_others_follow() -> None:
    found = box_units(bob=boxes(box(50), box(200), box(0)), ann=boxes(box(100), box(0)))
    assert [place_of(unit)[0] for unit in found] == [100, 0, 50, 200]


def test_whole_numbers_stay_whole() -> None:
    found = box_units(ann=boxes(box(1)), bob=boxes(box(2)), cyd=boxes(box(1.0)))
    assert list(found) == ["[1,0,10,10]"]


@given(first=FEW, second=FEW, third=FEW)
def test_the_order_of_annotators_does_not_matter(first: list[Any], second: list[Any], third: list[Any]) -> None:
    answers = {"ann": boxes(*first), "bob": boxes(*second), "cyd": boxes(*third)}
    found = BOXES.units(answers, CONFIG, NOWHERE)
    for names in permutations(answers):
        again = BOXES.units({name: answers[name] for name in names}, CONFIG, NOWHERE)
        assert list(again.items()) == list(found.items())
    assert sum(label != ABSENT for labels in found.values() for label in labels.values()) == len(first + second + third)


@given(first=FEW, second=FEW)
def test_the_names_of_two_annotators_do_not_matter(first: list[Any], second: list[Any]) -> None:
    forth = box_units(ann=boxes(*first), bob=boxes(*second))
    back = box_units(ann=boxes(*second), bob=boxes(*first))
    assert sorted((place_of(unit), labels["ann"], labels["bob"]) for unit, labels in forth.items()) == sorted(
        (place_of(unit), labels["bob"], labels["ann"]) for unit, labels in back.items()
    )


@given(first=FEW, second=FEW)
def test_the_order_of_objects_does_not_change_what_is_the_same_thing(first: list[Any], second: list[Any]) -> None:
    forth = box_units(ann=boxes(*first), bob=boxes(*second))
    back = box_units(ann=boxes(*first[::-1]), bob=boxes(*second[::-1]))
    assert sorted(tuple(labels.values()) for labels in forth.values()) == sorted(
        tuple(labels.values()) for labels in back.values()
    )


def test_three_annotators_may_change_names() -> None:
    draw = random.Random(7)
    answers = [
        boxes(*(box(draw.uniform(0, 60), draw.uniform(0, 30), draw.uniform(8, 20), 15) for _ in range(8)))
        for _ in range(3)
    ]
    found = {
        tuple(sorted(tuple(sorted(labels.values())) for labels in BOXES.units(named, CONFIG, NOWHERE).values()))
        for named in (dict(zip(("ann", "bob", "cyd"), order, strict=True)) for order in permutations(answers))
    }
    assert len(found) == 1


@given(
    corners=st.lists(
        st.tuples(st.floats(0, 50), st.floats(0, 50), st.floats(1, 50), st.floats(1, 50)), min_size=1, max_size=5
    )
)
def test_what_stands_for_boxes_in_the_picture_is_in_the_picture(corners: list[tuple[float, ...]]) -> None:
    shapes = [(x, y, min(width, 70 - x), min(height, 70 - y)) for x, y, width, height in corners]
    x, y, width, height = BOXES.middle(shapes, shapes, BOXES.overlap)
    assert BOXES.check_value(boxes(box(x, y, width, height)), CONFIG, Content(width=70, height=70))


def test_objects_matched_as_in_the_pairwise_measure() -> None:
    pytest.importorskip("scipy")
    from tests.measures.pairwise import match

    draw = random.Random(5)
    for _ in range(30):
        answers = {
            who: [
                box(draw.uniform(0, 30), draw.uniform(0, 10), draw.uniform(5, 15), 12, draw.choice(CONFIG.classes))
                for _ in range(9)
            ]
            for who in ("ann", "bob")
        }
        sides = [[((b["x"], b["y"], b["width"], b["height"]), b["label"]) for b in parts] for parts in answers.values()]
        counted = match(*sides)
        units = BOXES.units({who: boxes(*parts) for who, parts in answers.items()}, CONFIG, NOWHERE)
        both = [labels for labels in units.values() if ABSENT not in labels.values()]
        assert len(both) == counted.matched
        assert sum(labels["ann"] == labels["bob"] for labels in both) == counted.same_class


@settings(max_examples=60)
@given(data=st.data())
def test_an_assignment_is_the_best_there_is(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    worth = [[data.draw(st.integers(0, 9)) for _ in range(columns)] for _ in range(rows)]
    found = best_assignment(worth)
    short, long = sorted((rows, columns))
    best = max(
        sum(worth[k][m] if rows <= columns else worth[m][k] for k, m in enumerate(order))
        for order in permutations(range(long), short)
    )
    assert len(found) == len({a for a, _ in found}) == len({b for _, b in found}) == short
    assert sum(worth[a][b] for a, b in found) == best


def test_a_large_assignment_is_solved_as_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(1)
    worth = {(a, b): draw.randrange(1, 10**15) for a in range(12) for b in range(10)}
    small = assign(worth)
    monkeypatch.setattr(matching, "LARGE", 1)
    assert assign(worth) == small


def test_the_outline_most_like_the_others_stands_for_a_thing() -> None:
    small, middle, large = ([[0.0, 0.0], [side, 0.0], [side, side], [0.0, side]] for side in (9.0, 10.0, 11.5))
    answers = {
        who: {"polygons": [polygon(*points)]} for who, points in (("ann", small), ("bob", middle), ("cyd", large))
    }
    (unit,) = POLYGONS.units(answers, CONFIG, NOWHERE)
    assert place_of(unit) == middle


def test_a_crossing_outline_is_refused_with_its_place() -> None:
    bow_tie = polygon([0, 0], [10, 10], [10, 0], [0, 10])
    with pytest.raises(Invalid, match="crosses or touches") as refused:
        POLYGONS.check_value({"polygons": [bow_tie]}, CONFIG, NOWHERE)
    assert refused.value.field == "polygons.0.points"


def test_too_many_corners_in_all_are_refused_before_they_are_looked_at() -> None:
    many = polygon(*([float(n), 0] for n in range(2_000)))
    with pytest.raises(Invalid, match="corners") as refused:
        POLYGONS.check_value({"polygons": [many] * 11}, CONFIG, NOWHERE)
    assert refused.value.field == "polygons"


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (box(0, label="lion"), "label"),
        (box(-1), "x"),
        (box(0, width=0), "width"),
        (box(95), "width"),
        (box(0, 95), "height"),
        (box(101), "x"),
        (box(0, height=float("nan")), "height"),
    ],
)
def test_a_refused_box_names_its_field(part: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        BOXES.check_value(boxes(box(0), part), CONFIG, Content(width=100, height=100))
    assert refused.value.field == f"boxes.1.{field}"


def test_a_box_cut_at_the_edge_is_not_refused_for_rounding() -> None:
    assert 63.3 + 36.7 == 100
    assert 0.1 + 0.2 > 0.3
    cut = boxes(box(100 - 36.70000000000001, width=36.70000000000001), box(90.1, width=9.900000000000006))
    assert BOXES.check_value(cut, CONFIG, Content(width=100, height=10)) == cut


def test_the_most_frequent_class_is_said_first() -> None:
    assert BOXES.text(boxes(box(0, label="dog"), box(1), box(2))) == "2 cat, 1 dog"


def test_equal_numbers_have_equal_codes_however_they_are_written() -> None:
    codes = {"cat": "1", "dog": "2"}
    assert BOXES.code(boxes(box(0, 10)), codes) == BOXES.code(boxes(box(-0.0, 10.0)), codes)
    assert BOXES.code(boxes(box(0, 10)), codes) != BOXES.code(boxes(box(0, 10, label="dog")), codes)


TEXTS = {
    "emoji": ("\N{GRINNING FACE}\N{FAMILY} Ada", 3, "Ada"),
    "combining": ("cafe\N{COMBINING ACUTE ACCENT} Ada", 6, "Ada"),
    "right to left": ("\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET} Ada", 3, "Ada"),
    "joined": ("\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}Ada", 3, "Ada"),
}


@pytest.mark.parametrize(("text", "start", "word"), TEXTS.values(), ids=TEXTS)
def test_offsets_are_code_points(text: str, start: int, word: str) -> None:
    end = start + len(word)
    assert text[start:end] == word
    assert end == len(text)
    good = {"spans": [span(start, end)]}
    assert SPANS.check_value(good, CONFIG, Content(text=text)) == good
    with pytest.raises(Invalid) as refused:
        SPANS.check_value({"spans": [span(start, end + 1)]}, CONFIG, Content(text=text))
    assert refused.value.field == "spans.0.end"


def test_a_stretch_of_several_classes_has_a_unit_for_each() -> None:
    answers = {"ann": {"spans": [span(0, 3), span(0, 3, "dog"), span(5, 6)]}, "bob": {"spans": [span(0, 3, "dog")]}}
    units = SPANS.units(answers, CONFIG, NOWHERE)
    assert units == {
        "[0,3,0]": {"ann": 0, "bob": ABSENT},
        "[0,3,1]": {"ann": 1, "bob": 1},
        "[5,6]": {"ann": 0, "bob": ABSENT},
    }
    decided = {unit: labels["ann"] for unit, labels in units.items()}
    assert SPANS.assemble(decided, CONFIG, NOWHERE) == answers["ann"]


def test_a_stretch_named_differently_is_one_unit() -> None:
    answers = {"ann": {"spans": [span(0, 3)]}, "bob": {"spans": [span(0, 3, "dog"), span(1, 3)]}}
    assert SPANS.units(answers, CONFIG, NOWHERE) == {
        "[0,3]": {"ann": 0, "bob": 1},
        "[1,3]": {"ann": ABSENT, "bob": 0},
    }


def test_spans_are_assembled_from_the_first_to_the_last() -> None:
    units = SPANS.units({"ann": {"spans": [span(10, 12), span(9, 20), span(2, 3)]}}, CONFIG, NOWHERE)
    decided = {unit: labels["ann"] for unit, labels in reversed(units.items())}
    assert [part["start"] for part in SPANS.assemble(decided, CONFIG, NOWHERE)["spans"]] == [2, 9, 10]

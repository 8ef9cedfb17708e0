"""Consensus where answers have parts: each unit by who says it, each thing at the middle of who is often right."""

from typing import Any

import numpy as np

from labeler.consensus.parts import Answers, decide_together
from labeler.task_types.base import Content, TaskConfig, Value
from labeler.task_types.boxes.task import Boxes
from labeler.task_types.geometry import weighted_median
from labeler.task_types.multilabel.task import Multilabel
from labeler.task_types.polygons.task import Polygons
from labeler.task_types.spans.task import Spans

CONFIG = TaskConfig(classes=("cat", "dog", "cow"))
PICTURE = Content(width=200, height=200)


def box(x: float, label: str = "cat") -> dict[str, Any]:
    return {"label": label, "x": x, "y": 10, "width": 40, "height": 40}


def of_boxes(*items: dict[str, list[dict[str, Any]]]) -> list[Answers]:
    return [Answers({who: {"boxes": parts} for who, parts in item.items()}, PICTURE) for item in items]


def decided(found: Any) -> list[Value | None]:
    return [one.value for one in found.decided]


def test_a_thing_that_only_a_guesser_draws_is_not_there_and_one_that_only_an_expert_draws_is() -> None:
    random = np.random.default_rng(3)
    shared = [
        {
            "ann": [box(10), box(100, "dog")],
            "bob": [box(10), box(100, "dog")],
            "eve": [box(10, random.choice(CONFIG.classes))] if random.random() < 0.5 else [box(150, "cow")],
        }
        for _ in range(150)
    ]
    asked = [{"ann": [box(10)], "bob": [box(10)], "eve": []}, {"ann": [], "bob": [], "eve": [box(60)]}]
    tie = [{"ann": [box(60)], "eve": []}]
    found = decide_together(Boxes(), CONFIG, of_boxes(*shared, *asked, *tie))
    assert decided(found)[-3:] == [{"boxes": [box(10)]}, {"boxes": []}, {"boxes": [box(60)]}]
    assert found.right["eve"] < 0.6
    assert found.right["ann"] > 0.9
    assert found.method == "tempered_dawid_skene"
    assert all(0 <= one.confidence <= 1 for one in found.decided)


def test_units_that_tie_leave_the_whole_item_open_while_little_is_known() -> None:
    found = decide_together(Boxes(), CONFIG, of_boxes({"ann": [box(10), box(100)], "bob": [box(10)]}))
    assert decided(found) == [None]


def test_answers_that_say_nothing_is_there_come_to_nothing() -> None:
    found = decide_together(Boxes(), CONFIG, of_boxes({"ann": [], "bob": []}))
    assert (decided(found), found.decided[0].confidence) == ([{"boxes": []}], 2.5 / 3)


def test_a_thing_stands_at_the_middle_of_those_who_are_often_right() -> None:
    answers = {who: {"boxes": [box(x)]} for who, x in (("ann", 10), ("bob", 12), ("eve", 20))}
    units = Boxes().units(answers, CONFIG, PICTURE)
    assert list(units) == ["[12,10,40,40]"]
    right = {"ann": 0.98, "bob": 0.2, "eve": 0.2}
    assert list(Boxes().weighed(units, answers, CONFIG, right)) == ["[10,10,40,40]"]
    alike = {"ann": 0.93, "bob": 0.91, "eve": 0.89}  # a hair's difference moves nothing
    assert list(Boxes().weighed(units, answers, CONFIG, alike)) == ["[12,10,40,40]"]


def test_of_two_outlines_the_one_of_who_is_often_right_stands() -> None:
    def outline(shift: float) -> dict[str, Any]:
        return {"label": "cat", "points": [[shift, 0], [shift + 100, 0], [shift + 100, 100], [shift, 100]]}

    answers = {"ann": {"polygons": [outline(5)]}, "bob": {"polygons": [outline(0)]}}
    task = Polygons()
    units = task.units(answers, CONFIG, PICTURE)
    one, two = (list(task.weighed(units, answers, CONFIG, right)) for right in ({"ann": 0.9}, {"bob": 0.9}))
    assert [str(name).startswith(start) for name, start in ((one[0], "[[5"), (two[0], "[[0"))] == [True, True]
    assert list(task.weighed(units, answers, CONFIG, {})) == list(units)


def test_each_class_of_several_has_its_own_experts() -> None:
    random = np.random.default_rng(4)
    items = []
    for _ in range(200):
        truth = random.random(2) < 0.5
        guess = random.random(2) < 0.5
        cat, dog = truth
        ann = [name for name, there in (("cat", cat), ("dog", guess[0])) if there]  # guesses whether there is a dog
        bob = [name for name, there in (("cat", guess[1]), ("dog", dog)) if there]  # guesses whether there is a cat
        cyd = [name for name, there in (("cat", cat), ("dog", dog)) if there]
        items.append({"ann": ann, "bob": bob, "cyd": cyd})
    items.append({"ann": ["cat"], "bob": ["dog"]})
    answers = [Answers({who: {"labels": labels} for who, labels in item.items()}, Content()) for item in items]
    found = decide_together(Multilabel(), CONFIG, answers)
    assert decided(found)[-1] == {"labels": ["cat", "dog"]}  # each by who knows it, though both tie


def spans(*found: tuple[int, int, str]) -> Value:
    return {"spans": [{"label": label, "start": start, "end": end} for start, end, label in found]}


def of_spans(**said: Value) -> Any:
    return decide_together(Spans(), CONFIG, [Answers(said, Content(text="a cat and a dog"))])


def test_stretches_of_a_text_are_decided_one_by_one() -> None:
    found = of_spans(ann=spans((2, 5, "cat"), (12, 15, "dog")), bob=spans((2, 5, "cat")), cyd=spans((2, 5, "dog")))
    assert decided(found) == [spans((2, 5, "cat"))]


def test_one_stretch_whose_ends_differ_is_one_thing_from_where_to_where_most_have_it() -> None:
    found = of_spans(ann=spans((2, 5, "cat")), bob=spans((2, 6, "cat")), cyd=spans((0, 5, "cat")))
    assert decided(found) == [spans((2, 5, "cat"))]
    found = of_spans(ann=spans((2, 5, "cat")), bob=spans((2, 6, "cat")))
    assert decided(found) == [None]  # where it ends ties, and that is a person's to decide


def test_a_weighted_median_has_half_of_the_weight_on_either_side() -> None:
    assert weighted_median([1, 2, 3], [1, 1, 1]) == 2
    assert weighted_median([3, 1], [1, 1]) == 2
    assert weighted_median([1, 2, 3], [1, 1, 5]) == 3
    assert weighted_median([4, 1, 2, 3], [0.1, 0.1, 0.1, 0.1]) == 2.5

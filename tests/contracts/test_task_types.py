"""Every task type keeps the same promises; a new one is tested from here without another line."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.errors import Invalid
from labeler.task_types import TASK_TYPES
from labeler.task_types.base import TaskType

EACH = pytest.mark.parametrize("task", TASK_TYPES.values(), ids=TASK_TYPES.keys())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@EACH
def test_the_example_is_accepted_and_survives_json(task: TaskType) -> None:
    example = task.example
    value = task.check_value(example.value, example.config, example.content)
    assert task.check_value(json.loads(json.dumps(value)), example.config, example.content) == value


@EACH
def test_one_answer_assembles_to_itself(task: TaskType) -> None:
    example = task.example
    units = task.units({"ann": example.value}, example.config, example.content)
    decided = {unit: labels["ann"] for unit, labels in units.items()}
    assert task.assemble(decided, example.config, example.content) == example.value


@EACH
def test_equal_answers_agree_fully_and_the_order_of_annotators_does_not_matter(task: TaskType) -> None:
    example = task.example
    forth = task.units({"ann": example.value, "bob": example.value}, example.config, example.content)
    back = task.units({"bob": example.value, "ann": example.value}, example.config, example.content)
    assert forth == back
    assert all(len(set(labels.values())) == 1 for labels in forth.values())


@EACH
def test_garbage_is_refused_with_the_name_of_a_field(task: TaskType) -> None:
    for garbage in task.example.garbage:
        with pytest.raises(Invalid) as refused:
            task.check_value(garbage, task.example.config, task.example.content)
        assert refused.value.field


@EACH
def test_the_browser_half_is_there(task: TaskType) -> None:
    from pathlib import Path

    import labeler.task_types

    folder = Path(labeler.task_types.__file__).parent / task.name
    assert (folder / "widget.mjs").is_file()
    assert (folder / "widget.html").is_file()


@given(value=JSON)
def test_any_json_is_either_a_value_or_refused(value: Any) -> None:
    for task in TASK_TYPES.values():
        with suppress(Invalid):
            assert task.check_value(value, task.example.config, task.example.content) == value

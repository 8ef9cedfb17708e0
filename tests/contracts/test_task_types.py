"""Every task type keeps the same promises; a new one is tested from here without another line."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.errors import Invalid
from labeler.task_types.base import TaskType
from labeler.task_types.registry import TASK_TYPES

EACH = pytest.mark.parametrize("task", TASK_TYPES.values(), ids=TASK_TYPES.keys())
CLASSED = [task for task in TASK_TYPES.values() if task.example.config.classes]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def nothing(task: TaskType) -> dict[str, Any]:
    """Return the answer that there is nothing, {} for a kind that has none."""
    return {task.shape: []} if isinstance(task.example.value[task.shape], list) else {}


def codes_of(task: TaskType) -> dict[str, str]:
    return {name: str(10 + place) for place, name in enumerate(task.example.config.classes)}


@EACH
def test_the_example_is_accepted_and_survives_json(task: TaskType) -> None:
    example = task.example
    value = task.check_value(example.value, example.config, example.content)
    assert task.check_value(json.loads(json.dumps(value)), example.config, example.content) == value


@EACH
def test_one_answer_is_what_it_comes_to(task: TaskType) -> None:
    example = task.example
    decided = task.decide({"ann": example.value}, example.config, example.content)
    assert (decided.value, decided.differ) == (example.value, False)
    assert 0 < decided.confidence < 1


@EACH
def test_every_unit_holds_every_annotator(task: TaskType) -> None:
    example = task.example
    answers = {"ann": example.value, "bob": nothing(task) or example.value, "cyd": example.value}
    found = task.units(answers, example.config, example.content)
    assert found
    assert all(labels.keys() == answers.keys() for labels in found.values())


@pytest.mark.parametrize("task", [task for task in TASK_TYPES.values() if nothing(task)], ids=lambda task: task.name)
def test_an_answer_without_parts_is_an_answer(task: TaskType) -> None:
    example, empty = task.example, nothing(task)
    assert task.check_value(empty, example.config, example.content) == empty
    assert 1 <= len(task.code(empty, codes_of(task))) <= 64
    assert task.text(empty) == "\N{EN DASH}"
    assert task.decide({"ann": empty}, example.config, example.content).value == empty


@EACH
def test_a_code_is_short_and_the_order_of_parts_does_not_change_it(task: TaskType) -> None:
    value, codes = task.example.value, codes_of(task)
    turned = {key: parts[::-1] if isinstance(parts, list) else parts for key, parts in value.items()}
    assert 1 <= len(task.code(value, codes)) <= 64
    assert task.code(turned, codes) == task.code(json.loads(json.dumps(value)), codes) == task.code(value, codes)


@pytest.mark.parametrize("task", CLASSED, ids=lambda task: task.name)
def test_another_answer_has_another_code(task: TaskType) -> None:
    first, second = task.example.config.classes[:2]
    value = json.loads(json.dumps(task.example.value).replace(f'"{first}"', f'"{second}"'))
    if value != task.example.value:
        assert task.code(value, codes_of(task)) != task.code(task.example.value, codes_of(task))


@pytest.mark.parametrize("task", [task for task in CLASSED if task.keeps_value], ids=lambda task: task.name)
def test_a_code_follows_the_class_and_not_its_name(task: TaskType) -> None:
    classes = task.example.config.classes
    renamed = json.loads(json.dumps(task.example.value).replace(f'"{classes[0]}"', '"renamed"'))
    codes = dict(zip(("renamed", *classes[1:]), codes_of(task).values(), strict=True))
    assert task.code(renamed, codes) == task.code(task.example.value, codes_of(task))


@pytest.mark.parametrize("task", CLASSED, ids=lambda task: task.name)
def test_an_answer_can_be_said_in_words(task: TaskType) -> None:
    assert any(name in task.text(task.example.value) for name in task.example.config.classes)


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

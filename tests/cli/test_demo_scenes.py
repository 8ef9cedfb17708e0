"""The samples of answers with parts: made up the same each time, true, and answered by people with slips."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from labeler.cli import demo_scenes
from labeler.cli.demo_cast import JONAS, MIRA
from labeler.cli.demo_marks import marked
from labeler.cli.demo_scenes import Scene
from labeler.task_types.base import Content, TaskConfig
from labeler.task_types.registry import TASK_TYPES

KINDS = {
    "boxes": demo_scenes.THINGS,
    "polygons": demo_scenes.ROOFS,
    "spans": demo_scenes.MENTIONS,
    "multilabel": demo_scenes.ASPECTS,
}


def scenes(kind: str, folder: Path) -> list[Scene]:
    made = {
        "boxes": lambda: demo_scenes.bench(folder, 8, 5),
        "polygons": lambda: demo_scenes.roofs(folder, 8, 5),
        "spans": lambda: demo_scenes.notes(30, 5),
        "multilabel": lambda: demo_scenes.feedback(30, 5),
    }
    return list(made[kind]())


def content_of(scene: Scene) -> Content:
    if isinstance(scene.content, str):
        return Content(text=scene.content)
    with Image.open(scene.content) as picture:
        return Content(width=picture.width, height=picture.height)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_true_and_what_people_answer_is_an_answer_to_the_task(kind: str, tmp_path: Path) -> None:
    config = TaskConfig(tuple(name for name, _ in KINDS[kind]))
    found = scenes(kind, tmp_path)
    given = marked(found, config.classes, JONAS, seed=0)
    for scene, answer in zip(found, given, strict=True):
        for value in (scene.value, answer.value):
            assert TASK_TYPES[kind].check_value(value, config, content_of(scene))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_makes_the_same_sample(kind: str, tmp_path: Path) -> None:
    one, two = (
        [(scene.id, scene.value, content_of(scene)) for scene in scenes(kind, tmp_path / name)] for name in "ab"
    )
    assert one == two


@pytest.mark.parametrize("kind", KINDS)
def test_a_careless_person_is_further_from_the_truth(kind: str, tmp_path: Path) -> None:
    found, names = scenes(kind, tmp_path), [name for name, _ in KINDS[kind]]

    def distance(value: dict[str, Any] | None, right: dict[str, Any]) -> int:
        (given,), (true,) = (value or {}).values(), right.values()
        return sum(part not in true for part in given) + abs(len(given) - len(true))

    careful, careless = (
        sum(distance(one.value, scene.value) for one, scene in zip(marked(found, names, who, 0), found, strict=True))
        for who in (MIRA, JONAS)
    )
    assert careless > 0
    if kind in {"spans", "multilabel"}:  # in pictures hardly anybody hits a place exactly
        assert careful < careless

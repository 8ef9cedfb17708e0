"""The samples made on the spot: made up the same each time, true, and answered by people with slips."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from labeler.cli import demo_scenes
from labeler.cli.demo import samples_of
from labeler.cli.demo_cards import HEBREW, cards
from labeler.cli.demo_cast import JONAS, MIRA
from labeler.cli.demo_marks import marked
from labeler.cli.demo_scenes import Scene
from labeler.task_types.base import Content, TaskConfig
from labeler.task_types.registry import TASK_TYPES
from labeler.task_types.text.distances import edits
from labeler.task_types.text.normal import direction

KINDS = {
    "boxes": demo_scenes.THINGS,
    "polygons": demo_scenes.ROOFS,
    "spans": demo_scenes.MENTIONS,
    "multilabel": demo_scenes.ASPECTS,
    "text": (),
}


def scenes(kind: str, folder: Path) -> list[Scene]:
    made = {
        "boxes": lambda: demo_scenes.bench(folder, 8, 5),
        "polygons": lambda: demo_scenes.roofs(folder, 8, 5),
        "spans": lambda: demo_scenes.notes(30, 5),
        "multilabel": lambda: demo_scenes.feedback(30, 5),
        "text": lambda: cards(folder, 12, 5),
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
        if kind == "text":
            return edits((value or {})["text"], right["text"])
        (given,), (true,) = (value or {}).values(), right.values()
        return sum(part not in true for part in given) + abs(len(given) - len(true))

    careful, careless = (
        sum(distance(one.value, scene.value) for one, scene in zip(marked(found, names, who, 0), found, strict=True))
        for who in (MIRA, JONAS)
    )
    assert careless > 0
    if kind in {"spans", "multilabel", "text"}:  # in pictures hardly anybody hits a place exactly
        assert careful < careless


def test_the_demo_shows_every_task_type(tmp_path: Path) -> None:
    shown = {sample.new.task for sample in samples_of(tmp_path)}
    assert len(shown) == 7
    assert shown == set(TASK_TYPES)


def test_every_project_of_the_demo_has_what_annotators_start_from(tmp_path: Path) -> None:
    (sample,) = [sample for sample in samples_of(tmp_path) if sample.new.task == "text"]
    column = (sample.new.settings or {})["start_column"]
    starts = [dict(scene.columns)[column] for scene in sample.scenes]
    wrong = [start != scene.value["text"] for start, scene in zip(starts, sample.scenes, strict=True)]
    assert all(starts)
    assert 0.5 < sum(wrong) / len(wrong) < 1  # mostly something to correct, and some that are right


def test_one_card_runs_from_right_to_left_and_is_typed_so(tmp_path: Path) -> None:
    found = list(cards(tmp_path, 12, 5))
    hebrew = [scene for scene in found if direction([scene.value["text"]]) == "rtl"]
    assert [scene.value["text"] for scene in hebrew] == [HEBREW]
    assert all(direction([text]) == "rtl" for _, text in hebrew[0].columns)
    (typed,) = (one.value["text"] for one in marked(hebrew, [], JONAS, 0) if one.value)
    assert direction([typed]) == "rtl"


def test_slips_of_typing_are_of_every_kind_and_never_of_the_number_of_lines(tmp_path: Path) -> None:
    found = list(cards(tmp_path, 60, 5))
    given = [one.value["text"] for one in marked(found, [], JONAS, 0) if one.value]
    right = [scene.value["text"] for scene in found]
    lines = [pair for a, b in zip(given, right, strict=True) for pair in zip(a.split("\n"), b.split("\n"), strict=True)]
    slips = [(a, b) for a, b in lines if a != b]
    assert any(a.casefold() == b.casefold() for a, b in slips)
    assert any(len(a) == len(b) - 1 for a, b in slips)
    assert any(sorted(a.split()) == sorted(b.split()) for a, b in slips)
    assert any(a == b.translate(str.maketrans("\u00e4\u00f6\u00fc", "aou")) for a, b in slips)

"""Labels and predictions that call pictures or classes by number, and labels of YOLO that hold no names."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from labeler.config import Settings
from labeler.errors import Invalid
from labeler.exchange.reading import detected, options_of
from labeler.exchange.sources import ReadOptions, Source
from labeler.projects.models import Project
from labeler.quality.models import Prediction
from labeler.storage.database import Database
from tests.workflow.test_joins import BOX, YOLO, World, picture, zipped

LINE = YOLO["labels/a.txt"]
Files = dict[str, bytes | str]


def results(*found: dict[str, Any]) -> str:
    entry = {"category_id": 3, "bbox": [10, 10, 50, 50], "score": 0.75}
    return json.dumps([{**entry, **one} for one in found])


def coco(*images: tuple[int, str]) -> str:
    listed = [{"id": number, "file_name": name} for number, name in images]
    categories = [{"id": 3, "name": "cat"}, {"id": 90, "name": "dog"}]
    return json.dumps({"images": listed, "annotations": [], "categories": categories})


def predicted(world: World) -> list[Any]:
    found: list[Any] = world.look(
        lambda session: session.execute(select(Prediction.score, Prediction.value).order_by(Prediction.item_id)).all()
    )
    return [(score, [(part["x"], part["width"]) for part in (value or {}).get("boxes", ())]) for score, value in found]


@pytest.fixture
def world(settings: Settings, tmp_path: Path, database: Database) -> Iterator[World]:
    """A project of boxes without pictures."""
    del database
    found = World(settings, tmp_path, "image", "boxes")
    yield found
    found.database.close()


@pytest.fixture
def numbered(any_settings: Settings, tmp_path: Path) -> Iterator[World]:
    """Pictures that came in from COCO with numbers of their own, on both databases."""
    found = World(any_settings, tmp_path, "image", "boxes")
    files: Files = {"a.png": picture("red"), "b.png": picture("blue"), "c.json": coco((17, "a.png"), (18, "b.png"))}
    found.bring("set.zip", zipped(files))
    yield found
    found.database.close()


def test_results_of_a_model_join_pictures_by_their_numbers_in_coco(numbered: World) -> None:
    told = results({"image_id": 17}, {"image_id": 17, "category_id": 90, "score": 0.25}, {"image_id": 99})
    result = numbered.bring("results.json", told, "predictions")
    assert (result.added, result.rejected) == (1, 1), result.as_json()
    assert "the number 99" in str(result.problems[0].reason)
    assert predicted(numbered) == [(0.5, [(10, 50), (10, 50)])]
    result = numbered.bring("results.json", results({"image_id": 18}), "labels")
    assert (result.changed, result.rejected) == (1, 0), result.as_json()
    assert numbered.given() == {"a.png": {"boxes": []}, "b.png": {"boxes": [BOX]}}


@pytest.mark.parametrize("number", [139, "139", "000000000139", "000000000139.png"])
def test_pictures_without_numbers_are_found_by_a_name_that_is_one(world: World, number: Any) -> None:
    world.bring("p.zip", zipped({"train/000000000139.png": picture("red"), "b.png": picture("blue")}))
    told = results({"image_id": number, "category_id": 0}, {"image_id": "b", "category_id": 1})
    result = world.bring("results.json", told, "predictions", classes="cat,dog")
    assert (result.added, result.rejected) == (2, 0), result.as_json()


def test_a_number_of_two_pictures_is_named_and_never_guessed(numbered: World) -> None:
    numbered.bring("more.zip", zipped({"z.png": picture("green"), "c.json": coco((17, "z.png"))}))
    result = numbered.bring("results.json", results({"image_id": 17}), "predictions")
    assert (result.added, result.rejected) == (0, 1)
    assert '"17" may mean a.png and z.png' in str(result.problems[0].reason)


def test_results_whose_numbers_mean_nothing_say_what_to_do(world: World) -> None:
    world.bring("p.zip", zipped({"a.png": picture("red"), "b.png": picture("blue")}))
    told = results({"image_id": "a.png"})
    with pytest.raises(Invalid, match="Import the COCO file with these"):
        world.bring("results.json", told, "predictions")
    with pytest.raises(Invalid, match="Import it as predictions"):
        world.bring("results.json", told)
    with pytest.raises(Invalid, match="each with its own number"):
        world.bring("results.json", told, "predictions", classes="1=cat,dog")
    result = world.bring("results.json", told, "predictions", classes="1=cat,2=dog")
    assert (result.added, result.rejected, predicted(world)) == (0, 1, [])
    assert "the category 3 is not among the categories" in str(result.problems[0].reason)
    result = world.bring("results.json", told, "predictions", classes="3=cat")
    assert (result.added, predicted(world)) == (1, [(0.75, [(10, 50)])])


def test_one_label_file_of_yolo_joins_the_picture_it_is_called_after(world: World) -> None:
    world.bring("p.zip", zipped({"pics/a.png": picture("red"), "b.png": picture("blue")}))
    with pytest.raises(Invalid, match=r"nothing says what the numbers mean.*--classes cat,dog"):
        world.bring("a.txt", LINE)
    result = world.bring("a.txt", LINE, classes="cat,dog")
    assert (result.added, result.changed, result.rejected) == (0, 1, 0), result.as_json()
    assert world.given() == {"pics/a.png": {"boxes": [BOX]}, "b.png": None}
    result = world.bring("nowhere.txt", LINE, classes="cat,dog")
    assert (result.nothing_came_in, [row.file for row in result.problems]) == (True, ["nowhere.txt"])
    result = world.bring("a.txt", f"{LINE.strip()} 0.75\n", "predictions")
    assert (result.added, predicted(world)) == (1, [(0.75, [(10, 50)])]), "the order is known by now"


def test_the_order_of_classes_is_known_from_an_earlier_set_until_another_one_says_otherwise(world: World) -> None:
    files: Files = {"images/a.png": picture("red"), "labels/a.txt": LINE, "data.yaml": "names: [dog, bird, cat]"}
    world.bring("set.zip", zipped(files))
    world.bring("b.zip", zipped({"b.png": picture("blue")}))
    result = world.bring("labels.zip", zipped({"labels/b.txt": LINE.replace("0 ", "2 ", 1)}))
    assert (result.changed, result.rejected) == (1, 0), result.as_json()
    assert world.given()["b.png"] == {"boxes": [BOX]}
    other: Files = {"images/c.png": picture("green"), "labels/c.txt": LINE, "data.yaml": "names: [dog, cat]"}
    world.bring("other.zip", zipped(other))
    result = world.bring("labels.zip", zipped({"labels/b.txt": LINE.replace("0 ", "2 ", 1)}), "labels")
    assert [str(row.reason) for row in result.problems] == ["line 1: the class 2 has no name"], "two files disagree"
    result = world.bring("labels.zip", zipped({"labels/b.txt": LINE}), "labels")
    assert world.given()["b.png"] == {"boxes": [{**BOX, "label": "dog"}]}, "of this number they say the same"


def test_a_label_file_of_yolo_is_known_by_its_lines_and_finds_its_names_beside_it(tmp_path: Path) -> None:
    told = ReadOptions(media="image", task="boxes", classes=("cat", "dog"))
    for name, text, known in (("a.txt", LINE * 3, True), ("a.txt", "0 1 2\n", False), ("a.txt", "hello there", False)):
        (tmp_path / name).write_text(text)
        try:
            found = detected(Source.local(tmp_path / name), told).format
        except Invalid:
            found = ""
        assert (found == "yolo") == known, text


def test_classes_of_a_file_are_written_in_one_line(world: World) -> None:
    with world.database.read() as session:
        project = session.get_one(Project, world.project)
        told = options_of(session, project, classes='"red, dark",blue\ngreen').class_numbers.told
        assert told == {0: "red, dark", 1: "blue", 2: "green"}
        assert options_of(session, project, classes="7=cat, 9 = big dog").class_numbers.told == {7: "cat", 9: "big dog"}

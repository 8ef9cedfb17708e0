"""Labels, answers and predictions find the items that are there, by id, file name or content, on both databases."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts.models import User
from labeler.annotations.models import Annotation
from labeler.config import Settings
from labeler.errors import Invalid
from labeler.exchange.actions import ImportResult
from labeler.exchange.reading import options_of
from labeler.exchange.sources import Source, Wants
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.quality.models import Prediction
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import NOW

BOX = {"label": "cat", "x": 10, "y": 10, "width": 50, "height": 50}


def picture(colour: str = "red", width: int = 100, height: int = 80) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(files: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def coco(*names: str, **more: Any) -> str:
    images = [{"id": n, "file_name": name} for n, name in enumerate(names)]
    found = [{"id": n, "image_id": n, "category_id": 1, "bbox": [10, 10, 50, 50], **more} for n in range(len(names))]
    return json.dumps({"images": images, "annotations": found, "categories": [{"id": 1, "name": "cat"}]})


VOC = (
    "<annotation><filename>a.png</filename><object><name>cat</name><bndbox><xmin>11</xmin><ymin>11</ymin>"
    "<xmax>60</xmax><ymax>60</ymax></bndbox></object></annotation>"
)
YOLO = {"classes.txt": "cat\ndog\n", "labels/a.txt": "0 0.35 0.4375 0.5 0.625\n"}
LABEL_STUDIO = json.dumps(
    [
        {
            "id": 7,
            "data": {"image": "/data/upload/1/0a1b2c3d-a.png"},
            "annotations": [
                {
                    "id": 1,
                    "result": [
                        {
                            "type": "rectanglelabels",
                            "original_width": 100,
                            "original_height": 80,
                            "value": {
                                "x": 10,
                                "y": 12.5,
                                "width": 50,
                                "height": 62.5,
                                "rotation": 0,
                                "rectanglelabels": ["cat"],
                            },
                        }
                    ],
                }
            ],
        }
    ]
)
CVAT = (
    '<annotations><version>1.1</version><image id="0" name="a.png" width="100" height="80">'
    '<box label="cat" xtl="10" ytl="10" xbr="60" ybr="60"/></image></annotations>'
)
LABELME = json.dumps(
    {
        "shapes": [{"label": "cat", "points": [[10, 10], [60, 60]], "shape_type": "rectangle"}],
        "imagePath": "a.png",
        "imageHeight": 80,
        "imageWidth": 100,
        "flags": {},
    }
)
PLAIN = {"image": "a.png", "label": {"boxes": [BOX]}}
ONE_LABEL: dict[str, tuple[str, bytes | str]] = {
    "coco": ("labels.json", coco("a.png")),
    "coco by a path": ("labels.json", coco("/home/me/data/a.png")),
    "yolo": ("labels.zip", zipped(dict(YOLO))),
    "voc": ("labels.zip", zipped({"Annotations/a.xml": VOC})),
    "labelme": ("a.json", LABELME),
    "cvat": ("annotations.xml", CVAT),
    "label_studio": ("tasks.json", LABEL_STUDIO),
    "jsonl": ("labels.jsonl", json.dumps(PLAIN)),
    "csv": ("labels.csv", 'image,label\na.png,"' + json.dumps({"boxes": [BOX]}).replace('"', '""') + '"\n'),
}


class World:
    """One project on one database, and its imports. folder: where files are written."""

    def __init__(self, settings: Settings, folder: Path, media: str, task: str, classes: str = "cat dog") -> None:
        self.database, self.files, self.folder = Database(settings), FileStore(settings.files), folder
        with self.database.write() as session:
            new = NewProject("p", media, task, [(name, "") for name in classes.split()], votes=2)
            self.project = create_project(session, new, by=None, now=NOW).id

    def bring(self, name: str, content: bytes | str, wants: Wants = "items", **told: Any) -> ImportResult:
        path = self.folder / "sent" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with self.database.read() as session:
            options = options_of(session, session.get_one(Project, self.project), wants=wants, **told)
        asked = workflow.Asked(Source.upload(path, name), None, options)
        return workflow.import_source(self.database, self.files, self.project, asked)

    def look(self, ask: Any) -> Any:
        with self.database.read() as session:
            return ask(session)

    def given(self) -> dict[str, Any]:
        """Return the given label of each item, by its id or text."""

        def ask(session: Session) -> dict[str, Any]:
            classes = classes_of(session, self.project)
            items = session.scalars(select(Item).where(Item.project_id == self.project).order_by(Item.id))
            return {
                one.external_id or one.text or str(one.id): classes.shown(one.given_code, one.given_value)
                for one in items
            }

        found: dict[str, Any] = self.look(ask)
        return found


@pytest.fixture
def worlds(any_settings: Settings, tmp_path: Path) -> Iterator[Any]:
    made: list[World] = []

    def make(media: str = "image", task: str = "boxes", classes: str = "cat dog") -> World:
        made.append(World(any_settings, tmp_path, media, task, classes))
        return made[0]

    yield make
    for one in made:
        one.database.close()


@pytest.fixture
def world(settings: Settings, tmp_path: Path, database: Database) -> Iterator[World]:
    """A project of boxes with the pictures a.png and b.png."""
    del database
    found = World(settings, tmp_path, "image", "boxes")
    found.bring("pictures.zip", zipped({"a.png": picture("red"), "b.png": picture("blue")}))
    yield found
    found.database.close()


@pytest.mark.parametrize("wants", ["items", "labels"])
@pytest.mark.parametrize("kind", ONE_LABEL)
def test_labels_of_every_format_join_a_picture_that_is_there(world: World, kind: str, wants: Wants) -> None:
    result = world.bring(*ONE_LABEL[kind], wants)
    came = (0, 1, 0) if wants == "items" else (1, 0, 0)
    assert (result.added, result.changed, result.rejected) == came, result.as_json()
    assert world.given() == {"a.png": {"boxes": [BOX]}, "b.png": None}
    again = world.bring(*ONE_LABEL[kind], wants)
    assert (again.added, again.changed, again.unchanged, again.rejected) == (0, 0, 1, 0), again.as_json()


@pytest.mark.parametrize("kind", ["coco", "yolo", "csv"])
def test_pictures_get_labels_and_no_second_items_on_both_databases(worlds: Any, kind: str) -> None:
    world = worlds()
    world.bring("pictures.zip", zipped({"a.png": picture("red"), "b.png": picture("blue")}))
    result = world.bring(*ONE_LABEL[kind], "labels")
    assert result.added == 1
    assert world.given() == {"a.png": {"boxes": [BOX]}, "b.png": None}


@pytest.mark.parametrize("kind", ONE_LABEL)
def test_the_same_labels_are_answers_of_a_named_person_where_that_is_asked_for(world: World, kind: str) -> None:
    result = world.bring(*ONE_LABEL[kind], "annotations", annotator="mira@example.org")
    assert (result.added, result.rejected) == (1, 0), result.as_json()
    found = world.look(
        lambda session: session.execute(
            select(User.email, Annotation.value).join(User, User.id == Annotation.user_id)
        ).all()
    )
    assert [row[0] for row in found] == ["mira@example.org"]
    assert [(part["x"], part["width"]) for part in found[0][1]["boxes"]] == [(10, 50)]
    assert set(world.given().values()) == {None}


@pytest.mark.parametrize("kind", [kind for kind in ONE_LABEL if kind != "label_studio"])
def test_the_same_labels_are_predictions_where_that_is_asked_for(world: World, kind: str) -> None:
    result = world.bring(*ONE_LABEL[kind], "predictions")
    assert (result.added, result.rejected) == (1, 0), result.as_json()
    assert world.look(lambda session: session.scalar(select(func.count()).select_from(Prediction))) == 1
    assert set(world.given().values()) == {None}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.json", coco("a.png", score=0.75)),
        ("p.zip", zipped({"classes.txt": "cat\n", "labels/a.txt": "0 0.35 0.4375 0.5 0.625 0.75\n"})),
        ("p.jsonl", json.dumps({"image": "a.png", "prediction": {"boxes": [{**BOX, "score": 0.75}]}})),
        ("p.jsonl", json.dumps({"image": "a.png", "prediction": {"boxes": [BOX]}, "score": 0.75})),
    ],
)
def test_predictions_keep_how_sure_the_model_is(world: World, name: str, content: bytes | str) -> None:
    result = world.bring(name, content, "predictions")
    assert (result.added, result.rejected, dict(result.left_out)) == (1, 0, {}), result.as_json()
    assert world.look(lambda session: session.scalars(select(Prediction.score)).all()) == [0.75]


def test_without_a_person_answers_of_a_file_that_names_none_are_refused_whole(world: World) -> None:
    with pytest.raises(Invalid, match="does not say who answered"):
        world.bring(*ONE_LABEL["coco"], "annotations")


def test_what_joins_nothing_is_named_by_file_and_reason(world: World) -> None:
    labels = {**YOLO, "labels/nowhere.txt": "0 0.5 0.5 0.2 0.2\n"}
    for name, content in (("l.zip", zipped(dict(labels))), ("l.json", coco("a.png", "nowhere.png"))):
        result = world.bring(name, content, "labels")
        assert result.rejected == 1
        assert "nowhere" in (result.problems[0].file or result.problems[0].original)
        assert "there is no picture" in str(result.problems[0].reason)
    result = world.bring("l.csv", "id,label\nnowhere.png,\n", "labels")
    assert [str(row.reason) for row in result.problems] == [
        "No item of this project has this id, file name or text; import the items first."
    ]
    assert len(world.given()) == 2


@pytest.mark.parametrize("name", ["l.json", "l.zip", "v.zip", "l.csv"])
def test_a_base_name_of_two_pictures_is_named_and_never_guessed(world: World, name: str) -> None:
    world.bring("more.zip", zipped({"x/1.png": picture("green"), "y/1.png": picture("black")}))
    contents: dict[str, bytes | str] = {
        "l.json": coco("1.png"),
        "l.zip": zipped({"classes.txt": "cat\n", "labels/1.txt": "0 0.5 0.5 0.2 0.2\n"}),
        "v.zip": zipped({"Annotations/1.xml": VOC.replace("a.png", "1.png")}),
        "l.csv": 'image,label\n1.png,"' + json.dumps({"boxes": [BOX]}).replace('"', '""') + '"\n',
    }
    result = world.bring(name, contents[name], "labels")
    assert (result.added, result.rejected) == (0, 1), result.as_json()
    reason = str(result.problems[0].reason)
    assert "x/1.png" in reason, reason
    assert "y/1.png" in reason, reason


@pytest.mark.parametrize("name", ["l.json", "l.zip", "v.zip", "l.csv"])
def test_a_relative_path_tells_pictures_of_one_name_apart(world: World, name: str) -> None:
    world.bring("more.zip", zipped({"x/1.png": picture("green"), "y/1.png": picture("black")}))
    contents: dict[str, bytes | str] = {
        "l.json": coco("/data/set/y/1.png"),
        "l.zip": zipped({"classes.txt": "cat\n", "labels/y/1.txt": YOLO["labels/a.txt"]}),
        "v.zip": zipped({"Annotations/y/1.xml": VOC.replace("a.png", "1.png")}),
        "l.csv": 'image,label\ny/1.png,"' + json.dumps({"boxes": [BOX]}).replace('"', '""') + '"\n',
    }
    result = world.bring(name, contents[name], "labels")
    assert (result.added, result.rejected) == (1, 0), result.as_json()
    assert [name for name, label in world.given().items() if label] == ["y/1.png"]


def test_a_picture_beside_its_label_is_found_by_its_content_whatever_it_is_called(world: World) -> None:
    files: dict[str, bytes | str] = {"pics/other.png": picture("blue"), "l.json": coco("other.png")}
    result = world.bring("set.zip", zipped(files), "labels")
    assert (result.added, result.rejected) == (1, 0), result.as_json()
    assert world.given() == {"a.png": None, "b.png": {"boxes": [BOX]}}
    unknown: dict[str, bytes | str] = {"pics/a.png": picture("white"), "l.json": coco("a.png")}
    result = world.bring("set.zip", zipped(unknown), "labels")
    assert (result.added, result.rejected) == (0, 1)
    assert "has this picture" in str(result.problems[0].reason)


def test_new_pictures_beside_labels_become_items_and_those_that_are_there_are_labeled(world: World) -> None:
    files: dict[str, bytes | str] = {"c.png": picture("green"), "l.json": coco("a.png", "c.png")}
    result = world.bring("set.zip", zipped(files))
    assert (result.added, result.changed, result.rejected) == (1, 1, 0), result.as_json()
    assert world.given() == {"a.png": {"boxes": [BOX]}, "b.png": None, "c.png": {"boxes": [BOX]}}


def test_folders_of_pictures_give_classes_to_the_items_with_these_pictures(worlds: Any) -> None:
    world = worlds("image", "classification")
    world.bring("pictures.zip", zipped({"1.png": picture("red"), "2.png": picture("blue")}))
    result = world.bring("sorted.zip", zipped({"dog/x.png": picture("red"), "cat/y.png": picture("blue")}), "labels")
    assert (result.added, result.rejected) == (2, 0), result.as_json()
    assert world.given() == {"1.png": {"label": "dog"}, "2.png": {"label": "cat"}}


def test_ids_without_an_ending_and_ids_of_ones_own_find_their_pictures(worlds: Any) -> None:
    world = worlds("image", "classification")
    table = "id,image,label\n17,0001.png,\n18,0002.png,\n"
    world.bring("set.zip", zipped({"metadata.csv": table, "0001.png": picture("red"), "0002.png": picture("blue")}))
    assert world.given() == {"17": None, "18": None}
    result = world.bring("l.csv", "id,label\n17,cat\n0002,dog\n", "labels")
    assert (result.added, result.rejected) == (2, 0), result.as_json()
    assert world.given() == {"17": {"label": "cat"}, "18": {"label": "dog"}}
    result = world.bring("l.csv", "id,image,label\n17,0002.png,cat\n99,0002.png,cat\n", "labels")
    assert (result.changed, result.rejected) == (0, 2)
    assert {str(row.reason) for row in result.problems} == {
        "The id '17' and the file name '0002.png' are not those of one item.",
        "The id '99' and the file name '0002.png' are not those of one item.",
    }


@pytest.mark.parametrize("wants", ["labels", "annotations", "predictions"])
def test_texts_are_found_by_id_or_by_their_content(worlds: Any, wants: Wants) -> None:
    world = worlds("text", "classification")
    world.bring("items.csv", "id,text\n1,meow\n,woof\n")
    told = {"annotator": "m@example.org"} if wants == "annotations" else {}
    result = world.bring("l.csv", "id,text,label\n1,,cat\n,woof,dog\n9,woof,dog\n2,purr,cat\n", wants, **told)
    assert (result.added, result.rejected) == (2, 1), result.as_json()
    if wants == "labels":
        assert world.given() == {"1": {"label": "cat"}, "woof": {"label": "dog"}}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("l.txt", "__label__cat meow\n"),
        ("l.jsonl", '{"text": "meow", "label": ["cat"], "Comments": []}'),
        ("l.csv", "text,label\nmeow,cat\n"),
    ],
)
def test_texts_of_formats_without_ids_are_found_by_their_content(worlds: Any, name: str, content: str) -> None:
    world = worlds("text", "classification")
    world.bring("items.csv", "text\nmeow\nwoof\n")
    assert world.bring(name, content, "labels").added == 1
    assert world.given() == {"meow": {"label": "cat"}, "woof": None}
    assert world.bring(name, content, "annotations", annotator="m@example.org").added == 1
    assert world.bring(name, content, "predictions").added == 1


def test_places_in_another_text_are_refused(worlds: Any) -> None:
    world = worlds("text", "spans", "PER")
    world.bring("items.csv", "id,text\n1,Anna met Bob\n")
    line = {"id": "1", "label": [{"start": 0, "end": 4, "label": "PER"}]}
    result = world.bring("l.jsonl", json.dumps({**line, "text": "So Anna met Bob"}), "labels")
    assert (result.added, [str(row.reason) for row in result.problems]) == (
        0,
        ["The text is not that of the item '1'."],
    )
    assert world.bring("l.jsonl", json.dumps(line), "labels").added == 1


def test_two_different_labels_of_one_item_in_a_file_are_not_both_taken(worlds: Any) -> None:
    world = worlds("text", "classification")
    world.bring("items.csv", "id,text\n1,meow\n")
    result = world.bring("l.csv", "id,label\n1,cat\n1,dog\n1,cat\n", "labels")
    assert (result.added, result.unchanged, result.rejected) == (1, 1, 1)
    assert "two different labels" in str(result.problems[0].reason)
    assert world.bring("l.csv", "id,label\n1,dog\n", "labels").changed == 1
    assert world.given() == {"1": {"label": "dog"}}


def test_a_label_that_is_no_class_is_named_and_changes_nothing(worlds: Any) -> None:
    world = worlds("text", "classification")
    world.bring("items.csv", "id,text,label\n1,meow,cat\n")
    result = world.bring("l.csv", "id,label\n1,lion\n", "labels")
    assert (result.rejected, result.nothing_came_in) == (1, True)
    assert world.given() == {"1": {"label": "cat"}}


def test_a_single_picture_is_an_item(worlds: Any) -> None:
    world = worlds()
    result = world.bring("one.png", picture())
    assert (result.added, list(world.given())) == (1, ["one.png"])

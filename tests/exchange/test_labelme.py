import base64
import json
import zipfile
from pathlib import Path
from typing import Any

import globox
import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.labelme.read import DESCRIPTION, FLAG, GROUP
from labeler.exchange.formats.registry import READERS
from labeler.exchange.reading import open_rows
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from tests.exchange.datasets import CLASSES, bad, good, picture, read_set

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "formats" / "labelme" / "shapes.zip"
TRIANGLE = [[10, 10], [30, 10], [20, 30]]
BOX = {"label": "cat", "x": 10, "y": 10, "width": 20, "height": 20}
OUTLINE = {"label": "cat", "points": TRIANGLE}


def shape(kind: str | None = "polygon", points: Any = TRIANGLE, label: Any = "cat", **others: Any) -> dict[str, Any]:
    return {"label": label, "points": points, "shape_type": kind, "group_id": None, "flags": {}, **others}


def labels(*shapes: Any, **others: Any) -> str:
    told = {"imagePath": "a.jpg", "imageData": None, "imageHeight": 50, "imageWidth": 100, **others}
    return json.dumps({"version": "5.4.1", "flags": {}, "shapes": list(shapes), **told})


def one(*shapes: Any, task: str = "polygons", **others: Any) -> tuple[Row, list[str]]:
    entries = read_set("labelme", {"a.jpg": picture(), "a.json": labels(*shapes, **others)}, task)
    (row,) = good(entries)
    return row, bad(entries)


def test_an_outline_and_a_box_are_both_held_by_projects_of_either() -> None:
    rectangle = shape("rectangle", [[30, 30], [10, 10]], "dog")
    row, told = one(shape(), rectangle)
    corners = [[10, 10], [30, 10], [30, 30], [10, 30]]
    assert (row.given_value, told) == ({"polygons": [OUTLINE, {"label": "dog", "points": corners}]}, [])
    row, told = one(shape(None), rectangle, task="boxes")
    assert (row.given_value, told) == ({"boxes": [BOX, {**BOX, "label": "dog"}]}, [])
    assert (row.external_id, row.file, row.left_out) == ("a.jpg", "a.jpg", ())


def test_what_is_neither_is_counted_by_its_kind_and_costs_itself_alone() -> None:
    kinds = ("circle", "line", "linestrip", "point", "points", "mask", "rotation", "hexagon", 7)
    row, told = one(shape(), *(shape(kind) for kind in kinds))  # type: ignore[arg-type]
    assert (row.given_value, told) == ({"polygons": [OUTLINE]}, [])
    ends = ", which is neither a box nor an outline"
    assert dict(row.left_out) == {
        "a circle" + ends: 1,
        "a line" + ends: 2,
        "a point" + ends: 1,
        "points" + ends: 1,
        "a mask" + ends: 1,
        "a turned box" + ends: 1,
        "a shape of an unknown kind" + ends: 2,
    }
    row, _ = one(shape("circle"))
    assert row.given_value is None  # "nothing here" would be a wrong label


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (17, "a shape is no object"),
        (shape(points=None), "no list of points"),
        (shape(points=[[1, 2, 3]]), "must be [x, y]"),
        (shape(points=[["1", 2]]), "x is not a number"),
        (shape(points=[[1, True]]), "y is not a number"),
        (shape(points=[[float("nan"), 1], [2, 2], [3, 1]]), "x is not a number"),
        (shape(points=[[10**400, 1], [2, 2], [3, 1]]), "x is not a number"),
        (shape(points=[[1, 1], [2, 2]]), "fewer than three corners"),
        (shape(points=[[10, 10], [30, 30], [30, 10], [10, 30]]), "cross"),
        (shape("rectangle", [[1, 1]]), "too few points"),
        (shape("rectangle", []), "too few points"),
        (shape(label=None), "no name of a class"),
        (shape(label="\ud800"), "surrogate"),
        (shape(label="x" * 300), "255 characters"),
    ],
)
def test_a_shape_that_cannot_be_held_costs_itself_and_not_the_others(broken: Any, reason: str) -> None:
    row, told = one(shape(), broken)
    assert (row.given_value, told) == ({"polygons": [OUTLINE]}, [])
    ((said, count),) = row.left_out
    assert (reason in said, count) == (True, 1)


def test_flags_of_a_picture_are_kept_and_what_is_said_of_an_object_is_counted() -> None:
    first = shape(group_id=3, description="old", flags={"hidden": True, "far": False})
    row, _ = one(first, shape(group_id=3), flags={"blurred": True, "night": False})
    assert row.metadata == {"flags": ["blurred"]}
    assert dict(row.left_out) == {GROUP: 1, DESCRIPTION: 1, FLAG: 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"shapes": ' + "9" * 5000 + "}", "not valid JSON|no list"),
        (b'{"shapes": [], "x": "\xff"}', "not valid UTF-8"),
        ('{"shapes": {}}', 'no list "shapes"'),
        ("[]", 'no list "shapes"'),
        (labels(shape(), imageWidth=50, imageHeight=100), "EXIF"),
        (labels(shape(), imageWidth="wide"), "imageWidth is not a number"),
    ],
)
def test_a_picture_whose_file_is_not_understood_has_no_label_and_the_file_is_named(
    text: str | bytes, reason: str
) -> None:
    entries = read_set("labelme", {"a.jpg": picture(), "a.json": text})
    assert [row.given_value for row in good(entries)] == [None]
    (told,) = [entry for entry in entries if isinstance(entry, RejectedRow)]
    assert any(part in told.reason for part in reason.split("|"))
    assert told.file == "a.json"


def test_a_picture_in_the_file_is_read_where_none_lies_beside_it() -> None:
    inside = base64.b64encode(picture()).decode()
    files: dict[str, bytes | str] = {"x/a.json": labels(shape(), imageData=inside, imagePath="..\\..\\photo.jpg")}
    (row,) = good(read_set("labelme", files, "polygons"))
    assert (row.external_id, row.given_value) == ("x/a.jpg", {"polygons": [OUTLINE]})
    assert row.image
    assert row.image() == picture()
    entries = read_set("labelme", {"a.json": labels(shape(), imageData="no base64!")}, "polygons")
    assert (good(entries), bad(entries)) == ([], ["the image is not valid base64"])
    entries = read_set("labelme", {"a.json": labels(shape())}, "polygons")
    assert (good(entries), bad(entries)) == ([], ['there is no picture "a.jpg"'])


def test_no_shape_is_nothing_to_be_seen_and_no_file_is_no_label() -> None:
    entries = read_set("labelme", {"a.jpg": picture(), "b.jpg": picture(), "a.json": labels()})
    assert [row.given_value for row in good(entries)] == [{"boxes": []}, None]


@pytest.mark.parametrize("name", ["../../etc/hostname", "/etc/hostname", "C:\\x.jpg", 17, None, "", "\ud800"])
def test_a_name_in_a_file_reaches_nothing_outside_the_set(name: Any, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "x.jpg").write_bytes(picture())
    (tmp_path / "set" / "b.jpg").write_bytes(picture())
    (tmp_path / "set" / "z.json").write_text(labels(shape(), imagePath=name))
    entries = list(READERS["labelme"].read(Source.local(tmp_path / "set"), ReadOptions(media="image", task="boxes")))
    assert [(row.external_id, row.given_value) for row in good(entries)] == [("b.jpg", None)]
    assert len(bad(entries)) == 1


def test_one_file_alone_takes_its_picture_beside_it_or_from_itself(tmp_path: Path) -> None:
    options = ReadOptions(media="image", task="boxes", classes=CLASSES)
    path = tmp_path / "a.json"
    path.write_text(labels(shape()))
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(picture())
    found, rows = open_rows(Source.local(path), None, options)
    assert (found, [row.external_id for row in rows if isinstance(row, Row)]) == ("labelme", ["a.jpg"])
    path.write_text(labels(shape(), imageData=base64.b64encode(picture()).decode()))
    (row,) = READERS["labelme"].read(Source.upload(path, "a.json"), options)
    assert isinstance(row, Row)
    assert row.given_value == {"boxes": [BOX]}


def test_a_set_is_known_also_where_the_picture_stands_before_the_shapes(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"flags": {}, "imageData": "A" * 5000, "shapes": []}))
    (tmp_path / "a.jpg").write_bytes(picture())
    found, _ = open_rows(Source.local(tmp_path), None, ReadOptions(media="image", task="boxes"))
    assert found == "labelme"


def test_a_project_of_one_class_takes_the_pictures_alone(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "a.json").write_text(labels(shape()))
    (tmp_path / "cat" / "a.jpg").write_bytes(picture())
    options = ReadOptions(media="image", task="classification", classes=CLASSES)
    found, rows = open_rows(Source.local(tmp_path), None, options)
    assert (found, [row.given_label for row in rows if isinstance(row, Row)]) == ("folder", ["cat"])
    with pytest.raises(Invalid, match="something else"):
        list(READERS["labelme"].read(Source.local(tmp_path), options))


def test_another_reader_sees_the_same_boxes(tmp_path: Path) -> None:
    with zipfile.ZipFile(SAMPLE) as archive:
        archive.extractall(tmp_path)
    told = ReadOptions(media="image", task="boxes", classes=("square", "triangle"))
    for row in READERS["labelme"].read(Source.local(SAMPLE), told):
        assert isinstance(row, Row)
        theirs = globox.Annotation.from_labelme(
            (tmp_path / (row.external_id or "")).with_suffix(".json"), include_poly=True
        )
        ours = [
            (box["label"], (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]))
            for box in (row.given_value or {})["boxes"]
        ]
        assert [(box.label, box.ltrb) for box in theirs.boxes] == ours

import zipfile
from pathlib import Path
from typing import Any

import globox
import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.cvat.read import ATTRIBUTE, GROUP, SEVERAL
from labeler.exchange.formats.registry import READERS
from labeler.exchange.reading import open_rows
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from tests.exchange.datasets import CLASSES, bad, good, picture, read_set

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "formats" / "cvat" / "shapes.zip"
CAT = {"label": "cat", "x": 10, "y": 5, "width": 20, "height": 10}
BOX = '<box label="cat" xtl="10" ytl="5" xbr="30.00" ybr="15" occluded="0"/>'
OUTLINE = '<polygon label="cat" points="10,10;30.0,10;20,30" occluded="1"/>'
TRIANGLE = {"label": "cat", "points": [[10, 10], [30, 10], [20, 30]]}


def sheet(*inside: str, attributes: str = 'width="100" height="50"', name: str = "a.jpg") -> str:
    image = f'<image id="4" name="{name}" {attributes}>{"".join(inside)}</image>'
    return f"<annotations><version>1.1</version><meta><task/></meta>{image}</annotations>"


def one(*inside: str, task: str = "boxes", **others: str) -> tuple[Row, list[str]]:
    entries = read_set("cvat", {"annotations.xml": sheet(*inside, **others), "images/a.jpg": picture()}, task)
    (row,) = good(entries)
    return row, bad(entries)


def test_boxes_and_outlines_are_held_by_projects_of_either() -> None:
    row, told = one(BOX, OUTLINE)
    around = {"label": "cat", "x": 10, "y": 10, "width": 20, "height": 20}
    assert (row.given_value, told) == ({"boxes": [CAT, around]}, [])
    assert row.metadata == {"id": "4", "occluded_objects": 1}
    assert (row.external_id, row.file, row.left_out) == ("a.jpg", "images/a.jpg", ())
    row, told = one(BOX, OUTLINE, task="polygons")
    corners = {"label": "cat", "points": [[10, 5], [30, 5], [30, 15], [10, 15]]}
    assert (row.given_value, told) == ({"polygons": [corners, TRIANGLE]}, [])


def test_a_turned_box_is_an_outline_and_no_box() -> None:
    def turned(degrees: str) -> str:
        return BOX.replace("/>", f' rotation="{degrees}"/>')

    row, _ = one(turned("90.0"), task="polygons")
    assert row.given_value == {"polygons": [{"label": "cat", "points": [[25, 0], [25, 20], [15, 20], [15, 0]]}]}
    row, _ = one(BOX, turned("30"), turned("360"))
    assert row.given_value == {"boxes": [CAT, CAT]}
    assert dict(row.left_out) == {"a turned box, which is no upright one": 1}
    row, _ = one(turned("90"))
    assert row.given_value == {"boxes": [{"label": "cat", "x": 15, "y": 0, "width": 10, "height": 20}]}


def test_what_is_neither_is_counted_by_its_kind_and_costs_itself_alone() -> None:
    kinds = ("polyline", "points", "ellipse", "cuboid", "skeleton", "mask", "tag", "comment")
    row, told = one(BOX, *(f'<{kind} label="cat"/>' for kind in kinds))
    assert (row.given_value, told) == ({"boxes": [CAT]}, [])
    ends = ", which is neither a box nor an outline"
    assert dict(row.left_out) == {
        **{what + ends: 1 for what in ("a line", "points", "an ellipse", "a cuboid", "a skeleton", "a mask")},
        "a tag of the picture, for which this project does not ask": 1,
        "a shape of an unknown kind": 1,
    }
    row, _ = one('<mask label="cat"/>')
    assert row.given_value is None  # "nothing here" would be a wrong label


def test_attributes_and_groups_are_counted() -> None:
    attribute = '<attribute name="age">3</attribute>'
    group = BOX.replace("/>", f' group_id="2">{attribute}{attribute}</box>')
    row, _ = one(group, group, BOX.replace("/>", ' group_id="0"/>'))
    assert row.given_value == {"boxes": [CAT, CAT, CAT]}
    assert dict(row.left_out) == {ATTRIBUTE: 4, GROUP: 1}


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (BOX.replace('xtl="10"', ""), "xtl is missing"),
        (BOX.replace('xtl="10"', 'xtl="nan"'), "'nan' is not a number"),
        (BOX.replace('xtl="10"', f'xtl="{"9" * 400}"'), "is not a number"),
        (BOX.replace('xtl="10"', 'xtl="40"'), "no width"),
        (BOX.replace("/>", ' rotation="inf"/>'), "'inf' is not a number"),
        (BOX.replace('label="cat"', ""), "no name of a class"),
        (BOX.replace('xtl="10" ytl="5" xbr="30.00"', 'xtl="400" ytl="5" xbr="430"'), "outside the picture"),
        ('<polygon label="cat"/>', "must be x,y;x,y"),
        ('<polygon label="cat" points="1,2,3;4,5;6,7"/>', "must be x,y;x,y"),
        ('<polygon label="cat" points="a,2;4,5;6,7"/>', "'a' is not a number"),
    ],
)
def test_a_shape_that_cannot_be_held_costs_itself_and_not_the_others(broken: str, reason: str) -> None:
    row, told = one(BOX, broken)
    assert (row.given_value, told) == ({"boxes": [CAT]}, [])
    ((said, count),) = row.left_out
    assert (reason in said, count) == (True, 1)


@pytest.mark.parametrize(
    ("tags", "task", "label", "value", "told"),
    [
        ("c", "classification", "cat", None, {}),
        ("cc", "classification", "cat", None, {}),
        ("", "classification", None, None, {}),
        ("cd", "classification", None, None, {SEVERAL: 2}),
        ("x", "classification", None, None, {"the tag 'x', which is no class of this project": 1}),
        ("dcx", "multilabel", None, {"labels": ["dog", "cat"]}, {"the tag 'x', which is no class of this project": 1}),
        ("", "multilabel", None, None, {}),
    ],
)
def test_tags_are_the_label_where_classes_are_asked_for(
    tags: str, task: str, label: str | None, value: Any, told: dict[str, int]
) -> None:
    names = {"c": "cat", "d": "dog", "x": "x"}
    row, _ = one(BOX, *(f'<tag label="{names[tag]}"/>' for tag in tags), task=task)
    assert (row.given_label, row.given_value) == (label, value)
    assert dict(row.left_out) == {"a box, for which this project does not ask": 1, **told}


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [('width="50" height="100"', "EXIF"), ('width="7" height="7"', "says 7 x 7"), ('width="wide"', "is not a number")],
)
def test_a_picture_of_another_size_has_no_label_and_is_named(attributes: str, reason: str) -> None:
    row, (told,) = one(BOX, attributes=attributes)
    assert (row.given_value, reason in told) == (None, True)


def test_a_picture_without_a_size_is_measured_and_one_without_shapes_shows_nothing() -> None:
    row, told = one(BOX, attributes="")
    assert (row.given_value, told) == ({"boxes": [CAT]}, [])
    row, _ = one()
    assert row.given_value == {"boxes": []}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<annotations><image", "not valid XML"),
        ("", "not valid XML"),
        ("<annotations>" + "<a>" * 50_000, "not valid XML"),
        ("<annotation/>", 'its root is "annotation", not "annotations"'),
        ('<!DOCTYPE a [<!ENTITY b "c">]><annotations>&b;</annotations>', "document type"),
        ("<annotations><track/><track/></annotations>", "2 tracks of a video"),
    ],
)
def test_a_file_that_is_not_understood_is_named_and_its_pictures_do_not_come_in_as_empty(
    text: str, reason: str
) -> None:
    entries = read_set("cvat", {"annotations.xml": text, "a.jpg": picture()})
    assert good(entries) == []
    told = {entry.file: entry.reason for entry in entries if isinstance(entry, RejectedRow)}
    assert reason in told["annotations.xml"]
    assert told["a.jpg"] == "no annotation file names this picture"


def test_pictures_before_the_place_where_a_file_breaks_off_stay() -> None:
    entries = read_set("cvat", {"annotations.xml": sheet(BOX)[:-5], "a.jpg": picture()})
    assert [row.given_value for row in good(entries)] == [{"boxes": [CAT]}]
    assert "not valid XML" in bad(entries)[0]


def test_subsets_tell_pictures_of_one_name_apart() -> None:
    images = "".join(f'<image id="{n}" name="a.jpg" subset="{name}"/>' for n, name in enumerate(("train", "Holdout")))
    files: dict[str, bytes | str] = {"images/train/a.jpg": picture(), "images/Holdout/a.jpg": picture()}
    entries = read_set("cvat", {**files, "annotations.xml": f"<annotations>{images}</annotations>"})
    assert [(row.external_id, row.metadata) for row in good(entries)] == [
        ("a.jpg", {"split": "train", "id": "0"}),
        ("images/Holdout/a.jpg", {"id": "1", "subset": "Holdout"}),
    ]


@pytest.mark.parametrize("name", ["../../etc/hostname", "/etc/hostname", "C:\\x.jpg", "", "CON"])
def test_a_name_in_a_file_reaches_nothing_outside_the_set(name: str, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "x.jpg").write_bytes(picture())
    (tmp_path / "set" / "b.jpg").write_bytes(picture())
    (tmp_path / "set" / "z.xml").write_text(sheet(BOX, name=name))
    entries = list(READERS["cvat"].read(Source.local(tmp_path / "set"), ReadOptions(media="image", task="boxes")))
    assert good(entries) == []
    assert len(bad(entries)) == 2


def test_the_file_alone_takes_its_pictures_beside_it(tmp_path: Path) -> None:
    options = ReadOptions(media="image", task="boxes", classes=CLASSES)
    path = tmp_path / "annotations.xml"
    path.write_text('<?xml version="1.0" encoding="utf-8"?>\n' + sheet(BOX))
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(picture())
    found, rows = open_rows(Source.local(path), None, options)
    assert (found, [row.given_value for row in rows]) == ("cvat", [{"boxes": [CAT]}])  # type: ignore[union-attr]
    assert open_rows(Source.local(tmp_path), None, options)[0] == "cvat"
    with pytest.raises(Invalid, match="lacks pictures; send a ZIP"):
        list(READERS["cvat"].read(Source.upload(path, "annotations.xml"), options))
    with pytest.raises(Invalid, match="something else"):
        list(READERS["cvat"].read(Source.local(path), ReadOptions(media="text", task="spans")))


def test_another_reader_sees_the_same_boxes(tmp_path: Path) -> None:
    with zipfile.ZipFile(SAMPLE) as archive:
        archive.extractall(tmp_path)
    theirs = {one.image_id: one for one in globox.AnnotationSet.from_cvat(tmp_path / "annotations.xml")}
    told = ReadOptions(media="image", task="boxes", classes=("square", "triangle"))
    for row in READERS["cvat"].read(Source.local(SAMPLE), told):
        assert isinstance(row, Row)
        squares = [box for box in (row.given_value or {})["boxes"] if box["label"] == "square"]
        assert [box.ltrb for box in theirs[row.external_id or ""].boxes] == [
            (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]) for box in squares
        ]

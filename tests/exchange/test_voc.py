import io
import zipfile
from pathlib import Path
from typing import Any

import globox
import pytest
from PIL import Image

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.registry import READERS, WRITERS
from labeler.exchange.formats.voc.read import MASK, PART
from labeler.exchange.reading import open_rows
from labeler.exchange.rows import ExportRow, RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from tests.exchange.datasets import CLASSES, bad, good, picture, read_set, zipped

CAT = {"label": "cat", "x": 2, "y": 1, "width": 6, "height": 5}
BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
READ_A_FILE = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
SIZE = "<size><width>100</width><height>50</height><depth>3</depth></size>"


def thing(name: str = "cat", sides: tuple[object, ...] = (3, 2, 8, 6), more: str = "") -> str:
    left, top, right, bottom = sides
    box = f"<bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox>"
    return f"<object><name>{name}</name>{more}{box}</object>"


def sheet(*objects: str, filename: str = "a.jpg", size: str = SIZE) -> str:
    return f"<annotation><filename>{filename}</filename>{size}{''.join(objects)}</annotation>"


def one(*objects: str, **others: str) -> tuple[Row, list[str]]:
    entries = read_set("voc", {"JPEGImages/a.jpg": picture(), "Annotations/a.xml": sheet(*objects, **others)})
    (row,) = good(entries)
    return row, bad(entries)


def test_sides_are_counted_from_1_and_the_last_pixel_is_in_the_box() -> None:
    row, told = one(thing(), thing("dog", (1, 1, 100, 50)))
    assert told == []
    assert row.given_value == {"boxes": [CAT, {"label": "dog", "x": 0, "y": 0, "width": 100, "height": 50}]}
    assert (row.external_id, row.name, row.file) == ("JPEGImages/a.jpg", "a.jpg", "JPEGImages/a.jpg")
    assert row.left_out == ()


def test_a_side_of_0_is_cut_at_the_edge_and_told() -> None:
    row, _ = one(thing(sides=(0, 0, 10, 10)))
    assert row.given_value == {"boxes": [{"label": "cat", "x": 0, "y": 0, "width": 10, "height": 10}]}
    assert row.metadata == {"clipped_objects": 1}


def test_what_is_said_of_an_object_is_kept_or_counted_and_its_parts_are_no_objects() -> None:
    marks = "<pose>Left</pose><truncated>1</truncated><difficult>1</difficult><occluded>0</occluded>"
    part = f"<part>{thing('head')[8:-9]}</part>"
    row, _ = one(thing(more=marks + part), thing("dog", more="<pose>Unspecified</pose><difficult>0</difficult>"))
    assert row.given_value == {"boxes": [CAT, {**CAT, "label": "dog"}]}
    marked = [{"truncated": 1, "difficult": 1, "pose": "Left"}, {}]
    assert row.metadata == {"difficult_objects": 1, "truncated_objects": 1, "object_details": [{**marked[0]}, {}]}
    assert dict(row.left_out) == {PART: 1}


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (thing(sides=(9, 2, 3, 6)), "no width"),
        (thing(sides=(300, 2, 310, 6)), "outside the picture"),
        (thing(sides=("nan", 2, 8, 6)), "'nan' is not a number"),
        (thing(sides=("inf", 2, 8, 6)), "'inf' is not a number"),
        (thing(sides=("1_0", 2, 8, 6)), "'1_0' is not a number"),
        (thing(sides=("9" * 400, 2, 8, 6)), "is not a number"),
        (thing(sides=("", 2, 8, 6)), "xmin is missing"),
        (thing(name=" "), "no name of a class"),
        (thing(name="x" * 300), "255 characters"),
        ("<object><name>cat</name></object>", "no bndbox"),
        ("<object><name>cat</name><robndbox><cx>1</cx></robndbox></object>", "no bndbox"),
    ],
)
def test_an_object_that_cannot_be_held_costs_itself_and_not_the_others(broken: str, reason: str) -> None:
    row, told = one(thing(), broken)
    assert row.given_value == {"boxes": [CAT]}
    ((said, count),) = row.left_out
    assert (reason in said, count, told) == (True, 1, [])
    row, _ = one(broken)
    assert row.given_value is None  # "nothing here" would be a wrong label


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<annotation><object>", "not valid XML"),
        ("", "not valid XML"),
        ("<a>" * 50_000, "not valid XML"),
        ("\xff\xfe", "not valid XML"),
        ('<?xml version="1.0" encoding="klingon"?><annotation/>', "not valid XML"),
        (f"{BOMB}<annotation>&b;</annotation>", "document type"),
        (f"{READ_A_FILE}<annotation><filename>&a;</filename></annotation>", "document type"),
        (f"<annotation>{'<object/>' * 4_000_000}</annotation>", "larger than"),
        ("<annotations/>", 'its root is "annotations", not "annotation"'),
        (sheet(thing(), size="<size><width>50</width><height>100</height></size>"), "EXIF"),
        (sheet(thing(), size="<size><width>7</width><height>7</height></size>"), "the file says 7 x 7"),
        (sheet(thing(), size="<size><width>wide</width></size>"), "'wide' is not a number"),
    ],
)
def test_a_picture_whose_file_is_not_understood_has_no_label_and_the_file_is_named(text: str, reason: str) -> None:
    entries = read_set("voc", {"JPEGImages/a.jpg": picture(), "Annotations/a.xml": text})
    (row,) = good(entries)
    assert row.given_value is None
    (told,) = [entry for entry in entries if isinstance(entry, RejectedRow)]
    assert reason in told.reason
    assert told.file == "Annotations/a.xml"


@pytest.mark.parametrize("size", ["", "<size/>", "<size><width>0</width><height>0</height></size>"])
def test_a_file_without_a_size_goes_by_its_picture(size: str) -> None:
    row, _ = one(thing(), size=size)
    assert row.given_value == {"boxes": [CAT]}


def test_no_object_is_nothing_to_be_seen_and_no_file_is_no_label() -> None:
    files: dict[str, bytes | str] = {"JPEGImages/a.jpg": picture(), "JPEGImages/b.jpg": picture()}
    first, second = good(read_set("voc", {**files, "Annotations/a.xml": sheet()}))
    assert (first.given_value, second.given_value) == ({"boxes": []}, None)


def test_lists_become_splits_and_what_is_not_used_is_named() -> None:
    files: dict[str, bytes | str] = {f"V/JPEGImages/{name}.jpg": picture() for name in "abc"}
    files |= {f"V/Annotations/{name}.xml": sheet(thing()) for name in "abx"}
    files |= {f"V/ImageSets/Main/{name}.txt": text for name, text in {"train": "a\n", "val": "b\n"}.items()}
    files |= {"V/ImageSets/Main/cat_train.txt": "a  1\n", "V/ImageSets/Layout/train.txt": "a\n"}
    files |= {"V/SegmentationClass/a.png": picture(), "V/SegmentationObject/a.png": picture()}
    files["V/Annotations/x.xml"] = sheet(thing(), filename="gone.jpg")
    entries = read_set("voc", files)
    assert [(row.name, row.metadata.get("split")) for row in good(entries)] == [
        ("a.jpg", "train"),
        ("b.jpg", "val"),
        ("c.jpg", None),
    ]
    told = {entry.file: entry.reason for entry in entries if isinstance(entry, RejectedRow)}
    assert told["V/Annotations/x.xml"] == 'there is no picture "gone.jpg"'
    assert told["V/SegmentationClass/a.png"] == told["V/SegmentationObject/a.png"] == MASK
    assert told["V/ImageSets/Main/cat_train.txt"].startswith("2 lists in ImageSets")


def test_a_file_finds_its_picture_by_place_then_by_name_then_by_what_it_says() -> None:
    pictures = ("train/JPEGImages/a.jpg", "val/JPEGImages/a.jpg", "one/photo.jpg", "other/b.jpg")
    files: dict[str, bytes | str] = dict.fromkeys(pictures, picture())
    files |= {"train/Annotations/a.xml": sheet(thing()), "val/Annotations/a.xml": sheet(thing("dog"))}
    files |= {"ann/0001.xml": sheet(thing(), filename=r"C:\old\photo.jpg"), "ann/B.xml": sheet(filename="stale.jpg")}
    rows = {row.external_id: row.given_value for row in good(read_set("voc", files))}
    assert rows == {
        "train/JPEGImages/a.jpg": {"boxes": [CAT]},
        "val/JPEGImages/a.jpg": {"boxes": [{**CAT, "label": "dog"}]},
        "one/photo.jpg": {"boxes": [CAT]},
        "other/b.jpg": {"boxes": []},
    }


def test_of_two_pictures_that_may_be_meant_none_is_guessed() -> None:
    files: dict[str, bytes | str] = {"a.jpg": picture(), "a.png": picture()}
    (first, second) = good(read_set("voc", {**files, "a.xml": sheet(thing(), filename="a.png")}))
    assert (first.given_value, second.given_value) == (None, {"boxes": [CAT]})
    entries = read_set("voc", {**files, "a.xml": sheet(thing(), filename="b.png")})
    assert [row.given_value for row in good(entries)] == [None, None]
    assert "may mean a.jpg and a.png" in bad(entries)[0]


def test_a_second_file_of_one_picture_is_named() -> None:
    entries = read_set("voc", {"a.jpg": picture(), "A/a.xml": sheet(thing()), "B/a.xml": sheet()})
    assert [row.given_value for row in good(entries)] == [{"boxes": [CAT]}]
    assert bad(entries) == ["A/a.xml is a label file of this picture too, and was taken"]


@pytest.mark.parametrize("name", ["../../../etc/hostname", "/etc/hostname", "..\\..\\x.jpg", "", "a\u2215b", "CON"])
def test_a_name_in_a_file_reaches_nothing_outside_the_set(name: str, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "x.jpg").write_bytes(picture())
    (tmp_path / "set" / "b.jpg").write_bytes(picture())
    (tmp_path / "set" / "z.xml").write_text(sheet(thing(), filename=name))
    entries = list(READERS["voc"].read(Source.local(tmp_path / "set"), ReadOptions(media="image", task="boxes")))
    assert [(row.external_id, row.given_value) for row in good(entries)] == [("b.jpg", None)]
    assert len(bad(entries)) == 1


def test_one_file_alone_takes_its_picture_beside_it(tmp_path: Path) -> None:
    options = ReadOptions(media="image", task="boxes", classes=CLASSES)
    path = tmp_path / "a.xml"
    path.write_text(sheet(thing()))
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(picture())
    _, rows = open_rows(Source.local(path), None, options)
    assert [row.given_value for row in rows if isinstance(row, Row)] == [{"boxes": [CAT]}]
    with pytest.raises(Invalid, match="send a ZIP"):
        list(READERS["voc"].read(Source.upload(path, "a.xml"), options))


@pytest.mark.parametrize("place", ["Annotations/a.xml", "a.xml"])
def test_a_set_is_known_and_its_masks_are_no_items(place: str, tmp_path: Path) -> None:
    for name in ("JPEGImages/a.jpg", "SegmentationClass/a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (100, 50)).save(tmp_path / name)
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text(sheet(thing()))
    found, rows = open_rows(Source.local(tmp_path), None, ReadOptions(media="image", task="boxes", classes=CLASSES))
    assert (found, [row.given_value for row in rows if isinstance(row, Row)]) == ("voc", [{"boxes": [CAT]}])


@pytest.mark.parametrize("task", ["classification", "polygons"])
def test_a_project_that_asks_for_something_else_is_told_what_it_is(task: str, tmp_path: Path) -> None:
    (tmp_path / "set.zip").write_bytes(zipped({"JPEGImages/a.jpg": picture(), "Annotations/a.xml": sheet(thing())}))
    with pytest.raises(Invalid, match="Pascal VOC, whose labels do not fit"):
        open_rows(Source.local(tmp_path / "set.zip"), None, ReadOptions(media="image", task=task, classes=CLASSES))


def written(*rows: ExportRow) -> tuple[zipfile.ZipFile, ExportContext]:
    context = ExportContext("p", "P", "image", "boxes", CLASSES, "2026-02-03T10:00:00Z")
    return zipfile.ZipFile(io.BytesIO(b"".join(WRITERS["voc"].write(rows, context)))), context


def row_of(item: int, name: str, *boxes: dict[str, Any], **others: Any) -> ExportRow:
    told = {"final_value": {"boxes": list(boxes)}, "width": 100, "height": 50, **others}
    return ExportRow(item, None, None, name, "image", None, None, "1 cat", "given", None, **told)


def test_another_reader_finds_what_went_out(tmp_path: Path) -> None:
    """Globox takes the sides as they stand: its corners are xmin, ymin, xmax, ymax."""
    archive, _ = written(row_of(1, "a.jpg", CAT, {**CAT, "label": "<dog> & co", "x": 2.5}), row_of(2, "sub/b.jpg"))
    archive.extractall(tmp_path)
    found = globox.Annotation.from_pascal_voc(tmp_path / "Annotations" / "a.xml")
    assert (found.image_id, found.image_size) == ("a.jpg", (100, 50))
    assert [(box.label, box.ltrb) for box in found.boxes] == [
        ("cat", (3.0, 2.0, 8.0, 6.0)),
        ("<dog> & co", (3.5, 2.0, 8.5, 6.0)),
    ]
    assert globox.Annotation.from_pascal_voc(tmp_path / "Annotations" / "sub" / "b.xml").boxes == []


def test_an_item_without_a_label_has_no_file_and_lists_name_the_splits() -> None:
    rows = (
        row_of(1, "a.jpg", CAT, metadata={"split": "val"}),
        row_of(2, "b.jpg", final_value=None),
        row_of(3, "A.png"),
    )
    archive, context = written(*rows)
    assert [name for name in archive.namelist() if name.endswith(".xml")] == [
        "Annotations/a.xml",
        "Annotations/A_item3.xml",
    ]
    assert archive.read("ImageSets/Main/val.txt").decode() == "a\n"
    assert archive.read("ImageSets/Main/train.txt").decode() == "b\nA_item3\n"
    assert context.report.written == 3


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    archive, _ = written(row_of(1, "a\x01.jpg", {**CAT, "label": "c\x00at\ud800"}))
    (name,) = [name for name in archive.namelist() if name.endswith(".xml")]
    text = archive.read(name).decode()
    assert "<name>c\N{REPLACEMENT CHARACTER}at\N{REPLACEMENT CHARACTER}</name>" in text

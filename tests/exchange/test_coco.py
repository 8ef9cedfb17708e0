import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.coco.file import FURTHER
from labeler.exchange.formats.registry import READERS, WRITERS
from labeler.exchange.parsing.coordinates import OUTLINE
from labeler.exchange.parsing.object_details import CHANGED
from labeler.exchange.rows import ExportRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.exchange.writing.coco_json import RENUMBERED, UNLABELED
from labeler.exchange.writing.picture_names import RENAMED
from tests.exchange.datasets import CLASSES, annotation, bad, coco, good, image, picture, read_set

BOX = {"label": "cat", "x": 10, "y": 5, "width": 20, "height": 10}
TRIANGLE = [10, 10, 30, 10, 20, 30]


def one(given: Any, task: str = "boxes", **of_image: Any) -> tuple[list[Row], list[str]]:
    """Read a set of one picture with one annotation."""
    annotations = given if isinstance(given, list) else [given]
    entries = read_set("coco", {"c.json": coco([image(**of_image)], annotations), "a.jpg": picture()}, task)
    return good(entries), bad(entries)


def test_images_keep_their_boxes_metadata_and_split_and_empty_images_stay() -> None:
    data = coco([image(1, "a.jpg", licence=3), image(2, "b.jpg")], [annotation(), annotation(2, category_id=90)])
    files: dict[str, bytes | str] = {"annotations/instances_val2017.json": data}
    entries = read_set("coco", {**files, "val/a.jpg": picture(), "val/b.jpg": picture()})
    first, second = good(entries)
    assert bad(entries) == []
    assert first.given_value == {"boxes": [BOX, {**BOX, "label": "dog"}]}
    assert (first.external_id, first.name) == ("a.jpg", "a.jpg")
    assert first.metadata == {"split": "val", "id": 1, "licence": 3}
    assert second.given_value == {"boxes": []}


def test_annotations_may_come_before_images_and_categories() -> None:
    data = json.loads(coco([image()], [annotation()]))
    turned = {key: data[key] for key in ("annotations", "categories", "images")}
    (row,) = good(read_set("coco", {"c.json": json.dumps(turned), "a.jpg": picture()}))
    assert row.given_value == {"boxes": [BOX]}


def test_a_segmentation_of_several_pieces_becomes_several_polygons() -> None:
    (row,), _ = one(annotation(segmentation=[TRIANGLE, [*TRIANGLE, 10, 10]]), "polygons")
    outline = {"label": "cat", "points": [[10, 10], [30, 10], [20, 30]]}
    assert row.given_value == {"polygons": [outline, outline]}
    assert row.metadata["object_details"] == [{"object": 1}, {"object": 1}], "they are one object when they go out"


def test_a_boxes_project_takes_the_bbox_or_the_bounds_of_the_outline() -> None:
    (row,), _ = one(annotation(bbox=[1, 2, 3, 4], segmentation=[TRIANGLE]))
    assert row.given_value == {"boxes": [{"label": "cat", "x": 1, "y": 2, "width": 3, "height": 4}]}
    (row,), _ = one({**annotation(segmentation=[TRIANGLE]), "bbox": []})
    assert row.given_value == {"boxes": [{"label": "cat", "x": 10, "y": 10, "width": 20, "height": 20}]}


def test_what_lies_a_little_outside_is_clipped_and_told() -> None:
    (row,), _ = one(annotation(bbox=[-4, 45, 20, 10]))
    assert row.given_value == {"boxes": [{"label": "cat", "x": 0, "y": 45, "width": 16, "height": 5}]}
    assert row.metadata["clipped_objects"] == 1
    (row,), _ = one(annotation(bbox=[90, 5, 10.004, 10]))
    assert row.given_value == {"boxes": [{"label": "cat", "x": 90, "y": 5, "width": 10, "height": 10}]}
    assert "clipped_objects" not in row.metadata


@pytest.mark.parametrize(
    ("given", "task", "reason"),
    [
        (annotation(), "polygons", "a box but no outline"),
        (annotation(segmentation=[[1, 2, 3]]), "polygons", "x1, y1"),
        (annotation(segmentation=[[1, 2, 3, 4, 5, "6"]]), "polygons", "not a number"),
        (annotation(segmentation=[[1, 1, 2, 2, 1, 1]]), "polygons", "fewer than three corners"),
        (annotation(segmentation="abc"), "polygons", "list of polygons"),
        (annotation(category_id=None), "boxes", "no category_id"),
        (annotation(bbox=[1, 2, 3]), "boxes", r"\[x, y, width, height\]"),
        (annotation(bbox=[1, 2, 3, True]), "boxes", "not a number"),
        (annotation(bbox=[1, 2, 3, 10**400]), "boxes", "not a number"),
        (annotation(bbox=[1, 2, 3, float("nan")]), "boxes", "not a number"),
        (annotation(bbox=[1, 2, 3, float("inf")]), "boxes", "not a number"),
        (annotation(bbox=[1, 2, 0, 5]), "boxes", "no width"),
        (annotation(bbox=[200, 2, 5, 5]), "boxes", "outside the picture"),
        ({**annotation(), "bbox": None}, "boxes", "neither a bbox nor"),
    ],
)
def test_an_annotation_that_cannot_be_held_costs_itself_and_not_its_picture(given: Any, task: str, reason: str) -> None:
    (row,), told = one(given, task)
    assert (told, row.given_value) == ([], None)
    ((said, count),) = row.left_out
    assert (count, bool(re.search(reason, said))) == (1, True)
    fine = annotation(77, segmentation=[TRIANGLE], bbox=[10, 10, 20, 20])
    (row,), _ = one([given, fine], task)
    assert len((row.given_value or {})[task]) == 1


def test_duplicates_and_orphans_are_reported_and_counted() -> None:
    images = [image(1, "a.jpg"), image(1, "b.jpg"), image(3, "a.jpg"), image(4, "gone.jpg"), {"id": [], "file_name": 1}]
    annotations = [annotation(1), annotation(1), annotation(2, 99), annotation(3, 99), {"id": 5}, 17]
    files: dict[str, bytes | str] = {"c.json": coco(images, annotations), "a.jpg": picture(), "left.jpg": picture()}
    entries = read_set("coco", files)
    assert [row.external_id for row in good(entries)] == ["a.jpg"]
    reasons = "\n".join(bad(entries))
    for part in (
        "image id 1 stands twice",
        "named twice",
        'no picture "gone.jpg"',
        "needs an id and a file_name",
        "annotation 1 stands twice",
        "2 of the annotations name the image 99",
        "names no image",
        "an entry of annotations is no object",
        "no annotation file names this picture",
    ):
        assert part in reasons
    assert len(entries) == 1 + 9
    assert [entry.number for entry in entries] == list(range(1, 11))


def test_a_picture_of_another_size_than_stated_is_refused() -> None:
    rows, (reason,) = one(annotation(), width=50, height=100)
    assert rows == []
    assert "EXIF" in reason
    (row,), _ = one(annotation(), width=None, height=None)
    assert row.given_value == {"boxes": [BOX]}


def test_coordinates_are_those_of_the_upright_picture() -> None:
    files = {"c.json": coco([image(height=100, width=50)], [annotation(bbox=[0, 0, 50, 100])])}
    (row,) = good(read_set("coco", {**files, "a.jpg": picture(100, 50, orientation=6)}))
    assert row.given_value == {"boxes": [{"label": "cat", "x": 0, "y": 0, "width": 50, "height": 100}]}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("[]", 'no "images"'),
        ("{}", 'no "images"'),
        ('{"images": {}}', "must be a list"),
        ('{"images": [', "not valid JSON"),
        ('{"images": []} x', "something follows"),
        ('{"images": [], "categories": [{"id": 1}]}', "id and a name"),
        ('{"images": [], "categories": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]}', '"a" and "b"'),
        ('{"images": [], "x": "\xff"}'.encode("latin-1"), "UTF-8"),
        ("[" * 100_000, "nested too deeply|not valid JSON"),
        ('{"images": ' + "[" * 100_000, "nested too deeply|not valid JSON"),
    ],
)
def test_a_file_that_is_no_coco_is_refused_in_words(data: str | bytes, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        read_set("coco", {"c.json": data, "a.jpg": picture()})


def test_two_pictures_of_one_name_are_told_apart_by_their_split_or_refused() -> None:
    files: dict[str, bytes | str] = {"train/a.jpg": picture(), "val/a.jpg": picture()}
    both = {f"annotations/instances_{split}.json": coco([image()], [annotation()]) for split in ("train", "val")}
    entries = read_set("coco", {**files, **both})
    assert [row.external_id for row in good(entries)] == ["a.jpg", "val/a.jpg"]
    entries = read_set("coco", {**files, "c.json": coco([image()], [])})
    assert good(entries) == []
    assert any("may mean train/a.jpg and val/a.jpg" in reason for reason in bad(entries))


def test_a_json_alone_needs_its_pictures_beside_it(tmp_path: Path) -> None:
    options = ReadOptions(media="image", task="boxes", classes=CLASSES)
    path = tmp_path / "instances.json"
    path.write_text(coco([image()], [annotation()]))
    with pytest.raises(Invalid, match="send a ZIP"):
        list(READERS["coco"].read(Source.upload(path, "instances.json"), options))
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(picture())
    (row,) = READERS["coco"].read(Source.local(path), options)
    assert isinstance(row, Row)
    assert row.given_value == {"boxes": [BOX]}
    (row,) = READERS["coco"].read(Source.local(tmp_path), options)
    assert isinstance(row, Row)


@pytest.mark.parametrize(
    "told", [{"media": "text", "task": "spans"}, {"task": "classification"}, {"wants": "annotations"}]
)
def test_projects_that_ask_for_something_else_are_refused(told: dict[str, Any]) -> None:
    options = ReadOptions(**{"media": "image", "task": "boxes", **told})
    with pytest.raises(Invalid):
        list(READERS["coco"].read(Source.sent(io.BytesIO(b"PK\x03\x04"), "x.zip"), options))


def written(*rows: ExportRow) -> tuple[dict[str, Any], ExportContext]:
    context = ExportContext("p", "P", "image", "boxes", CLASSES, "2026-02-03T10:00:00Z")
    data: dict[str, Any] = json.loads(b"".join(WRITERS["coco"].write(rows, context)))
    return data, context


def row(item: int, name: str, **others: Any) -> ExportRow:
    told = {"final_value": {"boxes": [BOX]}, "width": 100, "height": 50, **others}
    return ExportRow(item, None, None, name, "image", None, None, "1 cat", "given", None, **told)


def test_what_a_file_says_of_an_object_goes_out_with_it_while_it_is_unchanged() -> None:
    further: dict[str, Any] = {"attributes": {"colour": "red"}, "track_id": 7, "keypoints": [1, 2, 2]}
    (came,), _ = one([annotation(1, **further), annotation(2, category_id=90)])
    boxes = (came.given_value or {})["boxes"]
    kept = {"given_value": came.given_value, "metadata": came.metadata}
    data, context = written(row(4, "a.jpg", **kept, final_value={"boxes": boxes[::-1]}))
    assert [{key: one[key] for key in further if key in one} for one in data["annotations"]] == [{}, further]
    assert (data["images"][0]["id"], context.report.losses) == (1, {})
    assert "object_details" not in data["images"][0]
    moved = [{**boxes[0], "x": 3}, boxes[1]]
    data, context = written(row(4, "a.jpg", **kept, final_value={"boxes": moved}))
    assert all("attributes" not in one for one in data["annotations"])
    assert context.report.losses[CHANGED].count == 1


def test_what_cannot_be_kept_of_an_object_is_counted() -> None:
    (came,), _ = one(
        [annotation(1, note="x" * 3000), annotation(2, note="a\0b"), annotation(3, segmentation=[TRIANGLE])]
    )
    assert came.left_out == ((FURTHER, 2),)
    assert came.not_asked == ((OUTLINE, 1),), "a boxes project has all that it asks for"
    upright = [10, 5, 30, 5, 30, 15, 10, 15]
    (came,), _ = one(annotation(segmentation=[upright]))
    assert (came.left_out, came.not_asked) == ((), ()), "the outline of a box says nothing more"


CROWD = {"iscrowd": 1, "category_id": 90}
HOLLOW = [204, 5, 45, 1, 3, 1, 45, 5, 4691]  # columns of 50: three of them, of the middle one only its ends


@pytest.mark.parametrize(
    ("given", "sides"),
    [
        ({"bbox": [1, 2, 30, 40], "segmentation": {"size": [50, 100], "counts": [204, 2, 4794]}}, (1, 2, 30, 40)),
        ({"bbox": None, "segmentation": {"size": [50, 100], "counts": HOLLOW}}, (4, 4, 3, 5)),
        ({"bbox": None, "segmentation": [[1, 1, 9, 1, 5, 8]]}, (1, 1, 8, 7)),
    ],
)
def test_a_boxes_project_takes_the_box_of_a_crowd_and_says_again_that_it_is_one(
    given: dict[str, Any], sides: tuple[int, ...]
) -> None:
    (came,), _ = one([annotation(1), annotation(2, **{**CROWD, **given})])
    crowd = {"label": "dog", **dict(zip(("x", "y", "width", "height"), sides, strict=True))}
    assert (came.given_value, came.left_out) == ({"boxes": [BOX, crowd]}, ())
    assert came.not_asked == ((OUTLINE, 1),)
    kept = {"given_value": came.given_value, "final_value": came.given_value, "metadata": came.metadata}
    data, _ = written(row(4, "a.jpg", **kept))
    assert [one["iscrowd"] for one in data["annotations"]] == [0, 1]


def test_a_crowd_whose_mask_cannot_be_read_costs_itself() -> None:
    mask = {"size": [50, 100], "counts": [0, 7]}
    (came,), _ = one([annotation(1), annotation(2, **CROWD, bbox=None, segmentation=mask)])
    assert (came.given_value, [count for _, count in came.left_out]) == ({"boxes": [BOX]}, [1])


def test_a_box_has_an_outline_that_masks_can_be_made_of() -> None:
    data, _ = written(row(1, "a.jpg"))
    assert data["annotations"][0]["segmentation"] == [[10, 5, 30, 5, 30, 15, 10, 15]]


def test_numbers_that_are_taken_are_given_anew_and_told() -> None:
    rows = (row(1, "a.jpg", metadata={"id": 2}), row(2, "b.jpg"), row(3, "c.jpg", metadata={"id": 2}), row(4, "d.jpg"))
    data, context = written(*rows, row(5, "e.jpg", metadata={"id": "5"}), row(6, "f.jpg", metadata={"id": True}))
    numbers = [one["id"] for one in data["images"]]
    assert len(set(numbers)) == len(rows) + 2
    assert (numbers[0], numbers[2:]) == (2, [3, 4, 5, 6])
    assert [loss.items for said, loss in context.report.losses.items() if said == RENUMBERED] == [[3]]


def test_classes_go_out_with_the_numbers_they_came_in_with() -> None:
    context = ExportContext("p", "P", "image", "boxes", ("cat", "new", "dog"), "2026-02-03T10:00:00Z")
    context = replace(context, class_numbers={"dog": 90, "cat": 3})
    data = json.loads(b"".join(WRITERS["coco"].write([row(1, "a.jpg")], context)))
    assert {one["name"]: one["id"] for one in data["categories"]} == {"cat": 3, "dog": 90, "new": 91}
    assert data["annotations"][0]["category_id"] == 3


def test_an_export_numbers_categories_from_1_and_keeps_empty_images() -> None:
    data, context = written(row(4, "a.jpg"), row(9, "b.jpg", final_value={"boxes": []}))
    assert [(one["id"], one["name"]) for one in data["categories"]] == [(1, "cat"), (2, "dog")]
    assert [(one["id"], one["file_name"], one["width"]) for one in data["images"]] == [
        (4, "a.jpg", 100),
        (9, "b.jpg", 100),
    ]
    (found,) = data["annotations"]
    assert (found["image_id"], found["category_id"], found["bbox"], found["area"]) == (4, 1, [10, 5, 20, 10], 200)
    assert context.report.losses == {}


def test_an_export_says_which_items_look_empty_and_which_names_it_changed() -> None:
    data, context = written(row(1, "a.jpg"), row(2, "A.jpg"), row(3, "c.jpg", final_value=None))
    assert [one["file_name"] for one in data["images"]] == ["a.jpg", "A_item2.jpg", "c.jpg"]
    assert {sentence: loss.items for sentence, loss in context.report.losses.items()} == {RENAMED: [2], UNLABELED: [3]}
    assert context.report.lines()[0] == "3 items written."

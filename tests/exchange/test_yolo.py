import io
import re
import zipfile
from typing import Any

import pytest
import yaml

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.registry import WRITERS
from labeler.exchange.formats.yolo.names import as_yaml, names_in_yaml
from labeler.exchange.formats.yolo.write import UNLABELED, UNMEASURED
from labeler.exchange.rows import ExportRow, Row
from tests.exchange.datasets import CLASSES, bad, good, picture, read_set

YAML = "path: ../x  # here\ntrain: images/train\nnc: 2\nnames: ['cat', dog]\n"
LINE = "0 0.5 0.5 0.2 0.4"
BOX = {"label": "cat", "x": 40, "y": 15, "width": 20, "height": 20}
OUTLINE = "1 0.1 0.2 0.3 0.2 0.2 0.6"


def one(lines: str, task: str = "boxes") -> tuple[list[Row], list[str]]:
    entries = read_set("yolo", {"data.yaml": YAML, "images/a.jpg": picture(), "labels/a.txt": lines}, task)
    return good(entries), bad(entries)


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("images/train/a.jpg", "labels/train/a.txt"),
        ("train/images/a.jpg", "train/labels/a.txt"),
        ("images/a.jpg", "labels/a.txt"),
        ("set/images/val/sub/a.jpg", "set/labels/val/sub/a.txt"),
        ("obj_train_data/a.jpg", "obj_train_data/a.txt"),
    ],
)
def test_every_layout_is_read(image: str, label: str) -> None:
    entries = read_set("yolo", {"data.yaml": YAML, image: picture(), label: LINE + "\n"})
    (row,) = good(entries)
    assert (bad(entries), row.given_value, row.external_id) == ([], {"boxes": [BOX]}, image)


def test_background_is_an_answer_and_an_unlabeled_folder_is_none() -> None:
    files: dict[str, bytes | str] = {
        "classes.txt": "cat\ndog\n",
        "labels/train/a.txt": LINE,
        "labels/train/b.txt": "\n",
    }
    pictures = {f"images/{name}": picture() for name in ("train/a.jpg", "train/b.jpg", "train/c.jpg", "test/d.jpg")}
    entries = read_set("yolo", {**files, **pictures})
    assert bad(entries) == []
    assert {row.external_id: row.given_value for row in good(entries)} == {
        "images/train/a.jpg": {"boxes": [BOX]},
        "images/train/b.jpg": {"boxes": []},
        "images/train/c.jpg": {"boxes": []},
        "images/test/d.jpg": None,
    }
    assert [row.metadata["split"] for row in good(entries)] == ["train", "train", "train", "test"]


def test_lines_are_told_apart_one_by_one() -> None:
    (row,), _ = one(f"{LINE}\n\n{OUTLINE}\n")
    assert row.given_value == {"boxes": [BOX, {"label": "dog", "x": 10, "y": 10, "width": 20, "height": 20}]}
    (row,), _ = one(OUTLINE, "polygons")
    assert row.given_value == {"polygons": [{"label": "dog", "points": [[10, 10], [30, 10], [20, 30]]}]}
    (row,), _ = one("0 0.1 0.1 0.3 0.1 0.3 0.5 0.1 0.5")
    assert row.given_value == {"boxes": [{"label": "cat", "x": 10, "y": 5, "width": 20, "height": 20}]}


@pytest.mark.parametrize(
    ("line", "task", "reason"),
    [
        (LINE, "polygons", "no outline"),
        (f"{LINE} 0.93", "boxes", "what a model predicts"),
        ("0 0.5 0.1 0.9 0.5 0.5 0.9 0.1 0.5", "boxes", "turned box"),
        ("0 0.5 0.5 0.2 0.4 " + "0.1 " * 33, "boxes", "key points"),
        ("0 0.5 0.5", "boxes", "neither a box nor an outline"),
        ("2 0.5 0.5 0.2 0.4", "boxes", "class 2 has no name"),
        ("-1 0.5 0.5 0.2 0.4", "boxes", "no class number"),
        ("cat 0.5 0.5 0.2 0.4", "boxes", "no class number"),
        ("99999999999 0.5 0.5 0.2 0.4", "boxes", "no class number"),
        ("0 nan 0.5 0.2 0.4", "boxes", "not a number"),
        ("0 inf 0.5 0.2 0.4", "boxes", "not a number"),
        ("0 1e999 0.5 0.2 0.4", "boxes", "not a number"),
        ("0 0,5 0.5 0.2 0.4", "boxes", "not a number"),
        ("0 5 5 0.2 0.4", "boxes", "outside the picture"),
        ("0 0.5 0.5 0 0.4", "boxes", "no width"),
        ("0 0.1 0.1 0.1 0.1 0.1 0.1", "polygons", "fewer than three corners"),
    ],
)
def test_a_line_that_cannot_be_held_costs_itself_and_says_its_number(line: str, task: str, reason: str) -> None:
    (row,), (told,) = one(f"\n{line}\n", task)
    assert (row.given_value, row.left_out) == (None, ())
    assert told.startswith("line 2: ")
    assert re.search(reason, told)
    (row,), told_too = one(f"{OUTLINE}\n{line}\n", task)
    assert told_too == []
    assert len((row.given_value or {})[task]) == 1
    ((said, count),) = row.left_out
    assert (said, count) == (told, 1)


def test_what_lies_outside_is_clipped_and_told() -> None:
    (row,), _ = one("0 0.05 0.5 0.2 0.4")
    assert row.given_value == {"boxes": [{"label": "cat", "x": 0, "y": 15, "width": 15, "height": 20}]}
    assert row.metadata["clipped_objects"] == 1


def test_shares_are_of_the_upright_picture() -> None:
    files: dict[str, bytes | str] = {"data.yaml": YAML, "images/a.jpg": picture(100, 50, 6), "labels/a.txt": LINE}
    (row,) = good(read_set("yolo", files))
    assert row.given_value == {"boxes": [{"label": "cat", "x": 20, "y": 30, "width": 10, "height": 40}]}


def test_what_belongs_to_nothing_is_reported() -> None:
    files: dict[str, bytes | str] = {"data.yaml": YAML, "labels/a.txt": LINE}
    files |= {"images/a.jpg": picture(), "images/a.png": picture()}
    entries = read_set("yolo", {**files, "labels/b.txt": LINE, "README.txt": "hello"})
    assert len(good(entries)) == 1
    reasons = bad(entries)
    assert len(reasons) == 2
    assert "same name but for the ending" in reasons[0]
    assert "no picture for this label file" in reasons[1]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [cat, 'big dog', \"it's\"]", ["cat", "big dog", "it's"]),
        ("names: ['a, b',\n  c, # odd\n  d ]\nnc: 3", ["a, b", "c", "d"]),
        ("names: {0: cat, 1: dog}", ["cat", "dog"]),
        ("names:\n- cat\n- dog # barks\ntrain: x", ["cat", "dog"]),
        ("names:\n  0: cat\n  1: 'it''s'\n\n  # more\n  2: \"a \\\"b\\\"\"\nval: y", ["cat", "it's", 'a "b"']),
        ("\nnames:\r\n  0: hot-dog\r\n  1: traffic light\r\n", ["hot-dog", "traffic light"]),
    ],
)
def test_names_of_classes_are_read_in_every_plain_form(text: str, names: list[str]) -> None:
    assert names_in_yaml(text, "data.yaml") == dict(enumerate(names))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nc: 2",
        "names:",
        "names: cat",
        "names: [cat",
        "names: [[cat]]",
        "names: {cat: 0}",
        "names:\n  cat: 0",
        "names: [*anchor]",
        "names: !!python/object x",
        "names:\n  0: a\n  0: b",
        "names:\n  - {a: b}",
        "names: |\n  cat",
        "kpt_shape: [17, 3]\nnames: [person]",
    ],
)
def test_names_that_are_not_plain_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"data\.yaml"):
        names_in_yaml(text, "data.yaml")


@pytest.mark.parametrize("name", ["cat", "a: b", "x # y", 'say "hi"', "back\\slash", "- dash", "né, ja", "{}", "'"])
def test_a_name_that_goes_out_comes_in_again(name: str) -> None:
    assert names_in_yaml(f"names:\n  0: {as_yaml(name)}\n", "d") == {0: name}


def test_a_set_without_names_or_pictures_is_refused() -> None:
    with pytest.raises(Invalid, match="what the numbers mean"):
        read_set("yolo", {"images/a.jpg": picture(), "labels/a.txt": LINE})
    with pytest.raises(Invalid, match="no pictures"):
        read_set("yolo", {"data.yaml": YAML, "labels/a.txt": LINE})


def export(*rows: ExportRow) -> tuple[dict[str, str], ExportContext]:
    context = ExportContext("p", "P", "image", "boxes", CLASSES, "2026-02-03T10:00:00Z")
    data = b"".join(WRITERS["yolo"].write(rows, context))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}, context


def row(item: int, name: str, **others: Any) -> ExportRow:
    told = {"final_value": {"boxes": [BOX]}, "width": 100, "height": 50, **others}
    return ExportRow(item, f"id-{item}", None, name, "image", None, None, "1 cat", "given", None, **told)


def test_an_export_holds_labels_names_a_table_and_a_report() -> None:
    files, _ = export(row(1, "a.jpg"), row(2, "b.jpg", final_value={"boxes": []}, metadata={"split": "val"}))
    assert files["labels/train/a.txt"] == "0 0.500000 0.500000 0.200000 0.400000\n"
    assert files["labels/val/b.txt"] == ""
    assert "train: images/train\nval: images/val\n" in files["data.yaml"]
    assert names_in_yaml(files["data.yaml"], "d") == {0: "cat", 1: "dog"}
    assert "1,id-1,a.jpg,images/train/a.jpg,100,50" in files["pictures.csv"]
    assert files["report.txt"].startswith("2 items written.\n")


@pytest.mark.parametrize("splits", [("train",), ("val",), ("train", "val", "test"), ("validation", "dev")])
def test_ultralytics_finds_the_pictures_beside_the_file_wherever_it_is_started(splits: tuple[str, ...]) -> None:
    """Its rule: folders are below `path`, which is the file's own folder only where `path` is not given at all."""
    rows = [row(n, f"{n}.jpg", metadata={"split": split}) for n, split in enumerate(splits)]
    files, _ = export(*rows)
    told = yaml.safe_load(files["data.yaml"])
    assert "path" not in told
    folders = {f"images/{split}" for split in splits}
    assert {told[key] for key in ("train", "val", "test") if key in told} <= folders
    assert {"train", "val"} <= told.keys()
    labels = [name for name in files if name.startswith("labels/")]
    pictures = [line.split(",")[3] for line in files["pictures.csv"].splitlines()[1:]]
    assert [one.replace("images/", "labels/").replace(".jpg", ".txt") for one in pictures] == labels


def test_two_pictures_of_one_stem_get_two_label_files() -> None:
    files, context = export(row(1, "a.jpg"), row(2, "a.png"), row(3, "a.png", metadata={"split": "val"}))
    assert {"labels/train/a.txt", "labels/train/a_item2.txt", "labels/val/a.txt"} < set(files)
    assert "2,id-2,a.png,images/train/a_item2.png" in files["pictures.csv"]
    assert [loss.items for loss in context.report.losses.values()] == [[2]]


def test_an_item_without_a_label_or_a_size_gets_no_file_and_is_counted() -> None:
    files, context = export(row(1, "a.jpg", final_value=None), row(2, "b.jpg", width=None))
    assert not any(name.startswith("labels/") for name in files)
    assert set(context.report.losses) == {UNLABELED, UNMEASURED}
    assert UNLABELED in files["report.txt"]
    assert context.report.written == 2


def test_a_side_is_right_to_a_millionth_of_the_picture() -> None:
    size = {"width": 9973, "height": 7919}
    sides = {"x": 1.5, "y": 3333.3, "width": 0.004, "height": 4000.7}
    files, _ = export(row(1, "a.png", final_value={"boxes": [{"label": "cat", **sides}]}, **size))
    numbers = [float(number) for number in files["labels/train/a.txt"].split()[1:]]
    x, width = (numbers[0] - numbers[2] / 2) * 9973, numbers[2] * 9973
    assert abs(x - sides["x"]) <= 1e-6 * 9973
    assert 0 < abs(width - sides["width"]) <= 1e-6 * 9973

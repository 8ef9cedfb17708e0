"""Files as people have them, by the command: a part that is not understood costs itself and is called by its name."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_exchange_cases import ADA, IBM, Place, counts
from tests.exchange.datasets import annotation, coco, image, picture, zipped

TEXT = "Ada met IBM."
XML = "<annotations><version>1.1</version><meta><task><mode>interpolation</mode></task></meta>"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("LABELER_INSTANCE", str(tmp_path / "instance"))
    return Place(tmp_path)


def sent(place: Place, name: str, content: bytes | str | dict[str, Any] | list[Any]) -> Path:
    path = place.folder / "sent" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, dict | list):
        content = json.dumps(content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def refused(place: Place, path: Path, *more: str) -> str:
    """Import what cannot be read at all; returns what is said."""
    return place("import", "p", str(path), *more, status=1).stderr


def test_keys_that_are_not_known_cost_neither_the_span_nor_the_row(place: Place) -> None:
    place.made("text", "spans", "PER,ORG")
    span = {**ADA, "confidence": 0.5, "meta": {"a": [1, {"b": None}]}, "id": "x", "text": "Ada"}
    rows: list[dict[str, Any]] = [
        {"text": TEXT, "spans": [span, IBM], "_view_id": "ner", "tokens": [{"text": "Ada"}], "label": None}
    ]
    found = place.taken_in(sent(place, "a.jsonl", lines(*rows)))
    assert (counts(found), sum(found["left_out"].values())) == ((1, 0), 3), found
    assert place.rows()[0]["final_value"] == {"spans": [ADA, IBM]}


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_numbers_that_json_does_not_know_are_no_values(place: Place, name: str) -> None:
    place.made("text", "classification", "pos,neg")
    rows: list[dict[str, Any]] = [
        {"text": "one", "label": float("nan"), "price": float("nan")},
        {"text": "two", "label": "pos"},
    ]
    content = lines(*rows) if name.endswith("l") else json.dumps(rows)
    assert counts(place.taken_in(sent(place, name, content))) == (2, 0)
    assert [(row["text"], row["final_label"]) for row in place.rows()] == [("two", "pos")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text,label\none,1.0\ntwo,2\nthree,\n"),
        (
            "a.jsonl",
            lines({"text": "one", "label": 1.0}, {"text": "two", "label": 2}, {"text": "three", "label": None}),
        ),
        ("a.jsonl", lines({"text": "one", "label": "1.0"}, {"text": "two", "label": "2"}, {"text": "three"})),
    ],
)
@pytest.mark.parametrize("task", ["classification", "multilabel", "rating"])
def test_a_number_with_a_point_is_the_class_without_one(place: Place, name: str, content: str, task: str) -> None:
    place.made("text", task, "1,2,3")
    assert counts(place.taken_in(sent(place, name, content))) == (3, 0)
    assert [row["final_label"] for row in place.rows()] in (["1", "2"], [["1"], ["2"]])


def test_an_archive_of_windows_and_archives_in_it_are_told(place: Place) -> None:
    place.made("image", "boxes", "cat,dog")
    inner = zipped({"labels/b.txt": "0 0.5 0.5 0.2 0.4"})
    files: dict[str, bytes | str] = {
        "set\\images\\a.jpg": picture(),
        "set\\labels\\a.txt": "1 0.5 0.5 0.2 0.4\n",
        "set\\data.yaml": "names: [cat, dog]",
        "set\\more.zip": inner,
        "set\\labels.tar.gz": b"\x1f\x8b",
    }
    found = place.taken_in(sent(place, "win.zip", zipped(files)))
    assert counts(found) == (1, 2)
    assert sorted(row["file"] for row in found["rejected_rows"]) == ["set/labels.tar.gz", "set/more.zip"]
    assert all("archive within the set" in row["reason"] for row in found["rejected_rows"])
    assert place.rows()[0]["final_value"]["boxes"][0]["label"] == "dog"
    outer = sent(place, "outer.zip", zipped({"set.zip": zipped(files)}))
    assert "set.zip" in refused(place, outer)


@pytest.mark.parametrize("folder", ["xmls", "Annotations/train", "labels"])
def test_label_files_of_voc_are_found_wherever_they_lie(place: Place, folder: str) -> None:
    place.made("image", "boxes", "cat,dog")
    box = "<bndbox><xmin>11.0</xmin><ymin>11</ymin><xmax>60</xmax><ymax>30</ymax></bndbox>"
    xml = f"<annotation><filename>nan</filename><object><name>cat</name>{box}</object></annotation>"
    for name, content in (("pics/a.jpg", picture()), (f"{folder}/a.xml", xml), (f"{folder}/b.xml", xml)):
        sent(place, f"set/{name}", content)
    found = place.taken_in(place.folder / "sent" / "set")
    assert (counts(found), [row["file"] for row in found["rejected_rows"]]) == ((1, 1), [f"{folder}/b.xml"])
    assert place.rows()[0]["final_value"]["boxes"][0]["width"] == 50


def test_a_repeat_without_an_id_is_told_and_one_with_another_label_is_named(place: Place) -> None:
    place.made("text", "classification", "pos,neg")
    found = place.taken_in(sent(place, "a.csv", "text,label\nok,pos\nok,pos\nok,neg\nOK,neg\n"))
    assert (found["added"], found["unchanged"], found["rejected"]) == (2, 1, 1)
    assert any("together they are one item" in kind for kind in found["left_out"])
    assert [row["row"] for row in found["rejected_rows"]] == [3]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", '{"text": "Müller", "label": "pos"}\n'),
        ("a.tsv", "text\tlabel\nMüller\tpos\n"),
        ("a.json", '[{"text": "Müller", "label": "pos"}]'),
        ("a.txt", "__label__pos Müller\n"),
    ],
)
def test_windows_1252_is_called_so_in_every_text_format(place: Place, name: str, text: str) -> None:
    place.made("text", "classification", "pos,neg")
    path = sent(place, name, text.encode("cp1252"))
    assert "--encoding cp1252" in refused(place, path)
    assert counts(place.taken_in(path, "--encoding", "windows-1252")) == (1, 0)
    assert place.rows()[0]["text"] == "Müller"


def test_a_table_in_windows_1252_beside_pictures_is_called_so(place: Place) -> None:
    place.made("image", "classification", "Bär,cat")
    table = "file_name,label\na.jpg,Bär\n".encode("cp1252")
    for name, content in (("a.jpg", picture()), ("metadata.csv", table)):
        sent(place, f"set/{name}", content)
    path = place.folder / "sent" / "set"
    assert "--encoding cp1252" in refused(place, path)
    assert counts(place.taken_in(path, "--encoding", "cp1252")) == (1, 0)
    assert place.rows()[0]["final_label"] == "Bär"


VIA = {
    "a.jpg123": {
        "filename": "a.jpg",
        "size": 123,
        "regions": [{"shape_attributes": {"name": "rect", "x": 1, "y": 2, "width": 3, "height": 4}}],
        "file_attributes": {},
    }
}
SUPERVISELY = {"description": "", "tags": [], "size": {"height": 50, "width": 100}, "objects": []}
LABELBOX = {"data_row": {"id": "c1", "external_id": "a.jpg"}, "media_attributes": {}, "projects": {}}
DARWIN = {"version": "2.0", "schema_ref": "https://darwin-public.s3.amazonaws.com/darwin_json/2.0/schema.json"}
ROBOFLOW = "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,100,50,cat,1,2,3,4\n"
CREATE_ML = [{"image": "a.jpg", "annotations": [{"label": "cat", "coordinates": {"x": 1, "y": 1, "width": 2}}]}]
FOREIGN: list[tuple[str, Any, str]] = [
    ("a.jpg.json", SUPERVISELY, "Supervisely JSON"),
    ("via.json", VIA, "VGG Image Annotator (VIA) JSON"),
    ("via_project.json", {"_via_settings": {}, "_via_img_metadata": VIA}, "VGG Image Annotator (VIA) JSON"),
    ("via.csv", "#filename,file_size,file_attributes,region_count\na.jpg,1,{},0\n", "VGG Image Annotator (VIA) CSV"),
    ("export.ndjson", LABELBOX, "Labelbox"),
    ("a.json", DARWIN, "Darwin JSON (V7)"),
    ("_annotations.csv", ROBOFLOW, "TensorFlow Object Detection CSV, as Roboflow"),
    ("create.json", CREATE_ML, "Create ML JSON"),
    ("a.txt", "Car 0.00 0 -1.58 587.01 173.33 614.12 200.12 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59\n", "KITTI"),
    ("a.txt", "1.0 2.0 9.0 2.0 9.0 8.0 1.0 8.0 plane 0\n", "DOTA"),
    ("out.manifest", {"source-ref": "s3://b/a.jpg", "boxes-metadata": {}}, "SageMaker Ground Truth"),
]


@pytest.mark.parametrize(("name", "content", "title"), FOREIGN)
def test_a_format_of_another_tool_is_called_by_its_name(place: Place, name: str, content: Any, title: str) -> None:
    place.made("image", "boxes", "cat,dog")
    path = sent(place, f"set/labels/{name}", content)
    assert title in refused(place, path)
    assert "not read here" in refused(place, path)
    sent(place, "set/pictures/a.jpg", picture())
    said = refused(place, path.parent.parent)
    assert title in said, said
    assert "--format folder" in said
    found = place.taken_in(path.parent.parent, "--format", "folder")
    assert (counts(found), [row["file"] for row in found["rejected_rows"]]) == ((1, 1), [f"labels/{name}"])


def test_a_video_of_cvat_says_what_to_export_instead(place: Place) -> None:
    place.made("image", "boxes", "cat,dog")
    box = '<box frame="0" xtl="1" ytl="2" xbr="3" ybr="4" outside="0"/>'
    sent(place, "set/annotations.xml", f'{XML}<track id="0" label="cat">{box}</track></annotations>')
    sent(place, "set/images/frame_000000.jpg", picture())
    found = place.taken_in(place.folder / "sent" / "set", status=1)
    assert counts(found) == (0, 2)
    assert any("CVAT for video" in row["reason"] for row in found["rejected_rows"])
    assert place.rows() == [], "a picture of a video whose tracks were not read is not an empty one"


def test_texts_of_brat_are_called_so(place: Place) -> None:
    place.made("text", "spans", "PER,ORG")
    for name, content in (("a.txt", TEXT), ("a.ann", "T1\tPER 0 3\tAda\nR1\tmet Arg1:T1 Arg2:T2\n")):
        sent(place, f"brat/{name}", content)
    folder = place.folder / "sent" / "brat"
    assert "brat standoff" in refused(place, folder)
    assert "brat standoff" in refused(place, folder / "a.ann")
    with zipfile.ZipFile(place.folder / "brat.zip", "w") as archive:
        archive.write(folder / "a.txt", "a.txt")
        archive.write(folder / "a.ann", "a.ann")
    assert "brat standoff" in refused(place, place.folder / "brat.zip")


def test_a_folder_of_texts_says_what_to_make_of_it(place: Place) -> None:
    place.made("text", "classification", "pos,neg")
    sent(place, "texts/pos/a.txt", TEXT)
    assert "a table (CSV, JSON Lines)" in refused(place, place.folder / "sent" / "texts")


def test_odd_tags_cost_themselves_and_not_their_sentence(place: Place) -> None:
    place.made("text", "spans", "PER,ORG")
    conll = (
        "Ada b-PER\nmet o\nIBM B_ORG\n. _\n\n"  # small letters, another mark, and one that nobody knows
        "Bob PER-B\nslept O\n\n"
        "Eve I-PER\nLee I-PER\nand O\nIBM B-\n"
    )
    found = place.taken_in(sent(place, "a.conll", conll))
    assert counts(found) == (3, 0), found
    assert sum(found["left_out"].values()) == 3
    values = {row["text"]: row["final_value"] for row in place.rows()}
    assert values == {
        "Ada met IBM .": {"spans": [ADA, IBM]},
        "Eve Lee and IBM": {"spans": [{"label": "PER", "start": 0, "end": 7}]},
    }, "where a tag was lost and nothing is left there is no label"


def test_broken_numbers_in_coco_cost_their_object(place: Place) -> None:
    place.made("image", "boxes", "cat,dog")
    spoilt = [annotation(1), annotation(2, bbox=[float("nan"), 1, 2, 3]), annotation(3, category_id=float("nan"))]
    named = image(name="C:\\data\\a.jpg", width=float("nan"), height=None)
    sent(place, "set/a.jpg", picture())
    sent(place, "set/c.json", coco([named], spoilt))
    found = place.taken_in(place.folder / "sent" / "set")
    assert (counts(found), sum(found["left_out"].values())) == ((1, 0), 2), found
    assert len(place.rows()[0]["final_value"]["boxes"]) == 1

"""Files that went wrong once, each by the command with what is right now; they lie beside the project."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from labeler.__main__ import _make_app
from labeler.cli import labeler
from tests.shared import shared_case_or_skip

Found = dict[str, Any]
ADA, IBM = {"label": "PER", "start": 0, "end": 3}, {"label": "ORG", "start": 8, "end": 11}
CAT = {"label": "cat", "x": 80, "y": 40, "width": 40, "height": 20}


class Place:
    """An instance with one project, and the commands on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, status: int = 0) -> Result:
        result = CliRunner().invoke(labeler, list(arguments), obj=_make_app)
        assert result.exit_code == status, result.output
        return result

    def made(self, media: str, task: str, classes: str, *more: str) -> None:
        self("project", "create", "p", "--media", media, "--task", task, "--classes", classes, *more)

    def taken_in(self, path: Path, *more: str, status: int = 0) -> Found:
        found: Found = json.loads(self("import", "p", str(path), "--json", *more, status=status).stdout)
        return found

    def out(self, name: str = "jsonl", status: int = 0) -> str:
        path = self.folder / f"out.{name}"
        self("export", "p", "--format", name, "--people", "emails", "--out", str(path), status=status)
        return path.read_text(encoding="utf-8")

    def rows(self) -> list[Found]:
        return [json.loads(line) for line in self.out().splitlines()]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("LABELER_INSTANCE", str(tmp_path / "instance"))
    return Place(tmp_path)


Case = Callable[[str], Path]


@pytest.fixture
def case() -> Case:
    return lambda name: shared_case_or_skip("exchange", name)


def counts(found: Found) -> tuple[int, int]:
    return found["added"], found["rejected"]


def test_answers_beyond_the_wanted_votes_are_told_everywhere_and_count_after_one_command(
    place: Place, case: Case
) -> None:
    path = case("01-votes-beyond") / "three.json"
    place.made("text", "classification", "pos,neg")
    place.taken_in(path)
    found = place.taken_in(path, "--as", "annotations")
    assert (found["added"], found["not_counted"]) == (3, 2)
    assert [len(row["votes"]) for row in place.rows()] == [1]
    assert "labeler project votes p 3" in place("import", "p", str(path), "--as", "annotations").stdout
    place("project", "votes", "p", "3")
    (row,) = place.rows()
    assert (row["final_label"], row["confidence"] > 0.5, len(row["votes"])) == ("neg", True, 3)


def test_only_what_was_accepted_in_prodigy_is_a_label(place: Place, case: Case) -> None:
    place.made("text", "spans", "PER,ORG")
    assert counts(place.taken_in(case("02-prodigy") / "spans.jsonl")) == (3, 0)
    assert [row["final_value"] for row in place.rows()] == [{"spans": [ADA]}]
    place("project", "create", "q", "--media", "text", "--task", "classification", "--classes", "pos,neg")
    place("import", "q", str(case("02-prodigy") / "textcat.jsonl"))
    place("export", "q", "--format", "jsonl", "--out", str(place.folder / "q.jsonl"))
    (row,) = map(json.loads, (place.folder / "q.jsonl").read_text().splitlines())
    assert (row["text"], row["given_label"]) == ("Good", "pos")


@pytest.mark.parametrize("name", ["a", "b"])
def test_a_span_may_have_fields_that_are_not_known_here(place: Place, case: Case, name: str) -> None:
    place.made("text", "spans", "PER,ORG")
    assert counts(place.taken_in(case("03-span-extra-keys") / f"{name}.jsonl")) == (1, 0)
    assert [row["final_value"] for row in place.rows()] == [{"spans": [ADA]}]


def test_the_short_json_of_label_studio_is_read(place: Place, case: Case) -> None:
    place.made("text", "spans", "PER,ORG")
    assert counts(place.taken_in(case("04-ls-json-min") / "spans.json")) == (1, 0)
    assert [row["final_value"] for row in place.rows()] == [{"spans": [ADA, IBM]}]


def test_coco_goes_out_with_the_numbers_and_the_outlines_it_came_in_with(place: Place, case: Case) -> None:
    path = case("05-coco-roundtrip")
    place.made("image", "polygons", "cat,dog")
    assert counts(found := place.taken_in(path)) == (1, 0)
    assert found["left_out"] == {}
    came, went = json.loads((path / "annotations.json").read_text()), json.loads(place.out("coco"))
    assert [one["id"] for one in went["images"]] == [17]
    assert {one["id"]: one["name"] for one in went["categories"]} == {3: "cat", 90: "dog"}
    known = ("image_id", "category_id", "bbox", "area", "segmentation", "iscrowd")
    assert [[one[key] for key in known] for one in went["annotations"]] == [
        [one[key] for key in known] for one in came["annotations"]
    ]


def test_a_boxes_project_takes_the_boxes_of_crowds(place: Place, case: Case) -> None:
    place.made("image", "boxes", "person,dog")
    found = place.taken_in(case("06-coco-crowd-boxes"))
    assert counts(found) == (1, 0)
    assert (found["incomplete_rows"], sum(found["left_out"].values())) == ([], 1), "the outlines, by kind"
    (row,) = place.rows()
    sides = [[box[side] for side in ("x", "y", "width", "height")] for box in row["final_value"]["boxes"]]
    assert sides == [[2, 2, 5, 5], [10, 0, 10, 10]]
    assert [one["iscrowd"] for one in json.loads(place.out("coco"))["annotations"]] == [0, 1]


def test_names_that_python_wrote_are_read(place: Place, case: Case) -> None:
    place.made("image", "boxes", "König,Fußgänger")
    assert counts(place.taken_in(case("08-yolo-yaml-escapes"))) == (1, 0)
    assert [row["final_value"] for row in place.rows()] == [{"boxes": [{**CAT, "label": "Fußgänger"}]}]


def test_labels_in_a_folder_with_a_capital_are_found(place: Place, case: Case) -> None:
    place.made("image", "boxes", "cat,dog")
    assert counts(place.taken_in(case("09-yolo-labels-elsewhere"))) == (1, 0)
    assert [row["final_value"] for row in place.rows()] == [{"boxes": [CAT]}]


def test_a_zip_from_windows_has_folders(place: Place, case: Case) -> None:
    place.made("image", "classification", "cat,dog")
    assert counts(place.taken_in(case("10-zip-backslash") / "win.zip")) == (2, 0)
    assert {row["external_id"]: row["final_label"] for row in place.rows()} == {"cat/a.png": "cat", "dog/b.png": "dog"}


def test_pascal_voc_is_read_and_its_masks_are_no_items(place: Place, case: Case) -> None:
    place.made("image", "boxes", "cat,dog")
    found = place.taken_in(case("11-voc"))
    assert counts(found) == (1, 1)
    assert [row["file"] for row in found["rejected_rows"]] == ["SegmentationClass/a.png"]
    (row,) = place.rows()
    (box,) = row["final_value"]["boxes"]
    corners = box["x"] + 1, box["y"] + 1, box["x"] + box["width"], box["y"] + box["height"]
    assert (box["label"], corners) == ("cat", (3, 2, 8, 6))


def test_a_table_of_excel_in_windows_1252_says_how_to_read_it(place: Place, case: Case) -> None:
    path = case("12-cp1252") / "excel.csv"
    place.made("text", "classification", "pos,neg")
    assert "--encoding cp1252" in place("import", "p", str(path), status=1).stderr
    assert counts(place.taken_in(path, "--encoding", "cp1252")) == (2, 0)
    assert place.rows()[0]["text"] == "Müller sagt „ja“ – 5 €"  # noqa: RUF001 - as Excel wrote it


def test_the_line_that_names_the_separator_is_no_header(place: Place, case: Case) -> None:
    place.made("text", "classification", "pos,neg")
    assert counts(place.taken_in(case("13-excel-sep-line") / "sep.csv")) == (2, 0)
    assert [row["text"] for row in place.rows()] == ["a, b, c", "ok"]


def test_an_answer_keeps_when_it_was_given_how_long_it_took_and_what_was_said(place: Place, case: Case) -> None:
    path = case("14-vote-times")
    place.made("text", "classification", "a,b")
    place.taken_in(path / "items.jsonl")
    place.taken_in(path / "votes.jsonl", "--as", "annotations")
    (vote,) = place.rows()[0]["votes"]
    assert vote["created_at"] == "2024-01-02T03:04:05+00:00"
    assert (vote["seconds"], vote["comment"]) == (4.5, "because")


def test_answers_that_look_like_doccano_are_read_with_who_gave_them(place: Place, case: Case) -> None:
    path = case("15-answers-taken-for-doccano")
    place.made("text", "spans", "PER,ORG")
    place.taken_in(path / "items.jsonl")
    assert counts(place.taken_in(path / "votes.jsonl", "--as", "annotations")) == (1, 0)
    (vote,) = place.rows()[0]["votes"]
    assert (vote["annotator"], vote["value"]) == ("a@example.org", {"spans": [ADA]})


def test_a_sentence_that_stands_again_is_an_item_again(place: Place, case: Case) -> None:
    place.made("text", "spans", "PER,LOC,ORG")
    path = case("16-conll-repeats") / "dup.conll"
    assert counts(place.taken_in(path)) == (5, 0)
    rows = place.rows()
    assert [row["text"] for row in rows] == ["LONDON", "Ada won", "LONDON", "LONDON", "Ada won"]
    assert [row["final_value"]["spans"][0]["label"] for row in rows] == ["LOC", "PER", "LOC", "ORG", "PER"]
    assert place.out("conll").count("LONDON") == 3
    again = place.taken_in(path)
    assert (again["added"], again["unchanged"], again["rejected"]) == (0, 5, 0)


def test_a_cell_without_a_value_is_no_label(place: Place, case: Case) -> None:
    place.made("text", "classification", "pos,neg")
    assert counts(place.taken_in(case("17-nan-labels") / "pandas.csv")) == (4, 0)
    assert [row["external_id"] for row in place.rows()] == ["1"]


def test_what_is_left_out_of_a_set_is_named_by_its_file(place: Place, case: Case) -> None:
    place.made("image", "boxes", "cat,dog")
    path = case("18-rejects-name-no-file")
    found = place.taken_in(path)
    assert counts(found) == (3, 2)
    assert sorted(row["file"] for row in found["rejected_rows"]) == ["images/10.png", "images/2.png"]
    said = place("import", "p", str(path)).output
    assert "images/10.png" in said
    assert "images/2.png" in said
    assert [row["image"] for row in place.rows()] == ["1.png"]


def test_a_jfif_is_a_picture(place: Place, case: Case) -> None:
    place.made("image", "classification", "cat,dog")
    assert counts(place.taken_in(case("19-jfif"))) == (1, 0)
    (row,) = place.rows()
    assert (row["external_id"], row["final_label"]) == ("cat/a.jfif", "cat")


def test_a_workbook_in_pieces_is_called_one_and_no_zip_of_images(place: Place, case: Case) -> None:
    place.made("text", "classification", "positive,negative,neutral")
    said = place("import", "p", str(case("20-xlsx-other-order") / "table.xlsx"), status=1).stderr
    assert "table.xlsx is a spreadsheet" in said
    assert "save it as CSV" in said

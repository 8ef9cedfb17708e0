"""Joining labels, and classes, from the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from labeler.__main__ import _make_app
from labeler.cli import labeler

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LABELER_INSTANCE", str(tmp_path / "instance"))

    def invoke(*arguments: str, status: int = 0, stdin: str = "") -> Result:
        result = CliRunner().invoke(labeler, list(arguments), obj=_make_app, input=stdin)
        assert result.exit_code == status, result.output
        return result

    return invoke


@pytest.fixture
def pets(run: Run) -> str:
    run("project", "create", "pets", "--media", "text", "--task", "classification", "--classes", "cat,dog")
    return "pets"


def write(path: Path, content: str | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def test_labels_alone_join_pictures_that_are_there(run: Run, tmp_path: Path) -> None:
    run("project", "create", "pics", "--media", "image", "--task", "boxes", "--classes", "cat,dog")
    pictures, labels = tmp_path / "pictures", tmp_path / "labels"
    pictures.mkdir()
    labels.mkdir()
    Image.new("RGB", (100, 80), "red").save(pictures / "a.png")
    run("import", "pics", str(pictures))
    found = {
        "images": [{"id": 1, "file_name": "a.png", "width": 100, "height": 80}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 50, 50]}],
        "categories": [{"id": 1, "name": "cat"}],
    }
    path = write(labels / "labels.json", json.dumps(found))
    said = json.loads(run("import", "pics", path, "--json").stdout)
    assert (said["added"], said["changed"], said["rejected"]) == (0, 1, 0)
    assert json.loads(run("project", "show", "pics", "--json").stdout)["items"] == 1
    assert json.loads(run("import", "pics", path, "--as", "labels", "--json").stdout)["unchanged"] == 1
    answers = run("import", "pics", path, "--as", "annotations", "--annotator", "mira@example.org", "--json")
    assert json.loads(answers.stdout)["added"] == 1
    assert (
        "Say whose answers they are (--annotator" in run("import", "pics", path, "--as", "annotations", status=1).stderr
    )


def test_what_joins_nothing_is_named_and_nothing_at_all_ends_non_zero(run: Run, pets: str, tmp_path: Path) -> None:
    run("import", pets, write(tmp_path / "i.csv", "id,text\n1,meow\n"))
    result = run("import", pets, write(tmp_path / "l.csv", "id,label\n9,cat\n"), "--as", "labels", status=1)
    assert "row 1 (id): No item of this project has this id" in result.stderr


def test_a_single_picture_is_imported(run: Run, tmp_path: Path) -> None:
    run("project", "create", "pics", "--media", "image", "--task", "classification", "--classes", "cat,dog")
    Image.new("RGB", (9, 9), "red").save(tmp_path / "a.png")
    assert json.loads(run("import", "pics", str(tmp_path / "a.png"), "--json").stdout)["added"] == 1


def test_empty_cells_beyond_the_last_column_cost_nothing(run: Run, pets: str, tmp_path: Path) -> None:
    content = "id;text;label\n1;meow;cat;;\n2;woof;dog; \n3;purr;cat;x\n"
    said = json.loads(run("import", pets, write(tmp_path / "a.csv", content), "--json").stdout)
    assert (said["added"], said["rejected"]) == (2, 1)
    assert said["rejected_rows"][0]["row"] == 3
    assert "too many columns: 4 instead of 3" in said["rejected_rows"][0]["reason"]


def test_the_line_of_excel_that_names_the_separator_is_no_header(run: Run, pets: str, tmp_path: Path) -> None:
    content = "sep=;\r\ntext;label\r\na, b, c;cat\r\nok;dog\r\n"
    assert json.loads(run("import", pets, write(tmp_path / "a.csv", content), "--json").stdout)["added"] == 2


def test_a_file_of_german_excel_is_refused_whole_with_the_option_and_a_line(
    run: Run, pets: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", "text;label\nMüller sagt „ja“ \u2013 5 €;cat\nplain;dog\n".encode("cp1252"))
    refused = run("import", pets, path, status=1).stderr
    assert "--encoding cp1252" in refused
    assert "Line 2 would read: Müller sagt „ja“ \u2013 5 €;cat" in refused
    assert json.loads(run("import", pets, path, "--encoding", "cp1252", "--json").stdout)["added"] == 2


def test_classes_with_commas_in_their_names(run: Run) -> None:
    new = ("--media", "text", "--task", "classification", "--classes", '"red, dark",blue', "--class", "a, b")
    run("project", "create", "p", *new)
    shown = json.loads(run("project", "classes", "p", "--json").stdout)
    assert [one["name"] for one in shown] == ["red, dark", "blue", "a, b"]


def test_classes_are_added_renamed_and_taken_away(run: Run, pets: str, tmp_path: Path) -> None:
    run("import", pets, write(tmp_path / "i.csv", "id,text,label\n1,meow,cat\n2,woof,dog\n"))
    shown = run("project", "classes", pets, "--add", "horse, wild", "--rename", "cat", "Cat").stdout
    assert shown == "Cat: 1 given labels\ndog: 1 given labels\nhorse, wild: not used\n"
    assert "in use (1 given labels)" in run("project", "classes", pets, "--remove", "dog", status=1).stderr
    run("project", "classes", pets, "--remove", "horse, wild")
    assert "lion" in run("project", "classes", pets, "--rename", "lion", "x", status=1).stderr


def test_a_merge_says_how_much_it_touches_and_asks(run: Run, pets: str, tmp_path: Path) -> None:
    run("project", "classes", pets, "--add", "puppy")
    run("import", pets, write(tmp_path / "i.csv", "id,text,label\n1,meow,cat\n2,woof,puppy\n"))
    votes = write(tmp_path / "v.csv", "id,annotator,label\n2,a@example.org,puppy\n")
    run("import", pets, votes, "--as", "annotations")
    asked = run("project", "classes", pets, "--merge", "puppy", "dog", status=1, stdin="n\n")
    assert "touches 1 answers, 1 given labels and cannot be undone" in asked.stderr
    assert len(json.loads(run("project", "classes", pets, "--json").stdout)) == 3
    merge = ("project", "classes", pets, "--merge", "puppy", "dog")
    tried = json.loads(run(*merge, "--dry-run", "--json").stdout)
    assert (tried["answers"], tried["given"], tried["flags"], tried["total"]) == (1, 1, 0, 2)
    assert "2 in all and not 3" in run(*merge, "--confirm", "3", status=1).stderr
    merged = json.loads(run(*merge, "--confirm", "2", "--json").stdout)
    assert {one["name"]: (one["answers"], one["given"]) for one in merged} == {"cat": (0, 1), "dog": (1, 1)}

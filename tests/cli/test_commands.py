"""The command line as outside tools use it: exit codes, one line on an error, JSON and nothing else."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from labeler.__main__ import _make_app
from labeler.cli import labeler
from labeler.storage.database import Database
from labeler.storage.migrations import upgrade
from tests.conftest import Made

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
    run(
        "project",
        "create",
        "pets",
        "--media",
        "text",
        "--task",
        "classification",
        "--classes",
        "cat,dog",
        "--votes",
        "2",
    )
    return "pets"


def write_csv(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.mark.parametrize(
    "command",
    [(), ("demo",), ("serve",), ("worker",), ("user", "add"), ("token", "create"), ("project", "create"),
     ("project", "member"), ("import",), ("inspect",), ("agreement",), ("flags",), ("export",), ("audit",)],
)  # fmt: skip
def test_every_command_has_help(run: Run, command: tuple[str, ...]) -> None:
    assert "Usage:" in run(*command, "--help").output


def test_a_mistake_is_one_clear_line_and_a_status(run: Run) -> None:
    result = run("inspect", "nowhere", status=1)
    assert result.stdout == ""
    assert result.stderr == "Error: There is no project 'nowhere'.\n"


def test_accounts_tokens_and_members(run: Run, pets: str) -> None:
    run("user", "add", "ann@example.org", "--role", "annotator", "--password-stdin", stdin="correct horse battery\n")
    run("project", "member", pets, "ann@example.org", "--role", "annotator")
    assert len(run("token", "create", "ann@example.org").stdout.strip()) == 43
    run("user", "add", "ann@example.org", "--role", "lead", status=1)
    run("project", "member", pets, "nobody@example.org", "--role", "lead", status=1)


def test_good_rows_come_in_and_bad_ones_are_named(run: Run, pets: str, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv", ("id", "text", "label"), ("1", "meow", "cat"), ("2", "", "dog"), ("3", "x", "lion")
    )
    found = json.loads(run("import", pets, str(path), "--json").stdout)
    assert (found["added"], found["rejected"]) == (1, 2)
    assert sorted(row["row"] for row in found["rejected_rows"]) == [2, 3]
    again = json.loads(run("import", pets, str(path), "--json").stdout)
    assert (again["added"], again["unchanged"]) == (0, 1)


def test_a_missing_column_is_an_error_that_names_what_there_is(run: Run, pets: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ("id", "body_of_it"), ("1", "meow"))
    result = run("import", pets, str(path), status=1)
    assert "body_of_it" in result.stderr


def test_invalid_utf_8_costs_its_row_and_no_other(run: Run, pets: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,text\n1,good\n2,b\xff\xfed\n3,also good\n")
    found = json.loads(run("import", pets, str(path), "--json").stdout)
    assert (found["added"], found["rejected"]) == (2, 1)
    assert "byte" in found["rejected_rows"][0]["reason"]


def test_a_corrupt_picture_costs_its_row_and_no_other(run: Run, tmp_path: Path) -> None:
    run("project", "create", "pics", "--media", "image", "--task", "classification", "--classes", "cat,dog")
    folder = tmp_path / "pics"
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
    Image.new("RGB", (8, 8), "red").save(folder / "cat" / "a.png")
    (folder / "dog" / "b.png").write_bytes((folder / "cat" / "a.png").read_bytes()[:40])
    found = json.loads(run("import", "pics", str(folder), "--json").stdout)
    assert (found["added"], found["rejected"]) == (1, 1)
    assert found["rejected_rows"][0]["column"] == "image"


def test_votes_from_a_file_give_agreement_and_an_export(run: Run, pets: str, tmp_path: Path) -> None:
    items = write_csv(tmp_path / "i.csv", ("id", "text"), ("1", "=1+1"), ("2", "woof"))
    votes = write_csv(
        tmp_path / "v.csv",
        ("id", "annotator", "label"),
        ("1", "ann@example.org", "cat"),
        ("1", "bob@example.org", "cat"),
        ("2", "ann@example.org", "dog"),
        ("2", "bob@example.org", "cat"),
    )
    run("import", pets, str(items))
    assert json.loads(run("import", pets, str(votes), "--as", "annotations", "--json").stdout)["added"] == 4
    agreed = json.loads(run("agreement", pets, "--json").stdout)
    assert agreed["percent"] == 0.5
    assert agreed["interval"] is None
    assert agreed["reason"]
    out = tmp_path / "out.csv"
    said = json.loads(run("export", pets, "--format", "csv", "--out", str(out), "--json").stdout)
    assert (said["written"], said["left_out"]["tied"]) == (1, 1)
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["final_label"] == "cat"
    assert rows[0]["text"] == "'=1+1"


def test_an_export_by_choice_is_split_filtered_and_says_so(run: Run, pets: str, tmp_path: Path) -> None:
    lines = [(str(n), f"text {n}", "cat" if n % 2 else "dog", f"p{n % 10}") for n in range(40)]
    run("import", pets, str(write_csv(tmp_path / "i.csv", ("id", "text", "label", "patient"), *lines)))
    out = tmp_path / "out.csv"
    options = ("--class", "cat", "--split", "80/10/10", "--seed", "3", "--group-by", "patient", "--json")
    said = json.loads(run("export", pets, "--format", "csv", "--out", str(out), *options).stdout)
    assert (said["written"], said["left_out"]["filtered"]) == (20, 20)
    assert said["contents"]["given"] == {"inside": 20, "all": 40}
    assert said["choices"]["split"]["group_by"] == ["patient"]
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {part["name"]: part["items"] for part in said["parts"]} == {
        part: sum(row["split"] == part for row in rows) for part in ("train", "val", "test")
    }
    parts = {json.loads(row["metadata"])["patient"]: set() for row in rows}  # type: dict[str, set[str]]
    for row in rows:
        parts[json.loads(row["metadata"])["patient"]].add(row["split"])
    assert all(len(found) == 1 for found in parts.values())
    plain = run("export", pets, "--format", "csv", "--out", str(out), "--split", "80/20")
    assert "train: 32" in plain.stdout
    assert "In it, with an existing label that nobody has seen: 40" in plain.stderr
    refused = run("export", pets, "--format", "csv", "--out", str(out), "--split", "80/10", status=1)
    assert refused.stderr == "Error: The shares of the parts must add up to 100%.\n"
    assert len(out.read_text().splitlines()) == 41


def test_answers_beyond_the_wanted_votes_are_told_and_one_command_counts_them(run: Run, tmp_path: Path) -> None:
    run("project", "create", "crowd", "--media", "text", "--task", "classification", "--classes", "a,b")
    run("import", "crowd", str(write_csv(tmp_path / "i.csv", ("id", "text"), ("1", "hm"))))
    votes = [("1", f"w{number}@crowd.org", label) for number, label in enumerate("baa")]
    path = str(write_csv(tmp_path / "v.csv", ("id", "annotator", "label"), *votes))
    told = run("import", "crowd", path, "--as", "annotations").stdout
    assert "2 answers came beyond the wanted votes" in told
    assert "labeler project votes crowd 3" in told
    assert "2 late answers count now, 0 do not" in run("project", "votes", "crowd", "3").stdout
    again = json.loads(run("import", "crowd", path, "--as", "annotations", "--json").stdout)
    assert [again[name] for name in ("added", "changed", "unchanged", "not_counted")] == [0, 0, 3, 0]
    run("project", "votes", "crowd", "0", status=1)


def test_an_import_that_leaves_everything_out_ends_with_a_status(run: Run, pets: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ("id", "text", "label"), ("1", "x", "lion"), ("2", "y", "tiger"))
    found = json.loads(run("import", pets, str(path), "--json", status=1).stdout)
    assert (found["added"], found["rejected"], list(found["left_out"].values())) == (0, 2, [2])
    assert [(row["file"], row["row"], row["field"]) for row in found["rejected_rows"]] == [
        ("a.csv", 1, "label"),
        ("a.csv", 2, "label"),
    ]
    path.write_bytes("text\nM\u00fcller\n".encode("cp1252"))
    assert "--encoding cp1252" in run("import", pets, str(path), status=1).stderr
    assert json.loads(run("import", pets, str(path), "--encoding", "cp1252", "--json").stdout)["added"] == 1


def test_an_export_says_what_its_format_could_not_hold(run: Run, tmp_path: Path) -> None:
    classes = ("--classes", "person,place")
    run("project", "create", "texts", "--media", "text", "--task", "spans", *classes)
    spans = [{"label": "person", "start": start, "end": 3} for start in (0, 1)]
    items = tmp_path / "items.jsonl"
    items.write_text(json.dumps({"text": "Ada met Charles", "spans": spans}), encoding="utf-8")
    assert json.loads(run("import", "texts", str(items), "--json").stdout)["added"] == 1
    out = tmp_path / "out.conll"
    said = json.loads(run("export", "texts", "--format", "conll", "--out", str(out), "--json").stdout)
    assert said["written"] == 1
    assert [(one["count"], len(one["items"])) for one in said["lost"]] == [(1, 1)]
    assert "overlaps" in said["lost"][0]["what"]
    assert "overlaps" in run("export", "texts", "--format", "conll", "--out", str(out)).stderr
    refused = run("export", "texts", "--format", "coco", "--out", str(tmp_path / "x"), status=1)
    assert "Fitting formats: csv" in refused.stderr
    assert not list(tmp_path.glob("x*"))


@pytest.mark.slow
def test_the_pass_runs_in_the_foreground_and_its_flags_are_listed(run: Run, pets: str, tmp_path: Path) -> None:
    rows = [(f"c{n}", f"the cat purrs softly number {n}", "cat") for n in range(30)]
    rows += [(f"d{n}", f"a dog barks loudly number {n}", "dog") for n in range(30)]
    rows += [("wrong", "the cat purrs softly again", "dog")]
    run("import", pets, str(write_csv(tmp_path / "i.csv", ("id", "text", "label"), *rows)))
    assert "no inspection" in run("flags", pets).stderr
    assert json.loads(run("inspect", pets, "--json").stdout)["state"] == "done"
    scored = [json.loads(line) for line in run("flags", pets, "--all", "--json").stdout.splitlines()]
    assert len(scored) == 61
    assert [row["score"] for row in scored] == sorted((row["score"] for row in scored), reverse=True)
    worst = next(json.loads(line) for line in run("flags", pets, "--json").stdout.splitlines())
    assert (worst["kind"], worst["external_id"], worst["suggested_label"]) == ("label_error", "wrong", "cat")


def test_an_instance_of_a_made_project_opens_from_the_command_line(
    make_project: Callable[..., Made], database: Database, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    monkeypatch.setenv("LABELER_INSTANCE", str(settings.instance))  # type: ignore[attr-defined]
    made = make_project()
    assert not upgrade(database)
    result = CliRunner().invoke(labeler, ["agreement", made.slug], obj=_make_app)
    assert result.exit_code == 0
    assert "No item has two answers yet." in result.output


def test_a_file_or_a_database_that_cannot_be_reached_is_one_line(run: Run, pets: str, tmp_path: Path) -> None:
    missing = tmp_path / "none" / "out.csv"
    assert len(run("export", pets, "--format", "csv", "--out", str(missing), status=1).stderr.splitlines()) == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABELER_DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/none")
        assert len(run("agreement", pets, status=1).stderr.splitlines()) == 1


def test_vectors_are_imported_replaced_and_forgotten(run: Run, pets: str, tmp_path: Path) -> None:
    run("import", pets, str(write_csv(tmp_path / "items.csv", ("id", "text"), ("a", "one"), ("b", "two"))))
    np.savez(tmp_path / "clip.npz", ids=np.array(["a", "zz"]), vectors=np.ones((2, 3)))
    said = json.loads(run("import", pets, str(tmp_path / "clip.npz"), "--as", "vectors", "--json").stdout)
    assert {name: said[name] for name in ("added", "rejected")} == {"added": 1, "rejected": 1}
    assert "no item of this project has this id" in said["rejected_rows"][0]["reason"]
    np.savez(tmp_path / "longer.npz", ids=np.array(["b"]), vectors=np.ones((1, 4)))
    refused = run("import", pets, str(tmp_path / "longer.npz"), "--as", "vectors", status=1)
    assert "so they are of another model" in refused.output
    run("import", pets, str(tmp_path / "longer.npz"), "--as", "vectors", "--replace")
    assert run("project", "forget", pets, "vectors").stdout == "The vectors of pets are removed.\n"
    assert run("project", "forget", pets, "vectors").stdout == "pets has no vectors.\n"

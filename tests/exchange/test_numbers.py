"""Vectors and probabilities worked out elsewhere: read, joined to items, heard by the next label check, kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from labeler import workflow
from labeler.errors import Invalid
from labeler.exchange.actions import ImportResult
from labeler.exchange.numbers import NumbersRow, open_numbers
from labeler.exchange.reading import options_of
from labeler.exchange.rows import RejectedRow
from labeler.exchange.sources import ReadOptions, Source, Wants
from labeler.jobs.runner import Worker
from labeler.projects import actions as projects
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of, imports_of
from labeler.quality import imported
from labeler.quality.input import current_dataset
from labeler.quality.models import Inspection
from labeler.storage.backup import back_up, silent
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.leftovers import remove_imported_of_others
from labeler.storage.migrations import HEAD
from labeler.storage.restore import restore
from tests.conftest import Made

CLASSES = ("cat", "dog", "neither")
MakeProject = Callable[..., Made]


def read(path: Path, wants: Wants = "vectors") -> tuple[str, list[NumbersRow], list[RejectedRow]]:
    options = ReadOptions(wants=wants, classes=CLASSES)
    name, rows = open_numbers(Source.local(path), None, options)
    found = list(rows)
    good = [row for row in found if isinstance(row, NumbersRow)]
    return name, good, [row for row in found if isinstance(row, RejectedRow)]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


VECTOR_FILES: dict[str, Callable[[Path], Path]] = {
    "npz": lambda folder: _npz(folder / "a.npz", ids=np.array(["e0", "e1"]), vectors=np.array([[1, 2], [3, 4.5]])),
    "jsonl": lambda folder: write(
        folder / "a.jsonl", '{"id": "e0", "vector": [1, 2]}\n{"id": "e1", "vector": [3, 4.5], "label": "cat"}\n'
    ),
    "json": lambda folder: write(
        folder / "a.json", json.dumps([{"id": "e0", "embedding": [1, 2]}, {"id": "e1", "embedding": [3, 4.5]}])
    ),
    "csv": lambda folder: write(folder / "a.csv", "id,label,d0,d1,note\ne0,cat,1,2,first\ne1,dog,3,4.5,last\n"),
    "tsv": lambda folder: write(folder / "a.tsv", 'id\tvector\ne0\t[1, 2]\ne1\t"[3, 4.5]"\n'),
    "parquet": lambda folder: _parquet(folder / "a.parquet", {"id": ["e0", "e1"], "vector": [[1.0, 2.0], [3.0, 4.5]]}),
}


def _npz(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def _parquet(path: Path, columns: dict[str, list[Any]]) -> Path:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(columns), path)
    return path


@pytest.mark.parametrize("kind", VECTOR_FILES)
def test_vectors_are_read_from_every_usual_file(kind: str, tmp_path: Path) -> None:
    name, rows, rejected = read(VECTOR_FILES[kind](tmp_path))
    assert name == kind
    assert not rejected
    assert [(row.external_id, row.values.tolist()) for row in rows] == [("e0", [1, 2]), ("e1", [3, 4.5])]


PROBABILITY_FILES: dict[str, Callable[[Path], Path]] = {
    "by name": lambda folder: write(folder / "a.jsonl", '{"id": "e0", "probabilities": {"dog": 0.75, "cat": 0.25}}\n'),
    "in order": lambda folder: write(folder / "a.jsonl", '{"id": "e0", "probs": [0.25, 0.75, 0]}\n'),
    "columns": lambda folder: write(folder / "a.csv", "id,dog,cat\ne0,0.75,0.25\n"),
    "npz with classes": lambda folder: _npz(
        folder / "a.npz", ids=np.array(["e0"]), probs=np.array([[0.75, 0.25]]), classes=np.array(["dog", "cat"])
    ),
    "npz in order": lambda folder: _npz(folder / "a.npz", id=np.array(["e0"]), p=np.array([[0.25, 0.75, 0.0]])),
}


@pytest.mark.parametrize("kind", PROBABILITY_FILES)
def test_probabilities_are_read_in_the_order_of_the_classes(kind: str, tmp_path: Path) -> None:
    _, rows, rejected = read(PROBABILITY_FILES[kind](tmp_path), "probabilities")
    assert not rejected
    assert rows[0].values.tolist() == [0.25, 0.75, 0]


def test_a_predicted_class_with_its_score_leaves_the_rest_to_the_others(tmp_path: Path) -> None:
    _, rows, _ = read(write(tmp_path / "a.csv", "id,prediction,score\ne0,dog,0.5\n"), "probabilities")
    assert rows[0].values.tolist() == [0.25, 0.5, 0.25]


def test_rows_that_do_not_fit_are_left_out_and_say_why(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        '{"id": "e0", "vector": [1, 2]}\n{"id": "e1", "vector": [1, 2, 3]}\n{"id": "e2", "vector": [1, 1e39]}\n'
        '{"id": "e3", "vector": ["a", 1]}\n{"vector": [1, 2]}\n{"id": "e5", "vector": []}\n{"id": "e6"}\n',
    )
    _, rows, rejected = read(path)
    assert [row.external_id for row in rows] == ["e0"]
    assert [(row.number, row.reason) for row in rejected] == [
        (2, "3 numbers, where the first row has 2"),
        (3, "not all of its numbers are finite"),
        (4, "not all of its values are numbers"),
        (5, "nothing says which item was meant"),
        (6, "a list of numbers is expected"),
        (7, 'there is no vector: give a list under "vector", or columns of numbers'),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('{"id": "e0", "probabilities": {"cat": 0.5, "dog": 0.2}}', "add up to 0.700, not to 1"),
        ('{"id": "e0", "probabilities": {"cat": 1.5, "dog": -0.5}}', "add up to 1.000, not to 1"),
        ('{"id": "e0", "probabilities": {"cat": 0.5, "bird": 0.5}}', "'bird' is no class of this project"),
        ('{"id": "e0", "probabilities": [0.5, 0.5]}', "2 probabilities for 3 classes"),
        ('{"id": "e0", "cat": "much"}', "'much' is no number"),
        ('{"id": "e0", "score": 1}', "there are no probabilities"),
    ],
)
def test_probabilities_that_are_none_are_left_out(row: str, says: str, tmp_path: Path) -> None:
    _, rows, rejected = read(write(tmp_path / "a.jsonl", row), "probabilities")
    assert not rows
    assert says in rejected[0].reason


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"vectors": np.ones((2, 3))}, "must hold ids and one matrix"),
        ({"ids": np.array(["a"]), "vectors": np.ones((2, 3))}, "ids 1, vectors 2 x 3"),
        ({"ids": np.array(["a", None], dtype=object), "vectors": np.ones((2, 3))}, "not as objects"),
        ({"ids": np.array(["a"]), "p": np.ones((1, 3)), "classes": np.array(["cat"])}, "names 1 classes for 3 columns"),
    ],
)
def test_an_archive_that_does_not_fit_says_what_it_holds(arrays: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=says):
        read(_npz(tmp_path / "a.npz", **arrays))


def bring(
    database: Database, files: FileStore, made: Made, path: Path, wants: Wants = "vectors", *, replace: bool = False
) -> ImportResult:
    with database.read() as session:
        options = options_of(session, session.get_one(Project, made.id), wants=wants)
    asked = workflow.Asked(Source.local(path), None, options, replace=replace)
    return workflow.import_source(database, files, made.id, asked)


def npz_of(folder: Path, ids: list[str], rows: Any) -> Path:
    return _npz(folder / "numbers.npz", ids=np.array(ids), numbers=np.array(rows, dtype=float))


def test_vectors_are_kept_for_items_and_unknown_ids_are_counted(
    tmp_path: Path, database: Database, files: FileStore, make_project: MakeProject
) -> None:
    made = make_project(items=4)
    result = bring(database, files, made, npz_of(tmp_path, ["e0", "e2", "nobody"], [[1, 0], [0, 1], [5, 5]]))
    assert (result.added, result.changed, result.unchanged, result.rejected) == (2, 0, 0, 1)
    assert "no item of this project has this id" in result.problems[0].reason
    again = bring(database, files, made, npz_of(tmp_path, ["e0", "e2", "e3"], [[1, 0], [0, 2], [3, 3]]))
    assert (again.added, again.changed, again.unchanged) == (1, 1, 1)
    with database.read() as session:
        found = current_dataset(session, files, made.id, classes_of(session, made.id)).dataset
        assert next(one.format for one in imports_of(session, made.id)) == "npz"
    assert found.vectors is not None
    assert found.vectors.tolist() == [[1, 0], [0, 0], [0, 2], [3, 3]]
    assert found.outside is None


def test_vectors_go_by_text_where_a_row_has_no_id(
    tmp_path: Path, database: Database, files: FileStore, make_project: MakeProject
) -> None:
    made = make_project(items=2)
    path = write(tmp_path / "a.jsonl", json.dumps({"text": "Text number 1 about cats.", "vector": [4, 2]}))
    assert bring(database, files, made, path).added == 1
    assert imported.vectors_of(files.imported_of(made.id), made.items) is not None


def test_vectors_of_another_model_are_refused_unless_they_are_to_replace(
    tmp_path: Path, database: Database, files: FileStore, make_project: MakeProject
) -> None:
    made = make_project(items=2)
    bring(database, files, made, npz_of(tmp_path, ["e0", "e1"], [[1, 0], [0, 1]]))
    longer = npz_of(tmp_path, ["e1"], [[1, 2, 3]])
    with pytest.raises(Invalid, match=r"have 2 numbers and those of this file 3.*by --replace"):
        bring(database, files, made, longer)
    kept = imported.vectors_of(files.imported_of(made.id), made.items)
    assert kept is not None
    assert kept.tolist() == [[1, 0], [0, 1]]
    assert bring(database, files, made, longer, replace=True).added == 1
    kept = imported.vectors_of(files.imported_of(made.id), made.items)
    assert kept is not None
    assert kept.tolist() == [[0, 0, 0], [1, 2, 3]]


def test_probabilities_follow_their_classes_whatever_becomes_of_the_order(
    tmp_path: Path, database: Database, files: FileStore, make_project: MakeProject
) -> None:
    made = make_project(items=3)
    bring(database, files, made, npz_of(tmp_path, ["e0", "e1"], [[0.2, 0.6, 0.2], [0, 0, 1]]), "probabilities")
    with database.write() as session:
        projects.add_classes(session, made.id, [("bird", "")])
        codes = classes_of(session, made.id).codes
    folder = files.imported_of(made.id)
    other_way_round = imported.probabilities_of(folder, made.items, codes[::-1])
    assert other_way_round is not None
    np.testing.assert_allclose(other_way_round[0], [0, 0.2, 0.6, 0.2], atol=1e-6)
    without = imported.probabilities_of(folder, made.items, codes[:2])
    assert without is not None
    np.testing.assert_allclose(without[0], [0.25, 0.75], atol=1e-6)
    assert np.isnan(without[1:]).all()


def test_probabilities_are_for_one_class_an_item(
    tmp_path: Path, database: Database, files: FileStore, make_project: MakeProject
) -> None:
    made = make_project(items=2, task="multilabel")
    with pytest.raises(Invalid, match="classes of which an item has one"):
        bring(database, files, made, npz_of(tmp_path, ["e0"], [[1, 0, 0]]), "probabilities")


def test_a_label_check_hears_what_was_imported(
    tmp_path: Path, database: Database, files: FileStore, make_project: MakeProject
) -> None:
    made = make_project(items=60)
    with database.write() as session:
        codes = classes_of(session, made.id).codes
        for place, item in enumerate(session.scalars(select(Item).where(Item.project_id == made.id).order_by(Item.id))):
            item.given_code = codes[place % 2] if place != 7 else codes[0]
    ids = [f"e{n}" for n in range(60)]
    bring(database, files, made, npz_of(tmp_path, ids, [[n % 2 or 0.1, 1 - n % 2] for n in range(60)]))
    shares = [[0.05, 0.9, 0.05] if n % 2 else [0.9, 0.05, 0.05] for n in range(60)]
    bring(database, files, made, npz_of(tmp_path, ids, shares), "probabilities")
    inspection = workflow.inspect(database, files, made.id)
    with database.read() as session:
        summary = session.get_one(Inspection, inspection).summary
    assert "imported vectors" in summary["blocks"]
    assert summary["model"]["powers"]["imported probabilities"] > 0


@pytest.fixture
def api(app: Flask, bearer: Callable[[str], dict[str, str]]) -> FlaskClient:
    """The API as the lead asks it."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = bearer("olga")["Authorization"]
    return client


def test_an_upload_is_imported_by_a_job(
    tmp_path: Path, database: Database, files: FileStore, make_project: MakeProject, api: FlaskClient
) -> None:
    made = make_project(items=2)

    def send(path: Path, **fields: str) -> Any:
        with path.open("rb") as file:
            data = {"file": (file, path.name), **fields}
            return api.post("/api/v1/projects/pets/imports", data=data, content_type="multipart/form-data")

    path = npz_of(tmp_path, ["e0", "e1"], [[1, 0], [0, 1]])
    started = send(path, **{"as": "vectors"})
    assert started.status_code == 202, started.json
    assert Worker(database, files).run_one()
    job = api.get(started.headers["Location"]).json
    assert job is not None
    assert job["state"] == "done", job
    assert job["result"]["added"] == 2
    assert send(path, **{"as": "vectors", "replace": "perhaps"}).status_code == 422
    assert send(npz_of(tmp_path, ["e1"], [[1, 2, 3]]), **{"as": "vectors", "replace": "yes"}).status_code == 202
    assert Worker(database, files).run_one()
    kept = imported.vectors_of(files.imported_of(made.id), made.items)
    assert kept is not None
    assert kept.shape == (2, 3)


def test_what_was_imported_is_in_backups_and_goes_with_its_project(
    tmp_path: Path, database: Database, files: FileStore, make_project: MakeProject, empty_other: Any
) -> None:
    made = make_project(items=2)
    bring(database, files, made, npz_of(tmp_path, ["e0", "e1"], [[1, 0], [0, 1]]))
    backup = back_up(database, tmp_path / "backup.zip", HEAD)
    restore(empty_other, backup.path, progress=silent)
    there = imported.vectors_of(FileStore(empty_other.files).imported_of(made.id), made.items)
    assert there is not None
    assert there.tolist() == [[1, 0], [0, 1]]
    assert remove_imported_of_others(files, lambda: {made.id}) == 0
    assert remove_imported_of_others(files, set) == 1
    assert imported.vectors_of(files.imported_of(made.id), made.items) is None


@pytest.fixture
def empty_other(tmp_path: Path) -> Any:
    from labeler.config import read_settings

    return read_settings({}, instance=tmp_path / "other")

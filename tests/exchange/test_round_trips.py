"""A label set that came in, went out in another format and came in again is the same label set, with its counts."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.exchange.actions import ImportResult
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.registry import READERS, WRITERS
from labeler.exchange.losses import count_losses
from labeler.exchange.parsing.annotations import as_votes
from labeler.exchange.queries import context_of, rows
from labeler.exchange.reading import open_rows, options_of
from labeler.exchange.rows import ExportRow, VoteRow
from labeler.exchange.sources import Source
from labeler.projects import actions as projects
from labeler.projects.models import Item, Project
from labeler.quality.models import Prediction
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import NOW

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "formats"
CLASSES = {"image": ("square", "triangle"), "text": ("person", "place")}
Made = Callable[[str, str, tuple[str, ...]], int]
TakeIn = Callable[..., ImportResult]


@pytest.fixture
def make(database: Database, cast: dict[str, int]) -> Made:
    """Return a function that makes an empty project: task, media, classes."""
    made = iter(range(9))

    def one(task: str, media: str, classes: tuple[str, ...]) -> int:
        with database.write() as session:
            new = projects.NewProject(f"set-{next(made)}", media, task, [(name, "") for name in classes], votes=2)
            return projects.create_project(session, new, by=cast["olga"], now=NOW).id

    return one


@pytest.fixture
def take_in(database: Database, files: FileStore) -> TakeIn:
    """Return a function that imports a source into a project."""

    def taken(project_id: int, source: Source, name: str | None = None) -> ImportResult:
        with database.read() as session:
            options = options_of(session, session.get_one(Project, project_id))
        found, entries = open_rows(source, name, options)
        return workflow.import_items(database, files, project_id, entries, workflow.ImportPlan(source.name, found))

    return taken


def going_out(database: Database, project_id: int) -> tuple[list[ExportRow], ExportContext]:
    with database.read() as session:
        project = session.get_one(Project, project_id)
        return list(rows(session, project)), context_of(session, project, NOW)


def with_pictures(data: bytes, suffix: str, out: list[ExportRow], files: FileStore, database: Database) -> bytes:
    """Put the pictures of the items beside their labels, under the names the export gives them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, database.read() as session:
        if suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(data)) as labels:
                for name in labels.namelist():
                    archive.writestr(name, labels.read(name))
        else:
            archive.writestr(f"labels{suffix}", data)
        for row in out:
            split = (row.metadata or {}).get("split", "train")
            original = files.read_original(session.get_one(Item, row.item).content_hash)
            archive.writestr(f"images/{split}/{row.image}", original)
    return buffer.getvalue()


CASES = [
    ("coco", "boxes", "image", ("coco", "yolo", "voc", "label_studio", "doccano")),
    ("voc", "boxes", "image", ("voc", "coco", "yolo")),
    ("coco", "polygons", "image", ("coco", "yolo", "label_studio", "doccano")),
    ("yolo", "polygons", "image", ("coco", "yolo")),
    ("conll", "spans", "text", ("conll", "spacy", "doccano", "label_studio", "csv", "jsonl", "parquet", "huggingface")),
    ("spacy", "spans", "text", ("spacy", "doccano", "label_studio", "csv", "jsonl", "parquet", "huggingface")),
    ("doccano", "spans", "text", ("spacy", "doccano", "label_studio", "csv", "jsonl", "parquet", "huggingface")),
]


@pytest.mark.parametrize("case", [(*case[:3], name) for case in CASES for name in case[3]], ids="-".join)
def test_labels_survive_a_way_out_and_in_again(
    case: tuple[str, str, str, str], make: Made, take_in: TakeIn, database: Database, files: FileStore
) -> None:
    sample, task, media, name = case
    first, second = make(task, media, CLASSES[media]), make(task, media, CLASSES[media])
    (path,) = (SAMPLES / sample).iterdir()
    counts = take_in(first, Source.local(path))
    assert (counts.added, counts.rejected) == (4, 0)
    out, context = going_out(database, first)
    data = b"".join(WRITERS[name].write(out, context))
    assert context.report.written == len(out) == 4
    if media == "image":
        data = with_pictures(data, WRITERS[name].suffix, out, files, database)
    again = take_in(second, Source.sent(io.BytesIO(data), f"again{WRITERS[name].suffix}"), name)
    assert (again.added, again.rejected) == (4, 0)
    back, _ = going_out(database, second)
    precision = 1e-4 if name == "yolo" else 1e-6
    for one, two in zip(sorted(out, key=_content), sorted(back, key=_content), strict=True):
        assert near(one.final_value, two.final_value, precision)


def _content(row: ExportRow) -> str:
    return row.text or row.image or ""


def near(one: Any, two: Any, precision: float) -> bool:
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(near(one[key], two[key], precision) for key in one)
    if isinstance(one, list):
        return len(one) == len(two) and all(near(*pair, precision) for pair in zip(one, two, strict=True))
    return bool(one == two or (not isinstance(one, str) and abs(one - two) <= precision))


def test_answers_of_label_studio_become_answers_here(make: Made, take_in: TakeIn, database: Database) -> None:
    project_id = make("classification", "text", ("praise", "complaint"))
    (path,) = (SAMPLES / "label_studio").iterdir()
    assert take_in(project_id, Source.local(path)).added == 4
    with database.read() as session:
        options = options_of(session, session.get_one(Project, project_id), wants="annotations")
    name, entries = open_rows(Source.local(path), None, options)
    votes = list(as_votes(entries, options))
    assert [vote.skip is not None for vote in votes if isinstance(vote, VoteRow)].count(True) == 1
    counts = workflow.import_votes(database, project_id, votes, workflow.ImportPlan("tasks.json", name))
    assert (counts.added, counts.rejected) == (5, 0)
    out, context = going_out(database, project_id)
    told = json.loads(b"".join(WRITERS["label_studio"].write(out, context)))
    given = [one for task in told for one in task["annotations"] if not one["was_cancelled"]]
    answers = [one["completed_by"]["email"] for one in given]
    assert sorted(answers) == ["ann@example.org"] * 3 + ["bob@example.org"]


def test_predictions_of_label_studio_become_predictions_here(make: Made, take_in: TakeIn, database: Database) -> None:
    project_id = make("classification", "text", ("praise", "complaint"))
    (path,) = (SAMPLES / "label_studio").iterdir()
    take_in(project_id, Source.local(path))
    with database.read() as session:
        options = options_of(session, session.get_one(Project, project_id), wants="predictions")
    _, entries = open_rows(Source.local(path), "label_studio", options)
    counts = workflow.import_predictions(database, project_id, entries, workflow.ImportPlan("tasks.json", "x"))
    assert (counts.added + counts.unchanged, counts.rejected) == (2, 2)
    with database.read() as session:
        assert sorted(score or 0 for score in session.scalars(select(Prediction.score))) == [0.4, 0.93]


def test_a_format_that_does_not_fit_is_refused_with_those_that_do(make: Made, database: Database) -> None:
    project_id = make("boxes", "image", ("a",))
    with database.read() as session:
        options = options_of(session, session.get_one(Project, project_id))
    with pytest.raises(Exception, match=r"CoNLL-2003 cannot hold boxes of image items\. Fitting formats: csv"):
        open_rows(Source.sent(io.BytesIO(b"Hi O\n"), "x.conll"), None, options)
    assert "conll" in READERS


def test_losses_are_counted_without_an_export_and_the_count_says_when_it_is_not_all() -> None:
    bare = ExportRow(1, None, "hi", None, "text", None, None, None, None, None)
    context = ExportContext("p", "P", "text", "spans", ("a",), "2026-02-03T10:00:00Z")
    counted = count_losses([bare._replace(item=n) for n in range(450)], WRITERS["conll"], context)
    assert (counted.complete, counted.report.written) == (True, 450)
    assert [loss.count for loss in counted.report.losses.values()] == [450]
    endless = (bare._replace(item=n) for n in range(10**9))
    context = ExportContext("p", "P", "text", "spans", ("a",), "2026-02-03T10:00:00Z")
    counted = count_losses(endless, WRITERS["conll"], context, seconds=0.0)
    assert (counted.complete, counted.report.written) == (False, 200)

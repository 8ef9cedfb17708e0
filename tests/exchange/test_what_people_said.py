"""What people said of items, out of one project and into another: answers, skips, doubts, a lead's decision."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.exchange.actions import ImportResult
from labeler.exchange.formats.registry import WRITERS
from labeler.exchange.queries import context_of, rows
from labeler.exchange.reading import options_of
from labeler.exchange.rows import ExportRow, VoteRow
from labeler.exchange.sources import Source
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade
from tests.test_workflow import T0

VOTES = (
    {"id": "1", "annotator": "ann@x.org", "label": "a", "seconds": 4.5, "comment": "why", "created_at": "2024-01-02"},
    {"id": "1", "annotator": "bob@x.org", "label": "b", "unsure": True, "created_at": "2024-01-03T00:00:00Z"},
    {"id": "2", "annotator": "ann@x.org", "label": "b", "seconds": 1.0, "created_at": "2024-01-04T00:00:00Z"},
    {"id": "2", "annotator": "cy@x.org", "skip": "too dark", "comment": "sorry", "created_at": "2024-01-05T00:00:00Z"},
    {"id": "3", "annotator": "cy@x.org", "skip": "", "seconds": 2.0, "created_at": "2024-01-06T00:00:00Z"},
)  # fmt: skip


class World:
    """Projects of texts, and short words for what goes in and out of them."""

    def __init__(self, database: Database, files: FileStore) -> None:
        self.database, self.files = database, files
        with database.write() as session:
            self.lead = accounts.add_user(session, "lead@example.org", role="admin", now=T0).id
        self.made = 0

    def project(self) -> int:
        self.made += 1
        with self.database.write() as session:
            new = NewProject(f"p{self.made}", "text", "classification", [("a", ""), ("b", "")], votes=2)
            return create_project(session, new, by=self.lead, now=T0).id

    def take(
        self, project: int, data: str, wants: Any, *, by: int | None = None, name: str = "x.jsonl"
    ) -> ImportResult:
        with self.database.read() as session:
            options = options_of(session, session.get_one(Project, project), wants=wants)
        source = Source.sent(io.BytesIO(data.encode()), name)
        return workflow.import_source(self.database, self.files, project, workflow.Asked(source, None, options, by))

    def out(self, project: int) -> list[ExportRow]:
        with self.database.read() as session:
            return list(rows(session, session.get_one(Project, project), labeled_only=False))

    def written(self, project: int, name: str) -> str:
        with self.database.read() as session:
            found = session.get_one(Project, project)
            context = context_of(session, found, clock(session))
            return b"".join(WRITERS[name].write(rows(session, found, labeled_only=False), context)).decode()


@pytest.fixture
def world(any_settings: Settings) -> Iterator[World]:
    database = Database(any_settings)
    upgrade(database)
    yield World(database, FileStore(any_settings.files))
    database.close()


@pytest.fixture
def filled(world: World) -> int:
    """Return a project of three items with answers, skips and an ambiguous one."""
    project = world.project()
    items = "".join(json.dumps({"id": str(number), "text": f"text {number}"}) + "\n" for number in (1, 2, 3))
    assert world.take(project, items, "items").added == 3
    votes = "".join(json.dumps(vote) + "\n" for vote in VOTES)
    result = world.take(project, votes, "annotations")
    assert (result.added, result.rejected, result.not_counted) == (5, 0, 0)
    with world.database.write() as session:
        codes = classes_of(session, project).by_name
        item = next(row.item for row in rows(session, session.get_one(Project, project), labeled_only=False))
        soft = {codes["a"]: 0.75, codes["b"]: 0.25}
        decision = Decision("decision-1", item, "ambiguous", soft=soft)
        workflow.resolve(session, session.get_one(Project, project), decision, by=world.lead)
    return project


def said(row: ExportRow) -> tuple[Any, ...]:
    return row.external_id, row.votes, row.skips, row.soft_label, row.final_source, row.final_label


def test_answers_skips_doubts_and_decisions_come_back_from_json_lines(world: World, filled: int) -> None:
    before, data, other = world.out(filled), world.written(filled, "jsonl"), world.project()
    assert before[0].soft_label == {"a": 0.75, "b": 0.25}
    assert [skip.reason for row in before for skip in row.skips] == ["too dark", "skipped"]
    taken = world.take(other, data, "items")
    assert taken.added == 3
    assert sum(taken.left_out.values()) == 3 + 2 + 1, "answers, skips and a decision that items do not take are told"
    result = world.take(other, data, "annotations", by=world.lead)
    assert (result.added, result.rejected, result.not_counted) == (3 + 2 + 1, 0, 0)
    assert [said(row) for row in world.out(other)] == [said(row) for row in before]
    again = world.take(other, data, "annotations", by=world.lead)
    assert (again.added, again.changed, again.unchanged, again.rejected) == (0, 0, 6, 0)
    assert [said(row) for row in world.out(other)] == [said(row) for row in before]


def test_a_command_imports_decisions_too_though_nobody_says_who_decided(world: World, filled: int) -> None:
    data, other = world.written(filled, "jsonl"), world.project()
    world.take(other, data, "items")
    assert world.take(other, data, "annotations").rejected == 0
    assert world.out(other)[0].soft_label == {"a": 0.75, "b": 0.25}


def test_what_people_did_here_stands_against_a_file(world: World, filled: int) -> None:
    skip = json.dumps({"id": "1", "annotator": "ann@x.org", "skip": "no"}) + "\n"
    result = world.take(filled, skip, "annotations")
    assert (result.added, result.rejected) == (0, 1)
    assert "has answered" in result.problems[0].reason
    told = json.loads(world.written(filled, "jsonl").splitlines()[0])
    told["soft_label"] = {"a": 0.5, "b": 0.5}
    result = world.take(filled, json.dumps(told) + "\n", "annotations")
    assert (result.added, result.unchanged, result.rejected) == (0, 2, 1)
    told["soft_label"] = {"a": 0.5, "zebra": 0.5}
    result = world.take(filled, json.dumps(told) + "\n", "annotations")
    assert "'zebra' is not a class" in result.problems[0].reason


def test_a_skip_of_label_studio_is_a_skip_and_goes_out_again(world: World, filled: int) -> None:
    data, other = world.written(filled, "label_studio"), world.project()
    assert world.take(other, data, "items", name="x.json").added == 3
    result = world.take(other, data, "annotations", name="x.json")
    assert (result.added, result.rejected) == (5, 0)
    back = world.out(other)
    assert [[(vote.annotator, vote.label, vote.created_at) for vote in row.votes] for row in back] == [
        [(vote.annotator, vote.label, vote.created_at) for vote in row.votes] for row in world.out(filled)
    ]
    assert [[skip.annotator for skip in row.skips] for row in back] == [[], ["cy@x.org"], ["cy@x.org"]]


def test_an_existing_label_is_shown_by_label_studio_as_a_prediction_and_is_none_of_a_model(world: World) -> None:
    project = world.project()
    world.take(project, '{"id": "1", "text": "hi", "label": "a"}\n', "items")
    data = world.written(project, "label_studio")
    (task,) = json.loads(data)
    (prediction,) = task["predictions"]
    assert prediction["model_version"] == "existing label"
    assert prediction["result"][0]["value"] == {"choices": ["a"]}
    other = world.project()
    world.take(other, data, "items", name="x.json")
    assert world.out(other)[0].given_label == "a"
    assert world.take(other, data, "predictions", name="x.json").added == 0


def test_a_skip_and_a_decision_are_of_the_item_that_was_found_for_them(world: World, filled: int) -> None:
    """As for pictures found by their file names: the row itself holds neither an id nor a text."""
    item = next(row.item for row in world.out(filled) if row.external_id == "3")
    told = [
        VoteRow(1, None, None, "dan@x.org", "", skip="blurred", item=item),
        VoteRow(2, None, None, "", "", soft={"a": 0.5, "b": 0.5}, item=item),
    ]
    result = workflow.import_votes(world.database, filled, told, workflow.ImportPlan("x.json", "coco"))
    assert (result.added, result.rejected) == (2, 0)
    found = next(row for row in world.out(filled) if row.item == item)
    assert [(skip.annotator, skip.reason) for skip in found.skips][-1] == ("dan@x.org", "blurred")
    assert found.soft_label == {"a": 0.5, "b": 0.5}

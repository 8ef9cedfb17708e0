"""The main path with answers that have parts: several labels, boxes, polygons, spans."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.agreement import queries as agreement
from labeler.agreement.queries import histogram
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.assignment import queries as assignment
from labeler.config import Settings
from labeler.consensus.models import ItemConsensus
from labeler.decisions import final
from labeler.decisions.actions import Decision
from labeler.exchange.queries import rows
from labeler.exchange.rows import RejectedRow, Row, VoteRow
from labeler.measures.histogram import by_class
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.quality.models import Inspection, Prediction
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade
from labeler.task_types.base import Value
from tests.conftest import NOW
from tests.storage.pictures import encoded, gradient

LEASE = timedelta(minutes=30)
TEXT = "Anna 👩‍👩‍👧 met Bob in Köln."


def box(label: str, x: float, y: float) -> dict[str, Any]:
    return {"label": label, "x": x, "y": y, "width": 20.0, "height": 10.0}


def corners(label: str, x: float, y: float) -> dict[str, Any]:
    return {"label": label, "points": [[x, y], [x + 20, y], [x + 20, y + 10]]}


# one, nearly the same, and another answer of each task type
ANSWERS: dict[str, tuple[Value, Value, Value]] = {
    "multilabel": ({"labels": ["cat", "dog"]}, {"labels": ["dog", "cat"]}, {"labels": []}),
    "boxes": (
        {"boxes": [box("cat", 1, 1), box("dog", 40, 30)]},
        {"boxes": [box("dog", 41, 30), box("cat", 1, 1)]},
        {"boxes": [box("cat", 1, 1)]},
    ),
    "polygons": (
        {"polygons": [corners("cat", 1, 1)]},
        {"polygons": [corners("cat", 1.5, 1)]},
        {"polygons": [corners("dog", 1, 1)]},
    ),
    "spans": (
        {"spans": [{"label": "cat", "start": 0, "end": 4}, {"label": "dog", "start": 15, "end": 18}]},
        {"spans": [{"label": "dog", "start": 15, "end": 18}, {"label": "cat", "start": 0, "end": 4}]},
        {"spans": [{"label": "cat", "start": 0, "end": 4}]},
    ),
}


@dataclass
class World:
    database: Database
    files: FileStore
    project_id: int
    people: dict[str, int]
    keys: Iterator[int]
    task: str

    def answer(self, who: str, value: Value) -> workflow.Receipt:
        with self.database.write() as session:
            held = workflow.serve(session, self.project_id, self.people[who], count=1, lease=LEASE)[0]
            question = Question.of(session, session.get_one(Project, self.project_id))
            answer = Answer(f"key-{next(self.keys):08d}", held.assignment.id, value)
            return workflow.submit(session, question, self.people[who], [answer])[0]

    def consensus(self) -> tuple[str, Value | None, bool] | None:
        with self.database.read() as session:
            row = session.query(ItemConsensus).filter_by(project_id=self.project_id).one_or_none()
            if row is None:
                return None
            return row.code, classes_of(session, self.project_id).shown(row.code, row.value), row.differ

    def exact(self) -> None:
        with self.database.read() as session:
            project = session.get_one(Project, self.project_id)
            assert agreement.recount(session, self.project_id) == {}
            assert assignment.recount(session, project, sorted(final.excluded_items(session, self.project_id))) == {}


@pytest.fixture(params=ANSWERS)
def world(request: pytest.FixtureRequest, any_settings: Settings) -> Iterator[World]:
    database = Database(any_settings)
    upgrade(database)
    files = FileStore(any_settings.files)
    text = request.param in {"multilabel", "spans"}
    with database.write() as session:
        new = NewProject("parts", "text" if text else "image", request.param, [("cat", ""), ("dog", "")], votes=3)
        project = create_project(session, new, by=None, now=NOW)
        people = {
            name: accounts.add_user(session, f"{name}@example.org", role="annotator", password="x" * 12, now=NOW).id
            for name in ("ann", "bob", "cleo", "lead")
        }
        for name, user in people.items():
            accounts.set_member(session, project.id, user, role="lead" if name == "lead" else "annotator", now=NOW)
    picture = encoded(gradient(80, 60))
    row = Row(1, "one", TEXT if text else None, None if text else lambda: picture, None, {})
    workflow.import_items(database, files, project.id, [row], workflow.ImportPlan("x", "csv"))
    yield World(database, files, project.id, people, itertools.count(), request.param)
    database.close()


def test_equal_answers_are_one_consensus_in_any_order(world: World) -> None:
    first, second, _ = ANSWERS[world.task]
    assert [world.answer("ann", first).status, world.answer("bob", second).status] == ["created", "created"]
    code, value, differ = world.consensus() or ("", None, True)
    assert code
    assert value is not None
    assert not differ
    world.exact()


def test_a_tie_is_undecided_and_a_third_answer_decides(world: World) -> None:
    first, second, other = ANSWERS[world.task]
    world.answer("ann", first)
    world.answer("bob", other)
    code, value, differ = world.consensus() or ("?", {}, False)
    assert (code, value, differ) == ("", None, True)
    world.answer("cleo", second)
    code, value, differ = world.consensus() or ("", None, False)
    assert code
    assert differ
    world.exact()


def test_an_answer_is_replaced_and_taken_back(world: World) -> None:
    first, _, other = ANSWERS[world.task]
    receipt = world.answer("ann", first)
    with world.database.write() as session:
        question = Question.of(session, session.get_one(Project, world.project_id))
        assignment_id = session.get_one(Annotation, receipt.id).assignment_id or 0
        again = Answer("another-key", assignment_id, other)
        assert workflow.submit(session, question, world.people["ann"], [again])[0].status == "created"
    world.exact()
    with world.database.write() as session:
        newest = session.query(Annotation).filter_by(status="counted").one()
        workflow.undo(session, world.project_id, world.people["ann"], newest.id, lease=LEASE)
    assert world.consensus() is None
    world.exact()


def test_a_renamed_class_keeps_its_parts(world: World) -> None:
    first, _, _ = ANSWERS[world.task]
    world.answer("ann", first)
    with world.database.write() as session:
        cat = classes_of(session, world.project_id).rows[0]
        edit = workflow.ClassEdit(renamed={cat.id: ("lion", "")})
        workflow.edit_classes(session, session.get_one(Project, world.project_id), edit)
    _, value, _ = world.consensus() or ("", None, False)
    assert "lion" in str(value)
    assert "cat" not in str(value)
    world.exact()


def test_a_lead_decides_and_the_export_says_so(world: World) -> None:
    first, _, other = ANSWERS[world.task]
    world.answer("ann", first)
    with world.database.write() as session:
        project = session.get_one(Project, world.project_id)
        item = session.query(Item).one()
        question = Question.of(session, project)
        kept = workflow.answers.keep(question, item, Answer("", 0, other))
        decision = Decision("review-key", item.id, "relabel", kept.code, value=kept.value)
        workflow.resolve(session, project, decision, by=world.people["lead"])
    with world.database.read() as session:
        (row,) = rows(session, session.get_one(Project, world.project_id))
    assert row.final_value == other
    assert row.final_source == "review"
    assert row.votes[0].value == first
    with world.database.write() as session:
        workflow.take_back(session, session.get_one(Project, world.project_id), world.people["lead"])
    with world.database.read() as session:
        (row,) = rows(session, session.get_one(Project, world.project_id))
    assert row.final_source == "consensus"
    assert row.final_value == first


def test_answers_and_predictions_come_in_from_files(world: World) -> None:
    first, _, other = ANSWERS[world.task]
    votes = [VoteRow(n, name, None, "dora@example.org", "", value=first) for n, name in enumerate(("one", "none"), 1)]
    result = workflow.import_votes(world.database, world.project_id, votes, workflow.ImportPlan("v", "json"))
    assert (result.added, result.rejected) == (1, 1)
    said: list[Row | RejectedRow] = [
        Row(1, "one", None, None, None, {}, prediction=other, prediction_score=0.8),
        Row(2, "one", None, None, None, {}, prediction={"label": "lion"}),
        RejectedRow(3, "", "broken", ""),
    ]
    result = workflow.import_predictions(world.database, world.project_id, said, workflow.ImportPlan("p", "json"))
    assert (result.added, result.rejected) == (1, 2)
    with world.database.read() as session:
        assert session.query(Prediction).one().score == 0.8
    world.exact()


def test_a_given_label_is_the_final_one_until_somebody_answers(world: World) -> None:
    other = ANSWERS[world.task][2]
    with world.database.read() as session:
        item = session.query(Item).one()
        text, external = item.text, item.external_id
    picture = encoded(gradient(80, 60))
    row = Row(1, external, text, None if text else lambda: picture, None, {}, given_value=other)
    bad = Row(2, "two", text, None if text else lambda: picture, None, {}, given_value={"label": "lion"})
    plan = workflow.ImportPlan("x", "json")
    result = workflow.import_items(world.database, world.files, world.project_id, [row, bad], plan)
    assert (result.changed, result.rejected) == (1, 1)
    with world.database.read() as session:
        (found,) = rows(session, session.get_one(Project, world.project_id))
    assert (found.final_value, found.given_value, found.final_source) == (other, other, "given")


def test_the_histogram_of_objects_counts_objects(world: World) -> None:
    first, _, other = ANSWERS[world.task]
    world.answer("ann", first)
    world.answer("bob", other)
    with world.database.read() as session:
        classes = classes_of(session, world.project_id)
        index = {**classes.index_of_code, "0": len(classes.codes)}
        units = by_class(histogram(session, world.project_id), index)
    expected = {"boxes": {(0, 0): 1, (1, 2): 1}, "polygons": {(0, 1): 1}, "spans": {(0, 0): 1, (1, 2): 1}}
    assert world.task == "multilabel" or units == expected[world.task]


def test_the_quality_pass_runs_without_a_class_to_predict(world: World) -> None:
    world.answer("ann", ANSWERS[world.task][0])
    inspection = workflow.inspect(world.database, world.files, world.project_id)
    with world.database.read() as session:
        summary = session.get_one(Inspection, inspection).summary
    assert summary["notes"][0] == (
        "Only 1 item has a label; a model needs at least 10. Label more items, then run the pass again."
    )
    assert summary["labeled"] == 1

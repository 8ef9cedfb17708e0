"""Lists asked for a class find every label that names it, whatever the task: the class itself, a set, objects."""

import itertools
import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.annotations.actions import Answer
from labeler.app import create_app
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.decisions.final import about_class
from labeler.exchange.rows import Row
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.quality.models import Flag, Inspection
from labeler.review import disagreements, queue
from labeler.review.queue import Wanted
from labeler.statistics.item_search import ItemFilter, item_page, item_total
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.task_types.base import Value
from tests.conftest import LEASE, NOW
from tests.storage.pictures import encoded, gradient

ITEMS = 12
CLASSES = [f"class {n}" for n in range(11)]  # their ids hold one another (1 and 11), and masks have three digits
TEXT = "Anna met Bob in Rome, and then they all went home again."
PARTS = ("multilabel", "boxes", "polygons", "spans")


def answer_of(task: str, chosen: list[str]) -> Value:
    shapes: dict[str, Any] = {
        "boxes": lambda n: {"x": 3.0 * n, "y": 1.0, "width": 9.0, "height": 7.0},
        "polygons": lambda n: {"points": [[3 * n, 1], [3 * n + 9, 1], [3 * n + 9, 9]]},
        "spans": lambda n: {"start": 3 * n, "end": 3 * n + 2},
    }
    if task == "multilabel":
        return {"labels": chosen}
    return {task: [{"label": name, **shapes[task](n)} for n, name in enumerate(chosen)]}


@dataclass
class World:
    """A project in which Ann, and Bob differently, answered every item. said: the classes of each one's answers."""

    database: Database
    project: int
    items: list[int]
    codes: dict[str, str]
    said: dict[str, list[list[str]]]
    people: dict[str, int]

    def found(self, **wanted: Any) -> set[int]:
        with self.database.read() as session:
            asked = ItemFilter(**wanted)
            rows = item_page(session, self.project, asked, inspection_id=None)
            assert item_total(session, self.project, asked, inspection_id=None) == len(rows)
            return {self.items.index(row.id) for row in rows}

    def give(self, who: str, task: str) -> None:
        with self.database.write() as session:
            held = workflow.serve(session, self.project, self.people[who], count=ITEMS, lease=LEASE)
            question = Question.of(session, session.get_one(Project, self.project))
            answers = []
            for one in held:
                value = answer_of(task, self.said[who][self.items.index(one.item.id)])
                answers.append(Answer(str(uuid.uuid4()), one.assignment.id, value))
            receipts = workflow.submit(session, question, self.people[who], answers)
            assert {one.status for one in receipts} == {"created"}


@pytest.fixture(params=PARTS)
def world(request: pytest.FixtureRequest, any_settings: Settings) -> Iterator[World]:
    task, rng = request.param, random.Random(request.param)
    database = Database(any_settings)
    text = task in {"multilabel", "spans"}
    with database.write() as session:
        people = {
            name: accounts.add_user(session, f"{name}@example.org", role="lead", password="x" * 12, now=NOW).id
            for name in ("ann", "bob")
        }
        new = NewProject("parts", "text" if text else "image", task, [(name, "") for name in CLASSES], votes=2)
        project = create_project(session, new, by=people["ann"], now=NOW).id
        for user in people.values():
            accounts.set_member(session, project, user, role="lead", now=NOW)
    picture = encoded(gradient(80, 60))
    rows = [
        Row(n, str(n), f"{TEXT} {n}" if text else None, None if text else lambda: picture, None, {})
        for n in range(ITEMS)
    ]
    workflow.import_items(database, FileStore(any_settings.files), project, rows, workflow.ImportPlan("x", "csv"))
    with database.read() as session:
        items = list(session.scalars(select(Item.id).order_by(Item.id)))
        codes = dict(classes_of(session, project).by_name)
    said = {name: [rng.sample(CLASSES, rng.randint(0, 4)) for _ in range(ITEMS)] for name in people}
    found = World(database, project, items, codes, said, people)
    found.give("ann", task)
    yield found
    database.close()


def having(said: list[list[str]], name: str) -> set[int]:
    return {place for place, classes in enumerate(said) if name in classes}


def test_lists_find_the_items_whose_label_or_answers_have_the_class(
    world: World, request: pytest.FixtureRequest
) -> None:
    for name, code in world.codes.items():
        assert world.found(final=code) == world.found(vote=code) == having(world.said["ann"], name)
    world.give("bob", request.node.callspec.params["world"])
    tied = {place for place in range(ITEMS) if sorted(world.said["ann"][place]) != sorted(world.said["bob"][place])}
    for name, code in world.codes.items():
        assert world.found(final=code) == having(world.said["ann"], name) - tied
        assert world.found(vote=code) == having(world.said["ann"], name) | having(world.said["bob"], name)
        assert world.found(vote=code, annotator=world.people["bob"]) == having(world.said["bob"], name)
    assert world.found(final="999") == world.found(vote="%") == set()


def test_a_leads_decision_moves_the_item_to_its_classes(world: World) -> None:
    place = max(range(ITEMS), key=lambda n: len(world.said["ann"][n]))
    code = world.codes[world.said["ann"][place][0]]
    with world.database.write() as session:
        decision = Decision(str(uuid.uuid4()), world.items[place], "exclude")
        workflow.resolve(session, session.get_one(Project, world.project), decision, by=world.people["ann"])
    assert place not in world.found(final=code)
    assert place in world.found(vote=code)


def test_the_review_queue_of_a_class_holds_the_flagged_items_that_have_it(world: World) -> None:
    with world.database.write() as session:
        run = Inspection(project_id=world.project, state="done", started_at=NOW, finished_at=NOW)
        session.add(run)
        session.flush()
        about = {"project_id": world.project, "inspection_id": run.id, "kind": "outlier", "label_code": ""}
        session.add_all(Flag(**about, item_id=item, score=0.5) for item in world.items[::2])
    with world.database.read() as session:
        for name, code in world.codes.items():
            items = about_class(session, world.project, code)
            flags = queue.waiting(session, Wanted(run.id, label=code, items=items))
            places = {world.items.index(flag.item_id) for flag in flags}
            assert places == {place for place in having(world.said["ann"], name) if place % 2 == 0}


def test_a_pair_of_classes_is_where_one_gave_the_first_and_another_the_second(
    world: World, request: pytest.FixtureRequest
) -> None:
    world.give("bob", request.node.callspec.params["world"])
    ann, bob = world.said["ann"], world.said["bob"]
    with world.database.read() as session:
        for first, second in itertools.pairwise(CLASSES):
            pair = (world.codes[first], world.codes[second])
            rows = disagreements.following(session, world.project, pair=pair, limit=ITEMS)
            right = {
                place
                for place in range(ITEMS)
                for one, other in ((ann[place], bob[place]), (bob[place], ann[place]))
                if first in one and second not in one and second in other and first not in other
            }
            assert {world.items.index(row.item_id) for row in rows} == right


def test_pages_and_api_show_them(world: World, any_settings: Settings) -> None:
    name = max(CLASSES, key=lambda one: len(having(world.said["ann"], one)))
    places = sorted(having(world.said["ann"], name))
    with world.database.write() as session:
        token = accounts.add_token(session, world.people["ann"], name="t", now=NOW)
    app = create_app(any_settings)
    client: FlaskClient = app.test_client()
    header = {"Authorization": f"Bearer {token}"}
    rows = client.get("/api/v1/projects/parts/items", query_string={"final_label": name}, headers=header)
    assert [row["external_id"] for row in json.loads(rows.text)["data"]] == [str(place) for place in places]
    app.extensions["labeler"].database.close()


def test_a_list_of_a_class_holds_given_labels_that_have_it(database: Database, files: FileStore) -> None:
    with database.write() as session:
        new = NewProject("given", "text", "multilabel", [(name, "") for name in CLASSES])
        project = create_project(session, new, by=None, now=NOW).id
    rng = random.Random(5)
    given = [rng.sample(CLASSES, rng.randint(1, 4)) for _ in range(ITEMS)]
    rows = [Row(n, str(n), f"text {n}", None, None, {}, given_value={"labels": given[n]}) for n in range(ITEMS)]
    workflow.import_items(database, files, project, rows, workflow.ImportPlan("x", "jsonl"))
    with database.read() as session:
        for name, code in classes_of(session, project).by_name.items():
            for asked in (ItemFilter(given=code), ItemFilter(final=code)):
                found = item_page(session, project, asked, inspection_id=None)
                assert {int(item.external_id or -1) for item in found} == having(given, name)

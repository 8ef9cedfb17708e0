"""How often flags of each kind are right: judged against what was flagged, by what its detector calls right."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.annotations.actions import Answer
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.quality.detectors.base import label_is_wrong
from labeler.quality.detectors.registry import detector
from labeler.review import precision
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import LEASE, NOW, Made
from tests.review.suspects import Suspect, add_pass


@pytest.fixture
def database(any_settings: Settings) -> Iterator[Database]:
    """A database of either kind, in the place of the one of SQLite."""
    found = Database(any_settings)
    yield found
    found.close()


@pytest.fixture
def made(database: Database, any_settings: Settings) -> Made:
    """Six items that are cats by their given label."""
    with database.write() as session:
        lead = accounts.add_user(session, "olga@example.org", role="lead", now=NOW).id
        new = projects.NewProject("pets", "text", "classification", [("cat", ""), ("dog", ""), ("cow", "")], votes=1)
        project = projects.create_project(session, new, by=lead, now=NOW).id
        accounts.set_member(session, project, lead, role="lead", now=NOW)
    rows = [Row(n + 1, f"e{n}", f"Text number {n}.", None, "cat", {}) for n in range(6)]
    plan = workflow.ImportPlan("items.csv", "csv")
    workflow.import_items(database, FileStore(any_settings.files), project, rows, plan)
    with database.read() as session:
        return Made(project, "pets", list(session.scalars(select(Item.id).order_by(Item.id))))


def answer(database: Database, made: Made, labels: list[str]) -> None:
    with database.write() as session:
        held = workflow.serve(session, made.id, 1, count=len(labels), lease=LEASE)
        question = Question.of(session, session.get_one(Project, made.id))
        given = [
            Answer(str(uuid.uuid4()), one.assignment.id, {"label": label})
            for one, label in zip(held, labels, strict=True)
        ]
        workflow.submit(session, question, 1, given)


def decide(database: Database, made: Made, item: int, decision: str, label: str = "") -> None:
    with database.write() as session:
        code = classes_of(session, made.id).by_name.get(label, "")
        wanted = Decision(str(uuid.uuid4()), made.items[item], decision, code)
        workflow.resolve(session, session.get_one(Project, made.id), wanted, by=1)


def found(database: Database, made: Made, kind: str) -> tuple[int, int]:
    with database.read() as session:
        said = precision.precision(session, made.id, kind)
    return said.checked, said.right


def test_a_decision_is_judged_against_the_flagged_label_and_not_against_what_the_item_became(
    database: Database, made: Made
) -> None:
    add_pass(database, made, [Suspect(n, "label_error", 0.9, "cat", "dog", 0.8) for n in range(5)])
    answer(database, made, ["dog", "dog", "dog", "cat", "dog"])  # after the check, before the lead looks
    decide(database, made, 0, "keep")  # dog: the flag said cat is wrong, and it was
    decide(database, made, 1, "relabel", "cat")  # the flagged label after all: the flag was wrong
    decide(database, made, 2, "relabel", "cow")  # neither: the flagged label was wrong
    decide(database, made, 3, "keep")  # cat: the flag was wrong
    decide(database, made, 4, "keep")  # dog, as the first
    assert found(database, made, "label_error") == (5, 3)


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("label_error", "relabel", ["keep"]),
        ("contradiction", "relabel", ["keep"]),
        ("ambiguous", "ambiguous", ["keep", "relabel"]),
        ("near_duplicate", "exclude", ["keep", "relabel"]),
        ("outlier", "exclude", ["keep", "relabel"]),
        ("of_a_plug_in", "relabel", ["keep"]),
    ],
)
def test_each_detector_says_which_decisions_prove_it_right(
    database: Database, made: Made, kind: str, right: str, wrong: list[str]
) -> None:
    add_pass(database, made, [Suspect(n, kind, 0.9, "cat") for n in range(6)])
    for place, decision in enumerate(["keep", "relabel", "exclude", "ambiguous", "send_back"]):
        with database.write() as session:
            codes = classes_of(session, made.id).by_name
            soft = {codes["cat"]: 0.5, codes["dog"]: 0.5} if decision == "ambiguous" else None
            code = codes["dog"] if decision == "relabel" else ""
            wanted = Decision(str(uuid.uuid4()), made.items[place], decision, code, soft=soft)
            workflow.resolve(session, session.get_one(Project, made.id), wanted, by=1)
    assert found(database, made, kind) == (1 + len(wrong), 1)
    assert detector(kind).was_right(right, "2", "1") is True
    assert {detector(kind).was_right(decision, "2", "2") for decision in wrong} == {False}


def test_an_item_that_was_flagged_without_a_label_says_nothing_about_labels() -> None:
    assert label_is_wrong("keep", "1", "") is None

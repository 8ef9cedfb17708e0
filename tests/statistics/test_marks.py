"""How far people agree with the others where answers have parts: thing by thing, and only what changed is matched."""

from typing import Any

import numpy as np
import pytest

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.annotations.actions import Answer
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.exchange.rows import Row
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Project
from labeler.projects.queries import Question, classes_of
from labeler.statistics import marks
from labeler.statistics.counts import ProjectCounts, tally
from labeler.statistics.marks import Answered, Compared, compare_items
from labeler.statistics.snapshot import Snapshot, read_snapshot
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.task_types.base import Content, TaskConfig, TaskType, Value
from labeler.task_types.registry import TASK_TYPES
from tests.conftest import LEASE, NOW

CONFIG = TaskConfig(("cat", "dog"))


def box(label: str, x: float) -> dict[str, Any]:
    return {"label": label, "x": x, "y": 0.0, "width": 20.0, "height": 10.0}


def span(label: str, start: int) -> dict[str, Any]:
    return {"label": label, "start": start, "end": start + 3}


def corners(label: str, x: float) -> dict[str, Any]:
    return {"label": label, "points": [[x, 0.0], [x + 20, 0.0], [x + 20, 10.0]]}


def of(kind: str, *parts: tuple[str, int]) -> Value:
    draw = {"boxes": box, "polygons": corners, "spans": span}[kind]
    return {kind: [draw(label, place) for label, place in parts]}


def compare(task: TaskType, values: dict[int, Value], config: TaskConfig, content: Content) -> dict[int, Compared]:
    """Compare the people of one item, beside another on which the same people agree."""
    said = {str(user): value for user, value in values.items()}
    beside = Answered(2, dict.fromkeys(said, next(iter(said.values()))), content)
    found = compare_items(task, [Answered(1, said, content), beside], config)
    assert all(one.same == one.compared for one in found[2].values())
    return found[1]


@pytest.mark.parametrize("kind", ["boxes", "polygons", "spans"])
def test_two_people_are_compared_on_each_thing_that_either_marked(kind: str) -> None:
    values = {1: of(kind, ("cat", 0), ("dog", 30), ("cat", 60)), 2: of(kind, ("cat", 0), ("cat", 30))}
    found = compare(TASK_TYPES[kind], values, CONFIG, Content("x" * 90, 90, 20))
    # the same cat, a dog that the other calls a cat, and a cat that the other did not mark
    assert found == {1: Compared(3, 1), 2: Compared(3, 1)}


@pytest.mark.parametrize("kind", ["boxes", "polygons", "spans"])
def test_of_three_who_marks_what_the_others_did_not_disagrees_alone(kind: str) -> None:
    both = of(kind, ("cat", 0))
    values = {1: both, 2: both, 3: of(kind, ("cat", 0), ("dog", 30))}
    found = compare(TASK_TYPES[kind], values, CONFIG, Content("x" * 90, 90, 20))
    # on the dog the two who saw nothing have each one for and one against: nothing leads among their others
    assert found == {1: Compared(1, 1), 2: Compared(1, 1), 3: Compared(2, 1)}


def test_of_several_labels_only_those_that_somebody_chose_are_compared() -> None:
    config = TaskConfig(tuple("abcdefgh"))
    values: dict[int, Value] = {1: {"labels": ["a", "b"]}, 2: {"labels": ["b", "c"]}}
    found = compare(TASK_TYPES["multilabel"], values, config, Content("x"))
    assert found == {1: Compared(3, 1), 2: Compared(3, 1)}


def test_where_nobody_marked_anything_nothing_is_compared() -> None:
    assert compare(TASK_TYPES["boxes"], {1: of("boxes"), 2: of("boxes")}, CONFIG, Content()) == {
        1: Compared(0, 0),
        2: Compared(0, 0),
    }


def count(database: Database, project_id: int, known: Snapshot | None = None) -> tuple[ProjectCounts, Snapshot]:
    with database.read() as session:
        books = read_snapshot(session, session.get_one(Project, project_id), known)
        return tally(books, classes_of(session, project_id).codes), books


def test_people_agree_mark_by_mark_and_only_what_changed_is_matched_again(
    any_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, files = Database(any_settings), FileStore(any_settings.files)
    with database.write() as session:
        classes = [("cat", ""), ("dog", "")]
        project = create_project(session, NewProject("pets", "text", "spans", classes, votes=2), by=None, now=NOW)
        who = [
            accounts.add_user(session, f"{name}@example.org", role="annotator", password="x" * 12, now=NOW).id
            for name in ("ann", "bob")
        ]
        for user in who:
            accounts.set_member(session, project.id, user, role="annotator", now=NOW)
    rows = [Row(n, f"e{n}", f"{n:03d}" + "x" * 90, None, None, {}) for n in range(3)]
    workflow.import_items(database, files, project.id, rows, workflow.ImportPlan("x", "csv"))
    said = {
        who[0]: [of("spans", ("cat", 0), ("dog", 30))] * 3,
        who[1]: [of("spans", ("cat", 0), ("dog", 30)), of("spans", ("cat", 0)), of("spans", ("dog", 0))],
    }
    sent = []
    for user, values in said.items():
        with database.write() as session:
            held = workflow.serve(session, project.id, user, count=3, lease=LEASE)
            question = Question.of(session, session.get_one(Project, project.id))
            answers = [Answer(f"key-of-{user}-{n}", one.assignment.id, values[n]) for n, one in enumerate(held)]
            sent = workflow.submit(session, question, user, answers)
            assert {one.status for one in sent} == {"created"}
    found, books = count(database, project.id)
    # both alike twice; one alike and one missed; one called otherwise and one missed
    assert {one.user: (one.agreed, one.compared) for one in found.people} == dict.fromkeys(who, (3, 6))
    assert found.finals == ()
    matched = []

    def watched(*given: Any) -> dict[int, dict[int, Compared]]:
        matched.append(given)
        return compare_items(*given)

    monkeypatch.setattr(marks, "compare_items", watched)
    assert count(database, project.id, books)[0] == found
    assert matched == []
    with database.write() as session:
        workflow.undo(session, project.id, who[1], sent[2].id or 0, lease=LEASE)
        first = books.given.item.tolist()[0]
        decision = Decision("decide-1", first, "exclude")
        workflow.resolve(session, session.get_one(Project, project.id), decision, by=who[0])
    again, later = count(database, project.id, books)
    assert {one.user: (one.agreed, one.compared) for one in again.people} == dict.fromkeys(who, (1, 2))
    assert matched == []
    assert again == count(database, project.id)[0]
    assert len(later.marks) == 2
    assert np.isin(list(later.marks), later.given.item).all()
    database.close()

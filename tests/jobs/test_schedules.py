"""The worker asks for the checks that are due, one at a time, and says which rule asked."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.annotations.actions import Answer
from labeler.config import Settings
from labeler.exchange.rows import Row
from labeler.jobs import actions, queries
from labeler.jobs.runner import Worker
from labeler.projects.actions import NewProject, change_project, create_project
from labeler.projects.models import Project
from labeler.projects.queries import Question
from labeler.quality.queries import inspections
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from tests.conftest import LEASE, NOW

Act = Callable[..., None]


class Place:
    """A project with 20 items and a rule, on one of the two databases."""

    def __init__(self, settings: Settings) -> None:
        self.database, self.files = Database(settings), FileStore(settings.files)
        with self.database.write() as session:
            self.lead = accounts.add_user(session, "olga@example.org", role="lead", name="Olga", now=NOW).id
            new = NewProject("pets", "text", "classification", [("cat", ""), ("dog", "")], votes=1)
            self.project = create_project(session, new, by=self.lead, now=NOW).id
            accounts.set_member(session, self.project, self.lead, role="lead", now=NOW)
        rows = [Row(n, f"e{n}", f"Text {n}", None, None, {}) for n in range(1, 21)]
        workflow.import_items(self.database, self.files, self.project, rows, workflow.ImportPlan("a.csv", "csv"))

    def rule(self, **settings: Any) -> None:
        with self.database.write() as session:
            change_project(session, session.get_one(Project, self.project), {"settings": settings})

    def answers(self, many: int) -> None:
        with self.database.write() as session:
            held = workflow.serve(session, self.project, self.lead, count=many, lease=LEASE)
            question = Question.of(session, session.get_one(Project, self.project))
            given = [
                Answer(f"key-{one.assignment.id:08d}", one.assignment.id, {"label": "cat"}, seconds=1.0) for one in held
            ]
            workflow.submit(session, question, self.lead, given)

    def due(self, **later: float) -> list[tuple[int, str]]:
        with self.database.read() as session:
            return queries.checks_due(session, clock(session) + timedelta(**later))


@pytest.fixture
def place(any_settings: Settings) -> Iterator[Place]:
    found = Place(any_settings)
    yield found
    found.database.close()


def test_a_check_is_due_after_so_many_answers_and_then_only_after_as_many_again(place: Place) -> None:
    place.answers(3)
    assert place.due() == []
    place.rule(check_every=4)
    assert place.due() == []
    place.answers(1)
    assert place.due() == [(place.project, "answers")]
    workflow.inspect(place.database, place.files, place.project, schedule="answers")
    assert place.due() == []
    place.answers(4)
    assert place.due() == [(place.project, "answers")]


def test_a_daily_check_is_due_once_a_day_while_something_changes(place: Place) -> None:
    with place.database.read() as session:
        now: datetime = clock(session)
    place.rule(check_hour=now.hour)
    assert place.due() == [(place.project, "daily")], "items are there that no check has seen"
    workflow.inspect(place.database, place.files, place.project, schedule="daily")
    assert place.due() == []
    assert place.due(days=1) == [], "nothing changed"
    place.answers(1)
    assert place.due() == []
    assert place.due(days=1) == [(place.project, "daily")]


def test_the_worker_asks_for_what_is_due_and_the_run_says_which_rule_asked(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.rule(check_every=1)
    place.answers(1)
    worker = Worker(place.database, place.files)
    looks = iter([False, False, True])
    monkeypatch.setattr(worker.stop, "wait", lambda _seconds: None)
    monkeypatch.setattr(worker, "_ended", lambda: next(looks, True))
    monkeypatch.setattr(worker, "_pulse", lambda: None)
    monkeypatch.setattr(worker, "_progress", lambda _share, _sentence: None)
    worker.run()
    with place.database.read() as session:
        (run,) = inspections(session, place.project)
        assert (run.state, run.schedule, run.created_by) == ("done", "answers", None)
        assert run.newest["answer"] > 0


def test_a_check_that_fails_at_once_is_not_asked_for_again_and_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no consensus")

    monkeypatch.setattr("labeler.workflow.inspection.consensus_actions.infer", broken)
    place.rule(check_every=1, check_hour=0)
    place.answers(1)
    assert place.due() == [(place.project, "answers")]
    with pytest.raises(RuntimeError):
        workflow.inspect(place.database, place.files, place.project, schedule="answers")
    assert place.due() == []


def test_there_is_one_check_at_a_time(place: Place) -> None:
    place.rule(check_every=1)
    place.answers(1)
    with place.database.write() as session:
        actions.ask_for_inspection(session, place.project, by=place.lead, now=clock(session))
    assert place.due() == []

"""One decision for a group of items: each of them has its own afterwards, all in one step, and one undo for all."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.decisions.final import standings
from labeler.decisions.models import Review
from labeler.errors import Conflict, Invalid, NotFound
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.review import precision
from labeler.storage.database import Database
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass

Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]
KEY = "a group of twins"


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


class Group:
    """Four texts that Ann called cat, dog, cat, dog."""

    def __init__(self, database: Database, made: Made, by: int) -> None:
        self.database, self.made, self.by = database, made, by

    def decides(self, decision: str, items: tuple[int, ...] = (0, 1, 2, 3), label: str = "", **more: Any) -> int:
        with self.database.write() as session:
            code = classes_of(session, self.made.id).by_name[label] if label else ""
            ids = [self.made.items[one] for one in items]
            wanted = workflow.GroupDecision(more.pop("key", KEY), ids, decision, code, **more)
            project = session.get_one(Project, self.made.id)
            return len(workflow.resolve_group(session, project, wanted, by=self.by))

    def one(self, item: int, decision: str) -> int:
        with self.database.write() as session:
            project = session.get_one(Project, self.made.id)
            wanted = Decision(str(uuid.uuid4()), self.made.items[item], decision)
            return workflow.resolve(session, project, wanted, by=self.by)[0].id

    def back(self) -> int:
        with self.database.write() as session:
            return len(workflow.take_back(session, session.get_one(Project, self.made.id), self.by))

    def labels(self) -> list[str]:
        with self.database.read() as session:
            names = classes_of(session, self.made.id)
            return [
                "out" if one.excluded else names.name_of(one.final) or "" for one in standings(session, self.made.id)
            ]

    def decided(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            return [(one.decision, one.status) for one in session.scalars(select(Review).order_by(Review.id))]


@pytest.fixture
def group(database: Database, make_project: Make, answer: Give, cast: dict[str, int]) -> Group:
    made = make_project(items=4, votes=1)
    answer(made, "ann", ["cat", "dog", "cat", "dog"])
    add_pass(database, made, [Suspect(1, kind="contradiction", label="dog", suggested="cat")])
    return Group(database, made, cast["olga"])


def test_all_get_one_label_and_one_undo_takes_it_back(group: Group) -> None:
    assert group.decides("same", label="cat") == 4
    assert group.labels() == ["cat"] * 4
    assert group.back() == 4
    assert group.labels() == ["cat", "dog", "cat", "dog"]


def test_each_keeps_its_own(group: Group) -> None:
    group.decides("keep")
    assert group.labels() == ["cat", "dog", "cat", "dog"]
    assert group.decided() == [("keep", "current")] * 4


def test_the_first_stays_and_the_others_go(group: Group) -> None:
    group.decides("keep_first", (2, 0, 3))
    assert group.labels() == ["out", "dog", "cat", "out"]
    assert group.back() == 3
    assert group.labels() == ["cat", "dog", "cat", "dog"]


def test_the_same_request_again_changes_nothing_and_another_under_its_key_is_refused(group: Group) -> None:
    group.decides("same", label="cat")
    assert group.decides("same", label="cat") == 4
    assert group.decided() == [("relabel", "current")] * 4
    with pytest.raises(Conflict):
        group.decides("same", label="dog")
    assert group.labels() == ["cat"] * 4


def test_what_somebody_decided_meanwhile_stops_the_whole_step(group: Group) -> None:
    seen = dict.fromkeys(group.made.items, 0)
    group.one(2, "exclude")
    with pytest.raises(Conflict, match="one of these items in the meantime"):
        group.decides("same", label="dog", stood=seen)
    assert group.labels() == ["cat", "dog", "out", "dog"]
    assert group.decided() == [("exclude", "current")]


def test_the_undo_leaves_what_was_decided_since(group: Group) -> None:
    group.decides("same", label="cat")
    group.one(0, "exclude")
    with group.database.write() as session:
        project = session.get_one(Project, group.made.id)
        assert workflow.take_group_back(session, project, KEY, by=group.by) == 3
        assert workflow.take_group_back(session, project, KEY, by=group.by) == 0
    assert group.labels() == ["out", "dog", "cat", "dog"]


def test_a_group_says_nothing_about_flags(group: Group) -> None:
    group.decides("same", label="cat")
    with group.database.read() as session:
        assert precision.precision(session, group.made.id, "contradiction").checked == 0


@pytest.mark.parametrize(
    ("decision", "items", "more"),
    [
        ("same", (0, 1), {}),
        ("keep", (0, 1), {"label": "cat"}),
        ("keep", (0,), {}),
        ("keep", (0, 0), {}),
        ("burn", (0, 1), {}),
        ("keep", (0, 1), {"key": "short"}),
        ("keep", (0, 1), {"key": "k" * 41}),
    ],
)
def test_what_makes_no_sense_is_refused(
    group: Group, decision: str, items: tuple[int, ...], more: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        group.decides(decision, items, **more)
    assert group.decided() == []


def test_items_of_another_project_are_not_there(group: Group, make_project: Make) -> None:
    other = make_project("other", items=1)
    wanted = workflow.GroupDecision(KEY, [group.made.items[0], other.items[0]], "keep")
    with group.database.write() as session:
        project = session.get_one(Project, group.made.id)
        with pytest.raises(NotFound):
            workflow.resolve_group(session, project, wanted, by=group.by)
        session.rollback()

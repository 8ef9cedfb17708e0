"""Single and bulk people at work on one project: both are handed out items under the same rules, on both databases.

The stories are long and random, each from a seed. Whatever a page holds, asking one by one would have handed out too;
afterwards the rows must say what was promised.
"""

import random
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.agreement.queries import recount as recount_patterns
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.annotations.queries import of_page
from labeler.assignment.models import Assignment
from labeler.assignment.queries import HELD_OR_OPEN_TO
from labeler.assignment.queries import recount as recount_slots
from labeler.assignment.slots import end_leases
from labeler.config import Settings
from labeler.decisions import final
from labeler.decisions.actions import Decision
from labeler.projects.actions import change_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.quality.models import Inspection, ItemScore
from labeler.storage.database import Database
from labeler.workflow.pages import FEWEST
from tests.conftest import LEASE, NOW, Made

ITEMS, CLUSTER, STEPS = 24, 6, 70
Make = Callable[..., Made]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


class Hold(NamedTuple):
    """An assignment as it is stored."""

    item: int
    user: int
    round: int
    state: str
    desk: str
    expires_at: datetime


def holds(session: Session) -> set[Hold]:
    columns = (
        Assignment.item_id,
        Assignment.user_id,
        Assignment.round,
        Assignment.state,
        Assignment.desk,
        Assignment.expires_at,
    )
    return {Hold(*row) for row in session.execute(select(*columns))}


def put_together(database: Database, made: Made) -> None:
    """Turn pages and suggestions on, and store a finished inspection with clusters of look-alikes."""
    settings = {"bulk": True, "suggestions": {"on": True, "source": "model", "hidden_share": 0.5}}
    with database.write() as session:
        change_project(session, session.get_one(Project, made.id), {"settings": settings})
        run = Inspection(project_id=made.id, state="done", started_at=NOW, summary={})
        session.add(run)
        session.flush()
        for n, item in enumerate(made.items):
            row = ItemScore(inspection_id=run.id, item_id=item, label_code="", cluster=n // CLUSTER)
            row.probabilities = struct.pack("<3f", 0.9, 0.06, 0.04)
            session.add(row)


@dataclass
class Story:
    """People who do what chance says. sent: (assignment id, person) of all that was ever handed out."""

    database: Database
    made: Made
    people: list[int]
    votes: int
    chance: random.Random
    now: datetime = NOW
    handed: set[tuple[int, int]] = field(default_factory=set)
    pages: list[tuple[int, str]] = field(default_factory=list)
    steps: int = 0

    def step(self) -> None:
        who = self.chance.choice(self.people)
        names = ["one_by_one", "workspace", "page", "page", "answer", "take_back", "undo_one", "leave", "wait", "lead"]
        getattr(self, self.chance.choice(names))(who)
        self.steps += 1
        self.check()

    def one_by_one(self, who: int) -> None:
        with self.database.write() as session:
            held = workflow.serve(
                session, self.made.id, who, count=self.chance.randint(1, 5), lease=LEASE, now=self.now
            )
        self.handed |= {(one.assignment.id, who) for one in held}

    def workspace(self, who: int) -> None:
        with self.database.write() as session:
            held, _ = workflow.serve_workspace(session, self.made.id, who, count=6, lease=LEASE, now=self.now)
        self.handed |= {(one.assignment.id, who) for one in held}

    def page(self, who: int) -> None:
        """A page holds what asking one by one would hand out too; a part of it is answered, in one step."""
        with self.database.read() as session:  # nothing of it is kept
            could = workflow.serve(session, self.made.id, who, count=ITEMS, lease=LEASE, now=self.now)
            could_have = {one.item.id for one in could if one.assignment.round == 0}
        with self.database.read() as session:
            end_leases(session, self.made.id, self.now)
            held_or_open = select(Item.id).where(Item.round == 0, HELD_OR_OPEN_TO)
            free = Counter(self.cluster(item) for item in session.scalars(held_or_open, {"user": who}))
        found = workflow.serve_page(self.database, self.made.id, who, lease=LEASE, now=self.now)
        held = [one.held for one in found.items]
        assert {one.item.id for one in held} <= could_have
        first = min((cluster for cluster, items in free.items() if items >= FEWEST), default=None)
        assert (found.cluster, len(held)) == (first, free[first] if first is not None else 0)
        assert {one.assignment.expires_at for one in held} <= {self.now + LEASE}
        assert {one.assignment.suggestion_shown for one in held} <= {None}, "the page itself says what a model thinks"
        self.handed |= {(one.assignment.id, who) for one in held}
        if found.id is not None:
            self.pages.append((who, found.id))
            self.send(who, [one.assignment.id for one in held if self.chance.random() < 0.8], page=found.id)

    def cluster(self, item: int) -> int:
        return self.made.items.index(item) // CLUSTER

    def answer(self, who: int) -> None:
        own = sorted(assignment for assignment, user in self.handed if user == who)
        if own:
            self.send(who, [self.chance.choice(own)])

    def send(self, who: int, assignments: list[int], *, page: str = "") -> None:
        answers = [
            Answer(
                f"key-{self.steps:04d}-{one:06d}",
                one,
                {"label": self.chance.choice(["cat", "dog"])},
                mode="bulk" if page else "single",
                page=page,
            )
            for one in assignments
        ]
        with self.database.write() as session:
            question = Question.of(session, session.get_one(Project, self.made.id))
            told = workflow.submit(session, question, who, answers, now=self.now)
        assert {one.status for one in told} <= {"created", "late"}

    def take_back(self, who: int) -> None:
        """A page taken back leaves what taking back its answers one by one leaves, and holds what is still open."""
        del who
        if not self.pages:
            return
        user, page = self.chance.choice(self.pages)
        with self.database.read() as session:  # nothing of it is kept
            for one in of_page(session, self.made.id, user, page):
                if one.status in {"counted", "late", "skipped"}:
                    workflow.undo(session, self.made.id, user, one.id, lease=LEASE, at=self.now)
            items = {one.item_id for one in of_page(session, self.made.id, user, page)}
            right = {one for one in holds(session) if one.state == "held" and one.user == user and one.item in items}
        with self.database.write() as session:
            back = workflow.take_page_back(session, self.made.id, user, page, lease=LEASE, now=self.now)
        with self.database.read() as session:
            left = {one for one in holds(session) if one.state == "held" and one.user == user and one.item in items}
        live = {(one.item, one.round) for one in right if one.expires_at > self.now}
        assert live <= {(one.item, one.round) for one in left}
        assert {one.held.item.id for one in back.page.items} <= {one.item for one in left}
        self.handed |= {(one.held.assignment.id, user) for one in back.page.items}

    def undo_one(self, who: int) -> None:
        with self.database.write() as session:
            standing = Annotation.status.in_(("counted", "late"))
            own = session.scalars(select(Annotation.id).where(Annotation.user_id == who, standing)).all()
            if own:
                workflow.undo(session, self.made.id, who, self.chance.choice(own), lease=LEASE, at=self.now)

    def leave(self, who: int) -> None:
        own = sorted(assignment for assignment, user in self.handed if user == who)
        with self.database.write() as session:
            workflow.release(session, self.made.id, who, self.chance.sample(own, len(own) // 2), ready=own)

    def wait(self, who: int) -> None:
        del who
        self.now += self.chance.choice([timedelta(minutes=2), LEASE])

    def lead(self, who: int) -> None:
        del who
        made = Decision(
            f"rev-{self.steps:08d}", self.chance.choice(self.made.items), self.chance.choice(["exclude", "send_back"])
        )
        with self.database.write() as session:
            workflow.resolve(session, session.get_one(Project, self.made.id), made, by=self.people[0])

    def check(self) -> None:
        """No item is with more people than answers are wanted, nobody has one twice, and all counts are exact."""
        with self.database.read() as session:
            project = session.get_one(Project, self.made.id)
            out = final.excluded_items(session, self.made.id)
            assert recount_slots(session, project, sorted(out)) == {}
            assert recount_patterns(session, self.made.id) == {}
            taken = Counter((one.item, one.round) for one in holds(session) if one.state in {"held", "done"})
            assert all(count <= (1 if round_ else self.votes) for (_, round_), count in taken.items())
            counted = Annotation.status == "counted"
            given = session.execute(select(Annotation.item_id, Annotation.user_id).where(counted)).all()
            assert len(given) == len({tuple(row) for row in given}), "one counted answer a person and item"


@pytest.mark.parametrize(("seed", "votes"), [(1, 1), (2, 2), (3, 1)])
def test_single_and_bulk_people_are_handed_items_by_the_same_rules(
    make_project: Make, database: Database, cast: dict[str, int], seed: int, votes: int
) -> None:
    made = make_project(items=ITEMS, votes=votes)
    put_together(database, made)
    people = [cast[name] for name in ("olga", "ann", "bob")]
    story = Story(database, made, people, votes, random.Random(seed))
    for _ in range(STEPS):
        story.step()


def test_a_page_whose_lease_ended_comes_to_the_next_who_asks_for_a_page(
    make_project: Make, database: Database, cast: dict[str, int]
) -> None:
    made = make_project(items=CLUSTER, votes=1)
    put_together(database, made)
    first = workflow.serve_page(database, made.id, cast["ann"], lease=LEASE, now=NOW)
    before = workflow.serve_page(database, made.id, cast["bob"], lease=LEASE, now=NOW)
    assert (len(first.items), before.reason) == (CLUSTER, "nothing_left")
    later = workflow.serve_page(database, made.id, cast["bob"], lease=LEASE, now=NOW + LEASE)
    assert {one.held.item.id for one in later.items} == set(made.items)
    with database.read() as session:
        states = {(one.user, one.state) for one in holds(session)}
    assert states == {(cast["ann"], "expired"), (cast["bob"], "held")}


def test_what_a_page_showed_is_in_no_comparison_of_suggestions_however_it_is_answered(
    make_project: Make, database: Database, cast: dict[str, int]
) -> None:
    made = make_project(items=CLUSTER, votes=1)
    put_together(database, made)
    ann = cast["ann"]
    with database.write() as session:
        alone = workflow.serve(session, made.id, ann, count=CLUSTER, lease=LEASE, now=NOW)
        assert {one.assignment.suggestion_shown for one in alone} <= {True, False}
        held = [one.assignment.id for one in alone]
    workflow.serve_page(database, made.id, ann, lease=LEASE, now=NOW)
    with database.write() as session:
        question = Question.of(session, session.get_one(Project, made.id))
        answers = [Answer(f"key-{one:08d}", one, {"label": "cat"}) for one in held]
        workflow.submit(session, question, ann, answers, now=NOW)
        assert set(session.scalars(select(Annotation.suggestion_shown))) == {None}
        assert session.scalar(select(Item.id).where(Item.open_slots > 0)) is None

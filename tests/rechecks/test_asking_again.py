"""Asking others again on both databases: what happens is what the preview said, and taking it back restores all."""

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts.actions import set_member
from labeler.agreement.queries import recount as recount_patterns
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.annotations.queries import counted_answers, done_by
from labeler.assignment.queries import recount as recount_slots
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.decisions.final import excluded_items, standings
from labeler.errors import Conflict, Invalid
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.rechecks import actions, queries
from labeler.rechecks.models import AskedAgain
from labeler.rechecks.plan import Window
from labeler.storage.database import Database
from tests.conftest import LEASE, NOW, Made

Make = Callable[..., Made]
LATER = NOW + timedelta(hours=1)
NAMES = ("cat", "dog", "neither")


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


class World:
    """Thirty items with two answers wanted: Ann answered all, Bob and Rita some each; Zed has seen none."""

    def __init__(self, database: Database, made: Made, cast: dict[str, int]) -> None:
        self.database, self.made, self.cast = database, made, cast
        self.keys: Iterator[int] = itertools.count(1)
        with database.write() as session:
            for name in ("rita", "zed"):
                set_member(session, made.id, cast[name], role="annotator", now=NOW)

    def project(self, session: Session) -> Project:
        return session.get_one(Project, self.made.id)

    def answers(self, who: str, labels: list[str], *, at: timedelta = timedelta(), seconds: float = 2.0) -> list[int]:
        """Let somebody answer the next items; returns which these were."""
        now = NOW + at
        with self.database.write() as session:
            held = workflow.serve(session, self.made.id, self.cast[who], count=len(labels), lease=LEASE, now=now)
            question = Question.of(session, self.project(session))
            given = [
                Answer(f"answer-{next(self.keys):05d}", one.assignment.id, {"label": label}, seconds=seconds)
                for one, label in zip(held, labels, strict=False)
            ]
            workflow.submit(session, question, self.cast[who], given, now=now)
            return [one.item.id for one in held]

    def window(self, which: str = "depends", *, set_aside: bool = True) -> Window:
        return Window(self.cast["ann"], NOW, LATER, which, set_aside)

    def planned(self, window: Window) -> tuple[int, int, int, int]:
        with self.database.read() as session:
            return queries.planned(session, self.made.id, window).numbers

    def asks(self, window: Window, seen: tuple[int, int, int, int] | None = None) -> int:
        with self.database.write() as session:
            project = self.project(session)
            return workflow.ask_others(session, project, window, seen=seen, reason="haste", by=self.cast["olga"]).id

    def takes_back(self, asked: int) -> None:
        with self.database.write() as session:
            workflow.take_back_asking(session, self.project(session), asked, by=self.cast["olga"])

    def standing(self) -> dict[int, tuple[str, int]]:
        with self.database.read() as session:
            return {one.item_id: (one.final, one.votes) for one in standings(session, self.made.id)}

    def slots(self) -> dict[int, tuple[int, float]]:
        with self.database.read() as session:
            items = session.scalars(select(Item).where(Item.project_id == self.made.id))
            return {item.id: (item.open_slots, item.priority) for item in items}

    def check_kept_numbers(self) -> None:
        """Compare what is kept with what a recount says: open slots, and patterns of agreement."""
        with self.database.read() as session:
            project = self.project(session)
            assert recount_slots(session, project, sorted(excluded_items(session, project.id))) == {}
            assert not recount_patterns(session, project.id)


@pytest.fixture
def world(database: Database, cast: dict[str, int], make_project: Make) -> World:
    found = World(database, make_project(items=30, votes=3), cast)
    chance = random.Random(3)
    found.answers("ann", [chance.choice(NAMES) for _ in range(30)], at=timedelta(minutes=5), seconds=1.0)
    found.answers("bob", ["cat"] * 30, at=timedelta(minutes=6), seconds=4.0)
    found.answers("rita", ["cat"] * 20 + ["dog"] * 4, at=timedelta(minutes=7), seconds=4.0)
    return found


def test_what_happens_is_what_the_preview_said(world: World) -> None:
    before = world.standing()
    numbers = world.planned(world.window())
    assert numbers == (30, 20, 0, 10)
    world.asks(world.window(), numbers)
    after = world.standing()
    items = world.made.items
    assert [after[item] for item in items[:20]] == [(before[item][0], 2) for item in items[:20]]
    assert all(votes == before[item][1] - 1 for item, (_, votes) in after.items())
    world.check_kept_numbers()
    given = world.answers("zed", ["cat"] * 12)
    assert set(items[20:]) <= set(given[:10])  # they come first


def test_only_the_affected_items_are_asked_and_not_of_who_has_seen_them(world: World) -> None:
    world.asks(world.window())
    assert set(world.answers("ann", ["cat"] * 5)) == set()
    asked = set(world.made.items[20:])
    zed = set(world.answers("zed", ["cat"] * 30, at=timedelta(hours=2)))
    assert asked <= zed
    world.check_kept_numbers()
    with world.database.read() as session:
        one = queries.asked_again(session, world.made.id, world.cast["ann"])[0]
        assert (one.one.asked, one.back) == (10, 10)


def test_taking_it_back_restores_everything(world: World) -> None:
    before, slots = world.standing(), world.slots()
    asked = world.asks(world.window())
    assert world.standing() != before
    world.takes_back(asked)
    assert world.standing() == before
    assert world.slots() == slots
    world.check_kept_numbers()
    with pytest.raises(Conflict, match="already"):
        world.takes_back(asked)


def test_what_others_answered_meanwhile_stays_when_it_is_taken_back(world: World) -> None:
    asked = world.asks(world.window())
    item = world.answers("zed", ["cat"])[0]
    world.takes_back(asked)
    with world.database.read() as session:
        said = {one.user_id for one in counted_answers(session, item)}
    assert {world.cast["ann"], world.cast["zed"]} <= said
    world.check_kept_numbers()


def test_without_setting_aside_the_answers_go_on_counting(world: World) -> None:
    before = world.standing()
    numbers = world.planned(world.window(set_aside=False))
    world.asks(world.window(set_aside=False), numbers)
    assert world.standing() == before
    world.check_kept_numbers()
    assert set(world.made.items[20:]) <= set(world.answers("zed", ["cat"] * 12))


def test_nothing_is_done_when_answers_came_in_since_the_preview(world: World) -> None:
    numbers, before = world.planned(world.window()), world.standing()
    world.answers("rita", ["cat"] * 3, at=timedelta(minutes=9))
    between = world.standing()
    with pytest.raises(Conflict, match="Look again"):
        world.asks(world.window(), numbers)
    assert before != between == world.standing()


def test_who_did_it_when_and_why_is_kept_and_no_answer_is_lost(world: World) -> None:
    asked = world.asks(world.window())
    with world.database.read() as session:
        one = session.get_one(AskedAgain, asked)
        assert (one.asked_by, one.reason, one.set_aside) == (world.cast["olga"], "haste", True)
        rows = session.scalars(select(Annotation.status).where(Annotation.user_id == world.cast["ann"])).all()
        assert rows == ["not_counted"] * 30
        why = queries.why_not_counted(session, world.made.items[0])
        assert [found.id for found in why.values()] == [asked]
        assert done_by(session, world.made.id, world.cast["ann"]).answered == 30  # to her it is answered


def test_what_a_lead_decided_is_not_asked(world: World) -> None:
    with world.database.write() as session:
        code = classes_of(session, world.made.id).by_name["dog"]
        wanted = Decision("decide-25", world.made.items[25], "relabel", code)
        workflow.resolve(session, world.project(session), wanted, by=world.cast["olga"])
        workflow.resolve(
            session,
            world.project(session),
            Decision("decide-26", world.made.items[26], "exclude"),
            by=world.cast["olga"],
        )
    assert world.planned(world.window()) == (30, 22, 0, 8)
    world.asks(world.window())
    world.check_kept_numbers()
    assert world.standing()[world.made.items[25]][0] == code


def test_items_everybody_has_seen_are_counted_and_not_asked(world: World) -> None:
    with world.database.write() as session:
        workflow.remove_member(session, world.made.id, world.cast["zed"])
        workflow.remove_member(session, world.made.id, world.cast["olga"])
    # Rita has not seen the last six
    assert world.planned(world.window()) == (30, 20, 4, 6)


def test_only_fast_answers(world: World) -> None:
    assert world.planned(world.window("fast")) == (30, 0, 0, 30)
    assert world.planned(world.window("all")) == (30, 0, 0, 30)


def test_an_empty_window_changes_nothing_and_says_so(world: World) -> None:
    with pytest.raises(Invalid, match="Nothing in this window"):
        world.asks(Window(world.cast["ann"], LATER, LATER + timedelta(days=1)))


def test_a_blind_look_is_a_random_sample_of_what_the_lead_has_not_seen(world: World) -> None:
    with world.database.write() as session:
        wanted = Decision("decide-01", world.made.items[0], "keep")
        workflow.resolve(session, world.project(session), wanted, by=world.cast["olga"])
        look = actions.start_look(session, world.made.id, world.window("all"), by=world.cast["olga"], now=NOW)
        rows = queries.looked_at(session, look)
        assert len({one.item_id for one, _ in rows}) == len(rows) == 20
        assert all(answer.user_id == world.cast["ann"] for _, answer in rows)
        assert world.made.items[0] not in {one.item_id for one, _ in rows}


def test_a_lead_answers_once_may_take_it_back_and_nothing_of_it_counts(world: World) -> None:
    before = world.standing()
    with world.database.write() as session:
        olga = world.cast["olga"]
        look = actions.start_look(session, world.made.id, world.window("all"), by=olga, now=NOW)
        actions.answer_look(session, look, 1, code="1", value=None, by=olga, now=NOW)
        with pytest.raises(Conflict, match="already"):
            actions.answer_look(session, look, 1, code="1", value=None, by=olga, now=NOW)
        with pytest.raises(Conflict, match="Somebody else"):
            actions.answer_look(session, look, 2, code="1", value=None, by=world.cast["rita"], now=NOW)
        assert actions.take_back_look(session, look, by=olga) == 1
        assert actions.take_back_look(session, look, by=olga) == 0
    assert world.standing() == before

"""A test item from the lead who makes it one to what its answers say: mixed in without a sign, never a vote."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.agreement.queries import recount as recount_patterns
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.assignment.queries import recount as recount_slots
from labeler.consensus.queries import consensus_of
from labeler.decisions.actions import Decision
from labeler.decisions.final import excluded_items
from labeler.errors import Conflict, Invalid
from labeler.exchange.rows import Row
from labeler.projects.actions import change_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.test_items import serving
from labeler.test_items.queries import judged_answers, repeated_answers
from tests.conftest import LEASE, NOW, Made

Make = Callable[..., Made]


class World:
    """A project of many texts, led by Olga, answered by Ann and Bob."""

    def __init__(self, database: Database, made: Made, cast: dict[str, int]) -> None:
        self.database, self.made, self.cast = database, made, cast
        self.keys: Iterator[int] = itertools.count(1)

    def project(self, session: Session) -> Project:
        return session.get_one(Project, self.made.id)

    def sets(self, **values: Any) -> None:
        with self.database.write() as session:
            change_project(session, self.project(session), {"settings": values})

    def makes_tests(self, *places: int, label: str = "cat") -> None:
        with self.database.write() as session:
            for place in places:
                workflow.make_test(
                    session,
                    self.project(session),
                    self.made.items[place],
                    by=self.cast["olga"],
                    value={"label": label},
                )

    def served(self, who: str, count: int = 12) -> list[workflow.Held]:
        with self.database.write() as session:
            return workflow.serve(session, self.made.id, self.cast[who], count=count, lease=LEASE, now=NOW)

    def desk(self, who: str, count: int = 12) -> tuple[list[workflow.Held], bool]:
        with self.database.write() as session:
            return workflow.serve_workspace(session, self.made.id, self.cast[who], count=count, lease=LEASE, now=NOW)

    def says(self, who: str, held: workflow.Held, label: str = "cat") -> workflow.Receipt:
        with self.database.write() as session:
            question = Question.of(session, self.project(session))
            answer = Answer(f"answer-{next(self.keys)}", held.assignment.id, {"label": label}, seconds=2.0)
            return workflow.submit(session, question, self.cast[who], [answer], now=NOW)[0]

    def works(self, who: str, answers: int, label: str = "cat") -> list[tuple[int, str]]:
        """Let somebody answer one item after the other; returns (item, what it was asked for) of each."""
        seen = []
        for _ in range(answers):
            held = self.served(who)
            if not held:
                break
            seen.append((held[0].item.id, held[0].assignment.purpose))
            self.says(who, held[0], label)
        return seen

    def is_sound(self) -> bool:
        with self.database.read() as session:
            project = self.project(session)
            assert recount_patterns(session, project.id) == {}
            return recount_slots(session, project, sorted(excluded_items(session, project.id))) == {}


@pytest.fixture
def world(database: Database, make_project: Make, cast: dict[str, int]) -> World:
    return World(database, make_project(items=80, votes=1), cast)


def test_test_items_come_among_the_others_and_are_no_votes(world: World) -> None:
    tests = {world.made.items[place] for place in range(5)}
    world.makes_tests(*range(5))
    seen = world.works("ann", 20)
    asked = [purpose for _, purpose in seen]
    assert {item for item, purpose in seen if purpose == "gold"} <= tests
    assert not {item for item, purpose in seen if purpose == "label"} & tests
    assert 2 <= asked[:12].count("gold") <= 4  # three in ten of the first ten
    answered = [item for item, purpose in seen if purpose == "gold"]
    assert len(answered) == len(set(answered))  # each of them once
    with world.database.read() as session:
        assert consensus_of(session, sorted(tests)) == {}
        assert [one.right for one in judged_answers(session, world.made.id)] == [True] * len(answered)
        beside = session.scalars(select(Annotation).where(Annotation.item_id.in_(tests)))
        assert {one.status for one in beside} == {"audit"}
    assert world.is_sound()


def test_the_last_items_of_a_person_are_not_all_tests(world: World) -> None:
    world.makes_tests(*range(65))
    asked = [purpose for _, purpose in world.works("ann", 80)]
    assert asked.count("label") == 15
    assert asked[-2:] != ["gold", "gold"]
    assert asked.count("gold") < 10


def test_asking_twice_holds_nothing_twice_and_more_than_one_person_answers_a_test(world: World) -> None:
    world.makes_tests(0)
    first = [(one.item.id, one.assignment.purpose) for one in world.desk("ann")[0]]
    assert first == [(one.item.id, one.assignment.purpose) for one in world.desk("ann")[0]]
    assert [purpose for _, purpose in first].count("gold") == 1
    world.works("ann", 12)
    world.works("bob", 12)
    with world.database.read() as session:
        assert {one.user_id for one in judged_answers(session, world.made.id)} == {
            world.cast["ann"],
            world.cast["bob"],
        }
    assert world.is_sound()


def test_an_answer_to_a_test_can_be_taken_back_and_given_anew(world: World) -> None:
    world.makes_tests(0)
    held = next(one for one in world.served("ann") if one.assignment.purpose == "gold")
    given = world.says("ann", held, "dog")
    with world.database.write() as session:
        workflow.undo(session, world.made.id, world.cast["ann"], given.id or 0, lease=LEASE, at=NOW)
        assert judged_answers(session, world.made.id) == []
    assert world.says("ann", held, "cat").status == "created"
    with world.database.read() as session:
        assert [one.right for one in judged_answers(session, world.made.id)] == [True]


def test_who_is_told_what_is_right_is_judged_by_the_first_answer(world: World) -> None:
    world.sets(test_feedback=True)
    world.makes_tests(0)
    held = next(one for one in world.served("ann") if one.assignment.purpose == "gold")
    given = world.says("ann", held, "dog")
    assert world.says("ann", held, "cat").status == "late"
    with world.database.write() as session, pytest.raises(Conflict):
        workflow.undo(session, world.made.id, world.cast["ann"], given.id or 0, lease=LEASE, at=NOW)
    with world.database.read() as session:
        assert [one.right for one in judged_answers(session, world.made.id)] == [False]


def test_a_decision_makes_a_test_item_and_a_later_one_says_what_is_right(world: World) -> None:
    item = world.made.items[0]
    with world.database.write() as session:
        with pytest.raises(Invalid, match="Nobody has decided"):
            workflow.make_test(session, world.project(session), item, by=world.cast["olga"])
        codes = classes_of(session, world.made.id).by_name
        for number, name in enumerate(("cat", "dog")):
            made = Decision(f"decision-{number}", item, "relabel", codes[name])
            workflow.resolve(session, world.project(session), made, by=world.cast["olga"])
            if name == "cat":
                assert workflow.make_decided(
                    session, world.project(session), world.made.items[:2], by=world.cast["olga"]
                ) == workflow.MadeTests(1, 1)
    world.works("ann", 8, label="dog")
    with world.database.write() as session:
        assert [one.right for one in judged_answers(session, world.made.id)] == [True]
        out = Decision("decision-9", item, "exclude")
        workflow.resolve(session, world.project(session), out, by=world.cast["olga"])
        assert judged_answers(session, world.made.id) == []
    assert world.is_sound()


def test_who_made_an_item_a_test_item_is_not_tested_by_it(world: World) -> None:
    world.makes_tests(*range(5))
    assert {purpose for _, purpose in world.works("olga", 20)} == {"label"}


def test_what_is_no_test_item_any_more_wants_votes_again_and_judges_nobody(world: World) -> None:
    world.makes_tests(0, 1)
    world.works("ann", 12)
    with world.database.write() as session:
        assert workflow.end_tests(session, world.project(session), world.made.items) == 2
        assert session.get_one(Item, world.made.items[0]).open_slots == 1
        assert judged_answers(session, world.made.id) == []
    assert world.is_sound()
    assert world.made.items[0] in [one.item.id for one in world.served("bob")]


def test_a_column_of_an_import_makes_test_items(
    database: Database, make_project: Make, cast: dict[str, int], files: FileStore
) -> None:
    made = make_project("gold", items=0)
    rows = [
        Row(number, f"e{number}", f"Text {number}", None, None, {"gold": gold} if gold else {})
        for number, gold in enumerate(("cat", "", "horse", "dog"), 1)
    ]
    workflow.import_items(database, files, made.id, rows, workflow.ImportPlan("items.csv", "csv"))
    with database.write() as session:
        project = session.get_one(Project, made.id)
        assert workflow.make_from_column(session, project, by=cast["olga"]) == workflow.MadeTests(2, 1)
        assert workflow.make_from_column(session, project, by=cast["olga"]) == workflow.MadeTests(0, 1)


def test_nobody_works_before_they_passed_the_first_round(world: World) -> None:
    world.makes_tests(*range(5))
    world.sets(test_round=4, pass_mark=0.75)
    held, more = world.desk("ann")
    assert [one.assignment.purpose for one in held] == ["gold"] * 4
    assert not more
    for one, label in zip(held, ("cat", "cat", "dog", "cat"), strict=True):
        world.says("ann", one, label)
    assert {purpose for _, purpose in world.works("ann", 3)} <= {"label", "gold"}
    for one in world.desk("bob")[0]:
        world.says("bob", one, "dog")
    assert world.desk("bob") == ([], False)
    with world.database.write() as session:
        assert workflow.turn_of(session, world.made.id, world.cast["bob"]).why == "failed"
        workflow.let_in(session, world.project(session), world.cast["bob"])
    assert world.desk("bob")[0]


def test_another_try_is_of_items_that_were_not_seen(world: World) -> None:
    world.makes_tests(*range(4))
    world.sets(test_round=2)
    first = [one.item.id for one in world.desk("bob")[0]]
    for one in world.desk("bob")[0]:
        world.says("bob", one, "dog")
    with world.database.write() as session:
        workflow.try_again(session, world.project(session), world.cast["bob"])
    again = world.desk("bob")[0]
    assert len(again) == 2
    assert not set(first) & {one.item.id for one in again}
    for one in again:
        world.says("bob", one, "cat")
    assert world.desk("bob")[0][0].assignment.purpose in {"label", "gold"}


def test_repeats_are_a_persons_own_items_after_a_while_and_no_votes(
    database: Database, make_project: Make, cast: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(database, make_project("again", items=45, votes=1), cast)
    monkeypatch.setattr(serving, "AGAIN_AFTER", 10)
    world.sets(repeat_share=0.2)
    seen = world.works("ann", 40)
    again = [item for item, purpose in seen if purpose == "repeat"]
    assert len(again) >= 3
    for item in again:
        own = [place for place, (one, _) in enumerate(seen) if one == item]
        assert len(own) == 2
        assert own[1] - own[0] >= 10
    with database.read() as session:
        found = repeated_answers(session, world.made.id)
        assert [one.item_id for one in found] == again
        assert all(one.same and one.first_at <= one.again_at for one in found)
        assert {one.votes for one in consensus_of(session, again).values()} == {1}
    held = world.served("ann")
    repeat = next((one for one in held if one.assignment.purpose == "repeat"), None)
    if repeat is not None:
        world.says("ann", repeat, "dog")
        with database.read() as session:
            assert not repeated_answers(session, world.made.id)[-1].same
    assert world.is_sound()

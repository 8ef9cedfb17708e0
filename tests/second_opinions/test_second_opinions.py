"""A second opinion from the question to what becomes of it: blind, no vote, cleared where it agrees."""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts.actions import set_member
from labeler.agreement.queries import recount as recount_patterns
from labeler.annotations.actions import Answer
from labeler.assignment.models import Assignment
from labeler.assignment.queries import recount as recount_slots
from labeler.config import Settings
from labeler.consensus.queries import consensus_of
from labeler.decisions import outcomes
from labeler.decisions.actions import Decision, undo_standing
from labeler.decisions.final import excluded_items, standing_of
from labeler.decisions.models import Review
from labeler.errors import Conflict
from labeler.projects.models import Project
from labeler.projects.queries import Question, classes_of
from labeler.quality.queries import latest_inspection
from labeler.review import precision, queue
from labeler.second_opinions import queries
from labeler.storage.database import Database
from tests.conftest import LEASE, NOW, Made
from tests.review.suspects import Suspect, add_pass

Make = Callable[..., Made]
FLAGGED = 0


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


class World:
    """A project of six texts, each answered "cat" by Bob, of which the first is flagged; and its people."""

    def __init__(self, database: Database, made: Made, cast: dict[str, int]) -> None:
        self.database, self.made, self.cast = database, made, cast
        self.keys: Iterator[int] = itertools.count(1)

    def project(self, session: Session) -> Project:
        return session.get_one(Project, self.made.id)

    def asks(self, item: int = FLAGGED, who: str = "olga", decision: str = "second_opinion", **more: str) -> int:
        with self.database.write() as session:
            code = classes_of(session, self.made.id).by_name[more["label"]] if "label" in more else ""
            wanted = Decision(f"decision-{next(self.keys)}", self.made.items[item], decision, code)
            return workflow.resolve(session, self.project(session), wanted, by=self.cast[who])[0].id

    def served(self, who: str, count: int = 10, *, after: timedelta = timedelta()) -> list[workflow.Held]:
        with self.database.write() as session:
            return workflow.serve(session, self.made.id, self.cast[who], count=count, lease=LEASE, now=NOW + after)

    def asked(self, who: str) -> list[int]:
        """Return the places of the items that come to a person for a second opinion."""
        held = [one for one in self.served(who) if one.assignment.purpose == "second_opinion"]
        return [self.made.items.index(one.item.id) for one in held]

    def says(self, who: str, label: str | None, item: int = FLAGGED) -> workflow.Receipt:
        held = next(one for one in self.served(who) if one.item.id == self.made.items[item])
        return self.submits(who, held.assignment.id, label)

    def submits(self, who: str, assignment: int, label: str | None) -> workflow.Receipt:
        value, skip = (None, "not clear") if label is None else ({"label": label}, None)
        with self.database.write() as session:
            question = Question.of(session, self.project(session))
            answer = Answer(f"answer-{next(self.keys)}", assignment, value, skip=skip, seconds=2.0)
            return workflow.submit(session, question, self.cast[who], [answer], now=NOW)[0]

    def undoes(self, who: str, receipt: workflow.Receipt) -> None:
        assert receipt.id is not None
        with self.database.write() as session:
            workflow.undo(session, self.made.id, self.cast[who], receipt.id, lease=LEASE, at=NOW)

    def back(self, who: str = "olga") -> list[str]:
        with self.database.write() as session:
            return [one.decision for one in workflow.take_back(session, self.project(session), self.cast[who])]

    def decisions(self, item: int = FLAGGED) -> list[tuple[str, str]]:
        with self.database.read() as session:
            found = session.scalars(select(Review).where(Review.item_id == self.made.items[item]).order_by(Review.id))
            return [(one.decision, one.status) for one in found]

    def queue(self) -> list[int]:
        with self.database.read() as session:
            run = latest_inspection(session, self.made.id)
            assert run is not None
            return [self.made.items.index(flag.item_id) for flag in queue.first(session, run.id)]

    def label(self, item: int = FLAGGED) -> tuple[str | None, str, int]:
        """Return the final label of an item, where it comes from, and how many votes it has."""
        with self.database.read() as session:
            found = standing_of(session, self.made.id, self.made.items[item])
            return classes_of(session, self.made.id).name_of(found.final), found.source, found.votes

    def is_sound(self) -> bool:
        with self.database.read() as session:
            project = self.project(session)
            assert recount_patterns(session, project.id) == {}
            return recount_slots(session, project, sorted(excluded_items(session, project.id))) == {}


@pytest.fixture
def world(database: Database, make_project: Make, cast: dict[str, int]) -> World:
    made = World(database, make_project(items=6, votes=1), cast)
    for one in made.served("bob"):
        made.submits("bob", one.assignment.id, "cat")
    suspects = [Suspect(0, label="cat", suggested="dog"), Suspect(1, score=0.8, label="cat", suggested="dog")]
    add_pass(database, made.made, suspects)
    return made


def test_it_goes_to_somebody_else_and_leaves_the_queue_while_it_waits(world: World) -> None:
    assert world.queue() == [0, 1]
    world.asks()
    assert world.queue() == [1]
    assert world.label() == ("cat", "consensus", 1)
    assert world.asked("olga") == []  # who asks
    assert world.asked("bob") == []  # who answered
    held = world.served("ann")
    assert [(one.assignment.purpose, one.note, one.earlier) for one in held] == [("second_opinion", "", None)]
    assert held[0].assignment.suggested_code == ""
    with world.database.read() as session:
        assert queries.waiting_count(session, world.made.id) == 1
        [waiting] = queries.waiting(session, world.made.id, 10)
        assert (waiting.item_id, waiting.holder, waiting.possible) == (world.made.items[0], "Ann", True)
        assert outcomes.decided(session, world.made.id).asked == 1


def test_an_answer_that_agrees_clears_the_flag_and_is_no_vote(world: World) -> None:
    world.asks()
    assert world.says("ann", "cat").status == "created"
    assert world.decisions() == [("second_opinion", "answered"), ("agreed", "current")]
    assert world.queue() == [1]
    assert world.label() == ("cat", "consensus", 1)
    assert world.is_sound()
    with world.database.read() as session:
        assert outcomes.decided(session, world.made.id).agreed == 1
        assert precision.precision(session, world.made.id, "label_error").checked == 0  # no lead looked
        assert consensus_of(session, [world.made.items[0]])[world.made.items[0]].votes == 1
        assert queries.waiting_count(session, world.made.id) == 0


def test_another_answer_brings_the_item_back_with_what_was_said(world: World) -> None:
    world.asks()
    world.says("ann", "dog")
    assert world.decisions() == [("second_opinion", "answered")]
    assert world.queue() == [0, 1]
    assert world.label() == ("cat", "consensus", 1)
    with world.database.read() as session:
        [(answer, user)] = queries.opinions_on(session, world.made.items[0])
        assert (user.name, answer.status) == ("Ann", "audit")
        assert list(queries.differing(session, world.made.id, 10)) == [world.made.items[0]]
    world.asks(decision="relabel", label="dog")
    with world.database.read() as session:
        assert list(queries.differing(session, world.made.id, 10)) == []
    world.back()
    assert world.queue() == [0, 1]


def test_an_imported_label_is_never_replaced_by_one_opinion(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    world = World(database, make_project(items=1, votes=1, given="cat"), cast)
    add_pass(database, world.made, [Suspect(0, label="cat", suggested="dog")])
    world.asks()
    opinion = next(one for one in world.served("ann") if one.assignment.purpose == "second_opinion")
    world.submits("ann", opinion.assignment.id, "dog")
    assert world.label() == ("cat", "given", 0)
    assert world.is_sound()


def test_the_question_is_taken_back_and_an_answer_on_its_way_is_late(world: World) -> None:
    world.asks()
    [held] = world.served("ann")
    assert world.back() == ["second_opinion"]
    assert world.queue() == [0, 1]
    assert world.asked("ann") == []
    assert world.submits("ann", held.assignment.id, "dog").status == "late"
    assert world.decisions() == [("second_opinion", "undone")]


def test_who_answered_takes_it_back_and_answers_again(world: World) -> None:
    world.asks()
    world.undoes("ann", world.says("ann", "cat"))
    assert world.decisions() == [("second_opinion", "current"), ("agreed", "undone")]
    assert world.asked("ann") == [0]
    first = world.says("ann", "dog")
    assert world.queue() == [0, 1]
    world.undoes("ann", first)
    assert world.queue() == [1]
    world.says("ann", "cat")
    assert world.decisions()[-1] == ("agreed", "current")
    assert world.is_sound()


def test_what_a_lead_decided_since_stands_and_the_answer_cannot_be_taken_back(world: World) -> None:
    world.asks()
    [held] = world.served("ann")
    given = world.submits("ann", held.assignment.id, "dog")
    world.asks(decision="keep")
    with pytest.raises(Conflict, match="A lead has decided since"):
        world.undoes("ann", given)
    assert world.submits("ann", held.assignment.id, "cat").status == "late"
    assert world.decisions() == [("second_opinion", "answered"), ("keep", "current")]


def test_an_agreement_is_undone_by_a_lead_and_stands_again_after_a_later_decision(world: World) -> None:
    world.asks()
    world.says("ann", "cat")
    world.asks(decision="relabel", label="dog")
    assert world.label() == ("dog", "review", 1)
    world.back()
    assert world.decisions()[1:] == [("agreed", "current"), ("relabel", "undone")]
    with world.database.write() as session:
        agreed = session.scalars(select(Review).where(Review.decision == "agreed")).one()
        assert undo_standing(session, world.project(session), world.made.items[0], agreed.id)
    assert world.queue() == [0, 1]


def test_whether_somebody_may_still_answer_is_said_of_each_question_by_itself(database: Database, world: World) -> None:
    world.asks()
    world.asks(1)
    assert world.says("ann", None).status == "created"  # she skips the first, and nobody else is left for that one
    with database.write() as session:
        session.execute(update(Assignment).where(Assignment.state == "held").values(state="expired"))
    with database.read() as session:
        found = queries.waiting(session, world.made.id, 10)
    assert [(one.item_id, one.possible) for one in found] == [
        (world.made.items[0], False),
        (world.made.items[1], True),
    ]


@pytest.mark.parametrize("decision", ["exclude", "keep", "send_back"])
def test_a_decision_meanwhile_ends_the_question(world: World, decision: str) -> None:
    world.asks()
    [held] = world.served("ann")
    world.asks(decision=decision)
    assert world.submits("ann", held.assignment.id, "cat").status == "late"
    assert world.decisions() == [("second_opinion", "replaced"), (decision, "current")]
    world.back()
    assert world.decisions() == [("second_opinion", "current"), (decision, "undone")]
    assert world.is_sound()


def test_who_leaves_or_lets_the_lease_end_or_skips_makes_room_for_the_next(
    database: Database, world: World, cast: dict[str, int]
) -> None:
    world.asks()
    assert world.asked("ann") == [0]
    with database.write() as session:
        workflow.remove_member(session, world.made.id, cast["ann"])
        [waiting] = queries.waiting(session, world.made.id, 10)
        assert (waiting.holder, waiting.possible) == ("", False)
        set_member(session, world.made.id, cast["rita"], role="annotator", now=NOW)
    assert world.asked("rita") == [0]
    world.says("rita", None)
    assert world.asked("rita") == []
    assert world.decisions() == [("second_opinion", "current")]
    with database.write() as session:
        set_member(session, world.made.id, cast["ann"], role="annotator", now=NOW)
    assert world.asked("ann") == [0]
    assert world.asked("ann") == [0]  # hers until her lease ends


def test_there_must_be_somebody_to_ask(world: World) -> None:
    world.asks()
    with pytest.raises(Conflict, match="waits for a second opinion already"):
        world.asks()
    world.says("ann", "dog")
    with pytest.raises(Conflict, match="Nobody is left to ask"):
        world.asks()
    assert world.queue() == [0, 1]


def test_fewer_votes_meanwhile_change_nothing_for_it(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    world = World(database, make_project(items=2, votes=2), cast)
    for one in world.served("bob"):
        world.submits("bob", one.assignment.id, "cat")
    world.asks()
    held = next(one for one in world.served("ann") if one.assignment.purpose == "second_opinion")
    with database.write() as session:
        workflow.change_votes(session, world.project(session), 1)
    assert world.submits("ann", held.assignment.id, "cat").status == "created"
    assert world.decisions() == [("second_opinion", "answered"), ("agreed", "current")]
    assert world.is_sound()


def test_they_stand_apart_among_a_persons_own_items(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    world = World(database, make_project(items=30, votes=2), cast)
    for one in world.served("bob", 6):
        world.submits("bob", one.assignment.id, "cat")
    for item in range(6):
        world.asks(item)
    purposes = [one.assignment.purpose for one in world.served("ann", 20)]
    places = [at for at, purpose in enumerate(purposes) if purpose == "second_opinion"]
    assert len(places) >= 2
    assert all(later - earlier > 4 for earlier, later in itertools.pairwise(places))
    assert [one.item.id for one in world.served("ann", 20)] == [one.item.id for one in world.served("ann", 20)]

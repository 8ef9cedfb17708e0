"""Items that were sent back, and what undoing a later decision leaves of the question; on SQLite and on PostgreSQL.

Right is the state that the item would have without the decision that is undone: a question with an answer that counts
does not stand open again, one without does, and somebody is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.assignment import slots
from labeler.decisions import final
from labeler.decisions.actions import Decision
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from tests.test_workflow import LEASE, T0, World, world

__all__ = ["world"]
LATER = ["exclude", "keep", "relabel", "ambiguous"]


@dataclass
class Story:
    """What a lead and annotators do with the first items of a world, in short words."""

    world: World
    items: list[int]
    now: datetime = T0

    def decide(self, decision: str, number: int = 0, *, by: str = "olga", batch: str = "") -> None:
        with self.world.database.write() as session:
            cat, dog = (classes_of(session, self.world.project_id).by_name[name] for name in ("cat", "dog"))
            key = f"rev-{next(self.world.keys):08d}"
            code = cat if decision == "relabel" else ""
            soft = {cat: 0.5, dog: 0.5} if decision == "ambiguous" else None
            made = Decision(key, self.items[number], decision, code, batch=batch, soft=soft)
            workflow.resolve(session, session.get_one(Project, self.world.project_id), made, by=self.world.people[by])

    def take_back(self, times: int = 1, *, by: str = "olga") -> int:
        with self.world.database.write() as session:
            project = session.get_one(Project, self.world.project_id)
            return sum(len(workflow.take_back(session, project, self.world.people[by])) for _ in range(times))

    def asked(self, who: str, number: int = 0) -> workflow.Held:
        """Hold the item as somebody who is asked about it now."""
        with self.world.database.write() as session:
            held = self.world.give(session, who, 9, now=self.now)
            return next(one for one in held if one.item.id == self.items[number])

    def says(self, who: str, held: workflow.Held, label: str | None, *, status: str = "created") -> int:
        with self.world.database.write() as session:
            receipt = self.world.answer(session, who, held, label, now=self.now)
            assert receipt.status == status
            return receipt.id or 0

    def undoes(self, who: str, answer: int) -> None:
        with self.world.database.write() as session:
            workflow.undo(session, self.world.project_id, self.world.people[who], answer, lease=LEASE, at=self.now)

    def leases_end(self) -> None:
        self.now += 2 * LEASE
        with self.world.database.write() as session:
            slots.end_leases(session, self.world.project_id, self.now)

    def stands(self, number: int = 0) -> str:
        self.world.proven()
        with self.world.database.read() as session:
            return final.standing_of(session, self.world.project_id, self.items[number]).decision

    def asks(self, who: str, number: int = 0) -> bool:
        """Whether the question stands, and this person is asked it."""
        if self.stands(number) != "send_back":
            return False
        assert self.asked(who, number).assignment.purpose == "review"
        return True


@pytest.fixture
def story(world: World) -> Story:
    world.labels("ann", ["cat", "cat"])
    world.labels("bob", ["dog", "dog"])
    with world.database.read() as session:
        items: Sequence[int] = session.scalars(select(Item.id).order_by(Item.id)).all()
    return Story(world, list(items))


@pytest.mark.parametrize("later", LATER)
def test_what_was_answered_since_leaves_no_earlier_question_open(story: Story, later: str) -> None:
    story.decide("send_back")
    first = story.asked("cid")
    given = story.says("cid", first, "cat")
    story.decide("send_back")
    story.decide("keep")
    story.undoes("cid", given)
    story.decide("send_back")
    story.says("ann", story.asked("ann"), "dog")
    story.decide("send_back")
    story.says("bob", story.asked("bob"), "dog")
    story.decide(later)
    story.take_back()
    assert story.stands() == ""


@pytest.mark.parametrize("later", LATER)
def test_an_answer_of_an_earlier_round_is_none_to_the_question_that_waits(story: Story, later: str) -> None:
    story.decide("send_back")
    first = story.asked("cid")
    story.says("cid", first, "cat")
    story.decide("send_back")
    second = story.says("ann", story.asked("ann"), "dog")
    story.decide(later)
    story.undoes("ann", second)
    story.says("cid", first, "dog")
    story.take_back()
    story.leases_end()
    assert story.asks("bob")
    story.says("bob", story.asked("bob"), "cat")
    assert story.stands() == ""


def test_what_a_later_answer_answered_is_open_again_when_that_is_taken_back(story: Story) -> None:
    story.decide("send_back")
    first = story.asked("cid")
    given = story.says("cid", first, "cat")
    story.decide("keep")
    story.undoes("cid", given)
    story.decide("send_back")
    second = story.says("ann", story.asked("ann"), "dog")
    story.decide("exclude")
    story.take_back()
    assert story.stands() == ""
    story.undoes("ann", second)
    assert story.stands() == "send_back"
    story.take_back()
    assert story.stands() == "keep"
    story.take_back()
    story.leases_end()
    assert story.asks("bob")


def test_an_answer_to_the_earlier_of_two_questions_leaves_the_later_open(story: Story) -> None:
    story.decide("send_back")
    first = story.asked("cid")
    given = story.says("cid", first, "cat")
    story.decide("keep")
    story.undoes("cid", given)
    story.decide("send_back")
    second = story.asked("ann")
    answer = story.says("ann", second, "dog")
    story.decide("keep")
    story.undoes("ann", answer)
    story.says("cid", first, "cat")
    story.take_back()
    assert story.asks("ann")
    assert story.take_back(2) == 2, "sending back, and keeping before that"
    assert story.stands() == "", "the first question was answered"


@pytest.mark.parametrize("later", LATER)
def test_a_question_whose_round_was_left_meanwhile_is_asked_anew(story: Story, later: str) -> None:
    story.decide("send_back")
    given = story.says("cid", story.asked("cid"), "cat")
    story.decide(later)
    story.undoes("cid", given)
    story.leases_end()
    story.decide("send_back")
    story.decide("exclude")
    assert story.take_back(3) == 3
    assert story.asks("bob")


@pytest.mark.parametrize("later", LATER)
def test_a_skip_in_place_of_the_answer_opens_the_question_again(story: Story, later: str) -> None:
    story.decide("send_back")
    held = story.asked("cid")
    story.says("cid", held, "cat")
    story.decide(later)
    story.says("cid", held, None)
    story.take_back()
    assert story.asks("bob")
    story.says("bob", story.asked("bob"), "dog")
    assert story.stands() == ""


def test_a_skip_taken_back_leaves_the_question_open_for_who_skipped(story: Story) -> None:
    story.decide("send_back")
    held = story.asked("cid")
    story.says("cid", held, "cat")
    story.decide("exclude")
    skip = story.says("cid", held, None)
    story.undoes("cid", skip)
    story.take_back()
    assert story.stands() == "send_back"
    story.says("cid", held, "dog")
    assert story.stands() == ""


@pytest.mark.parametrize("later", LATER)
def test_an_answer_taken_back_after_the_decision_was_undone_opens_the_question(story: Story, later: str) -> None:
    story.decide("send_back")
    held = story.asked("cid")
    story.says("cid", held, "cat")
    story.decide(later)
    given = story.says("cid", held, "dog")
    story.take_back()
    assert story.stands() == ""
    story.undoes("cid", given)
    assert story.asks("cid")
    story.says("cid", held, "cat")
    assert story.stands() == ""


def test_an_answer_that_came_while_the_item_was_out_stays_late_and_the_question_open(story: Story) -> None:
    story.decide("send_back")
    held = story.asked("cid")
    story.decide("exclude")
    story.says("cid", held, "cat", status="late")
    story.take_back()
    assert story.asks("bob")


def test_of_two_leads_each_takes_back_their_own_and_the_question_stays_answered(story: Story) -> None:
    with story.world.database.write() as session:
        accounts.set_member(session, story.world.project_id, story.world.people["ann"], role="lead", now=T0)
    story.decide("send_back")
    given = story.says("cid", story.asked("cid"), "cat")
    story.decide("exclude", by="ann")
    assert story.take_back() == 0
    assert story.stands() == "exclude"
    assert story.take_back(by="ann") == 1
    assert story.stands() == ""
    story.undoes("cid", given)
    assert story.take_back(by="ann") == 0
    assert story.asks("cid")
    assert story.take_back() == 1
    assert story.stands() == ""


def test_a_step_about_several_items_is_undone_for_each_as_if_it_were_alone(story: Story) -> None:
    for number in (0, 1):
        story.decide("send_back", number, batch="asked")
    story.says("cid", story.asked("cid"), "cat")
    for number in (0, 1):
        story.decide("exclude", number, batch="out")
    assert story.take_back() == 2
    assert story.stands(0) == ""
    assert story.asks("cid", 1)

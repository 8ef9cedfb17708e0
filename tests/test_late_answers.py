"""Answers beyond the wanted votes: kept, said, and counted when more are wanted; on SQLite and on PostgreSQL."""

from collections import Counter

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.consensus.models import ItemConsensus
from labeler.exchange.actions import ImportResult
from labeler.exchange.rows import VoteRow
from labeler.projects.models import Import, Item, Project
from labeler.projects.queries import Question
from tests.test_workflow import LEASE, T0, World, world

__all__ = ["world"]
VOTES = (("e0", "dog", "cat", "cat"), ("e1", "cat", "cat", "cat"), ("e2", "cat", "dog", "cat"))


def brought_in(world: World) -> ImportResult:
    rows = [
        VoteRow(number, item, None, f"w{who}@crowd.org", label)
        for number, (item, who, label) in enumerate(
            ((item, who, label) for item, *labels in VOTES for who, label in enumerate(labels)), 1
        )
    ]
    return workflow.import_votes(world.database, world.project_id, rows, workflow.ImportPlan("v.csv", "csv"))


def want(world: World, votes: int) -> int:
    with world.database.write() as session:
        return workflow.change_votes(session, session.get_one(Project, world.project_id), votes)


def statuses(world: World) -> Counter[str]:
    with world.database.read() as session:
        return Counter(session.scalars(select(Annotation.status)))


def final(world: World, external_id: str) -> tuple[str, int]:
    with world.database.read() as session:
        found = select(ItemConsensus).join(Item, Item.id == ItemConsensus.item_id)
        one = session.scalars(found.where(Item.external_id == external_id)).one()
        return one.code, one.votes


def test_answers_beyond_the_wanted_votes_are_told_and_count_once_more_are_wanted(world: World) -> None:
    want(world, 1)
    result = brought_in(world)
    assert (result.added, result.not_counted) == (9, 6)
    with world.database.read() as session:
        beyond = workflow.beyond(session, session.get_one(Project, world.project_id))
        assert session.get_one(Import, result.import_id).not_counted == 6
    assert (beyond.answers, beyond.wanted) == (6, 3)
    first = final(world, "e0")
    assert want(world, 3) == 6
    world.proven()
    assert statuses(world) == {"counted": 9}
    assert final(world, "e0")[1] == 3
    assert final(world, "e0")[0] != first[0]
    again = brought_in(world)
    assert (again.added, again.changed, again.unchanged, again.not_counted) == (0, 0, 9, 0)
    assert statuses(world) == {"counted": 9}


def test_the_same_file_says_again_what_still_does_not_count(world: World) -> None:
    want(world, 1)
    brought_in(world)
    again = brought_in(world)
    assert (again.added, again.unchanged, again.not_counted) == (0, 9, 6)


def test_the_oldest_late_answers_count_first_and_never_more_than_wanted(world: World) -> None:
    want(world, 1)
    brought_in(world)
    assert want(world, 2) == 3
    world.proven()
    with world.database.read() as session:
        late = session.scalars(select(Annotation.key).where(Annotation.status == "late")).all()
    assert {key.split("-")[2] for key in late} == {"3", "6", "9"}


def too_late(world: World) -> tuple[int, int]:
    """Let ann answer an item that bob has answered since her lease ended; returns the item and her answer."""
    at = T0 + 2 * LEASE
    with world.database.write() as session:
        held = world.give(session, "ann")[0]
    with world.database.write() as session:
        later = world.give(session, "bob", now=at)[0]
        assert later.item.id == held.item.id
        assert world.answer(session, "bob", later, "dog", now=at).status == "created"
    with world.database.write() as session:
        given = world.answer(session, "ann", held, "cat", now=at)
    assert given.status == "late"
    return held.item.id, given.id or 0


def test_a_late_answer_of_a_person_in_the_browser_counts_as_an_imported_one(world: World) -> None:
    want(world, 1)
    too_late(world)
    assert want(world, 2) == 1
    world.proven()
    assert statuses(world) == {"counted": 2}


def test_a_late_answer_that_counts_stands_instead_of_its_persons_skip(world: World) -> None:
    want(world, 1)
    with world.database.write() as session:
        slow = world.give(session, "ann")[0]
        world.answer(session, "ann", slow, None)
    world.labels("bob", ["cat"])
    with world.database.write() as session:
        late = world.answer(session, "ann", slow, "dog")
        assert late.status == "late"
    assert want(world, 2) == 1
    assert statuses(world) == {"counted": 2, "superseded": 1}
    with world.database.write() as session:
        workflow.undo(session, world.project_id, world.people["ann"], late.id or 0, lease=LEASE, at=T0)
        world.answer(session, "ann", slow, "cat")
    world.proven()
    assert statuses(world) == {"counted": 2, "superseded": 1, "undone": 1}


@pytest.mark.parametrize("after", ["undone", "skipped", "excluded", "sent back"])
def test_a_late_answer_that_is_not_a_standing_word_is_not_counted(world: World, after: str) -> None:
    want(world, 1)
    item, given = too_late(world)
    with world.database.write() as session:
        held = session.get_one(Annotation, given)
        if after == "undone":
            workflow.undo(session, world.project_id, world.people["ann"], given, lease=LEASE)
        if after == "skipped":
            answer = Answer("key-skipped-1", held.assignment_id or 0, skip="not clear")
            question = Question.of(session, session.get_one(Project, world.project_id))
            workflow.submit(session, question, world.people["ann"], [answer], now=T0 + 2 * LEASE)
    if after in {"excluded", "sent back"}:
        world.decide(item, "exclude" if after == "excluded" else "send_back")
    assert want(world, 3) == 0
    world.proven()
    with world.database.read() as session:
        assert workflow.beyond(session, session.get_one(Project, world.project_id)).answers == 0

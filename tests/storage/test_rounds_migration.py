"""What migration 0006 says of the rounds of questions as they were stored before."""

import importlib

from sqlalchemy import select, text, update

from labeler.decisions.models import Review
from tests.decisions.test_questions import Story, story, world

__all__ = ["story", "world"]
migration = importlib.import_module("labeler.storage.migrations.versions.0006_rounds_of_decisions")


def rounds(story: Story) -> list[tuple[str, str, int]]:
    with story.world.database.read() as session:
        return [(one.decision, one.status, one.round) for one in session.scalars(select(Review).order_by(Review.id))]


def forget_and_fill(story: Story) -> None:
    with story.world.database.write() as session:
        session.execute(update(Review).values(round=0))
        migration.fill(session.connection())


def test_questions_have_the_rounds_they_opened(story: Story) -> None:
    for who in ("cid", "ann"):
        story.decide("send_back")
        story.says(who, story.asked(who), "cat")
    story.decide("send_back")
    story.decide("send_back")
    story.decide("send_back", 1)
    waiting = story.says("cid", story.asked("cid", 1), "dog")
    story.decide("exclude", 1)
    story.undoes("cid", waiting)
    story.decide("relabel", 2)
    before = rounds(story)
    assert [one[2] for one in before] == [1, 2, 0, 3, 1, 0, 0], "the third was called off by the fourth"
    forget_and_fill(story)
    assert rounds(story) == before


def test_a_question_that_stood_again_although_one_after_it_was_answered_is_answered(story: Story) -> None:
    story.decide("send_back")
    story.says("cid", story.asked("cid"), "cat")
    story.decide("send_back")
    answer = story.says("ann", story.asked("ann"), "dog")
    with story.world.database.write() as session:
        session.execute(text("UPDATE review SET status = 'current' WHERE id = (SELECT min(id) FROM review)"))
    forget_and_fill(story)
    assert rounds(story) == [("send_back", "answered", 1), ("send_back", "answered", 2)]
    assert story.stands() == ""
    story.undoes("ann", answer)
    assert story.asks("ann")

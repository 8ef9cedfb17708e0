"""Threads: they begin with the comment of an answer, and how they stand follows from what was said and decided."""

from collections.abc import Callable

import pytest

from labeler import workflow
from labeler.config import Settings
from labeler.errors import Conflict, Forbidden, Invalid, NotFound
from labeler.projects.models import Project
from labeler.storage.database import Database
from labeler.threads.actions import NewMessage, say
from labeler.threads.queries import counts, items_with_threads, open_count, standings
from tests.conftest import NOW, Made
from tests.threads.talk import Talk

Make = Callable[..., Made]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


@pytest.fixture
def talk(database: Database, make_project: Make, cast: dict[str, int]) -> Talk:
    return Talk(database, make_project(), cast)


def test_a_comment_is_a_thread_that_waits_and_a_reply_answers_it(talk: Talk) -> None:
    assert talk.standing() is None
    answer = talk.answers("ann", "cat", "Cat or dog?")
    assert talk.state() == ("open", "")
    (first,) = talk.words()
    assert (first.text, first.answer, first.by_lead, first.who) == ("Cat or dog?", answer, False, "Ann")
    talk.says("olga", "A cat, by its ears.")
    assert talk.state() == ("answered", "")
    talk.says("ann", "Thank you.")
    assert talk.state() == ("open", "")
    assert [(word.text, word.by_lead) for word in talk.words()] == [
        ("Cat or dog?", False),
        ("A cat, by its ears.", True),
        ("Thank you.", False),
    ]
    talk.says("rita", "Written down.", outcome="guideline", guideline_version=1)
    assert talk.state() == ("settled", "")
    assert (talk.words()[-1].outcome, talk.words()[-1].guideline_version) == ("guideline", 1)
    talk.says("ann", "One more thing.")
    assert talk.state() == ("open", ""), "a new word opens it again"


def test_a_comment_that_an_answer_repeats_is_said_once_and_a_new_one_opens_the_thread_again(talk: Talk) -> None:
    talk.answers("ann", "cat", "Cat or dog?")
    talk.says("olga", "A cat.")
    talk.decides("send_back", reason="Look at the ears.")
    assert talk.state() == ("settled", "sent_back")
    talk.answers("ann", "cat", "Cat or dog?")
    assert talk.state() == ("settled", "sent_back")
    assert [word.text for word in talk.words()] == ["Cat or dog?", "A cat.", "Look at the ears."]
    talk.decides("send_back", reason="Once more.")
    talk.answers("ann", "dog", "Now I see it.")
    assert talk.state() == ("open", "")
    assert talk.words()[-1].text == "Now I see it."


def test_a_decision_settles_what_was_asked_and_undone_it_does_not(talk: Talk) -> None:
    talk.answers("ann", "cat", "Cat or dog?")
    talk.answers("bob", "dog", "A dog?")
    talk.decides("relabel", label="dog", reason="It barks.")
    assert (talk.state("ann"), talk.state("bob")) == (("settled", "decision"), ("settled", "decision"))
    last = talk.words("ann")[-1]
    assert (last.decision, last.text, last.by_lead) == ("relabel", "It barks.", True)
    with talk.database.write() as session:
        workflow.take_back(session, session.get_one(Project, talk.made.id), talk.cast["olga"])
    assert talk.state("ann") == ("open", "")
    talk.decides("relabel", label="dog", batch="many-at-once")
    assert talk.state("ann") == ("open", ""), "nobody read the question"


def test_threads_are_listed_and_counted_by_state_and_by_person(talk: Talk) -> None:
    first, second, third = talk.made.items[:3]
    talk.answers("ann", "cat", "One?", item=first)
    talk.answers("bob", "cat", "Two?", item=first)
    talk.answers("ann", "cat", "Three?", item=second)
    talk.answers("ann", "cat", item=third)
    talk.says("olga", "Yes.", item=second)
    talk.says("olga", "Look at this one again, please.", item=third)
    with talk.database.read() as session:
        place = (session, talk.made.id)
        assert counts(*place) == {"open": 2, "answered": 2, "settled": 0}
        assert open_count(*place) == 2
        ann = talk.cast["ann"]
        assert [one.item_id for one in standings(*place, user_id=ann)] == [third, second, first]
        assert [one.item_id for one in standings(*place, state="answered", limit=1, offset=1)] == [second]
        assert items_with_threads(*place, state="", user_id=None, after=first, limit=9) == [second, third]
        assert items_with_threads(*place, state="open", user_id=ann, after=0, limit=9) == [first]


def test_what_came_in_with_a_file_asks_nobody(talk: Talk) -> None:
    with talk.database.write() as session:
        from labeler.annotations.models import Annotation

        talk_id = talk.made.id
        session.add(
            Annotation(
                project_id=talk_id,
                item_id=talk.item,
                user_id=talk.cast["ann"],
                key="imported-1",
                fingerprint="",
                code="1",
                status="counted",
                purpose="label",
                round=0,
                seconds=0.0,
                comment="Said elsewhere.",
                mode="import",
                created_at=NOW,
            )
        )
    assert talk.state() == ("settled", "imported")
    assert [word.text for word in talk.words()] == ["Said elsewhere."]
    talk.says("ann", "And now here?")
    assert talk.state() == ("open", "")


def test_the_same_message_sent_twice_is_one_and_another_under_its_key_is_refused(talk: Talk) -> None:
    talk.answers("ann", "cat")
    message = NewMessage("message-1", talk.item, talk.cast["ann"], " Well done. ")
    with talk.database.write() as session:
        kept, new = say(session, talk.made.id, message, by=talk.cast["olga"], now=NOW)
        again, second = say(session, talk.made.id, message, by=talk.cast["olga"], now=NOW)
        assert (new, second, kept.id == again.id, kept.text) == (True, False, True, "Well done.")
        other = NewMessage("message-1", talk.item, talk.cast["ann"], "Something else.")
        with pytest.raises(Conflict):
            say(session, talk.made.id, other, by=talk.cast["olga"], now=NOW)


def test_what_cannot_be_said_is_refused_and_changes_nothing(talk: Talk, make_project: Make) -> None:
    talk.answers("ann", "cat")
    other = make_project("other")
    with pytest.raises(Invalid):
        talk.says("olga", "  ")
    with pytest.raises(Invalid):
        talk.says("olga", "x" * 4001)
    with pytest.raises(Invalid):
        talk.says("olga", "The rule.", outcome="guideline")
    with pytest.raises(NotFound):
        talk.says("olga", "Hello?", about="bob")
    with pytest.raises(NotFound):
        talk.says("olga", "Hello?", item=other.items[0])
    with pytest.raises(Forbidden):
        talk.says("bob", "What did you say?", about="ann")
    with pytest.raises(Forbidden):
        talk.says("ann", "That is settled.", outcome="closed")
    assert talk.standing() is None

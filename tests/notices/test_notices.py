"""What waits for a person: each kind comes, says what it is, and goes when it is read or done; nobody else's does."""

from collections.abc import Callable

import pytest

from labeler.config import Settings
from labeler.notices.actions import saw_all
from labeler.notices.queries import Notice, waiting
from labeler.projects.actions import add_guideline
from labeler.projects.differences import told_change
from labeler.storage.database import Database, clock
from tests.conftest import Made
from tests.threads.talk import Talk

Make = Callable[..., Made]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


@pytest.fixture
def talk(database: Database, make_project: Make, cast: dict[str, int]) -> Talk:
    return Talk(database, make_project(), cast)


def waits(talk: Talk, name: str) -> list[Notice]:
    with talk.database.read() as session:
        return waiting(session, talk.cast[name])


def kinds(talk: Talk, name: str) -> list[str]:
    return [one.kind for one in waits(talk, name)]


def write_guidelines(talk: Talk, text: str) -> None:
    with talk.database.write() as session:
        add_guideline(session, talk.made.id, text, by=talk.cast["olga"], now=clock(session))


def test_a_returned_item_waits_for_who_answered_it_until_they_answer_again(talk: Talk) -> None:
    talk.answers("ann", "cat")
    assert kinds(talk, "ann") == []
    talk.decides("send_back", reason="Look at the ears.")
    (one,) = waits(talk, "ann")
    assert (one.kind, one.who, one.text, one.item, one.external_id) == (
        "returned",
        "Olga",
        "Look at the ears.",
        talk.item,
        "e0",
    )
    assert kinds(talk, "bob") == []
    with talk.database.write() as session:
        saw_all(session, talk.cast["ann"], waiting(session, talk.cast["ann"]))
    assert kinds(talk, "ann") == ["returned"], "reading is not answering"
    talk.answers("ann", "cat")
    assert kinds(talk, "ann") == []


def test_a_reply_waits_until_it_was_read_and_only_for_whom_it_is(talk: Talk) -> None:
    talk.answers("ann", "cat", "Cat or dog?")
    talk.answers("bob", "dog", "I wonder too.")
    talk.says("olga", "A cat.")
    talk.says("olga", "By its ears.")
    (one,) = waits(talk, "ann")
    assert (one.kind, one.text, one.who) == ("reply", "By its ears.", "Olga")
    assert kinds(talk, "bob") == []
    with talk.database.write() as session:
        saw_all(session, talk.cast["ann"], waiting(session, talk.cast["ann"]))
    assert kinds(talk, "ann") == []
    talk.says("olga", "And its tail.")
    assert kinds(talk, "ann") == ["reply"]
    talk.says("ann", "I see.")
    assert kinds(talk, "ann") == [], "who answers has read it"


def test_changed_guidelines_wait_for_who_worked_by_the_old_ones(talk: Talk) -> None:
    talk.answers("ann", "cat")
    write_guidelines(talk, "# Look\n\n- **Tails** do not count.\n")
    (one,) = waits(talk, "ann")
    assert (one.kind, one.version, one.text) == ("guideline", 2, "Tails do not count.")
    assert kinds(talk, "bob") == [], "who never answered reads them when they begin"
    talk.answers("ann", "cat", item=talk.made.items[1])
    assert kinds(talk, "ann") == [], "the next answer had them before its eyes"


def test_what_was_decided_otherwise_waits_until_it_was_seen(talk: Talk) -> None:
    talk.answers("ann", "cat")
    talk.answers("bob", "dog")
    talk.decides("relabel", label="dog", reason="It barks.")
    (one,) = waits(talk, "ann")
    assert (one.kind, one.text, one.item) == ("decided", "It barks.", talk.item)
    assert kinds(talk, "bob") == []
    with talk.database.write() as session:
        saw_all(session, talk.cast["ann"], waiting(session, talk.cast["ann"]))
    assert kinds(talk, "ann") == []


def test_a_change_is_told_by_its_own_line_else_by_the_new_lines() -> None:
    assert told_change("# Look\n", "# Look\nChanged: money goes first.\n- more\n") == "money goes first."
    assert told_change("a\nb", "a\n## New rule\nb\n* `x` first") == "New rule x first"
    assert told_change("a\nb", "a") == ""
    assert told_change("", "word " * 100).endswith("…")

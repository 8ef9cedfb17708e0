"""Threads on pages: a lead's list and item page, an annotator's own thread, and who may see and say what."""

import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from labeler.storage.database import Database
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass
from tests.threads.talk import Talk
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]


@pytest.fixture
def talk(database: Database, make_project: Make, cast: dict[str, int]) -> Talk:
    return Talk(database, make_project(), cast)


def text_of(client: FlaskClient, path: str, language: str = "en") -> str:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, path
    inspect(answer.text)
    return " ".join(answer.text.split())


def say(client: FlaskClient, talk: Talk, text: str, **more: object) -> str:
    form = {"key": str(uuid.uuid4()), "text": text, **more}
    answered = client.post(f"/p/pets/threads/{talk.item}", data=form)
    assert answered.status_code == 303
    return answered.location


def test_a_question_waits_in_the_menu_the_list_and_on_the_item(sign_in: SignIn, talk: Talk) -> None:
    olga = sign_in("olga")
    assert "questions that annotators write with their answers appear here" in text_of(olga, "/p/pets/threads")
    talk.answers("ann", "cat", "Cat or <dog>?")
    listed = text_of(olga, "/p/pets/threads")
    assert "Cat or &lt;dog&gt;?" in listed
    assert 'Threads<span class="num">1</span>' in listed
    item = text_of(olga, f"/p/pets/items/{talk.item}")
    assert "Reply to Ann" in item
    add_pass(talk.database, talk.made, [Suspect(0, "label_error", 0.9, "cat", "dog", 0.9)])
    assert "Cat or &lt;dog&gt;?" in text_of(olga, f"/p/pets/review?item={talk.item}")
    back = say(olga, talk, "A cat.", annotator=talk.cast["ann"], back="item", outcome="")
    assert back == f"/p/pets/items/{talk.item}#threads"
    assert talk.state() == ("answered", "")
    assert "Cat or" not in text_of(olga, "/p/pets/threads")
    assert "A cat." in text_of(olga, "/p/pets/threads?state=answered")
    say(olga, talk, "", annotator=talk.cast["ann"], outcome="guideline", guideline_version=1, back="threads")
    assert "The rule is in the guidelines, version 1" in text_of(olga, "/p/pets/threads?state=settled")
    german = text_of(olga, "/p/pets/threads?state=settled", "de")
    assert "Erledigt: steht jetzt in den Richtlinien" in german


def test_threads_stand_beside_the_votes_where_they_differ(sign_in: SignIn, talk: Talk) -> None:
    talk.answers("ann", "cat", "Cat or dog?")
    talk.answers("bob", "dog")
    assert "Reply to Ann" in text_of(sign_in("olga"), f"/p/pets/disagreements?item={talk.item}")


def test_an_annotator_reads_and_answers_their_own_thread_and_sees_nothing_of_others(
    sign_in: SignIn, talk: Talk
) -> None:
    talk.answers("ann", "cat", "Is it a cat?")
    talk.answers("bob", "dog", "Bob thinks it barks.")
    talk.says("olga", "Look at the ears.")
    talk.says("olga", "To Bob alone.", about="bob")
    ann, page = sign_in("ann"), f"/p/pets/threads/{talk.item}"
    seen = text_of(ann, page)
    assert "Look at the ears." in seen
    assert "Bob" not in seen
    assert "barks" not in seen
    assert say(ann, talk, "Now I see.") == page
    assert talk.state() == ("open", "")
    assert talk.words()[-1].text == "Now I see."
    refused = ann.post(page, data={"key": str(uuid.uuid4()), "text": "Hi.", "annotator": talk.cast["bob"]})
    assert refused.status_code == 303
    assert len(talk.words("bob")) == 2
    assert "only about your own answers" in text_of(ann, page)
    assert ann.get(f"/p/pets/threads/{talk.made.items[1]}").status_code == 404
    assert sign_in("zed").get(page).status_code == 404
    assert sign_in("rita").get(page).status_code == 404
    assert sign_in("olga").get(page).location.endswith("#threads")


def test_a_lead_can_begin_a_thread_with_who_answered(sign_in: SignIn, talk: Talk) -> None:
    talk.answers("ann", "cat")
    olga = sign_in("olga")
    assert "Write to Ann" in text_of(olga, f"/p/pets/items/{talk.item}")
    say(olga, talk, "Please look at the ears too.", annotator=talk.cast["ann"], back="item")
    assert talk.state() == ("answered", "")
    ann = sign_in("ann")
    assert "My answers: 1 notice" in text_of(ann, "/")
    text_of(ann, f"/p/pets/threads/{talk.item}")
    assert "My answers: 1 notice" not in text_of(ann, "/")

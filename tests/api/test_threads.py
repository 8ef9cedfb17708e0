"""Threads by the API: leads have all, annotators those on their own answers; webhooks are told of each message."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network

import pytest
from sqlalchemy import select

from labeler.config import Settings
from labeler.storage.database import Database
from labeler.webhooks.models import Delivery
from tests.api.conftest import Api
from tests.conftest import Made
from tests.threads.talk import Talk


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return replace(any_settings, webhook_networks=(ip_network("127.0.0.1"),))


@pytest.fixture
def talk(database: Database, make_project: Callable[..., Made], cast: dict[str, int]) -> Talk:
    return Talk(database, make_project(), cast)


def test_leads_list_all_threads_and_annotators_their_own(api: Callable[[str], Api], talk: Talk) -> None:
    first, second = talk.made.items[:2]
    talk.answers("ann", "cat", "One?", item=first)
    talk.answers("bob", "dog", "Bob asks.", item=first)
    talk.answers("ann", "cat", "Two?", item=second)
    talk.says("olga", "Yes.", item=second)
    talk.decides("relabel", label="dog", reason="It barks.", item=second)
    rows = api("olga").pages("/projects/pets/threads?limit=1")
    assert [(row["item"], row["annotator"], row["state"]) for row in rows] == [
        (first, "ann@example.org", "open"),
        (first, "bob@example.org", "open"),
        (second, "ann@example.org", "settled"),
    ]
    said = [(word["by"], word["text"], word["outcome"]) for word in rows[-1]["said"]]
    assert said == [("annotator", "Two?", None), ("lead", "Yes.", None), ("lead", "It barks.", "decision")]
    assert rows[-1]["said"][-1]["value"] == {"label": "dog"}
    own = api("ann").pages("/projects/pets/threads")
    assert [row["item"] for row in own] == [first, second]
    assert "bob" not in str(own).lower()
    assert [row["item"] for row in api("ann").pages(f"/projects/pets/threads?item={first}")] == [first]
    assert [row["item"] for row in api("olga").pages("/projects/pets/threads?state=settled")] == [second]
    assert api("zed").get("/projects/pets/threads").status_code == 404


def test_a_message_is_stored_once_and_told_to_webhooks(
    api: Callable[[str], Api], talk: Talk, database: Database
) -> None:
    olga, ann = api("olga"), api("ann")
    hook = {"url": "http://127.0.0.1:9/", "events": ["thread.replied"]}
    assert olga.post("/projects/pets/webhooks", hook).status_code == 201
    talk.answers("ann", "cat", "Cat or dog?")
    body = {"key": "message-1", "item": talk.item, "annotator": "ann@example.org", "text": "A cat."}
    assert olga.post("/projects/pets/threads", body).status_code == 201
    assert olga.post("/projects/pets/threads", body).status_code == 200
    assert olga.post("/projects/pets/threads", {**body, "text": "A dog."}).status_code == 409
    assert ann.post("/projects/pets/threads", {"key": "message-2", "item": talk.item, "text": "Why?"}).json["by"] == (
        "annotator"
    )
    with database.read() as session:
        told = [one.body for one in session.scalars(select(Delivery).order_by(Delivery.id))]
    assert ['"by": "lead"' in told[0], '"by": "annotator"' in told[1], len(told)] == [True, True, 2]
    settled = {**body, "key": "message-3", "text": "", "outcome": "guideline", "guideline_version": 1}
    assert olga.post("/projects/pets/threads", settled).json["outcome"] == "guideline"


def test_nobody_speaks_about_answers_of_others_or_that_are_not_there(api: Callable[[str], Api], talk: Talk) -> None:
    talk.answers("bob", "dog", "Bob asks.")
    ann, olga = api("ann"), api("olga")
    about_bob = {"key": "message-1", "item": talk.item, "annotator": "bob@example.org", "text": "Hm."}
    nobody = {**about_bob, "annotator": "nobody@example.org"}
    assert [ann.post("/projects/pets/threads", body).status_code for body in (about_bob, nobody)] == [403, 403]
    assert ann.post("/projects/pets/threads", {**about_bob, "annotator": None}).status_code == 404
    assert olga.post("/projects/pets/threads", nobody).status_code == 404
    assert olga.post("/projects/pets/threads", {**about_bob, "text": " "}).status_code == 422
    assert olga.post("/projects/pets/threads", {**about_bob, "outcome": "done"}).status_code == 422


def test_a_returned_item_comes_with_what_was_said_about_it(api: Callable[[str], Api], talk: Talk) -> None:
    talk.answers("ann", "cat", "Cat or dog?")
    talk.answers("bob", "dog", "Bob asks.")
    talk.says("olga", "Look at the ears.")
    with talk.database.write() as session:
        from labeler.projects.models import Item

        session.get_one(Item, talk.item).only_for = None
    talk.decides("send_back", reason="Once more, please.")
    for name in ("ann", "bob"):
        held = api(name).claim(talk.made, 9)
        for one in held:
            if one["item"] == talk.item:
                texts = [word["text"] for word in one["said"]]
                assert ("Bob asks." in texts) == (name == "bob")
                assert "Once more, please." in texts
            else:
                assert one["said"] is None if "said" in one else True
    listed = api("ann").get(f"/projects/pets/assignments?item={talk.item}").json["data"]
    assert [one["item"] for one in listed] == [talk.item]

"""The pages of webhooks: added with its secret shown once, tried, watched, changed, removed; in English and German."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_network

import pytest
from flask.testing import FlaskClient

from labeler.config import Settings
from labeler.jobs.deliveries import Sender
from labeler.storage.database import Database, clock
from labeler.webhooks.actions import pause_all
from tests.conftest import Made
from tests.web.pages import inspect
from tests.webhooks.receiver import Receiver, receiving

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
EVENTS = ["import.ended", "item.returned"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, webhook_networks=(ip_network("127.0.0.1"),))


def text_of(client: FlaskClient, path: str, language: str = "en") -> str:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    inspect(answer.text)
    return " ".join(answer.text.split())


def test_a_webhook_is_added_tried_changed_and_removed(
    sign_in: SignIn, make_project: Make, database: Database, receiver: Receiver
) -> None:
    make_project()
    olga = sign_in("olga")
    assert "Addresses of your own programs appear here" in text_of(olga, "/p/pets/webhooks")
    assert 'href="/p/pets/webhooks"' in text_of(olga, "/p/pets/settings")
    form = {"url": receiver.url, "events": EVENTS, "answers_every": "100"}
    added = olga.post("/p/pets/webhooks", data=form)
    assert added.status_code == 201
    inspect(added.text)
    secret = re.search(r"whsec_[\w-]+", added.text)
    assert secret is not None
    here = "/p/pets/webhooks/1"
    shown = text_of(olga, here)
    assert secret[0] not in shown, "it is shown once"
    assert "Every call appears here" in shown
    assert secret[0] not in text_of(olga, "/p/pets/webhooks")

    receiver.status = 503
    assert olga.post(f"{here}/test").status_code == 303
    assert "On its way" in text_of(olga, here)
    Sender(database, threading.Event()).send_one()
    shown = text_of(olga, here)
    assert "Tried again later" in shown
    assert "The server answered 503." in shown
    assert "fine" in shown
    receiver.status = 200
    assert olga.post(f"{here}/deliveries/1/retry").status_code == 303
    Sender(database, threading.Event()).send_one()
    assert "Delivered" in text_of(olga, here)
    assert "Delivered" in text_of(olga, "/p/pets/webhooks")

    assert olga.post(here, data={**form, "events": ["check.ended"]}).status_code == 303
    assert "Off" in text_of(olga, "/p/pets/webhooks"), "a box that is not ticked turns it off"
    assert olga.post(f"{here}/test", follow_redirects=True).text.count("This webhook is off") == 1
    renewed = olga.post(f"{here}/secret")
    again = re.search(r"whsec_[\w-]+", renewed.text)
    assert again is not None
    assert again[0] != secret[0]
    assert olga.post(f"{here}/remove").status_code == 303
    assert olga.get(here).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "http://example.org/"}, "The address must begin with https://"),
        ({"url": "https://192.168.0.1/"}, "private network"),
        ({"url": ""}, "Write an address."),
        ({"events": []}, "Choose at least one event."),
        ({"answers_every": "0"}, "1"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    sign_in: SignIn, make_project: Make, wrong: dict[str, object], words: str
) -> None:
    make_project()
    olga = sign_in("olga")
    form = {"url": "https://example.org/hook", "events": EVENTS, "answers_every": "100"}
    assert olga.post("/p/pets/webhooks", data=form).status_code == 201
    for path in ("/p/pets/webhooks", "/p/pets/webhooks/1"):
        refused = olga.post(path, data={**form, **wrong})
        assert refused.status_code == 422
        assert words in refused.text
        inspect(refused.text)


def test_the_pages_speak_german(sign_in: SignIn, make_project: Make) -> None:
    make_project()
    olga = sign_in("olga")
    olga.post("/p/pets/webhooks", data={"url": "https://example.org/hook", "events": EVENTS, "answers_every": "100"})
    olga.post("/p/pets/webhooks/1/test")
    shown = text_of(olga, "/p/pets/webhooks", "de")
    assert "Ein Import ist zu Ende" in shown
    assert "Ein Element wurde zurückgegeben" in shown
    assert "Ein Test" in text_of(olga, "/p/pets/webhooks/1", "de")


def test_many_calls_are_shown_page_by_page(sign_in: SignIn, make_project: Make) -> None:
    make_project()
    olga = sign_in("olga")
    olga.post("/p/pets/webhooks", data={"url": "https://example.org/hook", "events": EVENTS, "answers_every": "100"})
    for _ in range(21):
        olga.post("/p/pets/webhooks/1/test")
    first = text_of(olga, "/p/pets/webhooks/1")
    assert first.count("On its way") == 20
    assert "before=2" in first
    assert text_of(olga, "/p/pets/webhooks/1?before=2").count("On its way") == 1


def test_a_copy_says_why_nothing_is_sent_and_one_button_changes_it(
    sign_in: SignIn, make_project: Make, database: Database
) -> None:
    make_project()
    olga = sign_in("olga")
    olga.post("/p/pets/webhooks", data={"url": "https://example.org/hook", "events": EVENTS, "answers_every": "100"})
    with database.write() as session:
        pause_all(session, clock(session))
    for path in ("/p/pets/webhooks", "/p/pets/webhooks/1"):
        assert "Paused: this instance was brought back from a backup." in text_of(olga, path)
    assert "aus einer Sicherung" in text_of(olga, "/p/pets/webhooks", "de")
    assert olga.post("/p/pets/webhooks/1/test", follow_redirects=True).text.count("Switch them on first") == 1
    assert "are on again" in olga.post("/p/pets/webhooks/resume", follow_redirects=True).text
    assert "Paused" not in text_of(olga, "/p/pets/webhooks")
    assert sign_in("ann").post("/p/pets/webhooks/resume").status_code == 403

"""Webhooks by the API: the secret is told once, and nobody but a lead of the project sees or changes anything."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest

from labeler.config import Settings
from labeler.jobs.deliveries import Sender
from labeler.storage.database import Database, clock
from labeler.webhooks.actions import pause_all
from tests.api.conftest import Api
from tests.conftest import Made
from tests.webhooks.receiver import Receiver, receiving

Cast = Callable[[str], Api]
Make = Callable[..., Made]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return replace(any_settings, webhook_networks=(ip_network("127.0.0.1"),))


def test_a_webhook_from_its_beginning_to_its_end(
    api: Cast, make_project: Make, database: Database, receiver: Receiver
) -> None:
    import threading

    made, olga = make_project(given="dog"), api("olga")
    added = olga.post("/projects/pets/webhooks", {"url": receiver.url, "events": ["review.decided", "answers.reached"]})
    assert added.status_code == 201, added.json
    hook: dict[str, Any] = added.json
    path = f"/projects/pets/webhooks/{hook['id']}"
    assert added.headers["Location"].endswith(path)
    assert hook["events"] == ["answers.reached", "review.decided"]
    assert (hook["answers_every"], hook["active"], hook["waiting"]) == (100, True, 0)
    secret = hook.pop("secret")
    assert secret.startswith("whsec_")
    assert olga.get(path).json == hook
    listed = olga.get("/projects/pets/webhooks")
    assert listed.json == {"data": [hook], "next": None}
    assert secret not in listed.text

    olga.post("/projects/pets/reviews", {"key": "decision-1", "item": made.items[0], "decision": "keep"})
    tested = olga.post(f"{path}/test")
    assert (tested.status_code, tested.json["event"], tested.json["state"]) == (202, "test", "waiting")
    assert olga.get(path).json["waiting"] == 2
    receiver.status = 500
    sender = Sender(database, threading.Event())
    while sender.send_one():
        pass
    rows = olga.pages(f"{path}/deliveries?limit=1")
    assert [row["event"] for row in rows] == ["test", "review.decided"]
    assert (rows[1]["state"], rows[1]["attempt"], rows[1]["status"]) == ("waiting", 1, 500)
    assert rows[1]["error"] == "The server answered 500."
    assert rows[1]["next_try_at"] is not None
    receiver.status = 204
    again = olga.post(f"{path}/deliveries/{rows[1]['id']}/retry")
    assert (again.status_code, again.json["attempt"]) == (202, 0)
    while sender.send_one():
        pass
    assert {row["state"] for row in olga.pages(f"{path}/deliveries")} == {"delivered"}

    changed = olga("PATCH", path, {"events": ["import.ended"], "active": False})
    assert changed.json == {**hook, "events": ["import.ended"], "answers_every": None, "active": False}
    assert olga.post(f"{path}/test").status_code == 409
    renewed = olga.post(f"{path}/secret").json["secret"]
    assert renewed != secret
    assert olga("DELETE", path).status_code == 204
    assert olga.get(path).status_code == 404
    assert olga.get("/projects/pets/webhooks").json["data"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://example.org", "events": ["import.ended"]}, "url"),
        ({"url": "https://10.0.0.1", "events": ["import.ended"]}, "url"),
        ({"url": "https://example.org", "events": ["nothing"]}, "events"),
        ({"url": "https://example.org", "events": []}, "events"),
        ({"url": "https://example.org", "events": ["import.ended"], "answers_every": 0}, "answers_every"),
        ({"url": "https://example.org", "events": ["import.ended"], "secret": "mine"}, "secret"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(
    api: Cast, make_project: Make, body: dict[str, Any], field: str
) -> None:
    make_project()
    answer = api("olga").post("/projects/pets/webhooks", body)
    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_a_webhook_belongs_to_its_project(api: Cast, make_project: Make) -> None:
    make_project()
    make_project("others")
    olga = api("olga")
    body = {"url": "https://example.org/hook", "events": ["import.ended"]}
    number = olga.post("/projects/pets/webhooks", body).json["id"]
    delivery = olga.post(f"/projects/pets/webhooks/{number}/test").json["id"]
    for method, path in (
        ("GET", f"{number}"),
        ("PATCH", f"{number}"),
        ("DELETE", f"{number}"),
        ("POST", f"{number}/secret"),
        ("POST", f"{number}/test"),
        ("GET", f"{number}/deliveries"),
        ("POST", f"{number}/deliveries/{delivery}/retry"),
    ):
        assert olga(method, f"/projects/others/webhooks/{path}", {}).status_code == 404, (method, path)
    assert olga.get(f"/projects/pets/webhooks/{number}").status_code == 200
    assert olga.post(f"/projects/pets/webhooks/{number}/deliveries/{delivery + 1}/retry").status_code == 404


def test_the_document_says_which_events_there_are(api: Cast) -> None:
    from labeler.webhooks.events import EVENTS

    schema = api("").get("/openapi.json").json["components"]["schemas"]["NewWebhook"]["properties"]["events"]
    assert schema["items"]["enum"] == [*EVENTS]
    assert all(one.data in schema["description"] for one in EVENTS.values())


def test_an_export_is_told_once_its_last_byte_is_out(api: Cast, make_project: Make) -> None:
    make_project(given="dog")
    olga = api("olga")
    hook = {"url": "https://example.org/hook", "events": ["export.done"]}
    number = olga.post("/projects/pets/webhooks", hook).json["id"]
    path = f"/projects/pets/webhooks/{number}"
    begun = olga.get("/projects/pets/export?format=jsonl&items=all")
    assert olga.get(path).json["waiting"] == 0
    assert begun.data.count(b"\n") == 6
    begun.close()
    assert olga.get(path).json["waiting"] == 1
    row = olga.pages(f"{path}/deliveries")[0]
    assert row["event"] == "export.done"
    olga("PATCH", path, {"active": False})
    assert olga.get("/projects/pets/export?format=jsonl").data
    assert olga.get(path).json["waiting"] == 1


def test_paused_webhooks_say_so_and_go_on_by_one_request(api: Cast, make_project: Make, database: Database) -> None:
    make_project()
    olga = api("olga")
    body = {"url": "https://example.org/hook", "events": ["export.done"]}
    assert olga.post("/projects/pets/webhooks", body).json["paused"] is False
    with database.write() as session:
        pause_all(session, clock(session))
    assert [one["paused"] for one in olga.get("/projects/pets/webhooks").json["data"]] == [True]
    assert [one["paused"] for one in olga.post("/projects/pets/webhooks/resume").json["data"]] == [False]
    assert api("ann").post("/projects/pets/webhooks/resume").status_code == 403

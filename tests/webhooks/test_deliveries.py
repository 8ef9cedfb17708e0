"""A delivery is there exactly when its event is, and is sent until it arrives, whoever is killed on the way."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from labeler import workflow
from labeler.client import verify
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.errors import Conflict, Invalid
from labeler.exchange.rows import Row
from labeler.jobs import actions as jobs
from labeler.jobs.deliveries import Sender
from labeler.jobs.models import IMPORT
from labeler.jobs.runner import Worker
from labeler.projects.models import Project
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from labeler.webhooks import actions, queries
from labeler.webhooks.actions import KEPT, LEASE, MOST
from labeler.webhooks.addresses import Allowed
from labeler.webhooks.events import EVENTS, IMPORT_ENDED, ITEM_RETURNED, REVIEW_DECIDED
from labeler.webhooks.models import Delivery, Webhook
from labeler.webhooks.retries import TRIES, pause_after
from tests.conftest import NOW, Made
from tests.webhooks.receiver import Receiver

Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], Any]


def added(database: Database, made: Made, receiver: Receiver, *events: str, every: int = 2) -> int:
    with database.write() as session:
        return actions.add_webhook(
            session,
            made.id,
            receiver.url,
            events or [*EVENTS],
            answers_every=every,
            allowed=Allowed.by(database.settings),
            by=None,
            now=NOW,
        ).id


def deliveries(database: Database) -> list[Delivery]:
    with database.read() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def awake(database: Database) -> None:
    """Let all pauses be over."""
    with database.write() as session:
        session.execute(update(Delivery).values(due_at=NOW))
        session.execute(update(Webhook).values(resting_until=None))


def sender(database: Database) -> Sender:
    return Sender(database, threading.Event())


def decide(database: Database, made: Made, by: int, decision: str, key: str = "decision-1", *, item: int = 0) -> None:
    with database.write() as session:
        project = session.get_one(Project, made.id)
        wanted = Decision(key, made.items[item], decision, reason="Look at the ears.")
        workflow.resolve(session, project, wanted, by=by)


def test_what_happens_is_told_signed_and_once(
    database: Database, make_project: Make, receiver: Receiver, cast: dict[str, int]
) -> None:
    made = make_project(given="dog")
    hook = added(database, made, receiver, REVIEW_DECIDED, ITEM_RETURNED)
    decide(database, made, cast["olga"], "send_back")
    decide(database, made, cast["olga"], "send_back")  # the same key again: nothing happened
    assert receiver.came == [], "nothing is sent while it happens"
    one = sender(database)
    assert [one.send_one(), one.send_one(), one.send_one()] == [True, True, False]
    bodies = [json.loads(came.body) for came in receiver.came]
    assert [body["event"] for body in bodies] == [REVIEW_DECIDED, ITEM_RETURNED]
    assert bodies[1]["data"] == {"item": made.items[0], "external_id": "e0", "reason": "Look at the ears."}
    assert bodies[0]["project"] == "pets"
    with database.read() as session:
        secret = session.get_one(Webhook, hook).secret
    for came, body in zip(receiver.came, bodies, strict=True):
        verify(secret, came.body, came.headers["Labeler-Signature"])
        assert (came.headers["Labeler-Delivery"], came.headers["Labeler-Event"]) == (body["id"], body["event"])
        with pytest.raises(Invalid):
            verify("another", came.body, came.headers["Labeler-Signature"])
    assert {one.state for one in deliveries(database)} == {"delivered"}


def test_what_did_not_happen_is_not_told(
    database: Database, make_project: Make, receiver: Receiver, cast: dict[str, int]
) -> None:
    made = make_project(given="dog")
    added(database, made, receiver)
    with pytest.raises(RuntimeError), database.write() as session:  # noqa: PT012 - the block is what fails
        project = session.get_one(Project, made.id)
        workflow.resolve(session, project, Decision("decision-1", made.items[0], "keep"), by=cast["olga"])
        raise RuntimeError
    assert deliveries(database) == []


def test_only_who_wants_an_event_of_this_project_is_told(
    database: Database, make_project: Make, receiver: Receiver, cast: dict[str, int]
) -> None:
    made, other = make_project(given="dog"), make_project("others")
    added(database, other, receiver)
    added(database, made, receiver, IMPORT_ENDED)
    off = added(database, made, receiver)
    with database.write() as session:
        session.get_one(Webhook, off).active = False
    decide(database, made, cast["olga"], "keep")
    assert deliveries(database) == []


def test_imports_tell_their_end_and_why_they_failed(
    database: Database, files: FileStore, make_project: Make, receiver: Receiver
) -> None:
    made = make_project(items=0)
    added(database, made, receiver, IMPORT_ENDED)
    rows = [Row(1, "a", "one", None, None, {}), Row(2, "b", "two", None, "cow", {})]
    workflow.import_items(database, files, made.id, rows, workflow.ImportPlan("items.csv", "csv"))
    with database.write() as session:
        upload = database.settings.uploads / "gone"
        payload = {"path": str(upload), "name": "a.csv", "format": "csv", "mapping": {}}
        jobs.enqueue(session, made.id, IMPORT, payload=payload, by=None, now=clock(session))
        cancelled = jobs.enqueue(session, made.id, IMPORT, payload=payload, by=None, now=clock(session))
        jobs.cancel(session, cancelled.id, by=1, now=clock(session))
    Worker(database, files).run_one()
    told = [json.loads(one.body)["data"] for one in deliveries(database)]
    assert [(one["state"], one["added"], one["rejected"]) for one in told] == [
        ("done", 1, 1),
        ("failed", None, None),
        ("failed", None, None),
    ]
    assert list(told[0]["left_out"].values()) == [1]
    assert told[1]["error"].startswith("Cancelled")
    assert told[2]["error"]
    assert set(told[0]) == set(told[1])


def test_a_check_tells_its_end(database: Database, files: FileStore, make_project: Make, receiver: Receiver) -> None:
    made = make_project(items=3, given="cat")
    added(database, made, receiver)
    inspection = workflow.inspect(database, files, made.id)
    told = [json.loads(one.body) for one in deliveries(database)]
    assert [(one["event"], one["data"]["inspection"], one["data"]["state"]) for one in told] == [
        ("check.ended", inspection, "done")
    ]


def test_answers_are_counted_beside_the_answers(
    database: Database, make_project: Make, receiver: Receiver, answer: Give
) -> None:
    made = make_project(items=6)
    answer(made, "ann", ["cat"])
    added(database, made, receiver, "answers.reached", every=2)
    one = sender(database)
    one.count_answers()
    assert deliveries(database) == []
    answer(made, "ann", ["cat", "cat", "cat", "cat"])
    assert deliveries(database) == [], "no answer waits for it"
    one.count_answers()
    one.count_answers()
    assert [json.loads(one.body)["data"] for one in deliveries(database)] == [{"answers": 5, "every": 2}]
    answer(made, "ann", ["cat"])
    one.count_answers()
    assert len(deliveries(database)) == 2


def test_what_fails_is_tried_again_under_the_same_key_until_it_is_given_up(
    database: Database, make_project: Make, receiver: Receiver, cast: dict[str, int]
) -> None:
    made = make_project(given="dog")
    added(database, made, receiver, REVIEW_DECIDED)
    decide(database, made, cast["olga"], "keep")
    receiver.status = 503
    one = sender(database)
    for number in range(1, TRIES + 1):
        assert one.send_one()
        now = deliveries(database)[0]
        assert (now.attempt, now.status, now.answer) == (number, 503, "fine")
        assert now.error == "The server answered 503."
        assert not one.send_one(), "it rests"
        awake(database)
    assert now.state == "failed"
    assert not one.send_one()
    assert len({came.headers["Labeler-Delivery"] for came in receiver.came}) == 1
    receiver.status = 200
    with database.write() as session:
        hook = session.get_one(Webhook, now.webhook_id)
        actions.send_again(session, hook, session.get_one(Delivery, now.id), now=NOW)
    assert one.send_one()
    assert deliveries(database)[0].state == "delivered"
    assert len({came.headers["Labeler-Delivery"] for came in receiver.came}) == 1


def test_pauses_grow_to_about_a_day_in_all() -> None:
    pauses = [pause_after(number) for number in range(1, TRIES + 1)]
    seconds = [pause.total_seconds() for pause in pauses if pause]
    assert pauses[-1] is None
    assert all(later > 1.2 * sooner for sooner, later in itertools.pairwise(seconds[:7]))
    assert 8 <= seconds[0] <= 12
    assert 10 * 3600 <= sum(seconds) <= 26 * 3600


def test_a_server_that_is_down_delays_no_other(
    database: Database, make_project: Make, receiver: Receiver, cast: dict[str, int]
) -> None:
    made = make_project(given="dog")
    down = added(database, made, receiver, REVIEW_DECIDED)
    with database.write() as session:
        session.get_one(Webhook, down).url = "http://127.0.0.1:9/"
    added(database, made, receiver, REVIEW_DECIDED)
    for number in range(3):
        decide(database, made, cast["olga"], "keep", f"decision-{number}", item=number)
    one = sender(database)
    tried = 0
    while one.send_one():
        tried += 1
    assert tried == 4, "one try of what is down, and all of the other"
    assert len(receiver.came) == 3


KILLED = """
import os, signal, threading
from dataclasses import replace
from ipaddress import ip_network
from labeler.config import read_settings
from labeler.jobs import deliveries
from labeler.storage.database import Database
sent = deliveries.post
def killed(*told, **options):
    sent(*told, **options)
    os.kill(os.getpid(), signal.SIGKILL)
deliveries.post = killed
settings = replace(read_settings(), webhook_networks=(ip_network("127.0.0.0/8"),))
deliveries.Sender(Database(settings), threading.Event()).send_one()
"""


def test_a_worker_that_is_killed_after_sending_leaves_it_to_the_next_one(
    settings: Settings, database: Database, make_project: Make, receiver: Receiver, cast: dict[str, int]
) -> None:
    made = make_project(given="dog")
    added(database, made, receiver, REVIEW_DECIDED)
    decide(database, made, cast["olga"], "keep")
    places = {"LABELER_INSTANCE": str(settings.instance), "LABELER_DATABASE_URL": settings.database_url}
    done = subprocess.run([sys.executable, "-c", KILLED], env={**os.environ, **places}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(receiver.came) == 1
    left = deliveries(database)[0]
    assert (left.state, left.attempt) == ("waiting", 1)
    one = sender(database)
    assert not one.send_one(), "until the lease ends it may be alive"
    awake(database)
    assert one.send_one()
    assert deliveries(database)[0].state == "delivered"
    assert len({came.headers["Labeler-Delivery"] for came in receiver.came}) == 1
    assert len(receiver.came) == 2


def test_one_who_wakes_up_late_changes_nothing(
    database: Database, make_project: Make, receiver: Receiver, cast: dict[str, int]
) -> None:
    from labeler.webhooks.sending import Outcome

    made = make_project(given="dog")
    added(database, made, receiver, REVIEW_DECIDED)
    decide(database, made, cast["olga"], "keep")
    with database.write() as session:
        slow = actions.take_due(session, clock(session))
    assert slow is not None
    with database.write() as session:
        assert actions.take_due(session, clock(session)) is None
    with database.write() as session:
        quick = actions.take_due(session, clock(session) + LEASE + timedelta(seconds=1))
        assert quick is not None
        actions.record(session, quick[0].id, quick[0].attempt, Outcome(200, "", "", 5), now=clock(session))
    with database.write() as session:
        actions.record(session, slow[0].id, 1, Outcome(500, "", "late", 5), now=clock(session))
    assert [(one.state, one.attempt, one.error) for one in deliveries(database)] == [("delivered", 2, "")]


def test_the_worker_sends_beside_its_jobs(
    database: Database, files: FileStore, make_project: Make, receiver: Receiver, cast: dict[str, int]
) -> None:
    made = make_project(given="dog")
    added(database, made, receiver, REVIEW_DECIDED)
    decide(database, made, cast["olga"], "keep")
    worker = Worker(database, files)
    thread = threading.Thread(target=worker.run)
    thread.start()
    assert receiver.arrived.wait(20)
    worker.stop.set()
    thread.join(20)
    assert not thread.is_alive()


def test_old_deliveries_are_forgotten_and_those_that_wait_are_not(
    database: Database, make_project: Make, receiver: Receiver, cast: dict[str, int]
) -> None:
    made = make_project(given="dog")
    added(database, made, receiver, REVIEW_DECIDED)
    for number in range(2):
        decide(database, made, cast["olga"], "keep", f"decision-{number}", item=number)
    sender(database).send_one()
    with database.write() as session:
        assert actions.forget_old(session, clock(session) + KEPT - timedelta(minutes=1)) == 0
        assert actions.forget_old(session, clock(session) + KEPT + timedelta(minutes=1)) == 1
    assert [one.state for one in deliveries(database)] == ["waiting"]


def test_rules_of_a_webhook(database: Database, make_project: Make, receiver: Receiver) -> None:
    made = make_project()
    for wrong, words in ((["nothing"], "no event 'nothing'"), ([], "at least one")):
        with pytest.raises(Invalid, match=words), database.write() as session:
            actions.add_webhook(
                session, made.id, receiver.url, wrong, allowed=Allowed.by(database.settings), by=None, now=NOW
            )
    first = added(database, made, receiver)
    for _ in range(MOST - 1):
        added(database, made, receiver)
    with pytest.raises(Conflict, match="at most 20"):
        added(database, made, receiver)
    with database.write() as session:
        hook = session.get_one(Webhook, first)
        before = hook.secret
        assert before.startswith("whsec_")
        assert actions.renew_secret(session, hook) != before
        hook.active = False
        for change in (
            lambda: actions.send_test(session, hook, now=NOW),
            lambda: actions.send_again(session, hook, Delivery(), now=NOW),
        ):
            with pytest.raises(Conflict, match="is off"):
                change()
        actions.remove_webhook(session, hook)
    with database.read() as session:
        assert len(queries.webhooks_of(session, made.id)) == MOST - 1


def test_a_project_is_deleted_with_its_webhooks(database: Database, make_project: Make, receiver: Receiver) -> None:
    from labeler.projects.actions import delete_project

    made = make_project()
    hook = added(database, made, receiver)
    with database.write() as session:
        actions.send_test(session, session.get_one(Webhook, hook), now=NOW)
    with database.write() as session:
        delete_project(session, made.id)
    assert deliveries(database) == []


def test_of_a_paused_webhook_nothing_is_sent_and_what_happens_waits_until_it_goes_on(
    database: Database, make_project: Make, receiver: Receiver, cast: dict[str, int]
) -> None:
    made = make_project(given="dog")
    hook = added(database, made, receiver, REVIEW_DECIDED)
    with database.write() as session:
        assert actions.pause_all(session, clock(session)) == 1
    decide(database, made, cast["olga"], "keep")
    assert not sender(database).send_one()
    with database.write() as session, pytest.raises(Conflict, match="brought back from a backup"):
        actions.send_test(session, session.get_one(Webhook, hook), now=NOW)
    assert (receiver.came, [one.state for one in deliveries(database)]) == ([], ["waiting"])
    with database.write() as session:
        assert actions.go_on(session, made.id + 1) == 0
        assert actions.go_on(session, made.id) == 1
        assert queries.paused_since(session, made.id) is None
    assert sender(database).send_one()
    assert json.loads(receiver.came[0].body)["event"] == REVIEW_DECIDED

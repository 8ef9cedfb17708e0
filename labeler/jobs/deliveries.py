"""What webhooks are told is sent here: in a thread of its own in the worker, so a slow server delays no other work.

Each try is two short transactions with the sending between them. A worker that is killed in between leaves a delivery
that is due again when its lease ends, so it arrives at least once, under the same key.
"""

import threading
import time

import structlog
from sqlalchemy.exc import SQLAlchemyError

from labeler import __version__
from labeler.storage.database import Database, clock
from labeler.webhooks import actions, queries
from labeler.webhooks.addresses import Allowed
from labeler.webhooks.models import Delivery
from labeler.webhooks.sending import post

LOOK_EVERY = 0.5
COUNT_EVERY = 20.0
CLEAN_EVERY = 3600.0
_log = structlog.get_logger("labeler.worker")


class Sender:
    """Sends what is due, one after the other, until it is stopped."""

    def __init__(self, database: Database, stop: threading.Event) -> None:
        self._database, self._stop = database, stop
        self._next_count = self._next_clean = time.monotonic()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stop.is_set():
            try:
                busy = self.send_one()
                self._look_after()
            except SQLAlchemyError:  # a busy or restarting database: what is due stays due
                _log.warning("webhooks could not be looked after", exc_info=True)
                busy = False
            if not busy:
                self._stop.wait(LOOK_EVERY)

    def send_one(self) -> bool:
        """Send the delivery whose turn it is; returns whether there was one."""
        with self._database.read() as session:  # twice a second, and mostly for nothing: it waits for nobody
            if queries.due(session, clock(session)) is None:
                return False
        with self._database.write_last() as session:
            taken = actions.take_due(session, clock(session))
        if taken is None:
            return False
        delivery, webhook = taken
        outcome = post(
            webhook.url,
            delivery.body.encode(),
            _headers(delivery, webhook.secret),
            allowed=Allowed.by(self._database.settings),
        )
        with self._database.write_last() as session:
            actions.record(session, delivery.id, delivery.attempt, outcome, now=clock(session))
        _log.info("webhook told", delivery=delivery.key, attempt=delivery.attempt, status=outcome.status)
        return True

    def count_answers(self) -> None:
        """Note what is to be told of new answers: counted here, so that no answer ever waits for it."""
        with self._database.read() as session:
            if not queries.counting(session):
                return
        with self._database.write_last() as session:
            actions.tell_answers(session, clock(session))

    def _look_after(self) -> None:
        now = time.monotonic()
        if now >= self._next_count:
            self._next_count = now + COUNT_EVERY
            self.count_answers()
        if now >= self._next_clean:
            self._next_clean = now + CLEAN_EVERY
            with self._database.write_last() as session:
                actions.forget_old(session, clock(session))


def _headers(delivery: Delivery, secret: str) -> dict[str, str]:
    from labeler.client.signatures import HEADER, sign

    return {
        "Content-Type": "application/json",
        "User-Agent": f"Labeler/{__version__}",
        "Labeler-Event": delivery.event,
        "Labeler-Delivery": delivery.key,
        HEADER: sign(secret, delivery.body.encode(), int(time.time())),
    }

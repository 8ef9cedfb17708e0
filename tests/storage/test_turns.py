"""People at the keyboard write before jobs, within a process and over processes, and a job still gets done."""

import threading
import time
from collections.abc import Sequence
from contextlib import closing

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.accounts import actions as accounts
from labeler.accounts.models import User
from labeler.config import Settings
from labeler.storage import turns
from labeler.storage.database import Database, alone
from labeler.storage.migrations import upgrade
from labeler.storage.slices import store_in_turns
from tests.conftest import NOW


def add(session: Session, emails: Sequence[str]) -> None:
    alone(session, 1)
    for email in emails:
        accounts.add_user(session, email, role="annotator", now=NOW)


def names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}@example.org" for number in range(count)]


def test_a_job_that_nobody_waits_for_is_one_transaction(database: Database) -> None:
    seen: list[int] = []

    def store(session: Session, part: Sequence[str]) -> None:
        add(session, part)
        with database.read() as other:  # what is durable already
            seen.append(other.scalar(select(func.count()).select_from(User)) or 0)

    store_in_turns(database, names("j", 300), store, least=5)
    assert len(seen) > 1
    assert set(seen) == {0}


def test_a_job_makes_way_for_whoever_waits_and_loses_no_row(any_settings: Settings) -> None:
    with closing(Database(any_settings)) as job, closing(Database(any_settings)) as desk:
        upgrade(job)
        started, waiting = threading.Event(), threading.Event()
        stored_before: list[int] = []

        def person() -> None:
            started.wait()
            waiting.set()
            with desk.write() as session:
                alone(session, 1)
                stored_before.append(session.scalar(select(func.count()).select_from(User)) or 0)

        thread = threading.Thread(target=person)
        thread.start()

        def store(session: Session, part: Sequence[str]) -> None:
            add(session, part)
            if not waiting.is_set():
                started.set()
                waiting.wait()
                until = time.monotonic() + 10
                while not job.somebody_waits(session) and time.monotonic() < until:
                    pass

        store_in_turns(job, names("j", 400), store, least=5)
        thread.join()
        assert 0 < stored_before[0] < 400
        with job.read() as session:
            assert session.scalar(select(func.count()).select_from(User)) == 400


def test_a_job_gets_its_turn_although_somebody_always_waits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "POLITE", 0.01)
    with closing(Database(settings)) as database:
        upgrade(database)
        monkeypatch.setattr(turns.Turns, "somebody_waits", lambda _: True)
        store_in_turns(database, names("j", 60), add, least=5)
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(User)) == 60


def test_a_writer_that_was_stopped_holds_nobody_up_for_ever(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "AT_MOST", 0.05)
    with closing(Database(settings)) as stopped, closing(Database(settings)) as other:
        upgrade(other)
        assert stopped._turns is not None
        with stopped._turns.turn(), other.write() as session:  # it has the turn, but no transaction
            add(session, ["a@example.org"])
        with other.read() as session:
            assert session.scalar(select(func.count()).select_from(User)) == 1


def test_whoever_waits_is_seen_by_other_processes_until_they_are_done(settings: Settings) -> None:
    with closing(Database(settings)) as desk, closing(Database(settings)) as job:
        assert desk._turns is not None
        assert job._turns is not None
        assert not job._turns.somebody_waits()
        with desk._turns.turn():
            assert job._turns.somebody_waits()
            assert desk._turns.somebody_waits()
        assert not job._turns.somebody_waits()

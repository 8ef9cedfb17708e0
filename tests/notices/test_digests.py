"""Summaries by e-mail: sent by the worker's job to a real server on loopback, once, in the reader's language."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from labeler.accounts.actions import prefer
from labeler.config import Settings, Smtp, read_settings
from labeler.errors import Invalid, Unavailable
from labeler.jobs import digests
from labeler.jobs.models import Job
from labeler.jobs.runner import Worker
from labeler.messages import Message
from labeler.notices import queries
from labeler.notices.actions import take_digest
from labeler.notices.mail import Letterhead, Line, Reader, compose
from labeler.notices.models import Digest
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from labeler.workflow import silent
from tests.conftest import Made
from tests.notices.mail_server import MailServer, taking_mail
from tests.threads.talk import Talk

Make = Callable[..., Made]
DAY = timedelta(hours=24)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with taking_mail() as found:
        yield found


@pytest.fixture
def settings(settings: Settings, server: MailServer) -> Settings:
    smtp = Smtp("127.0.0.1", server.port, "none", sender="labeler@example.org")
    return replace(settings, smtp=smtp, public_url="https://labels.example.org")


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """What just happened is old enough to be told."""
    monkeypatch.setattr(queries, "_SETTLED", timedelta(0))


@pytest.fixture
def talk(database: Database, make_project: Make, cast: dict[str, int]) -> Talk:
    found = Talk(database, make_project(), cast)
    found.answers("ann", "cat", "Cat or dog?")
    found.says("olga", "A cat, by its ears.")
    return found


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let time go by for the job."""
    monkeypatch.setattr(digests, "clock", lambda session: clock(session) + by)


def row_of(talk: Talk, name: str) -> Digest:
    with talk.database.read() as session:
        return session.get_one(Digest, talk.cast[name])


def test_the_worker_sends_what_waits_and_nothing_twice(
    talk: Talk, server: MailServer, files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(talk.database, files)
    assert digests.ask_for_digests(talk.database)
    assert not digests.ask_for_digests(talk.database), "one job at a time"
    assert worker.run_one()
    (mail,) = server.mails
    assert (mail["To"], mail["From"]) == ("Ann <ann@example.org>", "Labeler <labeler@example.org>")
    text = mail.get_content()
    assert "Olga replied on e0: “A cat, by its ears.”" in text
    assert "https://labels.example.org/mine" in text
    assert "bob" not in text.lower()
    with talk.database.read() as session:
        job = session.query(Job).one()
        assert (job.state, job.result) == ("done", {"sent": 1, "refused": 0, "unknown": 0})
    assert not digests.ask_for_digests(talk.database)
    later(monkeypatch, 2 * DAY)
    assert not digests.ask_for_digests(talk.database), "it waits still, but it was told"
    talk.says("olga", "And by its tail.")
    later(monkeypatch, DAY / 2)
    assert not digests.ask_for_digests(talk.database), "once a day"
    later(monkeypatch, 2 * DAY)
    assert digests.send_digests(talk.database, progress=silent)["sent"] == 1
    assert "And by its tail." in server.mails[-1].get_content()
    assert len(server.mails) == 2


def test_what_was_read_before_is_not_sent(talk: Talk, server: MailServer) -> None:
    talk.says("ann", "I see.")
    assert not digests.ask_for_digests(talk.database)
    assert server.taken == []


def test_a_refused_e_mail_is_told_again_an_hour_later(
    talk: Talk, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.fails = "refuse"
    assert digests.send_digests(talk.database, progress=silent) == {"sent": 0, "refused": 1, "unknown": 0}
    assert (row_of(talk, "ann").state, "550" in row_of(talk, "ann").error) == ("failed", True)
    server.fails = ""
    assert digests.send_digests(talk.database, progress=silent)["sent"] == 0
    later(monkeypatch, timedelta(hours=2))
    assert digests.send_digests(talk.database, progress=silent)["sent"] == 1


def test_an_e_mail_of_unknown_fate_is_not_sent_again(
    talk: Talk, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.fails = "break_off"
    assert digests.send_digests(talk.database, progress=silent) == {"sent": 0, "refused": 0, "unknown": 1}
    server.fails = ""
    later(monkeypatch, 2 * DAY)
    assert digests.send_digests(talk.database, progress=silent)["sent"] == 0
    assert len(server.taken) == 1


def test_an_e_mail_whose_worker_died_while_sending_is_not_sent_again(
    talk: Talk, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with talk.database.write() as session:
        assert take_digest(session, talk.cast["ann"], every=DAY, now=clock(session))
    later(monkeypatch, 2 * DAY)
    assert digests.send_digests(talk.database, progress=silent)["sent"] == 0
    assert (server.taken, row_of(talk, "ann").state) == ([], "sending")


def test_a_server_that_is_away_ends_the_job_with_a_reason_and_the_news_is_told_later(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taking_mail() as gone:
        port = gone.port
    here = talk.database.settings
    away = replace(here, smtp=Smtp("127.0.0.1", port, "none", sender="labeler@example.org"))
    monkeypatch.setattr(talk.database, "settings", away)
    with pytest.raises(Unavailable, match="The mail server cannot be used"):
        digests.send_digests(talk.database, progress=silent)
    monkeypatch.setattr(talk.database, "settings", here)
    later(monkeypatch, timedelta(hours=2))
    assert digests.send_digests(talk.database, progress=silent)["sent"] == 1


def test_who_does_not_want_e_mails_gets_none(talk: Talk) -> None:
    with talk.database.write() as session:
        prefer(session, talk.cast["ann"], {"digest": False})
    assert not digests.ask_for_digests(talk.database)


def test_without_a_mail_server_the_worker_asks_for_nothing(
    database: Database, files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "settings", replace(database.settings, smtp=None))
    worker = Worker(database, files)
    worker._ask_for_digests()
    with database.read() as session:
        assert session.query(Job).count() == 0


def test_an_e_mail_is_in_the_language_of_its_reader() -> None:
    reader = Reader("Jörg", "joerg@example.org", "de")
    lines = [Line("Tiere", Message("The guidelines changed (version {number})", number=3), "Ohren\nzählen")]
    head = Letterhead("labeler@example.org", "", 24)
    mail = compose(reader, lines, head, key="digest-1-2", at=datetime(2026, 3, 2, tzinfo=UTC))
    text = mail.get_content()
    assert "Die Richtlinien haben sich geändert (Version 3): “Ohren zählen”" in text
    assert mail["Message-ID"] == "<digest-1-2@example.org>"
    with pytest.raises(ValueError, match="cannot contain"):
        compose(replace(reader, email="joerg@example.org\nBcc: all@example.org"), lines, head, key="k", at=mail["Date"])


def test_settings_name_the_mail_server_or_none() -> None:
    assert read_settings({}).smtp is None
    named = {"LABELER_SMTP_HOST": "mail.example.org", "LABELER_SMTP_FROM": "labeler@example.org"}
    assert read_settings(named).smtp == Smtp("mail.example.org", 587, "starttls", sender="labeler@example.org")
    more = named | {"LABELER_SMTP_PASSWORD": "hush", "LABELER_SMTP_USER": "us"}
    assert "hush" not in repr(read_settings(more))
    for name, value in (
        ("LABELER_SMTP_FROM", ""),
        ("LABELER_SMTP_FROM", "Labeler <a@b>"),
        ("LABELER_SMTP_SECURITY", "ssl"),
        ("LABELER_SMTP_PORT", "smtp"),
        ("LABELER_SMTP_HOURS", "0"),
    ):
        with pytest.raises(Invalid) as refused:
            read_settings(named | {name: value})
        assert refused.value.field == name

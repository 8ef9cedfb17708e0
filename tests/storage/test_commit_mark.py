"""A database that lost what was stored is refused with a sentence; one that was only killed is not."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from labeler.accounts import actions as accounts
from labeler.accounts.models import User
from labeler.config import Settings, read_settings
from labeler.errors import Unavailable
from labeler.storage.database import Database, accept_as_complete
from labeler.storage.migrations import upgrade
from labeler.storage.private import companions
from tests.conftest import NOW

WRITE_AND_DIE = """
import os, signal, sys
from labeler.accounts import actions as accounts
from labeler.config import read_settings
from labeler.storage.database import Database
from labeler.storage.migrations import upgrade
from datetime import UTC, datetime
from pathlib import Path
NOW = datetime(2026, 3, 2, tzinfo=UTC)
database = Database(read_settings({}, instance=Path(sys.argv[1])))
upgrade(database)
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 30):
    with database.write() as session:
        accounts.add_user(session, f"p{number}@example.org", role="annotator", now=NOW)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def died(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance whose only process was killed, to be copied."""
    folder = tmp_path_factory.mktemp("died") / "instance"
    killed(read_settings({}, instance=folder))
    return folder


@pytest.fixture
def dead(settings: Settings, died: Path) -> Settings:
    shutil.copytree(died, settings.instance)
    return settings


def killed(settings: Settings, *, start: int = 0) -> Settings:
    """Let a process of its own store thirty accounts and die without a word."""
    command = [sys.executable, "-c", WRITE_AND_DIE, str(settings.instance), str(start)]
    done = subprocess.run(command, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == -signal.SIGKILL
    return settings


def people(settings: Settings) -> int:
    with closing(Database(settings)) as database, database.read() as session:
        return len(session.scalars(select(User.id)).all())


def file(settings: Settings) -> Path:
    return settings.instance / "labeler.db"


def wal(settings: Settings) -> Path:
    return companions(file(settings))[0]


def remove_wal(settings: Settings) -> None:
    for path in companions(file(settings)):
        path.unlink()


def cut_wal(settings: Settings) -> None:
    os.truncate(wal(settings), wal(settings).stat().st_size // 2)


def empty_wal(settings: Settings) -> None:
    os.truncate(wal(settings), 0)


def damage_wal_header(settings: Settings) -> None:
    _flip(wal(settings), 20)


def damage_wal_end(settings: Settings) -> None:
    _flip(wal(settings), wal(settings).stat().st_size - 100)


def empty_database(settings: Settings) -> None:
    remove_wal(settings)
    os.truncate(file(settings), 0)


def remove_database(settings: Settings) -> None:
    remove_wal(settings)
    file(settings).unlink()


def put_another_database(settings: Settings) -> None:
    other = read_settings({}, instance=settings.instance.parent / "foreign")
    with closing(Database(other)) as database:
        upgrade(database)
        for number in range(100, 140):  # more changes than this one ever had
            with database.write() as session:
                accounts.add_user(session, f"x{number}@example.org", role="lead", now=NOW)
    remove_wal(settings)
    shutil.copy(file(other), file(settings))


def _flip(path: Path, place: int) -> None:
    with path.open("r+b") as opened:
        opened.seek(place)
        byte = opened.read(1)[0]
        opened.seek(place)
        opened.write(bytes([byte ^ 255]))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (remove_wal, "lacks the last"),
        (cut_wal, "lacks the last"),
        (empty_wal, "lacks the last"),
        (damage_wal_header, "lacks the last"),
        (damage_wal_end, "lacks the last 1 changes"),
        (empty_database, "is empty"),
        (remove_database, "is missing"),
        (put_another_database, "another database"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_database_that_lost_changes_is_refused_and_left_as_it_is(
    dead: Settings, harm: Callable[[Settings], None], told: str
) -> None:
    settings = dead
    harm(settings)
    before = contents(settings)
    for _ in range(2):  # nothing was mended or removed by looking
        with pytest.raises(Unavailable, match=told) as refused:
            Database(settings)
        assert "labeler accept-database" in refused.value.message
    assert contents(settings) == before


def contents(settings: Settings) -> dict[str, bytes]:
    """Return what every file holds, but for `-shm`, which holds nothing of its own, and empty ones."""
    files = [path for path in settings.instance.iterdir() if not path.name.endswith("-shm") and path.stat().st_size]
    return {path.name: path.read_bytes() for path in files}


def test_after_a_kill_everything_is_there_and_nothing_is_said(dead: Settings) -> None:
    settings = dead
    assert wal(settings).stat().st_size > 0
    assert people(settings) == 30
    killed(settings, start=30)
    assert people(settings) == 60


def test_another_program_that_looked_at_the_database_after_a_kill_raises_no_alarm(dead: Settings) -> None:
    import sqlite3

    settings = dead
    with closing(sqlite3.connect(file(settings))) as other:
        assert other.execute('SELECT count(*) FROM "user"').fetchone() == (30,)
    assert not wal(settings).exists()
    assert people(settings) == 30


def test_a_mark_that_a_power_cut_made_older_raises_no_alarm(dead: Settings) -> None:
    settings = dead
    mark = settings.instance / "labeler.db.mark"
    identity, commits = mark.read_text().split()
    for text in (f"{identity} {int(commits) - 7:010d}\n", "", "\0" * 22):
        mark.write_text(text)
        assert people(settings) == 30


def test_an_older_copy_is_refused(settings: Settings, tmp_path: Path) -> None:
    with closing(Database(settings)) as database:
        upgrade(database)
        with database.write() as session:
            accounts.add_user(session, "a@example.org", role="lead", now=NOW)
    shutil.copy(file(settings), tmp_path / "copy")
    with closing(Database(settings)) as database, database.write() as session:
        accounts.add_user(session, "b@example.org", role="lead", now=NOW)
    shutil.copy(tmp_path / "copy", file(settings))
    with pytest.raises(Unavailable, match="lacks the last 1 changes"):
        Database(settings)


def test_its_owner_may_go_on_with_what_is_there(dead: Settings) -> None:
    settings = dead
    remove_wal(settings)
    accept_as_complete(settings)
    with closing(Database(settings)) as database:
        upgrade(database)
    assert people(settings) == 0
    killed(settings)
    assert people(settings) == 30
    remove_database(killed(settings, start=30))
    with pytest.raises(Unavailable, match="missing"):
        Database(settings)


def test_an_empty_database_of_an_instance_from_before_there_were_marks_is_refused(settings: Settings) -> None:
    with closing(Database(settings)) as database:
        upgrade(database)
    settings.secret_key()
    (settings.instance / "labeler.db.mark").unlink(missing_ok=True)
    os.truncate(file(settings), 0)
    with pytest.raises(Unavailable, match="is empty, but this instance was used before"):
        Database(settings)


def test_a_start_that_was_cut_off_before_the_first_table_is_no_loss(settings: Settings) -> None:
    settings.instance.mkdir()
    file(settings).touch()
    with closing(Database(settings)) as database:
        assert upgrade(database)


def test_a_file_that_is_no_database_is_refused(dead: Settings) -> None:
    settings = dead
    remove_wal(settings)
    file(settings).write_bytes(b"no database at all" * 1000)
    with pytest.raises(Unavailable, match="cannot be read"):
        Database(settings)


def test_a_transaction_that_changes_nothing_is_not_counted(settings: Settings, database: Database) -> None:
    with database.write() as session:
        accounts.add_user(session, "a@example.org", role="lead", now=NOW)
    mark = settings.instance / "labeler.db.mark"
    before = mark.read_text()
    with database.write() as session:
        session.scalars(select(User)).all()
    with database.write():
        pass
    assert mark.read_text() == before


def test_the_database_file_alone_is_whole_after_it_was_closed(dead: Settings, tmp_path: Path) -> None:
    settings = dead
    with closing(Database(settings)) as database, closing(Database(settings)) as other:
        with other.read() as session:
            session.scalars(select(User)).all()  # its connection stays in the pool, as that of a request would
        del database
    copy = read_settings({}, instance=tmp_path / "copy")
    copy.instance.mkdir()
    shutil.copy(file(settings), file(copy))
    assert people(copy) == 30

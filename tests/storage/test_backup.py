"""A backup of one database comes back row by row, on the same or the other kind, or nothing happens."""

import json
import random
import secrets
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, inspect, select, text

from labeler import durable, workflow
from labeler.accounts import actions as accounts
from labeler.accounts.models import User
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.config import Settings, read_settings
from labeler.errors import Conflict, Invalid, NotFound, Unavailable
from labeler.exchange.rows import Row
from labeler.jobs.actions import enqueue
from labeler.projects import actions as projects
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.quality.models import Inspection, ItemScore, Prediction
from labeler.storage import archive, migrations
from labeler.storage.backup import back_up, silent
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.portable import read_lines, tables_of
from labeler.storage.restore import restore
from tests import fresh
from tests.conftest import LEASE, NOW
from tests.storage.pictures import encoded, gradient

ODD = 'Zeile 1\n"quoted", \u2028 \U0001f600 é \\ \ttab'


@pytest.fixture
def other_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Settings]:
    """Return a function that gives settings of an empty instance on one of the databases."""

    def make(kind: str) -> Settings:
        folder = tmp_path / f"other-{secrets.token_hex(4)}"
        if kind == "sqlite":
            return read_settings({}, instance=folder)
        uri: str = request.getfixturevalue("postgres")
        name = f"t{secrets.token_hex(6)}"
        fresh.create_on_postgres(uri, name, folder, empty=True)
        return read_settings({"LABELER_DATABASE_URL": fresh.in_database(uri, name)}, instance=folder)

    return make


def fill(settings: Settings) -> None:
    """Put something into every kind of column: odd texts, pictures, bytes, JSON null beside no value, numbers."""
    database, files = Database(settings), FileStore(settings.files)
    migrations.upgrade(database)
    with database.write() as session:
        ann = accounts.add_user(session, "ann@example.org", role="annotator", name="Änn", now=NOW).id
        olga = accounts.add_user(session, "olga@example.org", role="lead", now=NOW).id
        made = {}
        for slug, media in (("texts", "text"), ("pictures", "image")):
            new = projects.NewProject(slug, media, "classification", [("cat", ""), ("dog", "")], guidelines=ODD)
            made[slug] = projects.create_project(session, new, by=olga, now=NOW).id
            accounts.set_member(session, made[slug], ann, role="annotator", now=NOW)
    rows = [Row(n, f"e{n}", f"{ODD} {n}", None, "cat" if n % 2 else None, {"n": [n, None, 0.1]}) for n in range(40)]
    workflow.import_items(database, files, made["texts"], rows, workflow.ImportPlan("a.csv", "csv"))
    drawn = [encoded(gradient(300 + n, 40)) for n in range(3)]
    pictures = [Row(n, None, None, lambda d=d: d, None, {}, name=f"{n}.png") for n, d in enumerate(drawn)]  # type: ignore[misc]
    workflow.import_items(database, files, made["pictures"], pictures, workflow.ImportPlan("b.zip", "zip"))
    (settings.uploads).mkdir(mode=0o700)
    durable.write(settings.uploads / ("ab" * 16), b"id,text\n1,waiting\n")
    with database.write() as session:
        held = workflow.serve(session, made["texts"], ann, count=6, lease=LEASE)
        question = Question.of(session, session.get_one(Project, made["texts"]))
        answers = [Answer(f"key-{n:08d}", h.assignment.id, {"label": "dog"}, seconds=1 / 3) for n, h in enumerate(held)]
        workflow.submit(session, question, ann, answers)
        path = str(settings.uploads / ("ab" * 16))
        enqueue(session, made["texts"], "import", payload={"path": path}, by=olga, now=datetime.now(UTC))
        run = Inspection(project_id=made["texts"], state="done", started_at=NOW, summary={"a": None})
        session.add(run)
        session.flush()
        first = session.scalars(select(Item).order_by(Item.id)).first()
        assert first is not None
        session.execute(
            insert(ItemScore),
            [
                {
                    "inspection_id": run.id,
                    "item_id": first.id,
                    "label_code": "1",
                    "label_score": 1e-300,
                    "cleanlab_score": 0.1 + 0.2,
                    "probabilities": bytes(range(256)),
                    "neighbours": [[1, 0.5]],
                }
            ],
        )
        session.add(Prediction(item_id=first.id, project_id=made["texts"], code="1", value={}, created_at=NOW))
        session.execute(text("UPDATE item SET given_value = NULL WHERE id = :id"), {"id": first.id})
        session.execute(text("UPDATE item SET given_value = 'null' WHERE id = :id"), {"id": first.id + 1})
    database.close()


def everything(settings: Settings) -> dict[str, list[bytes]]:
    with closing(Database(settings)) as database, database.read() as session:
        connection = session.connection()
        return {table.name: list(read_lines(connection, table)) for table in tables_of(connection)}


def backed_up(settings: Settings, path: Path) -> Path:
    with closing(Database(settings)) as database:
        return back_up(database, path, migrations.HEAD).path


@pytest.fixture
def sealed(settings: Settings, tmp_path: Path) -> Path:
    fill(settings)
    return backed_up(settings, tmp_path / "backup.zip")


@pytest.mark.parametrize("to", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_every_row_and_file_comes_back_on_either_database(
    any_settings: Settings, other_settings: Callable[[str], Settings], tmp_path: Path, to: str
) -> None:
    fill(any_settings)
    path = backed_up(any_settings, tmp_path / "backup.zip")
    target = other_settings(to)
    made = restore(target, path, progress=silent)
    before, after = everything(any_settings), everything(target)
    assert after == before
    assert made.tables == {name: len(rows) for name, rows in before.items()}
    assert min(made.tables[name] for name in ("user", "item", "annotation", "item_score", "prediction", "job")) > 0
    stored = [json.loads(line)["given_value"] for line in before["item"][:2]]
    assert stored == [None, "null"]
    files = FileStore(target.files)
    assert sorted(files.hashes()) == sorted(FileStore(any_settings.files).hashes())
    for digest in files.hashes():
        assert files.open_display(digest).size
        assert files.open_thumb(digest).size
    assert (target.uploads / ("ab" * 16)).read_bytes() == b"id,text\n1,waiting\n"
    assert not (target.instance / "secret_key").exists()


@pytest.mark.parametrize("to", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_work_goes_on_after_restoring(sealed: Path, other_settings: Callable[[str], Settings], to: str) -> None:
    target = other_settings(to)
    restore(target, sealed, progress=silent)
    with closing(Database(target)) as database:
        with database.write() as session:
            highest = max(session.scalars(select(User.id)))
            assert accounts.add_user(session, "new@example.org", role="lead", now=NOW).id == highest + 1
            project = session.scalars(select(Project).where(Project.slug == "texts")).one()
            ann = session.scalars(select(User).where(User.email == "ann@example.org")).one()
            (held,) = workflow.serve(session, project.id, ann.id, count=1, lease=LEASE)
            answer = Answer("afterwards", held.assignment.id, {"label": "cat"}, seconds=1.0)
            (receipt,) = workflow.submit(session, Question.of(session, project), ann.id, [answer])
            assert receipt.status == "created"
        assert not migrations.upgrade(database)


def test_only_its_owner_may_read_a_backup(sealed: Path) -> None:
    assert sealed.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(sealed) as zipped:
        assert not [name for name in zipped.namelist() if "secret" in name]


def test_a_backup_never_replaces_a_file(sealed: Path, settings: Settings) -> None:
    before = sealed.read_bytes()
    with pytest.raises(Conflict, match="there already"):
        backed_up(settings, sealed)
    assert sealed.read_bytes() == before


def test_in_a_folder_a_backup_gets_a_name_of_its_own(settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    made = backed_up(settings, tmp_path)
    assert made.parent == tmp_path
    assert made.name.startswith("labeler-")


def test_any_byte_that_was_changed_is_refused_before_anything_is_written(
    sealed: Path, other_settings: Callable[[str], Settings], tmp_path: Path
) -> None:
    good, rng = sealed.read_bytes(), random.Random(1)
    places = [0, len(good) // 2, *range(len(good) - 120, len(good)), *(rng.randrange(len(good)) for _ in range(100))]
    target, damaged = other_settings("sqlite"), tmp_path / "damaged.zip"
    for place in places:
        damaged.write_bytes(good[:place] + bytes([good[place] ^ 1 << rng.randrange(8)]) + good[place + 1 :])
        with pytest.raises(Invalid, match="damaged"):
            restore(target, damaged, progress=silent)
    for shorter in (b"", good[:10], good[:-1], good[: len(good) // 2], good + b"x"):
        damaged.write_bytes(shorter)
        with pytest.raises(Invalid, match="damaged"):
            restore(target, damaged, progress=silent)
    assert not target.instance.exists()


def test_a_backup_that_was_packed_again_without_one_file_is_refused(
    sealed: Path, other_settings: Callable[[str], Settings], tmp_path: Path
) -> None:
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(sealed) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            if not name.startswith("files/originals"):
                target.writestr(name, source.read(name))
        target.comment = source.comment
    with pytest.raises(Invalid, match="damaged"):
        restore(other_settings("sqlite"), packed, progress=silent)
    with pytest.raises(NotFound):
        restore(other_settings("sqlite"), tmp_path / "nowhere.zip", progress=silent)


def test_a_backup_is_not_restored_over_anything(sealed: Path, settings: Settings) -> None:
    before = everything(settings)
    with pytest.raises(Conflict, match="not empty"):
        restore(settings, sealed, progress=silent)
    assert everything(settings) == before


def test_an_instance_that_was_only_started_counts_as_empty(
    sealed: Path, settings: Settings, other_settings: Callable[[str], Settings]
) -> None:
    target = other_settings("sqlite")
    with closing(Database(target)) as database:
        migrations.upgrade(database)
        with database.write() as session:
            accounts.add_setup_link(session, NOW)
    restore(target, sealed, progress=silent)
    assert everything(target) == everything(settings)


@pytest.mark.parametrize("to", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_rows_that_do_not_come_back_as_they_were_change_nothing(
    sealed: Path, other_settings: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    target = other_settings(to)
    manifest = archive.Reader.lines

    def altered(reader: archive.Reader, table: str) -> Iterator[bytes]:
        for line in manifest(reader, table):
            yield line.replace(b"ann@", b"bob@")

    monkeypatch.setattr(archive.Reader, "lines", altered)
    with pytest.raises(Unavailable, match="did not come back"):
        restore(target, sealed, progress=silent)
    with closing(Database(target)) as database:
        assert migrations.current(database) is None


def at_revision(settings: Settings, revision: str) -> None:
    """Make an instance with one account, as an older version left it."""
    at, active = ("2026-01-01 00:00:00.000000", 1) if settings.is_sqlite else (NOW, True)
    row = "INSERT INTO \"user\" (email, name, role, active, created_at) VALUES ('old@example.org', '', 'lead', :a, :t)"
    with (
        closing(Database(settings)) as database,
        database.engine.execution_options(labeler_write=True).begin() as connection,
    ):
        migrations.migrate(connection, revision)
        connection.execute(text(row), {"a": active, "t": at})


def emails(settings: Settings) -> list[str]:
    with closing(Database(settings)) as database, database.read() as session:
        return list(session.scalars(select(User.email)))


@pytest.mark.parametrize("to", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_the_backup_of_an_older_version_is_restored_and_then_brought_up_to_date(
    empty_settings: Settings, other_settings: Callable[[str], Settings], tmp_path: Path, to: str
) -> None:
    at_revision(empty_settings, "0001")
    with closing(Database(empty_settings)) as database:
        path = back_up(database, tmp_path / "old.zip", "0001").path
    target = other_settings(to)
    assert restore(target, path, progress=silent).revision == "0001"
    assert emails(target) == ["old@example.org"]
    with closing(Database(target)) as database:
        assert migrations.current(database) == migrations.HEAD


def test_the_backup_of_a_newer_version_is_refused(
    settings: Settings, other_settings: Callable[[str], Settings], tmp_path: Path
) -> None:
    fill(settings)
    with closing(Database(settings)) as database:
        path = back_up(database, tmp_path / "new.zip", "9999").path
    target = other_settings("sqlite")
    with pytest.raises(Unavailable, match="newer"):
        restore(target, path, progress=silent)
    assert not target.instance.exists()


def test_rows_are_kept_before_a_migration_and_only_the_newest_backups_stay(
    empty_settings: Settings, other_settings: Callable[[str], Settings]
) -> None:
    at_revision(empty_settings, "0001")
    empty_settings.backups.mkdir(parents=True)
    for day in range(1, 5):
        (empty_settings.backups / f"before-0001-from-0000-2025010{day}-000000.zip").write_bytes(b"")
    with closing(Database(empty_settings)) as database:
        assert migrations.upgrade(database)
    names = sorted(path.name for path in empty_settings.backups.iterdir())
    assert len(names) == 3
    assert names[:2] == ["before-0001-from-0000-20250103-000000.zip", "before-0001-from-0000-20250104-000000.zip"]
    made = empty_settings.backups / names[2]
    assert made.name.startswith(f"before-{migrations.HEAD}-from-0001-")
    assert made.stat().st_mode & 0o777 == 0o600
    target = other_settings("sqlite")
    restore(target, made, progress=silent)
    assert emails(target) == emails(empty_settings) == ["old@example.org"]


def test_a_migration_does_not_start_when_its_backup_cannot_be_kept(
    empty_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_revision(empty_settings, "0001")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with closing(Database(empty_settings)) as database:
        monkeypatch.setattr(archive.Writer, "add_table", full)
        with pytest.raises(Unavailable, match=r"not brought up to date.*No space left"):
            migrations.upgrade(database)
        assert migrations.current(database) == "0001"
        assert not list(empty_settings.backups.iterdir())
        monkeypatch.undo()
        assert migrations.upgrade(database)


def test_a_database_without_rows_needs_no_backup(empty_settings: Settings) -> None:
    with closing(Database(empty_settings)) as database:
        migrations.upgrade(database)
        with database.engine.connect() as connection:
            names = {table.name for table in tables_of(connection)}
            assert names == set(inspect(connection).get_table_names()) - {"alembic_version"}
    assert not empty_settings.backups.exists()


def test_whatever_was_acknowledged_before_the_moment_a_backup_names_is_in_it(
    any_settings: Settings, other_settings: Callable[[str], Settings], tmp_path: Path
) -> None:
    fill(any_settings)
    acknowledged: list[tuple[str, str]] = []
    stop, begun = threading.Event(), threading.Event()

    def work(database: Database) -> None:
        number = 0
        while not stop.is_set():
            email = f"p{number}@example.org"
            with database.write() as session:
                accounts.add_user(session, email, role="annotator", now=NOW)
            acknowledged.append((datetime.now(UTC).isoformat(timespec="milliseconds"), email))
            number += 1
            begun.set()

    with closing(Database(any_settings)) as database:
        thread = threading.Thread(target=work, args=(database,))
        thread.start()
        begun.wait()
        made = back_up(database, tmp_path / "under load.zip", migrations.HEAD)
        stop.set()
        thread.join()
    target = other_settings("sqlite")
    restore(target, made.path, progress=silent)
    wanted = {email for at, email in acknowledged if at < made.as_of}
    assert wanted
    assert wanted <= set(emails(target))
    with closing(Database(target)) as database, database.read() as session:
        assert len(session.scalars(select(Annotation)).all()) == 6

"""A release is frozen: the same bytes on another day and on the other database, and nobody can change it."""

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from labeler import __version__
from labeler.config import Settings
from labeler.errors import Conflict, Invalid
from labeler.exchange.formats.registry import writers_for
from labeler.exchange.rows import Row
from labeler.projects.actions import delete_project
from labeler.releases import actions, queries
from labeler.releases.models import Release
from labeler.releases.verifying import checked_path, verify_release
from labeler.storage.backup import back_up, silent
from labeler.storage.database import Database, clock
from labeler.storage.files import RELEASES, FileStore
from labeler.storage.leftovers import RELEASE_SECONDS, remove_unnamed_releases
from labeler.storage.migrations import HEAD
from labeler.storage.restore import restore
from labeler.webhooks.actions import add_webhook
from labeler.webhooks.addresses import Allowed
from labeler.webhooks.events import RELEASE_MADE
from labeler.webhooks.models import Delivery
from tests import fresh
from tests.releases.world import World, archive_of, labeled, lines

KILLED = """
import sys
from labeler.config import read_settings
from labeler.releases import actions
from labeler.storage.database import Database
from labeler.storage.files import FileStore

def stopped(*_arguments, **_named):
    print("here", flush=True)
    sys.stdin.read()

setattr(actions, sys.argv[1], stopped)
settings = read_settings()
actions.make_release(Database(settings), FileStore(settings.files), 1, actions.Asked("killed"))
"""


@pytest.fixture
def world(any_settings: Settings) -> Iterator[World]:
    found = labeled(World.made(any_settings))
    yield found
    found.database.close()


def later(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Let it be another day, for the program and for the files it writes."""
    days = timedelta(days=40)
    monkeypatch.setattr(actions, "clock", lambda session: clock(session) + days)
    then = time.time() + days.total_seconds()
    monkeypatch.setattr(time, "time", lambda: then)
    assert world.now() + days > world.now()


# -- what is in it ----------------------------------------------------------------------------------------------------


def test_a_release_holds_the_labels_where_each_comes_from_and_the_sum_of_every_file(world: World) -> None:
    made = world.release("first", name="Before training")
    assert (made.number, made.items, made.made_by) == (1, 4, "Olga")
    path = world.files.release_path(made.sha256)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == made.sha256
    assert path.stat().st_size == made.size
    with archive_of(world, made) as archive:
        assert archive.namelist() == [
            *("data/pets.jsonl", "items.jsonl", "guidelines.md", "settings.json", "DATA_CARD.md", "data_card.html"),
            *("croissant.json", "SHA256SUMS"),
        ]
        sums = dict(line.split("  ")[::-1] for line in archive.read("SHA256SUMS").decode().splitlines())
        for name in archive.namelist()[:-1]:
            assert sums[name] == hashlib.sha256(archive.read(name)).hexdigest()
    found = {one["external_id"]: one for one in lines(world, made, "items.jsonl")}
    assert {name: (one["label"], one["source"]) for name, one in found.items()} == {
        "e0": ("cat", "consensus"),
        "e1": ("dog", "consensus"),
        "e3": ("cat", "review"),
        "e4": ("cat", "consensus"),
    }
    assert (found["e3"]["decision"], found["e3"]["reason"], found["e3"]["tally"]) == (
        "relabel",
        "It purrs.",
        '{"dog": 2}',
    )
    assert (found["e0"]["method"], found["e0"]["answers"], found["e0"]["agreement"]) == ("majority", 2, 1.0)
    assert found["e0"]["import"] == "items.csv"
    numbers = made.numbers
    assert (numbers["ties"], numbers["excluded"], numbers["all"], numbers["answers"]) == (1, 1, 6, 8)
    assert numbers["sources"] == {"consensus": 3, "review": 1}
    assert numbers["classes"] == {"cat": 3, "dog": 1, "neither": 0}


def test_people_have_the_same_pseudonyms_in_every_release_and_no_address_is_in_any_file(world: World) -> None:
    first = world.release("first")
    world.bring([Row(1, "e9", "New", None, None, {})])
    world.answer("cid", ["cat"])
    second = world.release("second", options={"items": "all"})
    for made in (first, second):
        with archive_of(world, made) as archive:
            assert not any(b"example.org" in archive.read(name) for name in archive.namelist())
        names = {vote["annotator"] for row in lines(world, made, "data/pets.jsonl")[:2] for vote in row["votes"]}
        assert names == {"annotator-1", "annotator-2"}
    named = world.release("third", options={"people": "emails"})
    assert lines(world, named, "data/pets.jsonl")[0]["votes"][0]["annotator"] == "ann@example.org"


def test_all_items_are_in_it_when_that_is_asked_for(world: World) -> None:
    assert world.release("all", options={"items": "all"}).items == 6


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"format_name": "yolo"}, "format"),
        ({"format_name": "no-such"}, "format"),
        ({"options": {"items": "some"}}, "items"),
        ({"options": {"colour": "red"}}, "colour"),
        ({"told": {"poem": ""}}, "poem"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_what_cannot_be_released_is_refused_and_leaves_no_file(world: World, asked: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        world.release("wrong", **asked)
    assert refused.value.field == field
    assert list(world.files.hashes(RELEASES)) == []


def test_without_a_label_there_is_nothing_to_release(any_settings: Settings) -> None:
    world = World.made(any_settings)
    with pytest.raises(Invalid, match="nothing to release"):
        world.release("none")
    with world.database.read() as session:
        assert queries.newest(session, world.project_id) is None
    world.database.close()


# -- the same bytes ---------------------------------------------------------------------------------------------------


def test_it_is_written_again_byte_by_byte_on_another_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, name in enumerate(writers_for("classification", "text"), start=1):
        world.release(name, format_name=name)
        with pytest.MonkeyPatch.context() as patch:
            later(patch, world)
            found = verify_release(world.database, world.files, world.project_id, number)
        assert (found.rebuilt, found.wrong, found.row, found.changed) == ("same", (), (), ()), name
        assert found.passed
        assert found.answers == 12
    later(monkeypatch, world)
    first = world.release("again", format_name="jsonl", name="x")
    assert first.made_at > first.as_of


def test_answers_and_decisions_that_came_later_change_nothing_in_it(world: World) -> None:
    world.release("first")
    world.decide("e0", "relabel", "dog")
    world.decide("e2", "relabel", "dog")
    with world.database.write() as session:
        from labeler.workflow import ClassEdit, edit_classes

        classes = {row.name: row.id for row in queries_of_classes(session, world)}
        edit_classes(session, project_of(session, world), ClassEdit(renamed={classes["cat"]: ("kitten", "")}))
    found = verify_release(world.database, world.files, world.project_id, 1)
    assert (found.passed, found.rebuilt, found.changed) == (True, "same", ())


def queries_of_classes(session: Any, world: World) -> Any:
    from labeler.projects.queries import classes_of

    return classes_of(session, world.project_id).rows


def project_of(session: Any, world: World) -> Any:
    from labeler.projects.models import Project

    return session.get_one(Project, world.project_id)


@pytest.mark.postgres
def test_the_same_labels_give_the_same_bytes_on_both_databases_and_on_two_days(
    other: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    worlds = [labeled(World.made(other(kind, empty=False))) for kind in ("sqlite", "postgresql")]
    for number, name in enumerate(("jsonl", "csv", "huggingface", "xlsx", "label_studio"), start=1):
        made = []
        for world in worlds:
            made.append(world.release(name, format_name=name, told={"about": "Pets.", "license": "CC0-1.0"}))
            later(monkeypatch, world)
        monkeypatch.undo()
        assert (made[0].number, made[0].sha256) == (number, made[1].sha256), name
    for world in worlds:
        world.database.close()


@pytest.mark.postgres
@pytest.mark.parametrize(("one", "to"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_a_release_comes_back_from_a_backup_on_the_other_database_and_the_next_one_knows_it(
    other: Callable[..., Settings], tmp_path: Path, one: str, to: str
) -> None:
    world = labeled(World.made(other(one, empty=False)))
    first = world.release("first")
    back_up(world.database, tmp_path / "backup.zip", HEAD)
    here = world.release("second", name="x")
    world.database.close()
    settings = other(to, empty=True)
    restore(settings, tmp_path / "backup.zip", progress=silent)
    with closing(Database(settings)) as database:
        again = World(database, FileStore(settings.files), world.project_id, world.people)
        found = verify_release(database, again.files, world.project_id, 1)
        assert (found.passed, found.rebuilt, found.changed) == (True, "same", ())
        there = again.release("second", name="x")
        assert (there.number, there.sha256) == (2, here.sha256)
        assert there.numbers["changes"]["same"] == first.items


# -- nobody changes it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", [update(Release).values(name="other"), delete(Release)])
def test_the_database_refuses_to_change_or_delete_a_release(world: World, statement: Any) -> None:
    world.release("first", name="mine")
    with pytest.raises(DBAPIError, match="cannot be changed"), world.database.write() as session:
        session.execute(statement)
    with world.database.read() as session:
        assert queries.release_in(session, world.project_id, 1).name == "mine"


def test_a_deleted_project_takes_its_releases_along_and_their_files_a_day_later(world: World) -> None:
    made = world.release("first")
    verify_release(world.database, world.files, world.project_id, 1)
    with world.database.write() as session:
        delete_project(session, world.project_id)
    with world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Release)) == 0

    def named() -> set[str]:
        with world.database.read() as session:
            return queries.files_named(session)

    assert remove_unnamed_releases(world.files, named) == 0
    assert remove_unnamed_releases(world.files, named, now=time.time() + RELEASE_SECONDS + 9) == 2
    assert not world.files.release_path(made.sha256).exists()


def test_files_that_a_release_names_stay(world: World) -> None:
    made = world.release("first")

    def named() -> set[str]:
        with world.database.read() as session:
            return queries.files_named(session)

    assert remove_unnamed_releases(world.files, named, now=time.time() + 99 * RELEASE_SECONDS) == 0
    assert world.files.release_path(made.sha256).exists()


def test_asking_again_with_the_same_key_makes_no_second_release(world: World) -> None:
    assert world.release("first").id == world.release("first").id
    assert world.release("second").number == 2


def test_of_two_that_are_made_at_once_one_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    store = actions._store

    def overtaken(database: Database, row: Release) -> Release:
        monkeypatch.setattr(actions, "_store", store)
        world.release("other")
        return store(database, row)

    monkeypatch.setattr(actions, "_store", overtaken)
    with pytest.raises(Conflict, match="made meanwhile"):
        world.release("mine")
    with world.database.read() as session:
        assert [one.key for one in queries.releases_of(session, world.project_id)] == ["other"]


@pytest.mark.parametrize("moment", ["build", "_store"])
def test_a_kill_in_the_middle_leaves_no_half_release(settings: Settings, moment: str) -> None:
    fresh.open_new(settings).close()
    world = labeled(World.made(settings))
    environment = {**os.environ, "LABELER_INSTANCE": str(settings.instance)}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, moment],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGKILL)
    with world.database.read() as session:
        assert queries.newest(session, world.project_id) is None
        assert queries.files_named(session) == set()
    left = list(world.files.hashes(RELEASES))
    assert len(left) == (1 if moment == "build" else 2)
    assert remove_unnamed_releases(world.files, set, now=time.time() + RELEASE_SECONDS + 9) == len(left)
    made = world.release("killed")
    assert made.number == 1
    assert verify_release(world.database, world.files, world.project_id, 1).passed
    world.database.close()


# -- verify -----------------------------------------------------------------------------------------------------------


def flipped(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(data))


def test_one_flipped_byte_is_found_wherever_it_is_and_the_download_withdrawn(world: World) -> None:
    made = world.release("first")
    path = world.files.release_path(made.sha256)
    whole = path.read_bytes()
    for at in [*range(0, len(whole), max(1, len(whole) // 40)), len(whole) - 1]:
        flipped(path, at)
        found = verify_release(world.database, world.files, world.project_id, 1)
        assert not found.passed, at
        assert found.wrong, at
        path.write_bytes(whole)
    inside = whole.index(b"It purrs.")
    flipped(path, inside)
    assert "items.jsonl" in verify_release(world.database, world.files, world.project_id, 1).wrong
    with world.database.read() as session:
        check = queries.newest_checks(session, world.project_id)[made.id]
    with pytest.raises(Conflict, match="cannot be downloaded"):
        checked_path(world.files, made, check)
    path.write_bytes(whole)
    assert verify_release(world.database, world.files, world.project_id, 1).passed


def test_a_flipped_byte_of_the_frozen_labels_is_found(world: World) -> None:
    made = world.release("first")
    path = world.files.release_path(made.state)
    flipped(path, path.stat().st_size // 2)
    found = verify_release(world.database, world.files, world.project_id, 1)
    assert (found.passed, found.rebuilt, found.wrong) == (False, "not_possible", ())


def test_files_that_are_gone_are_said_to_be(world: World) -> None:
    made = world.release("first")
    world.files.release_path(made.sha256).unlink()
    found = verify_release(world.database, world.files, world.project_id, 1)
    assert (found.passed, found.wrong, found.rebuilt) == (False, ("the archive",), "same")


@pytest.mark.parametrize(
    ("column", "value"), [("name", "'other'"), ("items", "5"), ("made_by", "'Rita'"), ("format", "'csv'")]
)
def test_a_changed_row_of_a_release_is_found(world: World, column: str, value: str) -> None:
    world.release("first", name="mine")
    with world.database.write() as session:
        for statement in thawed(world):
            session.execute(text(statement))
        session.execute(text(f"UPDATE release SET {column} = {value}"))  # noqa: S608 - the test's own
    found = verify_release(world.database, world.files, world.project_id, 1)
    assert (found.passed, found.row) == (False, (column,))


def thawed(world: World) -> list[str]:
    """Return what somebody with the password of the database would do first."""
    if world.database.is_sqlite:
        return ["DROP TRIGGER release_frozen_update"]
    return ["ALTER TABLE release DISABLE TRIGGER release_frozen"]


def test_an_answer_or_a_decision_that_was_changed_behind_a_label_is_told(world: World) -> None:
    world.release("first")
    e0, e3 = world.item("e0"), world.item("e3")
    other = text("UPDATE annotation SET code = '2' WHERE item_id = :item AND user_id = :who")
    with world.database.write() as session:
        session.execute(other, {"item": e0, "who": world.people["ann"]})
        session.execute(text("DELETE FROM review WHERE item_id = :item"), {"item": e3})
    found = verify_release(world.database, world.files, world.project_id, 1)
    assert found.changed == (e0, e3)
    assert (found.passed, found.rebuilt) == (True, "same")


def test_another_version_that_writes_differently_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.release("first")
    monkeypatch.setattr("labeler.releases.verifying.__version__", "99.0")
    monkeypatch.setattr("labeler.releases.card._STYLE", "body{}")
    found = verify_release(world.database, world.files, world.project_id, 1)
    assert (found.rebuilt, found.differing, found.wrong) == ("other_version", ("croissant.json", "data_card.html"), ())
    assert found.passed
    monkeypatch.setattr("labeler.releases.verifying.__version__", __version__)
    found = verify_release(world.database, world.files, world.project_id, 1)
    assert (found.rebuilt, found.passed) == ("differs", False)


# -- for programs -----------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what mlcroissant calls
def test_its_description_validates_with_mlcroissant_and_its_records_are_read(world: World, tmp_path: Path) -> None:
    import mlcroissant

    told = {"about": "Pets.", "license": "https://creativecommons.org/publicdomain/zero/1.0/"}
    made = world.release("first", told=told)
    with archive_of(world, made) as archive:
        archive.extractall(tmp_path)
    dataset = mlcroissant.Dataset(tmp_path / "croissant.json")
    issues = dataset.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    records = list(dataset.records("items"))
    assert [(one["items/external_id"], one["items/label"]) for one in records] == [
        (b"e0", b"cat"),
        (b"e1", b"dog"),
        (b"e3", b"cat"),
        (b"e4", b"cat"),
    ]
    assert [one["classes/name"] for one in dataset.records("classes")] == ["cat", "dog", "neither"]


def test_the_files_of_a_format_that_writes_a_zip_lie_in_the_release_themselves(world: World) -> None:
    pytest.importorskip("pyarrow")
    made = world.release("first", format_name="huggingface")
    with archive_of(world, made) as archive:
        data = [name for name in archive.namelist() if name.startswith("data/")]
        assert "data/README.md" in data
        assert any(name.endswith(".parquet") for name in data)
        parquet = next(name for name in data if name.endswith(".parquet"))
        from pyarrow.parquet import read_table

        assert read_table(io.BytesIO(archive.read(parquet))).num_rows == 4


def test_a_release_is_told_to_who_wants_to_know(world: World) -> None:
    with world.database.write() as session:
        url, wanted, now = "https://hooks.example.org/", [RELEASE_MADE], clock(session)
        add_webhook(session, world.project_id, url, wanted, allowed=Allowed(), by=None, now=now)
    made = world.release("told")
    with world.database.read() as session:
        [told] = session.scalars(select(Delivery)).all()
    assert told.event == RELEASE_MADE
    assert json.loads(told.body)["data"] == {"release": 1, "name": made.name, "sha256": made.sha256}

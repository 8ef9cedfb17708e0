"""Pictures that no row names go after a day, and never one that somebody still needs."""

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete

from labeler import workflow
from labeler.config import Settings
from labeler.exchange.rows import Row
from labeler.jobs.runner import Worker
from labeler.projects import actions as projects
from labeler.projects.models import Item
from labeler.projects.queries import pictures_named
from labeler.storage.database import Database
from labeler.storage.files import FileStore, StoredImage
from labeler.storage.migrations import upgrade
from labeler.storage.unnamed import GRACE, remove_unnamed
from tests.conftest import NOW
from tests.storage.pictures import encoded, gradient

LATER = 10 * GRACE  # of seconds since 1970: the files of a test are given times around it
ONE, TWO, SHARED = (encoded(gradient(300 + n, 20)) for n in range(3))


@pytest.fixture
def store(settings: Settings) -> FileStore:
    return FileStore(settings.files)


def put(store: FileStore, data: bytes, *, at: float = 0.0) -> str:
    (image,) = store.put_images([data])
    assert isinstance(image, StoredImage)
    os.utime(store.original_path(image.hash), (at, at))
    return image.hash


def nobody(_: Sequence[str] | None) -> set[str]:
    return set()


def left(store: FileStore) -> list[str]:
    return sorted(path.name for path in store.root.rglob("*") if path.is_file() and len(path.name) == 64)


def test_a_picture_goes_with_all_its_copies_after_a_day_without_a_row(store: FileStore) -> None:
    digest = put(store, ONE)
    assert remove_unnamed(store, nobody, now=LATER) == 0
    assert remove_unnamed(store, nobody, now=LATER + GRACE - 1) == 0
    assert left(store) == [digest] * 3
    assert remove_unnamed(store, nobody, now=LATER + GRACE) == 1
    assert left(store) == []


def test_a_picture_that_got_a_row_again_starts_its_day_anew(store: FileStore) -> None:
    digest = put(store, ONE)
    remove_unnamed(store, nobody, now=LATER)
    remove_unnamed(store, lambda _: {digest}, now=LATER + GRACE / 2)
    assert remove_unnamed(store, nobody, now=LATER + GRACE) == 0
    assert remove_unnamed(store, nobody, now=LATER + 2 * GRACE) == 1


def test_a_picture_that_is_just_being_imported_again_stays(store: FileStore) -> None:
    digest = put(store, ONE)
    remove_unnamed(store, nobody, now=LATER)
    store.put_images([ONE])  # its row is not stored yet
    os.utime(store.original_path(digest), (LATER + GRACE - 5, LATER + GRACE - 5))
    assert remove_unnamed(store, nobody, now=LATER + GRACE) == 0
    assert left(store) == [digest] * 3


def test_bringing_a_picture_again_says_so_on_disk(store: FileStore) -> None:
    digest = put(store, ONE, at=1000.0)
    store.put_images([ONE])
    assert store.original_path(digest).stat().st_mtime > 1000.0


def test_a_row_that_comes_at_the_last_moment_saves_its_picture(store: FileStore) -> None:
    digest = put(store, ONE)
    remove_unnamed(store, nobody, now=LATER)
    asked: list[Sequence[str] | None] = []

    def late(hashes: Sequence[str] | None) -> set[str]:
        asked.append(hashes)
        return set() if hashes is None else {digest}

    assert remove_unnamed(store, late, now=LATER + GRACE) == 0
    assert asked == [None, [digest]]


def test_copies_whose_original_is_gone_go_too(store: FileStore) -> None:
    digest = put(store, ONE)
    store.original_path(digest).unlink()
    remove_unnamed(store, nobody, now=LATER)
    assert remove_unnamed(store, nobody, now=LATER + GRACE) == 1
    assert left(store) == []


def test_a_deleted_project_takes_only_its_own_pictures_along(any_settings: Settings) -> None:
    store = FileStore(any_settings.files)
    with closing(Database(any_settings)) as database:
        upgrade(database)
        made = []
        for slug, pictures in (("gone", (ONE, SHARED)), ("stays", (TWO, SHARED))):
            with database.write() as session:
                new = projects.NewProject(slug, "image", "classification", [("a", ""), ("b", "")])
                made.append(projects.create_project(session, new, by=None, now=NOW).id)
            rows = [Row(n, None, None, lambda d=data: d, None, {}) for n, data in enumerate(pictures)]  # type: ignore[misc]
            workflow.import_items(database, store, made[-1], rows, workflow.ImportPlan("a", "zip"))
        for digest in store.hashes():
            os.utime(store.original_path(digest), (0, 0))
        with database.write() as session:
            session.execute(delete(Item).where(Item.project_id == made[0]))
            projects.delete_project(session, made[0])

        def named(hashes: Sequence[str] | None) -> set[str]:
            with database.read() as session:
                return pictures_named(session, hashes)

        assert remove_unnamed(store, named, now=LATER) == 0
        assert remove_unnamed(store, named, now=LATER + GRACE) == 1
        assert set(store.hashes()) == named(None)
        assert len(named(None)) == 2


def test_the_worker_looks_for_them_when_it_has_nothing_else_to_do(
    database: Database, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, ONE)
    worker = Worker(database, store)
    worker._clean()
    note = Path(store.root / "unnamed.json")
    assert not note.exists()  # not in the first seconds, when people wait for pages
    monkeypatch.setattr(worker, "_next_clean", 0.0)
    worker._clean()
    assert note.exists()

"""Files that are kept for a while go at the stated time, and not before."""

import os
import time
from pathlib import Path

import pytest

from labeler.config import Settings
from labeler.storage import files as store
from labeler.storage.files import WHOLE, FileStore, StoredImage
from labeler.storage.leftovers import (
    COPY_SECONDS,
    UPLOAD_SECONDS,
    remove_old_copies,
    remove_old_uploads,
    remove_upload,
)
from tests.storage.pictures import encoded, gradient

TOKENS = ("a" * 32, "b" * 32, "c" * 32)
DAY = 24 * 3600.0


def upload(folder: Path, token: str, *, age: float, preview: float) -> None:
    """Keep an upload that was sent `age` seconds ago with pictures of a preview that is younger."""
    for name, seconds in ((token, age), (f"{token}.json", age), (f"{token}.0", preview), (f"{token}.11", preview)):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (time.time() - seconds,) * 2)


def tokens(folder: Path) -> set[str]:
    return {path.name.partition(".")[0] for path in folder.iterdir()}


def test_two_days_are_what_the_page_says() -> None:
    assert (UPLOAD_SECONDS, COPY_SECONDS) == (2 * DAY, 30 * DAY)


def test_an_upload_goes_after_two_days_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    upload(tmp_path, TOKENS[0], age=2 * DAY + 60, preview=60)
    upload(tmp_path, TOKENS[1], age=2 * DAY - 60, preview=60)
    upload(tmp_path, TOKENS[2], age=9 * DAY, preview=9 * DAY)
    assert remove_old_uploads(tmp_path, {str(tmp_path / TOKENS[2]), ""}) == 1
    assert tokens(tmp_path) == {TOKENS[1], TOKENS[2]}
    assert len(list(tmp_path.iterdir())) == 8
    assert remove_old_uploads(tmp_path, set()) == 1
    assert tokens(tmp_path) == {TOKENS[1]}
    assert remove_old_uploads(tmp_path / "nothing", set()) == 0


def test_what_a_killed_writer_left_goes_too(tmp_path: Path) -> None:
    for name in (f".{TOKENS[0]}.0123.part", f"{TOKENS[1]}.json"):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (0, 0))
    assert remove_old_uploads(tmp_path, set()) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_used_upload_goes_at_once_and_no_other(tmp_path: Path) -> None:
    for token in TOKENS[:2]:
        upload(tmp_path, token, age=0, preview=0)
    remove_upload(tmp_path / TOKENS[0])
    remove_upload(tmp_path / TOKENS[2])
    assert tokens(tmp_path) == {TOKENS[1]}


def test_a_full_size_copy_goes_when_nobody_looked_for_thirty_days_and_comes_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "DISPLAY_EDGE", 32)
    files = FileStore(settings.files)
    found = files.put_images([encoded(gradient(80, 60 + n)) for n in range(2)])
    stored = [one.hash for one in found if isinstance(one, StoredImage)]
    copies = [files.open_whole(digest).path for digest in stored]
    assert all(path.parent.parent.name == WHOLE for path in copies)
    for path in copies:
        os.utime(path, (time.time() - 31 * DAY,) * 2)
    files.open_whole(stored[1])
    assert remove_old_copies(files) == 1
    assert [path.exists() for path in copies] == [False, True]
    assert files.open_whole(stored[0]).path.read_bytes()
    assert remove_old_copies(files, now=time.time() + 29 * DAY) == 0

"""Files are whole and flushed before anybody relies on them, and only their owner may read them."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from labeler import durable
from labeler.config import Settings, read_settings
from labeler.errors import Invalid
from labeler.storage.database import Database
from labeler.storage.migrations import upgrade

PACKAGE = Path(durable.__file__).parent
MAKE_KEY = """
import sys
from pathlib import Path
from labeler.config import read_settings
print(read_settings({}, instance=Path(sys.argv[1])).secret_key())
"""


def test_a_file_is_flushed_before_its_name_and_its_name_before_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    flush, rename = os.fsync, Path.replace

    def flushed(descriptor: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")  # noqa: PTH112
        flush(descriptor)

    def renamed(source: Path, target: Any) -> Path:
        done.append("rename")
        return rename(source, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    durable.write(tmp_path / "a", b"content")
    assert done == ["file", "rename", "folder"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace to see what reaches the kernel")
def test_the_key_reaches_the_disk_before_its_name_does(tmp_path: Path) -> None:
    log, instance = tmp_path / "calls", tmp_path / "instance"
    command = ["strace", "-f", "-y", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,write", "-o", str(log)]
    subprocess.run([*command, sys.executable, "-c", MAKE_KEY, str(instance)], check=True, capture_output=True)
    calls = [line for line in log.read_text().splitlines() if "secret_key" in line or f"<{instance}>" in line]
    order = [found[1] for line in calls if (found := re.search(r"\b(write|fsync|fdatasync|rename\w*)\(", line))]
    assert [name[:6] for name in order][-4:] == ["write", "fsync", "rename", "fsync"]


def test_a_writer_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    durable.write(path, b"old")
    with pytest.raises(RuntimeError), durable.writing(path) as file:  # noqa: PT012 - the block is what fails
        file.write(b"new")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_no_file_is_written_but_durably() -> None:
    by_hand = re.compile(r"write_text\(|write_bytes\(|\.open\(\s*[\"'][wax]|\bopen\([^)]*[\"'][wax]b?[\"']|os\.fsync\(")
    allowed = {"durable.py", "storage/commit_mark.py"}  # the mark is written over on purpose, see there
    found = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if by_hand.search(path.read_text())}
    # an entry of a ZIP is opened, not a file
    assert found - allowed - {"storage/archive.py", "exchange/writing/zip_stream.py", "releases/archive.py"} == set()


def test_processes_that_start_at_once_end_with_the_same_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKE_KEY, str(tmp_path / "instance")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    keys = {process.communicate()[0] for process in running}
    assert len(keys) == 1
    assert len(keys.pop().strip()) == 64


@pytest.mark.parametrize("left", [b"", b"\n", b"\0" * 64])
def test_a_key_that_a_power_cut_emptied_is_made_anew_once(settings: Settings, left: bytes) -> None:
    settings.instance.mkdir()
    (settings.instance / "secret_key").write_bytes(left)
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: settings.secret_key(), range(8)))
    assert len(keys) == 1
    assert len(keys.pop()) == 64
    assert (settings.instance / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", [b"short", b"ab" * 16 + b"\0" * 32, b"\xff" * 64])
def test_a_key_that_is_damaged_is_refused_with_what_to_do_and_stays(settings: Settings, left: bytes) -> None:
    settings.instance.mkdir()
    path = settings.instance / "secret_key"
    path.write_bytes(left)
    if left.endswith(b"\0"):
        assert settings.secret_key() == "ab" * 16  # zeros at the end are no part of a key
        return
    with pytest.raises(Invalid, match="Put the right file back, or delete it"):
        settings.secret_key()
    assert path.read_bytes() == left


def open_to_others(folder: Path) -> list[str]:
    return [
        path.relative_to(folder).as_posix()
        for path in [folder, *folder.rglob("*")]
        if path.stat().st_mode & 0o077 and not path.is_symlink()
    ]


def test_an_instance_an_older_version_left_open_is_closed_at_the_next_start(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        settings = read_settings({}, instance=tmp_path / "instance")
        for name in ("files/display/aa/x", "files/thumbs/aa/x", "uploads/y", "labeler.db"):
            path = settings.instance / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
        mine = settings.instance / "mine"
        mine.mkdir()
        database = Database(settings)
        upgrade(database)
        with database.write():
            pass
        settings.secret_key()
        assert open_to_others(settings.instance) == ["mine"]  # what is not Labeler's is left alone
        database.close()
    finally:
        os.umask(before)


def test_what_is_new_is_private_from_the_first_byte(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        settings = read_settings({}, instance=tmp_path / "instance")
        database = Database(settings)
        upgrade(database)
        names = {path.name for path in settings.instance.iterdir()}
        assert {"labeler.db", "labeler.db-wal", "labeler.db-shm"} <= names
        assert open_to_others(settings.instance) == []
        database.close()
    finally:
        os.umask(before)

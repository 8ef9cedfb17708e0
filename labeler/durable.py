"""Writing a file so that a kill or a power cut leaves the old file, the new one or none, and never a part of one.

Every file the program writes goes through `writing` (or `write`): a temporary name beside it, flushed to the disk,
renamed into place, and then the folder that holds the new name flushed too. Note: a rename
without the first flush leaves, after a power cut, the new name with no bytes in it.
"""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl

PRIVATE = 0o600
PRIVATE_FOLDER = 0o700
PUBLIC = 0o666  # less what the umask of the person says


@contextmanager
def writing(path: Path, *, mode: int = PRIVATE, temporary: Path | None = None) -> Iterator[BinaryIO]:
    """Yield a file that is at `path`, whole and durable, once the block was left; nothing is there when it raised.

    mode: who may read it, set before a byte is written. temporary: another name for it meanwhile, on the same disk.
    """
    part = temporary or path.with_name(f".{path.name[:200]}.{secrets.token_hex(8)}.part")
    with renamed(part, path, mode=mode) as file:
        yield file
    flush_folder(path.parent)


@contextmanager
def renamed(part: Path, path: Path, *, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """As `writing`, but for the last step: whoever writes many files flushes their folders once, at the end."""
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def write(path: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Write a whole file durably."""
    with writing(path, mode=mode) as file:
        file.write(data)


def flush_folder(folder: Path) -> None:
    """Make new names in a folder durable. Windows flushes them with the file and cannot open a folder."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner may look into, where there is none, durably; also those above it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    flush_folder(folder.parent)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until nobody else is in such a block, or in `together_in`, for the same folder.

    The lock ends with the process. Windows has no flock; there one process has to be enough.
    """
    with _locked(folder, "LOCK_EX"):
        yield


@contextmanager
def together_in(folder: Path) -> Iterator[None]:
    """Wait until nobody is in `alone_in` for the same folder; others may be here at the same time."""
    with _locked(folder, "LOCK_SH"):
        yield


@contextmanager
def _locked(folder: Path, how: str) -> Iterator[None]:
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, getattr(fcntl, how))
        yield
    finally:
        os.close(descriptor)

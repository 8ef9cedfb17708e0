"""Images on disk, named by what is in them (sha256), so the same image is kept once and never changes.

`originals/aa/<hash>` is what was sent, byte for byte, and is never served. `display/aa/<hash>` and `thumbs/aa/<hash>`
are our own re-encoded copies and, with `whole/aa/<hash>` (full size, made when somebody first looks that closely), the
only thing a browser gets. `numbers/<project>/` is what label checks keep for the next one, `imported/<project>/` the
vectors and probabilities that were imported. `releases/aa/<hash>` is what releases are made of: archives and the frozen
labels that they were written from.

Note: a file must be durable *before* a row in the database names it, or a power cut leaves a
row that points at nothing. So `put_images` returns only after each file was written under `tmp/`, flushed to the disk,
renamed into place, and the folders that hold the new names were flushed too. A crash on the way leaves at most a file
under `tmp/` or a file that no row names; both are harmless.
"""

import contextlib
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from labeler import durable
from labeler.errors import Invalid, NotFound, Unavailable
from labeler.storage.pictures import (
    DISPLAY_EDGE,
    THUMB_EDGE,
    UnreadableImageError,
    content_type,
    read_size,
    render,
    render_whole,
)

ORIGINALS, DISPLAY, THUMBS, WHOLE, TEMPORARY = "originals", "display", "thumbs", "whole", "tmp"
NUMBERS, IMPORTED, RELEASES = "numbers", "imported", "releases"
_DAY = 24 * 3600
_HASH = re.compile(r"[0-9a-f]{64}")


class StoredImage(NamedTuple):
    """One image that is durable on disk.

    hash: sha256 of the original, hexadecimal; width, height: of the original in pixels, after orientation;
    content_type: of the display copy.
    """

    hash: str
    width: int
    height: int
    content_type: str


class Problem(NamedTuple):
    """One image that was not stored, and why."""

    reason: str


class ServedFile(NamedTuple):
    """One of our own copies, ready to be sent. size: bytes."""

    path: Path
    content_type: str
    size: int


class FileStore:
    """The images of one instance under `root`.

    workers: threads that decode and write at the same time (Pillow and fsync let the others run). Safe to use from
    several threads and processes at once: names are unique until the rename, and the rename is atomic.
    """

    def __init__(self, root: Path, *, workers: int | None = None) -> None:
        self.root = root
        self.workers = workers or min(8, 2 * (os.cpu_count() or 1))
        self._ready = False

    def put_images(self, batch: Sequence[bytes | Callable[[], bytes]]) -> list[StoredImage | Problem]:
        """Store images durably, in order: one StoredImage or Problem for each entry.

        An entry is the bytes or a function that gives them (called in a worker thread; its Invalid becomes a
        Problem). The same bytes again are found, not stored twice. Raises Unavailable when the disk does not take
        them; then no entry of the batch may be named by a row.
        """
        if not batch:
            return []
        self._prepare()
        with durable.together_in(self.root), ThreadPoolExecutor(min(self.workers, len(batch))) as pool:
            results = list(pool.map(self._put, batch))
            folders = {self.root / kind for kind in (ORIGINALS, DISPLAY, THUMBS)}
            for result in results:
                if isinstance(result, StoredImage):
                    folders.update(self._path(kind, result.hash).parent for kind in (ORIGINALS, DISPLAY))
                    if max(result.width, result.height) > THUMB_EDGE:
                        folders.add(self._path(THUMBS, result.hash).parent)
            list(pool.map(_flush_folder, sorted(folders)))
        return results

    def open_display(self, digest: str) -> ServedFile:
        """Return the display copy (long edge <= 1600 px); raise NotFound."""
        return _served(self.display_path(digest))

    def open_thumb(self, digest: str) -> ServedFile:
        """Return the thumbnail (<= 256 px), which for a small picture is its display copy; raise NotFound."""
        return _served(self.thumb_path(digest))

    def open_whole(self, digest: str) -> ServedFile:
        """Return our copy at full size, made here the first time: the display copy where that is as large.

        Raises NotFound, also when the original cannot be read any more, and Unavailable when the disk takes no file.
        """
        path = self._path(WHOLE, digest)
        if not _looked_at(path):
            data = self.read_original(digest)
            try:
                if max(read_size(data)) <= DISPLAY_EDGE:
                    return self.open_display(digest)
                copy = render_whole(data)
            except UnreadableImageError as error:
                raise NotFound("The image cannot be read any more.") from error
            self._prepare()
            self._write(WHOLE, digest, copy)
            _flush_folder(path.parent)
        return _served(path)

    def read_original(self, digest: str) -> bytes:
        """Return the bytes that were sent, for exports and checks, never for a browser; raise NotFound."""
        try:
            return self.original_path(digest).read_bytes()
        except FileNotFoundError as error:
            raise NotFound("The image is not in the store.") from error

    def original_path(self, digest: str) -> Path:
        """Return where the original of this hash is, or would be."""
        return self._path(ORIGINALS, digest)

    def display_path(self, digest: str) -> Path:
        """Return where the display copy of this hash is, or would be."""
        return self._path(DISPLAY, digest)

    def thumb_path(self, digest: str) -> Path:
        """Return where the thumbnail of this hash is: the display copy when that is small enough."""
        own = self._path(THUMBS, digest)
        return own if own.exists() else self._path(DISPLAY, digest)

    def path_of(self, kind: str, digest: str) -> Path:
        """Return where a copy of this kind is, or would be."""
        return self._path(kind, digest)

    def numbers_of(self, project_id: int) -> Path:
        """Return the folder for numbers that label checks worked out of a project's contents and can again."""
        return self.root / NUMBERS / str(project_id)

    def imported_of(self, project_id: int) -> Path:
        """Return the folder for numbers of a project's items that were imported, and that nobody can work out again."""
        return self.root / IMPORTED / str(project_id)

    def release_path(self, digest: str) -> Path:
        """Return where a file of a release is, or would be."""
        return self._path(RELEASES, digest)

    def temporary(self) -> Path:
        """Return a name for a file that is needed only meanwhile; what a kill leaves of it goes after a day."""
        self._prepare()
        return self.root / TEMPORARY / secrets.token_hex(16)

    def keep_release(self, part: Path, digest: str) -> Path:
        """Give a file that is whole and flushed its name among those of releases, durably; returns where it is.

        One that is there already gets the new bytes, which are the same, and their time: `leftovers` must not remove
        what a release is about to name. Raises Unavailable when the disk does not take it.
        """
        target = self._path(RELEASES, digest)
        try:
            durable.make_folder(target.parent)
            part.replace(target)
        except OSError as error:
            raise Unavailable("The release could not be kept ({reason}).", reason=error.strerror) from error
        _flush_folder(target.parent)
        return target

    def hashes(self, kind: str = ORIGINALS) -> Iterator[str]:
        """Yield the hash of every original, or of every copy of a kind, in order."""
        for shard in sorted((self.root / kind).glob("[0-9a-f][0-9a-f]")):
            yield from sorted(entry.name for entry in shard.iterdir() if _HASH.fullmatch(entry.name))

    def _put(self, entry: bytes | Callable[[], bytes]) -> StoredImage | Problem:
        try:
            data = entry if isinstance(entry, bytes) else entry()
            return self._store(data)
        except UnreadableImageError as error:
            return Problem(error.reason)
        except Invalid as error:
            return Problem(error.message)

    def _store(self, data: bytes) -> StoredImage:
        digest = hashlib.sha256(data).hexdigest()
        if known := self._known(digest, data):
            return known
        copies = render(data)
        if copies.thumb is not None:
            self._write(THUMBS, digest, copies.thumb)
        self._write(DISPLAY, digest, copies.display)
        self._write(ORIGINALS, digest, data)
        return StoredImage(digest, copies.width, copies.height, content_type(copies.display[:4]))

    def _known(self, digest: str, data: bytes) -> StoredImage | None:
        """Return the image when all its files are there; any subset may have survived a crash."""
        try:
            os.utime(self._path(ORIGINALS, digest))  # it is wanted again: `unnamed` must not remove it now
        except FileNotFoundError:
            return None
        width, height = read_size(data)
        needed = [DISPLAY, THUMBS] if max(width, height) > THUMB_EDGE else [DISPLAY]
        if not all(self._path(kind, digest).exists() for kind in needed):
            return None
        return StoredImage(digest, width, height, self.open_display(digest).content_type)

    def _write(self, kind: str, digest: str, data: bytes) -> None:
        target = self._path(kind, digest)
        try:
            target.parent.mkdir(mode=durable.PRIVATE_FOLDER, exist_ok=True)
            with durable.renamed(self.root / TEMPORARY / secrets.token_hex(16), target) as file:
                file.write(data)
        except OSError as error:
            raise Unavailable(
                "The image could not be written to disk ({reason}). Free some space.", reason=error.strerror
            ) from error

    def _path(self, kind: str, digest: str) -> Path:
        if not _HASH.fullmatch(digest):
            raise NotFound("There is no such image.")
        return self.root / kind / digest[:2] / digest

    def _prepare(self) -> None:
        if self._ready:
            return
        try:
            for kind in (ORIGINALS, DISPLAY, THUMBS, WHOLE, TEMPORARY):
                durable.make_folder(self.root / kind)
        except OSError as error:
            raise Unavailable("The folder of images cannot be made ({reason}).", reason=error.strerror) from error
        _sweep((self.root / TEMPORARY).iterdir(), older_than=time.time() - _DAY)
        self._ready = True


def _looked_at(path: Path) -> bool:
    """Note that a copy is in use, so that `leftovers` keeps it for another while; returns whether it is there."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _served(path: Path) -> ServedFile:
    try:
        with path.open("rb") as file:
            return ServedFile(path, content_type(file.read(4)), os.fstat(file.fileno()).st_size)
    except FileNotFoundError as error:
        raise NotFound("The image is not in the store.") from error


def _flush_folder(folder: Path) -> None:
    try:
        durable.flush_folder(folder)
    except OSError as error:
        raise Unavailable("The disk did not confirm the images ({reason}).", reason=error.strerror) from error


def _sweep(entries: Iterable[Path], *, older_than: float) -> None:
    """Remove what crashed writers left behind; a day is longer than any writer lives."""
    for entry in entries:
        with contextlib.suppress(OSError):
            if entry.stat().st_mtime < older_than:
                entry.unlink()

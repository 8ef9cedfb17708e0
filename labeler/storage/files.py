"""Images on disk, named by what is in them (sha256), so the same image is kept once and never changes.

`originals/aa/<hash>` is what was sent, byte for byte, and is never served. `display/aa/<hash>` and `thumbs/aa/<hash>`
are our own re-encoded copies and, with `whole/aa/<hash>` (full size, made when somebody first looks that closely), the
only thing a browser gets. `numbers/<project>/` is what label checks keep for the next one, `imported/<project>/` the
vectors and probabilities that were imported. `releases/aa/<hash>` is what releases are made of: archives and the frozen
labels that they were written from; `comparisons/aa/<hash>` what changed between two of them. Of a picture that
stays elsewhere there is no original but a reference (`references.py`), and its copies are made again from there when
they were let go (`LABELER_REMOTE_CACHE`).

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
from labeler.config import REMOTE_CACHE, Settings
from labeler.errors import Invalid, NotFound, Unavailable
from labeler.remote.elsewhere import Elsewhere
from labeler.remote.files import Origin, RemoteFile
from labeler.storage.pictures import (
    DISPLAY_EDGE,
    THUMB_EDGE,
    Copies,
    UnreadableImageError,
    content_type,
    read_size,
    render,
    render_whole,
)
from labeler.storage.references import REFERENCES, References
from labeler.storage.room import Room

ORIGINALS, DISPLAY, THUMBS, WHOLE, TEMPORARY = "originals", "display", "thumbs", "whole", "tmp"
NUMBERS, IMPORTED, RELEASES, COMPARISONS = "numbers", "imported", "releases", "comparisons"
_KEPT = (ORIGINALS, REFERENCES, DISPLAY, THUMBS)
_DAY = 24 * 3600
_HASH = re.compile(r"[0-9a-f]{64}")


class StoredImage(NamedTuple):
    """One image that is durable on disk.

    hash: sha256 of the original, hexadecimal; width, height: of the original in pixels, after orientation;
    content_type: of the display copy; origin: where it was fetched from, None for one that somebody sent.
    """

    hash: str
    width: int
    height: int
    content_type: str
    origin: Origin | None = None


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
    several threads and processes at once: names are unique until the rename, and the rename is atomic. elsewhere: what
    may be fetched, for pictures that stay elsewhere; most_copies: bytes of our copies of them.
    """

    def __init__(
        self,
        root: Path,
        *,
        workers: int | None = None,
        elsewhere: Elsewhere | None = None,
        most_copies: int = REMOTE_CACHE,
    ) -> None:
        self.root = root
        self.workers = workers or min(8, 2 * (os.cpu_count() or 1))
        self.references = References(root, elsewhere or Elsewhere())
        self.room = Room(root, most_copies)
        self._ready = False

    @classmethod
    def of(cls, settings: Settings) -> "FileStore":
        """Return the images of an instance, as its settings say."""
        return cls(settings.files, elsewhere=Elsewhere.of(settings), most_copies=settings.remote_cache)

    @property
    def elsewhere(self) -> Elsewhere:
        """What may be fetched."""
        return self.references.elsewhere

    def put_images(self, batch: Sequence[bytes | Callable[[], bytes]]) -> list[StoredImage | Problem]:
        """Store images durably, in order: one StoredImage or Problem for each entry.

        An entry is the bytes or a function that gives them (called in a worker thread; its Invalid becomes a
        Problem); of a file elsewhere that is to stay there only our copies and the reference are kept. The same bytes
        again are found, not stored twice. Raises Unavailable when the disk does not take them, or a place elsewhere
        does not answer; then no entry of the batch may be named by a row.
        """
        if not batch:
            return []
        self._prepare()
        with durable.together_in(self.root), ThreadPoolExecutor(min(self.workers, len(batch))) as pool:
            results = list(pool.map(self._put, batch))
            folders = {self.root / kind for kind in _KEPT}
            stored = {result.hash for result in results if isinstance(result, StoredImage)}
            folders.update(self._path(kind, digest).parent for kind in _KEPT for digest in stored)
            list(pool.map(_flush_folder, sorted(folder for folder in folders if folder.is_dir())))
        return results

    def open_display(self, digest: str) -> ServedFile:
        """Return the display copy (long edge <= 1600 px); raise NotFound or Unavailable."""
        return _served(self._at_hand(self.display_path(digest), digest))

    def open_thumb(self, digest: str) -> ServedFile:
        """Return the thumbnail (<= 256 px), which for a small picture is its display copy; raise as `open_display`."""
        return _served(self._at_hand(self.thumb_path(digest), digest))

    def confirm(self, digest: str) -> None:
        """Raise NotFound where a picture that stays elsewhere is gone, or is another one by now."""
        if not self.original_path(digest).exists():
            self.references.confirm(digest)

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
            if self.references.path(digest).exists():
                self.room.taken(len(copy))
        return _served(path)

    def read_original(self, digest: str) -> bytes:
        """Return the bytes that were sent, for exports and checks, never for a browser; raise NotFound.

        Of a picture that stays elsewhere they are fetched; raises also Unavailable.
        """
        try:
            return self.original_path(digest).read_bytes()
        except FileNotFoundError:
            return self.references.read(digest)

    def original_path(self, digest: str) -> Path:
        """Return where the original of this hash is, or would be."""
        return self._path(ORIGINALS, digest)

    def display_path(self, digest: str) -> Path:
        """Return where the display copy of this hash is, or would be."""
        return self._path(DISPLAY, digest)

    def display_to_read(self, digest: str) -> Path:
        """Return where the display copy is, made again where it was let go; nothing is there if that cannot be."""
        path = self.display_path(digest)
        with contextlib.suppress(NotFound, Unavailable):
            self._at_hand(path, digest)
        return path

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

    def comparison_path(self, digest: str) -> Path:
        """Return where what changed between two releases is, or would be."""
        return self._path(COMPARISONS, digest)

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
            if isinstance(entry, RemoteFile):
                data, origin = entry.fetched()
                stored = self._store(data) if entry.keep == "copy" else self._refer(data, origin)
                return stored._replace(origin=origin)
            return self._store(entry if isinstance(entry, bytes) else entry())
        except UnreadableImageError as error:
            return Problem(error.reason)
        except Invalid as error:
            return Problem(error.message)

    def _store(self, data: bytes) -> StoredImage:
        digest = hashlib.sha256(data).hexdigest()
        if known := self._known(ORIGINALS, digest, data):
            return known
        copies = self._write_copies(digest, data)
        self._write(ORIGINALS, digest, data)
        return StoredImage(digest, copies.width, copies.height, content_type(copies.display[:4]))

    def _refer(self, data: bytes, origin: Origin) -> StoredImage:
        """Keep our copies of a picture and where it lies; where the picture itself is kept already, that is enough."""
        digest = hashlib.sha256(data).hexdigest()
        if known := self._known(ORIGINALS, digest, data):
            return known
        known = self._known(REFERENCES, digest, data)
        if known is None:
            copies = self._write_copies(digest, data)
            self.room.taken(len(copies.display))
            known = StoredImage(digest, copies.width, copies.height, content_type(copies.display[:4]))
        if origin not in self.references.of(digest):
            self._write(REFERENCES, digest, self.references.with_also(digest, origin))
        return known

    def _write_copies(self, digest: str, data: bytes) -> Copies:
        copies = render(data)
        if copies.thumb is not None:
            self._write(THUMBS, digest, copies.thumb)
        self._write(DISPLAY, digest, copies.display)
        return copies

    def _at_hand(self, path: Path, digest: str) -> Path:
        """Return the path of a copy; one that was let go, of a picture that stays elsewhere, is made again first."""
        if not self.references.path(digest).exists():
            return path
        if not _looked_at(path):
            try:
                self._prepare()
                copies = self._write_copies(digest, self.read_original(digest))
            except UnreadableImageError as error:
                raise NotFound("The image cannot be read any more.") from error
            self.room.taken(len(copies.display))
        return path

    def _known(self, kind: str, digest: str, data: bytes) -> StoredImage | None:
        """Return the image when all its files are there; any subset may have survived a crash."""
        try:
            os.utime(self._path(kind, digest))  # it is wanted again: `unnamed` must not remove it now
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
            for kind in (*_KEPT, WHOLE, TEMPORARY):
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

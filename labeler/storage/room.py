"""How much room our copies of pictures take that stay elsewhere: at most as much as a setting says.

What nobody looked at for longest goes first, and it is made again from the picture itself at the next look. Thumbnails
stay: they are small, and pages show a hundred at once. What was looked at in the last minute stays as well, as it may
be on its way to somebody.

Note: each process counts for itself what it wrote and looks at the disk only when that may be too
much; the worker looks once an hour whatever it wrote.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_IN_USE = 60.0  # seconds
_LEAVES = 0.8  # of what is allowed, so that the next look is some time away


class _Copy(NamedTuple):
    looked_at: float
    size: int
    path: Path


class Room:
    """The copies below `root`. most: bytes."""

    def __init__(self, root: Path, most: int) -> None:
        self.root = root
        self.most = most
        self._taken: int | None = None
        self._look_from = most
        self._lock = threading.Lock()

    def taken(self, size: int) -> None:
        """Note that a copy of so many bytes was written; lets others go where it is too much."""
        with self._lock:
            self._taken = self._on_disk() if self._taken is None else self._taken + size
            if self._taken <= self._look_from:
                return
        self.make()

    def make(self) -> int:
        """Let copies go until there is room; returns how many."""
        with self._lock:
            copies = sorted(self._copies())
            left, gone = sum(copy.size for copy in copies), 0
            if left > self.most:
                for copy in copies:
                    if left <= _LEAVES * self.most or copy.looked_at > time.time() - _IN_USE:
                        break
                    copy.path.unlink(missing_ok=True)
                    left, gone = left - copy.size, gone + 1
            self._taken = left
            self._look_from = max(self.most, left + int((1 - _LEAVES) * self.most))
            return gone

    def _on_disk(self) -> int:
        return sum(copy.size for copy in self._copies())

    def _copies(self) -> Iterator[_Copy]:
        for reference in (self.root / "references").glob("[0-9a-f][0-9a-f]/*"):
            inside = Path(reference.parent.name) / reference.name
            if (self.root / "originals" / inside).exists():
                continue  # it is kept here as well, and nothing would have to be fetched
            for kind in ("display", "whole"):
                path = self.root / kind / inside
                with suppress(FileNotFoundError):
                    about = path.stat()
                    yield _Copy(about.st_mtime, about.st_size, path)

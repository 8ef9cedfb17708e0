"""Files elsewhere as an import takes them: called, they give their bytes, and they know how they are to be kept.

Several of a list are on their way at once (`Ahead`): whoever asks for one gets those after it without waiting. What is
held of them is bounded in bytes, so that the size of a set says nothing about memory.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from labeler.errors import Forbidden, Invalid, NotFound
from labeler.remote.addresses import Address
from labeler.remote.found import Fetched, Found

Keep = Literal["copy", "reference"]

AHEAD = 16  # files on their way at once
MOST_HELD = 128 * 1024 * 1024  # bytes


class Origin(NamedTuple):
    """Where a picture came from. mark: its ETag, or what else changes with it, when it was fetched."""

    address: str
    size: int
    mark: str


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file elsewhere. keep: whether its content is kept here, or only what shows it and where it lies."""

    address: Address
    fetch: Callable[[], Fetched]
    keep: Keep = "copy"

    def __call__(self) -> bytes:
        """Return the bytes; raises Invalid when there are none to be had, Unavailable when perhaps later."""
        return self.fetched()[0]

    def fetched(self) -> tuple[bytes, Origin]:
        """Return the bytes and where they came from; raises as a call does."""
        try:
            data, mark = self.fetch()
        except (NotFound, Forbidden) as error:
            raise Invalid("it cannot be fetched: {reason}", reason=error.message) from error
        return data, Origin(str(self.address), len(data), mark)


class Ahead:
    """The files of a list, each fetched once when it is asked for, or a little before."""

    def __init__(self, read: Callable[[Found], Fetched], files: Sequence[Found]) -> None:
        self._read = read
        self._files = files
        self._pool = ThreadPoolExecutor(AHEAD, thread_name_prefix="fetch")
        self._held: OrderedDict[int, Future[Fetched]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, place: int) -> Fetched:
        """Return the file at a place of the list; raises what fetching it raises."""
        with self._lock:
            wanted = self._on_its_way(place)
            near = range(place, min(place + 1 + AHEAD, len(self._files)))
            self._let_go(near)
            for following in near[1:]:
                if self._is_wanted_after(place, following):
                    self._on_its_way(following)
        try:
            return wanted.result()
        except BaseException:
            with self._lock:
                self._forget(place)
            raise

    def _is_wanted_after(self, place: int, following: int) -> bool:
        """Say whether who asked for a file will probably ask for another: it is of the same kind, and there is room."""
        one, other = self._files[place], self._files[following]
        alike = PurePosixPath(one.address.path).suffix == PurePosixPath(other.address.path).suffix
        return alike and self._bytes + (other.size or 0) <= MOST_HELD

    def _on_its_way(self, place: int) -> Future[Fetched]:
        if place in self._held:
            self._held.move_to_end(place)
        else:
            self._held[place] = self._pool.submit(self._read, self._files[place])
            self._bytes += self._files[place].size or 0
        return self._held[place]

    def _let_go(self, near: range) -> None:
        """Forget what was asked for longest ago, until half of the room is free for what comes next."""
        for place in list(self._held):
            if self._bytes <= MOST_HELD // 2:
                return
            if place not in near:
                self._forget(place)

    def _forget(self, place: int) -> None:
        if self._held.pop(place, None) is not None:  # whoever waits for it goes on waiting
            self._bytes -= self._files[place].size or 0

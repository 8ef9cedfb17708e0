"""Pictures that stay elsewhere: of each the hash of its content, where it lies, and what shows that it is still that.

`references/aa/<hash>` names the addresses at which a picture was found, with size and mark (ETag). What is read from
there is only ever believed when it has the hash, so another picture at the same address is never shown as this one.

Note: an ETag is a cheap hint, not the truth. Storing the same file again may change it; so where
it changed the content is fetched, and its hash decides. And a place that cannot be asked now says nothing: only one
that answers can say that a picture is gone.
"""

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from labeler import durable
from labeler.errors import Forbidden, Invalid, LabelerError, NotFound, Unavailable
from labeler.remote.elsewhere import Elsewhere
from labeler.remote.files import Origin
from labeler.remote.found import Found

REFERENCES = "references"
ASKED_AGAIN_AFTER = 300.0  # seconds for which an answer that a picture is still there is believed
LARGEST = 64 * 1024 * 1024  # bytes of a picture
_MOST_REMEMBERED = 100_000


class References:
    """The references of one instance. root: the folder of all its pictures; clock: seconds, for the tests."""

    def __init__(self, root: Path, elsewhere: Elsewhere, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.root = root
        self.elsewhere = elsewhere
        self._clock = clock
        self._confirmed: OrderedDict[str, float] = OrderedDict()

    def path(self, digest: str) -> Path:
        """Return where the reference of a hash is, or would be."""
        return self.root / REFERENCES / digest[:2] / digest

    def of(self, digest: str) -> list[Origin]:
        """Return where a picture lies, [] for one that is kept here."""
        try:
            return [Origin(*entry) for entry in json.loads(self.path(digest).read_bytes())]
        except FileNotFoundError:
            return []

    def with_also(self, digest: str, origin: Origin) -> bytes:
        """Return what says that a picture lies here as well, beside where it was found before."""
        known = [one for one in self.of(digest) if one.address != origin.address]
        return json.dumps([*known, origin]).encode()

    def read(self, digest: str) -> bytes:
        """Return the content; raises NotFound where it is gone or another one by now, Unavailable for now."""
        problem: LabelerError = NotFound("The image is not in the store.")
        for origin in self.of(digest):
            try:
                return self._read(digest, origin)
            except (NotFound, Unavailable) as error:
                problem = error
        raise problem

    def confirm(self, digest: str) -> None:
        """Raise NotFound where a picture is gone or is another one by now; of one kept here it knows nothing.

        Whoever asks again within ASKED_AGAIN_AFTER is not told anew, and a place that does not answer says nothing.
        """
        if self._clock() - self._confirmed.get(digest, -ASKED_AGAIN_AFTER) < ASKED_AGAIN_AFTER:
            return
        problem: LabelerError | None = None
        for origin in self.of(digest):
            problem = self._problem(digest, origin)
            if problem is None:
                break
        if problem is not None:
            raise problem
        self._confirmed[digest] = self._clock()
        while len(self._confirmed) > _MOST_REMEMBERED:
            self._confirmed.popitem(last=False)

    def _problem(self, digest: str, origin: Origin) -> LabelerError | None:
        try:
            found = self._state(origin)
            if not found.mark or found.mark != origin.mark or found.size not in {None, origin.size}:
                self._read(digest, origin)
                if found.mark != origin.mark:
                    durable.write(self.path(digest), self.with_also(digest, origin._replace(mark=found.mark)))
        except Unavailable:
            return None
        except NotFound as error:
            return error
        return None

    def _state(self, origin: Origin) -> Found:
        with _told(origin):
            return self.elsewhere.state(self.elsewhere.check(origin.address))

    def _read(self, digest: str, origin: Origin) -> bytes:
        with _told(origin):
            data = self.elsewhere.read(self.elsewhere.check(origin.address), LARGEST).data
        if hashlib.sha256(data).hexdigest() != digest:
            raise NotFound(
                "The picture at {address} is another one by now than the one that was imported. Put that one back, or "
                "import this one under a new name.",
                address=origin.address,
            )
        return data


@contextmanager
def _told(origin: Origin) -> Iterator[None]:
    """Say of a picture what is said of a file: that it is gone, or that it may not be fetched any more."""
    try:
        yield
    except NotFound as error:
        raise NotFound(
            "The picture at {address} is gone. Put it back, or exclude its item.", address=origin.address
        ) from error
    except (Forbidden, Invalid) as error:
        raise NotFound(
            "The picture at {address} cannot be fetched any more: {reason}",
            address=origin.address,
            reason=error.message,
        ) from error

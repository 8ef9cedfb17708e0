"""What changed from one release to another, for the pages: the counts, and the items that fit what is asked for.

Since the release before all of it is kept with the release; with any earlier one the frozen labels are compared now.
"""

import csv
import io
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from labeler.errors import Conflict, Invalid
from labeler.exchange.parsing.spreadsheet import restore
from labeler.releases.archive import BROKEN, opened
from labeler.releases.building import Frozen, compared
from labeler.releases.diff import CHANGED, Change
from labeler.releases.models import Release
from labeler.releases.provenance import CHANGES
from labeler.storage.files import FileStore

SHOWN = 5


@dataclass(frozen=True)
class Wanted:
    """Which changes are asked for; "" or None: any. before, now: labels in words."""

    kind: str = ""
    cause: str = ""
    before: str | None = None
    now: str | None = None

    def fits(self, change: Change) -> bool:
        """Whether a change is one of them."""
        asked = ((self.kind, change.kind), (self.cause, change.cause), (self.before, change.before or ""))
        return all(not want or want == is_ for want, is_ in (*asked, (self.now, change.now or "")))


@dataclass(frozen=True)
class Compared:
    """The counts, and the first items. most: items of the most frequent cause of a change."""

    counts: dict[str, Any]
    first: tuple[Change, ...]

    @property
    def causes(self) -> dict[str, int]:
        """What decided the changed ones, the most frequent first."""
        found: dict[str, int] = self.counts["causes"].get(CHANGED, {})
        return found

    @property
    def most(self) -> int:
        """How many changed by the most frequent of these."""
        return max(self.causes.values(), default=0)


@dataclass(frozen=True)
class Listed:
    """A page of changes. more: whether others follow."""

    changes: tuple[Change, ...]
    more: bool


def between(store: FileStore, release: Release, against: Release) -> Compared | None:
    """Return what changed; None where that cannot be read any more."""
    try:
        if against.number == release.number - 1:
            return Compared(release.numbers["changes"], _first(_kept(store, release)))
        counts, found = _now(store, release, against)
        first = _first(found)
        deque(found, maxlen=0)  # the counts are complete when all were taken
        return Compared(counts.as_json(), first)
    except (*BROKEN, Invalid):
        return None


def listed(store: FileStore, release: Release, against: Release, wanted: Wanted, *, start: int, size: int) -> Listed:
    """Return a page of the changes that fit. Raises Conflict where they cannot be read any more."""
    is_next = against.number == release.number - 1
    try:
        found = _kept(store, release) if is_next else _now(store, release, against)[1]
        page = list(islice(filter(wanted.fits, found), start, start + size + 1))
    except (*BROKEN, Invalid) as error:
        raise Conflict("The files of this release cannot be read any more. Verify it.") from error
    return Listed(tuple(page[:size]), len(page) > size)


def _first(found: Iterator[Change]) -> tuple[Change, ...]:
    """Return the first changed items, or the first of any kind where none changed."""
    changed: list[Change] = []
    others: list[Change] = []
    for one in found:
        kept = changed if one.kind == CHANGED else others
        if len(kept) < SHOWN:
            kept.append(one)
        if len(changed) == SHOWN:
            break
    return tuple(changed or others)


def _now(store: FileStore, release: Release, against: Release) -> tuple[Any, Iterator[Change]]:
    old, new = (Frozen.at(store.release_path(one.state)) for one in (against, release))
    return compared(old, new)


def _kept(store: FileStore, release: Release) -> Iterator[Change]:
    with opened(store.release_path(release.sha256), CHANGES) as file:
        for record in csv.DictReader(io.TextIOWrapper(file, "utf-8", newline="")):
            cells = {name: restore(cell) for name, cell in record.items()}
            tally = tuple(json.loads(cells["tally"] or "{}").items())
            yield Change(
                int(cells["item"]),
                cells["external_id"] or None,
                cells["kind"],
                cells["before"] or None,
                cells["now"] or None,
                cells["cause"],
                cells["at"],
                cells["flag"],
                cells["reason"],
                tally,
            )

"""What changed from one release to another, for the pages: the counts, and the items that fit what is asked for.

Since the release before all of it is kept with the release; with any earlier one it is there as soon as a job has
compared the two.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from labeler.errors import Conflict
from labeler.exchange.parsing.spreadsheet import restore
from labeler.releases.archive import BROKEN, opened
from labeler.releases.comparing import kept_at, kept_counts
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


def is_known(store: FileStore, release: Release, against: Release) -> bool:
    """Whether what changed need not be worked out."""
    return against.number == release.number - 1 or kept_at(store, release, against).exists()


def between(store: FileStore, release: Release, against: Release) -> Compared | None:
    """Return what changed; None where that is not known, or cannot be read any more."""
    try:
        path = _path(store, release, against)
        is_next = against.number == release.number - 1
        counts = release.numbers["changes"] if is_next else kept_counts(path)
        return Compared(counts, _first(_kept(path)))
    except BROKEN:
        return None


def listed(store: FileStore, release: Release, against: Release, wanted: Wanted, *, start: int, size: int) -> Listed:
    """Return a page of the changes that fit. Raises Conflict where they cannot be read any more."""
    try:
        found = _kept(_path(store, release, against))
        page = list(islice(filter(wanted.fits, found), start, start + size + 1))
    except BROKEN as error:
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


def _path(store: FileStore, release: Release, against: Release) -> Path:
    """Return the archive in which the changes are: of the next one the release itself."""
    is_next = against.number == release.number - 1
    return store.release_path(release.sha256) if is_next else kept_at(store, release, against)


def _kept(path: Path) -> Iterator[Change]:
    with opened(path, CHANGES) as file:
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

"""Removing pictures that no row names any more, for instance of a project that was deleted.

Note: a picture is on disk before a row names it, so one without a row may be one that is being
imported at this moment, or one of a backup that is just being made. So a picture goes only when it has had no row for a
day (`unnamed.json` keeps since when) and when nobody brought the same picture again in that day.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from labeler import durable
from labeler.storage.files import DISPLAY, ORIGINALS, THUMBS, WHOLE, FileStore
from labeler.storage.references import REFERENCES

GRACE = 24 * 3600.0  # seconds
AT_ONCE = 50  # pictures removed while nobody may bring new ones
_KINDS = (ORIGINALS, REFERENCES, DISPLAY, THUMBS, WHOLE)
Named = Callable[[Sequence[str] | None], set[str]]


def remove_unnamed(files: FileStore, named: Named, *, now: float | None = None) -> int:
    """Remove pictures that had no row for longer than GRACE; returns how many.

    named: gives those of these hashes (None: of all there are) that a row names. now: seconds since 1970.
    """
    if not files.root.is_dir():
        return 0
    at = time.time() if now is None else now
    unnamed = _kept(files) - named(None)
    since = _seen_since(files.root / "unnamed.json", unnamed, at)
    due = sorted(digest for digest in unnamed if since[digest] <= at - GRACE)
    removed = 0
    for start in range(0, len(due), AT_ONCE):
        part = due[start : start + AT_ONCE]
        with durable.alone_in(files.root):
            still_unnamed = set(part) - named(part)
            removed += sum(_remove(files, digest, older_than=at - GRACE) for digest in sorted(still_unnamed))
    return removed


def _kept(files: FileStore) -> set[str]:
    """Return the hashes of which there is any file; a kill may have left some without an original."""
    return {digest for kind in _KINDS for digest in files.hashes(kind)}


def _seen_since(path: Path, unnamed: Iterable[str], now: float) -> dict[str, float]:
    """Return since when each picture has been seen without a row, and keep that for the next time."""
    known: dict[str, float] = {}
    with suppress(FileNotFoundError, ValueError):
        known = json.loads(path.read_bytes())
    since = {digest: min(known.get(digest, now), now) for digest in unnamed}
    if since != known:
        durable.write(path, json.dumps(since).encode())
    return since


def _remove(files: FileStore, digest: str, *, older_than: float) -> bool:
    paths = [files.path_of(kind, digest) for kind in _KINDS]
    for path in paths[:2]:
        with suppress(FileNotFoundError):
            if path.stat().st_mtime > older_than:
                return False  # somebody brought it again
    for path in paths:
        path.unlink(missing_ok=True)
    return True

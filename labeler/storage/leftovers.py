"""Files that are kept only for a while: uploads, full-size copies of pictures, numbers that can be worked out again.

An upload goes with the small pictures of its preview: at once when its import is done, and two days after it was sent
when nobody imported it, or the import failed and could be tried again. A full-size copy goes when nobody looked at it
for thirty days; it is made again at the next look; and what changed between two releases thirty days after somebody
asked. What label checks worked out of contents goes with its project, as
do vectors and probabilities that were imported, and files of releases, a day later. The worker looks for all of them
once an hour, when it has nothing to do.

Note: several files belong to one upload (`token`, `token.json`, `token.0` …), and they go
together, by the age of the upload itself: a preview that was looked at later has younger pictures.
"""

import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from contextlib import suppress
from itertools import chain
from pathlib import Path

from labeler.storage.files import COMPARISONS, IMPORTED, NUMBERS, RELEASES, WHOLE, FileStore

UPLOAD_SECONDS = 2 * 24 * 3600.0
COPY_SECONDS = 30 * 24 * 3600.0
RELEASE_SECONDS = 24 * 3600.0  # longer than the time between a file of a release and the row that names it


def remove_upload(path: Path) -> None:
    """Remove an uploaded file with all that was kept beside it."""
    for part in path.parent.glob(f"{path.name}*"):
        part.unlink(missing_ok=True)


def remove_old_uploads(folder: Path, in_use: Collection[str], *, now: float | None = None) -> int:
    """Remove uploads that are older than two days, but for those a job still needs; returns how many.

    in_use: their paths. now: seconds since 1970.
    """
    oldest = (time.time() if now is None else now) - UPLOAD_SECONDS
    used = {Path(path).name for path in in_use if path}
    uploads: dict[str, list[Path]] = defaultdict(list)
    for path in folder.glob("*"):
        uploads[path.name.partition(".")[0]].append(path)
    removed = 0
    for token, parts in uploads.items():
        if token in used or _age(folder / token, parts) >= oldest:
            continue
        for part in parts:
            part.unlink(missing_ok=True)
        removed += 1
    return removed


def _age(upload: Path, parts: Collection[Path]) -> float:
    """Return when an upload was sent; where only parts of it are left, when the newest of them was written."""
    times = []
    for path in [upload] if upload in parts else parts:
        with suppress(FileNotFoundError):  # its import ended this moment
            times.append(path.stat().st_mtime)
    return max(times, default=0.0)


def remove_old_copies(files: FileStore, *, now: float | None = None) -> int:
    """Remove full-size copies that nobody looked at for thirty days, and comparisons as old; returns how many.

    now: seconds since 1970.
    """
    oldest = (time.time() if now is None else now) - COPY_SECONDS
    removed = 0
    for path in chain.from_iterable((files.root / kind).glob("[0-9a-f][0-9a-f]/*") for kind in (WHOLE, COMPARISONS)):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()
                removed += 1
    return removed


def remove_numbers_of_others(files: FileStore, projects: Collection[int]) -> int:
    """Remove what label checks kept of projects that are not among these; returns of how many projects."""
    gone = [folder for folder in (files.root / NUMBERS).glob("*") if folder.name not in {str(one) for one in projects}]
    for folder in gone:
        shutil.rmtree(folder)
    return len(gone)


def remove_imported_of_others(files: FileStore, projects: Callable[[], Collection[int]]) -> int:
    """Remove numbers that were imported into projects that are gone; returns of how many projects.

    projects: gives the ids of all that are there; asked after the folders, or those of a new project would go as well.
    """
    folders = list((files.root / IMPORTED).glob("*"))
    there = {str(one) for one in projects()} if folders else set()
    gone = [folder for folder in folders if folder.name not in there]
    for folder in gone:
        shutil.rmtree(folder)
    return len(gone)


def remove_unnamed_releases(files: FileStore, named: Callable[[], Collection[str]], *, now: float | None = None) -> int:
    """Remove files of releases that no release names: of projects that are gone, what a kill left. Returns how many.

    named: gives the SHA-256 of all that are; asked after the files, or a new release would lose its own. now: seconds
    since 1970.
    """
    oldest = (time.time() if now is None else now) - RELEASE_SECONDS
    kept = list(files.hashes(RELEASES))
    removed = 0
    for digest in sorted(set(kept) - set(named())) if kept else ():
        path = files.release_path(digest)
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()
                removed += 1
    return removed

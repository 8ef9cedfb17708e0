"""Comparing two releases that do not follow each other: worked out once, and kept for a while.

What changed since the release before is frozen with each release; any other pair is compared from the frozen labels of
both, which takes seconds for a hundred thousand items, so a job does it. What it finds is a small archive in the store,
named by the two: `changes.csv`, as in a release, and `counts.json`. Releases never change, so neither does it; it goes
after a while and can be worked out again.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from labeler import durable
from labeler.errors import Invalid, Unavailable
from labeler.releases import queries
from labeler.releases.archive import BROKEN, Archive, opened
from labeler.releases.building import Frozen, Progress, compared
from labeler.releases.models import Release
from labeler.releases.provenance import CHANGES, change_lines
from labeler.storage.backup import silent
from labeler.storage.database import Database
from labeler.storage.files import FileStore

COUNTS = "counts.json"


def kept_at(files: FileStore, release: Release, against: Release) -> Path:
    """Return where what changed from one release to another is kept, or would be."""
    return files.comparison_path(hashlib.sha256(f"{against.state} {release.state}".encode()).hexdigest())


def kept_counts(path: Path) -> dict[str, Any]:
    """Return the counts of a comparison that is kept. Raises what `archive.BROKEN` lists where it cannot be read."""
    with opened(path, COUNTS) as file:
        counts: dict[str, Any] = json.load(file)
        return counts


def compare_releases(
    database: Database, files: FileStore, project_id: int, number: int, against: int, *, progress: Progress = silent
) -> dict[str, Any]:
    """Keep what changed from an earlier release (`against`) to another, and return the counts of it.

    Raises NotFound for one that is not there, Invalid for a pair in the wrong order, Unavailable where the frozen
    labels of one are gone.
    """
    if against >= number:
        raise Invalid("Compare a release with an earlier one.", field="against")
    with database.read() as session:
        release, other = (queries.release_in(session, project_id, one) for one in (number, against))
    path = kept_at(files, release, other)
    if path.exists():
        return kept_counts(path)
    old, new = (_frozen(files, one) for one in (other, release))
    counts, found = compared(old, new, total=release.numbers["all"], progress=progress)
    durable.make_folder(path.parent)
    with durable.writing(path) as file, Archive(file) as archive:
        archive.add(CHANGES, change_lines(found))
        archive.add(COUNTS, [json.dumps(counts.as_json(), ensure_ascii=False).encode(errors="replace")])
        archive.finish()
    return counts.as_json()


def _frozen(files: FileStore, release: Release) -> Frozen:
    try:
        return Frozen.at(files.release_path(release.state))
    except BROKEN as error:
        raise Unavailable(
            "The frozen labels of release {number} are gone. Bring the files of this instance back from a backup.",
            number=release.number,
        ) from error

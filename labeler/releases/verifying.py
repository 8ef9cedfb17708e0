"""The proof that a release is what it was: its files, what it was written from, and the answers behind that.

1. The archive has the SHA-256 it was made with, and so has every file in it.
2. Written again from the frozen labels, it is the same, byte for byte, and so is every number of its row. Another
   version of Labeler may write another file; then that is said, and the first part is what counts.
3. Every answer and decision that the labels rest on is still in the database as it was. One that is not does not make
   the release wrong (who leaves may take their answers along), so that is told and counted.
"""

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from labeler import __version__, durable
from labeler.accounts.queries import name_of
from labeler.errors import Conflict, Invalid
from labeler.exchange.formats.registry import WRITERS
from labeler.messages import Message
from labeler.projects.queries import classes_of
from labeler.releases import queries
from labeler.releases.actions import before_of
from labeler.releases.archive import Entry, digest_of, entries_of, wrong_entries
from labeler.releases.building import Frozen, Place, Progress, Written, build, differing
from labeler.releases.frozen import Head, Item, read_items
from labeler.releases.models import Release, ReleaseCheck
from labeler.storage.backup import silent
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore

SHOWN = 20  # names of files and numbers of items that a result holds
SAME, DIFFERS, OTHER_VERSION, NOT_POSSIBLE = "same", "differs", "other_version", "not_possible"


@dataclass(frozen=True)
class Verified:
    """What was found. wrong: files that are not what they were, the archive itself among them where it is not.

    rebuilt: `same`, `differs`, `other_version` (this one writes it differently) or `not_possible` (what it was written
    from is gone or damaged); differing: files that came out differently; row: columns of the row that say something
    else; answers: that the labels rest on; changed: items with some that are not in the database as they were.
    """

    files: int
    wrong: tuple[str, ...]
    rebuilt: str
    differing: tuple[str, ...]
    row: tuple[str, ...]
    answers: int
    changed: tuple[int, ...]
    labeler: str

    @property
    def passed(self) -> bool:
        """Whether the release is what it was: its files, its row, and what they were written from."""
        return not self.wrong and not self.row and self.rebuilt in {SAME, OTHER_VERSION}

    def as_json(self) -> dict[str, Any]:
        """Return it with the first of what is listed, and how many there are."""
        lists = ("wrong", "differing", "changed")
        counts = {f"{name}_count": len(getattr(self, name)) for name in lists}
        cut = {name: list(getattr(self, name)[:SHOWN]) for name in lists}
        return asdict(self) | cut | counts | {"row": list(self.row), "passed": self.passed}


def verify_release(
    database: Database,
    files: FileStore,
    project_id: int,
    number: int,
    *,
    by: int | None = None,
    progress: Progress = silent,
) -> Verified:
    """Verify a release and keep what was found. Raises NotFound for one that is not there."""
    with database.read() as session:
        release = queries.release_in(session, project_id, number)
    progress(0.0, Message("Reading the files of the release"))
    found = _verified(database, files, release, progress)
    with database.write() as session:
        session.add(
            ReleaseCheck(
                release_id=release.id,
                passed=found.passed,
                result=found.as_json(),
                checked_at=clock(session),
                checked_by=name_of(session, by) or "",
            )
        )
    return found


def checked_path(files: FileStore, release: Release, check: ReleaseCheck | None) -> Path:
    """Return the archive of a release for a download. Raises Conflict where it is gone, or known to be damaged."""
    path = files.release_path(release.sha256)
    if (check is not None and check.result.get("wrong")) or not path.exists():
        raise Conflict(
            "Release {number} is not what it was when it was made, so it cannot be downloaded. Bring its file back "
            "from a backup, or make a new release.",
            number=release.number,
        )
    return path


def _verified(database: Database, files: FileStore, release: Release, progress: Progress) -> Verified:
    path = files.release_path(release.sha256)
    wrong = _wrong(path, release.sha256)
    entries = [] if "" in wrong else entries_of(path)
    frozen = _frozen(files, release.state)
    again = _written_again(files, frozen, release, lambda share, said: progress(0.1 + 0.7 * share, said))
    progress(0.8, Message("Asking for the answers behind the labels"))
    with database.read() as session:
        answers, changed = _behind(session, release.project_id, frozen) if frozen else (0, [])
    return Verified(
        files=len(entries),
        wrong=tuple(name or Message("the archive") for name in wrong),
        rebuilt=again.said,
        differing=tuple(again.differing(entries)),
        row=again.row,
        answers=answers,
        changed=tuple(changed),
        labeler=__version__,
    )


@dataclass(frozen=True)
class _Again:
    """What came of writing a release again. row: columns of its row that say something else."""

    said: str
    written: Written | None = None
    row: tuple[str, ...] = ()

    def differing(self, entries: Sequence[Entry]) -> list[str]:
        """Return the files that came out differently."""
        return differing(entries, self.written.entries) if self.written and self.said != SAME else []


def _written_again(files: FileStore, frozen: Frozen | None, release: Release, progress: Progress) -> _Again:
    if frozen is None or frozen.head.format not in WRITERS:
        return _Again(NOT_POSSIBLE)
    if frozen.head.before and _frozen(files, frozen.head.before["state"]) is None:
        return _Again(NOT_POSSIBLE)
    written, digest = _build(files, frozen, progress)
    if digest == release.sha256:
        return _Again(SAME, written, _row(release, frozen.head, written))
    other = frozen.head.labeler != __version__
    return _Again(OTHER_VERSION if other else DIFFERS, written, _row(release, frozen.head, None))


def _build(files: FileStore, frozen: Frozen, progress: Progress) -> tuple[Written, str]:
    """Write an archive again, and return what was written with its SHA-256; the file goes."""
    temporary = files.temporary()
    try:
        with durable.writing(temporary) as file:
            place = Place(files.read_original, files.temporary())
            written = build(file, frozen, before_of(files, frozen.head), place, progress)
        return written, digest_of(temporary)
    finally:
        temporary.unlink(missing_ok=True)


def _wrong(path: Path, digest: str) -> list[str]:
    if not path.exists():
        return [""]
    found = wrong_entries(path)
    return found if found or digest_of(path) == digest else [""]


def _frozen(files: FileStore, digest: str) -> Frozen | None:
    """Return the frozen labels, None where they are not what they were."""
    path = files.release_path(digest)
    if not path.exists() or digest_of(path) != digest:
        return None
    try:
        return Frozen.at(path)
    except Invalid:
        return None


def _row(release: Release, head: Head, written: Written | None) -> tuple[str, ...]:
    """Return the columns of a release's row that do not say what its frozen labels say."""
    said: dict[str, Any] = {
        "number": head.number,
        "name": head.name,
        "format": head.format,
        "options": head.options,
        "as_of": queries.at(head.as_of),
        "made_at": queries.at(head.made_at),
        "made_by": head.made_by,
    }
    if written is not None:
        numbers = json.loads(json.dumps(written.numbers))  # as the row has them
        said |= {"items": numbers["items"], "numbers": numbers}
    return tuple(name for name, value in said.items() if getattr(release, name) != value)


def _behind(session: Session, project_id: int, frozen: Frozen) -> tuple[int, list[int]]:
    """Return how many answers the labels rest on, and the items with some that are not as they were."""
    classes_are_there = frozen.head.codes <= set(classes_of(session, project_id).codes)
    answers = 0
    changed: list[int] = []
    items = read_items(frozen.path)
    for block in iter(lambda: list(itertools.islice(items, queries.BLOCK)), []):
        answers += sum(len(item.behind.answers) for item in block)
        changed += _changed(session, project_id, block, with_codes=classes_are_there)
    return answers, changed


def _changed(session: Session, project_id: int, block: Sequence[Item], *, with_codes: bool) -> Iterator[int]:
    """Yield the items of a block of which an answer or the decision is not as it was.

    with_codes: whether codes still mean what they did; where a class is gone or merged they do not.
    """
    first, last = block[0].row.item, block[-1].row.item
    answers = queries.answers_now(session, project_id, first, last)
    decisions = queries.decisions_now(session, project_id, first, last)
    for item in block:
        number, decided = item.row.item, item.behind.decided
        for one in item.behind.answers:
            now = answers.get(one.id)
            if now is None or (now.item, now.at) != (number, one.at) or (with_codes and now.code != one.code):
                yield number
                break
        else:
            if decided and decisions.get(decided.id) != queries.Recorded(number, decided.decision, decided.at):
                yield number

"""Making a release: freeze the labels, write the archive from what is frozen, and last of all the row.

Note: both files are whole, flushed and named by their SHA-256 before the row that names them, so that a kill at any
moment leaves a release or none; what it leaves of files goes a day later. Making one again under the same key (a job
whose worker was killed is begun again) finds the one that is there.
"""

from dataclasses import dataclass, field
from typing import IO, Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from labeler import __version__, durable
from labeler.accounts.queries import name_of
from labeler.agreement.measured import as_json, measure, measure_two
from labeler.errors import Conflict, Invalid, Unavailable
from labeler.exchange.formats.registry import WRITERS, check_fits
from labeler.messages import Message
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of, guideline_of, item_count
from labeler.quality.queries import latest_inspection
from labeler.releases import queries, selection
from labeler.releases.archive import digest_of
from labeler.releases.building import Frozen, Place, Progress, build
from labeler.releases.counted import error_as_json
from labeler.releases.frozen import Head, write_state
from labeler.releases.models import Release
from labeler.statistics.remaining_error import remaining_error
from labeler.storage.backup import silent
from labeler.storage.database import Database, alone, clock
from labeler.storage.files import FileStore
from labeler.webhooks.actions import tell
from labeler.webhooks.events import RELEASE_MADE

FORMAT = "jsonl"
LONGEST_NAME, LONGEST_TEXT = 200, 20_000
TEXTS = ("about", "labeling", "limits", "license")


@dataclass(frozen=True)
class Asked:
    """What a release is to be. key: of who asks, the same when asking again; options: see `selection`.

    told: what the lead says in the data card, by TEXTS; by: user id, None for the command line.
    """

    key: str
    format_name: str = FORMAT
    options: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    told: dict[str, str] = field(default_factory=dict)
    by: int | None = None

    def check(self, project: Project) -> None:
        """Raise Invalid, naming the field, for what cannot be a release of this project."""
        if self.format_name not in WRITERS:
            raise Invalid(
                "There is no export format {name!r}; choose one of {formats}.",
                field="format",
                name=self.format_name,
                formats=", ".join(WRITERS),
            )
        check_fits(WRITERS[self.format_name], project.task, project.media)
        selection.checked(self.options)
        if len(self.name) > LONGEST_NAME:
            raise Invalid("The name of a release has at most {most} characters.", field="name", most=LONGEST_NAME)
        for name, text in self.told.items():
            if name not in TEXTS:
                raise Invalid("{name} is no part of the data card.", field=name, name=name)
            if len(text) > LONGEST_TEXT:
                raise Invalid("This text has at most {most:,} characters.", field=name, most=LONGEST_TEXT)


def make_release(
    database: Database, files: FileStore, project_id: int, asked: Asked, *, progress: Progress = silent
) -> Release:
    """Make a release and return it; the one that is there where it was asked for with this key before.

    Raises Invalid when there is nothing to release, Conflict when another one was made meanwhile, or Unavailable.
    """
    with database.read() as session:
        made = queries.by_key(session, project_id, asked.key)
    if made is not None:
        return made
    frozen = _freeze(database, files, project_id, asked, progress)
    before = before_of(files, frozen.head)
    temporary = files.temporary()
    try:
        with durable.writing(temporary) as file:
            place = Place(files.read_original, files.temporary())
            written = build(file, frozen, before, place, lambda share, said: progress(0.3 + 0.7 * share, said))
        if not written.numbers["items"]:
            raise Invalid("Nothing is labeled yet, so there is nothing to release.")
        kept = files.keep_release(temporary, digest_of(temporary))
    finally:
        temporary.unlink(missing_ok=True)
    head = frozen.head
    row = Release(
        project_id=project_id,
        number=head.number,
        key=asked.key,
        name=head.name,
        sha256=kept.name,
        size=kept.stat().st_size,
        state=frozen.path.name,
        format=head.format,
        options=head.options,
        items=written.numbers["items"],
        numbers=written.numbers,
        as_of=queries.at(head.as_of),
        made_at=queries.at(head.made_at),
        made_by=head.made_by,
    )
    return _store(database, row)


def before_of(files: FileStore, head: Head) -> Frozen | None:
    """Return the frozen labels of the release before, None for the first one. Raises Unavailable when they are gone."""
    if head.before is None:
        return None
    path = files.release_path(head.before["state"])
    if not path.exists():
        raise Unavailable(
            "The frozen labels of release {number} are gone. Bring the files of this instance back from a backup.",
            number=head.before["number"],
        )
    return Frozen.at(path)


def _store(database: Database, row: Release) -> Release:
    try:
        with database.write() as session:
            alone(session, row.project_id)
            session.add(row)
            session.flush()
            made = {"release": row.number, "name": row.name, "sha256": row.sha256}
            tell(session, row.project_id, RELEASE_MADE, made, now=row.made_at)
    except IntegrityError as error:
        raise Conflict("Another release of this project was made meanwhile. Make this one again.") from error
    return row


def _freeze(database: Database, files: FileStore, project_id: int, asked: Asked, progress: Progress) -> Frozen:
    """Keep the labels of a project as they are in one snapshot."""
    progress(0.0, Message("Freezing the labels"))
    temporary = files.temporary()
    with database.read() as session, durable.writing(temporary) as file:
        project = session.get_one(Project, project_id)
        asked.check(project)
        _write(session, project, asked, file, lambda share, said: progress(0.3 * share, said))
    return Frozen.at(files.keep_release(temporary, digest_of(temporary)))


def _write(session: Session, project: Project, asked: Asked, file: IO[bytes], progress: Progress) -> None:
    head = _head(session, project, asked)
    total = max(1, item_count(session, project.id))

    def told() -> Any:
        for done, item in enumerate(queries.frozen_items(session, project)):
            if done % queries.BLOCK == 0:
                progress(min(1.0, done / total), Message("Freezing the labels"))
            yield item

    write_state(file, head, told())


def _head(session: Session, project: Project, asked: Asked) -> Head:
    classes, before = classes_of(session, project.id), queries.newest(session, project.id)
    inspection = latest_inspection(session, project.id)
    return Head(
        number=before.number + 1 if before else 1,
        name=asked.name.strip(),
        project=_project(project),
        classes=[{"code": str(one.id), "name": one.name, "description": one.description} for one in classes.rows],
        format=asked.format_name,
        options=selection.checked(asked.options),
        as_of=queries.moment(queries.newest_moment(session, project)),
        made_at=queries.moment(clock(session)),
        made_by=name_of(session, asked.by) or "",
        labeler=__version__,
        people=queries.pseudonyms_by_address(session, project.id),
        imports=queries.imports_named(session, project.id),
        guidelines=_guidelines(session, project),
        agreement=_agreement(session, project, classes),
        error=error_as_json(remaining_error(session, project), classes.by_code),
        told={name: text.strip() for name, text in asked.told.items() if text.strip()},
        check=f"inspection {inspection.id}" if inspection else "",
        before={"number": before.number, "state": before.state} if before else None,
    )


def _project(project: Project) -> dict[str, Any]:
    settings = project.settings or {}
    named = {name: getattr(project, name) for name in ("slug", "name", "media", "task")}
    return named | {"question": settings.get("question", "")}


def _guidelines(session: Session, project: Project) -> dict[str, Any]:
    found = guideline_of(session, project.id)
    return {"version": found.version, "text": found.text} if found else {}


def _agreement(session: Session, project: Project, classes: Classes) -> dict[str, Any]:
    found = measure(session, project, classes)
    said = as_json(found, classes.names, measure_two(session, project, classes))
    return said | {"name": str(found.headline(classes.names).measure)}

"""Making a release: freeze the labels, write the archive from what is frozen, and last of all the row.

Note: both files are whole, flushed and named by their SHA-256 before the row that names them, so that a kill at any
moment leaves a release or none; what it leaves of files goes a day later. Making one again under the same key (a job
whose worker was killed is begun again) finds the one that is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import IO, Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from labeler import __version__, durable
from labeler.accounts.queries import name_of
from labeler.agreement.measured import as_json, measure, measure_two
from labeler.errors import Conflict, Invalid, Unavailable
from labeler.exchange.export_choices import ExportChoices
from labeler.exchange.exporting import has_pictures, writer_of
from labeler.exchange.parts import Parts, check_columns, parts_of
from labeler.exchange.pseudonyms import names_of, person_called, who_answered
from labeler.messages import Message
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of, guideline_of, item_count, numbers_of, task_of
from labeler.quality.queries import latest_inspection
from labeler.releases import queries
from labeler.releases.archive import digest_of
from labeler.releases.building import Frozen, Place, Progress, build
from labeler.releases.counted import error_as_json
from labeler.releases.frozen import Head, Item, write_state
from labeler.releases.models import Release
from labeler.releases.selection import chosen_by, options_of
from labeler.statistics.item_conditions import met
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
    """What a release is to be. key: of who asks, the same when asking again; options: as those of an export.

    An option is a text or the value it stands for (see `selection`); annotator may be an e-mail address or a pseudonym.
    told: what the lead says in the data card, by TEXTS; by: user id, None for the command line.
    """

    key: str
    format_name: str = FORMAT
    options: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    told: dict[str, str] = field(default_factory=dict)
    by: int | None = None

    def chosen(self, session: Session, project: Project) -> ExportChoices:
        """Return what was chosen. Raises Invalid, naming the field, for what cannot be a release of this project."""
        options = dict(self.options)
        if options.get("annotator"):
            options["annotator"] = person_called(session, project.id, str(options["annotator"]))
        chosen = chosen_by(self.format_name, options)
        writer = writer_of(project, chosen)
        met(session, project.id, chosen.items)
        check_columns(session, project.id, chosen.split.group_by if chosen.split else ())
        self._check_words()
        return replace(
            chosen,  # what is kept says what is in it: nothing that the format or the task has no place for
            pictures=has_pictures(project.media, writer, chosen),
            soft_labels=chosen.soft_labels and task_of(project).one_class,
        )

    def _check_words(self) -> None:
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
            raise _nothing(frozen.head.chosen)
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


def _nothing(chosen: ExportChoices) -> Invalid:
    if chosen.items.filtered:
        return Invalid("No item meets all that is asked for, so there is nothing to release. Ask for less.")
    return Invalid("Nothing is labeled yet, so there is nothing to release.")


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
        _write(session, project, asked, file, lambda share, said: progress(0.3 * share, said))
    return Frozen.at(files.keep_release(temporary, digest_of(temporary)))


def _write(session: Session, project: Project, asked: Asked, file: IO[bytes], progress: Progress) -> None:
    chosen = asked.chosen(session, project)
    conditions = met(session, project.id, chosen.items)
    parts = parts_of(session, project, conditions, chosen.split) if chosen.split else None
    total = max(1, item_count(session, project.id))

    def told() -> Iterator[Item]:
        for done, item in enumerate(queries.frozen_items(session, project, chosen)):
            if done % queries.BLOCK == 0:
                progress(min(1.0, done / total), Message("Freezing the labels"))
            yield _in_part(item, parts)

    write_state(file, _head(session, project, asked, chosen, parts), told())


def _in_part(item: Item, parts: Parts | None) -> Item:
    if parts is None or item.out:
        return item
    return item._replace(row=item.row._replace(split=parts.part(item.row.item)))


def _head(session: Session, project: Project, asked: Asked, chosen: ExportChoices, parts: Parts | None) -> Head:
    classes, before = classes_of(session, project.id), queries.newest(session, project.id)
    inspection = latest_inspection(session, project.id)
    return Head(
        number=before.number + 1 if before else 1,
        name=asked.name.strip(),
        project=_project(project),
        classes=[{"code": str(one.id), "name": one.name, "description": one.description} for one in classes.rows],
        format=chosen.format,
        options=options_of(chosen),
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
        annotators=who_answered(session, project.id, chosen.people),
        answered_by=names_of(session, project.id, chosen.people).get(chosen.items.annotator, ""),
        class_numbers=dict(numbers_of(classes)),
        twins={"checked": parts.checked, "newer": parts.newer} if parts else {},
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

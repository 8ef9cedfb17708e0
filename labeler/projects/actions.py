"""Changes to projects, classes, guidelines and items."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from labeler.errors import Conflict, Invalid
from labeler.messages import Message, either
from labeler.projects import queries
from labeler.projects.examples import Example, from_json, to_json, with_example
from labeler.projects.examples import check as check_examples
from labeler.projects.models import Guideline, Project, ProjectClass
from labeler.storage.database import alone, alone_with_names
from labeler.task_types.base import TaskType
from labeler.task_types.registry import task_type

MAX_VOTES = 50
LONGEST_CLASS = 200  # the column's width
LONGEST_HINT = 2_000
LONGEST_GUIDELINES = 100_000
LONGEST_NAME = 120  # the column's width
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_TAKES: dict[str, tuple[type, str]] = {
    "text": (str, Message("a text")),
    "number": (int, Message("a number")),
    "switch": (bool, Message("true or false")),
}
_ONE_CLASS, _TWO_CLASSES = Message("Give at least one class."), Message("Give at least two classes.")


@dataclass(frozen=True)
class NewProject:
    """What a project is made of. classes: (name, description) in order."""

    slug: str
    media: str
    task: str
    classes: Sequence[tuple[str, str]]
    name: str = ""
    votes: int = 1
    guidelines: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


def create_project(session: Session, new: NewProject, *, by: int | None, now: datetime) -> Project:
    """Make a project with its classes and first guidelines. Raises Invalid naming the field, or Conflict."""
    _check(new)
    alone_with_names(session)
    if session.scalar(select(Project.id).where(Project.slug == new.slug)) is not None:
        raise Conflict("There is a project {name!r} already; choose another short name.", field="slug", name=new.slug)
    project = Project(
        slug=new.slug,
        name=_fitting(new.name.strip() or new.slug),
        media=new.media,
        task=new.task,
        votes=new.votes,
        settings=new.settings,
        created_at=now,
        created_by=by,
    )
    session.add(project)
    session.flush()
    _add_classes(session, project.id, new.classes, start=0)
    if new.guidelines.strip():
        add_guideline(session, project.id, new.guidelines, by=by, now=now)
    return project


def add_classes(session: Session, project_id: int, names: Sequence[tuple[str, str]]) -> None:
    """Append classes. Raises Invalid for an empty name or one that is there already."""
    alone(session, project_id)
    present = set(queries.classes_of(session, project_id).names)
    check_classes([*((name, "") for name in present), *names], _task(session, project_id))
    _add_classes(session, project_id, names, start=len(present))


def rename_classes(session: Session, project_id: int, names: Mapping[int, tuple[str, str]]) -> None:
    """Give several classes their names and descriptions at once, so that two may swap theirs; labels follow."""
    rows = {row.id: row for row in queries.classes_of(session, project_id).rows if row.id in names}
    for id_, row in rows.items():  # a name that another class still has would be refused
        if row.name != names[id_][0].strip():
            row.name = f"\N{LEFTWARDS ARROW}{id_}"
    session.flush()
    for id_, row in rows.items():
        row.name, row.description = names[id_][0].strip(), names[id_][1].strip()
    session.flush()


def drop_class(session: Session, project_id: int, class_id: int) -> None:
    """Take a class away that nothing names any more; those behind it move up."""
    session.execute(delete(ProjectClass).where(ProjectClass.id == class_id, ProjectClass.project_id == project_id))
    rows = select(ProjectClass.id).where(ProjectClass.project_id == project_id).order_by(ProjectClass.position)
    for position, id_ in enumerate(session.scalars(rows).all()):
        session.execute(update(ProjectClass).where(ProjectClass.id == id_).values(position=position))


def add_guideline(
    session: Session,
    project_id: int,
    markdown: str,
    *,
    examples: Sequence[Example] | None = None,
    by: int | None,
    now: datetime,
) -> int:
    """Write the next version of the guidelines; returns its number. The same text and examples again change nothing.

    examples: None keeps those of the newest version. Raises Invalid, naming the field, for examples that cannot be.
    """
    alone(session, project_id)
    newest = queries.guideline_of(session, project_id)
    kept = newest.examples if newest else []
    if examples is not None:
        check_examples(examples)
        _check_here(session, project_id, [one for one in examples if one not in set(from_json(kept))])
        kept = to_json(examples)
    if newest is not None and (newest.text, newest.examples) == (markdown, kept):
        return newest.version
    if len(markdown) > LONGEST_GUIDELINES:
        raise Invalid(
            "Guidelines have at most {most:,} characters; these have {count:,}.",
            field="guidelines",
            most=LONGEST_GUIDELINES,
            count=len(markdown),
        )
    version = 1 + (newest.version if newest else 0)
    session.add(
        Guideline(project_id=project_id, version=version, text=markdown, examples=kept, created_at=now, created_by=by)
    )
    session.flush()
    return version


def add_example(session: Session, project_id: int, example: Example, *, by: int | None, now: datetime) -> int:
    """Show one more item with the guidelines, as a new version; returns its number. Raises Invalid as above."""
    alone(session, project_id)
    newest = queries.guideline_of(session, project_id)
    kept = from_json(newest.examples) if newest else ()
    present = queries.items_by_id(session, project_id, [one.item for one in kept])
    found = with_example([one for one in kept if one.item in present], example)
    text = newest.text if newest else ""
    return add_guideline(session, project_id, text, examples=found, by=by, now=now)


def restore_guideline(session: Session, project_id: int, version: int, *, by: int | None, now: datetime) -> int:
    """Make an earlier version the newest again, as a version of its own; returns its number. Raises NotFound."""
    alone(session, project_id)
    earlier = queries.guideline_in(session, project_id, version)
    present = queries.items_by_id(session, project_id, [one["item"] for one in earlier.examples])
    examples = [one for one in from_json(earlier.examples) if one.item in present]
    return add_guideline(session, project_id, earlier.text, examples=examples, by=by, now=now)


def _check_here(session: Session, project_id: int, examples: Sequence[Example]) -> None:
    """Raise Invalid for examples of items or classes that this project does not have."""
    items = queries.items_by_id(session, project_id, [one.item for one in examples])
    classes = {row.id for row in queries.classes_of(session, project_id).rows} | {None}
    for one in examples:
        if one.item not in items:
            raise Invalid("There is no item {number} in this project.", field="item", number=one.item)
        if one.class_id not in classes:
            raise Invalid("There is no such class in this project.", field="class")


def alone_with(session: Session, project: Project) -> Project:
    """Wait for `alone` and return the project as it is then: somebody may have changed the wanted votes meanwhile."""
    alone(session, project.id)
    return session.get_one(Project, project.id, populate_existing=True)


def change_project(session: Session, project: Project, changes: dict[str, Any]) -> None:
    """Change name and settings; `settings` is merged key by key. Votes go through workflow.change_votes.

    Alone in the project, and from what is stored by then: others may change other settings at the same moment.
    """
    project = alone_with(session, project)
    if "name" in changes:
        name = str(changes["name"]).strip()
        if not name:
            raise Invalid("A project needs a name.", field="name")
        project.name = _fitting(name)
    if changes.get("settings"):
        settings = {**project.settings, **changes["settings"]}
        check_own_settings(settings, queries.task_of(project))
        project.settings = settings
    session.flush()


def _fitting(name: str) -> str:
    if len(name) > LONGEST_NAME:
        raise Invalid("The name of a project has at most {most} characters.", field="name", most=LONGEST_NAME)
    return name


def delete_project(session: Session, project_id: int) -> None:
    """Delete a project with everything in it. Cannot be undone; ask first."""
    session.execute(delete(Project).where(Project.id == project_id))


def check_votes(votes: int) -> int:
    """Return a usable number of votes an item; raises Invalid."""
    if not 1 <= votes <= MAX_VOTES:
        raise Invalid("Votes an item must be 1 to {most}, not {votes}.", field="votes", most=MAX_VOTES, votes=votes)
    return votes


def _task(session: Session, project_id: int) -> TaskType:
    return queries.task_of(session.get_one(Project, project_id))


def _check(new: NewProject) -> None:
    if not _SLUG.fullmatch(new.slug):
        raise Invalid(
            "{name!r} cannot be a short name: use up to 64 small letters, digits, - and _.", field="slug", name=new.slug
        )
    task = task_type(new.task)
    if new.media not in task.media:
        raise Invalid(
            "{task} works on {fitting}, not {media!r}.",
            field="media",
            task=task.title,
            fitting=either(sorted(task.media)),
            media=new.media,
        )
    check_votes(new.votes)
    check_classes(new.classes, task)
    check_own_settings(new.settings, task)


def check_own_settings(settings: Mapping[str, Any], task: TaskType) -> None:
    """Raise Invalid, naming it, for a setting of the task type's own that is not what it takes."""
    for own in task.settings:
        value: Any = settings.get(own.name, own.default)
        kind, words = _TAKES[own.takes]
        if type(value).__name__ != kind.__name__:
            raise Invalid("{setting}: this must be {what}.", field=own.name, setting=own.title, what=words)
        size = len(value) if isinstance(value, str) else int(value)
        if own.most and not 0 <= size <= own.most:
            raise Invalid("{setting}: at most {most:,}.", field=own.name, setting=own.title, most=own.most)
    task.check_settings(settings)


def check_classes(classes: Sequence[tuple[str, str]], task: TaskType) -> None:
    """Raise Invalid for what cannot be all the classes of a project. classes: (name, description)."""
    names = [name.strip() for name, _ in classes]
    if len(names) < task.least_classes:
        raise Invalid(_TWO_CLASSES if task.least_classes > 1 else _ONE_CLASS, field="classes")
    if len(names) > task.max_classes:
        raise Invalid("This kind of project can have {most} classes at most.", field="classes", most=task.max_classes)
    for name, description in classes:
        _check_words(name, description)
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise Invalid("Named twice: {names}.", field="classes", names=", ".join(twice[:5]))


def _check_words(name: str, description: str) -> None:
    if not 1 <= len(name.strip()) <= LONGEST_CLASS:
        raise Invalid("Each class needs a name of 1 to {most} characters.", field="classes", most=LONGEST_CLASS)
    if len(description.strip()) > LONGEST_HINT:
        raise Invalid("The hint of a class has at most {most:,} characters.", field="classes", most=LONGEST_HINT)


def _add_classes(session: Session, project_id: int, classes: Sequence[tuple[str, str]], *, start: int) -> None:
    session.add_all(
        ProjectClass(project_id=project_id, position=start + n, name=name.strip(), description=description.strip())
        for n, (name, description) in enumerate(classes)
    )
    session.flush()

"""Reads about projects, classes, guidelines, imports and items."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from labeler.accounts.models import Membership
from labeler.accounts.permissions import ADMIN, Actor
from labeler.errors import NotFound
from labeler.projects.models import Guideline, Import, Item, Project, ProjectClass, RejectedRow
from labeler.task_types.base import Content, TaskConfig, TaskType, Value
from labeler.task_types.registry import task_type

CLASS_NUMBERS = "class_numbers"
"""The setting of a project that keeps the number of a class by its code, as it was in the file it came in with."""


@dataclass(frozen=True)
class Classes:
    """The classes of a project in order, and the translation between names, codes (class ids) and indices."""

    rows: tuple[ProjectClass, ...]
    task: TaskType
    settings: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Class names in the project's order."""
        return tuple(row.name for row in self.rows)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Class ids as text in the project's order."""
        return tuple(str(row.id) for row in self.rows)

    @cached_property
    def config(self) -> TaskConfig:
        """What the task type needs to know to check an answer, which names classes."""
        return TaskConfig(self.names, self.settings)

    @cached_property
    def config_by_code(self) -> TaskConfig:
        """What the task type needs to know to compare kept answers, which name classes by code."""
        return TaskConfig(self.codes, self.settings)

    def name_of(self, code: str) -> str | None:
        """Return the class name of a code; None for "" or a class that is gone."""
        return self.by_code.get(code)

    @cached_property
    def by_code(self) -> dict[str, str]:
        """Names by code."""
        return {str(row.id): row.name for row in self.rows}

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Codes by name."""
        return {row.name: str(row.id) for row in self.rows}

    @cached_property
    def by_itself(self) -> dict[str, str]:
        """Codes by code: what stands for names where answers are compared."""
        return {code: code for code in self.codes}

    def keep(self, value: Value) -> tuple[str, Value | None]:
        """Return a checked value as it is kept: its code, and a value where the code does not say it all."""
        return self.task.code(value, self.by_name), self.task.stored(value, self.by_name)

    def keep_by_code(self, value: Value) -> tuple[str, Value | None]:
        """Do the same for a value that names classes by code, such as a consensus."""
        return self.task.code(value, self.by_itself), self.task.stored(value, self.by_itself)

    def shown(self, code: str, value: Value | None) -> Value | None:
        """Return a kept answer with today's class names; None for no answer or one of a class that is gone."""
        return self.task.shown(code, value, self.by_code) if code else None

    def by_codes(self, code: str, value: Value | None) -> Value | None:
        """Return a kept answer naming classes by code, as answers are compared; None as for `shown`."""
        return self.task.shown(code, value, self.by_itself) if code else None

    def shares(self, soft: dict[str, float]) -> dict[str, float]:
        """Return the shares of a soft label by class name instead of code, the largest first."""
        named = {self.by_code[code]: round(share, 6) for code, share in soft.items() if code in self.by_code}
        return dict(sorted(named.items(), key=lambda pair: -pair[1]))

    @cached_property
    def index_of_code(self) -> dict[str, int]:
        """Position in the project's order, by code."""
        return {str(row.id): index for index, row in enumerate(self.rows)}


# The statements of every request, put together once: building them costs more than running them.
_WITH_ROLE = (
    select(Project, Membership.role)
    .outerjoin(Membership, and_(Membership.project_id == Project.id, Membership.user_id == bindparam("user")))
    .where(Project.slug == bindparam("slug"))
)
_CLASSES = select(ProjectClass).where(ProjectClass.project_id == bindparam("project")).order_by(ProjectClass.position)
_ITEMS_OF = (
    select(Item)
    .where(Item.project_id == bindparam("project"))
    .order_by(Item.id.desc())
    .execution_options(populate_existing=True)
)
_BY_ID = _ITEMS_OF.where(Item.external_id.in_(bindparam("ids", expanding=True)))
_BY_HASH = _ITEMS_OF.where(Item.content_hash.in_(bindparam("hashes", expanding=True)))
_VOTES = select(Project.votes).where(Project.id == bindparam("project"))
_VOTES_OF_ITEM = (
    select(func.coalesce(Item.wanted, Project.votes))
    .join(Project, Project.id == Item.project_id)
    .where(Item.id == bindparam("item"))
)
_GUIDELINE_VERSION = select(func.max(Guideline.version)).where(Guideline.project_id == bindparam("project"))


def project_by_slug(session: Session, slug: str) -> Project:
    """Return a project; raises NotFound."""
    project = session.scalar(select(Project).where(Project.slug == slug))
    if project is None:
        raise NotFound("There is no project {name!r}.", name=slug)
    return project


def project_and_role(session: Session, slug: str, user_id: int) -> tuple[Project, str]:
    """Return a project and a person's role in it ("" for none); raises NotFound."""
    row = session.execute(_WITH_ROLE, {"slug": slug, "user": user_id}).one_or_none()
    if row is None:
        raise NotFound("There is no project {name!r}.", name=slug)
    return row[0], row[1] or ""


def projects_of(session: Session, actor: Actor) -> Sequence[Project]:
    """Return the projects an actor may see, by name."""
    query = select(Project).order_by(Project.name, Project.id)
    if actor.role != ADMIN:
        query = query.join(Membership, Membership.project_id == Project.id).where(Membership.user_id == actor.user_id)
    return session.scalars(query).all()


def classes_of(session: Session, project_id: int) -> Classes:
    """Return a project's classes in order."""
    return classes_in(session, session.get_one(Project, project_id))


def classes_in(session: Session, project: Project) -> Classes:
    """Return the classes of a project that is at hand, in order."""
    rows = tuple(session.scalars(_CLASSES, {"project": project.id}))
    return Classes(rows, task_of(project), project.settings or {})


def numbers_of(classes: Classes) -> dict[str, int]:
    """Return the numbers by which files know the classes, by name, of those that came in with one."""
    kept = classes.settings.get(CLASS_NUMBERS) or {}
    return {classes.by_code[code]: number for code, number in kept.items() if code in classes.by_code}


@dataclass(frozen=True)
class Question:
    """What a submit needs to know about its project."""

    project: Project
    classes: Classes
    guideline_version: int

    @cached_property
    def task(self) -> TaskType:
        """The project's task type."""
        return task_of(self.project)

    @classmethod
    def of(cls, session: Session, project: Project) -> "Question":
        """Read it for one project."""
        classes = classes_in(session, project)
        return cls(project, classes, guideline_version(session, project.id))


def votes_wanted(session: Session, project_id: int) -> int:
    """Return how many answers an item of a project should get, as of now."""
    return session.scalars(_VOTES, {"project": project_id}).one()


def votes_wanted_of(session: Session, item_id: int) -> int:
    """Return how many answers an item should get in its first round, as of now."""
    return session.scalars(_VOTES_OF_ITEM, {"item": item_id}).one()


def task_of(project: Project) -> TaskType:
    """Return the task type of a project."""
    return task_type(project.task)


def offers_pages(project: Project) -> bool:
    """Whether a lead lets people answer look-alikes page by page, with a proposed class in front of them."""
    return task_of(project).pages and bool(project.settings.get("bulk"))


def guideline_of(session: Session, project_id: int) -> Guideline | None:
    """Return the newest version of a project's guidelines, or None when none were written."""
    query = select(Guideline).where(Guideline.project_id == project_id).order_by(Guideline.version.desc())
    return session.scalar(query.limit(1))


def guideline_version(session: Session, project_id: int) -> int:
    """Return the newest version number, 0 when no guidelines were written."""
    return session.scalar(_GUIDELINE_VERSION, {"project": project_id}) or 0


def imports_of(session: Session, project_id: int) -> Sequence[Import]:
    """Return a project's imports, newest first."""
    return session.scalars(select(Import).where(Import.project_id == project_id).order_by(Import.id.desc())).all()


def rejected_rows(session: Session, import_id: int) -> Iterator[RejectedRow]:
    """Yield the rejected rows of one import in file order."""
    query = select(RejectedRow).where(RejectedRow.import_id == import_id).order_by(RejectedRow.row, RejectedRow.id)
    yield from session.scalars(query.execution_options(yield_per=1000))


def item_in(session: Session, project_id: int, item_id: int) -> Item:
    """Return an item of this project; raises NotFound for one of another project as for one that is not there."""
    item = session.get(Item, item_id)
    if item is None or item.project_id != project_id:
        raise NotFound("There is no item {number} in this project.", number=item_id)
    return item


def item_by_name(session: Session, project_id: int, external_id: str | None, text: str | None) -> Item | None:
    """Return the item with this external id, or without one the item with exactly this text, else None."""
    query = select(Item).where(Item.project_id == project_id)
    if external_id is not None:
        return session.scalar(query.where(Item.external_id == external_id))
    return session.scalar(query.where(Item.content_hash == text_hash(text)).order_by(Item.id).limit(1))


def text_hash(text: str | None) -> str:
    """Return the `content_hash` of an item of this text: SHA-256 of it as UTF-8, in hexadecimal."""
    return hashlib.sha256((text or "").encode()).hexdigest()


def items_named(
    session: Session, project_id: int, external_ids: Sequence[str], hashes: Sequence[str]
) -> tuple[dict[str, Item], dict[str, Item]]:
    """Return items by external id, and items by the hash of their content (the first of those that share it).

    They are as they are now, also where this transaction changed them by other ways than their objects.
    """
    by_id = session.scalars(_BY_ID, {"project": project_id, "ids": external_ids}) if external_ids else ()
    by_hash = session.scalars(_BY_HASH, {"project": project_id, "hashes": hashes}) if hashes else ()
    return {item.external_id or "": item for item in by_id}, {item.content_hash: item for item in by_hash}


def pictures_named(session: Session, hashes: Sequence[str] | None = None) -> set[str]:
    """Return those of these hashes (None: of all) that are the picture of an item in any project."""
    query = select(Item.content_hash).where(Item.width.is_not(None)).distinct()
    return set(session.scalars(query if hashes is None else query.where(Item.content_hash.in_(hashes))))


def pictures_of(session: Session, project_id: int) -> Iterator[tuple[int, str, str, str]]:
    """Yield (id, external id, file name, content hash) of the items of a project that are pictures, the oldest first.

    The texts are "" where an item has none.
    """
    name = func.coalesce(Item.meta["file_name"].as_string(), "")
    found = select(Item.id, func.coalesce(Item.external_id, ""), name, Item.content_hash)
    here = found.where(Item.project_id == project_id, Item.width.is_not(None)).order_by(Item.id)
    for row in session.execute(here.execution_options(yield_per=1000)):
        yield row[0], row[1], row[2], row[3]


class Named(NamedTuple):
    """How an item is found by what a file says of it."""

    item: int
    external_id: str | None
    content_hash: str


def items_meant(
    session: Session, project_id: int, ids: Sequence[str], hashes: Sequence[str]
) -> tuple[dict[str, Named], dict[str, list[Named]]]:
    """Return items by external id, and by the hash of their content: those first that have no id of their own."""
    here = select(Item.id, Item.external_id, Item.content_hash).where(Item.project_id == project_id)
    by_id = session.execute(here.where(Item.external_id.in_(ids))) if ids else ()
    ordered = here.where(Item.content_hash.in_(hashes)).order_by(Item.external_id.is_not(None), Item.id)
    by_hash: dict[str, list[Named]] = defaultdict(list)
    for row in session.execute(ordered) if hashes else ():
        by_hash[row[2]].append(Named(*row))
    return {row[1] or "": Named(*row) for row in by_id}, by_hash


def ids_of_projects(session: Session) -> set[int]:
    """Return the ids of all projects there are."""
    return set(session.scalars(select(Project.id)))


def item_count(session: Session, project_id: int) -> int:
    """Return how many items a project has."""
    return session.scalar(select(func.count()).select_from(Item).where(Item.project_id == project_id)) or 0


def content_of(item: Item) -> Content:
    """Return what an answer to this item is about."""
    return Content(text=item.text, width=item.width, height=item.height)


def guidelines_of(session: Session, project_id: int) -> Sequence[Guideline]:
    """Return every version of a project's guidelines, newest first."""
    query = select(Guideline).where(Guideline.project_id == project_id).order_by(Guideline.version.desc())
    return session.scalars(query).all()


def guideline_in(session: Session, project_id: int, version: int) -> Guideline:
    """Return one version of a project's guidelines; raises NotFound."""
    query = select(Guideline).where(Guideline.project_id == project_id, Guideline.version == version)
    found = session.scalar(query)
    if found is None:
        raise NotFound("The guidelines of this project have no version {version}.", version=version)
    return found


def items_by_id(session: Session, project_id: int, item_ids: Sequence[int]) -> dict[int, Item]:
    """Return items of this project by id; those that are gone, or another project's, are left out."""
    query = select(Item).where(Item.id.in_(set(item_ids)), Item.project_id == project_id)
    return {item.id: item for item in session.scalars(query)} if item_ids else {}


def import_in(session: Session, project_id: int, import_id: int) -> Import:
    """Return an import of this project; raises NotFound for one of another project as for one that is not there."""
    found = session.get(Import, import_id)
    if found is None or found.project_id != project_id:
        raise NotFound("There is no import {number} in this project.", number=import_id)
    return found

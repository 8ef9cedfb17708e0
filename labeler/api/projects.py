"""Projects: make, list, read, change, delete."""

from collections import Counter
from typing import Annotated, Any, Literal

from flask import Response, url_for
from pydantic import Field
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.accounts.permissions import ADMIN, Action
from labeler.accounts.queries import memberships
from labeler.api.blueprint import blueprint
from labeler.api.paging import Listed, Page, cut, next_path
from labeler.api.shapes import Body, Shape, moment
from labeler.errors import Invalid
from labeler.extensions import database
from labeler.extensions.access import actor, needs, project, user_id
from labeler.projects import actions
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of, guideline_of, projects_of
from labeler.quality.schedule import MOST_ANSWERS, Schedule
from labeler.statistics.progress import labeled_items, progress_of
from labeler.storage.database import clock
from labeler.task_types.registry import task_type


class NewClass(Body):
    """One class of a project."""

    name: str
    description: str = ""


class NewProject(Body):
    """A project to be made. classes: none for free text; settings: those that its task type has of its own."""

    slug: str
    media: Literal["text", "image"]
    task: str
    classes: Annotated[list[NewClass], Field(default_factory=list)]
    name: str = ""
    votes: int = 1
    guidelines: str = ""
    settings: Annotated[dict[str, str | int | bool], Field(default_factory=dict)]


class EditedClass(NewClass):
    """One class that there should be. was: the name it has now, where it is renamed."""

    was: str | None = None


class ChecksChange(Body):
    """When labels are checked again by themselves; what is not given stays as it is.

    after_answers: new answers, 0 for never; daily_at: the hour in UTC, 0 to 23, null for no hour.
    """

    after_answers: Annotated[int | None, Field(ge=0, le=MOST_ANSWERS)] = None
    daily_at: Annotated[int | None, Field(ge=0, le=23)] = None


class ProjectChange(Body):
    """What changes; the rest stays.

    classes: all classes there should be. Those not there yet are added behind; `was` renames one; one that is left out
    is taken away, which needs that nothing names it. merge: {class that goes: class that takes its labels}; answers
    keep in `original` what was answered, and nothing can part the two again. So `dry_run` comes first: it changes
    nothing at all and answers how much the merge touches (`merging`); `confirm` is its `total`, said again to go on.
    """

    name: str | None = None
    votes: int | None = None
    guidelines: str | None = None
    classes: list[EditedClass] | None = None
    merge: dict[str, str] = Field(default_factory=dict)
    dry_run: bool = False
    confirm: int | None = None
    checks: ChecksChange | None = None


class ClassOut(Shape):
    """One class of a project."""

    name: str
    description: str


class ProgressOut(Shape):
    """How far a project is, the numbers of its pages.

    done: items that want no more answers and have none under way, or that a lead has decided; labeled: items that are
    not excluded and have a final label or a lead's soft label, so not ties; answers of wanted: given of those that all
    items together want (`votes` each, none for an excluded one).
    """

    items: int
    done: int
    labeled: int
    answers: int
    wanted: int


class ChecksOut(Shape):
    """When labels are checked again by themselves: after so many answers (0: never), at an hour in UTC (null: none)."""

    after_answers: int
    daily_at: int | None


class MergingOut(Shape):
    """How much a merge of classes touches, by what it is. decisions: also shares that leads gave; flags: about them."""

    answers: int
    given: int
    decisions: int
    predictions: int
    examples: int
    automatic: int
    flags: int
    total: int


class ProjectOut(Shape):
    """A project. progress: for leads, null for annotators; merging: of a dry run of a change, else null."""

    slug: str
    name: str
    media: str
    task: str
    classes: list[ClassOut]
    votes: int
    guidelines: str
    created_at: str
    progress: ProgressOut | None
    checks: ChecksOut
    merging: MergingOut | None


class ProjectList(Listed):
    """Projects one has a role in."""

    data: list[ProjectOut]


def _own(body: NewProject) -> dict[str, Any]:
    """Return the settings of a new project; raises Invalid for one that its task type does not have."""
    names = [own.name for own in task_type(body.task).settings]
    if unknown := sorted(body.settings.keys() - set(names)):
        raise Invalid(
            "This kind of project has no setting {name!r}; it has {names}.",
            field="settings",
            name=unknown[0],
            names=", ".join(names) or "-",
        )
    return dict(body.settings)


@blueprint.get("/projects")
@needs(Action.USE)
@blueprint.input(Page, location="query", arg_name="page")
@blueprint.output(ProjectList)
def list_projects(page: Page) -> dict[str, Any]:
    """List the projects you have a role in, in the order they were made."""
    with database().read() as session:
        found = sorted(projects_of(session, actor()), key=lambda row: row.id)
        rows, more = cut(page, [row for row in found if row.id > page.after][: page.one_more])
        data = [as_shape(session, row) for row in rows]
        return {"data": data, "next": next_path(page, rows[-1].id if rows else 0, more=more)}


@blueprint.post("/projects")
@needs(Action.CREATE_PROJECT)
@blueprint.input(NewProject, arg_name="body")
@blueprint.output(ProjectOut, status_code=201)
def create_project(body: NewProject) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Make a project; you become its lead."""
    new = actions.NewProject(
        slug=body.slug,
        media=body.media,
        task=body.task,
        classes=[(one.name, one.description) for one in body.classes],
        name=body.name,
        votes=body.votes,
        guidelines=body.guidelines,
        settings=_own(body),
    )
    with database().write() as session:
        now = clock(session)
        made = actions.create_project(session, new, by=user_id(), now=now)
        accounts.set_member(session, made.id, user_id(), role="lead", now=now)
        shape = as_shape(session, made)
    return shape, 201, {"Location": url_for("api.read_project", slug=body.slug)}


@blueprint.get("/projects/<slug>")
@needs(Action.SEE_PROJECT)
@blueprint.output(ProjectOut)
def read_project(slug: str) -> dict[str, Any]:
    """Read one project."""
    del slug
    with database().read() as session:
        return as_shape(session, project())


@blueprint.patch("/projects/<slug>")
@needs(Action.LEAD)
@blueprint.input(ProjectChange, arg_name="body")
@blueprint.output(ProjectOut)
def change_project(slug: str, body: ProjectChange) -> dict[str, Any]:
    """Change a project; what is not given stays as it is. A dry run changes nothing and says what a merge touches."""
    del slug
    if body.dry_run:
        return _tried(body)
    with database().write() as session:
        changed = actions.alone_with(session, project())  # what is left as it is, is left as it is by now
        if body.name is not None:
            actions.change_project(session, changed, {"name": body.name})
        if body.checks is not None:
            actions.change_project(session, changed, {"settings": _rules(body.checks)})
        if body.votes is not None:
            workflow.change_votes(session, changed, body.votes)
        if body.guidelines is not None:
            actions.add_guideline(session, changed.id, body.guidelines, by=user_id(), now=clock(session))
        if body.classes is not None or body.merge:
            edit = _class_edit(classes_of(session, changed.id), body)
            workflow.check_sure(session, changed, edit, body.confirm)
            workflow.edit_classes(session, changed, edit)
        session.flush()
        return as_shape(session, changed)


def _tried(body: ProjectChange) -> dict[str, Any]:
    """Return the project as it is, with what a change of its classes would touch."""
    with database().read() as session:
        touched = workflow.touched_by(session, project(), _class_edit(classes_of(session, project().id), body))
        return as_shape(session, project()) | {"merging": touched.as_json()}


@blueprint.delete("/projects/<slug>")
@needs(Action.LEAD)
@blueprint.output({}, status_code=204)
def delete_project(slug: str) -> Response:
    """Delete a project with its items, answers and decisions. There is no way back."""
    del slug
    with database().write() as session:
        actions.delete_project(session, project().id)
    return Response(status=204)


def _rules(said: ChecksChange) -> dict[str, int | None]:
    """Return what a change says of the rules by which labels are checked, as settings are kept."""
    names = {"after_answers": "check_every", "daily_at": "check_hour"}
    given = {name: getattr(said, name) for name in names if name in said.model_fields_set}
    return {names[name]: value or 0 if name == "after_answers" else value for name, value in given.items()}


def _class_edit(classes: Classes, body: ProjectChange) -> workflow.ClassEdit:
    """Return what a change asks of the classes; raises Invalid for a name that no class has."""
    ids = {row.name: row.id for row in classes.rows}
    for name in (*body.merge, *body.merge.values(), *(one.was for one in body.classes or () if one.was)):
        if name not in ids:
            raise Invalid("{name!r} is not a class of this project.", field="classes", name=name)
    merged = {ids[gone]: ids[into] for gone, into in body.merge.items()}
    if body.classes is None:
        return workflow.ClassEdit(merged)
    wanted = [one.model_copy(update={"was": one.was or one.name.strip()}) for one in body.classes]
    kept = [one.was for one in wanted]
    if twice := [name for name, count in Counter(kept).items() if count > 1]:
        raise Invalid("The class {name!r} stands twice.", field="classes", name=twice[0])
    return workflow.ClassEdit(
        merged,
        removed=[id_ for name, id_ in ids.items() if name not in kept and id_ not in merged],
        renamed={ids[one.was]: (one.name, one.description) for one in wanted if one.was in ids},
        added=[(one.name, one.description) for one in wanted if one.was not in ids],
    )


def as_shape(session: Session, found: Project) -> dict[str, Any]:
    """Return a project as the API shows it."""
    guideline, rules = guideline_of(session, found.id), Schedule.of(found.settings)
    return {
        "slug": found.slug,
        "name": found.name,
        "media": found.media,
        "task": found.task,
        "classes": [{"name": row.name, "description": row.description} for row in classes_of(session, found.id).rows],
        "votes": found.votes,
        "guidelines": guideline.text if guideline else "",
        "created_at": moment(found.created_at),
        "progress": _progress(session, found) if _leads(session, found) else None,
        "checks": {"after_answers": rules.every, "daily_at": rules.hour},
        "merging": None,
    }


def _leads(session: Session, found: Project) -> bool:
    return actor().role == ADMIN or memberships(session, user_id()).get(found.id) == "lead"


def _progress(session: Session, found: Project) -> dict[str, int]:
    return {**vars(progress_of(session, found)), "labeled": labeled_items(session, found.id)}

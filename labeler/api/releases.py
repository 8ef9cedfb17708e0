"""Releases: make one, list them, read one, what changed since another, its files, verify it. None can be changed."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from apiflask.schemas import FileSchema
from flask import Response, url_for
from pydantic import Field

from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.jobs import JobOut, as_shape
from labeler.api.shapes import MAX_ID, Body, PrintableText, Query, Shape, moment
from labeler.errors import NotFound
from labeler.extensions import database, files
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.demands import takes_long
from labeler.extensions.releases import file_of, release_file
from labeler.jobs.actions import enqueue
from labeler.jobs.models import RELEASE, VERIFY
from labeler.projects.models import Project
from labeler.releases import queries
from labeler.releases.actions import FORMAT, LONGEST_NAME, LONGEST_TEXT, TEXTS, Asked
from labeler.releases.building import Frozen, compared
from labeler.releases.models import Release, ReleaseCheck
from labeler.storage.database import clock

CardText = Annotated[str, Field(max_length=LONGEST_TEXT)]


class NewRelease(Body):
    """What a release is to be. options: what was chosen, by the names that the address of an export has.

    So {"min_votes": 2, "class": ["cat", "dog"], "split": "train=0.8,val=0.1,test=0.1", "seed": 7, "pictures": true};
    which items go out, and in which part each of them is, is frozen with the labels. about, labeling, limits: what its
    data card says first in these parts; license: of the data, best an address.
    """

    format: PrintableText = FORMAT
    options: dict[str, Any] = Field(default_factory=dict)
    name: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    about: CardText = ""
    labeling: CardText = ""
    limits: CardText = ""
    license: CardText = ""


class CheckOut(Shape):
    """The newest time a release was verified. result: what was found."""

    passed: bool
    checked_at: str
    result: dict[str, Any]


class ReleaseOut(Shape):
    """A release. sha256, size: of its archive, in bytes; numbers: what was counted of it, and what changed.

    options: items and people, and what else was chosen, as texts of the address of an export.
    """

    number: int
    name: str
    sha256: str
    size: int
    format: str
    options: dict[str, Any]
    items: int
    numbers: dict[str, Any]
    as_of: str
    made_at: str
    made_by: str
    verified: CheckOut | None


class ReleasesOut(Shape):
    """All releases of a project, newest first."""

    data: list[ReleaseOut]


class Against(Query):
    """Which release to compare with: the one before, where nothing is said."""

    against: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None


@blueprint.post("/projects/<slug>/releases")
@needs(Action.LEAD)
@blueprint.input(NewRelease, arg_name="body")
@blueprint.output(JobOut, status_code=202)
def make_release(slug: str, body: NewRelease) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Freeze the labels as they are when the job runs; its result has the number of the release."""
    told = {name: getattr(body, name) for name in TEXTS}
    with database().write() as session:
        Asked("", body.format, body.options, body.name, told).chosen(session, session.get_one(Project, project().id))
        payload = {"format": body.format, "options": body.options, "name": body.name, "told": told}
        job = enqueue(session, project().id, RELEASE, payload=payload, by=user_id(), now=clock(session))
        shape = as_shape(session, job, slug)
    return shape, 202, {"Location": url_for("api.read_job", job_id=shape["id"])}


@blueprint.get("/projects/<slug>/releases")
@needs(Action.LEAD)
@blueprint.output(ReleasesOut)
def list_releases(slug: str) -> dict[str, Any]:
    """List the releases of a project."""
    del slug
    with database().read() as session:
        checks = queries.newest_checks(session, project().id)
        found = queries.releases_of(session, project().id)
        return {"data": [_shape_of(one, checks.get(one.id)) for one in found]}


@blueprint.get("/projects/<slug>/releases/<int:number>")
@needs(Action.LEAD)
@blueprint.output(ReleaseOut)
def read_release(slug: str, number: int) -> dict[str, Any]:
    """Read one release."""
    del slug
    with database().read() as session:
        found = queries.release_in(session, project().id, number)
        return _shape_of(found, queries.newest_checks(session, project().id).get(found.id))


@blueprint.get("/projects/<slug>/releases/<int:number>/changes")
@takes_long
@needs(Action.LEAD)
@blueprint.input(Against, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="application/x-ndjson")
def list_changes(slug: str, number: int, query: Against) -> Response:
    """Name what changed since another release as JSON Lines: an item a line, each with what decided it."""
    del slug
    with database().read() as session:
        found = queries.release_in(session, project().id, number)
        if query.against is None and number == 1:
            raise NotFound("There is no release before the first one.")
        other = queries.release_in(session, project().id, query.against or number - 1)
    old, new = (Frozen.at(files().release_path(one.state)) for one in (other, found))
    _, changes = compared(old, new)

    def lines() -> Iterator[str]:
        for change in changes:
            yield f"{json.dumps(change._asdict(), ensure_ascii=False)}\n"

    return Response(lines(), content_type="application/x-ndjson")


@blueprint.get("/projects/<slug>/releases/<int:number>/archive")
@takes_long
@needs(Action.LEAD)
@blueprint.output(FileSchema(type="string", format="binary"), content_type="application/zip")
def download_release(slug: str, number: int) -> Response:
    """Download the archive of a release: the same bytes each time, whose SHA-256 is that of the release."""
    del slug
    return release_file(project(), number)


@blueprint.get("/projects/<slug>/releases/<int:number>/files/<path:name>")
@takes_long
@needs(Action.LEAD)
@blueprint.output(FileSchema(type="string", format="binary"), content_type="application/octet-stream")
def download_release_file(slug: str, number: int, name: str) -> Response:
    """Download one file of a release, such as croissant.json or DATA_CARD.md; SHA256SUMS lists them all."""
    del slug
    return file_of(project(), number, name)


@blueprint.post("/projects/<slug>/releases/<int:number>/verify")
@needs(Action.LEAD)
@blueprint.output(JobOut, status_code=202)
def verify_release(slug: str, number: int) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Prove that a release is what it was; the job's result says what was found."""
    with database().write() as session:
        queries.release_in(session, project().id, number)
        job = enqueue(session, project().id, VERIFY, payload={"release": number}, by=user_id(), now=clock(session))
        shape = as_shape(session, job, slug)
    return shape, 202, {"Location": url_for("api.read_job", job_id=shape["id"])}


def _shape_of(one: Release, check: ReleaseCheck | None) -> dict[str, Any]:
    named = ("number", "name", "sha256", "size", "format", "options", "items", "numbers", "made_by")
    times: dict[str, datetime] = {"as_of": one.as_of, "made_at": one.made_at}
    verified = check and {
        "passed": check.passed,
        "checked_at": moment(check.checked_at),
        "result": check.result,
    }
    return {name: getattr(one, name) for name in named} | {
        **{name: moment(at) for name, at in times.items()},
        "verified": verified,
    }

"""Releases: a list with the form that makes the next one, one with its numbers, what changed, its files.

Note: nothing here changes a release. The two buttons make a job: a further release, or a check of one.
"""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from labeler.accounts.permissions import Action
from labeler.errors import Invalid, NotFound
from labeler.exchange.export_choices import ExportChoices
from labeler.exchange.formats.registry import WRITERS
from labeler.exchange.queries import left_out
from labeler.extensions import database, files
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.demands import takes_long
from labeler.extensions.releases import file_of, release_file
from labeler.jobs import queries as jobs
from labeler.jobs.actions import enqueue
from labeler.jobs.models import COMPARE, RELEASE, VERIFY, Job
from labeler.projects.models import Project
from labeler.projects.queries import classes_of, item_count
from labeler.releases import queries
from labeler.releases.actions import FORMAT, LONGEST_NAME, TEXTS, Asked
from labeler.releases.models import Release
from labeler.releases.selection import chosen_by, options_of
from labeler.releases.words import CAUSES, SOURCES
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.releases import changes, view_model
from labeler.web.shared import export_form
from labeler.web.shared.conditions import which_words
from labeler.web.shared.numbers import id_in

PAGE = 100


@blueprint.get("/p/<slug>/releases")
@needs(Action.LEAD)
def releases(slug: str) -> Response:
    """List the releases, and ask what the next one is to be; an address of an export fills the form in."""
    del slug
    return _listed(*export_form.choices_or_why_not(request.args, FORMAT))


@blueprint.post("/p/<slug>/releases")
@needs(Action.LEAD)
def make_release(slug: str) -> Response | AnyResponse:
    """Ask for a release; a worker makes it."""
    chosen, wrong = export_form.choices_or_why_not(request.form, FORMAT)
    told = {name: request.form.get(name, "") for name in TEXTS}
    asked = Asked("", chosen.format, options_of(chosen), request.form.get("name", ""), told)
    try:
        if wrong is not None:
            raise wrong
        with database().write() as db:
            asked.chosen(db, db.get_one(Project, project().id))
            payload: dict[str, Any] = {"format": asked.format_name, "options": asked.options, "name": asked.name}
            enqueue(db, project().id, RELEASE, payload=payload | {"told": asked.told}, by=user_id(), now=clock(db))
    except Invalid as error:
        return _listed(chosen, error)
    return redirect(url_for("web.releases", slug=slug), 303)


def _listed(chosen: ExportChoices, wrong: Invalid | None = None) -> Response:
    with database().read() as db:
        found = queries.releases_of(db, project().id)
        items, missing = item_count(db, project().id), left_out(db, project().id)
        job = jobs.latest_job(db, project().id, RELEASE)
        offered = export_form.Offered.of(db, project())
        page = render_template(
            "releases/releases.html",
            **export_form.shown(chosen, offered, request.values, wrong),
            can_hold_pictures=any(one.outside for one in offered.writers) and project().media == "image",
            found=[view_model.summary(one) for one in found],
            checks=queries.newest_checks(db, project().id),
            job=job if job and _is_news(job, found) else None,
            worker=jobs.worker_seen(db, clock(db)),
            texts=TEXTS,
            missing=missing,
            ready=items - missing.excluded - missing.unlabeled - missing.tied,
            longest=LONGEST_NAME,
        )
    return Response(page, 422 if wrong else 200, content_type="text/html; charset=utf-8")


def _is_news(job: Job, found: Any) -> bool:
    """Whether a job has something to say: it goes on, or it failed after the newest release was made."""
    if job.is_open:
        return True
    return job.state == "failed" and not any(one.made_at >= job.created_at for one in found[:1])


@blueprint.get("/p/<slug>/releases/<int:number>")
@takes_long
@needs(Action.LEAD)
def release(slug: str, number: int) -> str:
    """Show a release: its numbers, what changed since another one, its data card, what it was made with."""
    del slug
    with database().read() as db:
        found = queries.release_in(db, project().id, number)
        check = queries.newest_checks(db, project().id).get(found.id)
        job = jobs.latest_job(db, project().id, VERIFY)
        others = queries.releases_of(db, project().id)
        against = _against(others, number)
        opened = view_model.opened(files(), found)
        comparing = jobs.latest_job(db, project().id, COMPARE)
        return render_template(
            "releases/release.html",
            one=view_model.summary(found),
            check=check,
            job=job if job and job.is_open and job.payload.get("release") == number else None,
            worker=jobs.worker_seen(db, clock(db)),
            others=[view_model.summary(one) for one in others],
            against=against,
            compared=changes.between(files(), found, against) if against else None,
            known=against is None or changes.is_known(files(), found, against),
            comparing=comparing if comparing and _is_about(comparing, found, against) else None,
            opened=opened,
            made_with=_made_with(db, found),
            causes=CAUSES,
            sources=SOURCES,
            format=WRITERS[found.format].title if found.format in WRITERS else found.format,
            positions=_positions(db),
            as_time=queries.at,
        )


@blueprint.get("/p/<slug>/releases/<int:number>/changes")
@takes_long
@needs(Action.LEAD)
def release_changes(slug: str, number: int) -> str | AnyResponse:
    """List what changed since another release, each item with what decided it."""
    wanted = changes.Wanted(
        kind=request.args.get("kind", ""),
        cause=request.args.get("cause", ""),
        before=request.args.get("before"),
        now=request.args.get("now"),
    )
    after = request.args.get("from", 0, type=id_in)
    with database().read() as db:
        found = queries.release_in(db, project().id, number)
        against = _against(queries.releases_of(db, project().id), number)
        if against is None:
            raise NotFound("There is no release before the first one.")
        if not changes.is_known(files(), found, against):
            return redirect(url_for("web.release", slug=slug, number=number, against=against.number), 303)
        listed = changes.listed(files(), found, against, wanted, start=after, size=PAGE)
        return render_template(
            "releases/changes.html",
            one=view_model.summary(found),
            against=against,
            listed=listed,
            wanted=wanted,
            after=after,
            page_size=PAGE,
            causes=CAUSES,
            positions=_positions(db),
            as_time=queries.at,
        )


def _made_with(db: Session, found: Release) -> dict[str, Any]:
    """Return what was chosen, and the conditions of the items in words."""
    chosen = chosen_by(found.format, found.options)
    offered = export_form.Offered.of(db, project())
    return {"chosen": chosen, "which": which_words(chosen.items.which), "asked": export_form.words_of(chosen, offered)}


def _against(found: Any, number: int) -> Release | None:
    """Return the release to compare with: the one that the address names, else the one before; None for the first."""
    earlier = {one.number: one for one in found if one.number < number}
    asked = request.args.get("against", 0, type=id_in)
    return earlier.get(asked) or earlier.get(number - 1)


def _positions(db: Session) -> dict[str, int]:
    return {name: place for place, name in enumerate(classes_of(db, project().id).names, start=1)}


@blueprint.post("/p/<slug>/releases/<int:number>/verify")
@needs(Action.LEAD)
def verify_release(slug: str, number: int) -> AnyResponse:
    """Ask for a check of a release; a worker does it."""
    with database().write() as db:
        queries.release_in(db, project().id, number)
        waiting = jobs.open_job(db, project().id, VERIFY)
        if waiting is None:
            enqueue(db, project().id, VERIFY, payload={"release": number}, by=user_id(), now=clock(db))
        elif waiting.payload.get("release") != number:
            flash(_("Release %(number)s is being verified; wait for it.", number=waiting.payload["release"]), "info")
    return redirect(url_for("web.release", slug=slug, number=number), 303)


@blueprint.post("/p/<slug>/releases/<int:number>/compare")
@needs(Action.LEAD)
def compare_release(slug: str, number: int) -> AnyResponse:
    """Ask for what changed since an earlier release; a worker works it out, where it is not known yet."""
    asked = request.form.get("against", 0, type=id_in)
    with database().write() as db:
        found, against = (queries.release_in(db, project().id, one) for one in (number, asked))
        waiting = jobs.open_job(db, project().id, COMPARE)
        if asked < number and not changes.is_known(files(), found, against):
            if waiting is None:
                payload = {"release": number, "against": asked}
                enqueue(db, project().id, COMPARE, payload=payload, by=user_id(), now=clock(db))
            elif not _is_about(waiting, found, against):
                flash(_("Two other releases are being compared; wait for them."), "info")
    return redirect(url_for("web.release", slug=slug, number=number, against=asked), 303)


def _is_about(job: Job, release: Release, against: Release | None) -> bool:
    """Whether a job compares these two."""
    pair = (release.number, against.number if against else 0)
    return (job.payload.get("release"), job.payload.get("against")) == pair


@blueprint.get("/p/<slug>/releases/<int:number>/archive")
@takes_long
@needs(Action.LEAD)
def download_release(slug: str, number: int) -> Response:
    """Download a release."""
    del slug
    return release_file(project(), number)


@blueprint.get("/p/<slug>/releases/<int:number>/files/<path:name>")
@takes_long
@needs(Action.LEAD)
def download_release_file(slug: str, number: int, name: str) -> Response:
    """Download one file of a release."""
    del slug
    return file_of(project(), number, name)

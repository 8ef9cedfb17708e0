"""A project's guidelines: everybody in it reads them, a lead writes the next version. Versions are never changed."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from labeler.accounts.permissions import Action
from labeler.errors import NotFound
from labeler.extensions import database
from labeler.extensions.access import actor, needs, project, user_id
from labeler.projects.actions import add_guideline
from labeler.projects.queries import guideline_of, guidelines_of
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.forms import GuidelinesForm
from labeler.web.markdown import render
from labeler.web.numbers import id_in


@blueprint.get("/p/<slug>/guidelines")
@needs(Action.SEE_PROJECT)
def guidelines(slug: str) -> str:
    """Show the newest guidelines; a lead may look at an earlier version with `?version=`."""
    del slug
    with database().read() as db:
        versions = guidelines_of(db, project().id)
    newest = versions[0].version if versions else 0
    wanted = request.args.get("version", newest, type=id_in) if actor().may(Action.LEAD) else newest
    shown = next((one for one in versions if one.version == wanted), None)
    if shown is None and versions:
        raise NotFound(_("There is no such version of the guidelines."))
    html = render(shown.text) if shown else ""
    return render_template("guidelines.html", versions=versions, shown=shown, html=html, newest=newest)


@blueprint.route("/p/<slug>/guidelines/edit", methods=["GET", "POST"])
@needs(Action.LEAD)
def edit_guidelines(slug: str) -> Response | AnyResponse:
    """Write the next version; "Preview" shows it without keeping it."""
    with database().read() as db:
        newest = guideline_of(db, project().id)
    form = GuidelinesForm(text=newest.text if newest else "")
    text = (form.text.data or "").replace("\r\n", "\n")
    preview = "preview" in request.form
    if form.validate_on_submit() and not preview:
        with database().write() as db:
            version = add_guideline(db, project().id, text, by=user_id(), now=clock(db))
        flash(_("Version %(number)s of the guidelines is what annotators see now.", number=version), "success")
        return redirect(url_for("web.guidelines", slug=slug))
    page = render_template("edit_guidelines.html", form=form, preview=render(text) if preview else None)
    return make_response(page, 422 if form.errors else 200)

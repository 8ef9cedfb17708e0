"""The people of one project: who is in it, how much each has answered, and how somebody joins."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from labeler import workflow
from labeler.accounts import actions, queries
from labeler.accounts.actions import PROJECT_ROLES, Invitation
from labeler.accounts.permissions import Action
from labeler.annotations.queries import counted_by_user
from labeler.errors import Invalid, LabelerError, NotFound
from labeler.extensions import database
from labeler.extensions.access import actor, needs, project, user_id
from labeler.extensions.addresses import public_link
from labeler.extensions.translating import translated
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.shared.forms import MemberForm


@blueprint.get("/p/<slug>/people")
@needs(Action.LEAD)
def people(slug: str) -> Response:
    """List the people of a project and its open invites."""
    del slug
    return _people(MemberForm(None))


@blueprint.post("/p/<slug>/people")
@needs(Action.LEAD)
def add_member(slug: str) -> Response | AnyResponse:
    """Put somebody with an account into the project, or make an invite for somebody without and show its link."""
    form = MemberForm()
    if not form.validate():
        return _people(form)
    email, role = form.email.data, form.role.data
    try:
        with database().write() as db:
            now = clock(db)
            try:
                person = queries.user_by_email(db, email)
            except NotFound:
                wanted = Invitation(email, project_id=project().id, project_role=role)
                token = actions.add_invite(db, wanted, by=user_id(), now=now)
            else:
                token = ""
                actions.set_member(db, project().id, person.id, role=role, now=now)
    except LabelerError as error:
        form.refuse(error)
        return _people(form)
    if token:
        made = public_link("web.link", token=token)
        return _people(MemberForm(None), made=made, made_for=email, status=201)
    flash(_("%(who)s is in the project now.", who=email), "success")
    return redirect(url_for("web.people", slug=slug))


@blueprint.post("/p/<slug>/people/<int:member>")
@needs(Action.LEAD)
def change_member(slug: str, member: int) -> AnyResponse:
    """Change a member's role, or take them out; what they answered stays."""
    role = request.form.get("role", "")
    try:
        with database().write() as db:
            if member not in {one.user_id for one in queries.members(db, project().id)}:
                raise NotFound("This person is not a member of the project.")
            if role == "out":
                workflow.remove_member(db, project().id, member)
            else:
                actions.set_member(db, project().id, member, role=role, now=clock(db))
    except Invalid as error:
        flash(translated(error.message), "error")
    else:
        flash(_("Taken out. Their answers stay.") if role == "out" else _("The role is changed."), "success")
    gone = member == user_id() and not actor().may(Action.MANAGE_PEOPLE)
    return redirect(url_for("web.projects") if gone else url_for("web.people", slug=slug))


@blueprint.post("/p/<slug>/people/invites/<int:invite_id>/withdraw")
@needs(Action.LEAD)
def withdraw_project_invite(slug: str, invite_id: int) -> AnyResponse:
    """Make an open invite into this project worthless."""
    with database().write() as db:
        actions.withdraw_invite(db, invite_id, project_id=project().id)
    flash(_("The invite does not work any more."), "success")
    return redirect(url_for("web.people", slug=slug))


def _people(form: MemberForm, *, made: str = "", made_for: str = "", status: int = 0) -> Response:
    with database().read() as db:
        page = render_template(
            "people/people.html",
            form=form,
            made=made,
            made_for=made_for,
            members=queries.members(db, project().id),
            counts=counted_by_user(db, project().id),
            invites=queries.open_invites(db, clock(db), project().id),
            roles=PROJECT_ROLES,
            me=user_id(),
        )
    return make_response(page, status or (422 if form.errors else 200))

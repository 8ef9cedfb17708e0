"""The accounts of this installation: who there is, what each may do, and how somebody new gets in.

There is no open sign-up and no mail: an admin makes a link that works once and hands it over.
"""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from labeler import workflow
from labeler.accounts import actions, queries
from labeler.accounts.actions import ROLES, Invitation
from labeler.accounts.permissions import Action
from labeler.errors import Conflict, Invalid
from labeler.extensions import database
from labeler.extensions.access import needs, user_id
from labeler.extensions.addresses import public_link
from labeler.extensions.translating import translated
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.shared.forms import InviteForm


@blueprint.get("/people")
@needs(Action.MANAGE_PEOPLE)
def admin() -> Response:
    """List the accounts and open invites."""
    return _people(InviteForm(None))


@blueprint.post("/people/invite")
@needs(Action.MANAGE_PEOPLE)
def invite() -> Response:
    """Make an invite and show its link, this once."""
    form = InviteForm()
    if not form.validate():
        return _people(form)
    try:
        with database().write() as db:
            wanted = Invitation(form.email.data, role=form.role.data)
            token = actions.add_invite(db, wanted, by=user_id(), now=clock(db))
    except (Invalid, Conflict) as error:
        form.refuse(error)
        return _people(form)
    made = public_link("web.link", token=token)
    return _people(InviteForm(None), made=made, made_for=form.email.data, status=201)


@blueprint.post("/people/<int:account>/link")
@needs(Action.MANAGE_PEOPLE)
def add_sign_in_link(account: int) -> Response:
    """Make a link that signs one person in, once: the way back for a forgotten password."""
    with database().write() as db:
        person = queries.user_of(db, account)
        token = actions.add_sign_in_link(db, person.id, clock(db), by=user_id())
    made = public_link("web.link", token=token)
    return _people(InviteForm(None), made=made, made_for=person.email, status=201)


@blueprint.post("/people/<int:account>")
@needs(Action.MANAGE_PEOPLE)
def change_account(account: int) -> AnyResponse:
    """Change the role of an account, or switch it on or off."""
    state = {"on": True, "off": False}.get(request.form.get("state", ""))
    role = request.form.get("role") or None
    try:
        with database().write() as db:
            workflow.change_account(db, account, role=role, active=state)
    except (Invalid, Conflict) as error:
        flash(translated(error.message), "error")
    else:
        flash(_("Saved. If this person was signed in, they have to sign in again."), "success")
    return redirect(url_for("web.admin"))


@blueprint.post("/people/invites/<int:invite_id>/withdraw")
@needs(Action.MANAGE_PEOPLE)
def withdraw_invite(invite_id: int) -> AnyResponse:
    """Make an open invite worthless."""
    with database().write() as db:
        actions.withdraw_invite(db, invite_id)
    flash(_("The invite does not work any more."), "success")
    return redirect(url_for("web.admin"))


def _people(form: InviteForm, *, made: str = "", made_for: str = "", status: int = 0) -> Response:
    with database().read() as db:
        now = clock(db)
        page = render_template(
            "admin/admin.html",
            form=form,
            made=made,
            made_for=made_for,
            people=queries.all_users(db),
            signed_in=queries.newest_sign_ins(db, now),
            invites=queries.open_invites(db, now),
            roles=ROLES,
            me=user_id(),
        )
    return make_response(page, status or (422 if form.errors else 200))

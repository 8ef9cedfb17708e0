"""Signing in and out, links, one's own account, and the accounts of this installation."""

from labeler.accounts.permissions import Action
from labeler.extensions.access import needs
from labeler.web.blueprint import blueprint


@blueprint.get("/sign-in")
@needs(Action.OPEN)
def sign_in() -> str:
    return "sign_in"


@blueprint.post("/sign-out")
@needs(Action.OPEN)
def sign_out() -> str:
    return "sign_out"


@blueprint.get("/link/<token>")
@needs(Action.OPEN)
def link(token: str) -> str:
    return "link"


@blueprint.post("/theme")
@needs(Action.OPEN)
def set_theme() -> str:
    return "set_theme"


@blueprint.get("/account")
@needs(Action.USE)
def account() -> str:
    return "account"


@blueprint.get("/people")
@needs(Action.MANAGE_PEOPLE)
def admin() -> str:
    return "admin"

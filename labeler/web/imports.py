"""Bringing items in: upload, mapping, result."""

from labeler.accounts.permissions import Action
from labeler.extensions.access import needs
from labeler.web.blueprint import blueprint


@blueprint.get("/p/<slug>/data")
@needs(Action.LEAD)
def data(slug: str) -> str:
    return "data"

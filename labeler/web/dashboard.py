"""The lead's overview of a project."""

from labeler.accounts.permissions import Action
from labeler.extensions.access import needs
from labeler.web.blueprint import blueprint


@blueprint.get("/p/<slug>/")
@needs(Action.LEAD)
def overview(slug: str) -> str:
    return "overview"

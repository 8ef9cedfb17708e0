"""Taking labels out."""

from labeler.accounts.permissions import Action
from labeler.extensions.access import needs
from labeler.web.blueprint import blueprint


@blueprint.get("/p/<slug>/exports")
@needs(Action.LEAD)
def exports(slug: str) -> str:
    return "exports"

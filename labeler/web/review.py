"""The review queue with its evidence."""

from labeler.accounts.permissions import Action
from labeler.extensions.access import needs
from labeler.web.blueprint import blueprint


@blueprint.get("/p/<slug>/review")
@needs(Action.LEAD)
def review(slug: str) -> str:
    return "review"

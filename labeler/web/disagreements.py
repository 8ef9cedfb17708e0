"""Items whose votes differ, side by side."""

from labeler.accounts.permissions import Action
from labeler.extensions.access import needs
from labeler.web.blueprint import blueprint


@blueprint.get("/p/<slug>/disagreements")
@needs(Action.LEAD)
def disagreements(slug: str) -> str:
    return "disagreements"

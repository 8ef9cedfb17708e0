"""The annotator's screen."""

from labeler.accounts.permissions import Action
from labeler.extensions.access import needs
from labeler.web.blueprint import blueprint


@blueprint.get("/p/<slug>/label")
@needs(Action.ANNOTATE)
def label(slug: str) -> str:
    return "label"

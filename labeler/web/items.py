"""Lists of items behind every count, and one item with its whole history."""

from labeler.accounts.permissions import Action
from labeler.extensions.access import needs
from labeler.web.blueprint import blueprint


@blueprint.get("/p/<slug>/items")
@needs(Action.LEAD)
def items(slug: str) -> str:
    return "items"


@blueprint.get("/p/<slug>/items/<int:item_id>")
@needs(Action.LEAD)
def item(slug: str, item_id: int) -> str:
    return "item"

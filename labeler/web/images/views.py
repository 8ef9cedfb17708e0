"""The bytes of pictures: only our own re-encoded copies, only to people of the project."""

from flask import Response, make_response, request, send_file

from labeler.accounts.permissions import Action
from labeler.errors import NotFound
from labeler.extensions import database, files
from labeler.extensions.access import for_programs, needs, project
from labeler.extensions.headers import as_user_bytes
from labeler.projects.queries import item_in
from labeler.storage.files import FileStore
from labeler.web.blueprint import blueprint

_SIZES = {"display": FileStore.open_display, "thumb": FileStore.open_thumb, "original": FileStore.open_whole}


@blueprint.get("/p/<slug>/images/<int:item_id>/<size>")
@for_programs
@needs(Action.SEE_PROJECT)
def image(slug: str, item_id: int, size: str) -> Response:
    """Send the display copy of an item's picture, its thumbnail, or our copy at the size of the original."""
    del slug
    if size not in _SIZES:
        raise NotFound("There is no such picture.")
    with database().read() as session:
        item = item_in(session, project().id, item_id)
        digest = item.content_hash
    if item.width is None:
        raise NotFound("This item has no picture.")
    files().confirm(digest)
    if request.if_none_match.contains(digest):
        return as_user_bytes(make_response("", 304))
    served = _SIZES[size](files(), digest)
    response = make_response(send_file(served.path, mimetype=served.content_type, conditional=False))
    response.set_etag(digest)
    return as_user_bytes(response)

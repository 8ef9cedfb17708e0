"""Where to go after signing in: kept in the session by the server, never read from the address."""

from flask import redirect, request, session, url_for
from werkzeug import Response

_KEY = "return_to"


def remember() -> None:
    """Keep the page that was asked for."""
    session[_KEY] = request.full_path.rstrip("?")


def go_on() -> Response:
    """Go to the page that was kept, or to the start."""
    return redirect(session.pop(_KEY, None) or url_for("web.projects"))

"""Where to go after signing in: kept in the session by the server, never read from an address or a form.

So no link can send somebody who signs in to a foreign page, and there is nothing to parse.
"""

from flask import redirect, request, session, url_for
from werkzeug import Response

_KEY = "return_to"
_SMALL = "small_window"


def remember() -> None:
    """Keep the page that was asked for."""
    session[_KEY] = request.full_path.rstrip("?")


def remember_window(*, small: bool) -> None:
    """Keep whether the sign-in page was opened as a small window beside the workspace."""
    session[_SMALL] = small


def kept() -> dict[str, str | bool]:
    """Return what was kept, to be put into the new session that a sign-in starts."""
    return {name: session[name] for name in (_KEY, _SMALL) if name in session}


def go_on() -> Response:
    """Go to the page that was kept, or to the start; a small window only says that it can be closed."""
    if session.pop(_SMALL, False):
        return redirect(url_for("web.signed_in"))
    return redirect(session.pop(_KEY, None) or url_for("web.projects"))

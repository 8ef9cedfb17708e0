"""Errors as pages: what happened and what to do next.

Note: only a page that somebody asked for leads to the sign-in form. A picture or a script that
asks gets a plain 401, or it would be sent to that form and take it for an answer.
"""

from flask import Response, make_response, redirect, render_template, request, url_for

from labeler.errors import LabelerError, Unauthorised
from labeler.extensions.translating import translated
from labeler.web.shared.after_sign_in import remember


def error_page(error: LabelerError) -> Response:
    """Return the page of an error; somebody who is not signed in is asked to do that first."""
    if error.status == Unauthorised.status and _is_page() and request.endpoint != "web.sign_in":
        remember()
        return make_response(redirect(url_for("web.sign_in")))
    # Werkzeug's own descriptions are for developers, and English in every language; the page has better words
    message = "" if type(error) is LabelerError else translated(error.message)
    return make_response(render_template("shared/error.html", code=error.status, message=message), error.status)


def _is_page() -> bool:
    return request.method == "GET" and request.headers.get("Sec-Fetch-Dest", "document") == "document"

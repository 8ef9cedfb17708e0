"""Errors as pages: what happened and what to do next."""

from flask import Response, make_response, render_template, url_for

from labeler.errors import LabelerError


def error_page(error: LabelerError) -> Response:
    """Return the page of an error; somebody who is not signed in is asked to do that first."""
    if error.status == 401:  # noqa: PLR2004 - Unauthorised
        from flask import redirect, request

        from labeler.web.returning import remember

        if request.method == "GET" and request.endpoint != "web.sign_in":
            remember()
            return redirect(url_for("web.sign_in"))  # type: ignore[return-value]
    response = make_response(render_template("error.html", error=error), error.status)
    return response

"""Errors as RFC 9457 problem documents."""

import json

from flask import Response

from labeler.errors import LabelerError


def problem(error: LabelerError) -> Response:
    """Return the problem document of an error: type, title, status, detail and, where one is wrong, the field."""
    body = {"type": "about:blank", "title": error.title, "status": error.status, "detail": error.message}
    if error.field:
        body["field"] = error.field
    return Response(json.dumps(body), status=error.status, content_type="application/problem+json")

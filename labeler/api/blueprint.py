"""The blueprint of /api/v1, which every resource hangs its routes on, and what its own errors become.

APIFlask's validation errors and Flask's "bad request" know no fields and no problem documents; here they get both.
"""

from apiflask import APIBlueprint, HTTPError
from flask import Response
from werkzeug.exceptions import BadRequest

from labeler.api.problems import Fault, bad_request, faulty

blueprint = APIBlueprint("api", "labeler.api", url_prefix="/api/v1", tag="Labeler")


@blueprint.errorhandler(HTTPError)
def answer_validation_error(error: HTTPError) -> Response:
    """Answer with the problem document that names each wrong field of a body or a query string."""
    by_place = error.detail if isinstance(error.detail, dict) else {}
    faults = [Fault(name, text) for fields in by_place.values() for name, texts in fields.items() for text in texts]
    return faulty(faults)


@blueprint.errorhandler(BadRequest)
def answer_bad_request(error: BadRequest) -> Response:
    """Answer what could not even be read, such as malformed JSON."""
    # outside of debug mode Flask hides what was wrong with the JSON behind an empty error
    cause = error.__cause__ if isinstance(error.__cause__, BadRequest) else error
    return bad_request(cause.description or error.description or error.name)

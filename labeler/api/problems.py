"""Errors as RFC 9457 problem documents.

A message is in the language of the page where a script of our own pages asks, and in English for every other program.
Note on the 422s: `field` is the first wrong field, for programs that show one message; `errors` lists
all of them and is there only when a body or a query string did not fit its model.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import Response

from labeler.errors import Invalid, LabelerError
from labeler.extensions.access import asks_a_page
from labeler.extensions.translating import translated
from labeler.messages import verbatim

SHOWN = 20
_WHOLE = "_schema"  # the field APIFlask names when the body as a whole is wrong
_UNKNOWN = "Extra inputs are not permitted"


class Fault(NamedTuple):
    """One wrong field, by its path in the body (`classes.0.name`), and what is wrong with it."""

    field: str
    message: str


def problem(error: LabelerError) -> Response:
    """Return the problem document of an error: type, title, status, detail and, where one is wrong, the field."""
    return _document(error.status, error.title, told(error.message), {"field": error.field} if error.field else {})


def told(message: str) -> str:
    """Return a message in the language of the page whose script asks; programs get the same English everywhere."""
    return translated(message) if asks_a_page() else message


def faulty(faults: Sequence[Fault]) -> Response:
    """Return the problem document of input that does not fit: every wrong field with its reason."""
    error = invalid(faults)
    listed = [fault._asdict() for fault in _readable(faults)[:SHOWN]]
    return _document(error.status, error.title, error.message, {"field": error.field, "errors": listed})


def invalid(faults: Sequence[Fault]) -> Invalid:
    """Return the error that stands for these faults: its sentence names each of the first few."""
    readable = _readable(faults)
    message = " ".join(
        f"{fault.field}: {fault.message}." if fault.field else f"{fault.message}." for fault in readable[:3]
    )
    if not message:
        return Invalid("The input does not fit.")
    return Invalid(verbatim(message), field=readable[0].field)


def bad_request(message: str) -> Response:
    """Return the problem document of a request that could not be read at all."""
    return _document(400, "Cannot be read", message, {})


def _readable(faults: Sequence[Fault]) -> list[Fault]:
    return [
        Fault("" if field == _WHOLE else field, "not a field that can be set here" if text == _UNKNOWN else text)
        for field, text in faults
    ]


def _document(status: int, title: str, detail: str, more: dict[str, Any]) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    answer = Response(json.dumps(body), status=status, content_type="application/problem+json")
    if status == 401:  # noqa: PLR2004 - RFC 9110 wants to be told how to sign in
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Labeler"'
    return answer

"""What a request may ask of the server, known from its method and address before anything of its body is read.

A view says so with a mark: `@takes_uploads` and `@takes_many` raise how large a body may be, `@takes_long` says that
the answer takes more than a moment, `@answers_at_once` that it waits for nothing. Note: a mark
is no permission. Who may send is asked by the same check as ever (`extensions.access`), but before the body arrives:
the server (`cli.doors`) sends the request once without its body, marked as a knock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from labeler.accounts.permissions import Action

View = TypeVar("View", bound=Callable[..., Any])

SMALL = 64 * 1024  # bytes of a body that are read of anybody
USUAL = 2 * 1024**2  # of somebody who may use the address
MANY = 16 * 1024**2  # a hundred answers with many parts each

ACTION, _MOST, _LONG, _AT_ONCE = "labeler_action", "labeler_most", "labeler_long", "labeler_at_once"
_UPLOAD = 0

DOOR = "labeler.door"  # in the WSGI environment, where no client can write: what the server wants to know or say
KNOCK, TOO_LARGE, UNREAD = "knock", "too large", "unread"


@dataclass(frozen=True)
class Demand:
    """What one request may ask. most: bytes of its body; long: it takes its time; at_once: it waits for nothing."""

    most: int = SMALL
    long: bool = False
    at_once: bool = False


def takes_uploads(view: View) -> View:
    """Mark a view as one that takes whole files, up to the setting LABELER_MAX_UPLOAD_BYTES."""
    setattr(view, _MOST, _UPLOAD)
    return view


def takes_many(view: View) -> View:
    """Mark a view as one that takes many things at once, up to MANY bytes."""
    setattr(view, _MOST, MANY)
    return view


def takes_long(view: View) -> View:
    """Mark a view as one whose answer grows with the project: these run apart, so that nobody waits behind them."""
    setattr(view, _LONG, True)
    return view


def answers_at_once(view: View) -> View:
    """Mark a view as one that must answer whatever else is going on."""
    setattr(view, _AT_ONCE, True)
    return view


def most_bytes(app: Flask, request: Request) -> int:
    """Return how large the body of a request may be that Flask has routed already, in bytes."""
    return _demand(app, request.endpoint or "").most


def demand_of(app: Flask, method: str, path: str) -> Demand:
    """Return what a request may ask; an address that leads nowhere may ask little. path: decoded, without a query."""
    try:
        endpoint, _ = app.url_map.bind("").match(path, method)
    except (HTTPException, RequestRedirect):
        return Demand()
    return _demand(app, endpoint)


def _demand(app: Flask, endpoint: str) -> Demand:
    view = app.view_functions.get(endpoint)
    if view is None:
        return Demand()
    usual = SMALL if getattr(view, ACTION, Action.OPEN) is Action.OPEN else USUAL
    most: int = getattr(view, _MOST, usual)
    if most == _UPLOAD:
        most = app.config["MAX_CONTENT_LENGTH"]
    return Demand(min(most, app.config["MAX_CONTENT_LENGTH"]), hasattr(view, _LONG), hasattr(view, _AT_ONCE))

"""Everything that can go wrong for a person, as one tree.

LabelerError                      says what happened and what to do next
├── Invalid                       the input is wrong; nothing was changed (422)
├── Misdirected                   the request calls this server by a name that is not its own (400)
├── Unauthorised                  nobody is signed in (401)
├── Forbidden                     signed in, but not allowed (403)
├── NotFound                      not there, or not yours to know (404)
├── Conflict                      clashes with what is stored; nothing was changed (409)
│   └── TakenOver                 another worker has the job by now
├── Cancelled                     somebody asked for the end of this work while it ran (409)
├── TooLarge                      over a limit that protects the server (413)
├── Failed                        work that was waited for ended with an error (500)
└── Unavailable                   cannot be done now; try again (503)
    ├── Unreachable               the other end did not answer, or broke off
    └── Unfinished                work goes on, and nobody waits for it any longer

Rules raise these; each edge (web, api, cli) maps them to its own form in one table. A sentence is given as a message
id and its values: `Invalid("The id {id!r} stands twice.", field="id", id=row.id)`; see `labeler.messages`.
"""

from typing import Any

from labeler.messages import Message


class LabelerError(Exception):
    """Base of all errors a person may see.

    message: a sentence that says what to do next, which also knows its id and values; field: the name of the wrong
    field, or "".
    """

    status = 500
    title = "Something went wrong"

    def __init__(self, message: str, /, *, field: str = "", **values: Any) -> None:
        self.message = message if isinstance(message, Message) else Message(message, **values)
        super().__init__(str(self.message))
        self.field = field


class Invalid(LabelerError):
    """The input is wrong; nothing was changed."""

    status = 422
    title = "Not valid"


class Misdirected(LabelerError):
    """The request calls this server by a name that is not its own."""

    status = 400
    title = "Unknown host"


class Unauthorised(LabelerError):
    """Nobody is signed in."""

    status = 401
    title = "Sign in first"


class Forbidden(LabelerError):
    """Signed in, but not allowed to do this."""

    status = 403
    title = "Not allowed"


class NotFound(LabelerError):
    """Not there, or not this person's to know about."""

    status = 404
    title = "Not found"


class Conflict(LabelerError):
    """Clashes with what is stored; nothing was changed."""

    status = 409
    title = "Conflict"


class TakenOver(Conflict):
    """Another worker has the job by now, so this one may not report on it any more."""


class Cancelled(LabelerError):
    """Somebody asked for the end of this work while it ran. result: what was done by then, where that is kept."""

    status = 409
    title = "Cancelled"

    def __init__(self, message: str, /, **values: Any) -> None:
        super().__init__(message, **values)
        self.result: dict[str, Any] = {}


class TooLarge(LabelerError):
    """Over a limit that protects the server."""

    status = 413
    title = "Too large"


class Unavailable(LabelerError):
    """Cannot be done at the moment."""

    status = 503
    title = "Try again"


class Failed(LabelerError):
    """Work that was waited for ended with an error; what it says is why."""

    title = "Failed"


class Unreachable(Unavailable):
    """The other end of a connection did not answer, or broke off."""


class Unfinished(Unavailable):
    """Work goes on, and nobody waits for it any longer."""

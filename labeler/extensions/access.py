"""Who asks, and whether they may: one check in front of every view, default deny.

A view names its action with `@needs(Action.…)`; one without is refused, whoever asks. A view with `slug` in its address
gets `g.project`; to somebody without a role there, a project looks exactly like one that does not exist.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

from flask import Response, current_app, g, request, session

from labeler.accounts import queries as accounts
from labeler.accounts.permissions import Action, Actor
from labeler.errors import Forbidden, Invalid, NotFound, TooLarge, Unauthorised, Unavailable
from labeler.extensions import csrf, database
from labeler.extensions.demands import ACTION, DOOR, KNOCK, TOO_LARGE, UNREAD, most_bytes
from labeler.projects.models import Project
from labeler.projects.queries import project_and_role
from labeler.storage.database import clock

View = TypeVar("View", bound=Callable[..., Any])
SIGN_IN = "sign_in"  # the name under which the browser's sign-in token stands in the session cookie
_FOR_PROGRAMS = "labeler_for_programs"
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NO_ID = 2**31  # PostgreSQL keeps ids in 32 bits
_USED_EVERY = timedelta(minutes=10)


def needs(action: Action) -> Callable[[View], View]:
    """Declare which action a view is; the table in accounts/permissions.py says who may."""

    def declare(view: View) -> View:
        setattr(view, ACTION, action)
        return view

    return declare


def for_programs(view: View) -> View:
    """Mark a view outside the API that a bearer token opens too: the API hands out its address."""
    setattr(view, _FOR_PROGRAMS, True)
    return view


def asks_a_program() -> bool:
    """Whether the request comes from a program, which reads problem documents and no pages.

    What programs may fetch outside the API is asked for by a browser as a page, or for one, and else by a program.
    """
    if request.path.startswith("/api/") or _bearer() is not None:
        return True
    from_a_browser = "Sec-Fetch-Dest" in request.headers or "text/html" in request.headers.get("Accept", "")
    return _takes_bearer() and not from_a_browser and SIGN_IN not in session


def asks_a_page() -> bool:
    """Whether the request comes from a script of our own pages: a person reads what it is told."""
    return SIGN_IN in session and _bearer() is None


def _bearer() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _takes_bearer() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return request.path.startswith("/api/") or hasattr(view, _FOR_PROGRAMS)


def action_of(endpoint: str) -> Action | None:
    """Return the action an endpoint declared, or None."""
    return getattr(current_app.view_functions.get(endpoint), ACTION, None)


def actor() -> Actor:
    """Return who asks."""
    return cast("Actor", g.actor)


def user_id() -> int:
    """Return the id of who asks; raises Unauthorised for nobody."""
    found = actor().user_id
    if found is None:
        raise Unauthorised("Sign in first.")
    return found


def project() -> Project:
    """Return the project in the address, as it was when the request came in."""
    return cast("Project", g.project)


def check_access() -> Response | None:
    """Run before every view: find out who asks and refuse what the table does not allow.

    Returns an answer, 204, only to the server's own question whether the sender of a large body may send it.
    """
    g.actor, g.project = Actor(), None
    if request.endpoint is None:
        return None  # no such address: the 404 says so
    request.max_content_length = most_bytes(current_app, request)
    _check_door()
    _check_rights(request.endpoint)
    return Response(status=204) if _is_knock() else None


def _is_knock() -> bool:
    # then there is no body yet, so neither its token nor its texts can be looked at; they are when it has come
    return request.environ.get(DOOR) == KNOCK


def _check_door() -> None:
    word = request.environ.get(DOOR)
    if word == TOO_LARGE:
        raise TooLarge("This address takes {most:,} bytes at most. Send less at once.", most=request.max_content_length)
    if word == UNREAD:
        raise Unavailable("Many exports were asked for and not read yet. Try again in a minute.")


def _check_rights(endpoint: str) -> None:
    action = action_of(endpoint)
    if action is None:
        raise Forbidden("This address has no rule that would allow it.")
    parts = request.view_args or {}
    if any(not _could_exist(part) for part in parts.values()):
        raise NotFound("There is nothing at this address.")
    if endpoint == "static":
        return  # the same bytes for everybody: a script does not wait until the database has said who asks
    slug = parts.get("slug")
    if action is Action.OPEN and slug is None and SIGN_IN not in session:
        _check_csrf(by_cookie=True)
        _check_texts()
        return
    _load(slug)
    if not actor().may(action):
        if actor().user_id is None:
            raise Unauthorised("Sign in first.")
        if slug is not None and not actor().may(Action.SEE_PROJECT):
            raise NotFound("There is no project {name!r}.", name=slug)
        raise Forbidden("Your role here does not include this. Ask a lead of the project.")
    _check_texts()


def _could_exist(part: str | int) -> bool:
    # neither database takes a number of any length, and PostgreSQL no NUL: both would be errors instead of "not there"
    return part < NO_ID if isinstance(part, int) else "\0" not in part


def _check_texts() -> None:
    # a page's forms and addresses are text that goes to the database; JSON and files are checked where they are read
    sent = [request.args, request.form] if request.mimetype in _FORMS else [request.args]
    for name, texts in (pair for fields in sent for pair in fields.lists()):
        if any("\0" in text for text in (name, *texts)):
            raise Invalid(
                "{name!r} holds a NUL character, which is no text. Remove it and send this again.",
                field=name,
                name=name,
            )


def _load(slug: str | None) -> None:
    """Fill g.actor and g.project.

    A missing CSRF token is found before the project is looked for, or the answer would tell whether it exists.
    """
    token = _bearer() if _takes_bearer() else None
    with database().read() as db:
        now = clock(db)
        if token is not None:
            g.actor, used = accounts.token_actor(db, token)
            stale = used is not None and (used.last_used_at is None or now - used.last_used_at > _USED_EVERY)
        elif SIGN_IN in session:
            g.actor, stale = accounts.signed_in_actor(db, session[SIGN_IN], now), False
            _check_same_person()
        else:
            stale = False
        _check_csrf(by_cookie=token is None)
        if slug is not None and g.actor.user_id is not None:
            g.project, role = project_and_role(db, slug, g.actor.user_id)
            g.actor = Actor(g.actor.user_id, g.actor.email, g.actor.name, g.actor.role, role)
    if token is not None and stale:
        _mark_used(token)


def _check_same_person() -> None:
    # a page says for whom its answers are, so that one person's outbox is never sent under another's sign-in
    meant = request.headers.get("X-Labeler-User")
    if meant is not None and meant != str(actor().user_id):
        raise Unauthorised("Somebody else is signed in here now. Sign in again to go on.")


def _mark_used(token: str) -> None:
    with database().write() as db:
        _, used = accounts.token_actor(db, token)
        if used is not None:
            used.last_used_at = clock(db)


def _check_csrf(*, by_cookie: bool) -> None:
    # a bearer token is not sent by a browser on its own, so another site cannot borrow it
    if not by_cookie or request.method in _SAFE or _is_knock():
        return
    if current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()

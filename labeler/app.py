"""create_app(settings): the only place where the parts meet."""

from pathlib import Path

from apiflask import APIFlask
from flask import Response, current_app, request
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from labeler import __version__, api, task_types
from labeler.accounts.permissions import Action
from labeler.config import Settings
from labeler.errors import Conflict, LabelerError, Unavailable
from labeler.extensions import Instance, attach, babel, csrf, limiter
from labeler.extensions.access import asks_a_program, check_access, needs
from labeler.extensions.addresses import BelievedProxies, check_host
from labeler.extensions.compression import pack
from labeler.extensions.cookies import Cookies
from labeler.extensions.headers import add_headers
from labeler.messages import verbatim
from labeler.quality import detectors
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade
from labeler.web.assets.static_files import serve_static
from labeler.web.pages import blueprint
from labeler.web.shared.context import LANGUAGES
from labeler.web.shared.errors import error_page

_HERE = Path(__file__).parent


def create_app(settings: Settings) -> APIFlask:
    """Build the app on one instance folder; brings the database up to date first."""
    database = Database(settings)
    upgrade(database)
    app = APIFlask(
        "labeler",
        title="Labeler",
        version=__version__,
        spec_path="/api/v1/openapi.json",
        docs_path=None,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type]  # pages serve their own, under an address that changes
        root_path=str(_HERE),
    )
    app.jinja_loader = _templates()
    instance = Instance(settings, database, FileStore.of(settings))
    app.extensions.update(attach(instance))
    _configure(app, settings)
    babel.init_app(app, locale_selector=_language)
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(check_host)
    app.before_request(check_access)
    app.after_request(add_headers)
    app.after_request(pack)
    app.register_blueprint(blueprint)
    api.register(app)
    app.view_functions["openapi.spec"] = needs(Action.OPEN)(app.view_functions["openapi.spec"])
    serve_static(app, instance)
    app.register_error_handler(LabelerError, _answer_error)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_crash)
    return app


def _templates() -> ChoiceLoader:
    """Find the pages in `web/`, and the parts of pages that a kind owns beside the kind."""
    kinds = {"task_types": task_types, "detectors": detectors}
    beside = {name: FileSystemLoader(Path(kind.__path__[0])) for name, kind in kinds.items()}
    return ChoiceLoader([FileSystemLoader(_HERE / "web"), PrefixLoader(beside)])


def _configure(app: APIFlask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key(),
        SESSION_COOKIE_NAME="__Host-session" if settings.secure_cookies else "session",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,  # a sign-in ends when the database says so, not when a cookie does
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_CHECK_DEFAULT=False,  # extensions.access decides: a bearer token needs none
        WTF_CSRF_TIME_LIMIT=None,  # as long as the sign-in: an annotator's page stays open all day
        WTF_CSRF_SSL_STRICT=False,  # the origin is checked by SameSite and the token
    )
    app.session_interface = Cookies()
    if settings.trusted_proxies:
        app.wsgi_app = BelievedProxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]


def _language() -> str:
    chosen = request.cookies.get("language", "")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "en"


def _answer_error(error: LabelerError) -> Response:
    answer = api.problem(error) if asks_a_program() else error_page(error)
    if error.status == Unavailable.status:
        answer.headers["Retry-After"] = "30"
    return answer


def _answer_http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # noqa: PLR2004 - redirects are answers, not errors
        return error.get_response()  # type: ignore[return-value]
    wrapped = LabelerError(verbatim(error.description or error.name))
    wrapped.status, wrapped.title = error.code, error.name
    answer = _answer_error(wrapped)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value  # Allow of a 405, Retry-After of a 429
    return answer


def _answer_crash(error: Exception) -> Response:
    if isinstance(error, IntegrityError):
        current_app.logger.warning("two changes at %s clashed", request.path, exc_info=error)
        return _answer_error(Conflict("Somebody else changed the same thing at this moment. Look at it and try again."))
    current_app.logger.error("unexpected error at %s", request.path, exc_info=error)
    if isinstance(error, (OperationalError, InterfaceError, PoolTimeout)):
        answer = _answer_error(Unavailable("The database cannot be reached at the moment. Try again in a moment."))
        answer.headers["Retry-After"] = "5"
        return answer
    return _answer_error(LabelerError("Something went wrong here, and it was written to the log. Nothing was changed."))

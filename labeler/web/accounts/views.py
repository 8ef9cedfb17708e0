"""Signing in and out, one-use links, and one's own account.

Note: opening a link changes nothing. Chat programs open links to draw a preview, so a link is
used by the button on its page. And a sign-in starts from an empty session: whatever was planted in the browser before
is gone, but for the page that was asked for, which the server itself had kept.
"""

from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from labeler import workflow
from labeler.accounts import actions, queries
from labeler.accounts.credentials import MIN_PASSWORD
from labeler.accounts.permissions import Action
from labeler.errors import Conflict, Invalid, Unauthorised
from labeler.extensions import database, settings
from labeler.extensions.access import SIGN_IN, actor, needs, user_id
from labeler.storage.database import clock
from labeler.web.accounts.throttle import Throttle
from labeler.web.blueprint import blueprint
from labeler.web.shared import after_sign_in
from labeler.web.shared.context import LANGUAGES, THEMES
from labeler.web.shared.forms import JoinForm, NameForm, PageForm, PasswordForm, SetUpForm, SignInForm, TokenForm

_A_YEAR = 365 * 24 * 3600


@blueprint.route("/sign-in", methods=["GET", "POST"])
@needs(Action.OPEN)
def sign_in() -> Response | AnyResponse:
    """Ask for e-mail and password. `?window=1`: opened by the workspace as a small window."""
    if request.method == "GET":
        after_sign_in.remember_window(small=request.args.get("window") == "1")
        if actor().user_id is not None:
            return after_sign_in.go_on()
        with database().read() as db:
            if not queries.anybody(db):
                return make_response(render_template("accounts/set_up_first.html"))
    form = SignInForm()
    throttle = Throttle(form.email.data or "")
    if request.method == "POST" and form.validate():
        if wait := throttle.refused():
            return _wait(form, wait)
        try:
            with database().read() as db:
                user = actions.prove(db, form.email.data, form.password.data)
            with database().write() as db:
                token = actions.start_sign_in(db, user, clock(db))
        except Unauthorised as error:
            throttle.failed()
            form.refuse(error)
        else:
            throttle.succeeded()
            _start(token)
            return after_sign_in.go_on()
    status = 422 if form.errors else 200
    return make_response(render_template("accounts/sign_in.html", form=form), status)


def _wait(form: SignInForm, seconds: int) -> Response:
    minutes = max(1, round(seconds / 60))
    words = _("Too many tries. Wait %(count)s minutes and try again, or ask a lead for a sign-in link.", count=minutes)
    form.form_errors.append(words)
    response = make_response(render_template("accounts/sign_in.html", form=form), 429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _start(token: str) -> None:
    """Begin a new session for this sign-in; nothing of the one before survives but where to go on."""
    kept = after_sign_in.kept()
    session.clear()
    session.update(kept)
    session[SIGN_IN] = token
    session.permanent = True


@blueprint.get("/signed-in")
@needs(Action.USE)
def signed_in() -> str:
    """Say that the small window has done its work; the workspace behind it goes on by itself."""
    return render_template("accounts/signed_in.html")


@blueprint.post("/sign-out")
@needs(Action.OPEN)
def sign_out() -> AnyResponse:
    """End this sign-in, also for whoever copied its cookie."""
    if SIGN_IN in session:
        with database().write() as db:
            workflow.sign_out(db, session[SIGN_IN])
    session.clear()
    flash(_("You are signed out."), "success")
    return redirect(url_for("web.sign_in"))


@blueprint.route("/link/<token>", methods=["GET", "POST"])
@needs(Action.OPEN)
def link(token: str) -> Response | AnyResponse:
    """Show what a one-use link is for, and use it when the form on that page is sent."""
    with database().read() as db:
        found = queries.open_link(db, token, clock(db))
        if found.purpose == "setup" and queries.anybody(db):
            raise Conflict("This Labeler was set up already. Sign in instead.")
        email = found.email or ""
    form = {"setup": SetUpForm, "invite": JoinForm}.get(found.purpose, PageForm)()
    if request.method == "POST" and form.validate():
        try:
            _start(_use(found.purpose, token, form))
        except (Invalid, Conflict) as error:
            form.refuse(error)
        else:
            return redirect(url_for("web.welcome")) if found.purpose == "setup" else after_sign_in.go_on()
    page = render_template(f"accounts/link_{found.purpose}.html", form=form, email=email, shortest=MIN_PASSWORD)
    return make_response(page, 422 if form.errors else 200)


def _use(purpose: str, token: str, form: Any) -> str:
    """Use a link; returns the secret token of the sign-in it begins."""
    with database().write() as db:
        now = clock(db)
        if purpose == "sign_in":
            return actions.use_sign_in_link(db, token, now)
        wanted = {"name": form.name.data, "password": form.password.data, "now": now}
        if purpose == "setup":
            user = actions.set_up(db, token, email=form.email.data, **wanted)
        else:
            user = actions.accept_invite(db, token, **wanted)
        return actions.start_sign_in(db, user, now)


@blueprint.get("/welcome")
@needs(Action.CREATE_PROJECT)
def welcome() -> str:
    """Offer the two ways to begin."""
    return render_template("projects/welcome.html")


@blueprint.post("/theme")
@needs(Action.OPEN)
def set_theme() -> AnyResponse:
    """Keep how pages look in this browser, and go back to the page the button was on."""
    theme = request.form.get("theme", "")
    response = redirect(_page_before())
    if theme in THEMES:
        secure = settings().secure_cookies
        response.set_cookie("theme", theme, max_age=_A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


@blueprint.post("/language")
@needs(Action.OPEN)
def set_language() -> AnyResponse:
    """Keep the language of the pages in this browser, and of e-mails, and go back to the page the button was on."""
    language = request.form.get("language", "")
    response = redirect(_page_before())
    if language in LANGUAGES:
        if actor().user_id is not None:
            with database().write() as db:
                actions.prefer(db, user_id(), {"language": language})  # e-mails know no browser
        secure = settings().secure_cookies
        response.set_cookie("language", language, max_age=_A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


def _page_before() -> str:
    """Return the path of the page a form was on, by the browser's word; only ever one of ours that can be read."""
    before = request.referrer or ""
    parts = urlsplit(before)
    path = before.partition(parts.netloc)[2].removeprefix("/") if parts.netloc == request.host else ""
    own = current_app.create_url_adapter(request)
    readable = own is not None and own.test(f"/{path.partition('?')[0]}", "GET")
    # a second slash or a backslash would make a browser read another host out of it
    return f"/{path}" if path and readable and path[0] not in "/\\" else url_for("web.projects")


# -- one's own account ----------------------------------------------------------------------------------------------


@blueprint.get("/account")
@needs(Action.USE)
def account() -> Response:
    """Show one's name, password and tokens."""
    return _account()


@blueprint.post("/account/name")
@needs(Action.USE)
def change_name() -> Response | AnyResponse:
    """Change the name other people see."""
    form = NameForm(prefix="you-")
    try:
        if form.validate():
            with database().write() as db:
                actions.rename_user(db, user_id(), form.name.data)
            flash(_("Your name is changed."), "success")
            return redirect(url_for("web.account"))
    except Invalid as error:
        form.refuse(error)
    return _account(name=form)


@blueprint.post("/account/password")
@needs(Action.USE)
def change_password() -> Response | AnyResponse:
    """Change one's password: every other sign-in ends, this one goes on as a new one."""
    form = _password_form()
    throttle = Throttle(actor().email)
    if form.validate():
        if throttle.refused():
            form.form_errors.append(_("Too many tries. Wait a quarter of an hour and try again."))
            return _account(password=form, status=429)
        try:
            with database().write() as db:
                now = clock(db)
                token = actions.change_password(db, user_id(), _current(form), form.password.data, now=now)
        except Invalid as error:
            form.refuse(error)
        else:
            throttle.succeeded()
            _start(token)
            flash(
                _("Your password is changed. Other browsers have to sign in again, and programs need new tokens."),
                "success",
            )
            return redirect(url_for("web.account"))
    return _account(password=form)


@blueprint.post("/account/mail")
@needs(Action.USE)
def change_mail() -> AnyResponse:
    """Choose whether one gets what waits by e-mail."""
    with database().write() as db:
        actions.prefer(db, user_id(), {"digest": request.form.get("digest") == "1", "language": str(get_locale())})
    flash(_("Saved."), "success")
    return redirect(url_for("web.account"))


def _password_form(*sent: None) -> PasswordForm:
    """Return the form; somebody who came in by a link and has no password yet is not asked for it."""
    form = PasswordForm(*sent, prefix="password-")
    with database().read() as db:
        if queries.user_of(db, user_id()).password_hash is None:
            del form.current
    return form


def _current(form: PasswordForm) -> str:
    return str(form.current.data) if "current" in form else ""


@blueprint.post("/account/tokens")
@needs(Action.USE)
def add_token() -> Response:
    """Make an API token and show it, this once."""
    form = TokenForm(prefix="token-")
    if not form.validate():
        return _account(token=form)
    with database().write() as db:
        made = actions.add_token(db, user_id(), name=form.name.data, now=clock(db))
    return _account(made=made, status=201)


@blueprint.post("/account/tokens/<int:token_id>/revoke")
@needs(Action.USE)
def revoke_token(token_id: int) -> AnyResponse:
    """Make one of one's own tokens worthless."""
    with database().write() as db:
        actions.revoke_token(db, user_id(), token_id, clock(db))
    flash(_("The token is revoked; programs that use it are refused from now on."), "success")
    return redirect(url_for("web.account"))


def _account(
    *,
    name: NameForm | None = None,
    password: PasswordForm | None = None,
    token: TokenForm | None = None,
    made: str = "",
    status: int = 0,
) -> Response:
    with database().read() as db:
        tokens = queries.tokens_of(db, user_id())
        me = queries.user_of(db, user_id())
    forms = {
        "name_form": name or NameForm(None, prefix="you-", name=me.name),
        "password_form": password or _password_form(None),
        "token_form": token or TokenForm(None, prefix="token-"),
    }
    page = render_template(
        "accounts/account.html",
        **forms,
        tokens=tokens,
        made=made,
        me=me,
        smtp=settings().smtp,
        wants_mail=me.preferences.get("digest", True),
    )
    return make_response(page, status or (422 if any(form.errors for form in forms.values()) else 200))

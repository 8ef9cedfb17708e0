"""Getting in, staying in, getting out; links that work once; one's own account and the accounts of others."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from labeler.accounts import actions, queries
from labeler.accounts.models import Link, User
from labeler.extensions import limiter
from labeler.storage.database import Database
from tests.conftest import PASSWORD
from tests.web.pages import inspect

Cast = dict[str, int]
SignIn = Callable[[str], FlaskClient]
NEW = "a long enough password"


def enter(client: FlaskClient, name: str = "ann", password: str = PASSWORD) -> int:
    return client.post("/sign-in", data={"email": f"{name}@example.org", "password": password}).status_code


def token_in(client: FlaskClient) -> str:
    with client.session_transaction() as cookie:
        return str(cookie.get("sign_in", ""))


def secret_on(html: str) -> str:
    found = re.search(r'id="secret" type="text" value="([^"]+)"', html)
    assert found is not None
    return found[1]


# -- set-up ---------------------------------------------------------------------------------------------------------


def test_without_any_account_the_pages_say_where_the_set_up_link_is(app: Flask) -> None:
    client = app.test_client()
    response = client.get("/", follow_redirects=True)
    assert "terminal" in response.text
    assert inspect(response.text).title == "Set up Labeler"
    assert "password" not in inspect(client.get("/sign-in").text).forms[0]["fields"]


def test_the_set_up_link_makes_one_admin_and_signs_them_in(app: Flask, database: Database) -> None:
    with database.write() as session:
        token = actions.add_setup_link(session, datetime.now(UTC))
    client = app.test_client()
    inspect(client.get(f"/link/{token}").text)
    response = client.post(f"/link/{token}", data={"name": "Olga", "email": " OLGA@example.org", "password": NEW})
    assert (response.status_code, response.location) == (302, "/welcome")
    assert "labeler demo" in client.get("/welcome").text
    with database.read() as session:
        assert [(u.email, u.role) for u in queries.all_users(session)] == [("olga@example.org", "admin")]
    assert app.test_client().get(f"/link/{token}").status_code == 404


def test_a_wrong_set_up_form_keeps_the_link(app: Flask, database: Database) -> None:
    with database.write() as session:
        token = actions.add_setup_link(session, datetime.now(UTC))
    client = app.test_client()
    response = client.post(f"/link/{token}", data={"name": "Olga", "email": "olga@example.org", "password": "short"})
    assert response.status_code == 422
    assert "at least 10 characters" in response.text
    assert client.get(f"/link/{token}").status_code == 200


def test_nobody_can_set_up_twice(app: Flask, database: Database, cast: Cast) -> None:
    del cast
    with database.write() as session:
        token = actions.add_setup_link(session, datetime.now(UTC))
    data = {"name": "Zed", "email": "zed2@example.org", "password": NEW}
    assert app.test_client().get(f"/link/{token}").status_code == 409
    assert app.test_client().post(f"/link/{token}", data=data).status_code == 409


def test_there_is_no_way_to_sign_up_without_a_link(app: Flask, database: Database) -> None:
    client = app.test_client()
    data = {"name": "Zed", "email": "zed@example.org", "password": NEW, "role": "admin"}
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.rule.startswith("/api/"):
            client.post(re.sub(r"<[^>]+>", "1", rule.rule), data=data)
    with database.read() as session:
        assert not queries.anybody(session)


# -- signing in -----------------------------------------------------------------------------------------------------


def test_signing_in_leads_to_the_page_that_was_asked_for(app: Flask, cast: Cast) -> None:
    del cast
    client = app.test_client()
    assert client.get("/account").location == "/sign-in"
    response = client.post("/sign-in", data={"email": "ann@example.org", "password": PASSWORD})
    assert response.location == "/account"


def test_no_parameter_leads_anywhere_else(app: Flask, cast: Cast) -> None:
    del cast
    client = app.test_client()
    for name in ("next", "return_to", "url", "redirect", "continue", "r", "goto"):
        for foreign in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
            client.get("/sign-in", query_string={name: foreign})
            data = {"email": "ann@example.org", "password": PASSWORD, name: foreign}
            assert client.post("/sign-in", query_string={name: foreign}, data=data).location == "/"
            client.post("/sign-out", query_string={name: foreign}, data={name: foreign})


def test_the_theme_button_goes_back_only_to_own_pages(sign_in: SignIn) -> None:
    client = sign_in("ann")
    back = {
        "http://localhost/account": "/account",
        "http://localhost/account?x=1": "/account?x=1",
        "http://localhost/theme": "/",
        "http://localhost.evil.example/account": "/",
        "http://evil.example/http://localhost/": "/",
        "http://localhost//evil.example": "/",
        "": "/",
    }
    for referrer, expected in back.items():
        assert client.post("/theme", data={"theme": "dark"}, headers={"Referer": referrer}).location == expected
    assert 'data-theme="dark"' in client.get("/account").text


def test_a_wrong_password_and_an_unknown_address_read_the_same(app: Flask, cast: Cast) -> None:
    del cast
    client = app.test_client()
    for email in ("ann@example.org", "nobody@example.org", "not an address", "zed@example.org\u200b"):
        response = client.post("/sign-in", data={"email": email, "password": "wrong password"})
        assert response.status_code == 422
        assert "E-mail and password do not match an account." in response.text
        assert "wrong password" not in response.text


def test_a_session_from_before_does_not_survive_signing_in(app: Flask, cast: Cast) -> None:
    del cast
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        cookie["sign_in"] = "known to somebody else"
    assert enter(client) == 302
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["sign_in"] != "known to somebody else"
        assert cookie.permanent


def test_a_copied_cookie_is_worthless_after_signing_out(app: Flask, cast: Cast) -> None:
    del cast
    client = app.test_client()
    enter(client)
    copied = token_in(client)
    client.post("/sign-out")
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie["sign_in"] = copied
    assert thief.get("/account").status_code == 302


def test_the_small_window_says_that_it_can_be_closed(app: Flask, cast: Cast) -> None:
    del cast
    client = app.test_client()
    client.get("/sign-in?window=1")
    response = client.post("/sign-in", data={"email": "ann@example.org", "password": PASSWORD})
    assert response.location == "/signed-in"
    assert "You can close this window" in client.get("/signed-in").text


def test_ten_wrong_tries_close_an_account_for_a_while(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    del cast
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    client = app.test_client()
    assert [enter(client, password=f"wrong {n}") for n in range(10)] == [422] * 10
    response = client.post("/sign-in", data={"email": " ANN@example.org", "password": PASSWORD})
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 900
    assert "Too many tries" in response.text
    assert enter(client, "bob") == 302
    limiter.reset()


def test_an_address_that_tries_many_accounts_is_stopped(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    del cast
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    client = app.test_client()
    answers = []
    for n in range(52):
        data = {"email": f"user{n}@example.org", "password": "wrong"}
        # a header anybody can write must not make a new address of the same one
        headers = {"X-Forwarded-For": f"10.0.0.{n}"}
        answers.append(client.post("/sign-in", data=data, headers=headers).status_code)
    assert answers == [422] * 50 + [429] * 2
    limiter.reset()


def test_signing_in_forgets_the_wrong_tries(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    del cast
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    for _ in range(3):
        client = app.test_client()
        assert [enter(client, password="wrong one") for _ in range(9)] == [422] * 9
        assert enter(client) == 302
    limiter.reset()


def test_only_pages_are_sent_to_the_sign_in_form(app: Flask, cast: Cast) -> None:
    del cast
    client = app.test_client()
    assert client.get("/account", headers={"Sec-Fetch-Dest": "document"}).status_code == 302
    assert client.get("/account", headers={"Sec-Fetch-Dest": "empty"}).status_code == 401
    assert client.post("/account/name", data={"you-name": "X"}).status_code == 401


# -- links ----------------------------------------------------------------------------------------------------------


def test_looking_at_a_sign_in_link_does_not_use_it(app: Flask, database: Database, cast: Cast) -> None:
    with database.write() as session:
        token = actions.add_sign_in_link(session, cast["ann"], datetime.now(UTC))
    preview = app.test_client()
    for _ in range(3):
        page = inspect(preview.get(f"/link/{token}").text)
        assert page.title == "Sign in"
    client = app.test_client()
    assert client.post(f"/link/{token}").location == "/"
    assert "Ann" in client.get("/account").text
    assert app.test_client().post(f"/link/{token}").status_code == 404


@pytest.mark.parametrize("what", ["used", "ended", "made up"])
def test_a_link_that_does_not_work_says_the_same_whatever_is_wrong(
    app: Flask, database: Database, cast: Cast, what: str
) -> None:
    now = datetime.now(UTC)
    with database.write() as session:
        token = actions.add_sign_in_link(session, cast["ann"], now)
        if what == "used":
            actions.use_sign_in_link(session, token, now)
        if what == "ended":
            session.execute(update(Link).values(expires_at=now - timedelta(seconds=1)))
    response = app.test_client().get(f"/link/{'x' * 43 if what == 'made up' else token}")
    assert response.status_code == 404
    assert "This link was used before or has ended. Ask for a new one." in response.text


def test_a_link_of_somebody_who_was_switched_off_does_not_work(app: Flask, database: Database, cast: Cast) -> None:
    with database.write() as session:
        token = actions.add_sign_in_link(session, cast["ann"], datetime.now(UTC))
        actions.set_active(session, cast["ann"], active=False)
    assert app.test_client().post(f"/link/{token}").status_code == 404
    assert enter(app.test_client()) == 422


def test_an_invite_makes_exactly_the_account_it_names(
    app: Flask, database: Database, make_project: Callable[..., object], cast: Cast
) -> None:
    project = make_project()
    invitation = actions.Invitation("new@example.org", project_id=project.id, project_role="annotator")  # type: ignore[attr-defined]
    with database.write() as session:
        token = actions.add_invite(session, invitation, by=cast["olga"], now=datetime.now(UTC))
    client = app.test_client()
    assert "new@example.org" in client.get(f"/link/{token}").text
    data = {"name": "New", "password": NEW, "email": "other@example.org", "role": "admin", "project_role": "lead"}
    assert client.post(f"/link/{token}", data=data).status_code == 302
    with database.read() as session:
        user = queries.user_by_email(session, "new@example.org")
        assert user.role == "annotator"
        assert queries.project_role(session, user.id, invitation.project_id or 0) == "annotator"
        assert session.scalar(select(User).where(User.email == "other@example.org")) is None
    assert client.post(f"/link/{token}", data=data).status_code == 404


# -- one's own account ----------------------------------------------------------------------------------------------


def test_a_new_password_ends_all_other_sign_ins_and_keeps_this_one(app: Flask, cast: Cast) -> None:
    del cast
    here, elsewhere = app.test_client(), app.test_client()
    enter(here)
    enter(elsewhere)
    before = token_in(here)
    data = {"password-current": PASSWORD, "password-password": NEW, "password-again": NEW}
    assert here.post("/account/password", data=data).status_code == 302
    assert here.get("/account").status_code == 200
    assert token_in(here) != before
    assert elsewhere.get("/account").status_code == 302
    assert enter(app.test_client()) == 422
    assert enter(app.test_client(), password=NEW) == 302


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"password-current": "not it"}, "This is not your password now."),
        ({"password-again": "another one"}, "The two are not the same."),
        ({"password-password": "short", "password-again": "short"}, "at least 10 characters"),
        ({"password-current": ""}, "Write the password you have now."),
    ],
)
def test_a_password_is_not_changed_when_anything_is_wrong(
    app: Flask, cast: Cast, changed: dict[str, str], words: str
) -> None:
    del cast
    client = app.test_client()
    enter(client)
    data = {"password-current": PASSWORD, "password-password": NEW, "password-again": NEW, **changed}
    response = client.post("/account/password", data=data)
    assert response.status_code == 422
    assert words in response.text
    inspect(response.text)
    assert enter(app.test_client()) == 302


def test_somebody_who_came_by_a_link_sets_a_password_without_an_old_one(
    app: Flask, database: Database, cast: Cast
) -> None:
    with database.write() as session:
        session.execute(update(User).where(User.id == cast["ann"]).values(password_hash=None))
        token = actions.add_sign_in_link(session, cast["ann"], datetime.now(UTC))
    client = app.test_client()
    client.post(f"/link/{token}")
    assert "Password now" not in client.get("/account").text
    data = {"password-password": NEW, "password-again": NEW}
    assert client.post("/account/password", data=data).status_code == 302
    assert enter(app.test_client(), password=NEW) == 302


def test_a_token_is_shown_once_and_can_be_revoked(sign_in: SignIn, database: Database, cast: Cast) -> None:
    client = sign_in("ann")
    response = client.post("/account/tokens", data={"token-name": "my script"})
    assert response.status_code == 201
    token = secret_on(response.text)
    assert token not in client.get("/account").text
    with database.read() as session:
        found, row = queries.token_actor(session, token)
        assert found.user_id == cast["ann"]
        assert row is not None
        token_id = row.id
    assert sign_in("bob").post(f"/account/tokens/{token_id}/revoke").status_code == 404
    assert client.post(f"/account/tokens/{token_id}/revoke").status_code == 302
    with database.read() as session:
        assert queries.token_actor(session, token)[0].user_id is None


def test_a_name_is_changed_but_never_emptied(sign_in: SignIn) -> None:
    client = sign_in("ann")
    assert client.post("/account/name", data={"you-name": "  "}).status_code == 422
    assert client.post("/account/name", data={"you-name": "Ann B."}).status_code == 302
    assert "Ann B." in client.get("/account").text


# -- the accounts of others -----------------------------------------------------------------------------------------


@pytest.fixture
def admin(sign_in: SignIn, database: Database, cast: Cast) -> FlaskClient:
    """Olga's browser, Olga being an admin."""
    with database.write() as session:
        actions.set_role(session, cast["olga"], "admin")
    return sign_in("olga")


def test_an_admin_invites_somebody_by_a_link_shown_once(admin: FlaskClient, app: Flask) -> None:
    response = admin.post("/people/invite", data={"email": "new@example.org", "role": "lead"})
    assert response.status_code == 201
    link = secret_on(response.text)
    assert link not in admin.get("/people").text
    client = app.test_client()
    client.post(link.removeprefix("http://localhost"), data={"name": "New", "password": NEW})
    assert client.get("/projects/new").status_code == 200


def test_a_withdrawn_invite_does_not_work(admin: FlaskClient, app: Flask, database: Database) -> None:
    link = secret_on(admin.post("/people/invite", data={"email": "new@example.org", "role": "lead"}).text)
    with database.read() as session:
        (invite,) = queries.open_invites(session, datetime.now(UTC))
    assert admin.post(f"/people/invites/{invite.id}/withdraw").status_code == 302
    assert app.test_client().get(link.removeprefix("http://localhost")).status_code == 404


def test_somebody_with_an_account_cannot_be_invited_again(admin: FlaskClient) -> None:
    response = admin.post("/people/invite", data={"email": " ANN@example.org ", "role": "admin"})
    assert response.status_code == 422
    assert "There is an account for ann@example.org already" in response.text


def test_switching_an_account_off_ends_its_sign_ins_at_once(admin: FlaskClient, sign_in: SignIn, cast: Cast) -> None:
    ann = sign_in("ann")
    assert admin.post(f"/people/{cast['ann']}", data={"state": "off"}).status_code == 302
    assert ann.get("/account").status_code == 302
    admin.post(f"/people/{cast['ann']}", data={"state": "on"})
    assert sign_in("ann").get("/account").status_code == 200


def test_another_role_ends_the_sign_ins_of_the_one_before(admin: FlaskClient, sign_in: SignIn, cast: Cast) -> None:
    rita = sign_in("rita")
    admin.post(f"/people/{cast['rita']}", data={"role": "annotator"})
    assert rita.get("/projects/new").status_code == 302
    assert sign_in("rita").get("/projects/new").status_code == 403


@pytest.mark.parametrize("change", [{"state": "off"}, {"role": "lead"}])
def test_the_last_admin_stays_one(admin: FlaskClient, cast: Cast, change: dict[str, str]) -> None:
    response = admin.post(f"/people/{cast['olga']}", data=change, follow_redirects=True)
    assert "This is the last account that can manage people" in response.text


def test_an_admin_makes_a_way_back_for_a_forgotten_password(admin: FlaskClient, app: Flask, cast: Cast) -> None:
    link = secret_on(admin.post(f"/people/{cast['ann']}/link").text)
    client = app.test_client()
    client.post(link.removeprefix("http://localhost"))
    assert "ann@example.org" in client.get("/account").text


def test_no_page_of_the_accounts_holds_a_secret(admin: FlaskClient, database: Database) -> None:
    pages = [admin.get(path).text for path in ("/", "/account", "/people")]
    with database.read() as session:
        hashes = [user.password_hash for user in queries.all_users(session)]
    for page in pages:
        assert token_in(admin) not in page
        assert "argon2" not in page
        assert not any(stored and stored in page for stored in hashes)

"""Who gets what at every address: each route of the app is tried by everybody of the cast."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from labeler.accounts.permissions import Action
from labeler.extensions.access import action_of
from tests.conftest import Made
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
LEAD_ONLY = {Action.LEAD}
SAFE = ("GET", "HEAD", "OPTIONS")


def routes(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("web.")]


def address(rule: Rule, slug: str, item: int = 1) -> str:
    """Fill the parts of an address with what exists, or could."""
    filled = rule.rule.replace("<slug>", slug).replace("<int:item_id>", str(item)).replace("<size>", "display")
    return re.sub(r"<[^>]+>", "1", filled)


def without_tokens(html: str) -> str:
    """Return a page without its CSRF tokens, which hold the second they were made in."""
    return re.sub(r'(name="csrf.token" (?:content|value)=")[^"]*', r"\1", html)


def in_projects(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in routes(app):
        if "slug" in rule.arguments:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def test_every_route_declares_an_action(app: Flask) -> None:
    with app.app_context():
        undeclared = {rule.endpoint for rule in app.url_map.iter_rules() if action_of(rule.endpoint) is None}
    assert undeclared == set()


def test_a_route_without_an_action_is_refused(app: Flask, sign_in: SignIn) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    for name in ("", "olga", "zed"):
        assert sign_in(name).get("/forgotten").status_code == 403


def test_an_outsider_cannot_tell_a_project_from_none(app: Flask, sign_in: SignIn, make_project: Make) -> None:
    made = make_project()
    zed = sign_in("zed")
    zed.get("/")  # the first page of a session brings a cookie
    for rule, method in in_projects(app):
        real = zed.open(address(rule, "pets", made.items[0]), method=method)
        none = zed.open(address(rule, "nope", made.items[0]), method=method)
        assert real.status_code == none.status_code == 404, rule
        assert without_tokens(real.text).replace("pets", "nope") == without_tokens(none.text), rule
        assert dict(real.headers).keys() == dict(none.headers).keys()


def test_nobody_is_asked_to_sign_in(app: Flask, sign_in: SignIn, make_project: Make) -> None:
    made = make_project()
    with app.app_context():
        closed = [rule for rule in routes(app) if action_of(rule.endpoint) is not Action.OPEN]
    for rule in closed:
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            by_a_browser = {"Accept": "text/html"}
            place = address(rule, "pets", made.items[0])
            response = sign_in("").open(place, method=method, headers=by_a_browser)
            if method == "GET":
                assert (response.status_code, response.location) == (302, "/sign-in"), rule
            else:
                assert response.status_code == 401, rule


def test_an_annotator_is_kept_out_of_what_leads_do(app: Flask, sign_in: SignIn, make_project: Make) -> None:
    made = make_project()
    ann = sign_in("ann")
    with app.app_context():
        for rule, method in in_projects(app):
            response = ann.open(address(rule, "pets", made.items[0]), method=method)
            if action_of(rule.endpoint) in LEAD_ONLY:
                assert response.status_code == 403, rule
            else:
                assert response.status_code != 403, rule


def test_only_admins_manage_accounts_and_only_leads_make_projects(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        for rule in routes(app):
            action = action_of(rule.endpoint)
            refused = {Action.MANAGE_PEOPLE: ("olga", "ann", "zed"), Action.CREATE_PROJECT: ("ann", "zed")}
            for name in refused.get(action or Action.OPEN, ()):
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    assert sign_in(name).open(address(rule, ""), method=method).status_code == 403, rule


def test_nothing_changes_without_the_token_of_the_page(app: Flask, sign_in: SignIn, make_project: Make) -> None:
    made = make_project()
    app.config["WTF_CSRF_ENABLED"] = True
    for name in ("olga", "ann", "zed", ""):
        client = sign_in(name)
        for rule in routes(app):
            for method in sorted((rule.methods or set()) - set(SAFE)):
                for slug in ("pets", "nope"):
                    path = address(rule, slug, made.items[0])
                    assert client.open(path, method=method).status_code == 400, (name, rule)
                    wrong = {"X-CSRFToken": "not the one"}
                    assert client.open(path, method=method, headers=wrong).status_code == 400, (name, rule)


def test_the_token_of_the_page_is_taken(app: Flask, sign_in: SignIn) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = sign_in("ann")
    page = client.get("/account").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token is not None
    form = {"you-name": "Ann B.", "csrf_token": token[1]}
    assert client.post("/account/name", data=form).status_code == 302
    assert sign_in("bob").post("/account/name", data=form).status_code == 400


@pytest.mark.parametrize("name", ["", "ann", "olga"])
def test_every_page_keeps_the_rules_of_pages(app: Flask, sign_in: SignIn, make_project: Make, name: str) -> None:
    made = make_project()
    client = sign_in(name)
    seen = set()
    for rule in routes(app):
        if "GET" in (rule.methods or set()):
            response = client.get(address(rule, "pets", made.items[0]), follow_redirects=True)
            if response.mimetype == "text/html":
                inspect(response.text)
                seen.add(rule.endpoint)
    assert {"web.sign_in", "web.projects", "web.account", "web.guidelines", "web.data"} <= seen

"""Who gets what: every route of the API against the whole cast, tokens, cookies, and bodies nobody should send."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from labeler.extensions.access import action_of
from labeler.projects.models import Project
from labeler.storage.database import Database
from tests.api.conftest import Api
from tests.conftest import Made

Cast = Callable[[str], Api]
Make = Callable[..., Made]
ANNOTATES = {
    ("GET", "/projects/<slug>"),
    ("POST", "/projects/<slug>/assignments"),
    ("GET", "/projects/<slug>/assignments"),
    ("GET", "/projects/<slug>/assignments/others"),
    ("POST", "/projects/<slug>/assignments/renewals"),
    ("POST", "/projects/<slug>/assignments/releases"),
    ("POST", "/projects/<slug>/annotations"),
    ("GET", "/projects/<slug>/annotations"),
    ("DELETE", "/projects/<slug>/annotations/<int:annotation_id>"),
    ("GET", "/projects/<slug>/threads"),
    ("POST", "/projects/<slug>/threads"),
    ("POST", "/projects/<slug>/pages"),
    ("DELETE", "/projects/<slug>/pages/<page>"),
}


OTHER_BODIES = (
    "/inspections",
    "/items",
    "/annotations",
    "/close",
    "/stop",
    "/cancel",
    "/take-back",
    "/verify",
    "/secret",
    "/test",
    "/retry",
    "/resume",
)  # none, or a list


def _routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api."):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule.rule.removeprefix("/api/v1")


def _path(rule: str) -> str:
    path = rule.replace("<slug>", "pets").replace("<email>", "ann@example.org")
    return re.sub(r"<int:\w+>", "1", path)


def test_every_route_names_its_action(app: Flask) -> None:
    with app.app_context():
        undeclared = [rule.endpoint for rule in app.url_map.iter_rules() if action_of(rule.endpoint) is None]
    assert undeclared == []


def test_an_outsider_gets_not_found_for_everything_in_a_project(app: Flask, api: Cast, make_project: Make) -> None:
    make_project()
    zed = api("zed")
    missing = zed.get("/projects/none").json["detail"]
    for method, rule in _routes(app):
        if "<slug>" in rule:
            answer = zed(method, _path(rule), {})
            assert (method, rule, answer.status_code) == (method, rule, 404)
            assert answer.json["detail"] == missing.replace("none", "pets")
            assert b"Text number" not in answer.data


def test_nobody_gets_in_without_a_token(app: Flask, api: Cast, make_project: Make) -> None:
    make_project()
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic b2xnYTpvbGdh"}):
        for method, rule in _routes(app):
            answer = api("")(method, _path(rule), {}, headers=headers)
            assert (method, rule, answer.status_code) == (method, rule, 401)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_annotator_gets_nothing_that_belongs_to_leads(
    app: Flask, api: Cast, make_project: Make, database: Database
) -> None:
    made = make_project(given="dog")
    with database.write() as session:
        session.get_one(Project, made.id).settings = {"bulk": True}  # pages are theirs only where a lead wants it
    ann = api("ann")
    for method, rule in _routes(app):
        if "<slug>" in rule:
            status = ann(method, _path(rule), {}).status_code
            assert (method, rule, status == 403) == (method, rule, (method, rule) not in ANNOTATES)


def test_the_data_of_a_project_is_the_same_after_all_that_an_annotator_may_not(
    app: Flask, api: Cast, make_project: Make
) -> None:
    make_project()
    before = api("olga").pages("/projects/pets/items"), api("olga").get("/projects/pets").json
    for method, rule in _routes(app):
        if "<slug>" in rule and (method, rule) not in ANNOTATES:
            api("ann")(method, _path(rule), {"role": "lead", "votes": 9, "decision": "exclude"})
    assert (api("olga").pages("/projects/pets/items"), api("olga").get("/projects/pets").json) == before


def test_a_revoked_token_and_a_removed_member_are_refused_at_once(
    app: Flask, api: Cast, make_project: Make, cast: dict[str, int]
) -> None:
    from labeler.accounts import actions

    made = make_project()
    ann = api("ann")
    assert len(ann.claim(made)) == 1
    api("olga")("DELETE", "/projects/pets/members/ann@example.org")
    assert ann.post("/projects/pets/assignments", {"count": 1}).status_code == 404
    with app.extensions["labeler"].database.write() as session:
        actions.set_active(session, cast["ann"], active=False)
    assert ann.get("/projects").status_code == 401


def test_a_signed_in_browser_needs_its_csrf_token_to_change_something(
    app: Flask, sign_in: Callable[[str], FlaskClient], make_project: Make
) -> None:
    make_project()
    app.config["WTF_CSRF_ENABLED"] = True
    browser = sign_in("ann")
    path = "/api/v1/projects/pets/assignments"
    assert browser.get("/api/v1/projects/pets").status_code == 200
    refused = browser.post(path, json={"count": 1})
    assert (refused.status_code, refused.content_type) == (400, "application/problem+json")
    token = _csrf_token(app, browser)
    assert browser.post(path, json={"count": 1}, headers={"X-CSRFToken": "wrong"}).status_code == 400
    assert len(browser.post(path, json={"count": 1}, headers={"X-CSRFToken": token}).get_json()) == 1


def _csrf_token(app: Flask, browser: FlaskClient) -> str:
    from flask_wtf.csrf import generate_csrf

    with browser.session_transaction() as cookie, app.test_request_context():
        from flask import g, session

        token: str = generate_csrf()
        cookie["csrf_token"] = session["csrf_token"]
        g.pop("csrf_token", None)
    return token


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", ""),
        (b"{", "decode"),
        (b'{"count": NaN}', "NaN"),
        (b'{"count": "\\ud800"}', "surrogate"),
        (b'{"count": "\\u0000"}', "NUL"),
        (b"[" * 100_000, "nested"),
        (b'"\xff"', "utf-8"),
        (b'{"count": ' + b"9" * 5000 + b"}", ""),
    ],
)
def test_malformed_json_is_a_bad_request_with_a_reason(api: Cast, make_project: Make, body: bytes, words: str) -> None:
    make_project()
    for path in ("/projects/pets/assignments", "/projects/pets/annotations"):
        answer = api("ann").post(path, data=body, content_type="application/json")
        assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
        assert words in answer.json["detail"]


@pytest.mark.parametrize("body", [[], "text", 1, True, [[]], {"": 1}])
def test_a_body_of_the_wrong_shape_is_refused_everywhere(app: Flask, api: Cast, make_project: Make, body: Any) -> None:
    make_project()
    olga = api("olga")
    for method, rule in _routes(app):
        if method in {"POST", "PUT", "PATCH"} and not rule.endswith(OTHER_BODIES):
            answer = olga(method, _path(rule), body)
            assert (rule, body, answer.status_code) == (rule, body, 422)
            assert answer.content_type == "application/problem+json"


def test_errors_of_the_server_are_problem_documents_too(app: Flask, api: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(app.view_functions, "api.list_projects", _like(app.view_functions["api.list_projects"], broken))
    answer = api("olga").get("/projects")
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert b"secret" not in answer.data


def _like(view: Any, other: Callable[[], None]) -> Any:
    vars(other).update(vars(view))
    return other


def test_an_address_or_method_that_is_not_there_is_a_problem_document(api: Cast, make_project: Make) -> None:
    make_project()
    assert api("olga").get("/nothing").content_type == "application/problem+json"
    refused = api("olga")("PUT", "/projects/pets/assignments", {})
    assert (refused.status_code, refused.content_type) == (405, "application/problem+json")
    assert set(refused.headers["Allow"].split(", ")) >= {"GET", "POST"}
    assert api("olga").get("/projects/pe%00ts").status_code == 404

"""Whose word is believed about names and networks, and what links begin with."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from labeler.app import create_app
from labeler.config import Settings, read_settings
from labeler.errors import Invalid
from labeler.extensions import limiter
from labeler.extensions.addresses import STARTED_ON, answers_to, network_of
from tests.conftest import PASSWORD
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]


def known(tmp_path: Path, *, bound: str = "127.0.0.1", **env: str) -> Settings:
    return replace(read_settings(env, instance=tmp_path), bound_host=bound)


OURS = ("localhost", "localhost:8080", "127.0.0.1:1", "[::1]:80", "LOCALHOST.", "a.localhost", "")
OTHERS = (
    "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example:80", "127.0.0.1@evil.example",
    "evil.example#localhost", "localhost/evil", "localhost evil", "10.1.2.3", "[", "localhost:x", "evil\\localhost",
)  # fmt: skip


def test_only_names_of_this_server_are_answered_to(tmp_path: Path) -> None:
    settings = known(tmp_path)
    assert [name for name in OURS if not answers_to(name, settings)] == []
    assert [name for name in OTHERS if answers_to(name, settings)] == []


def test_further_names_are_a_setting(tmp_path: Path) -> None:
    settings = known(
        tmp_path, LABELER_TRUSTED_HOSTS="Labels.example.org, .lab.example", LABELER_PUBLIC_URL="http://p.org"
    )
    for name in ("labels.example.org", "labels.EXAMPLE.org:8443", "a.lab.example", "p.org", "localhost"):
        assert answers_to(name, settings), name
    for name in ("example.org", "xlabels.example.org", "lab.example.evil", *OTHERS):
        assert not answers_to(name, settings), name
    assert answers_to("anything", known(tmp_path, LABELER_TRUSTED_HOSTS="*"))


def test_on_every_address_a_number_is_a_name_and_another_name_is_not(tmp_path: Path) -> None:
    settings = known(tmp_path, bound="0.0.0.0")  # noqa: S104 - nothing listens here
    assert answers_to("10.1.2.3:8080", settings)
    assert answers_to("[2001:db8::1]:8080", settings)
    assert not answers_to("evil.example", settings)
    assert answers_to("here.example", known(tmp_path, bound="here.example"))


def test_an_unknown_name_gets_a_page_that_says_what_to_do(app: Flask) -> None:
    for path in ("/", "/sign-in", "/static/x/bundles/base.css", "/nowhere", "/healthz"):
        answer = app.test_client().get(path, headers={"Host": "evil.example"})
        assert answer.status_code == 400, path
        assert "LABELER_TRUSTED_HOSTS" in answer.text
        assert "evil.example" not in answer.headers.get("Location", "")
    answer = app.test_client().get("/api/v1/projects", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_links_begin_with_the_address_the_server_was_started_on_and_not_with_the_hosts(
    app: Flask, sign_in: SignIn, database: object, cast: dict[str, int]
) -> None:
    from labeler.accounts.models import User

    with database.write() as session:  # type: ignore[attr-defined]
        session.get_one(User, cast["olga"]).role = "admin"
    olga = sign_in("olga")
    app.config[STARTED_ON] = "http://10.0.0.7:8080"
    for path, data in (
        ("/people/invite", {"email": "new@example.org", "role": "annotator"}),
        (f"/people/{cast['ann']}/link", {}),
    ):
        made = olga.post(path, data=data, headers={"Host": "localhost:9"})
        assert "http://10.0.0.7:8080/link/" in made.text
        assert "localhost:9" not in made.text


@pytest.mark.parametrize(
    ("env", "link"),
    [
        ({"LABELER_PUBLIC_URL": "https://labels.example.org:8443/"}, "https://labels.example.org:8443/link/"),
        (
            {"LABELER_TRUSTED_HOSTS": ".x.org,l.example.org", "LABELER_SECURE_COOKIES": "1"},
            "https://l.example.org/link/",
        ),
    ],
)
def test_links_begin_with_what_was_set(tmp_path: Path, env: dict[str, str], link: str) -> None:
    from labeler.extensions.addresses import public_link

    app = create_app(known(tmp_path / "i", **env))
    app.config[STARTED_ON] = "http://10.0.0.7:8080"
    with app.test_request_context("/", headers={"Host": "evil.example"}):
        assert public_link("web.link", token="t") == f"{link}t"
    app.extensions["labeler"].database.close()


@pytest.mark.parametrize(
    "url", ["labels.example.org", "ftp://x.org", "https://x.org/app", "https://u@x.org", "http://x:y", "http://"]
)
def test_a_public_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(Invalid, match="LABELER_PUBLIC_URL"):
        read_settings({"LABELER_PUBLIC_URL": url}, instance=tmp_path)
    with pytest.raises(Invalid, match="LABELER_TRUSTED_PROXIES"):
        read_settings({"LABELER_TRUSTED_PROXIES": "10.0.0.0/8, proxy"}, instance=tmp_path)


def test_a_network_is_an_ipv4_address_or_a_64_of_ipv6() -> None:
    assert network_of("203.0.113.9") == network_of("::ffff:203.0.113.9") == "203.0.113.9"
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of(None) == network_of("nonsense") == "unknown"


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Flask]:
    """An app that believes one network of proxies."""
    app = create_app(known(tmp_path / "i", LABELER_TRUSTED_PROXIES="10.0.0.0/8, ::1", LABELER_TRUSTED_HOSTS="l.org"))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    yield app
    app.extensions["labeler"].database.close()


@pytest.mark.parametrize(
    ("peer", "said", "client"),
    [
        ("10.1.1.1", "203.0.113.9", "203.0.113.9"),
        ("10.1.1.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),  # the first was made up by the client
        ("10.1.1.1", "203.0.113.9, 10.2.2.2", "203.0.113.9"),  # two proxies of ours
        ("::1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("203.0.113.50", "1.2.3.4", "203.0.113.50"),  # no proxy of ours
        ("10.1.1.1", "unknown", "10.1.1.1"),
        ("10.1.1.1", "", "10.1.1.1"),
    ],
)
def test_only_a_trusted_proxy_says_who_the_client_is(behind: Flask, peer: str, said: str, client: str) -> None:
    seen = []
    behind.before_request_funcs[None].insert(
        0, lambda: seen.append((request.remote_addr, request.scheme, request.host))
    )
    headers = {"X-Forwarded-For": said, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "l.org"}
    behind.test_client().get("/healthz", headers=headers, environ_overrides={"REMOTE_ADDR": peer})
    trusted = peer != "203.0.113.50"
    assert seen == [(client, "https" if trusted else "http", "l.org" if trusted else "localhost")]


def test_invented_networks_and_spellings_count_as_one(
    app: Flask, cast: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    del cast
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    spellings = ("ann@example.org", "ANN@example.org", "ａnn@example.org", " ann@EXAMPLE.org ", "Ａｎｎ@ｅxample.org")  # noqa: RUF001
    answers = []
    for n in range(12):
        client = app.test_client()
        data = {"email": spellings[n % len(spellings)], "password": "wrong"}
        place = {"REMOTE_ADDR": f"203.0.113.{n}"}
        answers.append(client.post("/sign-in", data=data, environ_overrides=place).status_code)
    assert answers == [422] * 10 + [429] * 2
    limiter.reset()
    answers = []
    for n in range(52):
        data = {"email": f"n{n}@example.org", "password": PASSWORD}
        place = {"REMOTE_ADDR": f"2001:db8:1:2:{n:x}::{n:x}"}
        answers.append(app.test_client().post("/sign-in", data=data, environ_overrides=place).status_code)
    assert answers == [422] * 50 + [429] * 2
    other = {"REMOTE_ADDR": "2001:db8:1:3::1"}
    data = {"email": "x@example.org", "password": PASSWORD}
    assert app.test_client().post("/sign-in", data=data, environ_overrides=other).status_code == 422
    limiter.reset()


def test_what_everybody_gets_alike_carries_no_cookie(sign_in: SignIn) -> None:
    ann = sign_in("ann")
    page = ann.get("/account")
    for path in [one for one in inspect(page.text).links if one.startswith("/static/")] or [
        "/static/x/bundles/base.css"
    ]:
        answer = ann.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    styles = page.text.partition('href="/static/')[2].partition('"')[0]
    answer = ann.get(f"/static/{styles}")
    assert "public" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")

"""Renewing, giving back, and who leaves: over HTTP, as the workspace and the pages for people do it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import Api
from tests.conftest import Made

Cast = Callable[[str], Api]
Make = Callable[..., Made]
PATH = "/projects/pets/assignments"


def share(api: Api, count: int = 48) -> Any:
    return api.post(PATH, {"count": count, "hold": "share"})


def test_a_workspace_is_told_whether_there_is_more_than_its_share(api: Cast, make_project: Make) -> None:
    make_project(items=90, votes=1)
    first = share(api("ann"))
    assert (len(first.json), first.headers["X-More-Items"]) == (48, "0")
    second = share(api("bob"))
    assert (len(second.json), second.headers["X-More-Items"]) == (42, "0")
    third = share(api("olga"), 10)
    assert len(third.json) == 10


def test_a_renewal_moves_the_end_of_the_lease_and_says_what_is_gone(api: Cast, make_project: Make) -> None:
    make_project(items=2, votes=1)
    held = [one["assignment"] for one in share(api("ann")).json]
    api("ann").post(f"{PATH}/releases", {"assignments": held[1:]})
    assert len(api("bob").post(PATH, {"count": 5}).json) == 1
    told = api("ann").post(f"{PATH}/renewals", {"assignments": held, "open": held[:1]}).json
    assert [one["state"] for one in told] == ["held", "expired"]
    left = datetime.fromisoformat(told[0]["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=29) < left <= timedelta(minutes=31)


def test_only_the_ready_ones_no_page_has_opened_are_given_back_as_ready(api: Cast, make_project: Make) -> None:
    make_project(items=3, votes=1)
    held = [one["assignment"] for one in share(api("ann")).json]
    assert api("ann").post(f"{PATH}/releases", {"ready": held}).json == {"released": 2}
    assert api("ann").post(f"{PATH}/releases", {"assignments": held}).json == {"released": 1}
    assert api("bob").post(f"{PATH}/releases", {"assignments": held}).json == {"released": 0}


def test_what_others_hold_is_told_and_never_who(api: Cast, make_project: Make) -> None:
    make_project(items=3, votes=1)
    held = api("ann").post(PATH, {"count": 3}).json
    told = api("bob").get(f"{PATH}/others").json
    assert told == {"held": 3, "free_by": held[0]["expires_at"]}
    assert api("ann").get(f"{PATH}/others").json == {"held": 0, "free_by": None}


def test_a_look_holds_nothing(api: Cast, make_project: Make) -> None:
    make_project(items=3, votes=1)
    seen = api("olga").post(PATH, {"count": 48, "hold": "none"}).json
    assert len(seen) == 3
    assert len(api("ann").post(PATH, {"count": 3}).json) == 3
    assert api("olga").answer(Made(1, "pets", []), seen[0]["assignment"], "cat").json["status"] == "late"


def test_a_member_who_is_taken_out_holds_nothing_at_once(api: Cast, make_project: Make) -> None:
    made = make_project(items=4, votes=1)
    api("ann").claim(made, 4)
    api("olga")("DELETE", "/projects/pets/members/ann@example.org")
    assert len(api("bob").claim(made, 9)) == 4


def test_an_account_that_is_switched_off_holds_nothing_at_once(
    app: Flask, api: Cast, make_project: Make, sign_in: Callable[[str], FlaskClient], cast: dict[str, int]
) -> None:
    from labeler.accounts.models import User

    made = make_project(items=4, votes=1)
    api("ann").claim(made, 4)
    with app.extensions["labeler"].database.write() as session:
        session.get_one(User, cast["rita"]).role = "admin"
    assert sign_in("rita").post(f"/people/{cast['ann']}", data={"state": "off"}).status_code == 302
    assert len(api("bob").claim(made, 9)) == 4


def test_who_is_taken_out_on_the_page_for_people_holds_nothing_at_once(
    api: Cast, make_project: Make, sign_in: Callable[[str], FlaskClient], cast: dict[str, int]
) -> None:
    made = make_project(items=4, votes=1)
    api("ann").claim(made, 4)
    assert sign_in("olga").post(f"/p/pets/people/{cast['ann']}", data={"role": "out"}).status_code == 302
    assert len(api("bob").claim(made, 9)) == 4


def test_signing_out_gives_back_what_the_workspace_holds(
    api: Cast, make_project: Make, sign_in: Callable[[str], FlaskClient]
) -> None:
    made = make_project(items=4, votes=1)
    browser = sign_in("ann")
    held: Any = browser.post("/api/v1/projects/pets/assignments", json={"count": 48, "hold": "share"}).json
    assert len(held) == 4
    browser.post("/sign-out")
    assert len(api("bob").claim(made, 9)) == 4

"""A person's own keys: kept with the account, checked for their form, and given to their pages alone."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from labeler.errors import Invalid
from labeler.web.workspace.preferences import MOST, keys_in
from tests.conftest import Made

SignIn = Callable[[str], FlaskClient]

CHOSEN = {"keys": {"undo": "u", "answer-shift+1": "shift+a", "skip": ""}, "single_keys": False}


def test_keys_are_kept_for_the_person_and_stand_in_their_workspace(
    sign_in: SignIn, make_project: Callable[..., Made]
) -> None:
    make_project()
    ann = sign_in("ann")
    assert ann.post("/account/keys", json=CHOSEN).get_json() == CHOSEN
    assert own_keys(ann) == CHOSEN
    assert own_keys(sign_in("bob")) == {"keys": {}, "single_keys": True}


def own_keys(client: FlaskClient) -> Any:
    """Return what a person's workspace says about their keys."""
    page = client.get("/p/pets/label").get_data(as_text=True)
    return json.loads(page.split("data-own='", 1)[1].split("'", 1)[0])


def test_nobody_signed_in_has_no_keys_to_keep(app: Flask) -> None:
    assert app.test_client().post("/account/keys", json=CHOSEN).status_code in {302, 401}


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        "z",
        {},
        {"keys": {}, "single_keys": "no"},
        {"keys": [], "single_keys": True},
        {"keys": {"undo": 1}, "single_keys": True},
        {"keys": {"undo": "zz"}, "single_keys": True},
        {"keys": {"undo": "\0"}, "single_keys": True},
        {"keys": {"undo": "\ud800"}, "single_keys": True},
        {"keys": {"<script>": "z"}, "single_keys": True},
        {"keys": {f"a{n}": "z" for n in range(MOST + 1)}, "single_keys": True},
    ],
)
def test_what_is_no_key_map_is_refused(sent: Any) -> None:
    with pytest.raises(Invalid):
        keys_in(sent)

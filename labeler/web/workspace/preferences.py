"""What a person chose for themselves and every page obeys: which key means what, and whether single keys act.

Note: which actions there are is the business of the scripts of pages (keys.mjs); the server
keeps a map of names to keys, checks only that it is one, and never acts on it.
"""

import re
from typing import Any

from flask import Response, jsonify, request

from labeler.accounts.actions import prefer
from labeler.accounts.permissions import Action
from labeler.errors import Invalid
from labeler.extensions import database
from labeler.extensions.access import needs, user_id
from labeler.web.blueprint import blueprint

MOST = 100  # actions with a key of their own
_ACTION = re.compile(r"[a-z0-9+-]{1,32}")
_KEY = re.compile(r"(shift\+)?[^\s\x00-\x1f\x7f\ud800-\udfff]|")


@blueprint.post("/account/keys")
@needs(Action.USE)
def save_keys() -> Response:
    """Keep one's key map: JSON {"keys": {action: key or ""}, "single_keys": true or false}."""
    chosen = keys_in(request.get_json(silent=True))
    with database().write() as db:
        prefer(db, user_id(), chosen)
    return jsonify(chosen)


def keys_in(sent: Any) -> dict[str, Any]:
    """Return the two preferences in what was sent; raises Invalid naming the field that is no key map."""
    if not isinstance(sent, dict):
        raise Invalid("Send an object with keys and single_keys.")
    keys, single = sent.get("keys"), sent.get("single_keys")
    if not isinstance(single, bool):
        raise Invalid("This must be true or false.", field="single_keys")
    if not isinstance(keys, dict) or len(keys) > MOST:
        raise Invalid("This must be an object of at most {most} actions with a key each.", field="keys", most=MOST)
    for action, key in keys.items():
        if not (_ACTION.fullmatch(action) and isinstance(key, str) and _KEY.fullmatch(key)):
            raise Invalid("{action!r} cannot have {key!r} as its key.", field="keys", action=action, key=key)
    return {"keys": keys, "single_keys": single}

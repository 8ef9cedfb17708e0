"""Automatic labels by the API: proposed, listed with their audit, refused where there is nothing to win."""

from collections.abc import Callable
from typing import Any

import pytest

from labeler.storage.database import Database
from tests.api.conftest import Api
from tests.conftest import Made
from tests.workflow.sure_model import sure_of

Make = Callable[..., Made]


@pytest.fixture
def made(make_project: Make, database: Database) -> Made:
    made = make_project("many", items=160, votes=1)
    with database.write() as session:
        sure_of(session, made, dict.fromkeys(made.items[:150], 0.999))
    return made


def test_labels_are_proposed_with_their_audit_and_listed(api: Callable[[str], Api], made: Made) -> None:
    lead, address = api("olga"), f"/projects/{made.slug}/automatic"
    started = lead.post(address, {"classes": ["cat"], "target": 0.95})
    assert started.status_code == 201
    (one,) = started.json["data"]
    assert (one["label"], one["state"], one["labels"], one["standing"]) == ("cat", "checking", 150, 0)
    assert (one["checked"], one["right_at_least"], one["audit"]) == (0, None, 1)
    audit = lead.get(f"/projects/{made.slug}/audits/1").json
    assert (audit["about"], audit["population"], audit["size"]) == ("proposals", 150, 59)
    assert lead.post(f"{address}/1/take-back", {}).status_code == 409  # nothing stands
    assert lead.post(f"/projects/{made.slug}/audits/1/stop", {}).status_code == 200
    assert [found["state"] for found in lead.get(address).json["data"]] == ["stopped"]
    assert lead.get(f"{address.rpartition('/')[0]}/items?state=automatic").json["data"] == []


def test_what_cannot_be_proposed_is_refused_and_leaves_everything_as_it_was(
    api: Callable[[str], Api], made: Made
) -> None:
    lead, address = api("olga"), f"/projects/{made.slug}/automatic"
    bodies: list[dict[str, Any]] = [{"classes": [name]} for name in ("dog", "bird")]
    for body in (*bodies, {"classes": []}, {"classes": ["cat"], "target": 1.2}):
        assert lead.post(address, body).status_code == 422
    assert lead.post(f"{address}/7/take-back", {}).status_code == 404
    assert lead.get(address).json["data"] == []
    assert api("ann").get(address).status_code == 403

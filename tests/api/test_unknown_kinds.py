"""Flags of a detector that nobody has heard of, as programs see them."""

from collections.abc import Callable

from labeler.quality.detectors.registry import DETECTORS
from labeler.storage.database import Database
from tests.api.conftest import Api
from tests.conftest import Made
from tests.review.suspects import add_pass
from tests.review.test_unknown_kinds import SUSPECTS

Make = Callable[..., Made]


def test_the_api_lists_it_page_by_page_and_takes_decisions_about_it(
    database: Database, make_project: Make, api: Callable[[str], Api]
) -> None:
    made = make_project(given="cat")
    add_pass(database, made, SUSPECTS)
    olga = api("olga")
    path = f"/projects/{made.slug}/flags"
    assert [row["kind"] for row in olga.pages(f"{path}?limit=2")] == [
        "label_error", "outlier", "bad_crop", "bad_crop", "zebra", "zebra",
    ]  # fmt: skip
    assert [row["item"] for row in olga.pages(f"{path}?kind=zebra")] == [made.items[1], made.items[0]]
    assert olga.get(f"{path}?kind=unheard_of").status_code == 422
    decision = {"key": "12345678", "item": made.items[0], "decision": "exclude", "kind": "zebra"}
    assert olga.post(f"/projects/{made.slug}/reviews", decision).json["kind"] == "zebra"
    refused = {"key": "12345679", "item": made.items[2], "decision": "exclude", "kind": "zebra"}
    assert olga.post(f"/projects/{made.slug}/reviews", refused).status_code == 422


def test_the_document_names_the_kinds_of_the_table(api: Callable[[str], Api]) -> None:
    document = api("").get("/openapi.json").json
    listed = document["paths"]["/api/v1/projects/{slug}/flags"]["get"]["parameters"]
    assert str([*DETECTORS]) in str(next(one for one in listed if one["name"] == "kind"))
    assert str([*DETECTORS]) in str(document["components"]["schemas"]["NewReview"]["properties"]["kind"])

"""The list of decisions: every one that was made, of the project one leads and of no other."""

from collections.abc import Callable

import pytest

from labeler.config import Settings
from tests.api.conftest import Api
from tests.conftest import Made


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def test_every_decision_is_listed_with_who_made_it(
    api: Callable[[str], Api], make_project: Callable[..., Made]
) -> None:
    made, other = make_project(given="dog"), make_project("others", given="dog")
    olga = api("olga")
    for number, (project, item, decision) in enumerate(
        [(made, 0, "keep"), (other, 0, "keep"), (made, 1, "exclude"), (made, 0, "send_back")]
    ):
        body = {"key": f"decision-{number}", "item": project.items[item], "decision": decision}
        assert olga.post(f"/projects/{project.slug}/reviews", body).status_code == 201
    rows = olga.pages("/projects/pets/reviews?limit=2")
    assert [(row["item"], row["decision"], row["status"]) for row in rows] == [
        (made.items[0], "keep", "replaced"),
        (made.items[1], "exclude", "current"),
        (made.items[0], "send_back", "current"),
    ]
    assert {(row["by"], row["external_id"], row["label"]) for row in rows[:1]} == {("olga@example.org", "e0", "dog")}
    one = olga.pages(f"/projects/pets/reviews?item={made.items[0]}&limit=1")
    assert [row["decision"] for row in one] == ["keep", "send_back"]
    assert olga.get("/projects/pets/reviews?item=0").status_code == 422

"""A number that several places show is the same in each: page, API and command line, on both databases."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.config import Settings
from tests.api.conftest import Api
from tests.conftest import Made

Cast = Callable[[str], Api]
Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]
SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def shown(client: FlaskClient, address: str) -> str:
    """Return the words of a page."""
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def test_agreement_with_the_others_is_the_same_on_the_page_and_in_the_api(
    api: Cast, make_project: Make, answer: Give, sign_in: SignIn
) -> None:
    made = make_project(items=20, votes=2)
    answer(made, "ann", ["cat"] * 20)
    answer(made, "bob", ["cat"] * 13 + ["dog"] * 7)
    rows = {row["email"]: row for row in api("olga").pages("/projects/pets/annotators")}
    for name in ("ann", "bob"):
        one = rows[f"{name}@example.org"]
        # the seven ties are seven times unlike the other; a consensus that holds the own answer would say 100 %
        assert (one["agreement"], one["compared"]) == (13 / 20, 20)
    assert rows["olga@example.org"]["agreement"] is None
    words = shown(sign_in("olga"), "/p/pets/annotators")
    assert words.count("65% 43 to 82 20") == 2
    assert shown(sign_in("olga"), "/p/pets/").count("65% 43 to 82") == 2

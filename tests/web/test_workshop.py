"""The page of a workshop: the pair, its cases, who says what, and what saving does."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.projects.queries import guideline_of
from labeler.storage.database import Database
from tests.conftest import NOW, Made
from tests.web.pages import inspect

Make = Callable[..., Made]
SignIn = Callable[[str], FlaskClient]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]


@pytest.fixture
def confused(make_project: Make, answer: Give, database: Database, cast: dict[str, int]) -> Made:
    """Return a project whose items 0, 2 and 3 were called both cat and dog; Rita has seen none."""
    made = make_project(items=5)
    with database.write() as session:
        accounts.set_member(session, made.id, cast["rita"], role="annotator", now=NOW)
    answer(made, "ann", ["cat", "dog", "cat", "cat", "neither"])
    answer(made, "bob", ["dog", "dog", "dog", "dog", "cat"])
    return made


def show(client: FlaskClient, made: Made, query: str = "") -> str:
    response = client.get(f"/p/{made.slug}/workshop{query}")
    assert response.status_code == 200, response.text[:500]
    inspect(response.text)
    return response.text


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("</header>") :]).split())


def fields(html: str, before: str) -> dict[str, str]:
    form = html[html.index(before) : html.index("</form>", html.index(before))]
    return dict(re.findall(r'type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', form))


def test_the_worst_pair_is_shown_with_its_cases_and_who_says_what(confused: Made, sign_in: SignIn) -> None:
    html = show(sign_in("olga"), confused)
    text = words(html)
    assert "3 items were called both" in text
    assert "0 of 3 decided" in text
    assert "75% of all disagreement" in text
    assert "Save and ask about 3 items again" in text
    assert html.count("data-case") == 3


def test_every_count_is_a_link_to_exactly_these_items(confused: Made, sign_in: SignIn) -> None:
    client = sign_in("olga")
    html = show(client, confused)
    links = re.findall(r'<a class="count" href="([^"]+)">\s*(\d+)', html)
    assert len(links) >= 3
    for address, count in links:
        listed = client.get(address.replace("&amp;", "&")).text
        assert len(re.findall(r'class="[^"]*"[^>]*href="/p/pets/items/\d+"', listed)) >= 0
        assert f"{count} item" in words(listed) or f"{count} of" in words(listed), address


def test_a_case_is_decided_where_it_stands_and_is_asked_no_more(confused: Made, sign_in: SignIn) -> None:
    client = sign_in("olga")
    html = show(client, confused)
    item = confused.items[2]
    sent = fields(html, f'id="case-{item}"')
    code = re.search(r'value="(relabel:\d+)" data-key="2"', html)
    assert code is not None
    response = client.post(f"/p/{confused.slug}/workshop/decide", data=sent | {"decision": code[1]})
    assert response.status_code == 303
    after = words(show(client, confused))
    assert "1 of 3 decided" in after
    assert "Save and ask about 2 items again" in after
    client.post(f"/p/{confused.slug}/workshop/undo-decision")
    assert "0 of 3 decided" in words(show(client, confused))


def test_saving_and_undoing_on_the_page(confused: Made, sign_in: SignIn, database: Database) -> None:
    client = sign_in("olga")
    wanted = {"rule": "Look at the ears.", "line": "Changed: ears", "ask": "1"}
    sent = fields(show(client, confused), 'id="pair-rule"') | wanted
    pair = re.search(r"/workshop/save\?([^\"]+)", show(client, confused))
    assert pair is not None
    address = f"/p/{confused.slug}/workshop/save?{pair[1].replace('&amp;', '&')}"
    response = client.post(address, data=sent)
    assert response.status_code == 303, words(response.text)
    html = show(client, confused)
    assert "3 items are asked about again" in words(html)
    assert "Changed: ears" in words(html)
    number = re.search(r"/workshop/(\d+)/undo", html)
    assert number is not None
    client.post(f"/p/{confused.slug}/workshop/{number[1]}/undo")
    assert "3 items are not asked about again" in words(show(client, confused))
    with database.read() as session:
        newest = guideline_of(session, confused.id)
        assert newest is not None
        assert newest.text == "# Look"


def test_what_is_missing_is_said_and_what_was_written_stays(confused: Made, sign_in: SignIn) -> None:
    client = sign_in("olga")
    html = show(client, confused)
    pair = re.search(r"/workshop/save\?([^\"]+)", html)
    assert pair is not None
    response = client.post(
        f"/p/{confused.slug}/workshop/save?{pair[1].replace('&amp;', '&')}",
        data=fields(html, 'id="pair-rule"') | {"rule": "Look at the ears.", "line": ""},
    )
    assert response.status_code == 422
    assert "Look at the ears." in response.text
    assert "is-error" in response.text or 'aria-invalid="true"' in response.text


def test_pages_without_a_pair_say_so(make_project: Make, sign_in: SignIn) -> None:
    assert "No pair needs a workshop" in words(show(sign_in("olga"), make_project(items=2)))
    made = make_project("parts", items=1, task="spans")
    assert "A workshop is about two classes of which an answer names one" in words(show(sign_in("olga"), made))


def test_annotators_are_not_let_in(confused: Made, sign_in: SignIn) -> None:
    assert sign_in("ann").get(f"/p/{confused.slug}/workshop").status_code == 403

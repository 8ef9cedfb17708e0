"""The disagreements page: voters side by side, one key decides."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.decisions import final
from labeler.decisions import queries as decision_queries
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from tests.conftest import Made
from tests.web.pages import inspect

Make = Callable[..., Made]
SignIn = Callable[[str], FlaskClient]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]


def show(client: FlaskClient, made: Made, query: str = "") -> str:
    response = client.get(f"/p/{made.slug}/disagreements{query}")
    assert response.status_code == 200, response.text[:500]
    inspect(response.text)
    return response.text


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("</header>") :]).split())


def press(client: FlaskClient, made: Made, html: str, decision: str, **more: str) -> str:
    form = html[html.index('data-part="decision"') :]
    data = {name: re.search(rf'name="{name}"\s+value="([^"]*)"', form)[1] for name in ("item", "key", "stood")}  # type: ignore[index]
    response = client.post(f"/p/{made.slug}/disagreements/decide", data=data | {"decision": decision} | more)
    assert response.status_code == 303, response.text[:500]
    return client.get(response.headers["Location"]).text


def code(database: Database, made: Made, name: str) -> str:
    with database.read() as session:
        return classes_of(session, made.id).by_name[name]


def stored(database: Database, made: Made, item: int) -> list[tuple[str, str, str]]:
    with database.read() as session:
        found = [one for one, _ in decision_queries.history_with_authors(session, made.items[item])]
        return [(review.decision, review.status, review.reason) for review in found]


@pytest.fixture
def differing(make_project: Make, answer: Give) -> Made:
    """Return a project whose items 0 and 2 are ties and whose item 1 is agreed on."""
    made = make_project(items=3)
    answer(made, "ann", ["cat", "dog", "cat"])
    answer(made, "bob", ["dog", "dog", "neither"])
    return made


@pytest.mark.parametrize(("name", "status"), [("zed", 404), ("ann", 403), ("", 302)])
def test_only_leads_of_the_project_see_disagreements(differing: Made, sign_in: SignIn, name: str, status: int) -> None:
    assert sign_in(name).get(f"/p/{differing.slug}/disagreements").status_code == status


@pytest.mark.parametrize("action", ["decide", "undo"])
@pytest.mark.parametrize(("name", "status"), [("zed", 404), ("ann", 403)])
def test_only_leads_of_the_project_may_settle_them(
    differing: Made, sign_in: SignIn, action: str, name: str, status: int
) -> None:
    assert sign_in(name).post(f"/p/{differing.slug}/disagreements/{action}").status_code == status


def test_the_voters_stand_side_by_side_with_their_answers(differing: Made, sign_in: SignIn) -> None:
    text = words(show(sign_in("olga"), differing))
    assert "0 of 2" in show(sign_in("olga"), differing).replace("<b>", "").replace("</b>", "")
    assert "1 \N{MULTIPLICATION SIGN} cat 1 \N{MULTIPLICATION SIGN} dog" in text
    assert "Ann 2.0 s · guidelines 1 cat" in text
    assert "Bob 2.0 s · guidelines 1 dog" in text
    assert "Take cat" in text
    assert "Take dog" in text


def test_a_decision_takes_one_answer_and_leads_to_the_next_item(
    database: Database, differing: Made, sign_in: SignIn
) -> None:
    olga = sign_in("olga")
    html = press(olga, differing, show(olga, differing), f"relabel:{code(database, differing, 'cat')}", reason="ears")
    assert stored(database, differing, 0) == [("relabel", "current", "ears")]
    assert f"Item {differing.items[0]} is now cat" in html
    html = press(olga, differing, html, f"relabel:{code(database, differing, 'neither')}")
    assert "Every disagreement is decided" in html


def test_the_navigation_counts_only_what_is_undecided(database: Database, differing: Made, sign_in: SignIn) -> None:
    olga = sign_in("olga")
    link = f'href="/p/{differing.slug}/disagreements"'
    nav = " ".join(olga.get(f"/p/{differing.slug}/items").text.split())
    assert re.search(link + r".*<span class=\"num\">2</span>", nav)
    press(olga, differing, show(olga, differing), f"relabel:{code(database, differing, 'dog')}")
    nav = " ".join(olga.get(f"/p/{differing.slug}/items").text.split())
    assert re.search(link + r".*<span class=\"num\">1</span>", nav)


def test_a_tie_can_be_kept_as_votes(database: Database, differing: Made, sign_in: SignIn) -> None:
    olga = sign_in("olga")
    press(olga, differing, show(olga, differing), "ambiguous")
    assert stored(database, differing, 0) == [("ambiguous", "current", "")]
    page = olga.get(f"/p/{differing.slug}/items/{differing.items[0]}").text
    assert "a lead called it ambiguous" in page
    assert words(page).count("50%") >= 2


def test_the_dashboards_number_of_ties_leads_to_the_ties_alone(
    database: Database, make_project: Make, answer: Give, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga = make_project(items=2, votes=3), sign_in("olga")
    with database.write() as session:
        from labeler.accounts.actions import set_member
        from tests.conftest import NOW

        set_member(session, made.id, cast["rita"], role="annotator", now=NOW)
    for name, labels in (("ann", ["cat", "cat"]), ("bob", ["dog", "dog"]), ("rita", ["neither", "cat"])):
        answer(made, name, labels)
    assert f'href="/p/{made.slug}/disagreements?ties=1"' in olga.get(f"/p/{made.slug}/").text
    html = show(olga, made, "?ties=1")
    assert "Text number 0" in html
    assert "Next item" not in html
    press(olga, made, html, f"relabel:{code(database, made, 'dog')}")
    assert "No tie waits for a decision" in show(olga, made, "?ties=1")
    assert "Text number 1" in show(olga, made)


def test_a_majority_can_be_kept_as_truly_ambiguous(
    database: Database, make_project: Make, answer: Give, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga = make_project(items=1, votes=3), sign_in("olga")
    with database.write() as session:
        from labeler.accounts.actions import set_member
        from tests.conftest import NOW

        set_member(session, made.id, cast["rita"], role="annotator", now=NOW)
    for name, label in (("ann", "cat"), ("bob", "cat"), ("rita", "dog")):
        answer(made, name, [label])
    html = show(olga, made)
    assert "consensus cat" in words(html)
    press(olga, made, html, "ambiguous", reason="both can be seen")
    assert stored(database, made, 0) == [("ambiguous", "current", "both can be seen")]
    with database.read() as session:
        assert final.standing_of(session, made.id, made.items[0]).final == ""
        shares = final.soft_labels(session, made.items)[made.items[0]]
    assert sorted(shares.values()) == [1 / 3, 2 / 3]


def test_undo_brings_the_item_back(database: Database, differing: Made, sign_in: SignIn) -> None:
    olga = sign_in("olga")
    press(olga, differing, show(olga, differing), "exclude")
    response = olga.post(f"/p/{differing.slug}/disagreements/undo")
    assert response.headers["Location"].endswith(f"item={differing.items[0]}")
    assert stored(database, differing, 0) == [("exclude", "undone", "")]


def test_a_pair_of_classes_shows_only_the_items_on_which_these_two_met(
    database: Database, differing: Made, sign_in: SignIn
) -> None:
    olga, codes = sign_in("olga"), {name: code(database, differing, name) for name in ("cat", "dog", "neither")}
    html = show(olga, differing, f"?a={codes['neither']}&b={codes['cat']}")
    assert "Text number 2" in html
    assert "Next item" not in html
    html = show(olga, differing, f"?a={codes['neither']}&b={codes['dog']}")
    assert "No item waits on which some said one and some the other" in html
    assert "Text number 0" in show(olga, differing, "?a=999&b=x")  # no such classes: all disagreements


def test_one_can_go_to_the_next_item_and_back_without_deciding(differing: Made, sign_in: SignIn) -> None:
    olga = sign_in("olga")
    html = show(olga, differing)
    assert f"item={differing.items[2]}" in html
    assert f"item={differing.items[0]}" in show(olga, differing, f"?item={differing.items[2]}")


@pytest.mark.parametrize(
    ("votes", "said"),
    [(1, "This project asks for one answer an item."), (2, "Items on which annotators answer differently")],
)
def test_without_disagreements_the_page_says_when_there_will_be_some(
    make_project: Make, sign_in: SignIn, votes: int, said: str
) -> None:
    assert said in words(show(sign_in("olga"), make_project(votes=votes)))


def test_an_item_of_another_project_is_not_shown(
    differing: Made, make_project: Make, answer: Give, sign_in: SignIn
) -> None:
    other = make_project("other", items=1)
    answer(other, "ann", ["cat"])
    answer(other, "bob", ["dog"])
    assert f'value="{other.items[0]}"' not in show(sign_in("olga"), differing, f"?item={other.items[0]}")

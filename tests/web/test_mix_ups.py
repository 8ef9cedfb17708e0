"""The card of mix-ups: against final labels where there are some, else annotator against annotator."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from labeler.web.dashboard import view_model as view
from tests.conftest import Made

Make = Callable[..., Made]
SignIn = Callable[[str], FlaskClient]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def card(client: FlaskClient, made: Made) -> tuple[str, dict[str, str]]:
    """Return the words of the card, and what its cells say with their addresses."""
    html = client.get(f"/p/{made.slug}/").text
    part = html[html.index('id="mixed-title"') : html.index('id="classes-title"')]
    cells = re.findall(r'href="([^"]+)" title="([^"]+)"', part.replace("&amp;", "&"))
    return " ".join(re.sub(r"<[^>]+>", " ", part).split()), {words: address for address, words in cells}


def decide(database: Database, made: Made, by: int, items: list[int], decision: str) -> None:
    with database.write() as session:
        dog = classes_of(session, made.id).by_name["dog"] if decision == "relabel" else ""
        for item in items:
            one = Decision(f"decide-{item}-{decision}", made.items[item], decision, dog)
            workflow.resolve(session, session.get_one(Project, made.id), one, by=by)


def test_while_ties_have_no_final_label_annotators_stand_against_one_another(
    *,
    database: Database,
    make_project: Make,
    answer: Give,
    sign_in: SignIn,
    cast: dict[str, int],
) -> None:
    made, olga = make_project(items=12, votes=2), sign_in("olga")
    answer(made, "ann", ["cat"] * 6 + ["dog"] * 4)
    answer(made, "bob", ["cat"] * 3 + ["dog"] * 3 + ["dog"] * 3)
    words, cells = card(olga, made)
    assert "rows: an answer · columns: another's answer to the same item" in words
    # of nine pairs three are cat and cat, three dog and dog, three tie; one item has one answer and two have none
    assert "3 items are not in it: they have fewer than two answers." in words
    assert "cat 67 33.3 0 dog 33.3 67 0 neither 0 0 0" in words
    assert "cat by one, dog by another: 3 items" in cells
    assert "cat by one, cat by another: 3 items" in cells
    for said, address in cells.items():
        number = re.search(r"(\d+) items?$", said)
        assert number
        assert f"{number[1]} item" in olga.get(address).text
    decide(database, made, cast["olga"], [3, 4, 5], "relabel")
    words, cells = card(olga, made)
    assert "rows: final label · columns: answers" in words
    assert "not in it" not in words
    assert cells["dog answered as cat: 3 answers"]


def test_what_a_lead_takes_out_or_calls_ambiguous_is_settled_and_said_to_be_missing(
    *,
    database: Database,
    make_project: Make,
    answer: Give,
    sign_in: SignIn,
    cast: dict[str, int],
) -> None:
    made, olga = make_project(items=6, votes=2), sign_in("olga")
    answer(made, "ann", ["cat"] * 6)
    answer(made, "bob", ["cat"] * 4 + ["dog"] * 2)
    assert "rows: an answer" in card(olga, made)[0]
    decide(database, made, cast["olga"], [4], "exclude")
    decide(database, made, cast["olga"], [5], "ambiguous")
    words, _ = card(olga, made)
    assert "rows: final label" in words
    assert (
        "2 answered items are not in it: they have no final label (ties and ambiguous ones), or are excluded." in words
    )


def test_one_answer_an_item_says_nothing_about_mix_ups(make_project: Make, answer: Give, sign_in: SignIn) -> None:
    made = make_project(items=4, votes=1)
    answer(made, "ann", ["cat", "dog", "cat"])
    words, cells = card(sign_in("olga"), made)
    assert "Which classes are taken for one another appears here once items have two answers." in words
    assert cells == {}


def test_many_classes_are_listed_by_the_items_that_were_called_both() -> None:
    marks = [view.ClassMark(f"c{n}", n + 1) for n in range(13)]
    together = [[5 if i == j else 0 for j in range(13)] for i in range(13)]
    together[2][7] = together[7][2] = 4
    found = view.mix_ups(marks, together, lambda i, j: f"{i}-{j}", weights=[[1.0] * 13] * 13)
    assert found
    assert found.between
    assert [(one.first.name, one.second.name, one.there, one.back) for one in found.pairs] == [("c2", "c7", 4, 0)]

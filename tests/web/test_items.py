"""Lists of items behind the counts, and the page of one item."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.decisions.actions import Decision
from labeler.projects.models import Project
from labeler.projects.queries import Question
from labeler.storage.database import Database
from tests.conftest import LEASE, Made

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]


@pytest.fixture
def olga(sign_in: SignIn) -> FlaskClient:
    return sign_in("olga")


def listed(client: FlaskClient, made: Made, query: str = "") -> list[int]:
    """Return the ids on a page of the list."""
    answered = client.get(f"/p/{made.slug}/items{query}")
    assert answered.status_code == 200
    return [int(found) for found in re.findall(rf'href="/p/{made.slug}/items/(\d+)"', answered.text)]


def decide(database: Database, made: Made, by: int, item: int, decision: str) -> None:
    with database.write() as session:
        project = session.get_one(Project, made.id)
        workflow.resolve(session, project, Decision(f"decide-{item}-{decision}", item, decision), by=by)


@pytest.mark.parametrize("path", ["items", "items/{item}"])
def test_only_leads_see_items_with_their_answers(sign_in: SignIn, make_project: Make, path: str) -> None:
    made = make_project()
    url = f"/p/{made.slug}/{path.format(item=made.items[0])}"
    assert [sign_in(name).get(url).status_code for name in ("zed", "ann", "olga")] == [404, 403, 200]


def test_an_item_of_another_project_is_not_found(olga: FlaskClient, make_project: Make) -> None:
    made, other = make_project("one"), make_project("two")
    assert olga.get(f"/p/{made.slug}/items/{other.items[0]}").status_code == 404
    assert olga.post(f"/p/{made.slug}/items/{other.items[0]}/undo").status_code == 404


def test_an_empty_project_says_how_items_come_in(olga: FlaskClient, make_project: Make) -> None:
    assert "The items of this project appear here." in olga.get(f"/p/{make_project(items=0).slug}/items").text


def test_the_list_can_be_walked_both_ways(olga: FlaskClient, make_project: Make) -> None:
    made = make_project(items=120)
    first = olga.get(f"/p/{made.slug}/items").text
    assert listed(olga, made) == made.items[:50]
    assert 'rel="prev"' not in first
    assert listed(olga, made, f"?after={made.items[49]}") == made.items[50:100]
    assert listed(olga, made, f"?after={made.items[99]}") == made.items[100:]
    assert 'rel="next"' not in olga.get(f"/p/{made.slug}/items?after={made.items[99]}").text
    assert listed(olga, made, f"?before={made.items[100]}") == made.items[50:100]
    assert listed(olga, made, f"?before={made.items[50]}") == made.items[:50]
    assert 'rel="prev"' not in olga.get(f"/p/{made.slug}/items?before={made.items[50]}").text


def test_filters_narrow_the_list_and_stand_as_chips(olga: FlaskClient, make_project: Make, answer: Give) -> None:
    made = make_project(items=4, votes=2)
    answer(made, "ann", ["cat", "cat", "dog"])
    answer(made, "bob", ["cat", "dog", "dog"])
    assert listed(olga, made, "?state=tie") == [made.items[1]]
    assert listed(olga, made, "?state=unlabeled") == [made.items[3]]
    assert listed(olga, made, "?text=number+2") == [made.items[2]]
    assert listed(olga, made, "?text=e3") == [made.items[3]]
    shown = olga.get(f"/p/{made.slug}/items?state=tie&text=Text").text
    assert "Votes tie" in shown
    assert f'href="/p/{made.slug}/items?text=Text"' in shown
    assert f'href="/p/{made.slug}/items?state=tie"' in shown


def test_answers_of_one_annotator_can_be_listed(
    olga: FlaskClient, cast: dict[str, int], database: Database, make_project: Make, answer: Give
) -> None:
    made = make_project(items=3, votes=3)
    answer(made, "ann", ["cat", "cat"])
    answer(made, "bob", ["dog", "cat"])
    answer(made, "olga", ["cat", "cat"])
    assert listed(olga, made, f"?annotator={cast['bob']}") == made.items[:2]
    assert listed(olga, made, f"?annotator={cast['bob']}&disagrees=1") == [made.items[0]]
    assert listed(olga, made, f"?annotator={cast['rita']}") == []
    assert listed(olga, made, f"?annotator={cast['bob']}&fast=1") == []
    with database.write() as session:
        held = workflow.serve(session, made.id, cast["bob"], count=1, lease=LEASE)[0]
        question = Question.of(session, session.get_one(Project, made.id))
        skip = Answer("skip-0001", held.assignment.id, skip="broken", comment="See page 2")
        workflow.submit(session, question, cast["bob"], [skip])
    assert listed(olga, made, f"?state=skipped&annotator={cast['bob']}") == [made.items[2]]
    assert listed(olga, made, f"?state=skipped&annotator={cast['ann']}") == []
    assert listed(olga, made, "?state=commented") == [made.items[2]]


@pytest.mark.parametrize("query", ["?state=what", "?annotator=x", "?annotator=9" + "9" * 30, "?after=-1", "?final=999"])
def test_an_address_that_makes_no_sense_is_no_error(olga: FlaskClient, make_project: Make, query: str) -> None:
    made = make_project()
    assert olga.get(f"/p/{made.slug}/items{query}").status_code == 200


def test_an_item_shows_every_answer_and_why_it_does_not_count(
    olga: FlaskClient, cast: dict[str, int], database: Database, make_project: Make, answer: Give
) -> None:
    made = make_project(items=2, votes=2)
    receipt = answer(made, "ann", ["cat"])[0]
    with database.write() as session:
        workflow.undo(session, made.id, cast["ann"], receipt.id or 0, lease=LEASE)
    answer(made, "ann", ["dog"])
    shown = olga.get(f"/p/{made.slug}/items/{made.items[0]}").text
    assert "Text number 0 about dogs." in shown
    assert "Taken back" in shown
    assert "Counts" in shown
    assert f"/p/{made.slug}/review?item={made.items[0]}" in shown


def test_an_excluded_item_can_be_brought_back(
    olga: FlaskClient, cast: dict[str, int], database: Database, make_project: Make
) -> None:
    made = make_project(given="cat")
    item = made.items[0]
    decide(database, made, cast["olga"], item, "exclude")
    assert listed(olga, made, "?state=excluded") == [item]
    shown = olga.get(f"/p/{made.slug}/items/{item}").text
    assert "Bring back" in shown
    review = re.findall(r'name="review" value="(\d+)"', shown)[0]
    olga.post(f"/p/{made.slug}/items/{item}/undo", data={"review": review})
    assert listed(olga, made, "?state=excluded") == []
    assert "undone" in olga.get(f"/p/{made.slug}/items/{item}").text


def test_a_decision_somebody_changed_in_the_meantime_is_not_undone(
    olga: FlaskClient, cast: dict[str, int], database: Database, make_project: Make
) -> None:
    made = make_project(given="cat")
    item = made.items[0]
    decide(database, made, cast["olga"], item, "keep")
    decide(database, made, cast["rita"], item, "exclude")
    answered = olga.post(f"/p/{made.slug}/items/{item}/undo", data={"review": 1}, follow_redirects=True)
    assert "nothing was undone" in answered.text
    assert listed(olga, made, "?state=excluded") == [item]


def test_content_is_shown_as_text_and_never_run(olga: FlaskClient, database: Database, make_project: Make) -> None:
    from labeler.projects.models import Item

    made = make_project(items=1)
    with database.write() as session:
        item = session.get_one(Item, made.items[0])
        item.text, item.meta = "<script>alert(1)</script>", {"<b>": "<i>x</i>"}
    for path in ("items", f"items/{made.items[0]}"):
        shown = olga.get(f"/p/{made.slug}/{path}").text
        assert "<script>alert" not in shown
        assert "<i>x" not in shown

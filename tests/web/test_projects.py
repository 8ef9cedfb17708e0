"""The list of projects, a new one, guidelines, people and settings."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from labeler.accounts import actions as accounts
from labeler.accounts import queries
from labeler.projects.models import Item
from labeler.projects.queries import classes_of, guidelines_of, project_by_slug
from labeler.storage.database import Database
from labeler.web.projects.views import slug_of
from labeler.web.shared.markdown import render
from tests.conftest import Made
from tests.web.pages import inspect

Cast = dict[str, int]
SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
NEW = {"name": "Street signs", "media": "text", "task": "classification", "classes": "stop: red\nyield", "votes": "3"}


# -- the list -------------------------------------------------------------------------------------------------------


def test_an_annotator_sees_their_own_progress_and_a_lead_that_of_all(
    sign_in: SignIn, make_project: Make, answer: Callable[..., object]
) -> None:
    made = make_project(items=6, votes=2)
    answer(made, "ann", ["cat", "dog"])
    assert "You answered 2; 4 left for you" in sign_in("ann").get("/").text
    assert "You answered 0; 6 left for you" in sign_in("bob").get("/").text
    lead = sign_in("olga").get("/").text
    assert "2 of 12 answers, 6 items" in lead
    assert "/p/pets/label" in inspect(lead).links


def test_an_empty_list_says_what_to_do_by_role(sign_in: SignIn) -> None:
    assert "/projects/new" in inspect(sign_in("rita").get("/").text).links
    nothing = inspect(sign_in("zed").get("/").text)
    assert "/projects/new" not in nothing.links
    assert "as soon as a lead adds you" in sign_in("zed").get("/").text


def test_a_project_without_items_offers_to_add_them(sign_in: SignIn, make_project: Make) -> None:
    make_project(items=0)
    assert "/p/pets/data" in inspect(sign_in("olga").get("/").text).links
    assert "a lead has to import items first" in sign_in("ann").get("/").text


# -- a new project --------------------------------------------------------------------------------------------------


def test_whoever_makes_a_project_leads_it(sign_in: SignIn, database: Database, cast: Cast) -> None:
    client = sign_in("rita")
    inspect(client.get("/projects/new").text)
    response = client.post("/projects/new", data={**NEW, "question": "Which sign?", "order": "shuffled"})
    assert response.location == "/p/street-signs/data"
    with database.read() as session:
        project = project_by_slug(session, "street-signs")
        assert (project.name, project.votes, project.media, project.task) == (
            "Street signs",
            3,
            "text",
            "classification",
        )
        assert project.settings["question"] == "Which sign?"
        assert project.settings["order"] == "shuffled"
        rows = classes_of(session, project.id).rows
        assert [(row.name, row.description) for row in rows] == [("stop", "red"), ("yield", "")]
        assert queries.project_role(session, cast["rita"], project.id) == "lead"


def test_a_rating_has_the_steps_of_its_scale(sign_in: SignIn, database: Database) -> None:
    data = {**NEW, "task": "rating", "first": "0", "last": "3", "low": "bad", "high": "good", "order": "in_order"}
    assert sign_in("rita").post("/projects/new", data=data).status_code == 302
    with database.read() as session:
        project = project_by_slug(session, "street-signs")
        assert classes_of(session, project.id).names == ("0", "1", "2", "3")
        assert (project.settings["low"], project.settings["high"]) == ("bad", "good")


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"classes": "only one"}, "classes", "Give at least two classes."),
        ({"classes": "a\nb\na"}, "classes", "Named twice: a."),
        ({"slug": "Not Small"}, "slug", "cannot be a short name"),
        ({"slug": "pets"}, "slug", "There is a project"),
        ({"name": ""}, "name", "Give the project a name."),
        ({"name": "猫"}, "slug", "cannot be a short name"),
        ({"votes": "0"}, "votes", "Number must be between"),
        ({"votes": "many"}, "votes", "Write a whole number."),
        ({"media": "smell"}, "media", "Not a valid choice"),
    ],
)
def test_a_mistake_in_a_new_project_is_said_beside_its_field(
    sign_in: SignIn, make_project: Make, changed: dict[str, str], field: str, words: str
) -> None:
    make_project(items=0)
    response = sign_in("rita").post("/projects/new", data={**NEW, "order": "in_order", **changed})
    assert response.status_code == 422
    error = response.text.partition(f'id="{field}-error"')[2].partition("</p>")[0]
    assert words in error
    assert "/p/street-signs/data" not in inspect(sign_in("rita").get("/").text).links
    inspect(response.text)


def test_a_short_name_is_made_from_the_name() -> None:
    assert slug_of("Street signs (2026)") == "street-signs-2026"
    assert slug_of("Été à 3") == "ete-a-3"
    assert slug_of("—") == ""
    assert not slug_of("x" * 63 + " y").endswith("-")


# -- guidelines -----------------------------------------------------------------------------------------------------


def test_a_new_version_of_the_guidelines_keeps_the_old_ones(
    sign_in: SignIn, make_project: Make, database: Database
) -> None:
    made = make_project()
    lead = sign_in("olga")
    assert lead.post("/p/pets/guidelines/edit", data={"text": "# Now\r\n\r\n- this"}).status_code == 302
    assert "<h3>Now</h3>" in lead.get("/p/pets/guidelines").text
    assert "<h3>Look</h3>" in lead.get("/p/pets/guidelines?version=1").text
    assert lead.get("/p/pets/guidelines?version=9").status_code == 404
    with database.read() as session:
        assert [one.version for one in guidelines_of(session, made.id)] == [2, 1]


def test_a_preview_stores_nothing(sign_in: SignIn, make_project: Make, database: Database) -> None:
    made = make_project()
    response = sign_in("olga").post("/p/pets/guidelines/edit", data={"text": "**bold**", "preview": "1"})
    assert "<strong>bold</strong>" in response.text
    inspect(response.text)
    with database.read() as session:
        assert len(guidelines_of(session, made.id)) == 1


def test_an_annotator_reads_the_newest_guidelines_and_nothing_else(sign_in: SignIn, make_project: Make) -> None:
    make_project()
    sign_in("olga").post("/p/pets/guidelines/edit", data={"text": "# Now"})
    ann = sign_in("ann")
    page = ann.get("/p/pets/guidelines?version=1")
    assert "<h3>Now</h3>" in page.text
    assert "/p/pets/guidelines/edit" not in inspect(page.text).links
    assert ann.get("/p/pets/guidelines/edit").status_code == 403


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](data:text/html,x)",
        "![a](https://evil.example/x.png)",
        "<a href='x' style='position:fixed'>a</a>",
        "```<svg/onload=alert(1)>```",
        '[a](https://x.example "\\" onclick=alert(1)")',
    ],
)
def test_guidelines_never_become_anything_that_runs_or_loads(text: str) -> None:
    html = render(text).lower()
    for element in ("<script", "<img", "<svg", "<style", 'href="javascript:', 'href="data:'):
        assert element not in html
    inspect(f"<!doctype html><title>t</title><h1>t</h1>{html}")


# -- people ---------------------------------------------------------------------------------------------------------


def test_somebody_with_an_account_is_added_at_once(
    sign_in: SignIn, make_project: Make, database: Database, cast: Cast
) -> None:
    made = make_project()
    data = {"email": "Rita@example.org", "role": "lead"}
    assert sign_in("olga").post("/p/pets/people", data=data).status_code == 302
    with database.read() as session:
        assert queries.project_role(session, cast["rita"], made.id) == "lead"


def test_somebody_without_an_account_gets_a_link_into_this_project(
    sign_in: SignIn, make_project: Make, database: Database, app: Flask
) -> None:
    made = make_project()
    response = sign_in("olga").post("/p/pets/people", data={"email": "new@example.org", "role": "annotator"})
    assert response.status_code == 201
    inspect(response.text)
    link = response.text.partition('id="secret" type="text" value="http://localhost')[2].partition('"')[0]
    client = app.test_client()
    client.post(link, data={"name": "New", "password": "a long enough password"})
    assert client.get("/p/pets/guidelines").status_code == 200
    with database.read() as session:
        person = queries.user_by_email(session, "new@example.org")
        assert queries.project_role(session, person.id, made.id) == "annotator"


def test_an_invite_is_withdrawn_only_in_its_own_project(
    sign_in: SignIn, make_project: Make, database: Database, cast: Cast
) -> None:
    make_project()
    other = make_project("other")
    with database.write() as session:
        wanted = accounts.Invitation("new@example.org", project_id=other.id, project_role="lead")
        accounts.add_invite(session, wanted, by=cast["olga"], now=datetime.now(UTC))
        (invite,) = queries.open_invites(session, datetime.now(UTC))
    lead = sign_in("olga")
    assert lead.post(f"/p/pets/people/invites/{invite.id}/withdraw").status_code == 404
    assert lead.post(f"/p/other/people/invites/{invite.id}/withdraw").status_code == 302


def test_taking_somebody_out_keeps_their_answers(
    sign_in: SignIn, make_project: Make, answer: Callable[..., object], cast: Cast
) -> None:
    made = make_project()
    answer(made, "ann", ["cat"])
    lead = sign_in("olga")
    assert f"annotator={cast['ann']}" in lead.get("/p/pets/people").text
    assert lead.post(f"/p/pets/people/{cast['ann']}", data={"role": "out"}).status_code == 302
    assert "1 of 12 answers" in lead.get("/").text
    assert sign_in("ann").get("/p/pets/guidelines").status_code == 404
    assert lead.post(f"/p/pets/people/{cast['zed']}", data={"role": "lead"}).status_code == 404


def test_a_role_in_a_project_is_changed(sign_in: SignIn, make_project: Make, cast: Cast) -> None:
    make_project()
    lead = sign_in("olga")
    lead.post(f"/p/pets/people/{cast['ann']}", data={"role": "lead"})
    assert sign_in("ann").get("/p/pets/people").status_code == 200
    response = lead.post(f"/p/pets/people/{cast['ann']}", data={"role": "admin"}, follow_redirects=True)
    assert "must be one of" in response.text


# -- settings -------------------------------------------------------------------------------------------------------

RULES = {"name": "Pets", "question": "Which?", "votes": "2", "order": "in_order", "target_alpha": "0.7"}


def test_settings_are_kept_and_votes_open_the_slots_they_want(
    sign_in: SignIn, make_project: Make, database: Database
) -> None:
    made = make_project(items=3, votes=2)
    data = {**RULES, "votes": "4", "error_limit": "2.5"}
    assert sign_in("olga").post("/p/pets/settings", data=data).status_code == 302
    with database.read() as session:
        project = project_by_slug(session, "pets")
        assert (project.name, project.votes) == ("Pets", 4)
        assert project.settings["target_alpha"] == pytest.approx(0.7)
        assert project.settings["error_limit"] == pytest.approx(0.025)
        assert set(session.scalars(select(Item.open_slots).where(Item.project_id == made.id))) == {4}


def test_settings_have_numbers_with_the_decimal_sign_of_the_language(
    sign_in: SignIn, make_project: Make, database: Database
) -> None:
    make_project()
    lead = sign_in("olga")
    lead.set_cookie("language", "de")
    for target, limit in (("0,75", "2,5"), ("0.75", "2.5")):
        assert (
            lead.post("/p/pets/settings", data={**RULES, "target_alpha": target, "error_limit": limit}).status_code
            == 302
        )
        with database.read() as session:
            settings = project_by_slug(session, "pets").settings
        assert (settings["target_alpha"], settings["error_limit"]) == pytest.approx((0.75, 0.025))
    assert 'value="0,75"' in lead.get("/p/pets/settings").text
    refused = lead.post("/p/pets/settings", data={**RULES, "target_alpha": "7,5", "error_limit": "5"})
    assert 'value="7,5"' in refused.text
    assert "Zahl muss zwischen 0 und 1 liegen" in refused.text


def test_settings_out_of_range_change_nothing(sign_in: SignIn, make_project: Make, database: Database) -> None:
    make_project()
    for changed in ({"votes": "51"}, {"target_alpha": "2"}, {"error_limit": "x"}, {"name": ""}):
        response = sign_in("olga").post("/p/pets/settings", data={**RULES, "error_limit": "5", **changed})
        assert response.status_code == 422
        inspect(response.text)
    with database.read() as session:
        assert project_by_slug(session, "pets").name == "pets"


def test_a_renamed_class_keeps_its_labels(
    sign_in: SignIn, make_project: Make, database: Database, answer: Callable[..., object]
) -> None:
    made = make_project(items=2, votes=1)
    answer(made, "ann", ["cat", "dog"])
    with database.read() as session:
        ids = {row.name: row.id for row in classes_of(session, made.id).rows}
    data = {f"name-{ids['cat']}": "feline", f"description-{ids['cat']}": "meows", "add": "bird: sings"}
    assert sign_in("olga").post("/p/pets/settings/classes", data=data).status_code == 302
    with database.read() as session:
        rows = classes_of(session, made.id).rows
        assert [(row.name, row.description) for row in rows] == [
            ("feline", "meows"),
            ("dog", ""),
            ("neither", ""),
            ("bird", "sings"),
        ]
    assert "feline" in sign_in("olga").get("/p/pets/export?format=csv").text


def test_classes_change_all_or_not_at_all(sign_in: SignIn, make_project: Make, database: Database) -> None:
    made = make_project()
    with database.read() as session:
        ids = {row.name: row.id for row in classes_of(session, made.id).rows}
    response = sign_in("olga").post(
        "/p/pets/settings/classes", data={f"name-{ids['cat']}": "feline", f"name-{ids['dog']}": "neither"}
    )
    assert response.status_code == 422
    assert 'value="feline"' in response.text
    assert "the name of another class" in response.text
    with database.read() as session:
        assert classes_of(session, made.id).names == ("cat", "dog", "neither")


def test_a_project_is_deleted_only_when_its_short_name_is_typed(
    sign_in: SignIn, make_project: Make, database: Database
) -> None:
    make_project()
    lead = sign_in("olga")
    response = lead.post("/p/pets/settings/delete", data={"delete-slug": "dogs"})
    assert response.status_code == 422
    assert "nothing was deleted" in response.text
    assert lead.post("/p/pets/settings/delete", data={"delete-slug": "pets"}).location == "/"
    assert lead.get("/p/pets/settings").status_code == 404
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == 0


def test_a_class_in_use_is_merged_once_the_lead_is_sure_and_an_unused_one_is_taken_away(
    sign_in: SignIn, make_project: Make, database: Database
) -> None:
    made, olga = make_project(items=2, given="cat"), sign_in("olga")
    with database.read() as session:
        ids = {row.name: row.id for row in classes_of(session, made.id).rows}
    page = olga.get("/p/pets/settings").text
    assert "2 existing labels" in page
    assert "cannot be parted again" in page
    merge = {f"into-{ids['cat']}": str(ids["dog"])}
    refused = olga.post("/p/pets/settings/classes", data=merge)
    assert refused.status_code == 422
    assert "Merging cannot be undone" in refused.text
    assert olga.post("/p/pets/settings/classes", data=merge | {"sure": "1"}).status_code == 302
    with database.read() as session:
        assert classes_of(session, made.id).names == ("dog", "neither")
        assert set(session.scalars(select(Item.given_code))) == {str(ids["dog"])}
    olga.post("/p/pets/settings/classes", data={"add": "bird"})
    with database.read() as session:
        bird = classes_of(session, made.id).by_name["bird"]
    assert olga.post("/p/pets/settings/classes", data={f"into-{bird}": "remove"}).status_code == 302
    refused = olga.post("/p/pets/settings/classes", data={f"name-{ids['dog']}": ""})
    assert "is in use (2 given labels)" in refused.text.replace("&#39;", "'")
    with database.read() as session:
        assert classes_of(session, made.id).names == ("dog", "neither")

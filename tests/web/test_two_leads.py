"""Two leads with the same form open: whoever saves last changes what they changed, and nothing else."""

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from labeler.projects.queries import classes_of, project_by_slug
from labeler.quality.suggestions import Rules
from labeler.storage.database import Database
from labeler.web.shared.changed import as_shown, changed
from tests.conftest import Made

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]


def shown(page: str, action: str) -> str:
    """Return what the form with this address carries of what it showed."""
    form = page.partition(f'action="{action}"')[2]
    return html.unescape(re.search(r'name="shown" value="([^"]*)"', form).group(1))  # type: ignore[union-attr]


def test_each_keeps_what_they_changed_of_the_settings(sign_in: SignIn, make_project: Make, database: Database) -> None:
    make_project(votes=2)
    olga, path = sign_in("olga"), "/p/pets/settings"
    before = {
        "name": "pets",
        "question": "",
        "votes": "2",
        "order": "in_order",
        "target_alpha": "0.8",
        "error_limit": "5",
    }
    before["shown"] = shown(olga.get(path).text, path)
    for mine in ({"question": "Which pet?"}, {"votes": "3"}, {"name": "Our pets"}, {"bulk": "y"}, {"error_limit": "2"}):
        assert olga.post(path, data=before | mine).status_code == 302
    with database.read() as session:
        project = project_by_slug(session, "pets")
        assert (project.name, project.votes) == ("Our pets", 3)
        assert project.settings == {"question": "Which pet?", "bulk": True, "error_limit": 0.02}


def test_a_form_that_was_refused_still_changes_only_what_was_changed(
    sign_in: SignIn, make_project: Make, database: Database
) -> None:
    make_project(votes=2)
    olga, path = sign_in("olga"), "/p/pets/settings"
    before = {
        "name": "pets",
        "question": "",
        "votes": "2",
        "order": "in_order",
        "target_alpha": "0.8",
        "error_limit": "5",
    }
    before["shown"] = shown(olga.get(path).text, path)
    olga.post(path, data=before | {"votes": "3"})
    refused = olga.post(path, data=before | {"error_limit": "500", "question": "Which?"})
    assert refused.status_code == 422
    again = before | {"question": "Which?", "shown": shown(refused.text, path)}
    assert olga.post(path, data=again).status_code == 302
    with database.read() as session:
        project = project_by_slug(session, "pets")
        assert (project.votes, project.settings["question"]) == (3, "Which?")


def test_each_keeps_what_they_changed_of_the_classes(sign_in: SignIn, make_project: Make, database: Database) -> None:
    made = make_project()
    olga, path = sign_in("olga"), "/p/pets/settings/classes"
    with database.read() as session:
        rows = classes_of(session, made.id).rows
    before = {f"name-{row.id}": row.name for row in rows} | {f"description-{row.id}": "" for row in rows}
    before["shown"] = shown(olga.get("/p/pets/settings").text, path)
    for mine in ({f"name-{rows[0].id}": "lion"}, {f"name-{rows[1].id}": "wolf"}, {f"description-{rows[0].id}": "big"}):
        assert olga.post(path, data=before | mine).status_code == 302
    with database.read() as session:
        found = [(row.name, row.description) for row in classes_of(session, made.id).rows]
    assert found == [("lion", "big"), ("wolf", ""), ("neither", "")]


def test_each_keeps_what_they_changed_of_the_suggestions(
    sign_in: SignIn, make_project: Make, database: Database
) -> None:
    make_project()
    olga, path = sign_in("olga"), "/p/pets/suggestions"
    before = {"source": "model", "hidden": "20", "shown": shown(olga.get("/p/pets/settings").text, path)}
    for mine in ({"on": "y"}, {"hidden": "40"}, {"source": "imported"}):
        assert olga.post(path, data=before | mine).status_code == 303
    with database.read() as session:
        assert Rules.of(project_by_slug(session, "pets").settings) == Rules(True, "imported", 0.4)  # noqa: FBT003
    assert olga.post(f"{path}/off").status_code == 303
    with database.read() as session:
        assert Rules.of(project_by_slug(session, "pets").settings) == Rules(False, "imported", 0.4)  # noqa: FBT003


@pytest.mark.parametrize("said", [None, "", "no JSON", "[1]", "{" * 3000, "null"])
def test_a_form_that_does_not_say_what_it_showed_changes_all_it_has(said: str | None) -> None:
    assert changed({"votes": 2, "name": "a"}, said) == {"votes": 2, "name": "a"}
    assert changed({"votes": 2, "name": "a"}, as_shown({"votes": 2, "name": "b"})) == {"name": "a"}

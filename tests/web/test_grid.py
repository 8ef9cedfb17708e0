"""Pages of look-alikes on the pages of the site: the lead's switch, the links, the page itself, and what they cost."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.projects.actions import change_project
from labeler.projects.models import Project
from labeler.projects.queries import Question
from labeler.storage.database import Database
from tests.conftest import LEASE, Made
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
SETTINGS = {
    "name": "Pets",
    "question": "",
    "votes": "2",
    "order": "in_order",
    "target_alpha": "0.8",
    "error_limit": "5",
}


def settings_of(database: Database, made: Made) -> dict[str, Any]:
    with database.read() as session:
        return dict(session.get_one(Project, made.id).settings)


def offer(database: Database, made: Made) -> None:
    with database.write() as session:
        change_project(session, session.get_one(Project, made.id), {"settings": {"bulk": True}})


def test_a_lead_turns_pages_on_and_off(sign_in: SignIn, make_project: Make, database: Database) -> None:
    made = make_project()
    olga = sign_in("olga")
    assert "the first pass is not blind any more" in olga.get("/p/pets/settings").text
    assert olga.post("/p/pets/settings", data=SETTINGS | {"bulk": "y"}).status_code == 302
    assert settings_of(database, made)["bulk"] is True
    assert (
        " checked"
        in olga.get("/p/pets/settings").text.partition('name="bulk"')[0][-80:]
        + (olga.get("/p/pets/settings").text.partition('name="bulk"')[2][:80])
    )
    assert olga.post("/p/pets/settings", data=SETTINGS).status_code == 302
    assert settings_of(database, made)["bulk"] is False


def test_a_rating_has_no_such_switch(sign_in: SignIn, make_project: Make, database: Database) -> None:
    made = make_project(task="rating")
    olga = sign_in("olga")
    assert 'name="bulk"' not in olga.get("/p/pets/settings").text
    olga.post("/p/pets/settings", data=SETTINGS | {"bulk": "y"})
    assert "bulk" not in settings_of(database, made)


def test_the_grid_is_not_there_where_it_is_off_and_linked_where_it_is_on(
    sign_in: SignIn, make_project: Make, database: Database
) -> None:
    made = make_project()
    ann = sign_in("ann")
    assert ann.get("/p/pets/grid").status_code == 404
    assert "/p/pets/grid" not in ann.get("/").text + ann.get("/p/pets/label").text
    offer(database, made)
    assert "/p/pets/grid" in ann.get("/").text
    assert "/p/pets/grid" in ann.get("/p/pets/label").text
    assert sign_in("zed").get("/p/pets/grid").status_code == 404


@pytest.mark.parametrize("name", ["ann", "olga"])
def test_the_grid_keeps_the_rules_of_pages(sign_in: SignIn, make_project: Make, database: Database, name: str) -> None:
    offer(database, make_project(slug="pets"))
    page = inspect(sign_in(name).get("/p/pets/grid").text)
    assert page.title.startswith("pets")


def test_the_lead_sees_how_answers_were_given(
    sign_in: SignIn, make_project: Make, database: Database, cast: dict[str, int]
) -> None:
    made = make_project(items=40, votes=3)
    olga = sign_in("olga")
    assert "How answers were given" not in olga.get("/p/pets/annotators").text
    offer(database, made)
    assert "How answers were given" not in olga.get("/p/pets/annotators").text
    for name, mode in (("ann", "bulk"), ("bob", "single"), ("olga", "single")):
        with database.write() as session:
            held = workflow.serve(session, made.id, cast[name], count=40, lease=LEASE)
            question = Question.of(session, session.get_one(Project, made.id))
            answers = [
                Answer(
                    f"key-{name}-{n:04d}",
                    one.assignment.id,
                    {"label": "dog" if n % 4 == 0 and name == "ann" else "cat"},
                    seconds=0.25 if mode == "bulk" else 2.0,
                    mode=mode,
                    page="page-1" if mode == "bulk" else "",
                )
                for n, one in enumerate(held)
            ]
            workflow.submit(session, question, cast[name], answers)
    text = olga.get("/p/pets/annotators").text
    inspect(text)
    assert "How answers were given" in text
    assert "Not settled yet: 30 more answers have to be judged" in text
    assert "30 of 40" in text
    assert "0.25" in text
    assert "Often under 1 s" not in text  # the share of a page is no haste

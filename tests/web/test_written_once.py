"""What two pages show alike is written once: dialogs of the two labeling screens, cards of links."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from labeler.accounts.models import User
from labeler.projects.models import Project
from labeler.storage.database import Database
from tests.conftest import Made

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]


def with_pages(database: Database, made: Made) -> str:
    """Turn bulk labeling on; returns the address of the project."""
    with database.write() as session:
        project = session.get_one(Project, made.id)
        project.settings = project.settings | {"bulk": True}
    return made.slug


def dialog(client: FlaskClient, path: str, name: str) -> str:
    """Return a dialog of a page without what stands in tables, which is the page's own."""
    text = " ".join(client.get(path).text.split())
    found = re.search(rf'<dialog[^>]*data-dialog="{name}".*?</dialog>', text)
    assert found, path
    return re.sub(r"<tbody>.*?</tbody>", "<tbody/>", found[0])


@pytest.mark.parametrize("name", ["refused", "keys"])
def test_both_labeling_screens_have_the_same_dialogs(
    sign_in: SignIn, make_project: Make, database: Database, name: str
) -> None:
    slug, ann = with_pages(database, make_project()), sign_in("ann")
    assert dialog(ann, f"/p/{slug}/label", name) == dialog(ann, f"/p/{slug}/grid", name)


def test_each_labeling_screen_lists_its_own_keys(sign_in: SignIn, make_project: Make, database: Database) -> None:
    slug, ann = with_pages(database, make_project()), sign_in("ann")
    actions = [
        set(re.findall(r'data-action="([\w-]+)"', ann.get(f"/p/{slug}/{path}").text)) for path in ("label", "grid")
    ]
    assert {"undo", "guide", "keys", "delete", "hide", "answer-1"} <= actions[0] & actions[1]
    assert {"skip", "comment", "zoom-in", "answer-p"} <= actions[0] - actions[1]


@pytest.mark.parametrize(
    ("name", "page", "form"), [("rita", "/people", "/people/invite"), ("olga", "/p/pets/people", "/p/pets/people")]
)
def test_links_are_made_and_listed_alike_by_admins_and_leads(
    sign_in: SignIn, make_project: Make, database: Database, cast: dict[str, int], *, name: str, page: str, form: str
) -> None:
    make_project()
    with database.write() as session:
        session.get_one(User, cast["rita"]).role = "admin"
    client = sign_in(name)
    assert f'action="{form}"' in client.get(page).text
    made = client.post(form, data={"email": "new@example.org", "role": "annotator"}, follow_redirects=True).text
    assert "Copy it now: it is not shown again." in made
    assert re.search(r'<th scope="row">new@example.org</th><td>Annotator</td>', made)
    assert "Withdraw" in made

"""Guidelines with examples: written in one form, kept as versions, shown to annotators, compared and restored."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import delete

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.projects.examples import Example, from_json
from labeler.projects.models import Guideline, Item
from labeler.projects.queries import classes_of, guideline_of
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import NOW, Made
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
Answers = Callable[[Made, str, list[str]], object]
EDIT = "/p/pets/guidelines/edit"


@pytest.fixture
def made(make_project: Make) -> Made:
    return make_project(items=8)


@pytest.fixture
def cat(made: Made, database: Database) -> int:
    """The id of the class cat."""
    with database.read() as session:
        return classes_of(session, made.id).rows[0].id


def newest(database: Database, made: Made) -> Guideline:
    with database.read() as session:
        found = guideline_of(session, made.id)
    assert found is not None
    return found


def in_form(*examples: Example) -> dict[str, list[str]]:
    """The fields of the form that carry these examples."""
    return {
        "examples": ["1"],
        "example_item": [str(one.item) for one in examples],
        "example_kind": [one.kind for one in examples],
        "example_class": ["" if one.class_id is None else str(one.class_id) for one in examples],
        "example_note": [one.note for one in examples],
    }


def test_text_and_examples_are_saved_together_as_one_version(
    made: Made, cat: int, sign_in: SignIn, database: Database
) -> None:
    olga = sign_in("olga")
    given = (Example(made.items[0], "yes", cat), Example(made.items[1], "tricky", None, "Ask when both are there."))
    response = olga.post(EDIT, data={"text": "# Look\n\n## cat\n\nIt meows.", "based_on": "1", **in_form(*given)})
    assert response.status_code == 302
    kept = newest(database, made)
    assert (kept.version, set(from_json(kept.examples))) == (2, set(given))
    page = sign_in("ann").get("/p/pets/guidelines").text
    assert "Ask when both are there." in inspect(page).title + page
    assert "Text number 0 about dogs." in page


def test_adding_and_taking_away_in_the_form_stores_nothing(
    made: Made, cat: int, sign_in: SignIn, database: Database
) -> None:
    olga = sign_in("olga")
    one = Example(made.items[0], "yes", cat)
    added = olga.post(
        EDIT, data={"text": "# New", "add": made.items[0], "new_kind": "yes", "new_class": cat, **in_form()}
    )
    assert f'name="example_item" value="{made.items[0]}"' in added.text
    assert "<h3>New</h3>" in added.text
    inspect(added.text)
    taken = olga.post(EDIT, data={"text": "# New", "take": "0", **in_form(one)})
    assert 'name="example_item"' not in taken.text
    assert newest(database, made).version == 1


def test_enter_in_a_field_of_the_form_does_not_save(made: Made, sign_in: SignIn) -> None:
    del made
    page = sign_in("olga").get(EDIT).text
    form = page[page.index('class="editor"') :]
    assert " ".join(re.findall(r'<button[^>]*type="submit"[^>]*>', form)[0].split()) == (
        '<button class="btn" type="submit" name="preview" value="1">'
    )


def test_items_are_found_by_number_by_id_by_words_and_by_their_label(
    made: Made, cat: int, sign_in: SignIn, answer: Answers
) -> None:
    olga = sign_in("olga")
    answer(made, "ann", ["cat", "dog"])

    def found(**fields: str) -> list[int]:
        text = olga.post(EDIT, data={"text": "", "find": "1", **fields}).text
        return [int(number) for number in re.findall(r'name="add" value="(\d+)"', text)]

    assert found(wanted=str(made.items[3]))[0] == made.items[3]
    assert found(wanted="e5") == [made.items[5]]
    assert found(wanted="number 6") == [made.items[6]]
    assert found(new_class=str(cat)) == [made.items[0]]
    assert found(wanted="nowhere") == []
    assert found(wanted="9" * 400) == []


def test_an_example_that_cannot_be_is_refused_in_the_form(made: Made, cat: int, sign_in: SignIn) -> None:
    olga = sign_in("olga")
    no_note = {"add": made.items[0], "new_kind": "tricky", "new_class": cat}
    response = olga.post(EDIT, data={"text": "", **no_note, **in_form()})
    assert response.status_code == 422
    assert "needs a note" in response.text
    broken = in_form(Example(1, "yes", cat)) | {"example_item": ["1", "2"]}
    assert olga.post(EDIT, data={"text": "", **broken}).status_code == 422


def test_an_item_of_another_project_is_no_example(
    made: Made, cat: int, make_project: Make, sign_in: SignIn, database: Database
) -> None:
    other = make_project("other", items=1)
    data = {"item": other.items[0], "new_kind": "yes", "new_class": cat, "from": "item"}
    sign_in("olga").post("/p/pets/guidelines/examples", data=data)
    assert newest(database, made).version == 1


@pytest.mark.parametrize(
    ("origin", "back"),
    [
        ("item", "/p/pets/items/{item}"),
        ("review", "/p/pets/review?item={item}&kind=outlier"),
        ("disagreements", "/p/pets/disagreements?item={item}&kind=outlier"),
        ("//evil.example", "/p/pets/guidelines"),
    ],
)
def test_an_item_is_added_from_the_page_where_it_was_met(
    made: Made, cat: int, sign_in: SignIn, database: Database, *, origin: str, back: str
) -> None:
    olga, item = sign_in("olga"), made.items[2]
    data = {"item": item, "new_kind": "tricky", "new_class": cat, "new_note": "A cat in a dog house.", "from": origin}
    response = olga.post("/p/pets/guidelines/examples?kind=outlier", data=data)
    assert (response.status_code, response.location) == (303, back.format(item=item))
    kept = newest(database, made)
    assert (kept.version, kept.text) == (2, "# Look")
    assert from_json(kept.examples) == (Example(item, "tricky", cat, "A cat in a dog house."),)


@pytest.mark.parametrize("page", ["items/{item}", "disagreements?item={item}"])
def test_the_pages_of_an_item_offer_to_add_it(made: Made, sign_in: SignIn, answer: Answers, page: str) -> None:
    answer(made, "ann", ["cat"])
    answer(made, "bob", ["dog"])
    text = sign_in("olga").get("/p/pets/" + page.format(item=made.items[0])).text
    inspect(text)
    assert 'action="/p/pets/guidelines/examples"' in text
    assert "Add to guidelines" in text


def test_changing_the_text_elsewhere_keeps_the_examples(
    made: Made, cat: int, sign_in: SignIn, database: Database, bearer: Callable[[str], dict[str, str]]
) -> None:
    olga = sign_in("olga")
    olga.post("/p/pets/guidelines/examples", data={"item": made.items[0], "new_kind": "yes", "new_class": cat})
    olga.patch("/api/v1/projects/pets", json={"guidelines": "# By the API"}, headers=bearer("olga"))
    olga.post(EDIT, data={"text": "# By a script"})
    kept = newest(database, made)
    assert (kept.version, kept.text, len(kept.examples)) == (4, "# By a script", 1)


def test_two_leads_do_not_overwrite_each_other_unseen(made: Made, sign_in: SignIn, database: Database) -> None:
    olga = sign_in("olga")
    olga.post(EDIT, data={"text": "# Look\n\nOlga was here.", "based_on": "1", **in_form()})
    late = olga.post(EDIT, data={"text": "# Look\n\nRita was late.", "based_on": "1", **in_form()})
    assert late.status_code == 422
    assert "Somebody saved another version" in late.text
    assert "<ins>Olga was here.</ins>" in late.text
    assert 'name="based_on" value="2"' in late.text
    assert newest(database, made).version == 2
    olga.post(EDIT, data={"text": "# Look\n\nBoth.", "based_on": "2", **in_form()})
    assert newest(database, made).text == "# Look\n\nBoth."


def test_a_version_shows_what_it_changed_and_can_be_restored_as_a_new_one(
    made: Made, cat: int, sign_in: SignIn, database: Database
) -> None:
    olga = sign_in("olga")
    olga.post("/p/pets/guidelines/examples", data={"item": made.items[0], "new_kind": "yes", "new_class": cat})
    olga.post(EDIT, data={"text": "# Look again", "based_on": "2", **in_form()})
    page = olga.get("/p/pets/guidelines").text
    inspect(page)
    assert "<del># Look</del>" in page
    assert "<ins># Look again</ins>" in page
    assert "Examples taken away" in page
    first = olga.get("/p/pets/guidelines?version=1&against=3").text
    assert "Restore as version 4" in first
    assert olga.post("/p/pets/guidelines/2/restore").status_code == 303
    kept = newest(database, made)
    assert (kept.version, kept.text, len(kept.examples)) == (4, "# Look", 1)
    assert olga.post("/p/pets/guidelines/99/restore").status_code == 404


@pytest.mark.parametrize("query", ["version=1&against=99", "against=-1", "against=x", "version=1&against=1"])
def test_comparing_with_nothing_is_no_error_of_ours(made: Made, sign_in: SignIn, query: str) -> None:
    del made
    assert sign_in("olga").get(f"/p/pets/guidelines?{query}").status_code in {200, 404}


def test_an_example_of_an_item_that_is_gone_disappears_and_makes_room(
    made: Made, cat: int, sign_in: SignIn, database: Database
) -> None:
    olga = sign_in("olga")
    for item in made.items[:2]:
        olga.post("/p/pets/guidelines/examples", data={"item": item, "new_kind": "yes", "new_class": cat})
    with database.write() as session:
        session.execute(delete(Item).where(Item.id == made.items[0]))
    for name, page in (("ann", "label"), ("ann", "guidelines"), ("olga", "guidelines/edit"), ("olga", "guidelines")):
        response = sign_in(name).get(f"/p/pets/{page}")
        assert response.status_code == 200
        assert "Text number 0" not in response.text
        assert "Text number 1" in response.text
    olga.post("/p/pets/guidelines/examples", data={"item": made.items[2], "new_kind": "yes", "new_class": cat})
    assert [one.item for one in from_json(newest(database, made).examples)] == made.items[1:3]


def test_the_workspace_shows_the_examples_of_each_class_without_ids_or_answers(
    made: Made, cat: int, sign_in: SignIn, answer: Answers
) -> None:
    answer(made, "bob", ["dog"])
    olga = sign_in("olga")
    for item, kind in ((made.items[0], "yes"), (made.items[1], "no")):
        olga.post("/p/pets/guidelines/examples", data={"item": item, "new_kind": kind, "new_class": cat})
    page = sign_in("ann").get("/p/pets/label").text
    panel = page[page.index('data-part="guide"') : page.index('class="acts"')]
    article = panel[panel.index('data-for="1"') : panel.index('data-for="2"')]
    assert re.findall(r"<q dir=\"auto\">([^<]+)</q>", article) == [
        "Text number 0 about dogs.",
        "Text number 1 about cats.",
    ]
    assert re.findall(r"</svg>(Yes|No)</b>", article) == ["Yes", "No"]
    for secret in ("e0", "e1", "Bob", "bob@example.org", "items/"):
        assert secret not in panel
    assert 'data-guideline-version="3"' in page


def test_the_picture_of_an_example_is_shown_to_the_people_of_the_project_only(
    sign_in: SignIn, database: Database, files: FileStore, cast: dict[str, int]
) -> None:
    buffer = BytesIO()
    Image.new("RGB", (400, 300), "teal").save(buffer, "PNG")
    with database.write() as session:
        new = projects.NewProject("signs", "image", "classification", [("stop", ""), ("go", "")])
        project = projects.create_project(session, new, by=cast["olga"], now=NOW)
        for name, role in (("olga", "lead"), ("ann", "annotator")):
            accounts.set_member(session, project.id, cast[name], role=role, now=NOW)
    rows = [Row(1, "x", None, buffer.getvalue, None, {})]
    workflow.import_items(database, files, project.id, rows, workflow.ImportPlan("a.zip", "zip"))
    with database.read() as session:
        stop = classes_of(session, project.id).rows[0].id
        item = session.query(Item).filter(Item.project_id == project.id).one().id
    sign_in("olga").post("/p/signs/guidelines/examples", data={"item": item, "new_kind": "yes", "new_class": stop})
    address = f"/p/signs/images/{item}/thumb"
    page = " ".join(sign_in("ann").get("/p/signs/label").text.split())
    assert f'src="{address}" alt="Example of stop" loading="lazy"' in page
    with sign_in("ann").get(address) as picture:
        assert picture.status_code == 200
    assert sign_in("zed").get(address).status_code == 404


def test_the_page_of_an_item_names_the_version_each_annotator_had(made: Made, sign_in: SignIn, answer: Answers) -> None:
    answer(made, "ann", ["cat"])
    sign_in("olga").post(EDIT, data={"text": "# Look again"})
    answer(made, "bob", ["dog"])
    page = sign_in("olga").get(f"/p/pets/items/{made.items[0]}").text
    assert re.findall(r"Guidelines, version (\d)", page) == ["1", "2"]


def test_long_texts_are_cut(made: Made, cat: int, sign_in: SignIn, database: Database) -> None:
    with database.write() as session:
        session.get_one(Item, made.items[0]).text = "word " * 100
    olga = sign_in("olga")
    olga.post("/p/pets/guidelines/examples", data={"item": made.items[0], "new_kind": "yes", "new_class": cat})
    shown = re.findall(r"<q dir=\"auto\">([^<]+)</q>", olga.get("/p/pets/guidelines").text)[0]
    assert len(shown) <= 140
    assert shown.endswith("…")

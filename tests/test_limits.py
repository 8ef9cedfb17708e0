"""Limits that keep one request, one text or one value from costing everybody the server."""

import base64
import json
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from labeler import workflow
from labeler.accounts.credentials import normal_email, spelled_alike
from labeler.errors import Invalid
from labeler.exchange.parsing.image_files import _BASE64
from labeler.exchange.rows import Row
from labeler.extensions.demands import SMALL, USUAL, demand_of
from labeler.projects.actions import LONGEST_GUIDELINES
from labeler.projects.differences import MOST_STEPS, Line, line_changes
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from labeler.storage.nested import DEEPEST, DEEPEST_BODY, MOST_VALUES, is_too_deep, is_too_much, shallow
from labeler.web.shared.guide import sections
from tests.conftest import Made

Bearer = Callable[[str], dict[str, str]]
Make = Callable[..., Made]


def deep(levels: int, kind: str = "list") -> Any:
    """Return `levels` lists (objects) within each other."""
    found: Any = "x"
    for _ in range(levels):
        found = [found] if kind == "list" else {"a": found}
    return found


def processor_seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


# -- nesting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["list", "object"])
def test_depth_is_counted_without_going_down_by_calls(kind: str) -> None:
    assert not is_too_deep(deep(DEEPEST, kind))
    assert is_too_deep(deep(DEEPEST + 1, kind))
    assert is_too_deep(deep(200_000, kind))
    assert is_too_much(deep(200_000, kind))
    assert not is_too_much({"a": list(range(MOST_VALUES - 1))})
    assert is_too_much({"a": list(range(MOST_VALUES))})


def test_what_is_too_deep_becomes_its_text_and_nothing_is_lost() -> None:
    plain = {"a": 1, "b": [1, {"c": None}]}
    assert shallow(plain) is plain
    for levels in (DEEPEST + 5, 400, 900):
        cut = shallow({"a": deep(levels), "b": [1]})
        assert not is_too_deep(cut)
        assert cut["b"] == [1]
        inner = cut["a"]
        while isinstance(inner, list):
            (inner,) = inner
        assert json.loads(inner) == deep(levels - DEEPEST + 1)
    assert not is_too_deep(shallow({"a": deep(100_000)}))


@pytest.mark.parametrize("levels", [DEEPEST_BODY + 1, 400, 900, 100_000])
def test_json_that_is_nested_too_deeply_is_no_body(app: Flask, bearer: Bearer, levels: int, make_project: Make) -> None:
    made = make_project()
    body = '{"name": ' + "[" * levels + "]" * levels + "}"
    answer = app.test_client().patch(
        f"/api/v1/projects/{made.slug}", data=body, content_type="application/json", headers=bearer("olga")
    )
    assert answer.status_code == 400
    assert "nested too deeply" in answer.json["detail"]  # type: ignore[index]


@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson"])
def test_an_item_with_deep_metadata_is_left_out_with_its_reason(
    app: Flask, bearer: Bearer, make_project: Make, kind: str
) -> None:
    made = make_project(items=0)
    rows = [
        {"id": "good", "text": "one", "metadata": {"a": deep(DEEPEST - 2)}},
        {"id": "deep", "text": "two", "metadata": {"a": deep(400)}},
        {"id": "wide", "text": "three", "metadata": {f"k{n}": n for n in range(MOST_VALUES + 1)}},
    ]
    lines = [json.dumps(row) for row in rows]
    body = f"[{','.join(lines)}]" if kind == "application/json" else "\n".join(lines)
    client = app.test_client()
    answer = client.post(f"/api/v1/projects/{made.slug}/items", data=body, content_type=kind, headers=bearer("olga"))
    assert answer.status_code == 200, answer.text
    assert (answer.json["added"], answer.json["rejected"]) == (1, 2)  # type: ignore[index]
    assert {row["column"] for row in answer.json["rejected_rows"]} == {"metadata"}  # type: ignore[index]
    listed = client.get(f"/api/v1/projects/{made.slug}/items", headers=bearer("olga"))
    assert [one["external_id"] for one in listed.json["data"]] == ["good"]  # type: ignore[index]


@pytest.mark.parametrize("levels", [400, 900])
def test_deep_metadata_that_is_stored_already_stays_readable(
    app: Flask, bearer: Bearer, sign_in: Callable[[str], FlaskClient], make_project: Make, levels: int
) -> None:
    made, here = make_project(items=2), app.extensions["labeler"]
    database, files = here.database, here.files
    with database.write() as session:
        session.get_one(Item, made.items[0]).meta = {"a": deep(levels), "b": 1}
    client, path = app.test_client(), f"/api/v1/projects/{made.slug}"
    for part in ("items", "export?format=jsonl&items=all", "export?format=csv&items=all"):
        answer = client.get(f"{path}/{part}", headers=bearer("olga"))
        assert answer.status_code == 200, part
        assert len(answer.data) > 100
    held = client.post(f"{path}/assignments", json={"count": 2}, headers=bearer("ann"))
    assert (held.status_code, len(held.json)) == (200, 2)  # type: ignore[arg-type]
    for page in (f"items/{made.items[0]}", "items", "review", "exports", "label"):
        assert sign_in("olga").get(f"/p/{made.slug}/{page}").status_code == 200, page
    again = [Row(1, "new", "another text", None, None, {})]
    workflow.import_items(database, files, made.id, again, workflow.ImportPlan("a.csv", "csv"))
    with database.read() as session:
        assert len(session.scalars(select(Item)).all()) == 3


# -- texts ----------------------------------------------------------------------------------------------------------


def test_guidelines_have_a_longest_length_wherever_they_come_from(
    app: Flask, bearer: Bearer, sign_in: Callable[[str], FlaskClient], make_project: Make
) -> None:
    made, client = make_project(), app.test_client()
    path = f"/api/v1/projects/{made.slug}"
    for size, status in ((20_000_000, 413), (LONGEST_GUIDELINES + 1, 422), (LONGEST_GUIDELINES, 200)):
        answer = client.patch(path, json={"guidelines": "x" * size}, headers=bearer("olga"))
        assert answer.status_code == status, size
    new = {"slug": "new", "media": "text", "task": "classification", "classes": [{"name": "a"}, {"name": "b"}]}
    answer = client.post(
        "/api/v1/projects", json={**new, "guidelines": "x" * (LONGEST_GUIDELINES + 1)}, headers=bearer("olga")
    )
    assert (answer.status_code, answer.json["field"]) == (422, "guidelines")  # type: ignore[index]
    assert client.get("/api/v1/projects/new", headers=bearer("olga")).status_code == 404
    olga = sign_in("olga")
    form = {"text": "y" * (LONGEST_GUIDELINES + 1)}
    assert olga.post(f"/p/{made.slug}/guidelines/edit", data=form).status_code == 422
    new_form = {"name": "n", "classes": "a\nb", "media": "text", "task": "classification", "votes": "1",
                "order": "in_order", "guidelines": "y" * (LONGEST_GUIDELINES + 1)}  # fmt: skip
    assert olga.post("/projects/new", data=new_form).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"name": "n" * 121},
        {"classes": [{"name": "cat"}, {"name": "dog"}, {"name": "c" * 201}]},
        {"classes": [{"name": "cat", "description": "d" * 2001}, {"name": "dog"}]},
        {"classes": [{"name": "cat"}, {"name": "dog"}, {"name": "  "}]},
    ],
)
def test_names_and_hints_have_a_longest_length(
    app: Flask, bearer: Bearer, make_project: Make, change: dict[str, Any]
) -> None:
    made = make_project()
    path, client = f"/api/v1/projects/{made.slug}", app.test_client()
    before = client.get(path, headers=bearer("olga")).json
    assert client.patch(path, json=change, headers=bearer("olga")).status_code == 422
    assert client.get(path, headers=bearer("olga")).json == before


def test_a_class_is_not_renamed_to_what_no_column_can_hold(database: Database, make_project: Make) -> None:
    made = make_project()
    with database.read() as session:
        row = classes_of(session, made.id).rows[0]
    for name, hint in (("x" * 201, ""), ("x", "y" * 2001)):
        edit = workflow.ClassEdit(renamed={row.id: (name, hint)})
        with pytest.raises(Invalid), database.write() as session:
            workflow.edit_classes(session, session.get_one(Project, made.id), edit)


@pytest.mark.parametrize(
    "work",
    [
        lambda: spelled_alike("\u0327\u0301" * 200_000),
        lambda: sections("## " + " " * 100_000 + "x"),
        lambda: sections("## a" + " " * 100_000 + "\tb"),
        lambda: sections("## a " + "#" * 100_000 + "b"),
        lambda: _BASE64.fullmatch((" " * 200_000 + "!").rstrip()),
    ],
)  # fmt: skip
def test_texts_that_were_hard_to_look_through_are_not_any_more(app: Flask, work: Callable[[], object]) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "de"}):
        assert processor_seconds(work) < 1


def test_an_address_that_is_too_long_is_refused_in_few_words() -> None:
    with pytest.raises(Invalid) as refused:
        normal_email("x" * 1_000_000 + "@example.org")
    assert len(refused.value.message) < 400


def test_headings_cut_guidelines_as_before() -> None:
    text = "intro\n## Cat ##\nfur\n### Dog\nbark\n#### not one\n## \n##not one\n## Cat\nagain"
    assert sections(text) == {"Cat": "again", "Dog": "bark\n#### not one\n## \n##not one"}


# -- differences ----------------------------------------------------------------------------------------------------

HARD = {
    "alternating": ("ab", "ba"),
    "nothing alike": ("x", "y"),
    "few kinds": ("abcabb", "cabbaca"),
}


@pytest.mark.parametrize("name", HARD)
def test_comparing_two_texts_takes_bounded_time(name: str) -> None:
    before, after = ("\n".join(letters[n * n % len(letters)] for n in range(50_000)) for letters in HARD[name])
    found: list[Line] = []
    # a second or two, three times that in a slow hour; without a bound it would be many minutes
    assert processor_seconds(lambda: found.extend(line_changes(before, after))) < 15
    assert found
    assert MOST_STEPS < 10**6


def test_both_texts_can_be_read_off_what_changed() -> None:
    before = [f"line {n}" for n in range(40)]
    after = [*before[:3], "new", *before[3:20], *before[22:30], "other", *before[31:]]
    kinds = [
        (line.kind, line.text) for line in line_changes("\n".join(before), "\n".join(after)) if line.kind != "same"
    ]
    assert kinds == [
        ("cut", ""), ("added", "new"), ("cut", ""), ("removed", "line 20"), ("removed", "line 21"), ("cut", ""),
        ("removed", "line 30"), ("added", "other"), ("cut", ""),
    ]  # fmt: skip
    assert line_changes("a\nb", "a\nb") == []


# -- bodies ---------------------------------------------------------------------------------------------------------


def test_only_addresses_that_take_files_take_much(app: Flask) -> None:
    large = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if demand_of(app, method, str(rule).replace("<slug>", "s").replace("<int:", "1<").split("<")[0]).most > USUAL
    }
    assert large <= {"web.data", "web.upload", "api.add_items", "api.start_import", "api.submit_annotations",
                     "api.list_items", "api.list_annotations"}  # fmt: skip
    assert demand_of(app, "POST", "/sign-in").most == SMALL
    assert demand_of(app, "POST", "/p/pets/data").most == app.config["MAX_CONTENT_LENGTH"]
    assert demand_of(app, "POST", "/nowhere").most == SMALL
    assert demand_of(app, "GET", "/healthz").at_once
    assert demand_of(app, "GET", "/p/pets/export").long


def test_a_body_that_is_too_large_is_refused_by_the_app_as_well(
    app: Flask, bearer: Bearer, sign_in: Callable[[str], FlaskClient]
) -> None:
    client = app.test_client()
    assert client.post("/sign-in", data={"email": "x" * 70_000}).status_code == 413
    assert sign_in("ann").post("/account/name", data={"you-name": "x" * 3_000_000}).status_code == 413
    answer = client.post("/api/v1/projects", data=b" " * 3_000_000, headers=bearer("olga"))
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


# -- pictures of the API --------------------------------------------------------------------------------------------


@pytest.fixture
def picture(app: Flask, bearer: Bearer) -> dict[str, Any]:
    """An item of an image project as the API lists it to Olga."""
    client, headers = app.test_client(), bearer("olga")
    new = {"slug": "pics", "media": "image", "task": "classification", "classes": [{"name": "a"}, {"name": "b"}]}
    client.post("/api/v1/projects", json=new, headers=headers)
    content = BytesIO()
    Image.effect_noise((600, 400), 30).save(content, "PNG")
    encoded = base64.b64encode(content.getvalue()).decode()
    client.post("/api/v1/projects/pics/items", json=[{"id": "p1", "image": encoded}], headers=headers)
    found: dict[str, Any] = client.get("/api/v1/projects/pics/items", headers=headers).json["data"][0]  # type: ignore[index]
    return found


def test_a_token_gets_the_picture_its_answer_names(app: Flask, bearer: Bearer, picture: dict[str, Any]) -> None:
    client = app.test_client()
    for address in (picture["image_url"], picture["thumb_url"], picture["image_url"].replace("display", "original")):
        answer = client.get(address, headers=bearer("olga"))
        assert (answer.status_code, str(answer.mimetype)[:6]) == (200, "image/")
        with Image.open(BytesIO(answer.data)) as shown:
            assert shown.size[0] > 100
        answer.close()
        again = client.get(address, headers={**bearer("olga"), "If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_a_token_that_may_not_gets_a_problem_and_no_page(app: Flask, bearer: Bearer, picture: dict[str, Any]) -> None:
    client = app.test_client()
    address = picture["image_url"]
    for headers, path, status in (
        (bearer("zed"), address, 404),
        ({"Authorization": "Bearer made-up"}, address, 401),
        (bearer("olga"), address.replace("display", "huge"), 404),
        (bearer("olga"), "/p/pics/images/9999/display", 404),
        (bearer("olga"), "/p/pics/items", 401),  # a page is no address of the API
    ):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), path
    assert client.get(address, headers={"Accept": "text/html"}).status_code == 302  # in a browser one signs in first
    assert client.post("/p/pics/settings", data={"name": "x"}, headers=bearer("olga")).status_code == 401

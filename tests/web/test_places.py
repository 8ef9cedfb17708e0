"""Places of a label that are probably wrong, from the pass to the card, the decision, the API and the command."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.config import Settings
from labeler.decisions.final import standing_of
from labeler.exchange.rows import Row
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.quality.flag_rows import all_scores, worst_flags
from labeler.quality.models import Flag, Inspection
from labeler.quality.queries import latest_inspection
from labeler.review.queue import counts
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.task_types.base import Value
from labeler.task_types.registry import TASK_TYPES
from labeler.workflow.classes import ClassEdit, edit_classes
from tests.conftest import NOW, Made
from tests.quality.judges.worlds import CODES, World, label_sets, marked_texts, pictures_with_marks, written_texts
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
MAKE: dict[str, Callable[[Path], World]] = {
    "multilabel": lambda _folder: label_sets(120, 6),
    "spans": lambda _folder: marked_texts(120, 8),
    "boxes": lambda folder: pictures_with_marks(folder, 40, 8, beside="predictions"),
    "polygons": lambda folder: pictures_with_marks(folder, 40, 8, task="polygons", beside="predictions"),
    "text": lambda _folder: written_texts(60, 6),
}
SHOWN = {
    "multilabel": r"A class (?:is missing|too many)",
    "spans": r'<sup class="pin-in-text"',
    "boxes": r'<g class="pin"><circle',
    "polygons": r'<g class="pin"><circle',
    "text": r"Nothing was written|Left as it was|Another script|Another language",
}


@dataclass(frozen=True)
class Checked:
    """A project whose labels were checked. names: of its classes by the codes of the world."""

    made: Made
    world: World
    task: str


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


@pytest.fixture(params=MAKE)
def checked(
    request: pytest.FixtureRequest, database: Database, files: FileStore, cast: dict[str, int], tmp_path: Path
) -> Checked:
    """A project of each task type with planted mistakes in its existing labels, checked once."""
    task: str = request.param
    world = MAKE[task](tmp_path)
    values = world.dataset.values
    assert values is not None
    names = dict(zip(CODES, world.dataset.classes, strict=False))
    media = world.dataset.media
    with database.write() as session:
        new = NewProject(task, media, task, [(name, "") for name in names.values()], votes=1)
        project = create_project(session, new, by=cast["olga"], now=NOW)
        accounts.set_member(session, project.id, cast["olga"], role="lead", now=NOW)
        project.settings = {**(project.settings or {}), "start_column": "start"}
        project_id = project.id
    rows = [
        Row(
            n + 1,
            f"e{n}",
            str(content) if media == "text" else None,
            None if media == "text" else partial(Path.read_bytes, Path(str(content))),
            None,
            {"start": start["text"]} if (start := values.starts[n]) else {},
            given_value=_named(label, names),
            prediction=_named(said.value, names) if (said := values.predictions[n]) else None,
            prediction_score=0.9 if values.predictions[n] else None,
        )
        for n, (content, label) in enumerate(zip(world.dataset.contents, values.labels, strict=True))
    ]
    workflow.import_items(database, files, project_id, rows, workflow.ImportPlan("x.jsonl", "jsonl"))
    workflow.inspect(database, files, project_id)
    with database.read() as session:
        ids = list(session.scalars(select(Item.id).where(Item.project_id == project_id).order_by(Item.id)))
    assert len(ids) == len(rows)
    return Checked(Made(project_id, task, ids), world, task)


def _named(value: Value | None, names: dict[str, str]) -> Value:
    assert value is not None
    for shape, parts in value.items():
        if shape == "labels":
            return {"labels": [names[code] for code in parts]}
        if isinstance(parts, list):
            return {shape: [{**part, "label": names[part["label"]]} for part in parts]}
    return value


def _flagged(database: Database, checked: Checked) -> list[Flag]:
    with database.read() as session:
        run = latest_inspection(session, checked.made.id)
        assert run is not None
        query = select(Flag).where(Flag.inspection_id == run.id, Flag.kind == "label_error")
        return list(session.scalars(query.order_by(Flag.score.desc(), Flag.id)))


def test_a_wrong_label_is_shown_at_its_place_put_right_taken_back_listed_and_follows_its_classes(
    checked: Checked, sign_in: SignIn, database: Database
) -> None:
    client = sign_in("olga")
    _check_summary(checked, database)
    _check_pages(checked, client)
    _check_taken(checked, client, database)
    _check_tools(checked, client, database)
    if TASK_TYPES[checked.task].max_classes:
        _check_merged(checked, database)


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"\s+value="([^"]*)"', page)
    assert found
    return found[1]


def _button(page: str, decision: str) -> str:
    return next(found[0] for found in re.finditer(r"<button[^>]*>", page) if f'value="{decision}"' in found[0])


def _check_taken(checked: Checked, client: FlaskClient, database: Database) -> None:
    flag = next(one for one in _flagged(database, checked) if one.suggested_code or checked.task == "text")
    page = client.get(f"/p/{checked.task}/review?kind=label_error&item={flag.item_id}").text
    inspect(page)
    assert '<ol class="places">' in page
    assert re.search(SHOWN[checked.task], page), page
    places = page.split('<ol class="places">')[1].split("</ol>")[0]
    assert re.search(r'place is wrong">(strong|some|weak) suspicion<', places)  # nothing was decided yet
    item = client.get(f"/p/{checked.task}/items/{flag.item_id}").text
    inspect(item)
    assert re.search(SHOWN[checked.task], item)
    if not flag.suggested_code:
        return
    fields = {name: _field(page, name) for name in ("item", "key", "stood", "flag")}
    sent = fields | {"decision": f"relabel:{flag.suggested_code}"}
    assert f'value="{sent["decision"]}"' in page
    with database.write() as session:  # less likely than is asked of a main action: offered all the same
        project = session.get_one(Project, checked.made.id)
        project.settings = {**project.settings, "suggest_from": 1.01}
    again = client.get(f"/p/{checked.task}/review?kind=label_error&item={flag.item_id}").text
    button = _button(again, sent["decision"])
    assert "primary" not in button
    done = client.post(f"/p/{checked.task}/review/decide?kind=label_error", data=sent, follow_redirects=True)
    assert done.status_code == 200
    with database.read() as session:
        standing = standing_of(session, checked.made.id, flag.item_id)
        classes = classes_of(session, checked.made.id)
        assert (standing.final, standing.source) == (flag.suggested_code, "review")
        said = classes.shown(standing.final, standing.value)
        assert said == classes.shown(flag.suggested_code, flag.suggested_value) is not None
    after = client.get(f"/p/{checked.task}/review?kind=label_error&item={flag.item_id}").text
    assert "When the labels were checked" in after
    assert '<ol class="places">' not in after  # they were in the label before
    client.post(f"/p/{checked.task}/review/undo")
    with database.read() as session:
        assert standing_of(session, checked.made.id, flag.item_id).final == flag.label_code


def _check_tools(checked: Checked, client: FlaskClient, database: Database) -> None:
    data = client.get(f"/api/v1/projects/{checked.task}/flags?kind=label_error").get_json()["data"]
    assert data
    assert all(row["suggested_label"] is None for row in data)
    assert all(any(why["kind"] == "place" for why in row["reasons"]) for row in data)
    with database.read() as session:
        run = latest_inspection(session, checked.made.id)
        assert run is not None
        rows = [row for row in worst_flags(session, checked.made.id, run.id) if row.kind == "label_error"]
        assert [row.suggested_value for row in rows] == [row["suggested_value"] for row in data]
        every = list(all_scores(session, checked.made.id, run.id))
        assert len(every) == len(checked.made.items)
        assert [row.suggested_value for row in every if row.reasons] == [row.suggested_value for row in rows]
        assert counts(session, run.id)["label_error"] == len(rows)
    one = next((row for row in data if row["suggested_value"]), None)
    if one is None:
        return
    body = {"key": uuid.uuid4().hex, "item": one["item"], "decision": "relabel", "value": one["suggested_value"]}
    answer = client.post(f"/api/v1/projects/{checked.task}/reviews", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.get_json()["value"] == one["suggested_value"]
    assert client.get(f"/api/v1/projects/{checked.task}/flags?kind=label_error").get_json()["data"]


def _check_pages(checked: Checked, client: FlaskClient) -> None:
    for page in ("", "/items", "/items?state=flagged", "/review", "/review/many", "/suggestions", "/exports"):
        response = client.get(f"/p/{checked.task}{page}", follow_redirects=True)
        assert response.status_code == 200, (page, response.text[:300])
        inspect(response.text)


def _check_merged(checked: Checked, database: Database) -> None:
    before = {flag.id: flag.reasons for flag in _flagged(database, checked)}
    with database.write() as session:
        gone, into, *_ = (row.id for row in classes_of(session, checked.made.id).rows)
        edit_classes(session, session.get_one(Project, checked.made.id), ClassEdit(merged={gone: into}))
    after = _flagged(database, checked)
    assert {flag.id for flag in after} <= before.keys()
    for flag in after:
        for why in flag.reasons:
            if why["kind"] == "place":
                assert why["problem"] != "wrong_class" or why["class"] != why["suggested"]
                assert all(place is None or place >= 0 for place in (why["class"], why["suggested"]))
        with database.read() as session:
            classes = classes_of(session, checked.made.id)
            said = classes.shown(flag.suggested_code, flag.suggested_value)
            assert said is None or classes.task.labels_in(said) <= set(classes.names)
            assert str(gone) not in str(flag.suggested_value).split("'")


def _check_summary(checked: Checked, database: Database) -> None:
    with database.read() as session:
        summary: dict[str, Any] = session.scalars(select(Inspection.summary)).one()
    assert summary["model"]
    assert summary["labeled"] == len(checked.made.items)
    assert not any("not searched" in note for note in summary["notes"])

"""A task type that only the registry knows, walked from the form of a new project to the file that comes back.

Whatever asks for a task type by its name, its shape or the look of its codes, instead of asking it, fails here.
"""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import select

from labeler import workflow
from labeler.agreement.queries import recount
from labeler.config import Settings
from labeler.errors import Invalid
from labeler.jobs.runner import Worker
from labeler.messages import Message
from labeler.projects.models import Item, Project
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.task_types.base import (
    CodeIs,
    Content,
    Example,
    Find,
    Setting,
    TaskConfig,
    TaskType,
    Units,
    Value,
    Words,
    fields_of,
)
from labeler.task_types.registry import TASK_TYPES
from tests.api.conftest import Api, api
from tests.conftest import CAST
from tests.web.pages import inspect

__all__ = ["api"]
WIDGET = '<div data-choices tabindex="-1">HOW MANY?</div><template data-widget-words></template>'
SHOWN = '<p class="counted">COUNTED {{ label.value.count }} THINGS</p>'
ROWS = b"id,text,count\na,three geese,3\nb,two hats,2\nc,no shoe,0\nd,many,lots\ne,nobody counted,\n"


class Counted(TaskType):
    """{"count": n}: how many things there are, 0 to 99."""

    name = "count"
    title = Message("Counting")
    words = Words(
        choice=Message("A count: how many things"), question=Message("How many are there?"), unjudged=Message("counts")
    )
    media = frozenset({"text"})
    shape = "count"
    max_classes = least_classes = 0
    on_item = True
    columns_first = ("count",)
    settings = (Setting("thing", Message("What is counted"), Message("Such as geese."), "text", 40),)
    example = Example(TaskConfig(()), Content(text="three geese"), {"count": 3}, (None, {"count": "3"}, {"count": -1}))

    def check_value(self, value: Any, config: TaskConfig, content: Content) -> Value:
        """Accept a whole number."""
        del config, content
        count = fields_of(value, frozenset({"count"}))["count"]
        if type(count) is not int or not 0 <= count < 100:
            raise Invalid("This must be a whole number from 0 to 99.", field="count")
        return {"count": count}

    def text(self, value: Value) -> str:
        """Say the number."""
        return f"{value['count']} things"

    def code(self, value: Value, codes: Mapping[str, str]) -> str:
        """Return the number behind a letter that no other kind has."""
        del codes
        return f"n{value['count']}"

    def shown(self, code: str, kept: Value | None, names: Mapping[str, str]) -> Value | None:
        """Read the code."""
        del kept, names
        return {"count": int(code[1:])}

    def labels_in(self, value: Value) -> set[str]:
        """Return no class."""
        del value
        return set()

    def merged(self, value: Value, gone: str, into: str) -> Value:
        """Change nothing."""
        del gone, into
        return value

    def finder(self, wanted: str, codes: Sequence[str]) -> Find:
        """Never asked: there are no classes."""
        del codes
        return CodeIs(wanted)

    def units(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Return one unit, whose label is the number."""
        del config, content
        return {"count": {who: value["count"] for who, value in answers.items()}}

    def assemble(self, decided: Mapping[str, int], config: TaskConfig, content: Content) -> Value:
        """Return the number."""
        del config, content
        return {"count": decided["count"]}

    def agreement(self, patterns: Mapping[str, int], codes: Sequence[str]) -> Any:
        """Return alpha over numbers as steps."""
        from labeler.measures.histogram import by_class
        from labeler.measures.summary import summary

        del codes
        found = summary(by_class(patterns, {f"n{count}": count for count in range(100)}), 100, "ordinal")
        return replace(found, per_class=(), specific_intervals=())

    def spelled(self, given: Any) -> Any:
        """Take a number, also in words of digits."""
        if isinstance(given, str) and not given.isdigit():
            raise Invalid("a number is expected", field="label")
        return int(given) if isinstance(given, str | int) else given

    def from_cell(self, cell: str, classes: Sequence[str], decode: Callable[[str], Any]) -> str:
        """Return the cell."""
        del classes, decode
        return cell

    def to_cell(self, value: Value, classes: Sequence[str]) -> str:
        """Return the number."""
        del classes
        return str(value["count"])


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> TaskType:
    """Have the task type in the registry."""
    kind = Counted()
    monkeypatch.setitem(TASK_TYPES, "count", kind)
    return kind


@pytest.fixture(autouse=True)
def folder(app: Flask, registered: TaskType) -> None:
    """Have the templates of its folder."""
    del registered
    own = DictLoader({"task_types/count/widget.html": WIDGET, "task_types/count/shown.html": SHOWN})
    app.jinja_env.loader = ChoiceLoader([own, app.jinja_env.loader]) if app.jinja_env.loader else own


@pytest.fixture
def work(database: Database, files: FileStore) -> Callable[[], bool]:
    return Worker(database, files).run_one


Browser = Callable[[str], FlaskClient]
Program = Callable[[str], Api]


class Geese:
    """A project that counts, made by the form and filled by a file, with what its people see and send."""

    def __init__(self, database: Database, sign_in: Browser, api: Program) -> None:
        self.database, self.sign_in, self.api = database, sign_in, api
        self.olga = sign_in("olga")

    def make(self) -> None:
        form = self.page("/projects/new")
        assert "A count: how many things" in form
        assert "What is counted" in form
        sent = {"name": "Geese", "slug": "geese", "media": "text", "task": "count", "votes": "2", "order": "in_order"}
        answer = self.olga.post("/projects/new", data={**sent, "thing": "geese", "csrf_token": token(form)})
        assert answer.status_code == 302, answer.text
        for name in ("ann", "bob"):
            path = f"/projects/geese/members/{name}@example.org"
            assert self.api("olga")("PUT", path, {"role": CAST[name]}).status_code < 300

    def page(self, path: str, who: str = "") -> str:
        client = self.sign_in(who) if who else self.olga
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.text)
        inspect(answer.text)
        return answer.text

    def fetch(self, path: str) -> Any:
        answer = self.api("olga").get(f"/projects/geese{path}")
        assert answer.status_code == 200, answer.json
        return answer.json

    def bring(self, data: bytes, name: str) -> None:
        sent = self.api("olga")("POST", "/projects/geese/imports", data={"file": (io.BytesIO(data), name)})
        assert sent.status_code == 202, sent.json

    def answer(self, who: str, *counts: int) -> None:
        held = self.api(who).post("/projects/geese/assignments", {"count": len(counts)}).json
        for one, count in zip(held, counts, strict=True):
            body = {"key": f"{who}-{one['assignment']:08d}", "assignment": one["assignment"], "value": {"count": count}}
            answer = self.api(who).post("/projects/geese/annotations", {**body, "seconds": 2.0})
            assert answer.status_code == 201, answer.json

    @property
    def id(self) -> int:
        with self.database.read() as session:
            return session.scalars(select(Project.id).where(Project.slug == "geese")).one()


def token(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"', maxsplit=1)[0]


@pytest.fixture
def geese(database: Database, sign_in: Browser, api: Program) -> Geese:
    made = Geese(database, sign_in, api)
    made.make()
    made.bring(ROWS, "counts.csv")
    return made


def test_it_comes_in_is_answered_compared_decided_checked_and_goes_out(
    geese: Geese, work: Callable[[], bool], database: Database, files: FileStore
) -> None:
    assert work()
    with database.read() as session:
        items = session.scalars(select(Item).where(Item.project_id == geese.id).order_by(Item.id)).all()
    assert [(item.external_id, item.given_code) for item in items] == [("a", "n3"), ("b", "n2"), ("c", "n0"), ("e", "")]
    _answer(geese)
    _check_pages(geese, [item.id for item in items])
    _check_numbers(geese, database)
    _decide(geese, items[1].id)
    workflow.inspect(database, files, geese.id)
    assert "Label errors are not searched in counts yet" in geese.page("/p/geese")  # it names no judge
    assert geese.fetch("/flags")["data"] == []
    _check_export(geese)


def _answer(geese: Geese) -> None:
    desk = geese.page("/p/geese/label", "ann")
    assert "HOW MANY?" in desk
    assert "How many are there?" in desk
    geese.answer("ann", 3, 2, 0)
    geese.answer("bob", 3, 4, 1)
    refused = geese.api("ann").post("/projects/geese/assignments", {"count": 1}).json[0]
    body = {"key": "wrong-key-1", "assignment": refused["assignment"], "value": {"count": 100}, "seconds": 1.0}
    answer = geese.api("ann").post("/projects/geese/annotations", body)
    assert "whole number from 0 to 99" in answer.text


def _check_pages(geese: Geese, items: list[int]) -> None:
    assert "COUNTED 2 THINGS" in geese.page("/p/geese/disagreements")
    assert "4 things" in geese.page("/p/geese/disagreements")
    assert "3 things" in geese.page(f"/p/geese/items/{items[0]}")
    for path in ("", "/items", "/annotators", "/settings", "/data", "/exports", "/guidelines", "/suggestions"):
        assert geese.page(f"/p/geese{path}")
    assert "What is counted" in geese.page("/p/geese/settings")
    assert 'value="geese"' in geese.page("/p/geese/settings")


def _check_numbers(geese: Geese, database: Database) -> None:
    with database.read() as session:
        assert recount(session, geese.id) == {}
    consensus = {row["external_id"]: row["value"] for row in geese.fetch("/consensus")["data"]}
    assert consensus == {"a": {"count": 3}, "b": None, "c": None}
    agreement = geese.fetch("/agreement")
    assert (agreement["percent"], agreement["pairable_items"]) == (pytest.approx(1 / 3), 3)
    said = {row["value"]["count"] for row in geese.fetch("/annotations")["data"]}
    assert said == {0, 1, 2, 3, 4}


def _decide(geese: Geese, item: int) -> None:
    body = {"key": "decision-1", "item": item, "decision": "relabel", "value": {"count": 5}}
    assert geese.api("olga").post("/projects/geese/reviews", body).status_code == 201
    assert "5 things" in geese.page(f"/p/geese/items/{item}")


def _check_export(geese: Geese) -> None:
    lines = geese.api("olga").get("/projects/geese/export?format=jsonl").text.splitlines()
    final = {row["external_id"]: row["final_label"] for row in map(json.loads, lines)}
    assert final == {"a": 3, "b": 5}
    table = geese.api("olga").get("/projects/geese/export?format=csv").text
    assert ",2,,5," in next(line for line in table.splitlines() if ",b," in line)
    for name in ("coco", "conll", "spacy", "cleanlab"):
        refused = geese.api("olga").get(f"/projects/geese/export?format={name}")
        assert refused.status_code == 422, name


@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_what_went_out_comes_in_again(geese: Geese, work: Callable[[], bool], name: str) -> None:
    assert work()
    whole = geese.api("olga").get(f"/projects/geese/export?format={name}").data
    geese.api("olga")("DELETE", "/projects/geese")
    again = Geese(geese.database, geese.sign_in, geese.api)
    again.make()
    again.bring(whole, f"again.{name}")
    assert work()
    second = geese.api("olga").get(f"/projects/geese/export?format={name}").data
    assert ids_and_labels(second, name) == ids_and_labels(whole, name)


def ids_and_labels(data: bytes, name: str) -> Any:
    if name == "jsonl":
        return [(row["external_id"], row["given_label"]) for row in map(json.loads, data.splitlines())]
    return [line.split(",")[1:4] for line in data.decode().splitlines()]

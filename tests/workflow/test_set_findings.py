"""A check of a project with metadata: flags of problems and leaks, and what is said of the set, from rows to pages."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from labeler import workflow
from labeler.config import Settings
from labeler.exchange.rows import Row
from labeler.projects.models import Item
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.api.conftest import Api
from tests.conftest import Made
from tests.quality.worlds import texts
from tests.web.pages import inspect

LONG = "seven geese walked slowly over the frozen lake behind the old mill while nobody was looking"


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    """The instance of all that follows, on each of the two databases."""
    return any_settings


@pytest.fixture
def database(any_settings: Settings) -> Iterator[Database]:
    found = Database(any_settings)
    yield found
    found.close()


@dataclass(frozen=True)
class World:
    """A project that was checked. items: ids by external id."""

    made: Made
    items: dict[str, int]
    olga: FlaskClient
    api: Api

    def page(self, path: str) -> str:
        answer = self.olga.get(f"/p/{self.made.slug}/{path}", follow_redirects=True)
        assert answer.status_code == 200, answer.text[:500]
        inspect(answer.text)
        return " ".join(answer.text.split())

    def flagged(self, kind: str) -> list[str]:
        return [row["external_id"] for row in self.api.pages(f"/projects/{self.made.slug}/flags?kind={kind}")]


def rows() -> list[Row]:
    contents, truth = texts((50, 50, 0))
    found = [
        Row(
            number,
            f"t{number}",
            text,
            None,
            ("cat", "dog")[label],
            {
                "camera": f"no {label}",
                "year": 2020 + label,
                "indoor": bool(label),
                "split": ("train", "test")[number % 2],
            },
        )
        for number, (text, label) in enumerate(zip(contents, truth.tolist(), strict=True))
    ]
    more = [("first", LONG, "train"), ("again", f"{LONG}!", "test"), ("nothing", "...", "train")]
    return found + [Row(200 + n, name, text, None, "cat", {"split": side}) for n, (name, text, side) in enumerate(more)]


Doors = tuple[FlaskClient, Api]


@pytest.fixture
def olga(app: Flask, sign_in: Callable[[str], FlaskClient], bearer: Callable[[str], dict[str, str]]) -> Doors:
    """The browser and the program of who leads the project."""
    return sign_in("olga"), Api(app, bearer("olga"))


@pytest.fixture
def world(database: Database, files: FileStore, make_project: Callable[..., Made], olga: Doors) -> World:
    """A project of texts with metadata, after a check."""
    made = make_project(items=0)
    workflow.import_items(database, files, made.id, rows(), workflow.ImportPlan("more.csv", "csv"))
    workflow.inspect(database, files, made.id)
    with database.read() as session:
        items = {str(name): item for name, item in session.execute(select(Item.external_id, Item.id))}
    return World(made, items, *olga)


def test_problems_leaks_and_findings_about_the_set_reach_the_queue_the_pages_and_the_api(world: World) -> None:
    assert world.flagged("text_problem") == ["nothing"]
    assert "again" in world.flagged("split_leak")
    card = world.page(f"review?item={world.items['again']}")
    assert 'It is in <b dir="auto">test</b>, and nearly the same as' in card
    assert f"review?item={world.items['first']}" in card
    assert "Also: Duplicate" in card
    assert re.search(r'value="exclude".*value="keep"', card)  # taking it out comes first
    (run,) = world.api.pages(f"/projects/{world.made.slug}/inspections")
    said = {one["facts"]["column"]: one["said"] for one in run["summary"]["set_findings"] if one["kind"] == "giveaway"}
    assert said.keys() >= {"camera", "year", "indoor"}
    assert all(one["said"] for one in run["summary"]["set_findings"])
    for page in ("", "review/start"):
        assert "About the whole set" in world.page(page)
        assert "The column &#34;camera&#34; gives the class away" in world.page(page)


FITS = {
    "camera=no 1": 50,
    "camera=no": 0,
    "year=2021": 50,
    "indoor=true": 50,
    "split=train": 52,
    "none=": 0,
    "camera": 0,
    'a"b=1': 0,
}


def test_items_are_listed_by_what_is_known_about_them(
    database: Database, files: FileStore, make_project: Callable[..., Made], olga: Doors
) -> None:
    made = make_project(items=0)
    workflow.import_items(database, files, made.id, rows(), workflow.ImportPlan("more.csv", "csv"))
    for about, fits in FITS.items():
        answer = olga[0].get(f"/p/{made.slug}/items", query_string={"about": about})
        assert answer.status_code == 200
        found = re.search(r'id="list-title" class="num">(\d+) items?<', answer.text)
        assert found
        assert int(found.group(1)) == fits, about
        assert " = ".join(about.partition("=")[::2]).replace('"', "&#34;") in answer.text

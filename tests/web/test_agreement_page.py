"""The agreement page: each number is one click from exactly its items, and the same string wherever it is said."""

import csv
import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from labeler import workflow
from labeler.cli import labeler
from labeler.config import Settings
from labeler.statistics.item_search import item_total
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.web.agreement.charts import figure, over_time
from labeler.web.items.views import read_filter
from tests.conftest import Made
from tests.statistics.agreement_world import make_world
from tests.web.pages import inspect

Make = Callable[..., Made]
SignIn = Callable[[str], FlaskClient]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]
PAGE = "/p/world/agreement"
LINK = re.compile(r'<a\b[^>]*class="[^"]*\bcount\b[^"]*"[^>]*>(.*?)</a>', re.DOTALL)


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html[html.index("<main") :])).split())


def counted_links(html: str) -> dict[str, int]:
    """Return the number that each link to a list of items prints, by address."""
    found = {}
    for tag in LINK.finditer(html):
        address = re.search(r'href="([^"]+)"', tag.group(0))
        assert address
        number = re.search(r"\d[\d,]*", re.sub(r"<[^>]+>", "", tag.group(1)))
        assert number, tag.group(0)
        found[address[1].replace("&amp;", "&")] = int(number[0].replace(",", ""))
    return found


def items_there(client: FlaskClient, address: str) -> int:
    """Return how many items a list says it has."""
    title = re.search(r'id="list-title"[^>]*>([\d,]+) item', client.get(address).text)
    assert title, address
    return int(title[1].replace(",", ""))


def asked_of(client: FlaskClient, address: str, bearer: Callable[[str], dict[str, str]]) -> Any:
    """Return what the API answers to Olga."""
    return client.get(address, headers=bearer("olga")).json


@pytest.fixture
def world(database: Database, files: FileStore, cast: dict[str, int]) -> int:
    return make_world(database, files, cast)


def test_every_count_leads_to_exactly_its_items(sign_in: SignIn, database: Database, world: int) -> None:
    olga = sign_in("olga")
    seen: dict[str, int] = {}
    for filtered in ("", "?version=1", "?way=single&about=shift%3Dnight", "?since=2026-02-20&until=2026-02-28"):
        html = olga.get(PAGE + filtered).text
        inspect(html)
        links = counted_links(html) | pairs_of_people(html)
        assert all(address.startswith("/p/world/items?") for address in links)
        seen |= links
    assert len(seen) > 60
    with database.read() as session:
        there = {
            address: item_total(session, world, read_filter(arguments(address)), inspection_id=None) for address in seen
        }
    assert there == seen
    for address in list(seen)[::20]:
        assert items_there(olga, address) == seen[address], address


def pairs_of_people(html: str) -> dict[str, int]:
    """Return the items in common that each cell of the triangle says, by address."""
    cells = re.findall(r'<a class="v\d+" href="([^"]+)" title="([^"]+)"', html.replace("&amp;", "&"))
    assert len(cells) in {0, 3}, "none before there are enough items"
    return {address: int(words.split(" items in common")[0].rpartition(" ")[2]) for address, words in cells}


def arguments(address: str) -> dict[str, str]:
    return dict(parse_qsl(address.partition("?")[2]))


@pytest.mark.usefixtures("world")
def test_the_three_numbers_are_the_same_string_everywhere(
    sign_in: SignIn, bearer: Callable[[str], dict[str, str]], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = sign_in("olga")
    said = asked_of(olga, "/api/v1/projects/world/agreement", bearer)["shown"]
    assert re.fullmatch(r"\d\d%", said["percent"])
    words = words_of(olga.get(PAGE).text)
    sentence = (
        f"give the same answer {said['percent']} of the time. Guessing with the same habits would already give "
        f"{said['chance']} . Agreement beyond chance: {said['value']} (95%: {said['low']} to {said['high']})"
    )
    assert sentence in words
    rows = list(csv.DictReader(io.StringIO(olga.get("/p/world/agreement.csv").text)))
    lead = {row["measure"]: row["shown"] for row in rows if row["part"] == "lead"}
    assert lead["krippendorff_alpha"] == said["value"]
    assert (lead["same_answer"], lead["by_chance"]) == (said["percent"], said["chance"])
    monkeypatch.setenv("LABELER_INSTANCE", str(settings.instance))
    lines = CliRunner().invoke(labeler, ["agreement", "world"]).output
    assert f"the same answer {said['percent']} of the time" in lines
    assert f"would give {said['chance']}." in lines
    assert f"{said['value']} (95 %: {said['low']} to {said['high']})" in lines
    numbers = asked_of(olga, "/api/v1/projects/world/agreement/numbers", bearer)["data"]
    assert [row["shown"] for row in numbers if row["part"] != "people"] == [
        row["shown"] for row in rows if row["part"] != "people"
    ]
    table = CliRunner().invoke(labeler, ["agreement", "world", "--all"]).output.splitlines()
    assert len(table) == len(rows) + 1


@pytest.mark.usefixtures("world")
def test_files_and_numbers_follow_the_filter(sign_in: SignIn, bearer: Callable[[str], dict[str, str]]) -> None:
    olga = sign_in("olga")
    asked = "?version=2&about=shift%3Dday"
    html = olga.get(PAGE + asked).text
    assert "agreement.csv?version=2&amp;about=shift%3Dday" in html
    rows = list(csv.DictReader(io.StringIO(olga.get("/p/world/agreement.csv" + asked).text)))
    found = asked_of(olga, "/api/v1/projects/world/agreement" + asked, bearer)
    assert rows[0]["shown"] == found["shown"]["value"]
    assert int(rows[0]["items"]) == found["pairable_items"] < 70
    picture = olga.get("/p/world/agreement.svg")
    assert picture.content_type.startswith("image/svg+xml")
    assert ET.fromstring(picture.text).tag.endswith("svg")  # noqa: S314 - our own
    refused = olga.get("/api/v1/projects/world/agreement?way=sideways", headers=bearer("olga"))
    assert refused.status_code == 422


def test_what_is_missing_is_said_and_no_number_stands_in_its_place(
    make_project: Make, answer: Give, sign_in: SignIn
) -> None:
    made, olga = make_project(items=60, votes=2), sign_in("olga")
    page = f"/p/{made.slug}/agreement"
    assert "Agreement needs items with two answers. 0 so far." in words_of(olga.get(page).text)
    answer(made, "ann", ["cat"] * 60)
    answer(made, "bob", ["cat"] * 37)
    words = words_of(olga.get(page).text)
    assert "13 more items with two answers are needed (37 of 50)." in words
    assert not re.search(r"\b\d+%|0\.\d\d", words.replace("37 of 50", "").split("Labels 0 compared")[0])
    assert 'id="classes-title"' not in olga.get(page).text
    assert 'id="couples-title"' not in olga.get(page).text


def test_one_class_only_and_too_few_others_are_said(make_project: Make, answer: Give, sign_in: SignIn) -> None:
    made, olga = make_project(items=120, votes=2), sign_in("olga")
    page = f"/p/{made.slug}/agreement"
    answer(made, "ann", ["cat"] * 55)
    answer(made, "bob", ["cat"] * 55)
    words = words_of(olga.get(page).text)
    assert "Everyone gave the same answer to everything; agreement beyond chance cannot be judged." in words
    answer(made, "ann", ["dog"] * 3)
    answer(made, "bob", ["dog"] * 3)
    words = words_of(olga.get(page).text)
    assert "Almost everything is cat: too few others to judge (6 of 10)." in words
    answer(made, "ann", ["dog"] * 2 + ["cat"] * 10 + ["cat"] * 30)
    answer(made, "bob", ["cat"] * 2 + ["dog"] * 10 + ["cat"] * 30)
    words = words_of(olga.get(page).text)
    assert "Most items are cat, so annotators agree easily" in words
    assert "Gwet's AC1:" in words


@pytest.mark.usefixtures("world")
def test_a_person_is_compared_with_themselves_where_no_filter_asks_for_a_part(
    sign_in: SignIn, cast: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = sign_in("olga")
    assert "Same on repeats" not in olga.get(PAGE).text
    repeats = {cast["ann"]: (18, 20)}
    monkeypatch.setattr("labeler.statistics.agreement_numbers.repeats_by_person", lambda *_: repeats)
    assert "18 of 20" in words_of(olga.get(PAGE).text)
    table = list(csv.DictReader(io.StringIO(olga.get("/p/world/agreement.csv").text)))
    (said,) = [row for row in table if row["measure"] == "with_themselves"]
    assert (said["name"], said["shown"], said["items"], said["differ"]) == ("Ann", "90%", "20", "2")
    assert "18 of 20" not in words_of(olga.get(f"{PAGE}?version=1").text)


@pytest.mark.usefixtures("world")
def test_only_leads_see_it_and_it_speaks_german(sign_in: SignIn) -> None:
    for address in (PAGE, "/p/world/agreement.csv", "/p/world/agreement.svg"):
        assert sign_in("ann").get(address).status_code == 403
    html = sign_in("olga").get(PAGE, headers={"Accept-Language": "de"}).text
    assert "Übereinstimmung" in html
    assert 'href="/p/world/agreement"' in sign_in("olga").get("/p/world/").text


def test_on_the_figure_the_score_and_the_share_are_one_point() -> None:
    percent, chance = 0.82, 0.16
    alpha = (percent - chance) / (1 - chance)
    found = figure(percent, chance, (alpha, alpha - 0.01, alpha + 0.01), 0.8)
    assert found.percent == pytest.approx(found.value, abs=0.1)
    assert found.percent == pytest.approx(20 + 480 * 0.82, abs=0.1)
    assert found.low < found.value < found.high
    assert over_time([], [], [], 0.8) is None


def test_answers_with_parts_are_drawn_where_they_differ(
    database: Database, files: FileStore, cast: dict[str, int], sign_in: SignIn
) -> None:
    make_world(database, files, cast, task="spans", slug="spans", items=20)
    html = sign_in("olga").get("/p/spans/agreement").text
    inspect(html)
    words = words_of(html)
    assert "Where they differ" in words
    assert "Borders differ, same class" in words
    assert "With partial credit for what marks have in common" in words
    assert 'class="of-two-texts"' in html
    for address, number in counted_links(html).items():
        if "items?" in address:
            assert items_there(sign_in("olga"), address) == number, address
    rows = list(csv.DictReader(io.StringIO(sign_in("olga").get("/p/spans/agreement.csv").text)))
    assert {row["name"] for row in rows if row["part"] == "difference"} >= {"borders", "only"}

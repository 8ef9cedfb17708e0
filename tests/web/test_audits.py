"""The pages of audits: start, follow, answer and decide blind, read the result; and the tile of the overview."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from labeler.annotations.models import Annotation
from labeler.audits.models import Audit, AuditItem
from labeler.decisions import final
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from tests.conftest import Made
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
START = {"size": "60", "maximum": "10", "who": "leads"}


@pytest.fixture
def made(make_project: Make) -> Made:
    return make_project("many", items=70, votes=1, given="cat")


@pytest.fixture
def olga(sign_in: SignIn) -> FlaskClient:
    return sign_in("olga")


def shown(client: FlaskClient, path: str) -> str:
    answered = client.get(f"/p/many/{path}")
    assert answered.status_code == 200, (path, answered.status_code, answered.headers.get("Location"))
    inspect(answered.text)
    return " ".join(answered.text.split())


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found is not None, name
    return found[1]


def answer_blind(client: FlaskClient, codes: dict[str, str], wrong: int, *, size: int = 60) -> None:
    """Answer every item on the blind page: the first ones dog, the others cat."""
    for number in range(size):
        html = shown(client, "audits/1/answer")
        body = {name: hidden(html, name) for name in ("assignment", "key")}
        client.post(
            "/p/many/audits/1/answer", data=body | {"decision": f"right:{codes['dog' if number < wrong else 'cat']}"}
        )


def decide(client: FlaskClient, decision: str) -> None:
    html = shown(client, "audits/1/differences")
    body = {name: hidden(html, name) for name in ("item", "annotation", "key")}
    client.post("/p/many/audits/1/differences", data=body | {"decision": decision})


def test_the_page_to_start_says_what_each_size_gives(olga: FlaskClient, made: Made) -> None:
    html = shown(olga, "audits")
    assert re.findall(r'name="size" value="(\d+)"', html) == ["50", "70"]
    assert "if 2.0% are wrong" in html
    assert "about 17 minutes" in html
    assert "Start the audit" in html
    assert made.items


def test_without_labels_the_page_says_what_is_missing(olga: FlaskClient, make_project: Make) -> None:
    make_project("many", items=3)
    assert "as soon as items are labeled" in shown(olga, "audits")


def test_a_lead_answers_decides_reads_the_result_and_corrects(
    olga: FlaskClient, made: Made, database: Database
) -> None:
    assert olga.post("/p/many/audits", data=START).headers["Location"].endswith("/p/many/audits/1")
    with database.read() as session:
        codes = dict(classes_of(session, made.id).by_name)
    assert "0 of 60 answered" in shown(olga, "audits/1")
    answer_blind(olga, codes, wrong=4)
    running = shown(olga, "audits/1")
    assert "4 <small>answers differ from the label" in running
    assert "Remaining error" not in running, "no result in between"
    assert "%" not in re.sub(r"aria-\w+=\"[^\"]*\"|At most wrong.*?</dd>|<svg.*?</svg>", "", running.split("<main")[1])
    assert ">4</span>" in running.split("<main")[0], "the menu counts what waits"
    decide(olga, f"right:{codes['cat']}")
    decide(olga, "ambiguous")
    olga.post("/p/many/audits/1/differences/undo")
    decide(olga, f"right:{codes['dog']}")
    decide(olga, f"right:{codes['neither']}")
    decide(olga, "ambiguous")
    assert "Everything is answered and decided." in shown(olga, "audits/1")
    olga.post("/p/many/audits/1/close")
    result = shown(olga, "audits/1")
    assert "2 of 60 checked labels were wrong" in result
    assert "3.3%" in result
    assert "1 is ambiguous, which is not wrong." in result
    assert "Wilson range" in result
    assert "Correct 2 labels" in result
    tile = shown(olga, "")
    assert ">3.3%</a>" in tile
    assert "Maximum 5.0%" in tile
    olga.post("/p/many/audits/1/corrections")
    with database.read() as session:
        standing = [one.final for one in final.standings(session, made.id)]
    assert (standing.count(codes["dog"]), standing.count(codes["neither"])) == (1, 1)
    assert "brought up to date with 2 decisions since" in shown(olga, "")
    assert "2 labels were corrected from this audit." in shown(olga, "audits/1")
    olga.post("/p/many/audits/1/corrections/undo")
    with database.read() as session:
        assert {one.final for one in final.standings(session, made.id)} == {codes["cat"]}
    assert "2 items" in shown(olga, "audits/1/items?outcome=wrong")
    assert "1 item<" in shown(olga, "audits/1/items?outcome=ambiguous")
    assert "Earlier audits" in shown(olga, "audits")


def test_the_blind_pages_do_not_show_which_is_the_label(olga: FlaskClient, made: Made, database: Database) -> None:
    olga.post("/p/many/audits", data=START)
    with database.read() as session:
        codes = dict(classes_of(session, made.id).by_name)
    page = shown(olga, "audits/1/answer").split("<main")[1]
    assert "aria-current" not in page
    assert [name for name in ("cat", "dog", "neither") if f">{name}</span>" in page] == ["cat", "dog", "neither"]
    answer_blind(olga, codes, wrong=12)
    first = []
    for _ in range(12):
        html = shown(olga, "audits/1/differences")
        sides = html.split('class="classes wide sides"')[1].split("</div>")[0]
        first.append(re.findall(r'value="right:(\d+)"', sides)[0])
        body = {name: hidden(html, name) for name in ("item", "annotation", "key")}
        olga.post("/p/many/audits/1/differences", data=body | {"decision": "other"})
    assert set(first) == {codes["cat"], codes["dog"]}, "the order is random"


def test_an_item_that_cannot_be_judged_is_left_out_and_undo_takes_it_in(
    olga: FlaskClient, made: Made, database: Database
) -> None:
    olga.post("/p/many/audits", data=START)
    html = shown(olga, "audits/1/answer")
    body = {name: hidden(html, name) for name in ("assignment", "key")}
    olga.post("/p/many/audits/1/answer", data=body | {"decision": "skip"})
    with database.read() as session:
        assert session.scalars(select(AuditItem.position).where(AuditItem.left_out)).all() == [1]
    olga.post("/p/many/audits/1/answer/undo")
    with database.read() as session:
        assert session.scalars(select(AuditItem.position).where(AuditItem.left_out)).all() == []
        assert session.scalars(select(Annotation.status)).all() == ["undone"]
    assert hidden(shown(olga, "audits/1/answer"), "assignment") == body["assignment"]
    assert made.items


def test_closing_early_says_that_the_range_holds_at_any_time(olga: FlaskClient, made: Made, database: Database) -> None:
    olga.post("/p/many/audits", data=START)
    with database.read() as session:
        codes = dict(classes_of(session, made.id).by_name)
    answer_blind(olga, codes, wrong=0, size=5)
    assert "Close with 5 answers" in shown(olga, "audits/1")
    olga.post("/p/many/audits/1/close")
    assert "a betting range" in shown(olga, "audits/1")
    tile = shown(olga, "")
    assert "at any time" in tile
    assert "Closed early with 5 of 60 items" in tile


def test_stopping_asks_once_and_leaves_no_result(olga: FlaskClient, made: Made, database: Database) -> None:
    olga.post("/p/many/audits", data=START | {"who": "annotators"})
    assert "Stop without a result" in shown(olga, "audits/1")
    assert "60</b>" not in shown(olga, "")
    assert "0 of 60" in shown(olga, "")
    olga.post("/p/many/audits/1/order", data={"first": "1"})
    with database.read() as session:
        assert session.scalars(select(Audit.spacing)).one() == 0
    olga.post("/p/many/audits/1/stop")
    assert "has no result" in shown(olga, "audits/1")
    assert "Not measured" in shown(olga, "")
    assert made.items


def test_bad_input_is_said_and_starts_nothing(olga: FlaskClient, made: Made) -> None:
    for changed, said in (({"size": "x"}, "how many items"), ({"maximum": "200"}, "between 0 and 100%")):
        olga.post("/p/many/audits", data=START | changed)
        assert said in shown(olga, "audits")
    assert olga.post("/p/many/audits/9/close").status_code == 404
    assert made.items


@pytest.mark.parametrize("path", ["audits", "audits/1", "audits/1/answer", "audits/1/differences", "audits/1/items"])
def test_only_leads_see_audits(olga: FlaskClient, sign_in: SignIn, made: Made, path: str) -> None:
    olga.post("/p/many/audits", data=START)
    assert sign_in("ann").get(f"/p/many/{path}").status_code == 403
    assert sign_in("zed").get(f"/p/many/{path}").status_code == 404
    assert made.items

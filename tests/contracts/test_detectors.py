"""Every detector keeps the same promises, and one more has its place everywhere by its folder and its line alone."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import ChoiceLoader, DictLoader
from markupsafe import escape
from sqlalchemy import select

import labeler.quality.detectors
from labeler import workflow
from labeler.config import Settings
from labeler.exchange.rows import Row
from labeler.messages import Message
from labeler.projects.models import Item
from labeler.quality.dataset import Evidence, Examination, Finding
from labeler.quality.detectors.base import Detector, item_should_go
from labeler.quality.detectors.registry import DETECTORS, WRONG_LABELS, bulk_kind, rank
from labeler.review import precision
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.api.conftest import Api
from tests.conftest import Made
from tests.quality.worlds import dataset, look_at, texts, with_mistakes
from tests.review.suspects import Suspect, add_pass
from tests.web.pages import inspect

FOLDER = Path(labeler.quality.detectors.__file__).parent
DECISIONS = ("keep", "relabel", "exclude", "ambiguous", "send_back")
LOUD = "ALL OF THIS IS WRITTEN IN CAPITALS"
TWINS = ["a tall tower stands above a small town by the sea"] * 2 + [
    "seven geese walked slowly over the frozen lake"
] * 2
EVIDENCE = """{% from "detectors/reasons.html" import row %}
<ul class="why">{% for why in card.why %}{% call row("info") %}Loud to {{ why.facts.share | percentformat }}.
{% endcall %}{% endfor %}</ul>"""


def find(evidence: Evidence) -> list[Finding]:
    """Flag texts that are all capitals."""
    loud = [item for item, text in enumerate(evidence.dataset.contents) if str(text).isupper()]
    return [Finding(item, "shouting", 0.75, None, 0.0, [{"kind": "capitals", "share": 1.0}]) for item in loud]


SHOUTING = Detector(
    "shouting",
    find,
    title="Shouting",
    waiting="Texts that shout",
    explanation="Its text is written in capitals.",
    was_right=item_should_go,
    notes=lambda evidence: [f"{len(find(evidence))} texts shout."],
)


@pytest.fixture
def known() -> Iterator[dict[str, Detector]]:
    """The table of detectors, which a test may change."""
    before = dict(DETECTORS)
    yield DETECTORS
    DETECTORS.clear()
    DETECTORS.update(before)


@pytest.fixture
def shouting(known: dict[str, Detector]) -> Detector:
    """One detector more, after all others, as its line in the table would add it."""
    known["shouting"] = SHOUTING
    return SHOUTING


EACH = pytest.mark.parametrize("one", [*DETECTORS.values(), SHOUTING], ids=lambda one: one.kind)

# -- the same of each ------------------------------------------------------------------------------------------------


@EACH
def test_a_kind_fits_the_database_and_is_said_in_words_of_its_own(one: Detector) -> None:
    assert 0 < len(one.kind) <= 32
    assert one.kind.isidentifier()
    assert len({one.title, one.waiting, one.explanation, ""}) == 4
    assert one.explanation.endswith(".")


@pytest.mark.parametrize("kind", DETECTORS)
def test_a_kind_is_named_as_its_folder_and_its_words_can_be_translated(kind: str) -> None:
    one = DETECTORS[kind]
    assert one.kind == kind
    assert (FOLDER / kind / "detector.py").is_file()
    assert all(isinstance(words, Message) for words in (one.title, one.waiting, one.explanation))


def test_every_folder_beside_the_table_is_in_it() -> None:
    assert {path.parent.name for path in FOLDER.glob("*/detector.py")} == {*DETECTORS}


@EACH
def test_decisions_prove_a_flag_right_or_wrong_and_sending_back_proves_nothing(one: Detector) -> None:
    said = [one.was_right(decision, label, "1") for decision in DECISIONS for label in ("1", "2")]
    assert {True, False} <= {*said}
    assert one.was_right("send_back", "", "1") is None
    assert one.was_right("keep", "1", "1") is False


@pytest.fixture(scope="module")
def examined() -> Iterator[Examination]:
    """What all detectors find in texts with wrong labels, two pairs of doubles, one that shouts, an empty one."""
    contents, truth = texts((60, 60, 40))
    labels = [*with_mistakes(truth, 0.1, 3), 0, 0, 0, 1, 1, 2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(DETECTORS, "shouting", SHOUTING)
        yield look_at(dataset([*contents, *TWINS, LOUD, ""], labels))


@EACH
def test_findings_are_of_the_kind_with_scores_and_reasons_that_can_be_stored(
    one: Detector, examined: Examination
) -> None:
    found = [finding for finding in examined.findings if finding.kind == one.kind]
    for finding in found:
        assert 0 <= finding.score <= 1
        assert 0 <= finding.confidence <= 1
        assert len(finding.reasons) <= 4
        assert all(reason["kind"] for reason in json.loads(json.dumps(finding.reasons)))
    assert examined.summary["findings"][one.kind] == len(found)


def test_the_planted_faults_are_found_by_the_detectors_of_their_kind(examined: Examination) -> None:
    found = {finding.kind for finding in examined.findings}
    assert {"label_error", "contradiction", "text_problem", "near_duplicate", "outlier", "shouting"} <= found


def test_what_detectors_say_of_the_whole_set_is_among_the_notes(examined: Examination) -> None:
    assert {"1 texts shout.", "1 text has nothing to read in it."} <= {*examined.summary["notes"]}


@EACH
def test_nothing_is_found_where_there_is_nothing(one: Detector, known: dict[str, Detector]) -> None:
    known.clear()
    known[one.kind] = one
    assert look_at(dataset([], [])).findings == []


# -- one database after the other ------------------------------------------------------------------------------------


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    """The instance of all that follows, on each of the two databases."""
    return any_settings


@pytest.fixture
def database(any_settings: Settings) -> Iterator[Database]:
    found = Database(any_settings)
    yield found
    found.close()


@pytest.fixture
def own_page(app: Flask) -> None:
    """The template of the detector's folder, where the loader finds it."""
    assert app.jinja_loader is not None
    app.jinja_loader = ChoiceLoader([DictLoader({"detectors/shouting/evidence.html": EVIDENCE}), app.jinja_loader])


Make = Callable[..., Made]
SignIn = Callable[[str], FlaskClient]


@dataclass(frozen=True)
class World:
    """Who looks at what. loud: the item that shouts."""

    database: Database
    made: Made
    olga: FlaskClient
    api: Api
    loud: int

    def page(self, path: str) -> str:
        answer = self.olga.get(f"/p/{self.made.slug}/{path}", follow_redirects=True)
        assert answer.status_code == 200, answer.text[:500]
        inspect(answer.text)
        return " ".join(answer.text.split())

    def flags(self, query: str = "") -> list[dict[str, Any]]:
        return self.api.pages(f"/projects/{self.made.slug}/flags{query}")

    def kinds_in_export(self) -> set[str]:
        text = self.api.get(f"/projects/{self.made.slug}/export?format=jsonl&items=all").text
        rows = [json.loads(line) for line in text.splitlines()]
        return {flag["kind"] for row in rows if row.get("item") == self.loud for flag in row["flags"]}

    def precision(self) -> tuple[int, int]:
        with self.database.read() as session:
            said = precision.precision(session, self.made.id, "shouting")
        return said.checked, said.right


@pytest.fixture
def olga(app: Flask, sign_in: SignIn, bearer: Callable[[str], dict[str, str]]) -> tuple[FlaskClient, Api]:
    """The browser and the program of who leads the project."""
    return sign_in("olga"), Api(app, bearer("olga"))


@pytest.fixture
def world(database: Database, files: FileStore, make_project: Make, olga: tuple[FlaskClient, Api]) -> World:
    """A project in which one text shouts, among six that do not."""
    made = make_project(given="cat")
    workflow.import_items(
        database, files, made.id, [Row(1, "loud", LOUD, None, "cat", {})], workflow.ImportPlan("more.csv", "csv")
    )
    with database.read() as session:
        loud = session.scalars(select(Item.id).where(Item.external_id == "loud")).one()
    return World(database, made, *olga, loud)


@pytest.mark.usefixtures("own_page", "shouting")
def test_one_more_is_found_stored_shown_listed_decided_counted_and_exported_and_survives_its_detector(
    world: World, files: FileStore, known: dict[str, Detector]
) -> None:
    workflow.inspect(world.database, files, world.made.id)
    _check_shown(world)
    _check_listed(world)
    _decide(world)
    assert world.precision() == (1, 1)
    assert "shouting" in world.kinds_in_export()
    del known["shouting"]
    _check_gone(world)


def _check_shown(world: World) -> None:
    assert "Texts that shout" in world.page("")
    card = world.page(f"review?kind=shouting&item={world.loud}")
    for words in ("Shouting 1", "Its text is written in capitals.", "Loud to 100%.", LOUD):
        assert words in card
    item = world.page(f"items/{world.loud}")
    assert "Its text is written in capitals." in item
    assert "Loud to 100%." in item


def _check_listed(world: World) -> None:
    assert [row["item"] for row in world.flags("?kind=shouting")] == [world.loud]
    assert world.flags()[-1]["kind"] == "shouting"  # the last of the table
    document = world.api.get("/openapi.json").json
    listed = document["paths"]["/api/v1/projects/{slug}/flags"]["get"]["parameters"]
    said = json.dumps(next(one for one in listed if one["name"] == "kind"))
    assert '"shouting"' in said
    assert "shouting: Its text is written in capitals." in said


def _decide(world: World) -> None:
    decision = {"key": uuid.uuid4().hex, "item": world.loud, "decision": "exclude", "kind": "shouting"}
    assert world.api.post(f"/projects/{world.made.slug}/reviews", decision).status_code == 201


def _check_gone(world: World) -> None:
    """What was stored is still there, last, under its name, and nothing claims to know more of it."""
    assert rank("shouting") > max(map(rank, DETECTORS))
    assert [row["item"] for row in world.flags("?kind=shouting")] == [world.loud]
    assert "shouting" in world.kinds_in_export()
    card = world.page(f"review?kind=shouting&item={world.loud}")
    for words in ("Shouting", "Nothing here knows this kind of flag any more", "share 1.0", LOUD):
        assert words in card
    assert "Its text is written in capitals." not in card
    assert "Nothing here knows this kind of flag any more" in world.page(f"items/{world.loud}")
    assert world.precision() == (0, 0)  # nobody says any more what an exclusion proves
    assert world.page("")
    assert world.page("items?state=flagged")


@pytest.mark.parametrize("kind", DETECTORS)
def test_a_card_of_each_kind_says_what_the_kind_is_with_and_without_reasons(world: World, kind: str) -> None:
    add_pass(world.database, world.made, [Suspect(0, kind, 0.9, "cat", "dog", 0.8), Suspect(1, kind, 0.8, "cat")])
    for place in (0, 1):
        card = world.page(f"review?kind={kind}&item={world.made.items[place]}")
        assert escape(DETECTORS[kind].explanation) in card
        assert escape(DETECTORS[kind].title) in card


def test_what_a_detector_that_is_gone_had_words_for_is_shown_as_it_was_stored(
    world: World, known: dict[str, Detector]
) -> None:
    far = {"kind": "distance", "distance": 0.6, "typical": 0.2}
    add_pass(world.database, world.made, [Suspect(0, "outlier", 0.9, "cat", reasons=(far,))])
    assert "3.0 times" in world.page("review?kind=outlier")
    del known["outlier"]
    card = world.page("review?kind=outlier")
    for words in ("distance", "distance 0.6", "typical 0.2"):
        assert words in card


def test_only_kinds_that_offer_it_are_accepted_many_at_once(world: World, known: dict[str, Detector]) -> None:
    assert bulk_kind("outlier") == bulk_kind("") == WRONG_LABELS.kind
    assert bulk_kind("contradiction") == "contradiction"
    add_pass(world.database, world.made, [Suspect(0, WRONG_LABELS.kind, 0.9, "cat", "dog", 0.8)])
    assert "Accept many at once" in world.page("review")
    for kind, one in known.items():
        known[kind] = replace(one, bulk=False)
    assert bulk_kind(WRONG_LABELS.kind) == ""
    assert "Accept many at once" not in world.page("review")
    assert world.page("review/many")

"""A number that several places show is the same in each: page, API and command line, on both databases."""

import json
import random
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.decisions.final import standings
from labeler.exchange.queries import rows
from labeler.projects.models import Project
from labeler.projects.queries import classes_of, item_in
from labeler.quality.calibration.queries import calibration
from labeler.quality.flag_rows import all_scores
from labeler.quality.models import Inspection
from labeler.review import queue
from labeler.review.accepting import read_accepting
from labeler.review.probability import probabilities_wrong
from labeler.review.queue import Wanted
from labeler.storage.database import Database
from labeler.web.review.views import rows_of
from labeler.web.shared.evidence import Desk, read_card
from tests.api.conftest import Api
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass

Cast = Callable[[str], Api]
Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]
SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def shown(client: FlaskClient, address: str) -> str:
    """Return the words of a page."""
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def test_agreement_with_the_others_is_the_same_on_the_page_and_in_the_api(
    api: Cast, make_project: Make, answer: Give, sign_in: SignIn
) -> None:
    made = make_project(items=20, votes=2)
    answer(made, "ann", ["cat"] * 20)
    answer(made, "bob", ["cat"] * 13 + ["dog"] * 7)
    rows = {row["email"]: row for row in api("olga").pages("/projects/pets/annotators")}
    for name in ("ann", "bob"):
        one = rows[f"{name}@example.org"]
        # the seven ties are seven times unlike the other; a consensus that holds the own answer would say 100 %
        assert (one["agreement"], one["compared"]) == (13 / 20, 20)
    assert rows["olga@example.org"]["agreement"] is None
    words = shown(sign_in("olga"), "/p/pets/annotators")
    assert words.count("65% of 20") == 2
    assert shown(sign_in("olga"), "/p/pets/").count("65% 43 to 82") == 2


def decide(database: Database, made: Made, by: int, item: int, decision: str, *, label: str = "") -> None:
    with database.write() as session:
        classes = classes_of(session, made.id)
        soft = dict.fromkeys(classes.codes[:2], 0.5) if decision == "ambiguous" else None
        one = Decision(
            f"decide-{item}-{decision}", made.items[item], decision, classes.by_name.get(label, ""), soft=soft
        )
        workflow.resolve(session, session.get_one(Project, made.id), one, by=by)


def test_sending_an_item_back_takes_one_from_what_is_done_and_adds_nothing_to_the_total(
    *,
    api: Cast,
    database: Database,
    make_project: Make,
    answer: Give,
    sign_in: SignIn,
    cast: dict[str, int],
) -> None:
    made, olga, bob = make_project(items=5, votes=2), sign_in("olga"), sign_in("bob")
    for name in ("ann", "bob"):
        answer(made, name, ["cat"] * 5)

    def progress() -> tuple[str, str, str, tuple[int, ...]]:
        whole = re.search(r"\d+ of \d+ answers, 5 items, \d of them done", shown(olga, "/"))
        own = re.search(r"You answered \d; \d left for you", shown(bob, "/"))
        desk = re.search(r'data-done="(\d+)"[^>]*data-total="(\d+)"', bob.get("/p/pets/label").text)
        sent = api("olga").get("/projects/pets").json["progress"]
        assert whole
        assert own
        assert desk
        numbers = tuple(sent[name] for name in ("items", "done", "answers", "wanted"))
        return whole[0], own[0], f"{desk[1]} of {desk[2]}", numbers

    all_done = ("10 of 10 answers, 5 items, 5 of them done", "You answered 5; 0 left for you", "5 of 5", (5, 5, 10, 10))
    assert progress() == all_done
    decide(database, made, cast["olga"], 0, "send_back")
    asked = ("9 of 10 answers, 5 items, 4 of them done", "You answered 4; 1 left for you", "4 of 5", (5, 4, 9, 10))
    assert progress() == asked
    held = api("bob").claim(made)
    assert progress() == asked
    assert "Under way" in shown(olga, "/p/pets/items?state=sent_back") or "Sent back" in shown(olga, "/p/pets/items")
    api("bob").answer(made, held[0]["assignment"], "dog")
    assert progress() == all_done


def test_only_leads_read_how_far_a_project_is(api: Cast, make_project: Make) -> None:
    make_project()
    assert api("ann").get("/projects/pets").json["progress"] is None
    assert api("olga").pages("/projects")[0]["progress"] == {
        "items": 6,
        "done": 0,
        "labeled": 0,
        "answers": 0,
        "wanted": 12,
    }


def test_labeled_is_one_thing_on_pages_in_the_api_and_in_an_export(
    *,
    api: Cast,
    database: Database,
    make_project: Make,
    answer: Give,
    sign_in: SignIn,
    cast: dict[str, int],
) -> None:
    made = make_project(items=8, votes=2)
    answer(made, "ann", ["cat"] * 7)
    answer(made, "bob", ["cat", "dog", "cat", "cat", "dog", "dog"])
    decide(database, made, cast["olga"], 1, "ambiguous")
    decide(database, made, cast["olga"], 2, "exclude")
    decide(database, made, cast["olga"], 3, "relabel", label="dog")
    decide(database, made, cast["olga"], 4, "send_back")  # a tie that waits for an answer
    # labeled: agreed, ambiguous, relabeled, one answer; not: excluded, the tie, the sent back tie, the untouched one
    assert api("olga").get("/projects/pets").json["progress"]["labeled"] == 4
    assert len(api("olga").pages("/projects/pets/items?state=labeled")) == 4
    assert api("olga").get("/projects/pets/export?format=jsonl").data.count(b"\n") == 4
    words = shown(sign_in("olga"), "/p/pets/items?state=labeled")
    assert "4 items" in words
    assert len(api("olga").pages("/projects/pets/items?state=tie")) == 1
    assert "Ties between annotators: 1" in shown(sign_in("olga"), "/p/pets/")


def test_what_needs_the_lead_is_what_the_menu_counts_and_disagreements_are_in_it(
    *, database: Database, make_project: Make, answer: Give, sign_in: SignIn
) -> None:
    made, olga = make_project(items=8, votes=3), sign_in("olga")
    answer(made, "ann", ["cat"] * 4)
    answer(made, "bob", ["cat", "dog", "dog", "dog"])
    answer(made, "olga", ["cat", "cat", "dog"])
    errors = [Suspect(n, "label_error", 0.9, "cat", "dog", 0.9) for n in range(4)]
    twins = [Suspect(n, "contradiction", 0.9, "cat", "dog", 0.9) for n in (0, 1, 6, 7)]
    add_pass(database, made, [*errors, *twins])
    words = shown(olga, "/p/pets/")
    assert "Review 6 Disagreements 3" in words  # the menu
    assert re.search(r"6 Items to review\s*some for more than one reason · about 1 min", words)
    assert "Labels likely wrong: 4 · Twins with different labels: 4" in words
    assert re.search(r"3 Items on which answers differ\s*ties have no final label · about 1 min", words)
    assert "Ties between annotators: 1" in words
    assert "of 6" in shown(olga, "/p/pets/review")
    assert "3 items" in shown(olga, "/p/pets/items?state=differ")


def test_the_median_time_of_an_answer_leaves_out_breaks_and_what_was_not_timed(
    api: Cast, make_project: Make, sign_in: SignIn
) -> None:
    made, ann = make_project(items=5, votes=1), api("ann")
    for held, seconds in zip(ann.claim(made, 5), (0.0, 0.0, 3.0, 5.0, 4000.0), strict=True):
        body = {"key": f"key-{held['assignment']:06d}", "assignment": held["assignment"], "seconds": seconds}
        assert ann.post("/projects/pets/annotations", body | {"value": {"label": "cat"}}).status_code == 201
    rows = {row["email"]: row for row in api("olga").pages("/projects/pets/annotators")}
    assert rows["ann@example.org"]["median_seconds"] == 4.0
    assert "4.0 seconds an answer (median of 2)" in shown(sign_in("olga"), "/p/pets/")


def test_the_probability_wrong_is_the_same_in_flags_and_in_an_export_and_is_of_no_other_label(
    *, api: Cast, database: Database, make_project: Make, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made = make_project(items=3, given="cat")
    add_pass(database, made, [Suspect(n, "label_error", 0.9123456, "cat", "dog", 0.9) for n in range(2)])
    decide(database, made, cast["olga"], 1, "relabel", label="dog")
    flags = api("olga").pages("/projects/pets/flags")
    assert [(one["label"], one["score"], one["probability_wrong"]) for one in flags] == [
        ("cat", 0.912346, None),  # one decision is too few to know it
        ("dog", 0.912346, None),
    ]
    lines = api("olga").get("/projects/pets/export?format=jsonl").data.splitlines()
    rows = [json.loads(line) for line in lines][:2]
    # the label that a lead chose instead was not judged, so nobody should take it for a bad one
    assert [(row["final_label"], row["label_score"]) for row in rows] == [
        ("cat", round(1 - 0.9123456, 6)),
        ("dog", None),
    ]
    assert rows[0]["flags"][0]["score"] == 0.912346
    assert "cat → dog strong suspicion" in shown(sign_in("olga"), "/p/pets/review")


@pytest.mark.parametrize("kind", ["label_error", "contradiction"])
def test_what_the_bar_counts_is_what_its_page_lists_at_every_step(
    database: Database, make_project: Make, sign_in: SignIn, kind: str
) -> None:
    made, olga = make_project(items=12, given="cat"), sign_in("olga")
    numbers = [0.5, 0.549, 0.55, 0.7, 0.9, 0.899999, 0.95, 1.0, 0.2, 0.65]
    errors = [Suspect(n, "label_error", wrong, "cat", "dog", 0.4) for n, wrong in enumerate(numbers)]
    # twins have scores of their own, which say how sure their reason is; the bar goes by the label
    twins = [Suspect(n, "contradiction", 0.99, "cat", "dog", 0.99) for n in range(8)] if kind != "label_error" else []
    add_pass(database, made, [*errors, *twins])
    among = numbers[: len(twins)] or numbers
    for percent in range(50, 101, 5):
        right = sum(wrong >= percent / 100 - 1e-9 for wrong in among)
        address = f"/p/pets/review/many?kind={kind}&at={percent}"
        assert olga.get(address).text.count('class="swap-line"') == right
        if right:
            assert re.search(rf"{right} suggestions? for (a label|labels) that", shown(olga, address))


def said_by_pages(session: Session, made: Made, run: int) -> dict[str, dict[int, float | None]]:
    """Return what queue, card and export say of each item."""
    project = session.get_one(Project, made.id)
    desk, inspection = Desk.of(session, project), session.get_one(Inspection, run)
    flags = queue.waiting(session, Wanted(run), limit=99)
    cards = [read_card(desk, item_in(session, made.id, item), flag=None, inspection=inspection) for item in made.items]
    exported = {row.item: row.label_score for row in rows(session, project)}
    return {
        "queue": {row.item.id: row.wrong.number if row.wrong else None for row in rows_of(desk, flags)},
        "card": {card.item.id: card.wrong.number if card.wrong else None for card in cards},
        "export": {item: None if score is None else 1 - score for item, score in exported.items()},
        "command": {row.item: row.score for row in all_scores(session, made.id, run) if row.band},
    }


@pytest.mark.parametrize(("seed", "decided"), [(0, 0), (1, 9), (2, 10), (3, 24)])
def test_every_place_says_the_same_of_every_item(
    *, api: Cast, database: Database, make_project: Make, cast: dict[str, int], seed: int, decided: int
) -> None:
    rng, made = random.Random(seed), make_project(items=40, given="cat")
    scores = [rng.choice([rng.random(), rng.random() ** 3, 0.0, 1.0]) for _ in made.items]
    suspects = [Suspect(n, "label_error", score, "cat", "dog", rng.random()) for n, score in enumerate(scores)]
    run = add_pass(database, made, suspects[:34])
    for place in range(decided):
        keeps = place > 0 and rng.random() < 0.4
        decide(database, made, cast["olga"], place, "keep" if keeps else "relabel", label="" if keeps else "dog")
    with database.read() as session:
        places = said_by_pages(session, made, run)
        known = calibration(session, made.id)
        bulk = read_accepting(session, session.get_one(Project, made.id), run, "label_error", known)
        standing = probabilities_wrong(session, run, standings(session, made.id), known)
    assert (known.wrong is not None) == (decided >= 10)
    right = {item: one.number for item, one in standing.items()}
    listed = api("olga").pages("/projects/pets/items?limit=100")
    places["items"] = {one["item"]: one["probability_wrong"] for one in listed}
    places["flags"] = {one["item"]: one["probability_wrong"] for one in api("olga").pages("/projects/pets/flags")}
    for name, said in places.items():
        known_here = {item: number for item, number in said.items() if number is not None}
        of_programs = name in {"items", "flags"} and known.wrong is None
        assert known_here == (
            {} if of_programs else pytest.approx({item: right[item] for item in known_here}, abs=1e-6)
        ), name
    assert {item for item, number in places["card"].items() if number is not None} == {*right}
    waiting = [right[item] for item in made.items[decided:34] if right[item] >= 0.5]
    assert sorted(at for at, _ in bulk.waiting) == sorted(int(100 * number + 1e-6) for number in waiting)

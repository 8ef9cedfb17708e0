"""A number that several places show is the same in each: page, API and command line, on both databases."""

import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
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
    assert words.count("65% 43 to 82 20") == 2
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
        ("cat", 0.912346, 0.912346),
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
    assert "91%" in shown(sign_in("olga"), "/p/pets/review")


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
        words = shown(olga, f"/p/pets/review/many?kind={kind}&at={percent}")
        assert words.count("likely to be right") == right
        if right:
            assert re.search(rf"{right} suggestions? for (a label|labels) that", words)

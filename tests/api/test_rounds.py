"""Items that a lead sends back: whom they go to, what the answer does to earlier ones, when they are answered."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.accounts.actions import set_member
from labeler.annotations.models import Annotation
from labeler.config import Settings
from labeler.storage.database import Database
from tests.api.conftest import Api
from tests.conftest import NOW, Made

Cast = Callable[[str], Api]
Make = Callable[..., Made]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def decide(olga: Api, made: Made, decision: str, **more: Any) -> Any:
    body = {"key": str(uuid.uuid4()), "item": made.items[0], "decision": decision, **more}
    return olga.post(f"/projects/{made.slug}/reviews", body)


def give(one: Api, made: Made, label: str) -> Any:
    return one.answer(made, one.claim(made)[0]["assignment"], label, key=str(uuid.uuid4()))


def skip(one: Api, made: Made, assignment: int, reason: str) -> Any:
    body = {"key": str(uuid.uuid4()), "assignment": assignment, "skip": reason}
    return one.post(f"/projects/{made.slug}/annotations", body)


def stands(olga: Api, made: Made) -> tuple[str | None, str | None, str]:
    found = olga.pages(f"/projects/{made.slug}/items")[0]
    return found["final_label"], found["source"], found["state"]


def statuses(olga: Api, made: Made) -> list[tuple[str, str]]:
    rows = olga.pages(f"/projects/{made.slug}/annotations")
    return [(row["annotator"].partition("@")[0], row["status"]) for row in rows]


@pytest.fixture
def answered(api: Cast, make_project: Make) -> Made:
    """One item that Ann called cat and Bob dog: Bob answered last."""
    made = make_project(items=1)
    give(api("ann"), made, "cat")
    give(api("bob"), made, "dog")
    return made


def test_a_sent_back_item_goes_to_the_one_who_answered_last_and_to_nobody_else(api: Cast, answered: Made) -> None:
    decide(api("olga"), answered, "send_back", reason="look again")
    assert api("ann").claim(answered) == []
    assert api("olga").claim(answered) == []
    held = api("bob").claim(answered)
    assert [(one["item"], one["purpose"]) for one in held] == [(answered.items[0], "review")]


def test_a_sent_back_item_brings_ones_own_earlier_answer_and_never_that_of_somebody_else(
    api: Cast, make_project: Make
) -> None:
    made = make_project(items=2, votes=2)
    ann, bob, olga = api("ann"), api("bob"), api("olga")
    assert all("earlier" not in one for one in ann.claim(made, count=2))
    give(ann, made, "cat")
    held = bob.claim(made)[0]["assignment"]
    said = {"key": str(uuid.uuid4()), "assignment": held, "value": {"label": "dog"}}
    bob.post(f"/projects/{made.slug}/annotations", said | {"unsure": True, "comment": "The ears are hidden."})
    decide(olga, made, "send_back", reason="look again")
    back = bob.claim(made)[0]
    assert (back["item"], back["note"]) == (made.items[0], "look again")
    assert back["earlier"] == {"value": {"label": "dog"}, "unsure": True, "comment": "The ears are hidden."}
    skip(bob, made, back["assignment"], "not clear")
    others = [one for one in ann.claim(made, count=2) if one["item"] == made.items[0]]
    assert [one["earlier"]["value"] for one in others] == [{"label": "cat"}]


def test_an_earlier_answer_is_shown_with_the_names_of_now(api: Cast, answered: Made) -> None:
    olga = api("olga")
    decide(olga, answered, "send_back")
    changed = [{"name": "cat"}, {"name": "hound", "was": "dog"}, {"name": "neither"}]
    assert olga("PATCH", f"/projects/{answered.slug}", {"classes": changed}).status_code == 200
    assert api("bob").claim(answered)[0]["earlier"]["value"] == {"label": "hound"}


def test_the_new_answer_takes_the_place_of_all_earlier_ones_and_makes_no_tie(api: Cast, answered: Made) -> None:
    olga = api("olga")
    decide(olga, answered, "send_back")
    assert stands(olga, answered)[2] == "sent_back"
    give(api("bob"), answered, "neither")
    assert stands(olga, answered) == ("neither", "consensus", "labeled")
    assert statuses(olga, answered) == [("ann", "superseded"), ("bob", "superseded"), ("bob", "counted")]
    assert olga.pages(f"/projects/{answered.slug}/items?state=sent_back") == []


def test_an_answer_taken_back_makes_the_earlier_ones_stand_and_the_item_sent_back_again(
    api: Cast, answered: Made
) -> None:
    olga, bob = api("olga"), api("bob")
    decide(olga, answered, "send_back")
    answer = give(bob, answered, "cat").json
    assert bob("DELETE", f"/projects/{answered.slug}/annotations/{answer['id']}").status_code == 200
    assert stands(olga, answered) == (None, "ambiguous", "sent_back")
    assert statuses(olga, answered) == [("ann", "counted"), ("bob", "counted"), ("bob", "undone")]
    give(bob, answered, "cat")
    assert stands(olga, answered) == ("cat", "consensus", "labeled")


@pytest.mark.parametrize("gone", ["left", "skips"])
def test_when_that_person_cannot_or_will_not_anybody_else_may_answer(
    api: Cast, answered: Made, database: Database, cast: dict[str, int], gone: str
) -> None:
    decide(api("olga"), answered, "send_back")
    if gone == "left":
        with database.write() as session:
            workflow.remove_member(session, answered.id, cast["bob"])
    else:
        skip(api("bob"), answered, api("bob").claim(answered)[0]["assignment"], "not clear")
        assert statuses(api("olga"), answered)[:2] == [("ann", "counted"), ("bob", "counted")]
    assert [one["item"] for one in api("ann").claim(answered)] == answered.items


def test_undoing_answers_round_by_round_brings_back_what_stood_before_each(api: Cast, answered: Made) -> None:
    olga, bob = api("olga"), api("bob")
    for label in ("neither", "cat"):
        decide(olga, answered, "send_back")
        give(bob, answered, label)
    assert stands(olga, answered) == ("cat", "consensus", "labeled")
    for right in (
        [("ann", "superseded"), ("bob", "superseded"), ("bob", "counted"), ("bob", "undone")],
        [("ann", "counted"), ("bob", "counted"), ("bob", "undone"), ("bob", "undone")],
    ):
        newest = [row for row in olga.pages(f"/projects/{answered.slug}/annotations") if row["status"] == "counted"][-1]
        assert bob("DELETE", f"/projects/{answered.slug}/annotations/{newest['id']}").status_code == 200
        assert statuses(olga, answered) == right


def test_what_was_sent_back_to_an_admin_who_leaves_the_project_is_for_anybody(
    api: Cast, answered: Made, database: Database, cast: dict[str, int]
) -> None:
    decide(api("olga"), answered, "send_back")
    with database.write() as session:
        workflow.change_account(session, cast["bob"], role="admin")
        workflow.remove_member(session, answered.id, cast["bob"])
    with database.write() as session:
        accounts.add_user(session, "second@example.org", role="admin", now=NOW)
        workflow.change_account(session, cast["bob"], role="annotator")
    assert [one["item"] for one in api("ann").claim(answered)] == answered.items


def test_an_answer_of_an_earlier_round_that_comes_after_the_new_one_is_late(
    api: Cast, make_project: Make, database: Database, cast: dict[str, int]
) -> None:
    made = make_project(items=1)
    give(api("ann"), made, "cat")
    slow = api("bob").claim(made)[0]["assignment"]
    decide(api("olga"), made, "send_back")
    give(api("ann"), made, "neither")
    assert api("bob").answer(made, slow, "dog").json["status"] == "late"
    assert stands(api("olga"), made) == ("neither", "consensus", "labeled")
    with database.write() as session:
        set_member(session, made.id, cast["bob"], role="annotator", now=NOW)


def test_sending_back_that_is_undone_before_the_answer_leaves_all_as_it_was(api: Cast, answered: Made) -> None:
    olga, bob = api("olga"), api("bob")
    decide(olga, answered, "send_back")
    held = bob.claim(answered)[0]["assignment"]
    decide(olga, answered, "relabel", value={"label": "cat"})
    assert bob.answer(answered, held, "neither", key=str(uuid.uuid4())).json["status"] == "late"
    assert stands(olga, answered) == ("cat", "review", "reviewed")
    assert statuses(olga, answered)[:2] == [("ann", "counted"), ("bob", "counted")]


# -- skips ----------------------------------------------------------------------------------------------------------


def test_a_reason_given_after_a_skip_is_one_skip_and_never_late(api: Cast, make_project: Make) -> None:
    made, olga, ann = make_project(items=1, votes=1), api("olga"), api("ann")
    held = ann.claim(made)[0]["assignment"]
    skip(ann, made, held, "other")
    assert api("bob").claim(made), "the skipped item is somebody else's now"
    receipt = skip(ann, made, held, "cannot read")
    assert receipt.json["status"] == "created"
    rows = olga.pages(f"/projects/{made.slug}/annotations")
    assert [(row["skip"], row["status"]) for row in rows] == [("other", "superseded"), ("cannot read", "skipped")]
    people = {row["email"]: row["skips"] for row in olga.pages(f"/projects/{made.slug}/annotators")}
    assert people["ann@example.org"] == 1


# -- another number of votes ----------------------------------------------------------------------------------------


def test_an_answer_that_is_not_wanted_any_more_is_late_and_makes_no_tie_and_counts_when_wanted_again(
    api: Cast, make_project: Make, database: Database
) -> None:
    made, olga = make_project(items=1, votes=3), api("olga")
    first, second = api("ann").claim(made)[0]["assignment"], api("bob").claim(made)[0]["assignment"]
    api("ann").answer(made, first, "cat")
    olga("PATCH", f"/projects/{made.slug}", {"votes": 1})
    assert api("bob").answer(made, second, "dog").json["status"] == "late"
    assert stands(olga, made) == ("cat", "consensus", "labeled")
    olga("PATCH", f"/projects/{made.slug}", {"votes": 3})
    assert statuses(olga, made) == [("ann", "counted"), ("bob", "counted")]
    assert stands(olga, made)[2] == "tie"
    with database.read() as session:
        assert session.scalars(select(Annotation.status)).all() == ["counted", "counted"]


def test_of_two_who_hold_an_item_the_first_to_answer_counts_when_one_answer_is_wanted(
    api: Cast, make_project: Make
) -> None:
    made, olga = make_project(items=1, votes=2), api("olga")
    first, second = api("ann").claim(made)[0]["assignment"], api("bob").claim(made)[0]["assignment"]
    olga("PATCH", f"/projects/{made.slug}", {"votes": 1})
    assert api("bob").answer(made, second, "dog").json["status"] == "created"
    assert api("ann").answer(made, first, "cat").json["status"] == "late"
    assert stands(olga, made) == ("dog", "consensus", "labeled")

"""How many answers items want: on a share of them more, one more while they are unsure, one more where a lead asks."""

from collections.abc import Callable
from typing import Any

import pytest

from labeler import workflow
from labeler.accounts.actions import add_token, add_user, set_member
from labeler.adaptive_votes.rule import VoteRule, certainty
from labeler.annotations.queries import counted_answers
from labeler.errors import Invalid
from labeler.exchange.rows import Row
from labeler.statistics.progress import progress_of
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import LEASE, NOW, Made
from tests.workflow.desk import Desk

Make = Callable[..., Made]


@pytest.fixture
def desk(database: Database, make_project: Make, cast: dict[str, int]) -> Desk:
    """Four texts that want two answers each; five people who can answer."""
    made = Desk(database, make_project(items=4, votes=2), cast)
    with database.write() as session:
        for name in ("cleo", "dora"):
            cast[name] = add_user(session, f"{name}@example.org", role="annotator", now=NOW).id
            add_token(session, cast[name], name="t", now=NOW)
            set_member(session, made.made.id, cast[name], role="annotator", now=NOW)
    return made


def test_certainty_is_the_posterior_of_one_coin() -> None:
    assert certainty([], 4) == pytest.approx(0.25)
    assert certainty([("a", 0.8)], 2) == pytest.approx(0.8)
    assert certainty([("a", 0.8), ("a", 0.8)], 2) == pytest.approx(0.64 / (0.64 + 0.04))
    assert certainty([("a", 0.8), ("b", 0.8)], 2) == pytest.approx(0.5)
    assert certainty([("a", 0.9), ("b", 0.6)], 3) == pytest.approx(
        (0.9 * 0.2) / (0.9 * 0.2 + 0.05 * 0.6 + 0.05 * 0.2), rel=1e-9
    )
    assert certainty([("a", 0.1), ("a", 0.1)], 2) == pytest.approx(0.5)  # nobody counts against what they say


def test_one_answer_is_never_enough_and_the_cap_always_is() -> None:
    rule = VoteRule(minimum=1, cap=4, target=0.05)
    assert rule.at_first("x") == 2
    assert rule.after("x", 1, 1.0) == 2
    assert rule.after("x", 2, 0.96) == 2
    assert rule.after("x", 2, 0.9) == 3
    assert rule.after("x", 4, 0.5) == 4


def test_the_same_share_of_items_wants_several_answers_whatever_else_there_is() -> None:
    rule = VoteRule(minimum=3, share=0.2)
    found = [rule.at_first(f"text {number}") for number in range(2000)]
    assert set(found) == {1, None}
    assert found.count(None) == pytest.approx(400, abs=60)
    assert found == [rule.at_first(f"text {number}") for number in range(2000)]


def test_people_who_agree_are_enough_and_others_are_asked_on(desk: Desk) -> None:
    desk.sets(votes_cap=4, target_error=0.1)
    assert desk.open() == [2, 2, 2, 2]
    for place, label in enumerate(("cat", "cat")):
        desk.votes("ann", place, "cat")
        desk.votes("bob", place, label if place == 0 else "dog")
    assert desk.open() == [0, 1, 2, 2]
    desk.votes("cleo", 1, "dog")
    assert desk.open()[1] == 1  # two of three are not yet sure enough
    desk.votes("dora", 1, "cat")
    assert desk.open()[1] == 0  # the cap
    assert desk.is_sound()
    with desk.database.read() as session:
        assert len(counted_answers(session, desk.made.items[1])) == 4


def test_an_answer_that_is_taken_back_is_asked_for_again(desk: Desk) -> None:
    desk.sets(votes_cap=4, target_error=0.1)
    desk.votes("ann", 0, "cat")
    given = desk.votes("bob", 0, "dog")
    assert desk.open()[0] == 1
    with desk.database.write() as session:
        workflow.undo(session, desk.made.id, desk.cast["bob"], given.id or 0, lease=LEASE, at=NOW)
    assert desk.open()[0] == 0  # Bob holds the second of two again
    assert desk.is_sound()


def test_voters_are_weighed_again_by_all_their_votes(desk: Desk) -> None:
    desk.sets(votes_cap=3, target_error=0.02)
    for place in range(4):
        desk.votes("ann", place, "cat")
        desk.votes("bob", place, "cat" if place else "dog")
    assert desk.open() == [1, 1, 1, 1]  # two strangers are not believed enough
    with desk.database.read() as session:
        assert workflow.projects_to_weigh(session) == [desk.made.id]
    assert workflow.weigh_votes(desk.database, desk.made.id, now=NOW)
    assert desk.open()[0] == 1
    assert desk.is_sound()
    with desk.database.read() as session:
        assert workflow.projects_to_weigh(session) == []


def test_votes_on_a_share_of_items_hold_for_those_there_and_those_that_come(desk: Desk, files: FileStore) -> None:
    desk.sets(votes_share=0.5, votes=3)
    rows = [Row(number, f"new-{number}", f"New text {number}", None, None, {}) for number in range(40)]
    workflow.import_items(desk.database, files, desk.made.id, rows, workflow.ImportPlan("new.csv", "csv"))
    with desk.database.read() as session:
        project = desk.project(session)
        wanted = progress_of(session, project).wanted
        assert 44 < wanted < 3 * 44
    assert set(desk.open()) <= {1, 3}
    assert desk.is_sound()
    desk.sets(votes_share=1.0)
    assert set(desk.open()) == {3}
    assert desk.is_sound()


@pytest.mark.parametrize(
    "rules", [{"votes_cap": 2}, {"votes_cap": 99}, {"target_error": 0.0}, {"votes_share": 0.0}, {"test_share": 2}]
)
def test_rules_that_cannot_be_change_nothing(desk: Desk, rules: dict[str, float]) -> None:
    with pytest.raises(Invalid):
        desk.sets(**rules, votes=2, lease_minutes=10)
    with desk.database.read() as session:
        assert workflow.serving_of(desk.project(session))["lease_minutes"] == 0


def test_a_third_person_is_asked_for_a_tie_and_it_can_be_undone(desk: Desk) -> None:
    for place in range(2):
        desk.votes("ann", place, "cat")
        desk.votes("bob", place, "dog")
    asked = workflow.Requested(2)
    ties = desk.made.items[:2]
    with desk.database.write() as session:
        given: dict[str, Any] = {"by": desk.cast["olga"], "batch": "key-of-the-step"}
        assert workflow.ask_one_more(session, desk.project(session), ties, **given) == asked
        assert workflow.ask_one_more(session, desk.project(session), ties, **given) == asked  # once only
    assert desk.open() == [1, 1, 2, 2]
    assert desk.places("cleo", 2) == [0, 1]  # before all others
    assert 0 not in desk.places("ann")
    desk.says("cleo", desk.served("cleo")[0], "dog")
    with desk.database.write() as session:
        assert workflow.newest_request(session, desk.made.id, desk.cast["olga"]) == "key-of-the-step"
        assert workflow.take_back_request(session, desk.project(session), "key-of-the-step") == 2
    assert desk.open()[:2] == [0, 0]
    with desk.database.read() as session:
        assert len(counted_answers(session, desk.made.items[0])) == 3  # what was answered stays
    assert desk.is_sound()


def test_items_are_given_to_people_by_name_in_turn(desk: Desk) -> None:
    with desk.database.write() as session:
        people = [desk.cast["cleo"], desk.cast["dora"]]
        found = workflow.ask_one_more(
            session, desk.project(session), desk.made.items, by=desk.cast["olga"], batch="given-away", people=people
        )
    assert found == workflow.Requested(4)
    assert desk.places("ann") == []
    assert desk.places("cleo") == [0, 2]
    assert desk.places("dora") == [1, 3]
    desk.says("cleo", desk.served("cleo")[0])
    assert desk.places("ann") == [0]  # the second answer is for anybody
    assert desk.is_sound()


def test_nobody_is_asked_twice_and_what_is_out_is_left_out(desk: Desk) -> None:
    for who in ("olga", "ann", "bob", "cleo", "dora"):
        desk.sets(votes=5)
        desk.votes(who, 0)
    with desk.database.write() as session:
        workflow.make_test(
            session, desk.project(session), desk.made.items[1], by=desk.cast["olga"], value={"label": "cat"}
        )
        found = workflow.ask_one_more(
            session, desk.project(session), desk.made.items[:3], by=desk.cast["olga"], batch="too-many"
        )
    assert found == workflow.Requested(1, nobody=1, elsewhere=1)
    assert desk.is_sound()


def test_a_persons_skips_are_brought_back_together(desk: Desk) -> None:
    for one in desk.served("ann"):
        desk.says("ann", one, None)
    assert desk.places("ann") == []
    with desk.database.write() as session:
        assert workflow.bring_back_skipped(session, desk.made.id, desk.cast["ann"]) == 4
    assert desk.places("ann") == [0, 1, 2, 3]
    assert [desk.says("ann", one).status for one in desk.served("ann")] == ["created"] * 4
    assert desk.is_sound()


def test_items_come_in_the_order_that_is_chosen(desk: Desk, files: FileStore) -> None:
    rows = [
        Row(n, f"n{n}", f"New {n}", None, None, {"urgent": value}) for n, value in enumerate((3, 1.5, "soon", 2), 1)
    ]
    workflow.import_items(desk.database, files, desk.made.id, rows, workflow.ImportPlan("new.csv", "csv"))
    desk.sets(order="by_column", order_column="urgent")
    assert [one.item.external_id for one in desk.served("ann", 5)][:4] == ["n2", "n4", "n1", "n3"]
    with pytest.raises(Invalid):
        desk.sets(order="by_column", order_column="")
    desk.sets(order="by_column", order_column="-urgent")
    assert [one.item.external_id for one in desk.served("bob", 5)][:3] == ["n1", "n4", "n2"]
    desk.frees("ann", "bob")
    desk.sets(order="fewest_first")
    desk.votes("cleo", 0)
    assert desk.served("dora")[-1].item.id == desk.made.items[0]
    desk.sets(order="most_uncertain")
    desk.votes("dora", 1, "dog")
    desk.votes("cleo", 1, "cat")
    assert desk.is_sound()


def test_who_is_paused_holds_nothing_and_nothing_is_lost(desk: Desk) -> None:
    held = desk.served("ann", 2)
    with desk.database.write() as session:
        assert workflow.pause(session, desk.project(session), desk.cast["ann"], by=desk.cast["olga"], now=NOW) == 2
    assert desk.served("ann") == []
    assert desk.says("ann", held[0]).status == "created"  # it was on its way
    with desk.database.write() as session:
        workflow.resume(session, desk.project(session), desk.cast["ann"])
        workflow.limit(session, desk.project(session), desk.cast["ann"], 2)
    assert len(desk.served("ann")) == 1
    desk.says("ann", desk.served("ann")[0])
    assert desk.served("ann") == []
    with desk.database.write() as session:
        assert workflow.turn_of(session, desk.made.id, desk.cast["ann"]).why == "enough"
    assert desk.is_sound()


def test_a_lead_frees_what_somebody_holds(desk: Desk) -> None:
    desk.served("ann")
    with desk.database.write() as session:
        assert workflow.free_holds(session, desk.project(session), desk.cast["ann"]) == 4
    assert desk.open() == [2, 2, 2, 2]
    assert desk.places("bob") == [0, 1, 2, 3]

"""Stories along the main path, each on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.agreement import queries as agreement
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.assignment import queries as assignment
from labeler.assignment import slots
from labeler.config import Settings
from labeler.consensus.models import ItemConsensus
from labeler.decisions import final
from labeler.decisions import queries as decision_queries
from labeler.decisions.actions import Decision
from labeler.errors import Conflict, Invalid, NotFound
from labeler.exchange.rows import RejectedRow, Row, VoteRow
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.quality.models import Flag, Inspection
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=30)


@dataclass
class World:
    """One project with three annotators and a lead, and short words for what they do."""

    database: Database
    files: FileStore
    project_id: int
    people: dict[str, int]
    keys: Iterator[int]

    def give(self, session: Session, who: str, count: int = 1, now: datetime = T0) -> list[workflow.Held]:
        return workflow.serve(session, self.project_id, self.people[who], count=count, lease=LEASE, now=now)

    def answer(
        self, session: Session, who: str, held: workflow.Held, label: str | None, *, key: str = "", now: datetime = T0
    ) -> workflow.Receipt:
        question = Question.of(session, session.get_one(Project, self.project_id))
        answer = Answer(
            key or f"key-{next(self.keys):08d}",
            held.assignment.id,
            value=None if label is None else {"label": label},
            skip="not clear" if label is None else None,
            seconds=1.5,
        )
        return workflow.submit(session, question, self.people[who], [answer], now=now)[0]

    def labels(self, who: str, labels: list[str], now: datetime = T0) -> None:
        with self.database.write() as session:
            for held, label in zip(self.give(session, who, len(labels), now), labels, strict=True):
                assert self.answer(session, who, held, label, now=now).status == "created"

    def decide(self, item: int, decision: str, code: str = "", *, key: str = "") -> None:
        with self.database.write() as session:
            project = session.get_one(Project, self.project_id)
            made = Decision(key or f"rev-{next(self.keys):08d}", item, decision, code)
            workflow.resolve(session, project, made, by=self.people["olga"])

    def proven(self) -> None:
        """The stored numbers are what the rows say."""
        with self.database.read() as session:
            project = session.get_one(Project, self.project_id)
            excluded = sorted(final.excluded_items(session, self.project_id))
            assert assignment.recount(session, project, excluded) == {}
            assert agreement.recount(session, self.project_id) == {}


@pytest.fixture
def world(any_settings: Settings) -> Iterator[World]:
    database = Database(any_settings)
    upgrade(database)
    files = FileStore(any_settings.files)
    with database.write() as session:
        names = ("olga", "ann", "bob", "cid")
        people = {
            name: accounts.add_user(session, f"{name}@example.org", role="annotator", now=T0).id for name in names
        }
        new = NewProject("pets", "text", "classification", [("cat", ""), ("dog", "")], votes=2)
        project_id = create_project(session, new, by=people["olga"], now=T0).id
    rows = [Row(n + 1, f"e{n}", f"text {n}", None, None, {}) for n in range(4)]
    workflow.import_items(database, files, project_id, rows, workflow.ImportPlan("a.csv", "csv"))
    yield World(database, files, project_id, people, iter(range(10**6)))
    database.close()


def test_an_item_gets_exactly_the_wanted_votes_from_different_people(world: World) -> None:
    for who in ("ann", "bob", "cid"):
        with world.database.write() as session:
            held = world.give(session, who, 4)
            assert len(held) == (0 if who == "cid" else 4)
            for one in held:
                world.answer(session, who, one, "cat")
    world.proven()


def test_asking_again_gives_the_same_items(world: World) -> None:
    with world.database.write() as session:
        first = [one.assignment.id for one in world.give(session, "ann", 2)]
        assert [one.assignment.id for one in world.give(session, "ann", 2)] == first
        assert [one.assignment.id for one in world.give(session, "ann", 3)][:2] == first
    world.proven()


def test_an_answer_cannot_be_given_twice(world: World) -> None:
    with world.database.write() as session:
        held = world.give(session, "ann")[0]
        first = world.answer(session, "ann", held, "cat", key="same-key-1")
        again = world.answer(session, "ann", held, "cat", key="same-key-1")
        other = world.answer(session, "ann", held, "dog", key="same-key-1")
        assert (first.status, again.status, other.status) == ("created", "replayed", "rejected")
        assert again.id == first.id
        assert session.scalar(select(func.count()).select_from(Annotation)) == 1


def test_an_answer_after_the_lease_counts_while_the_item_has_room(world: World) -> None:
    with world.database.write() as session:
        held = world.give(session, "ann")[0]
    with world.database.write() as session:
        assert slots.end_leases(session, world.project_id, T0 + timedelta(hours=1)) == 1
        late = T0 + timedelta(hours=2)
        assert world.answer(session, "ann", held, "cat", now=late).status == "created"
    world.proven()


def test_an_answer_to_a_full_item_is_kept_as_late_and_not_counted(world: World) -> None:
    with world.database.write() as session:
        slow = world.give(session, "ann")[0]
    later = T0 + timedelta(hours=1)
    for who in ("bob", "cid"):
        world.labels(who, ["dog"], now=later)
    with world.database.write() as session:
        receipt = world.answer(session, "ann", slow, "cat", now=later)
        assert receipt.status == "late"
        assert session.get_one(Annotation, receipt.id).status == "late"
        assert session.get_one(ItemConsensus, slow.item.id).votes == 2
    world.proven()


def test_leases_that_end_give_their_items_to_others(world: World) -> None:
    with world.database.write() as session:
        assert len(world.give(session, "ann", 4)) == 4
        assert len(world.give(session, "bob", 4)) == 4
        assert world.give(session, "cid", 4) == []
        assert len(world.give(session, "cid", 4, now=T0 + timedelta(hours=1))) == 4
        assert len(world.give(session, "ann", 4, now=T0 + timedelta(hours=1))) == 4
    world.proven()


def test_a_new_answer_supersedes_the_old_one_and_nothing_is_deleted(world: World) -> None:
    with world.database.write() as session:
        held = world.give(session, "ann")[0]
        first = world.answer(session, "ann", held, "cat")
        second = world.answer(session, "ann", held, "dog")
        assert second.status == "created"
        assert session.get_one(Annotation, first.id).status == "superseded"
        assert session.get_one(ItemConsensus, held.item.id).votes == 1
    world.proven()


def test_a_skipped_item_goes_to_somebody_else_and_not_back_to_the_same_person(world: World) -> None:
    with world.database.write() as session:
        held = world.give(session, "ann")[0]
        assert world.answer(session, "ann", held, None).status == "created"
        assert held.item.id not in [one.item.id for one in world.give(session, "ann", 4)]
    for who in ("bob", "cid"):
        world.labels(who, ["cat"])
    world.proven()


def test_undoing_an_answer_keeps_it_on_record_and_holds_the_item_again(world: World) -> None:
    with world.database.write() as session:
        held = world.give(session, "ann")[0]
        made = world.answer(session, "ann", held, "cat")
        assert made.id is not None
        workflow.undo(session, world.project_id, world.people["ann"], made.id, lease=LEASE)
        assert session.get_one(Annotation, made.id).status == "undone"
        assert session.get(ItemConsensus, held.item.id) is None
        assert world.answer(session, "ann", held, "dog").status == "created"
        with pytest.raises(Conflict):
            workflow.undo(session, world.project_id, world.people["ann"], made.id, lease=LEASE)
        with pytest.raises(NotFound):
            workflow.undo(session, world.project_id, world.people["bob"], made.id, lease=LEASE)
    world.proven()


def test_bad_answers_are_refused_with_a_reason_and_change_nothing(world: World) -> None:
    with world.database.write() as session:
        held = world.give(session, "ann")[0]
        receipt = world.answer(session, "ann", held, "lion")
        assert receipt.status == "rejected"
        assert "'lion' is not a class" in receipt.reason
        foreign = world.answer(session, "bob", held, "cat")
        assert foreign.status == "rejected"
        assert session.scalar(select(func.count()).select_from(Annotation)) == 0
    world.proven()


def test_votes_that_tie_leave_the_item_without_a_final_label_until_somebody_decides(world: World) -> None:
    world.labels("ann", ["cat"])
    world.labels("bob", ["dog"])
    with world.database.read() as session:
        item = session.scalars(select(Item.id).order_by(Item.id)).first()
        assert item is not None
        assert final.standing_of(session, world.project_id, item).final == ""
        dog = str(session.scalars(select(Annotation.code).order_by(Annotation.id.desc())).first())
    with pytest.raises(Invalid):
        world.decide(item, "keep")
    world.decide(item, "relabel", dog)
    with world.database.read() as session:
        standing = final.standing_of(session, world.project_id, item)
        assert (standing.final, standing.source) == (dog, "review")


def test_a_decision_is_stored_once_and_undone_to_the_one_before(world: World) -> None:
    world.labels("ann", ["cat", "cat"])
    with world.database.read() as session:
        item = session.scalars(select(Annotation.item_id).order_by(Annotation.id)).first()
        assert item is not None
    world.decide(item, "keep", key="first-decision")
    world.decide(item, "keep", key="first-decision")
    world.decide(item, "exclude")
    world.proven()
    with world.database.write() as session:
        project = session.get_one(Project, world.project_id)
        assert final.standing_of(session, world.project_id, item).excluded
        assert [one.item.id for one in world.give(session, "bob", 4)].count(item) == 0
        assert [r.decision for r in workflow.take_back(session, project, world.people["olga"])] == ["exclude"]
        assert final.standing_of(session, world.project_id, item).decision == "keep"
        assert len([one for one, _ in decision_queries.history_with_authors(session, item)]) == 2
    world.proven()


def test_an_item_sent_back_is_served_first_and_to_anybody(world: World) -> None:
    world.labels("ann", ["cat"] * 4)
    world.labels("bob", ["dog"] * 4)
    with world.database.read() as session:
        last = session.scalars(select(Item.id).order_by(Item.id.desc())).first()
        assert last is not None
    world.decide(last, "send_back")
    with world.database.write() as session:
        held = world.give(session, "ann", 4)
        assert [one.item.id for one in held] == [last]
        assert held[0].assignment.purpose == "review"
        world.answer(session, "ann", held[0], "dog")
        assert session.get_one(ItemConsensus, last).differ is False
    world.proven()


def test_importing_again_changes_only_what_changed(world: World) -> None:
    rows: list[Row | RejectedRow] = [
        Row(1, "e0", "text 0", None, None, {}),
        Row(2, "e1", "text 1", None, "cat", {"k": 1}),
        Row(3, "new", "text new", None, None, {}),
        Row(4, "bad", "text bad", None, "lion", {}),
        RejectedRow(5, "text", "The text is empty.", ""),
    ]
    result = workflow.import_items(
        world.database, world.files, world.project_id, rows, workflow.ImportPlan("b.csv", "csv")
    )
    assert (result.added, result.changed, result.unchanged, result.rejected) == (1, 1, 1, 2)
    assert "'lion' is not a class" in result.problems[0].reason


def test_the_content_of_an_answered_item_is_never_replaced(world: World) -> None:
    world.labels("ann", ["cat"])
    rows = [Row(1, "e0", "another text", None, None, {})]
    result = workflow.import_items(
        world.database, world.files, world.project_id, rows, workflow.ImportPlan("b.csv", "csv")
    )
    assert result.rejected == 1
    with world.database.read() as session:
        assert session.scalars(select(Item.text).where(Item.external_id == "e0")).one() == "text 0"


def test_votes_from_a_file_obey_the_rules_of_a_submit(world: World) -> None:
    rows: list[VoteRow | RejectedRow] = [
        VoteRow(1, "e0", None, "w1", "cat"),
        VoteRow(2, "e0", None, "w2", "cat"),
        VoteRow(3, "e0", None, "w3", "dog"),
        VoteRow(4, "e1", None, "w1", "lion"),
        VoteRow(5, "nope", None, "w1", "cat"),
    ]
    result = workflow.import_votes(world.database, world.project_id, rows, workflow.ImportPlan("v.csv", "csv"))
    assert (result.added, result.rejected) == (3, 2)
    with world.database.read() as session:
        statuses = session.scalars(select(Annotation.status).order_by(Annotation.id)).all()
        assert list(statuses) == ["counted", "counted", "late"]
    world.proven()


@pytest.mark.slow
def test_a_pass_over_too_little_says_so_and_does_not_fail(world: World) -> None:
    workflow.inspect(world.database, world.files, world.project_id)
    with world.database.read() as session:
        inspection = session.scalars(select(Inspection)).one()
        assert inspection.state == "done"
        assert inspection.summary["notes"]
        assert session.scalar(select(func.count()).select_from(Flag)) == 0


def test_a_skip_that_was_answered_after_all_cannot_be_undone_into_a_second_hold(world: World) -> None:
    with world.database.write() as session:
        held = world.give(session, "ann")[0]
        skip = world.answer(session, "ann", held, None).id or 0
        world.answer(session, "ann", held, "cat")
        with pytest.raises(Conflict):
            workflow.undo(session, world.project_id, world.people["ann"], skip, lease=LEASE)
        assert held.assignment.state == "done"
    world.proven()


def test_an_answer_given_after_a_skip_takes_its_place(world: World) -> None:
    with world.database.write() as session:
        held = world.give(session, "ann")[0]
        world.answer(session, "ann", held, None)
        world.answer(session, "ann", held, "cat")
        statuses = session.scalars(select(Annotation.status).order_by(Annotation.id)).all()
        assert statuses == ["superseded", "counted"]
    world.proven()


def test_an_answer_undone_in_an_excluded_item_holds_and_opens_nothing(world: World) -> None:
    with world.database.write() as session:
        held = world.give(session, "ann")[0]
        given = world.answer(session, "ann", held, "cat").id or 0
    world.decide(held.item.id, "exclude")
    with world.database.write() as session:
        workflow.undo(session, world.project_id, world.people["ann"], given, lease=LEASE)
        slots.end_leases(session, world.project_id, datetime.now(UTC) + 2 * LEASE)
    world.proven()


def test_a_lease_that_ends_opens_nothing_where_fewer_answers_are_wanted_by_now(world: World) -> None:
    with world.database.write() as session:
        for who in ("ann", "bob"):
            world.give(session, who)
        workflow.change_votes(session, session.get_one(Project, world.project_id), 1)
        answered = world.give(session, "ann")[0]
        world.answer(session, "ann", answered, "cat")
        given = {one.item.id for one in world.give(session, "cid", 4, now=T0 + 2 * LEASE)}
        assert answered.item.id not in given
    world.proven()


def test_a_round_that_was_cancelled_is_no_round_to_go_back_to(world: World) -> None:
    world.labels("ann", ["cat"])
    world.labels("bob", ["cat"])
    with world.database.read() as session:
        item = session.scalars(select(Item.id).order_by(Item.id)).first() or 0
    for _ in range(2):
        world.decide(item, "send_back")
        with world.database.write() as session:
            taken = world.give(session, "cid")[0]
            assert taken.item.id == item
        with world.database.write() as session:
            slots.end_leases(session, world.project_id, T0 + 2 * LEASE)
        with world.database.write() as session:
            workflow.take_back(session, session.get_one(Project, world.project_id), world.people["olga"])
        with world.database.read() as session:
            found = session.get_one(Item, item)
            assert (found.round, found.open_slots) == (0, 0)
    world.proven()


@pytest.mark.parametrize("later", ["exclude", "keep", "send_back"])
def test_a_question_whose_answer_was_taken_back_stands_again_when_the_later_decision_is_undone(
    world: World, later: str
) -> None:
    world.labels("ann", ["cat"])
    world.labels("bob", ["dog"])
    with world.database.read() as session:
        item = session.scalars(select(Item.id).order_by(Item.id)).first() or 0
    world.decide(item, "send_back")
    with world.database.write() as session:
        held = world.give(session, "cid")[0]
        given = world.answer(session, "cid", held, "cat").id or 0
    world.decide(item, later)
    with world.database.write() as session:
        workflow.undo(session, world.project_id, world.people["cid"], given, lease=LEASE, at=T0)
        slots.end_leases(session, world.project_id, T0 + 2 * LEASE)
        workflow.take_back(session, session.get_one(Project, world.project_id), world.people["olga"])
        assert final.standing_of(session, world.project_id, item).decision == "send_back"
        again = world.give(session, "cid", now=T0 + 2 * LEASE)[0]
        assert (again.item.id, again.assignment.purpose) == (item, "review")
        world.answer(session, "cid", again, "dog", now=T0 + 2 * LEASE)
        assert final.standing_of(session, world.project_id, item).decision == ""
    world.proven()


@pytest.mark.parametrize("later", ["exclude", "keep"])
def test_an_answered_question_stays_answered_when_the_later_decision_is_undone(world: World, later: str) -> None:
    world.labels("ann", ["cat"])
    world.labels("bob", ["dog"])
    with world.database.read() as session:
        item = session.scalars(select(Item.id).order_by(Item.id)).first() or 0
    world.decide(item, "send_back")
    with world.database.write() as session:
        held = world.give(session, "cid")[0]
        given = world.answer(session, "cid", held, "cat").id or 0
    world.decide(item, later)
    with world.database.write() as session:
        if later == "keep":  # taken back and given again while the decision stands
            workflow.undo(session, world.project_id, world.people["cid"], given, lease=LEASE, at=T0)
            world.answer(session, "cid", held, "dog")
        workflow.take_back(session, session.get_one(Project, world.project_id), world.people["olga"])
        assert final.standing_of(session, world.project_id, item).decision == ""
        assert [one.item.id for one in world.give(session, "cid", 4)].count(item) == 0
    world.proven()


def test_an_answer_to_an_earlier_question_is_none_to_the_one_that_stands(world: World) -> None:
    world.labels("ann", ["cat"])
    world.labels("bob", ["dog"])
    with world.database.read() as session:
        item = session.scalars(select(Item.id).order_by(Item.id)).first() or 0
    world.decide(item, "send_back")
    with world.database.write() as session:
        held = world.give(session, "cid")[0]
        given = world.answer(session, "cid", held, "cat").id or 0
    world.decide(item, "send_back")
    with world.database.write() as session:
        workflow.undo(session, world.project_id, world.people["cid"], given, lease=LEASE, at=T0)
        world.answer(session, "cid", held, "dog")
        assert final.standing_of(session, world.project_id, item).decision == "send_back"
    world.proven()

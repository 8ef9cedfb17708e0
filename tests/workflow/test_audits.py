"""Audits from the draw to the corrections: blind answers are held and stored like all others, and are no votes."""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.agreement.queries import recount as recount_patterns
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.assignment.queries import recount as recount_slots
from labeler.audits import queries
from labeler.audits.actions import Choice, Plan
from labeler.audits.models import Audit, AuditItem
from labeler.audits.spacing import SPACING
from labeler.config import Settings
from labeler.decisions import final
from labeler.decisions.actions import Decision
from labeler.errors import Conflict, Invalid
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.quality.calibration.probability import Calibration
from labeler.quality.calibration.queries import calibration
from labeler.quality.models import Inspection, ItemScore
from labeler.storage.database import Database
from labeler.workflow.classes import ClassEdit
from tests.conftest import LEASE, NOW, Made

Make = Callable[..., Made]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


@pytest.fixture
def world(database: Database, make_project: Make, cast: dict[str, int]) -> "World":
    """Twelve items, each answered "cat" by Bob, so that nobody has anything of their own left."""
    made = World(database, make_project(items=12, votes=1), cast)
    for one in made.serve("bob", 12):
        made.submit("bob", one.assignment.id, "cat")
    return made


@pytest.fixture
def unvoted(database: Database, make_project: Make, cast: dict[str, int]) -> "World":
    """Sixty items that came labeled "cat", and that still want a vote."""
    return World(database, make_project("many", items=60, votes=1, given="cat"), cast)


class World:
    """A project and its people."""

    def __init__(self, database: Database, made: Made, cast: dict[str, int]) -> None:
        self.database, self.made, self.cast = database, made, cast
        self.keys: Iterator[int] = itertools.count(1)

    def project(self, session: Session) -> Project:
        return session.get_one(Project, self.made.id)

    def start(self, size: int = 6, spacing: int | None = SPACING, **more: object) -> int:
        plan = Plan(size=size, maximum=0.02, spacing=spacing, **more)  # type: ignore[arg-type]
        with self.database.write() as session:
            return workflow.start_audit(session, self.project(session), plan, by=self.cast["olga"], seed=7).id

    def serve(self, who: str, count: int = 10, now: object = NOW) -> list[workflow.Held]:
        with self.database.write() as session:
            return workflow.serve(session, self.made.id, self.cast[who], count=count, lease=LEASE, now=now)  # type: ignore[arg-type]

    def submit(
        self, who: str, assignment: int, label: str | None, key: str = "", now: object = NOW
    ) -> workflow.Receipt:
        value, skip = (None, "unclear") if label is None else ({"label": label}, None)
        with self.database.write() as session:
            question = Question.of(session, self.project(session))
            answer = Answer(key or f"key-{next(self.keys):08d}", assignment, value, skip=skip, seconds=2.0)
            return workflow.submit(session, question, self.cast[who], [answer], now=now)[0]  # type: ignore[arg-type]

    def audit(self, session: Session) -> Audit:
        return session.scalars(select(Audit).order_by(Audit.id.desc())).first()  # type: ignore[return-value]

    def answers(self, who: str, labels: dict[int, str], rest: str = "cat") -> list[int]:
        """Answer what the audit asks this person, by item id; returns the items."""
        asked = [one for one in self.serve(who, 50) if one.assignment.purpose == "audit"]
        for one in asked:
            self.submit(who, one.assignment.id, labels.get(one.item.id, rest))
        return [one.item.id for one in asked]

    def decide(self, item: int, right: str, key: str = "") -> bool:
        """Decide that a class is right, or "ambiguous", or "other" without a name."""
        with self.database.write() as session:
            audit = self.audit(session)
            answer = {one.item.item_id: one.answer for one in queries.judged(session, audit)}[item]
            code = classes_of(session, self.made.id).by_name.get(right, "")
            verdict = "right" if code else right
            choice = Choice(key or f"dec-{next(self.keys):08d}", item, answer.id if answer else 0, verdict, code)
            return workflow.decide_difference(session, self.project(session), audit, choice, by=self.cast["olga"])

    def finish(self) -> None:
        with self.database.write() as session:
            workflow.finish_audit(session, self.project(session), self.audit(session), by=self.cast["olga"])

    def progress(self) -> queries.Progress:
        with self.database.read() as session:
            return queries.progress(session, self.audit(session), classes_of(session, self.made.id))

    def outcomes(self) -> dict[int, str]:
        with self.database.read() as session:
            return {one.item_id: one.outcome for one in queries.items_of(session, self.audit(session))}

    def check_counts(self) -> None:
        with self.database.read() as session:
            project = self.project(session)
            assert recount_slots(session, project, sorted(final.excluded_items(session, project.id))) == {}
            assert recount_patterns(session, project.id) == {}


def everything(session: Session, project_id: int) -> list[tuple[object, ...]]:
    return [
        (one.item_id, one.final, one.source, one.votes, one.consensus, one.confidence)
        for one in final.standings(session, project_id)
    ]


def test_the_sample_is_drawn_from_all_labels_but_those_taken_out_or_ambiguous(world: World) -> None:
    with world.database.write() as session:
        codes = classes_of(session, world.made.id).codes
        for number, item in enumerate(world.made.items[:3]):
            kind = ("exclude", "ambiguous", "keep")[number]
            soft = {codes[0]: 0.5, codes[1]: 0.5} if kind == "ambiguous" else None
            decision = Decision(f"decision-{number}", item, kind, soft=soft)
            workflow.resolve(session, world.project(session), decision, by=world.cast["olga"])
    world.start(size=50)
    with world.database.read() as session:
        audit = world.audit(session)
        items = queries.items_of(session, audit)
        assert {one.item_id for one in items} == set(world.made.items[2:])
        assert audit.population == 10
        assert {one.item_id: one.group for one in items}[world.made.items[2]] == "decided"
        assert [one.position for one in items] == list(range(1, 11))


def test_the_same_seed_draws_the_same_items_in_the_same_order(world: World) -> None:
    world.start(size=6)
    with world.database.write() as session:
        first = [one.item_id for one in queries.items_of(session, world.audit(session))]
        workflow.stop_audit(session, world.project(session), world.audit(session), by=world.cast["olga"])
    world.start(size=6)
    with world.database.read() as session:
        assert [one.item_id for one in queries.items_of(session, world.audit(session))] == first


def test_one_audit_runs_at_a_time_and_needs_labels(world: World, make_project: Make) -> None:
    world.start()
    with pytest.raises(Conflict):
        world.start()
    world.made = make_project("bare", items=3)
    with pytest.raises(Invalid):
        world.start()


def test_items_of_an_audit_are_at_most_every_fifth_while_others_are_left(unvoted: World) -> None:
    unvoted.start(size=40)
    seen = []
    for _ in range(12):
        held = unvoted.serve("ann", 1)
        seen.append(held[0].assignment.purpose)
        unvoted.submit("ann", held[0].assignment.id, "cat")
    places = [n for n, purpose in enumerate(seen) if purpose == "audit"]
    assert len(places) > 1, "the audit must come along"
    assert all(later - earlier > SPACING for earlier, later in itertools.pairwise(places))


def test_a_batch_holds_no_more_of_an_audit_than_every_fifth(unvoted: World) -> None:
    unvoted.start(size=40)
    for _ in range(3):  # asking again takes no more
        purposes = [one.assignment.purpose for one in unvoted.serve("ann", 10)]
        places = [n for n, purpose in enumerate(purposes) if purpose == "audit"]
        assert len(purposes) == 10
        assert len(places) == 2
        assert places[1] - places[0] > SPACING


def test_nobody_is_asked_who_answered_the_item_before(world: World) -> None:
    world.start(size=12)
    assert world.serve("bob", 12) == []
    assert len(world.answers("ann", {})) == 12
    assert world.serve("ann", 12) == []


def test_an_item_comes_once_to_a_person_while_the_audit_runs(unvoted: World) -> None:
    unvoted.start(size=60, spacing=0)
    seen = []
    for _ in range(8):
        held = unvoted.serve("ann", 10)
        seen += [one.item.id for one in held]
        for one in held:
            unvoted.submit("ann", one.assignment.id, "cat")
    assert len(seen) == 60
    assert len(set(seen)) == 60


def test_answers_for_an_audit_change_no_label_no_vote_and_no_agreement(world: World) -> None:
    world.start(size=12)
    with world.database.read() as session:
        before = everything(session, world.made.id)
    items = world.answers("ann", {}, rest="dog")
    assert len(items) == 12
    with world.database.read() as session:
        assert everything(session, world.made.id) == before
        statuses = select(Annotation.status, func.count()).where(Annotation.purpose == "audit")
        assert dict(session.execute(statuses.group_by(Annotation.status)).all()) == {"audit": len(items)}
    world.check_counts()


def test_a_lease_that_ends_gives_the_item_to_somebody_else_and_a_late_answer_is_kept(world: World) -> None:
    world.start(size=1, spacing=0)
    first = next(one for one in world.serve("ann", 1) if one.assignment.purpose == "audit")
    later = NOW + LEASE + timedelta(minutes=1)
    second = next(one for one in world.serve("olga", 1, later) if one.assignment.purpose == "audit")
    assert second.item.id == first.item.id
    assert world.submit("olga", second.assignment.id, "cat", now=later).status == "created"
    assert world.submit("ann", first.assignment.id, "dog", now=later).status == "late"
    assert world.progress().answered == 1
    world.check_counts()


def test_an_answer_after_its_lease_counts_while_nobody_else_has_the_item(world: World) -> None:
    world.start(size=1, spacing=0)
    held = next(one for one in world.serve("ann", 1) if one.assignment.purpose == "audit")
    later = NOW + LEASE + timedelta(minutes=1)
    with world.database.write() as session:
        workflow.release(session, world.made.id, world.cast["ann"], [held.assignment.id])
    assert world.submit("ann", held.assignment.id, "cat", now=later).status == "created"
    assert world.progress().answered == 1


def test_the_same_key_again_changes_nothing_and_a_new_answer_replaces_the_old(world: World) -> None:
    world.start(size=1, spacing=0)
    held = next(one for one in world.serve("ann", 1) if one.assignment.purpose == "audit")
    first = world.submit("ann", held.assignment.id, "cat", key="the-same-key")
    again = world.submit("ann", held.assignment.id, "cat", key="the-same-key")
    assert (again.status, again.id) == ("replayed", first.id)
    world.submit("ann", held.assignment.id, "dog")
    assert (world.progress().answered, world.progress().differ) == (1, 1)


def test_undo_holds_the_item_again_until_the_audit_is_closed(world: World) -> None:
    world.start(size=1, spacing=0)
    held = next(one for one in world.serve("ann", 1) if one.assignment.purpose == "audit")
    given = world.submit("ann", held.assignment.id, "dog")
    with world.database.write() as session:
        workflow.undo(session, world.made.id, world.cast["ann"], given.id or 0, lease=LEASE, at=NOW)
    assert world.progress().answered == 0
    given = world.submit("ann", held.assignment.id, "cat")
    world.finish()
    with world.database.write() as session, pytest.raises(Conflict):
        workflow.undo(session, world.made.id, world.cast["ann"], given.id or 0, lease=LEASE, at=NOW)


def test_a_skip_goes_on_to_somebody_else(world: World) -> None:
    world.start(size=1, spacing=0)
    held = next(one for one in world.serve("ann", 1) if one.assignment.purpose == "audit")
    world.submit("ann", held.assignment.id, None)
    assert "audit" not in {one.assignment.purpose for one in world.serve("ann", 5)}
    assert "audit" in {one.assignment.purpose for one in world.serve("olga", 5)}
    world.check_counts()


def test_differing_answers_are_decided_and_the_outcome_is_fixed_at_the_end(world: World) -> None:
    world.start(size=5, spacing=0)
    with world.database.read() as session:
        a, b, c, d, _ = [one.item_id for one in queries.items_of(session, world.audit(session))]
        codes = classes_of(session, world.made.id).by_name
    world.answers("ann", dict.fromkeys([a, b, c, d], "dog"))
    assert (world.progress().differ, world.progress().undecided) == (4, 4)
    with pytest.raises(Conflict):
        world.finish()
    world.decide(a, "cat")
    world.decide(b, "dog")
    world.decide(c, "neither")
    assert world.decide(d, "ambiguous", key="decided-once")
    assert not world.decide(d, "ambiguous", key="decided-once")
    world.finish()
    assert list(world.outcomes().values()) == ["right", "wrong", "wrong", "ambiguous", "right"]
    with world.database.read() as session:
        labels = {one.item_id: one for one in queries.audited_labels(session, world.made.id)}
    assert {item: one.wrong for item, one in labels.items()} == {a: False, b: True, c: True, _: False}
    assert (labels[b].code, labels[b].right_code) == (codes["cat"], codes["dog"])
    assert labels[c].right_code == codes["neither"]
    with pytest.raises(Conflict):
        world.decide(a, "dog")


def test_an_answer_that_is_taken_back_asks_for_another_decision(world: World) -> None:
    world.start(size=1, spacing=0)
    held = next(one for one in world.serve("ann", 1) if one.assignment.purpose == "audit")
    world.submit("ann", held.assignment.id, "dog")
    world.decide(held.item.id, "cat")
    assert world.progress().complete
    world.submit("ann", held.assignment.id, "neither")
    assert world.progress().undecided == 1
    world.decide(held.item.id, "neither")
    with world.database.write() as session:
        from labeler.audits.actions import undo_decision

        assert undo_decision(session, world.audit(session), by=world.cast["olga"]) is not None
    assert world.progress().undecided == 1


def test_what_was_the_label_at_the_start_is_judged_whatever_a_lead_changes_meanwhile(world: World) -> None:
    world.start(size=1, spacing=0)
    held = next(one for one in world.serve("ann", 1) if one.assignment.purpose == "audit")
    with world.database.write() as session:
        codes = classes_of(session, world.made.id).by_name
        decision = Decision("changed-meanwhile", held.item.id, "relabel", codes["dog"])
        workflow.resolve(session, world.project(session), decision, by=world.cast["olga"])
    world.submit("ann", held.assignment.id, "cat")
    world.finish()
    assert world.outcomes() == {held.item.id: "right"}


def test_corrections_become_decisions_in_one_step_and_are_undone_in_one(world: World) -> None:
    world.start(size=4, spacing=0)
    items = world.answers("ann", {}, rest="dog")
    for item in items:
        world.decide(item, "dog")
    world.finish()
    with world.database.write() as session:
        audit, project = world.audit(session), world.project(session)
        codes = classes_of(session, world.made.id).by_name
        assert workflow.corrections(session, audit).count == 4
        assert workflow.take_corrections(session, project, audit, by=world.cast["olga"]) == 4
        assert {final.standing_of(session, project.id, one).final for one in items} == {codes["dog"]}
        assert (workflow.corrections(session, audit).count, workflow.corrections(session, audit).taken) == (0, 4)
        assert workflow.undo_corrections(session, project, audit) == 4
        assert {final.standing_of(session, project.id, one).final for one in items} == {codes["cat"]}
        assert workflow.corrections(session, audit).count == 4


def test_a_closed_audit_lets_its_items_come_for_a_vote_and_keeps_late_answers(unvoted: World) -> None:
    world = unvoted
    world.start(size=12, spacing=0)
    held = [one for one in world.serve("ann", 2) if one.assignment.purpose == "audit"]
    world.submit("ann", held[0].assignment.id, "cat")
    world.finish()
    with world.database.read() as session:
        assert not world.audit(session).complete
    assert world.submit("ann", held[1].assignment.id, "dog").status == "late"
    asked = {one.item.id for one in world.serve("ann", 60)}
    assert held[0].item.id in asked
    world.check_counts()


def test_an_audit_of_leads_comes_to_nobody_else(world: World) -> None:
    world.start(size=3, spacing=None)
    assert world.serve("ann", 12) == []
    with world.database.write() as session:
        audit = world.audit(session)
        held = workflow.serve_audit(session, audit, world.cast["olga"], count=1, lease=LEASE, now=NOW)
        again = workflow.serve_audit(session, audit, world.cast["olga"], count=1, lease=LEASE, now=NOW)
        first = session.scalars(select(AuditItem.item_id).order_by(AuditItem.position)).first()
    assert [one.item_id for one, _ in held] == [first] == [one.item_id for one, _ in again]


def test_a_merged_class_merges_in_audits_too(world: World) -> None:
    world.start(size=2, spacing=0)
    items = world.answers("ann", {}, rest="dog")
    with world.database.write() as session:
        codes = classes_of(session, world.made.id).by_name
        edit = ClassEdit(merged={int(codes["cat"]): int(codes["dog"])})
        workflow.edit_classes(session, world.project(session), edit)
    assert world.progress().differ == 0
    world.finish()
    assert world.outcomes() == dict.fromkeys(items, "right")


def test_items_stay_in_their_own_rounds(world: World) -> None:
    world.start(size=12, spacing=0)
    items = world.answers("ann", {})
    with world.database.write() as session:
        for number, item in enumerate(items[:2]):
            workflow.resolve(
                session,
                world.project(session),
                Decision(f"sent-back-{number}", item, "send_back"),
                by=world.cast["olga"],
            )
        workflow.take_back(session, world.project(session), world.cast["olga"])
        rounds = list(session.scalars(select(Item.round).where(Item.id.in_(items[:2])).order_by(Item.round)))
    assert rounds == [0, 1], "what was called off goes back to the first round"
    world.check_counts()


def test_what_an_audit_found_teaches_how_far_scores_can_be_believed(unvoted: World) -> None:
    world, high = unvoted, unvoted.made.items[:20]
    with world.database.write() as session:
        run = Inspection(project_id=world.made.id, state="done", started_at=NOW, finished_at=NOW)
        session.add(run)
        session.flush()
        cat = classes_of(session, world.made.id).by_name["cat"]
        for item in world.made.items[:-10]:  # the last ten came after the pass
            score = 0.9 if item in high else 0.05
            session.add(ItemScore(inspection_id=run.id, item_id=item, label_code=cat, label_score=score))
        decision = Decision("decision-0", high[0], "keep")  # what a lead had decided says nothing of other labels
        workflow.resolve(session, world.project(session), decision, by=world.cast["olga"])
    world.start(size=60, spacing=0)
    assert calibration_of(world).wrong is None
    wrong = dict.fromkeys(high[:15], "dog")
    asked = world.answers("ann", wrong) + world.answers("bob", wrong)
    assert len(asked) == 60
    for item in high[:15]:
        world.decide(item, "dog")
    world.finish()
    found = calibration_of(world)
    assert (found.reviews, found.audited, found.checked) == (0, 49, 49)
    assert found.of(0.9).number > 0.6
    assert found.of(0.05).number < 0.1
    with world.database.write() as session:  # the corrections are decisions of the audit, and counted once
        workflow.take_corrections(session, world.project(session), world.audit(session), by=world.cast["olga"])
    assert calibration_of(world) == found


def calibration_of(world: World) -> Calibration:
    with world.database.read() as session:
        return calibration(session, world.made.id)

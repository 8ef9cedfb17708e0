"""The remaining error of a project: from audits alone, brought up to date with reviews, out of date with new labels."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.assignment.models import Assignment
from labeler.audits import queries
from labeler.audits.actions import Choice, Plan
from labeler.audits.models import Audit, AuditItem
from labeler.audits.stopping import Verdict
from labeler.decisions.actions import Decision
from labeler.exchange.rows import Row
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.quality import actions as quality
from labeler.quality.models import Flag
from labeler.statistics.audit_result import result_of
from labeler.statistics.remaining_error import RemainingError, remaining_error, since_audit, way_to_stop
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from tests.conftest import LEASE, Made

ITEMS, SIZE = 300, 200


class Audited:
    """A project of 300 labels "cat", 40 of them flagged, and an audit of 200 that a lead answers."""

    def __init__(self, database: Database, made: Made, lead: int) -> None:
        self.database, self.made, self.lead, self.step = database, made, lead, 0

    def flag(self, items: list[int]) -> None:
        with self.database.write() as session:
            code = session.get_one(Item, items[0]).given_code
            run = quality.start_inspection(session, self.made.id, by=None, now=clock(session))
            quality.finish_inspection(session, run, state="done", summary={}, now=clock(session))
            about = {"project_id": self.made.id, "inspection_id": run, "kind": "label_error", "label_code": code}
            session.add_all(Flag(**about, item_id=item, score=0.9, confidence=0.9) for item in items)

    def audit(self, wrong: Callable[[AuditItem], bool], **more: object) -> None:
        """Audit; the labels for which `wrong` says so are answered "dog", and a lead says that this is right."""
        with self.database.write() as session:
            project = session.get_one(Project, self.made.id)
            plan = Plan(SIZE, 0.05, spacing=None, **more)  # type: ignore[arg-type]
            audit = workflow.start_audit(session, project, plan, by=self.lead, seed=5)
            question = Question.of(session, project)
            held = workflow.serve_audit(session, audit, self.lead, count=ITEMS, lease=LEASE)
            rows = {one.item_id: one for one in queries.items_of(session, audit)}
            workflow.submit(session, question, self.lead, [self._answer(one, rows, wrong) for one, _ in held])
            for one in queries.undecided(session, audit, question.classes):
                self.step += 1
                answer = one.answer
                assert answer is not None
                choice = Choice(f"decided-{self.step:04d}", one.item.item_id, answer.id, "right", answer.code)
                workflow.decide_difference(session, project, audit, choice, by=self.lead)
            workflow.finish_audit(session, project, audit, by=self.lead)

    def _answer(self, one: Assignment, rows: dict[int, AuditItem], wrong: Callable[[AuditItem], bool]) -> Answer:
        self.step += 1
        label = "dog" if wrong(rows[one.item_id]) else "cat"
        return Answer(f"answer-{self.step:04d}", one.id, {"label": label}, seconds=5.0)

    def review(self, items: list[int]) -> None:
        with self.database.write() as session:
            project = session.get_one(Project, self.made.id)
            for item in items:
                workflow.resolve(session, project, Decision(f"review-{item:04d}", item, "keep"), by=self.lead)

    def known(self) -> RemainingError:
        with self.database.read() as session:
            return remaining_error(session, session.get_one(Project, self.made.id))


@pytest.fixture
def audited(database: Database, make_project: Callable[..., Made], cast: dict[str, int]) -> Audited:
    return Audited(database, make_project("many", items=ITEMS, given="cat"), cast["olga"])


def test_it_is_never_made_from_flags_alone(audited: Audited) -> None:
    audited.flag(audited.made.items[:40])
    known = audited.known()
    assert (known.state, known.estimate, known.verdict) == ("never", None, None)


def test_the_result_says_where_the_wrong_labels_were(audited: Audited) -> None:
    audited.flag(audited.made.items[:40])
    audited.review(audited.made.items[280:])
    audited.audit(lambda one: one.group == "queue")
    with audited.database.read() as session:
        found = result_of(session, session.scalars(select(Audit)).one())
        classes = classes_of(session, audited.made.id)
    groups = {one.name: one for one in found.groups}
    assert [groups[name].labels for name in ("decided", "queue", "unflagged")] == [20, 40, 240]
    assert groups["queue"].wrong == groups["queue"].checked > 0
    assert groups["unflagged"].wrong == groups["decided"].wrong == 0
    assert found.estimate.wrong == groups["queue"].wrong
    assert found.estimate.method == "wilson"
    assert [classes.name_of(one.name) for one in found.classes] == ["cat"]
    assert audited.known().state == found.verdict.value


def test_reviews_since_bring_it_down_and_never_say_met(audited: Audited) -> None:
    audited.flag(audited.made.items[:40])
    audited.audit(lambda one: one.group == "queue")
    before = audited.known()
    with audited.database.read() as session:
        way = way_to_stop(session, before)
    assert way is not None
    assert (way.reviews, way.expected.share) == (40, 0.0)
    audited.review(audited.made.items[:20])
    half = audited.known()
    assert (half.state, half.reviewed) == ("reviewed", 20)
    assert before.estimate is not None
    assert half.estimate is not None
    assert half.estimate.share == pytest.approx(before.estimate.share / 2, rel=0.25)
    audited.review(audited.made.items[20:40])
    after = audited.known()
    assert after.estimate is not None
    assert (after.estimate.share, after.verdict) == (0.0, Verdict.OPEN)


def test_corrections_of_the_audit_are_taken_off_and_come_back_with_undo(audited: Audited) -> None:
    audited.audit(lambda one: one.position <= 10)
    before = audited.known().estimate
    with audited.database.write() as session:
        project, audit = session.get_one(Project, audited.made.id), session.scalars(select(Audit)).one()
        assert workflow.take_corrections(session, project, audit, by=audited.lead) == 10
        since = since_audit(session, audit)
        assert (since.reviewed, since.corrected) == (0, 10)
        assert before is not None
        assert since.estimate.share == pytest.approx(before.share - 10 / ITEMS)
        workflow.undo_corrections(session, project, audit)
        assert since_audit(session, audit).corrected == 0


def test_a_sample_by_class_is_weighted(audited: Audited) -> None:
    with audited.database.write() as session:
        project = session.get_one(Project, audited.made.id)
        dog = classes_of(session, project.id).by_name["dog"]
        for item in audited.made.items[:60]:
            decision = Decision(f"dog-{item:04d}", item, "relabel", dog)
            workflow.resolve(session, project, decision, by=audited.lead)
    audited.audit(lambda one: one.code == dog and one.position % 2 == 0, by_class=True)
    with audited.database.read() as session:
        found = result_of(session, session.scalars(select(Audit)).one())
    assert found.estimate.method == "stratified"
    sizes = {one.name: (one.labels, one.checked, one.wrong) for one in found.classes}
    share = sum(labels / ITEMS * wrong / checked for labels, checked, wrong in sizes.values())
    assert found.estimate.share == pytest.approx(share)
    assert sizes[dog][1] >= 50


def test_labels_that_came_since_make_it_out_of_date(audited: Audited, files: FileStore) -> None:
    audited.audit(lambda one: one.position == 1)
    assert audited.known().state == "met"
    rows = [Row(n + 1, f"new{n}", f"A new text {n}.", None, "cat", {}) for n in range(30)]
    plan = workflow.ImportPlan("more.csv", "csv")
    workflow.import_items(audited.database, files, audited.made.id, rows, plan)
    known = audited.known()
    assert (known.state, known.new) == ("out_of_date", 30)

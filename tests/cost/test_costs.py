"""What a project cost, read from a database: every step, each answer once, and what is no work of this project."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.annotations.models import Annotation
from labeler.config import Settings
from labeler.cost import actions, planner, queries
from labeler.cost.costs import Costs, costs_of
from labeler.cost.ledger import ANSWERS, AUDITS, TEST_ITEMS
from labeler.cost.planner import Inputs, planned
from labeler.cost.prices import Prices
from labeler.decisions.actions import Decision
from labeler.errors import Invalid
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.statistics.counts import tally
from labeler.statistics.snapshot import read_snapshot
from labeler.storage.database import Database, clock
from tests.conftest import NOW, Made

Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def read(database: Database, made: Made) -> Costs:
    with database.read() as session:
        project = session.get_one(Project, made.id)
        counts = tally(read_snapshot(session, project), classes_of(session, made.id).codes)
        return costs_of(session, project, counts, clock(session).date())


def price(database: Database, made: Made, found: Prices) -> None:
    with database.write() as session:
        actions.set_prices(session, session.get_one(Project, made.id), found)


def test_answers_are_paid_by_their_time_and_breaks_are_not(
    database: Database, make_project: Make, answer: Give, cast: dict[str, int]
) -> None:
    made = make_project(votes=2)
    answer(made, "ann", ["cat"] * 6)
    answer(made, "bob", ["cat"] * 5 + ["dog"])
    with database.write() as session:
        ids = list(session.scalars(select(Annotation.id).order_by(Annotation.id)))
        session.execute(update(Annotation).where(Annotation.id == ids[0]).values(seconds=601.0))
        session.execute(update(Annotation).where(Annotation.id == ids[1]).values(seconds=0.0))
        session.execute(update(Annotation).where(Annotation.id == ids[2]).values(seconds=600.0, purpose="gold"))
    price(database, made, Prices("EUR", 1800, None, {cast["bob"]: 3600}))
    costs = read(database, made)
    assert (costs.ledger.step(ANSWERS).count, costs.ledger.step(ANSWERS).untimed) == (11, 2)
    assert costs.ledger.step(ANSWERS).milliseconds == 3 * 2000 + 6 * 2000
    assert costs.ledger.step(TEST_ITEMS).money == 300
    assert costs.ledger.person(cast["ann"]).money == 300 + 3
    assert costs.ledger.person(cast["bob"]).money == 12
    assert costs.ledger.total.money == 315
    assert costs.final_labels == 5
    with database.read() as session:
        cat = classes_of(session, made.id).codes[0]
    assert costs.labels == {cat: 5}
    assert costs.ledger.label(cat).money == 300 + 2 + 10
    assert costs.ledger.label("").money == 1 + 2  # of the tie


def test_reviews_and_what_they_corrected_are_a_step_of_their_own(
    database: Database, make_project: Make, answer: Give, cast: dict[str, int]
) -> None:
    made = make_project(votes=1)
    answer(made, "ann", ["cat"] * 6)
    with database.write() as session:
        project, dog = session.get_one(Project, made.id), classes_of(session, made.id).codes[1]
        for at, (item, kind) in enumerate(zip(made.items[:3], ("relabel", "keep", "relabel"), strict=True)):
            sent = Decision(f"decided-{at:04d}", item, kind, dog if kind == "relabel" else "")
            workflow.resolve(session, project, sent, by=cast["olga"])
    costs = read(database, made)
    assert (costs.review.count, costs.review.untimed) == (3, 1)
    assert costs.corrected == {dog: 2}
    assert costs.ledger.total.money is None
    assert costs.ledger.step(AUDITS).count == 0
    with database.read() as session:
        project = session.get_one(Project, made.id)
        work = queries.work_of(session, project)
    assert queries.leads_of([], work) == frozenset({cast["olga"]})


def test_given_labels_and_imported_answers_cost_nothing_here(database: Database, make_project: Make) -> None:
    made = make_project(votes=1, given="cat")
    costs = read(database, made)
    assert (costs.final_labels, costs.ledger.total.count, costs.at_the_end) == (0, 0, None)


def test_it_comes_to_what_an_answer_took_so_far(database: Database, make_project: Make, answer: Give) -> None:
    made = make_project(items=20, votes=1)
    answer(made, "ann", ["cat"] * 5)
    assert read(database, made).at_the_end is None  # one day
    answer(made, "bob", ["cat"] * 5)
    with database.write() as session:
        first = list(session.scalars(select(Annotation.id).order_by(Annotation.id).limit(5)))
        days_ago = clock(session) - timedelta(days=3)
        session.execute(update(Annotation).where(Annotation.id.in_(first)).values(created_at=days_ago))
    price(database, made, Prices("EUR", 180_000))
    costs = read(database, made)
    assert costs.at_the_end is not None
    assert costs.at_the_end.money is not None
    assert costs.at_the_end.money.likely == pytest.approx(2000)  # 20 answers of 2 s at 1,800 an hour
    assert costs.at_the_end.hours.likely == pytest.approx(40 / 3600)
    assert costs.finished is None
    answer(made, "ann", ["cat"] * 10)
    done = read(database, made)
    assert done.finished is not None
    assert done.at_the_end is not None
    assert done.at_the_end.money is not None
    assert done.at_the_end.money.likely == done.ledger.total.money == 2000


def test_a_plan_is_assumed_until_enough_items_have_three_answers(
    database: Database, make_project: Make, answer: Give, cast: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "FIRST", 10)
    made = make_project(items=10, votes=3)
    with database.write() as session:
        accounts.set_member(session, made.id, cast["zed"], role="annotator", now=NOW)
    for name in ("ann", "bob"):
        answer(made, name, ["cat", "dog"] * 5)
    with database.read() as session:
        project, classes = session.get_one(Project, made.id), classes_of(session, made.id)
        before = planned(session, project, classes, Inputs())
    answer(made, "zed", ["cat", "dog"] * 4 + ["cat", "cat"])
    with database.read() as session:
        project = session.get_one(Project, made.id)
        after = planned(session, project, classes, Inputs())
        assumed = planned(session, project, classes, Inputs(right=0.8, seconds=10.0))
        with pytest.raises(Invalid) as refused:
            planned(session, project, classes, Inputs(target=0.0))
    assert (before.seen, after.seen, assumed.seen) == (0, 30, 0)
    assert (before.wanted.items, before.wanted.people, before.timed, assumed.timed) == (10, 3, True, False)
    assert after.right.middle > 0.8
    assert after.seconds.middle == pytest.approx(2.0, rel=0.1)
    assert assumed.right.middle == pytest.approx(0.8, abs=0.05)
    assert after.hour is None
    assert refused.value.field == "target"

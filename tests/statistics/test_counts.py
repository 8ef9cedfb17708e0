"""The numbers of a project: equal to counting by hand, and never older than the request."""

import random
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.annotations.actions import Answer
from labeler.annotations.columns import read_columns
from labeler.decisions.actions import Decision
from labeler.decisions.final import standings
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.statistics.counts import ProjectCounts, tally
from labeler.statistics.item_search import ItemFilter, done_among, item_total
from labeler.statistics.progress import labeled_items, progress_of
from labeler.statistics.snapshot import Snapshot, open_items, read_snapshot
from labeler.storage.database import Database
from tests.conftest import LEASE, NOW, Made

Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]
NAMES = ("cat", "dog", "neither")


@pytest.fixture
def busy(database: Database, cast: dict[str, int], make_project: Make) -> Made:
    """A project in which five people answered, skipped, answered again and took back, and a lead decided."""
    made = make_project("busy", items=60, votes=4, given="cat")
    rng = random.Random(7)
    with database.write() as session:
        people = [cast["ann"], cast["bob"], cast["rita"], cast["zed"], cast["olga"]]
        for user in people:
            accounts.set_member(session, made.id, user, role="annotator", now=NOW)
        question = Question.of(session, session.get_one(Project, made.id))
        for user in people:
            given = []
            for held in workflow.serve(session, made.id, user, count=40, lease=LEASE):
                truth = NAMES[held.item.id % 3]
                label = truth if rng.random() < 0.7 else rng.choice(NAMES)
                skip = "too hard" if rng.random() < 0.1 else None
                for number in range(1 + (rng.random() < 0.1)):
                    answer = Answer(
                        key=f"{secrets.token_hex(8)}-{number}",
                        assignment=held.assignment.id,
                        value=None if skip else {"label": label},
                        skip=skip,
                        seconds=rng.choice([0.4, 2.0, 5.0, 700.0]),
                        comment="hm" if rng.random() < 0.1 else "",
                    )
                    at = datetime.now(UTC) - timedelta(days=rng.randrange(5))
                    given += workflow.submit(session, question, user, [answer], now=at)
            workflow.undo(session, made.id, user, given[-1].id or 0, lease=LEASE)
        project = session.get_one(Project, made.id)
        dog = question.classes.by_name["dog"]
        for number, (decision, code) in enumerate(
            [("exclude", ""), ("relabel", dog), ("relabel", dog), ("send_back", ""), ("ambiguous", "")]
        ):
            item = made.items[number * 3]
            soft = {dog: 0.5, question.classes.by_name["cat"]: 0.5} if decision == "ambiguous" else None
            made_by = Decision(f"decide-{number}", item, decision, code=code, soft=soft)
            workflow.resolve(session, project, made_by, by=cast["olga"])
    return made


def count(session: Session, made: Made, known: Snapshot | None = None) -> tuple[ProjectCounts, Snapshot]:
    books = read_snapshot(session, session.get_one(Project, made.id), known)
    return tally(books, classes_of(session, made.id).codes), books


def test_final_labels_are_counted_as_they_stand(database: Database, busy: Made) -> None:
    with database.read() as session:
        found, _ = count(session, busy)
        codes = classes_of(session, busy.id).codes
        right = Counter(one.final for one in standings(session, busy.id) if not one.excluded)
        assert found.finals == tuple(right[code] for code in codes)
        assert found.labeled == sum(found.finals) + 1  # the one that a lead left with a soft label
        for index, code in enumerate(codes):
            wanted = ItemFilter(final=code)
            assert item_total(session, busy.id, wanted, inspection_id=None) == found.finals[index]


@pytest.mark.parametrize("state", ["tie", "sent_back", "skipped", "commented", "done", "labeled"])
def test_a_count_is_the_length_of_the_list_it_links_to(database: Database, busy: Made, state: str) -> None:
    with database.read() as session:
        found, _ = count(session, busy)
        counted = {
            "tie": found.ties,
            "sent_back": found.sent_back,
            "skipped": found.skipped,
            "commented": found.commented,
            "done": found.done,
            "labeled": found.labeled,
        }[state]
        assert counted == item_total(session, busy.id, ItemFilter(state=state), inspection_id=None)
        assert counted


def test_progress_and_labeled_read_by_sql_are_what_the_arrays_count(database: Database, busy: Made) -> None:
    with database.read() as session:
        found, _ = count(session, busy)
        far = progress_of(session, session.get_one(Project, busy.id))
        assert (far.items, far.done) == (found.items, found.done)
        assert labeled_items(session, busy.id) == found.labeled
        states = ("labeled", "tie", "unlabeled", "excluded")
        parts = [item_total(session, busy.id, ItemFilter(state=state), inspection_id=None) for state in states]
        assert sum(parts) == found.items  # each item is in one of them
        assert [bool(number) for number in parts] == [True, True, False, True]
        every = [one.item_id for one in standings(session, busy.id)]
        assert len(done_among(session, every)) == found.done
        excluded = item_total(session, busy.id, ItemFilter(state="excluded"), inspection_id=None)
        assert far.wanted == 4 * (found.items - excluded)
        assert 0 < far.answers < far.wanted


def test_fast_answers_among_the_newest_are_the_list_they_link_to(
    database: Database, busy: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("counts", "item_search"):
        monkeypatch.setattr(f"labeler.statistics.{module}.RECENT", 12)
    with database.read() as session:
        found, _ = count(session, busy)
        for person in found.people:
            wanted = ItemFilter(annotator=person.user, fast=True, recent=True)
            assert item_total(session, busy.id, wanted, inspection_id=None) == person.fast
            every = ItemFilter(annotator=person.user, fast=True)
            assert item_total(session, busy.id, every, inspection_id=None) >= person.fast
        assert any(person.fast for person in found.people)


def test_mix_ups_count_each_answer_once_under_its_final_label(database: Database, busy: Made) -> None:
    with database.read() as session:
        found, _ = count(session, busy)
        index = classes_of(session, busy.id).index_of_code
        final = {one.item_id: one.final for one in standings(session, busy.id) if not one.excluded}
        right = Counter((index[final[item]], index[code]) for item, _, code in _votes(session, busy) if final.get(item))
    assert {(i, j): n for i, row in enumerate(found.mixed) for j, n in enumerate(row) if n} == dict(right)


def test_nobody_is_compared_with_a_consensus_their_own_answer_is_part_of(database: Database, busy: Made) -> None:
    with database.read() as session:
        found, books = count(session, busy)
        votes = list(_votes(session, busy))
    left_out = {one.item for one in books.decided if one.decision in {"ambiguous", "exclude"}}
    assert len(left_out) == 2
    for person in found.people:
        compared = same = 0
        for item, user, code in votes:
            if user != person.user or item in left_out:
                continue
            others = Counter(other for one, who, other in votes if one == item and who != user).most_common()
            if others and (len(others) == 1 or others[0][1] > others[1][1]):
                compared, same = compared + 1, same + (others[0][0] == code)
        assert (person.agreed, person.compared) == (same, compared)
        assert compared
        assert person.answers == sum(user == person.user for _, user, _ in votes)


def test_what_a_lead_decides_changes_nobodys_agreement_with_the_others(
    database: Database, cast: dict[str, int], make_project: Make, answer: Give
) -> None:
    made = make_project("decided", items=4, votes=2)
    answer(made, "ann", ["cat"] * 4)
    answer(made, "bob", ["cat", "cat", "dog", "dog"])
    with database.write() as session:
        before = [(one.user, one.agreed, one.compared) for one in count(session, made)[0].people]
        assert {row[1:] for row in before} == {(2, 4)}
        dog = classes_of(session, made.id).by_name["dog"]
        for item in made.items[:2]:
            decision = Decision(f"decide-{item}", item, "relabel", code=dog)
            workflow.resolve(session, session.get_one(Project, made.id), decision, by=cast["olga"])
        assert [(one.user, one.agreed, one.compared) for one in count(session, made)[0].people] == before


def test_breaks_and_unknown_times_are_no_working_time(database: Database, busy: Made) -> None:
    with database.read() as session:
        found, _ = count(session, busy)
    assert found.median in {0.4, 2.0, 5.0}
    assert all(person.seconds <= 5.0 * person.timed for person in found.people)
    assert any(person.fast for person in found.people)


def test_the_days_add_up_to_the_items_done(database: Database, busy: Made) -> None:
    with database.read() as session:
        found, _ = count(session, busy)
        assert found.days[-1][1] == found.done == found.items - open_items(session, busy.id)
    assert [done for _, done in found.days] == sorted(done for _, done in found.days)


def test_an_item_whose_last_answer_somebody_holds_is_not_done(
    database: Database, cast: dict[str, int], make_project: Make, answer: Give
) -> None:
    made = make_project("held", items=1, votes=2)
    answer(made, "ann", ["cat"])
    with database.write() as session:
        workflow.serve(session, made.id, cast["bob"], count=1, lease=LEASE)
        assert session.get_one(Item, made.items[0]).open_slots == 0
        assert count(session, made)[0].done == 0
        assert item_total(session, made.id, ItemFilter(state="done"), inspection_id=None) == 0


def test_known_books_give_the_same_numbers_after_every_kind_of_change(
    database: Database, cast: dict[str, int], make_project: Make, answer: Give
) -> None:
    made = make_project("moving", items=5, votes=2)
    with database.read() as session:
        _, known = count(session, made)
    answer(made, "ann", ["cat", "dog", "cat"])
    receipts = answer(made, "bob", ["cat", "cat", "cat"])
    known = _check(database, made, known)
    with database.write() as session:
        workflow.undo(session, made.id, cast["bob"], receipts[0].id or 0, lease=LEASE)
    known = _check(database, made, known)
    answer(made, "bob", ["dog"])
    _check(database, made, known)


def test_columns_of_another_time_are_read_afresh(database: Database, make_project: Make, answer: Give) -> None:
    made = make_project("first", items=3)
    answer(made, "ann", ["cat", "dog"])
    with database.read() as session:
        known = read_columns(session, made.id)
    other = make_project("second", items=3)
    answer(other, "ann", ["cat", "dog", "dog"])
    with database.read() as session:
        found = read_columns(session, other.id, known)
    assert len(found) == 3
    assert (found.item == other.items).all()


def test_a_project_without_anything_counts_as_zero(database: Database, make_project: Make) -> None:
    made = make_project("blank", items=0)
    with database.read() as session:
        found, _ = count(session, made)
    assert (found.items, found.done, found.labeled, found.answers, found.days, found.people) == (0, 0, 0, 0, (), ())
    assert found.median is None


def _check(database: Database, made: Made, known: Snapshot) -> Snapshot:
    with database.read() as session:
        found, books = count(session, made, known)
        assert found == count(session, made)[0]
    return books


def _votes(session: Session, made: Made) -> list[tuple[int, int, str]]:
    from labeler.annotations.queries import votes_of_project

    return [(vote.item_id, vote.user_id, vote.code) for vote in votes_of_project(session, made.id)]

"""Eight people at once on one project, on SQLite and on PostgreSQL: nothing beyond what is wanted, every count exact.

Note: the interesting faults need several transactions under way at the same instant, so these
tests work with threads that all begin together, each with its own sessions, as the requests of a server do.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.agreement import queries as agreement
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.assignment import queries as assignment
from labeler.config import Settings
from labeler.consensus import registry
from labeler.consensus.actions import infer
from labeler.consensus.base import Votes
from labeler.consensus.models import ItemConsensus
from labeler.decisions import final
from labeler.decisions import queries as decision_queries
from labeler.decisions.actions import Decision
from labeler.errors import Conflict
from labeler.exchange.rows import Row
from labeler.projects.actions import NewProject, change_project, create_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=30)
PEOPLE, ITEMS, VOTES = 8, 24, 2
LABELS = ("cat", "dog")


@dataclass(frozen=True)
class Crowd:
    """A project that wants two answers an item, and the ids of eight people who may give them."""

    database: Database
    files: FileStore
    project_id: int
    people: list[int]


@pytest.fixture
def crowd(any_settings: Settings) -> Iterator[Crowd]:
    database = Database(any_settings)
    upgrade(database)
    files = FileStore(any_settings.files)
    with database.write() as session:
        people = [accounts.add_user(session, f"p{n}@example.org", role="annotator", now=NOW).id for n in range(PEOPLE)]
        new = NewProject("pets", "text", "classification", [(name, "") for name in LABELS], votes=VOTES)
        project_id = create_project(session, new, by=people[0], now=NOW).id
    rows = [Row(n + 1, f"e{n}", f"text {n}", None, None, {}) for n in range(ITEMS)]
    workflow.import_items(database, files, project_id, rows, workflow.ImportPlan("a.csv", "csv"))
    yield Crowd(database, files, project_id, people)
    database.close()


def together(work: Callable[[int], None], count: int = PEOPLE) -> None:
    """Run work(0) … work(count - 1) at the same time and raise what any of them raised."""
    faults: list[BaseException] = []
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that looks at it
            faults.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    if faults:
        raise faults[0]


def proven(crowd: Crowd) -> None:
    """What is stored is what the rows say: slots, histogram, consensus, and at most one counted answer a person."""
    with crowd.database.read() as session:
        project = session.get_one(Project, crowd.project_id)
        assert assignment.recount(session, project, sorted(final.excluded_items(session, project.id))) == {}
        assert agreement.recount(session, project.id) == {}
        codes: dict[int, list[str]] = {}
        for item_id, code in session.execute(
            select(Annotation.item_id, Annotation.code).where(Annotation.status == "counted").order_by(Annotation.id)
        ):
            codes.setdefault(item_id, []).append(code)
        stored = {row.item_id: row for row in session.scalars(select(ItemConsensus))}
        assert stored.keys() == codes.keys()
        for item_id, of_item in codes.items():
            (best, most), *others = Counter(of_item).most_common()
            right = "" if others and others[0][1] == most else best
            found = stored[item_id]
            assert (found.code, found.votes, found.differ) == (right, len(of_item), bool(others))


def counted(crowd: Crowd) -> Counter[int]:
    with crowd.database.read() as session:
        return Counter(session.scalars(select(Annotation.item_id).where(Annotation.status == "counted")))


def answer(crowd: Crowd, who: int, key: str, assignment_id: int, label: str | None, *, now: datetime = NOW) -> str:
    made = Answer(key, assignment_id, None if label is None else {"label": label}, skip=None if label else "unclear")
    with crowd.database.write() as session:
        question = Question.of(session, session.get_one(Project, crowd.project_id))
        return workflow.submit(session, question, who, [made], now=now)[0].status


def test_eight_people_at_once_never_give_more_answers_than_wanted(crowd: Crowd) -> None:
    def work(number: int) -> None:
        who, chance = crowd.people[number], random.Random(number)
        while True:
            with crowd.database.write() as session:
                held = workflow.serve(session, crowd.project_id, who, count=3, lease=LEASE, now=NOW)
            if not held:
                return
            for one in held:
                label = chance.choice(LABELS)
                assert answer(crowd, who, f"k{number}-{one.assignment.id:08d}", one.assignment.id, label) == "created"

    together(work)
    assert counted(crowd) == Counter(dict.fromkeys(counted(crowd), VOTES))
    assert len(counted(crowd)) == ITEMS
    proven(crowd)


def test_batches_in_any_order_do_not_lock_each_other_out(crowd: Crowd) -> None:
    """Two batches that touch the same counts in opposite order are what databases call a deadlock."""

    def work(number: int) -> None:
        who = crowd.people[number]
        for turn in range(6):
            with crowd.database.write() as session:
                held = workflow.serve(session, crowd.project_id, who, count=4, lease=LEASE, now=NOW)
            labels = LABELS if (number + turn) % 2 else LABELS[::-1]
            made = [
                Answer(f"b{number}-{turn}-{n:06d}", one.assignment.id, {"label": labels[n % 2]})
                for n, one in enumerate(held)
            ]
            with crowd.database.write() as session:
                question = Question.of(session, session.get_one(Project, crowd.project_id))
                workflow.submit(session, question, who, made, now=NOW)

    together(work)
    assert max(counted(crowd).values()) <= VOTES
    proven(crowd)


def test_the_same_answer_sent_eight_times_at_once_is_stored_once(crowd: Crowd) -> None:
    who = crowd.people[0]
    with crowd.database.write() as session:
        held = workflow.serve(session, crowd.project_id, who, count=1, lease=LEASE, now=NOW)[0].assignment.id
    found: list[str] = []
    together(lambda _number: found.append(answer(crowd, who, "one-and-the-same", held, "cat")))
    assert Counter(found) == {"created": 1, "replayed": PEOPLE - 1}
    proven(crowd)


def test_two_windows_of_one_person_hold_the_same_items(crowd: Crowd) -> None:
    who, seen = crowd.people[0], []

    def work(_number: int) -> None:
        with crowd.database.write() as session:
            held = workflow.serve(session, crowd.project_id, who, count=3, lease=LEASE, now=NOW)
            seen.append(tuple(one.assignment.id for one in held))

    together(work)
    assert len(set(seen)) == 1
    proven(crowd)


def test_leases_that_end_while_people_answer_leave_every_count_exact(crowd: Crowd) -> None:
    """Everybody also skips, undoes, answers late and decides; time passes in jumps longer than a lease."""
    stored: list[tuple[int, str]] = []

    def work(number: int) -> None:
        who, chance, now = crowd.people[number], random.Random(number), NOW
        for turn in range(12):
            now = NOW + (turn // 3) * (LEASE + timedelta(seconds=1))
            with crowd.database.write() as session:
                held = workflow.serve(session, crowd.project_id, who, count=2, lease=LEASE, now=now)
            for n, one in enumerate(held):
                key = f"t{number}-{turn}-{n:06d}"
                label = chance.choice([*LABELS, *LABELS, None])
                if chance.random() < 0.7:
                    assert answer(crowd, who, key, one.assignment.id, label, now=now) in {"created", "late"}
                    stored.append((who, key))
            if chance.random() < 0.4:
                _undo_one(crowd, who)
            if number == 0 and held:
                _decide(crowd, held[0].item.id, chance.choice(["exclude", "send_back"]), f"d-{turn:08d}")

    together(work)
    with crowd.database.read() as session:
        for who, key in stored:
            assert session.scalar(select(Annotation.id).where(Annotation.user_id == who, Annotation.key == key))
    proven(crowd)


def _undo_one(crowd: Crowd, who: int) -> None:
    with crowd.database.write() as session:
        own = select(Annotation.id).where(Annotation.user_id == who, Annotation.status != "undone")
        newest = session.scalar(own.order_by(Annotation.id.desc()).limit(1))
        if newest is not None:
            try:
                workflow.undo(session, crowd.project_id, who, newest, lease=LEASE)
            except Conflict:
                return


def _decide(crowd: Crowd, item: int, decision: str, key: str) -> None:
    with crowd.database.write() as session:
        project = session.get_one(Project, crowd.project_id)
        workflow.resolve(session, project, Decision(key, item, decision), by=crowd.people[0])


def test_leads_who_change_the_wanted_votes_meanwhile_leave_every_count_exact(crowd: Crowd) -> None:
    def work(number: int) -> None:
        who, chance = crowd.people[number], random.Random(number)
        for turn in range(8):
            if number < 2:  # two of the eight are leads
                with crowd.database.write() as session:
                    project = session.get_one(Project, crowd.project_id)
                    workflow.change_votes(session, project, chance.choice([1, 2, 3]))
                continue
            with crowd.database.write() as session:
                held = workflow.serve(session, crowd.project_id, who, count=1, lease=LEASE, now=NOW)
            for one in held:
                answer(crowd, who, f"v{number}-{turn:08d}", one.assignment.id, chance.choice([*LABELS, None]))

    together(work)
    proven(crowd)


def test_items_imported_while_the_wanted_votes_change_want_the_new_number(crowd: Crowd) -> None:
    def rows() -> Iterator[Row]:
        yield from (Row(n + 1, f"n{n}", f"new {n}", None, None, {}) for n in range(workflow.imports.IMPORT_BATCH))
        with crowd.database.write() as session:
            workflow.change_votes(session, session.get_one(Project, crowd.project_id), 5)
        yield Row(9999, "last", "the last one", None, None, {})

    plan = workflow.ImportPlan("b.csv", "csv")
    workflow.import_items(crowd.database, crowd.files, crowd.project_id, rows(), plan)
    proven(crowd)


@pytest.mark.parametrize("with_ids", [True, False])
def test_the_same_file_imported_four_times_at_once_makes_its_items_once(crowd: Crowd, *, with_ids: bool) -> None:
    rows = [Row(n + 1, f"x{n}" if with_ids else None, f"other {n}", None, None, {}) for n in range(50)]
    found: list[int] = []

    def work(number: int) -> None:
        plan = workflow.ImportPlan(f"{number}.csv", "csv")
        found.append(workflow.import_items(crowd.database, crowd.files, crowd.project_id, rows, plan).added)

    together(work, 4)
    assert sorted(found) == [0, 0, 0, 50]
    with crowd.database.read() as session:
        assert len(session.scalars(select(Item.id).where(Item.project_id == crowd.project_id)).all()) == ITEMS + 50


def test_two_leads_who_decide_at_once_leave_one_decision_standing(crowd: Crowd) -> None:
    with crowd.database.read() as session:
        item = session.scalars(select(Item.id).order_by(Item.id)).first()
    assert item is not None

    def work(number: int) -> None:
        decision = ("exclude", "send_back")[number % 2]
        with crowd.database.write() as session:
            project = session.get_one(Project, crowd.project_id)
            made = Decision(f"r-{number:08d}", item, decision)
            workflow.resolve(session, project, made, by=crowd.people[number])

    together(work)
    with crowd.database.read() as session:
        history = [one for one, _ in decision_queries.history_with_authors(session, item)]
    assert Counter(one.status for one in history) == {"current": 1, "replaced": PEOPLE - 1}
    proven(crowd)


def test_a_reading_session_sees_one_moment(crowd: Crowd) -> None:
    """An export reads in blocks; what is answered meanwhile must not stand in half of it."""
    with crowd.database.read() as reading:
        before = reading.scalars(select(Item.open_slots).order_by(Item.id)).all()
        with crowd.database.write() as session:
            workflow.serve(session, crowd.project_id, crowd.people[0], count=5, lease=LEASE, now=NOW)
        assert reading.scalars(select(Item.open_slots).order_by(Item.id)).all() == before


def test_an_answer_changed_while_the_consensus_is_computed_stays_in_it(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = crowd.people[0]
    with crowd.database.write() as session:
        held = workflow.serve(session, crowd.project_id, who, count=1, lease=LEASE, now=NOW)[0].assignment.id
    answer(crowd, who, "key-before", held, "cat")

    recommended = registry.recommended

    def slowly(votes: Votes) -> str:
        answer(crowd, who, "key-meanwhile", held, "dog", now=NOW + timedelta(seconds=1))
        return recommended(votes)

    monkeypatch.setattr(registry, "recommended", slowly)
    infer(crowd.database, crowd.project_id)
    proven(crowd)


def test_leads_who_change_different_settings_at_once_lose_none_of_them(crowd: Crowd) -> None:
    def work(number: int) -> None:
        for turn in range(4):
            with crowd.database.write() as session:
                project = session.get_one(Project, crowd.project_id)  # as a page does, before it knows what to change
                if number == 0:
                    workflow.change_votes(session, project, turn + 1)
                    continue
                change_project(session, project, {"settings": {f"setting {number}": turn}})

    together(work)
    with crowd.database.read() as session:
        project = session.get_one(Project, crowd.project_id)
        assert project.settings == {f"setting {number}": 3 for number in range(1, PEOPLE)}
        assert project.votes == 4
    proven(crowd)

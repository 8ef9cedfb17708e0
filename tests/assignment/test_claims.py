"""Who holds what while people work, pause and leave, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.accounts.models import User
from labeler.annotations.actions import Answer
from labeler.assignment import queries
from labeler.assignment.models import Assignment
from labeler.config import Settings
from labeler.exchange.rows import Row
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Project
from labeler.projects.queries import Question
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=30)
SECOND = timedelta(seconds=1)


@dataclass
class Office:
    """A project that wants one answer an item, three annotators and a lead; time is told by `now`."""

    database: Database
    files: FileStore
    project_id: int
    people: dict[str, int]
    now: datetime = T0
    keys: int = 0

    def add(self, items: int, first: int = 0) -> None:
        rows = [Row(n + 1, f"e{n:03d}", f"text {n}", None, None, {}) for n in range(first, first + items)]
        workflow.import_items(self.database, self.files, self.project_id, rows, workflow.ImportPlan("a.csv", "csv"))

    def program(self, who: str, count: int) -> list[str]:
        with self.database.write() as session:
            held = workflow.serve(session, self.project_id, self.people[who], count=count, lease=LEASE, now=self.now)
            return [one.item.external_id or "" for one in held]

    def workspace(self, who: str, count: int = 48) -> list[str]:
        with self.database.write() as session:
            held, _ = workflow.serve_workspace(
                session, self.project_id, self.people[who], count=count, lease=LEASE, now=self.now
            )
            return [one.item.external_id or "" for one in held]

    def held(self, who: str) -> dict[str, Assignment]:
        with self.database.read() as session:
            found = queries.held_by(session, self.project_id, self.people[who], 100)
            return {item.external_id or "": assignment for assignment, item in found}

    def renew(self, who: str, ids: list[int], opened: int = 1) -> list[str]:
        with self.database.write() as session:
            where = (session, self.project_id, self.people[who])
            found = workflow.renew(*where, ids, opened=ids[:opened], lease=LEASE, now=self.now)
            return [one.state for one in found]

    def release(self, who: str, ids: list[int]) -> int:
        with self.database.write() as session:
            return workflow.release(session, self.project_id, self.people[who], ids)

    def answer(self, who: str, assignment: int) -> str:
        self.keys += 1
        with self.database.write() as session:
            question = Question.of(session, session.get_one(Project, self.project_id))
            given = Answer(f"answer-{self.keys:06d}", assignment, {"label": "cat"})
            return workflow.submit(session, question, self.people[who], [given], now=self.now)[0].status

    def wrong(self) -> dict[int, tuple[int, int]]:
        with self.database.read() as session:
            return queries.recount(session, session.get_one(Project, self.project_id), [])


@pytest.fixture
def office(any_settings: Settings) -> Iterator[Office]:
    database = Database(any_settings)
    upgrade(database)
    with database.write() as session:
        new = NewProject("pets", "text", "classification", [("cat", ""), ("dog", "")], votes=1)
        project_id = create_project(session, new, by=None, now=T0).id
        people = {}
        for name, role in (("olga", "lead"), ("ann", "annotator"), ("bob", "annotator"), ("kim", "annotator")):
            people[name] = accounts.add_user(session, f"{name}@example.org", role=role, now=T0).id
            accounts.set_member(session, project_id, people[name], role=role, now=T0)
    made = Office(database, FileStore(any_settings.files), project_id, people)
    yield made
    assert made.wrong() == {}
    database.close()


def test_a_renewed_item_stays_with_who_works_on_it_for_longer_than_a_lease(office: Office) -> None:
    office.add(1)
    office.workspace("ann")
    mine = office.held("ann")["e000"].id
    for _ in range(5):
        office.now += LEASE / 2
        assert office.renew("ann", [mine]) == ["held"]
        assert office.program("bob", 9) == []
    assert office.answer("ann", mine) == "created"


def test_an_item_nobody_renews_comes_free_and_a_late_answer_says_so(office: Office) -> None:
    office.add(1)
    office.workspace("ann")
    mine = office.held("ann")["e000"].id
    office.now += LEASE
    assert office.program("bob", 9) == ["e000"]
    assert office.renew("ann", [mine]) == ["expired"]
    assert office.answer("bob", office.held("bob")["e000"].id) == "created"
    assert office.answer("ann", mine) == "late"


def test_who_comes_back_holds_again_what_nobody_took(office: Office) -> None:
    office.add(2)
    office.workspace("ann")
    mine = [one.id for one in office.held("ann").values()]
    office.now += 3 * LEASE
    assert office.program("bob", 1) == ["e000"]
    assert office.renew("ann", mine) == ["expired", "held"]
    assert list(office.held("ann")) == ["e001"]


def test_who_would_have_nothing_gets_half_of_what_another_has_only_ready(office: Office) -> None:
    office.add(40)
    assert len(office.workspace("ann")) == 40
    theirs = office.workspace("bob")
    assert theirs == [f"e{n:03d}" for n in range(20, 40)]
    assert list(office.held("ann")) == [f"e{n:03d}" for n in range(20)]
    assert len(office.workspace("kim")) == 10


def test_who_has_something_takes_nothing_from_people_at_work(office: Office) -> None:
    office.add(60)
    office.workspace("ann")
    assert len(office.program("bob", 60)) == 12
    assert len(office.held("ann")) == 48


def test_what_is_on_the_screen_is_never_passed_on_before_its_lease_ends(office: Office) -> None:
    office.add(4)
    office.workspace("ann")
    ids = [one.id for one in office.held("ann").values()]
    office.renew("ann", ids, opened=3)
    assert office.program("bob", 9) == ["e003"]
    office.now += LEASE - SECOND
    assert office.program("kim", 9) == []


def test_what_a_silent_workspace_has_ready_comes_to_others_before_the_lease_ends(office: Office) -> None:
    office.add(40)
    office.workspace("ann")
    office.now += timedelta(seconds=91)
    assert len(office.program("bob", 100)) == 39
    assert list(office.held("ann")) == ["e000"]


def test_a_program_keeps_what_it_asked_for_until_the_lease_ends(office: Office) -> None:
    office.add(4)
    office.program("ann", 4)
    office.now += LEASE - SECOND
    assert office.workspace("bob") == []
    assert office.program("bob", 4) == []
    office.now += SECOND
    assert len(office.program("bob", 4)) == 4


def test_a_small_rest_is_shared_among_people_at_work(office: Office) -> None:
    office.add(90)
    office.workspace("ann")
    assert office.program("kim", 1) == ["e048"]
    assert len(office.workspace("bob")) == 30


def test_who_leaves_gives_everything_back_and_comes_back_to_the_same_item(office: Office) -> None:
    office.add(60)
    office.workspace("ann")
    for name in ("e000", "e001"):
        office.answer("ann", office.held("ann")[name].id)
    ids = [one.id for one in office.held("ann").values()]
    assert office.release("ann", ids) == 46
    assert office.held("ann") == {}
    assert office.workspace("ann")[:2] == ["e002", "e003"]
    assert office.release("ann", [one.id for one in office.held("ann").values()]) == 48
    assert office.program("bob", 100) == [f"e{n:03d}" for n in range(2, 60)]


def test_an_answer_on_its_way_counts_where_the_released_slot_is_still_there(office: Office) -> None:
    office.add(2)
    office.workspace("ann")
    first, second = (one.id for one in office.held("ann").values())
    office.release("ann", [first, second])
    assert office.program("bob", 1) == ["e000"]
    assert office.answer("ann", second) == "created"
    assert office.answer("ann", first) == "late"


def test_nobody_gives_back_what_others_hold(office: Office) -> None:
    office.add(2)
    office.workspace("ann")
    theirs = [one.id for one in office.held("ann").values()]
    assert office.release("bob", theirs) == 0
    assert office.renew("bob", theirs) == []
    assert len(office.held("ann")) == 2


def test_a_look_holds_nothing_until_it_is_answered_and_obeys_the_wanted_votes(office: Office) -> None:
    office.add(3)
    with office.database.write() as session:
        seen = workflow.show(session, office.project_id, office.people["olga"], count=48, now=office.now)
        ids = [one.assignment.id for one in seen]
    assert len(ids) == 3
    assert office.held("olga") == {}
    assert office.program("bob", 2) == ["e000", "e001"]
    assert office.answer("olga", ids[0]) == "late"
    assert office.answer("olga", ids[2]) == "created"
    assert office.program("kim", 9) == []
    assert office.renew("olga", ids) == ["expired", "expired", "done"]


def test_whoever_is_taken_out_or_switched_off_holds_nothing_at_once(office: Office) -> None:
    office.add(6)
    office.program("ann", 2)
    office.workspace("bob", 2)
    with office.database.write() as session:
        workflow.remove_member(session, office.project_id, office.people["ann"])
    assert office.program("kim", 9) == ["e000", "e001", "e004", "e005"]
    with office.database.write() as session:
        accounts.add_user(session, "root@example.org", role="admin", now=T0)
        workflow.change_account(session, office.people["bob"], active=False)
    assert len(office.program("kim", 9)) == 6


def test_signing_out_gives_back_what_workspaces_hold_and_not_what_a_program_asked_for(office: Office) -> None:
    office.add(6)
    office.program("ann", 2)
    office.workspace("ann", 4)
    with office.database.write() as session:
        user = session.get_one(User, office.people["ann"])
        token = accounts.start_sign_in(session, user, T0)
    with office.database.write() as session:
        workflow.sign_out(session, token)
    assert list(office.held("ann")) == ["e000", "e001"]


@pytest.mark.parametrize("order", ["in_order", "shuffled"])
def test_items_that_come_in_later_reach_those_who_were_done(office: Office, order: str) -> None:
    with office.database.write() as session:
        project = session.get_one(Project, office.project_id)
        project.settings = {**project.settings, "order": order}
    office.add(20)
    for one in (office.program("ann", 20), office.held("ann").values())[1]:
        office.answer("ann", one.id)
    assert office.program("ann", 5) == []
    office.add(20, first=20)
    assert sorted(office.program("ann", 50)) == [f"e{n:03d}" for n in range(20, 40)]


def test_a_slot_that_comes_free_behind_somebody_is_found_by_them(office: Office) -> None:
    office.add(30)
    office.program("bob", 10)
    office.program("ann", 20)
    for one in office.held("ann").values():
        office.answer("ann", one.id)
    office.now += LEASE
    assert office.program("ann", 50) == [f"e{n:03d}" for n in range(10)]


def test_what_others_hold_is_told_with_the_first_time_it_may_come_free(office: Office) -> None:
    office.add(3)
    office.program("ann", 1)
    office.now += timedelta(minutes=5)
    office.program("bob", 2)
    with office.database.read() as session:
        theirs = queries.held_by_others(session, office.project_id, office.people["kim"], office.now)
        assert len(theirs) == 3
        assert min(one.expires_at for one in theirs) == T0 + LEASE
        mine = queries.held_by_others(session, office.project_id, office.people["bob"], office.now)
        assert len(mine) == 1
        states = session.scalars(select(Assignment.state).distinct()).all()
    assert states == ["held"]

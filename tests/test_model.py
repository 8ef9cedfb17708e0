"""Serving, answering and deciding against a model of a hundred lines that anybody can check by reading.

Hypothesis makes up long stories; after each step the database must say what the model says, the stored counts must be
what the rows say, and nothing that was acknowledged may be missing. LABELER_MODEL_STEPS (steps in all, about) makes the
run longer: 50000 takes some minutes.
"""

import itertools
import os
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.agreement import queries as agreement
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.assignment import claims
from labeler.assignment import queries as assignment
from labeler.assignment.models import Assignment
from labeler.config import read_settings
from labeler.errors import Conflict, Invalid
from labeler.exchange.formats.base import Row
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.review import queries as review
from labeler.review.actions import Decision
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=30)
LABELS = ("cat", "dog")
PEOPLE, ITEMS, STEPS = 3, 3, 40
LONGER = int(os.environ.get("LABELER_MODEL_STEPS", "0"))
person = st.integers(0, PEOPLE - 1)
item_number = st.integers(0, ITEMS - 1)
label = st.sampled_from([*LABELS, None])


@dataclass
class Hold:
    """One person's hold on one item in one round, as the model sees it."""

    state: str
    ends: datetime
    desk: str = ""


@dataclass
class ModelItem:
    """One item. counted: {person: label}; said: (person, round, late label that was not undone or "")."""

    round: int = 0
    newest: int = 0
    holds: dict[tuple[int, int], Hold] = field(default_factory=dict)
    counted: dict[int, str] = field(default_factory=dict)
    said: list[tuple[int, int, str]] = field(default_factory=list)
    decision: str = ""

    def wanted(self, votes: int) -> int:
        return votes if self.round == 0 else 1

    def taken(self) -> int:
        return sum(h.state in {"held", "done"} for (_, round_), h in self.holds.items() if round_ == self.round)

    def waiting(self) -> list[tuple[int, str]]:
        """Late answers of this round that are their person's newest word, oldest first."""
        newest = {who: given for who, round_, given in self.said if round_ == self.round}
        order = {who: place for place, (who, round_, _) in enumerate(self.said) if round_ == self.round}
        ended = [who for who in newest if newest[who] and self.holds[who, self.round].state in {"expired", "skipped"}]
        return [(who, newest[who]) for who in sorted(ended, key=order.__getitem__)]

    def forget(self, place: int) -> None:
        self.said[place] = (*self.said[place][:2], "")

    def open(self, votes: int) -> int:
        return 0 if self.decision == "exclude" else max(0, self.wanted(votes) - self.taken())


class Model:
    """What should be true. Every method is one sentence of the rules."""

    def __init__(self) -> None:
        self.votes = 2
        self.items = [ModelItem() for _ in range(ITEMS)]

    def expire(self, now: datetime) -> None:
        for item in self.items:
            for hold in item.holds.values():
                if hold.state == "held" and hold.ends <= now:
                    hold.state = "expired"

    def claimed(self, who: int, number: int, now: datetime, desk: str = "") -> None:
        item = self.items[number]
        hold = item.holds.get((who, item.round))
        assert hold is None or hold.state == "expired", "nobody is asked twice in one round"
        assert item.open(self.votes) > 0, "nothing is handed out beyond what is wanted"
        item.holds[who, item.round] = Hold("held", now + LEASE, desk)
        item.newest = max(item.newest, item.round)

    def held_by(self, who: int) -> dict[tuple[int, int], Hold]:
        return {
            (n, r): hold
            for n, item in enumerate(self.items)
            for (p, r), hold in item.holds.items()
            if (p, hold.state) == (who, "held")
        }

    def given_up(self, number: int, whose: int) -> None:
        hold = self.items[number].holds[whose, self.items[number].round]
        assert (hold.state, hold.desk) == ("held", "ready"), "only what nobody has opened is given to others"
        hold.state = "expired"

    def renew(self, who: int, number: int, round_: int, now: datetime, *, opened: bool) -> str:
        item = self.items[number]
        hold = item.holds[who, round_]
        if hold.state == "expired" and round_ == item.round and item.open(self.votes) > 0:
            hold.state, hold.desk = "held", "ready"
        if hold.state == "held":
            hold.ends = now + LEASE
            hold.desk = "open" if opened and hold.desk == "ready" else hold.desk
        return hold.state

    def may_claim(self, who: int) -> set[int]:
        return {
            n
            for n, item in enumerate(self.items)
            if item.open(self.votes) > 0
            and ((who, item.round) not in item.holds or item.holds[who, item.round].state == "expired")
        }

    def answer(self, who: int, number: int, round_: int, given: str | None) -> str:
        item = self.items[number]
        hold = item.holds[who, round_]
        if hold.state not in {"held", "done"}:
            if round_ != item.round or item.open(self.votes) == 0:
                item.said.append((who, round_, given or ""))
                return "late"
            hold.state = "held"
        item.said.append((who, round_, ""))
        item.counted.pop(who, None)
        hold.state = "done" if given else "skipped"
        if given:
            item.counted[who] = given
        return "created"

    def undo(self, who: int, number: int, round_: int, status: str, now: datetime) -> None:
        item = self.items[number]
        hold = item.holds[who, round_]
        if status == "counted":
            item.counted.pop(who)
            hold.state = "expired" if item.decision == "exclude" else "held"
            hold.ends = now + LEASE if hold.state == "held" else hold.ends
        elif status == hold.state == "skipped" and round_ == item.round and item.open(self.votes) > 0:
            hold.state, hold.ends = "held", now + LEASE
        else:
            return
        if hold.state == "held" and hold.desk == "ready":
            hold.desk = "open"

    def want(self, votes: int) -> None:
        self.votes = votes
        for item in self.items:
            for who, given in item.waiting():
                if item.open(votes) > 0:
                    item.holds[who, item.round].state = "done"
                    item.counted[who] = given

    def decide(self, number: int, decision: str) -> None:
        item = self.items[number]
        self.take_effect_back(item)
        item.decision = decision
        if decision == "exclude":
            for hold in item.holds.values():
                hold.state = "expired" if hold.state == "held" else hold.state
        elif decision == "send_back":
            newest = max((round_ for _, round_ in item.holds), default=0)
            item.round = max(item.round, newest) + 1

    def take_effect_back(self, item: ModelItem) -> None:
        if item.decision == "send_back" and item.taken() == 0:
            rounds = [r for (_, r), h in item.holds.items() if r < item.round and h.state in {"held", "done"}]
            item.round = max(rounds, default=0)
        item.decision = ""


class Stories(RuleBasedStateMachine):
    """The steps of a story, each done in the database and in the model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="labeler-model-")
        self.database = Database(read_settings({}, instance=Path(self.folder.name)))
        self.model, self.now, self.keys = Model(), NOW, itertools.count(1)
        self.acknowledged: set[tuple[int, str]] = set()
        self.sent: list[tuple[int, Answer, str]] = []
        self.assignments: dict[int, tuple[int, int, int]] = {}  # id: (person, item, round)

    @initialize()
    def begin(self) -> None:
        upgrade(self.database)
        with self.database.write() as session:
            self.people = [
                accounts.add_user(session, f"p{n}@example.org", role="annotator", now=NOW).id for n in range(PEOPLE)
            ]
            new = NewProject("pets", "text", "classification", [(name, "") for name in LABELS], votes=2)
            self.project = create_project(session, new, by=self.people[0], now=NOW).id
        rows = [Row(n + 1, f"e{n}", f"text {n}", None, None, {}) for n in range(ITEMS)]
        files, plan = FileStore(Path(self.folder.name) / "files"), workflow.ImportPlan("a.csv", "csv")
        workflow.import_items(self.database, files, self.project, rows, plan)
        with self.database.read() as session:
            self.items = list(session.scalars(select(Item.id).order_by(Item.id)))
            self.codes = classes_of(session, self.project).by_name

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    @rule(who=person, count=st.integers(1, 3))
    def claim(self, who: int, count: int) -> None:
        self.model.expire(self.now)
        before, free = self.model.held_by(who), self.model.may_claim(who)
        with self.database.write() as session:
            held = workflow.serve(session, self.project, self.people[who], count=count, lease=LEASE, now=self.now)
        got = self._handed(who, held, before, "")
        assert len(got) >= min(count, len(before) + len(free)), "whatever is free is handed out"
        for place in got:
            self.model.held_by(who)[place].desk = ""

    @rule(who=person, count=st.integers(1, 3))
    def open_workspace(self, who: int, count: int) -> None:
        """What comes is a share: never nothing while something is free or lies ready, never beyond what is wanted."""
        self.model.expire(self.now)
        before, free = self.model.held_by(who), self.model.may_claim(who)
        with self.database.write() as session:
            held, _ = workflow.serve_desk(
                session, self.project, self.people[who], count=count, lease=LEASE, now=self.now
            )
        got = self._handed(who, held, before, "ready")
        assert got or not free
        mine = self.model.held_by(who)
        if got and mine[got[0]].desk == "ready" and not any(mine[place].desk == "open" for place in got):
            mine[got[0]].desk = "open"

    def _handed(
        self, who: int, held: list[workflow.Held], before: dict[tuple[int, int], Hold], desk: str
    ) -> list[tuple[int, int]]:
        """Tell the model what was handed out, and from whom it was taken where it was not free."""
        got = [(self.items.index(one.item.id), one.assignment.round) for one in held]
        assert len(got) == len(set(got))
        for one, (number, round_) in zip(held, got, strict=True):
            self.assignments[one.assignment.id] = (who, number, round_)
            if (number, round_) in before:
                self.model.items[number].holds[who, round_].ends = self.now + LEASE
                continue
            if self.model.items[number].open(self.model.votes) == 0:
                self.model.given_up(number, self._who_lost(number, who))
            self.model.claimed(who, number, self.now, desk)
        return got

    def _who_lost(self, number: int, taker: int) -> int:
        item = self.model.items[number]
        with self.database.read() as session:
            for (person_, round_), hold in item.holds.items():
                mine = select(Assignment.state).where(
                    Assignment.item_id == self.items[number],
                    Assignment.user_id == self.people[person_],
                    Assignment.round == round_,
                )
                if person_ != taker and hold.state == "held" and session.scalar(mine) == "expired":
                    return person_
        raise AssertionError("an item was handed out beyond what is wanted")

    @rule(who=person, opened=st.booleans())
    def renew(self, who: int, opened: bool) -> None:  # noqa: FBT001 - hypothesis hands it over by name
        """The page of a person tells what it has, also what it lost long ago."""
        self.model.expire(self.now)
        own = {id_: place for id_, place in self.assignments.items() if place[0] == who}
        ids = sorted(own)
        with self.database.write() as session:
            found = workflow.renew(
                session,
                self.project,
                self.people[who],
                ids,
                opened=ids[:1] if opened else [],
                lease=LEASE,
                now=self.now,
            )
            states = {one.id: one.state for one in found}
        for id_ in ids:
            _, number, round_ = own[id_]
            right = self.model.renew(who, number, round_, self.now, opened=opened and id_ == ids[0])
            assert states[id_] == right

    @rule(who=person, everything=st.booleans())
    def leave(self, who: int, everything: bool) -> None:  # noqa: FBT001 - as above
        """The page goes: what was ready comes free, and what was on its screen if it says so."""
        own = sorted(id_ for id_, place in self.assignments.items() if place[0] == who)
        with self.database.write() as session:
            named = {"ids": own} if everything else {"ids": [], "ready": own}
            workflow.release(session, self.project, self.people[who], **named)
        for hold in self.model.held_by(who).values():
            if everything or hold.desk == "ready":
                hold.state = "expired"

    @rule(who=person)
    def sign_out(self, who: int) -> None:
        with self.database.write() as session:
            claims.release_desks(session, self.people[who])
        for hold in self.model.held_by(who).values():
            if hold.desk:
                hold.state = "expired"

    @rule(who=person)
    def look(self, who: int) -> None:
        """A look holds nothing, and an answer to what it showed obeys the same rules as any other."""
        self.model.expire(self.now)
        mine, free = self.model.held_by(who), self.model.may_claim(who)
        with self.database.write() as session:
            seen = workflow.show(session, self.project, self.people[who], count=9, now=self.now)
        places = [(self.items.index(one.item.id), one.assignment.round) for one in seen]
        assert set(places) == {*mine, *((n, self.model.items[n].round) for n in free)}
        for one, (number, round_) in zip(seen, places, strict=True):
            self.assignments[one.assignment.id] = (who, number, round_)
            self.model.items[number].holds.setdefault((who, round_), Hold("expired", self.now))

    @rule(pick=st.integers(0, 10**6), given=label)
    def submit(self, pick: int, given: str | None) -> None:
        """Answer any assignment there ever was: live, ended, done already, of an earlier round."""
        if not self.assignments:
            return
        id_ = sorted(self.assignments)[pick % len(self.assignments)]
        who, number, round_ = self.assignments[id_]
        answer = Answer(
            f"key-{next(self.keys):08d}", id_, {"label": given} if given else None, skip=None if given else "x"
        )
        assert self._send(who, answer) == self.model.answer(who, number, round_, given)
        self.sent.append((who, answer, "replayed"))

    @rule(pick=st.integers(0, 10**6))
    def submit_again(self, pick: int) -> None:
        if self.sent:
            who, answer, expected = self.sent[pick % len(self.sent)]
            assert self._send(who, answer) == expected

    def _send(self, who: int, answer: Answer) -> str:
        with self.database.write() as session:
            question = Question.of(session, session.get_one(Project, self.project))
            receipt = workflow.submit(session, question, self.people[who], [answer], now=self.now)[0]
        self.acknowledged.add((self.people[who], answer.key))
        return receipt.status

    @rule(minutes=st.sampled_from([1, 10, 31]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(who=person, pick=st.integers(0, 10**6))
    def undo(self, who: int, pick: int) -> None:
        with self.database.write() as session:
            own = session.scalars(select(Annotation).where(Annotation.user_id == self.people[who])).all()
            if not own:
                return
            chosen = own[pick % len(own)]
            status, place = chosen.status, self.assignments[chosen.assignment_id or 0]
            if status in {"undone", "superseded"}:
                with pytest.raises(Conflict):
                    workflow.undo(session, self.project, self.people[who], chosen.id, lease=LEASE, at=self.now)
                return
            workflow.undo(session, self.project, self.people[who], chosen.id, lease=LEASE, at=self.now)
            earlier = select(func.count()).where(Annotation.item_id == chosen.item_id, Annotation.id < chosen.id)
            self.model.items[place[1]].forget(session.scalar(earlier) or 0)
        self.model.undo(who, place[1], place[2], status, self.now)

    @rule(number=item_number, decision=st.sampled_from(["keep", "relabel", "exclude", "send_back"]))
    def decide(self, number: int, decision: str) -> None:
        made = Decision(
            f"rev-{next(self.keys):08d}",
            self.items[number],
            decision,
            self.codes["dog"] if decision == "relabel" else "",
        )
        try:
            with self.database.write() as session:
                workflow.resolve(session, session.get_one(Project, self.project), made, by=self.people[0])
        except Invalid:
            assert decision == "keep", "only a label that is not there cannot be kept"
            return
        self.model.decide(number, decision)

    @rule()
    def take_back(self) -> None:
        with self.database.write() as session:
            undone = workflow.take_back(session, session.get_one(Project, self.project), self.people[0])
            for one in undone:
                before = review.current_of(session, one.item_id)
                item = self.model.items[self.items.index(one.item_id)]
                self.model.take_effect_back(item)
                if before is not None:
                    self.model.decide(self.items.index(one.item_id), before.decision)

    @rule(votes=st.integers(1, 3))
    def change_votes(self, votes: int) -> None:
        with self.database.write() as session:
            workflow.change_votes(session, session.get_one(Project, self.project), votes)
        self.model.want(votes)

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        with self.database.read() as session:
            for number, item_id in enumerate(self.items):
                item, right = session.get_one(Item, item_id), self.model.items[number]
                assert (item.round, item.open_slots) == (right.round, right.open(self.model.votes))
                holds = session.scalars(select(Assignment).where(Assignment.item_id == item_id)).all()
                states = {(self.people.index(one.user_id), one.round): one.state for one in holds}
                assert states == {place: hold.state for place, hold in right.holds.items()}
                desks = {(self.people.index(one.user_id), one.round): one.desk for one in holds if one.state == "held"}
                assert desks == {place: hold.desk for place, hold in right.holds.items() if hold.state == "held"}
                counted = select(Annotation.user_id, Annotation.code)
                rows = session.execute(
                    counted.where(Annotation.item_id == item_id, Annotation.status == "counted")
                ).all()
                assert len(rows) == len({row[0] for row in rows}), "one counted answer a person and item"
                assert {self.people.index(row[0]): row[1] for row in rows} == {
                    who: self.codes[given] for who, given in right.counted.items()
                }

    @invariant()
    def stored_counts_are_what_the_rows_say(self) -> None:
        with self.database.read() as session:
            project = session.get_one(Project, self.project)
            assert assignment.recount(session, project, sorted(review.excluded_items(session, self.project))) == {}
            assert agreement.recount(session, self.project) == {}

    @invariant()
    def everything_acknowledged_is_stored(self) -> None:
        with self.database.read() as session:
            stored = {(row[0], row[1]) for row in session.execute(select(Annotation.user_id, Annotation.key))}
        assert stored == self.acknowledged


def test_every_story_ends_as_the_model_says() -> None:
    run_state_machine_as_test(
        Stories,
        settings=settings(
            max_examples=max(25, LONGER // STEPS),
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not LONGER,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

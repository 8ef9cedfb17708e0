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
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.accounts.models import Membership, User
from labeler.adaptive_votes.rule import UNKNOWN, VoteRule, certainty
from labeler.agreement import queries as agreement
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.assignment import claims
from labeler.assignment import queries as assignment
from labeler.assignment.models import Assignment
from labeler.assignment.rounds import REPEAT, TEST
from labeler.config import read_settings
from labeler.decisions import final
from labeler.decisions.actions import Decision
from labeler.errors import Conflict, Invalid
from labeler.exchange.rows import Row
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.storage.files import FileStore
from labeler.test_items import serving as test_serving
from labeler.test_items.queries import JudgedAnswer, judged_answers, repeated_answers
from tests import fresh

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=30)
LABELS = ("cat", "dog")
PEOPLE, ITEMS, STEPS = 3, 3, 40
LONGER = int(os.environ.get("LABELER_MODEL_STEPS", "0"))
person = st.integers(0, PEOPLE - 1)
item_number = st.integers(0, ITEMS - 1)
label = st.sampled_from([*LABELS, None])
MAKER = 0  # who makes items test items, and is not tested by them
TARGET = 0.1


@dataclass
class Hold:
    """One person's hold on one item in one round, as the model sees it."""

    state: str
    ends: datetime
    desk: str = ""


@dataclass
class Statement:
    """One answer or skip (given: None) as it was acknowledged. taken_by: the answer of a later round in its place."""

    who: int
    round: int
    given: str | None
    status: str
    taken_by: "Statement | None" = None


@dataclass
class Made:
    """One decision. round: the one it opened, of sending back; replaced: a later one took its effect back."""

    decision: str
    round: int = 0
    replaced: bool = False
    undone: bool = False


@dataclass
class Asked:
    """One more answer that a lead asked for, and what the item wanted before."""

    wanted: int
    before: int | None
    before_for: int | None
    undone: bool = False


@dataclass
class ModelItem:
    """One item. said: all statements in the order they came; only_for: whom the round is for, None for anybody.

    own: answers it wants in its first round, None for as many as the project says; test: whether it is a test item.
    """

    round: int = 0
    own: int | None = None
    test: bool = False
    asked: list[Asked] = field(default_factory=list)
    holds: dict[tuple[int, int], Hold] = field(default_factory=dict)
    said: list[Statement] = field(default_factory=list)
    decisions: list[Made] = field(default_factory=list)
    only_for: int | None = None

    @property
    def newest(self) -> Made | None:
        return next((one for one in reversed(self.decisions) if not one.undone), None)

    @property
    def stood(self) -> Made | None:
        """The newest decision that was not undone stands, but a question stands only until it is answered."""
        made = self.newest
        return None if made is None or (made.decision == "send_back" and self.answered(made)) else made

    @property
    def decision(self) -> str:
        return self.stood.decision if self.stood else ""

    def answered(self, made: Made) -> bool:
        return any(one.round >= made.round for one in self.standing("counted"))

    def wanted(self, votes: int) -> int:
        return 1 if self.round else self.first(votes)

    def first(self, votes: int) -> int:
        return votes if self.own is None else self.own

    def want(self, wanted: int | None, votes: int) -> None:
        self.own = None if wanted == votes else wanted

    def least(self) -> int:
        """What leads asked for and did not take back."""
        return max((one.wanted for one in self.asked if not one.undone), default=0)

    def seen_by(self, who: int) -> bool:
        has = any(person_ == who and hold.state != "expired" for (person_, _), hold in self.holds.items())
        return has or any(one.who == who for one in self.said)

    def taken(self) -> int:
        return sum(h.state in {"held", "done"} for (_, round_), h in self.holds.items() if round_ == self.round)

    def open(self, votes: int) -> int:
        return 0 if self.decision == "exclude" else max(0, self.wanted(votes) - self.taken())

    def standing(self, status: str) -> list[Statement]:
        return [one for one in self.said if one.status == status]

    def counted(self) -> dict[int, str]:
        found = self.standing("counted")
        assert len(found) == len({one.who for one in found}), "one counted answer a person"
        return {one.who: one.given or "" for one in found}

    def restore(self, gone: Statement) -> None:
        """What an answer of a later round took the place of stands again."""
        for one in self.said:
            if one.taken_by is gone:
                one.status, one.taken_by = "counted", None


class Model:
    """What should be true. Every method is one sentence of the rules."""

    def __init__(self) -> None:
        self.rule = VoteRule(2, target=TARGET)
        self.items = [ModelItem() for _ in range(ITEMS)]
        self.members, self.paused = set(range(PEOPLE)), set[int]()

    @property
    def votes(self) -> int:
        return self.rule.minimum

    def expire(self, now: datetime) -> None:
        for item in self.items:
            for hold in item.holds.values():
                if hold.state == "held" and hold.ends <= now:
                    hold.state = "expired"

    def claimed(self, who: int, number: int, now: datetime, desk: str = "") -> None:
        item = self.items[number]
        assert who not in self.paused, "who is paused is handed nothing"
        hold = item.holds.get((who, item.round))
        assert hold is None or hold.state == "expired", "nobody is asked twice in one round"
        assert item.open(self.votes) > 0, "nothing is handed out beyond what is wanted"
        item.holds[who, item.round] = Hold("held", now + LEASE, desk)

    def tested(self, who: int, number: int, round_: int, now: datetime, desk: str) -> None:
        """A test item comes to who has never seen it, a repeat to who answered the item before; nobody else waits."""
        item = self.items[number]
        before = item.holds.get((who, round_))
        assert before is None or before.state == "expired", "nobody is asked twice"
        assert who not in self.paused, "who is paused is handed nothing"
        if round_ == TEST:
            assert item.test, "only test items are served as such"
            assert who != MAKER, "who knows what is right is not tested"
            assert not item.seen_by(who), "nobody is tested on what they have seen"
        else:
            assert who in item.counted(), "a repeat is of what one answered"
        item.holds[who, round_] = Hold("held", now + LEASE, desk)

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
        if who in self.paused:
            return hold.state
        if hold.state == "expired" and (round_ < 0 or (round_ == item.round and item.open(self.votes) > 0)):
            hold.state, hold.desk = "held", "ready"
        if hold.state == "held":
            hold.ends = now + LEASE
            hold.desk = "open" if opened and hold.desk == "ready" else hold.desk
        return hold.state

    def leave(self, who: int) -> None:
        """Whoever goes holds nothing any more, and what was sent back to them is for anybody."""
        for hold in self.held_by(who).values():
            hold.state = "expired"
        for item in self.items:
            item.only_for = None if item.only_for == who else item.only_for

    def may_claim(self, who: int) -> set[int]:
        return {
            n
            for n, item in enumerate(self.items)
            if who not in self.paused
            and item.open(self.votes) > 0
            and not any(
                person_ == who and hold.state != "expired" and round_ in {item.round, TEST}
                for (person_, round_), hold in item.holds.items()
            )
            and item.only_for in {None, who}
        }

    def answer(self, who: int, number: int, round_: int, given: str | None) -> str:
        item = self.items[number]
        hold, made = item.holds[who, round_], Statement(who, round_, given, "late")
        item.said.append(made)
        if round_ < 0:
            self._beside(item, made, hold)
            return "created"
        before = item.counted()
        became = self._vote(item, made, hold)
        self.weigh(item, before)
        return became

    def _beside(self, item: ModelItem, made: Statement, hold: Hold) -> None:
        """A test and a repeat are answered whenever somebody says something; their newest word stands, as no vote."""
        for one in item.said[:-1]:
            if (one.who, one.round) == (made.who, made.round) and one.status in {"audit", "skipped"}:
                one.status = "superseded"
        made.status = hold.state = "skipped"
        if made.given is not None:
            made.status, hold.state = "audit", "done"

    def weigh(self, item: ModelItem, before: dict[int, str]) -> None:
        """While votes do not say surely enough what an item is, it wants one more."""
        after = item.counted()
        same = sorted(before.values()) == sorted(after.values())
        if same or not self.rule.is_adaptive or item.round or item.own == 0 or item.decision == "exclude":
            return
        sure = certainty([(given, UNKNOWN) for given in after.values()], len(LABELS))
        wanted = self.rule.after("", len(after), sure)
        least = max(item.taken() if len(after) >= self.rule.least else 0, item.least())
        item.want(least if least > (self.votes if wanted is None else wanted) else wanted, self.votes)

    def _vote(self, item: ModelItem, made: Statement, hold: Hold) -> str:
        if made.given is None and hold.state == "skipped":
            self._skip(item, made)
            self._is_for_anybody(item, made)
            return "created"
        if not self._in_time(item, made, hold):
            hold.state = "expired" if hold.state == "held" else hold.state
            return "late"
        self._is_for_anybody(item, made)
        if made.given is None:
            hold.state = "skipped"
            item.only_for = None if made.round else item.only_for
            self._skip(item, made)
        else:
            hold.state = "done"
            self._count(item, made)
        return "created"

    def _is_for_anybody(self, item: ModelItem, made: Statement) -> None:
        """What was given to somebody by name is anybody's once they have said something."""
        if made.round == 0 and item.only_for == made.who:
            item.only_for = None

    def _in_time(self, item: ModelItem, made: Statement, hold: Hold) -> bool:
        counted = item.standing("counted")
        if any(one.round > made.round for one in counted):
            return False
        if hold.state == "held":
            others = sum(one.round == made.round and one.who != made.who for one in counted)
            return made.given is None or not others or others < (1 if made.round else item.first(self.votes))
        return hold.state == "done" or (made.round == item.round and item.open(self.votes) > 0)

    def _skip(self, item: ModelItem, made: Statement) -> None:
        """A skip takes back what was answered in its round, and stands instead of an earlier skip."""
        for one in item.said:
            if one.who == made.who and one.round == made.round and one.status == "counted":
                one.status = "superseded"
                item.restore(one)
            elif one.who == made.who and one.status == "skipped" and one.round <= made.round:
                one.status = "superseded"
        made.status = "skipped"

    def _count(self, item: ModelItem, made: Statement) -> None:
        """An answer stands instead of the person's own and of all that was answered in earlier rounds."""
        for one in item.said:
            mine = one.who == made.who
            if one.status == "counted" and (mine or one.round < made.round):
                one.status = "superseded"
                one.taken_by = made if one.round < made.round else None
                for earlier in item.said:
                    handed_on = earlier.taken_by is one and one.round == made.round
                    earlier.taken_by = made if handed_on else earlier.taken_by
            elif one.status == "skipped" and mine and one.round <= made.round:
                one.status = "superseded"
        made.status = "counted"

    def undo(self, number: int, taken_back: Statement, now: datetime) -> None:
        item = self.items[number]
        hold, status = item.holds[taken_back.who, taken_back.round], taken_back.status
        before, free = item.counted(), taken_back.round < 0
        free = free or (taken_back.round == item.round and item.open(self.votes) > 0)
        if status == "counted" or (status == "audit" and hold.state == "done"):
            hold.state = "expired" if item.decision == "exclude" else "held"
            hold.ends = now + LEASE if hold.state == "held" else hold.ends
        elif status == hold.state == "skipped" and free:
            hold.state, hold.ends = "held", now + LEASE
        if status != "late" and (hold.state, hold.desk) == ("held", "ready"):
            hold.desk = "open"
        taken_back.status = "undone"
        if status == "counted" and taken_back.round:
            item.restore(taken_back)
        self.weigh(item, before)

    def decide(self, number: int, decision: str) -> None:
        item = self.items[number]
        if item.stood is not None:
            item.stood.replaced = True
            self._take_effect_back(item, item.stood)
        item.decisions.append(Made(decision))
        self._take_effect(item, item.decisions[-1])

    def take_back(self, number: int) -> None:
        """What stood before stands again; a question whose answer was taken back meanwhile is asked still."""
        item = self.items[number]
        undone = item.stood
        assert undone is not None
        self._take_effect_back(item, undone)
        undone.undone = True
        before = item.newest
        if before is not None and before.replaced:
            before.replaced = False
            self._take_effect(item, before)
        elif before is not None and item.stood is before and item.round != before.round:
            self._take_effect(item, before)

    def _take_effect(self, item: ModelItem, made: Made) -> None:
        if made.decision == "exclude":
            self._let_go(item, {round_ for _, round_ in item.holds})
        elif made.decision == "send_back":
            answered = [one.who for one in item.standing("counted") if one.who in self.members]
            newest = max((round_ for _, round_ in item.holds), default=0)
            item.round = made.round = max(item.round, newest) + 1
            item.only_for = answered[-1] if answered else None

    def _take_effect_back(self, item: ModelItem, made: Made) -> None:
        if made.decision == "send_back":
            self._let_go(item, {item.round})
            rounds = [r for (_, r), h in item.holds.items() if 0 <= r < item.round and h.state in {"held", "done"}]
            item.round, item.only_for = max(rounds, default=0), None

    def _let_go(self, item: ModelItem, rounds: set[int]) -> None:
        for (_, round_), hold in item.holds.items():
            if round_ in rounds and hold.state == "held":
                hold.state = "expired"

    def change_rule(self, rule: VoteRule) -> None:
        self.rule = rule
        for item in self.items:
            if item.own != 0:
                item.own = rule.at_first("")
                item.own = item.least() if item.least() > item.first(self.votes) else item.own
            first = [hold for (_, round_), hold in item.holds.items() if round_ == 0]
            if sum(hold.state == "done" for hold in first) >= item.first(self.votes):
                self._let_go(item, {0})
            before, open_ = item.counted(), item.open(self.votes)
            for late in [one for one in item.said if item.round == one.round == 0 and self._may_count(item, one)]:
                if open_ > 0:
                    open_ -= 1
                    item.holds[late.who, 0].state = "done"
                    self._count(item, late)
            self.weigh(item, before)

    def make_test(self, number: int) -> None:
        """A test item wants no votes; who holds it is let go."""
        item = self.items[number]
        item.test, item.own = True, 0
        if item.round == 0:
            self._let_go(item, {0})

    def end_test(self, number: int) -> None:
        item = self.items[number]
        if item.test:
            item.test, item.own = False, None
            self._let_go(item, {TEST})

    def ask(self, number: int, whom: int | None) -> str:
        """One more answer, from somebody who has not seen the item; before all others."""
        item, votes = self.items[number], self.votes
        if item.decision == "exclude" or item.round or item.own == 0:
            return "elsewhere"
        if all(item.seen_by(one) for one in (self.members if whom is None else {whom})):
            return "nobody"
        full = item.open(votes) == 0
        wanted = max(item.first(votes) + 1, item.taken() + 1) if full else item.first(votes)
        item.asked.append(Asked(wanted, item.own, item.only_for))
        item.only_for = whom
        item.want(wanted, votes)
        return "asked"

    def take_asking_back(self, number: int) -> None:
        """What was answered meanwhile stays; what the item wanted before it wants again."""
        item = self.items[number]
        asked = next(one for one in reversed(item.asked) if not one.undone)
        asked.undone = True
        if item.round == 0 and item.first(self.votes) == asked.wanted:
            item.only_for = asked.before_for if asked.before_for in self.members else None
            item.want(asked.before, self.votes)

    def bring_back(self, who: int) -> int:
        """Who skipped items is asked about those again that still want an answer."""
        found = 0
        for item in self.items:
            hold = item.holds.get((who, item.round))
            if hold is not None and hold.state == "skipped" and item.open(self.votes) > 0:
                hold.state, found = "expired", found + 1
                for one in item.said:
                    skipped = (one.who, one.round, one.status) == (who, item.round, "skipped")
                    one.status = "undone" if skipped else one.status
        return found

    def _may_count(self, item: ModelItem, late: Statement) -> bool:
        """A late answer that is its person's newest word in the first round, if they do not hold the item again."""
        place = next(n for n, one in enumerate(item.said) if one is late)
        newer = any((one.who, one.round) == (late.who, 0) for one in item.said[place + 1 :])
        free = item.holds[late.who, 0].state in {"expired", "skipped"}
        return late.status == "late" and late.given is not None and free and not newer


class Stories(RuleBasedStateMachine):
    """The steps of a story, each done in the database and in the model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="labeler-model-")
        self.database = fresh.open_new(read_settings({}, instance=Path(self.folder.name)))
        self.model, self.now, self.keys = Model(), NOW, itertools.count(1)
        self.acknowledged: set[tuple[int, str]] = set()
        self.sent: list[tuple[int, Answer, str]] = []
        self.assignments: dict[int, tuple[int, int, int]] = {}  # id: (person, item, round)
        self.statements: dict[str, tuple[int, Statement]] = {}  # key: (item, what was said)
        self.requests: list[tuple[str, int]] = []  # batches that stand: (key, item)

    @initialize()
    def begin(self) -> None:
        with self.database.write() as session:
            self.people = [
                accounts.add_user(session, f"p{n}@example.org", role="annotator", now=NOW).id for n in range(PEOPLE)
            ]
            new = NewProject("pets", "text", "classification", [(name, "") for name in LABELS], votes=2)
            self.project = create_project(session, new, by=self.people[0], now=NOW).id
            session.execute(update(User).values(password_hash="never looked at"))
            for one in self.people:
                accounts.set_member(session, self.project, one, role="annotator", now=NOW)
            rules = {"test_share": 0.4, "repeat_share": 0.2}
            workflow.change_serving(session, session.get_one(Project, self.project), rules)
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
        assert who in self.model.paused or len(got) >= min(count, len(before) + len(free)), "what is free is handed out"
        for place in got:
            self.model.held_by(who)[place].desk = ""

    @rule(who=person, count=st.integers(1, 3))
    def open_workspace(self, who: int, count: int) -> None:
        """What comes is a share: never nothing while something is free or lies ready, never beyond what is wanted."""
        self.model.expire(self.now)
        before, free = self.model.held_by(who), self.model.may_claim(who)
        with self.database.write() as session:
            held, _ = workflow.serve_workspace(
                session, self.project, self.people[who], count=count, lease=LEASE, now=self.now
            )
        got = self._handed(who, held, before, "ready")
        assert got or not free
        if who not in self.model.paused:
            self._first_is_open(who, [place for place in got if place[1] >= 0])

    def _first_is_open(self, who: int, own: list[tuple[int, int]]) -> None:
        mine = self.model.held_by(who)
        if own and mine[own[0]].desk == "ready" and not any(mine[place].desk == "open" for place in own):
            mine[own[0]].desk = "open"

    def _handed(
        self, who: int, held: list[workflow.Held], before: dict[tuple[int, int], Hold], desk: str
    ) -> list[tuple[int, int]]:
        """Tell the model what was handed out, and from whom it was taken where it was not free."""
        got = [(self.items.index(one.item.id), one.assignment.round) for one in held]
        assert len(got) == len(set(got))
        for one in self._holds_of(who):
            number, round_ = self.items.index(one.item_id), one.round
            self.assignments[one.id] = (who, number, round_)
            if (number, round_) in before:
                hold = self.model.items[number].holds[who, round_]
                assert one.expires_at in {hold.ends, self.now + LEASE}, "a lease only ever grows by a whole one"
                assert one.desk in {hold.desk, "", "open"}
                hold.ends, hold.desk = (
                    one.expires_at,
                    "ready" if (hold.desk, one.desk) == ("ready", "open") else one.desk,
                )
                continue
            if round_ < 0:
                self.model.tested(who, number, round_, self.now, desk)
                continue
            if self.model.items[number].open(self.model.votes) == 0:
                self.model.given_up(number, self._who_lost(number, who))
            self.model.claimed(who, number, self.now, desk)
        return got

    def _holds_of(self, who: int) -> list[Assignment]:
        """Return what somebody holds now, also what was not handed out this time: no more than was asked for is."""
        with self.database.read() as session:
            mine = select(Assignment).where(Assignment.user_id == self.people[who], Assignment.state == "held")
            return list(session.scalars(mine.order_by(Assignment.id)))

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
            claims.release_workspaces(session, self.people[who])
        for hold in self.model.held_by(who).values():
            if hold.desk:
                hold.state = "expired"

    @rule(who=person)
    def look(self, who: int) -> None:
        """A look holds nothing, and an answer to what it showed obeys the same rules as any other."""
        self.model.expire(self.now)
        mine = {place for place in self.model.held_by(who) if place[1] >= 0 and who not in self.model.paused}
        free = self.model.may_claim(who)
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
        self.statements[answer.key] = (number, self.model.items[number].said[-1])
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
            number, said = self.statements[chosen.key]
            assert chosen.status == said.status
            if chosen.status in {"undone", "superseded"}:
                with pytest.raises(Conflict):
                    workflow.undo(session, self.project, self.people[who], chosen.id, lease=LEASE, at=self.now)
                return
            workflow.undo(session, self.project, self.people[who], chosen.id, lease=LEASE, at=self.now)
        self.model.undo(number, said, self.now)

    @rule(number=item_number, decision=st.sampled_from(["keep", "relabel", "exclude", "send_back", "ambiguous"]))
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
            labels = set(self.model.items[number].counted().values())
            assert decision == "keep" or (decision == "ambiguous" and len(labels) < len(LABELS)), "nothing to keep"
            return
        self.model.decide(number, decision)

    @rule(number=item_number, who=person, later=st.sampled_from(["exclude", "keep", "send_back", ""]))
    def ask_again(self, number: int, who: int, later: str) -> None:
        """A lead sends an item back, somebody answers, the lead goes on: what chance alone seldom brings together."""
        self.decide(number, "send_back")
        self.claim(who, ITEMS)
        asked = (who, number, self.model.items[number].round)
        ids = sorted(self.assignments)
        if asked in self.assignments.values():
            self.submit(next(place for place, id_ in enumerate(ids) if self.assignments[id_] == asked), "cat")
        if later:
            self.decide(number, later)

    @rule()
    def take_back(self) -> None:
        with self.database.write() as session:
            undone = workflow.take_back(session, session.get_one(Project, self.project), self.people[0])
            for one in undone:
                self.model.take_back(self.items.index(one.item_id))

    @rule(who=person)
    def leave_or_come_back(self, who: int) -> None:
        with self.database.write() as session:
            membership = session.get(Membership, (self.project, self.people[who]))
            if membership is not None:
                workflow.remove_member(session, self.project, self.people[who])
                self.model.leave(who)
            else:
                accounts.set_member(session, self.project, self.people[who], role="annotator", now=NOW)
        self.model.members ^= {who}

    @rule(votes=st.integers(1, 3), cap=st.sampled_from([0, 0, 3, 4]))
    def change_votes(self, votes: int, cap: int) -> None:
        cap = cap if cap > votes else 0
        with self.database.write() as session:
            project = session.get_one(Project, self.project)
            workflow.change_serving(session, project, {"votes": votes, "votes_cap": cap, "target_error": TARGET})
        self.model.change_rule(VoteRule(votes, cap, TARGET))

    @rule(number=item_number, still=st.booleans())
    def make_or_end_test(self, number: int, still: bool) -> None:  # noqa: FBT001 - as above
        with self.database.write() as session:
            project = session.get_one(Project, self.project)
            if still:
                maker, value = self.people[MAKER], {"label": "cat"}
                workflow.make_test(session, project, self.items[number], by=maker, value=value)
            else:
                workflow.end_tests(session, project, [self.items[number]])
        (self.model.make_test if still else self.model.end_test)(number)

    @rule(number=item_number, whom=st.sampled_from([None, *range(PEOPLE)]))
    def ask_one_more(self, number: int, whom: int | None) -> None:
        people = () if whom is None else [self.people[whom]]
        with self.database.write() as session:
            project, batch = session.get_one(Project, self.project), f"ask-{next(self.keys):08d}"
            try:
                found = workflow.ask_one_more(
                    session, project, [self.items[number]], by=self.people[0], batch=batch, people=people
                )
            except Invalid:
                assert whom not in self.model.members
                return
        became = self.model.ask(number, whom)
        assert vars(found) == {"asked": 0, "nobody": 0, "elsewhere": 0, became: 1}
        if became == "asked":
            self.requests.append((batch, number))

    @rule()
    def take_asking_back(self) -> None:
        with self.database.write() as session:
            batch = workflow.newest_request(session, self.project, self.people[0])
            assert batch == (self.requests[-1][0] if self.requests else "")
            if batch:
                workflow.take_back_request(session, session.get_one(Project, self.project), batch)
        if self.requests:
            self.model.take_asking_back(self.requests.pop()[1])

    @rule(who=person)
    def bring_back_skipped(self, who: int) -> None:
        with self.database.write() as session:
            found = workflow.bring_back_skipped(session, self.project, self.people[who])
        assert found == self.model.bring_back(who)

    @rule(who=person)
    def pause_or_resume(self, who: int) -> None:
        if who not in self.model.members:
            return
        paused = who in self.model.paused
        with self.database.write() as session:
            project, whom = session.get_one(Project, self.project), self.people[who]
            if paused:
                workflow.resume(session, project, whom)
            else:
                workflow.pause(session, project, whom, by=self.people[0], now=self.now)
        self.model.paused ^= {who}
        if not paused:
            self.model.leave(who)

    @rule(who=person)
    def free_holds(self, who: int) -> None:
        with self.database.write() as session:
            freed = workflow.free_holds(session, session.get_one(Project, self.project), self.people[who])
        held = self.model.held_by(who)
        assert freed == len(held)
        for hold in held.values():
            hold.state = "expired"

    @rule(order=st.sampled_from(["in_order", "shuffled", "fewest_first", "most_uncertain", "most_doubtful"]))
    def change_order(self, order: str) -> None:
        """Another order changes what comes first, and nothing of what may come."""
        with self.database.write() as session:
            workflow.change_serving(session, session.get_one(Project, self.project), {"order": order})

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
                    who: self.codes[given] for who, given in right.counted().items()
                }
                standing = final.standing_of(session, self.project, item_id)
                assert (standing.decision, item.only_for) == (
                    right.decision,
                    None if right.only_for is None else self.people[right.only_for],
                )
                skips = select(func.count()).where(Annotation.item_id == item_id, Annotation.status == "skipped")
                assert session.scalar(skips) == len(right.standing("skipped"))

    @invariant()
    def stored_counts_are_what_the_rows_say(self) -> None:
        with self.database.read() as session:
            project = session.get_one(Project, self.project)
            assert assignment.recount(session, project, sorted(final.excluded_items(session, self.project))) == {}
            assert agreement.recount(session, self.project) == {}

    @invariant()
    def tests_and_repeats_are_judged_and_are_no_votes(self) -> None:
        if not any(item.standing("audit") for item in self.model.items):
            return  # spares two searches after most steps
        with self.database.read() as session:
            judged = {(self.people.index(a.user_id), self.items.index(a.item_id)): a for a in self._judged(session)}
            again = repeated_answers(session, self.project)
        for number, item in enumerate(self.model.items):
            for one in item.standing("audit"):
                assert one.round in {TEST, REPEAT}
                counts = item.test and item.decision not in {"exclude", "ambiguous"} and one.round == TEST
                assert ((one.who, number) in judged) >= counts
        assert all(self.model.items[number].test for _, number in judged)
        assert len(again) <= sum(one.round == REPEAT for item in self.model.items for one in item.standing("audit"))

    def _judged(self, session: Session) -> list[JudgedAnswer]:
        return judged_answers(session, self.project)

    @invariant()
    def everything_acknowledged_is_stored(self) -> None:
        with self.database.read() as session:
            stored = {(row[0], row[1]) for row in session.execute(select(Annotation.user_id, Annotation.key))}
        assert stored == self.acknowledged


def test_every_story_ends_as_the_model_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_serving, "AGAIN_AFTER", 1)  # nobody answers fifty items in a story
    run_state_machine_as_test(
        Stories,
        settings=settings(
            max_examples=max(25, LONGER // STEPS),
            stateful_step_count=STEPS,
            derandomize=not LONGER,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""Labels saved: recorded votes replayed one at a time through the serving code: `python -m tests.bench replay [set …]`.

One JSON line a set: `needed`, labels an item until the consensus is as often right as a majority of three votes on
every item, for three ways of choosing what is asked next: `served` (the product: most uncertain first, adaptive votes,
voters weighed again after every tenth of the items), `by_votes` (the item whose votes lead by least, judged by
majority) and `fixed` (three on every item). `saved` is 1 - served / 3. Truth is read only to count.

A recorded set has only some votes of each item, so who answers next is drawn from those who did: what is served comes
from the queue as somebody new sees it, and is then held, answered and settled as any answer is. Test items and repeats
are served in between (a twentieth each) and must never count: `beside` is how many were, `votes_of_them` must be 0.
"""

import argparse
import itertools
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.accounts.models import User
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.config import read_settings
from labeler.consensus.base import Votes
from labeler.consensus.methods import majority
from labeler.consensus.registry import METHODS, recommended
from labeler.exchange.rows import Row
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from tests import fresh
from tests.bench.label_sets import LabelSet, read
from tests.bench.report import emit, shared_data
from tests.conftest import LEASE

SETS = ("rte", "dog", "weather_amt", "sentiment_polarity", "bluebirds")
SEED, SHORT, LONG, DRAWS = 1979, 100, 500, 200
CAP, TARGET = 7, 0.02
PIECE = 0.1  # of the items: labels between two looks at the accuracy


@dataclass(frozen=True, eq=False)
class Recorded:
    """Some items of a set: for each, the votes (annotator, label) in an order of chance, and what is true."""

    name: str
    votes: list[list[tuple[int, int]]]
    truth: NDArray[np.int64]
    classes: list[str]
    people: int


def recorded(found: LabelSet, most: int) -> Recorded:
    """Draw items with three votes or more whose truth is known."""
    chance = np.random.default_rng(SEED)
    by_item: dict[int, list[tuple[int, int]]] = {}
    for item, who, label in zip(found.votes.item, found.votes.annotator, found.votes.label, strict=True):
        by_item.setdefault(int(item), []).append((int(who), int(label)))
    usable = [one for one, votes in by_item.items() if len(votes) >= 3 and found.truth[one] >= 0]
    chosen = sorted(chance.permutation(usable)[:most])
    votes = [[by_item[one][at] for at in chance.permutation(len(by_item[one]))] for one in chosen]
    return Recorded(found.name, votes, found.truth[chosen], found.classes, found.votes.n_annotators)


def share_right(label: NDArray[np.integer[Any]], truth: NDArray[np.int64], tally: NDArray[np.float64]) -> float:
    """Return the share of items whose label is right; a tie counts as a fair draw among its classes."""
    tied = label < 0
    best = tally == tally.max(axis=1, keepdims=True)
    fair = best[np.arange(len(truth)), truth] / best.sum(axis=1)
    return float(np.where(tied, fair, label == truth).mean())


def as_votes(of: Recorded, given: list[int]) -> Votes:
    """Return the first so many votes of each item."""
    rows = [(item, who, label) for item, count in enumerate(given) for who, label in of.votes[item][:count]]
    table = np.array(rows, np.int64).reshape(-1, 3)
    return Votes(table[:, 0], table[:, 1], table[:, 2], len(of.votes), of.people, len(of.classes))


def right_of_three(of: Recorded) -> float:
    """Return how often a majority of three votes is right, over many draws of the three."""
    chance, found = np.random.default_rng(SEED), []
    for _ in range(DRAWS):
        three = [chance.choice(len(votes), 3, replace=False) for votes in of.votes]
        rows = [(item, *of.votes[item][at]) for item, places in enumerate(three) for at in places]
        table = np.array(rows, np.int64)
        votes = Votes(table[:, 0], table[:, 1], table[:, 2], len(of.votes), of.people, len(of.classes))
        found.append(share_right(majority.consensus(votes).label, of.truth, votes.tally()))
    return float(np.mean(found))


def needed_by_votes(of: Recorded, wanted: float) -> float:
    """Return labels an item until a majority is right so often, where the vote that leads by least is asked next."""
    given, labels = [0] * len(of.votes), 0
    tally = np.zeros((len(of.votes), len(of.classes)))
    while True:
        open_ = [n for n, votes in enumerate(of.votes) if given[n] < min(len(votes), CAP)]
        if not open_:
            return float("nan")
        lead = np.sort(tally, axis=1)
        margin = lead[:, -1] - lead[:, -2]
        for n in sorted(open_, key=lambda n: (margin[n], given[n], n))[: max(1, round(PIECE * len(of.votes)))]:
            tally[n, of.votes[n][given[n]][1]] += 1
            given[n] += 1
            labels += 1
        found = as_votes(of, given)
        if share_right(majority.consensus(found).label, of.truth, found.tally()) >= wanted:
            return labels / len(of.votes)


class Replay:
    """A project in which recorded people answer what is served."""

    def __init__(self, database: Database, files: FileStore, of: Recorded) -> None:
        self.database, self.of, self.keys = database, of, itertools.count(1)
        with database.write() as session:
            now = clock(session)
            self.looks = accounts.add_user(session, "looks@example.org", role="lead", now=now).id
            self.people = [
                accounts.add_user(session, f"p{n}@example.org", role="annotator", now=now).id for n in range(of.people)
            ]
            session.execute(update(User).values(password_hash="never looked at"))
            new = NewProject("replay", "text", "classification", [(name, "") for name in of.classes], votes=2)
            self.project = create_project(session, new, by=self.looks, now=now).id
            for one in (self.looks, *self.people):
                accounts.set_member(session, self.project, one, role="annotator", now=now)
        rows = [Row(n + 1, f"e{n}", f"item {n}", None, None, {}) for n in range(len(of.votes) + 5)]
        workflow.import_items(database, files, self.project, rows, workflow.ImportPlan("set.csv", "csv"))
        with database.write() as session:
            self.items = list(session.scalars(select(Item.id).order_by(Item.id)))
            here = session.get_one(Project, self.project)
            for item in self.items[len(of.votes) :]:
                workflow.make_test(session, here, item, by=self.looks, value={"label": of.classes[0]})
            rules = {"order": "most_uncertain", "votes_cap": CAP, "target_error": TARGET}
            workflow.change_serving(session, here, {**rules, "repeat_share": 0.05, "test_share": 0.05})
        self.given, self.labels = [0] * len(of.votes), 0

    def run(self, wanted: float) -> float:
        """Let people answer until the consensus is right so often; returns labels an item."""
        piece = max(1, round(PIECE * len(self.of.votes)))
        while (asked := self._next(piece)) is not None:
            for item in asked:
                self._answer(item)
            workflow.weigh_votes(self.database, self.project)
            found = as_votes(self.of, self.given)
            label = METHODS[recommended(found)](found).label
            if share_right(label, self.of.truth, found.tally()) >= wanted:
                return self.labels / len(self.of.votes)
        return float("nan")

    def _next(self, count: int) -> list[int] | None:
        """Return what the queue holds for somebody new, of items that have recorded votes left."""
        found: list[int] = []
        with self.database.write() as session:
            order = select(Item.id).where(Item.project_id == self.project, Item.open_slots > 0)
            for item in session.scalars(order.order_by(Item.priority, Item.id)):
                n = self.items.index(item)
                if self.given[n] < len(self.of.votes[n]) and len(found) < count:
                    found.append(n)
        return found or None

    def _answer(self, n: int) -> None:
        who, label = self.of.votes[n][self.given[n]]
        with self.database.write() as session:
            question = Question.of(session, session.get_one(Project, self.project))
            user = self.people[who]
            handed = workflow.serve(session, self.project, user, count=1, lease=LEASE)
            for held in handed:
                if held.assignment.round < 0:
                    self._says(session, question, user, held.assignment.id, self.of.classes[0])
            workflow.release(session, self.project, user, [one.assignment.id for one in handed])
            held_now = workflow.serve(session, self.project, user, count=1, only=[self.items[n]], lease=LEASE)
            for held in held_now:
                assert self._says(session, question, user, held.assignment.id, self.of.classes[label]) == "created"
                self.given[n] += 1
                self.labels += 1

    def _says(self, session: Session, question: Question, user: int, assignment: int, label: str) -> str:
        answer = Answer(f"replay-{next(self.keys):08d}", assignment, {"label": label}, seconds=1.0)
        return workflow.submit(session, question, user, [answer])[0].status

    def beside(self) -> tuple[int, int]:
        """Return how many answers were given to tests and repeats, and how many of these count as votes."""
        with self.database.read() as session:
            asked = Annotation.purpose.in_(("gold", "repeat"))
            every = session.scalar(select(func.count()).select_from(Annotation).where(asked)) or 0
            counted = select(func.count()).select_from(Annotation).where(asked, Annotation.status == "counted")
            return every, session.scalar(counted) or 0


def measure(found: LabelSet, most: int) -> float:
    """Replay one set and say what it took; returns what was saved."""
    of, begun = recorded(found, most), time.process_time()
    wanted = right_of_three(of)
    with tempfile.TemporaryDirectory(prefix="labeler-replay-") as folder:
        database = fresh.open_new(read_settings({}, instance=Path(folder)))
        replay = Replay(database, FileStore(Path(folder) / "files"), of)
        served = replay.run(wanted)
        beside, counted = replay.beside()
        database.close()
    by_votes = needed_by_votes(of, wanted)
    emit(
        bench="replay",
        set=of.name,
        items=len(of.votes),
        right_of_three=wanted,
        served=served,
        by_votes=by_votes,
        fixed=3.0,
        saved=1 - served / 3,
        beside=beside,
        votes_of_them=counted,
        cpu_seconds=time.process_time() - begun,
    )
    return 1 - served / 3


def main() -> int:
    """Measure the sets that are asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("sets", nargs="*", default=list(SETS))
    asked = parser.parse_args()
    data = shared_data()
    if data is None:
        print("shared label sets absent")
        return 0
    saved = [
        measure(found, SHORT if asked.short else LONG)
        for name in asked.sets
        if (found := read(data / name)) is not None
    ]
    emit(bench="replay", set="mean", saved=float(np.nanmean(saved)), target=0.35)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

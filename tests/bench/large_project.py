"""A project of any size, written row by row into the tables: what the main path would have left, without its time.

Nine tenths of the items have all their answers; one answer in six is wrong; an inspection flagged one item in twelve,
and a lead decided one in five of these.
"""

import hashlib
import random
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import DeclarativeBase, Session

from labeler.accounts import actions as accounts
from labeler.accounts.models import User
from labeler.agreement.models import PatternCount
from labeler.annotations.models import Annotation
from labeler.app import create_app
from labeler.assignment.models import Assignment
from labeler.config import read_settings
from labeler.consensus.models import ItemConsensus
from labeler.consensus.together import Inferred
from labeler.decisions.models import Review
from labeler.projects import actions as projects
from labeler.projects.models import Item
from labeler.projects.queries import classes_of
from labeler.quality import actions as quality
from labeler.quality.models import Flag
from labeler.storage.database import Database
from labeler.storage.migrations import upgrade
from labeler.task_types.base import pattern_of

SLUG = "large"
COOKIE_FILE = "lead.cookie"
CLASSES = ("alpha", "beta", "gamma", "delta", "epsilon")
PEOPLE = 30
DAYS = 40
BATCH = 5000
NOW = datetime.now(UTC)


@dataclass
class Made:
    """What is known while the project is made."""

    project: int
    lead: int
    users: list[int]
    codes: Sequence[str]
    items: int
    votes: int
    rng: random.Random = field(default_factory=lambda: random.Random(0))

    @property
    def done(self) -> int:
        """Items with all their answers."""
        return self.items * 9 // 10

    def truth(self, number: int) -> str:
        """Return the right class of an item."""
        return self.codes[number * 7 % len(self.codes)]

    def answered(self, number: int) -> str:
        """Return what somebody answers."""
        return self.truth(number) if self.rng.random() < 5 / 6 else self.rng.choice(self.codes)


def make_large_project(folder: Path, *, items: int, votes: int) -> tuple[int, list[int]]:
    """Make the instance; returns the project's id and its annotators. COOKIE_FILE holds the lead's session cookie."""
    database = Database(read_settings({}, instance=folder))
    upgrade(database)
    with database.write() as session:
        made = _people(session, items, votes)
        _store(session, Item, _items(made))
    with database.write() as session:
        _answer(session, made)
    with database.write() as session:
        _inspect(session, made)
        token = accounts.start_sign_in(session, session.get_one(User, made.lead), NOW)
    database.close()
    app = create_app(read_settings({}, instance=folder))
    with app.test_client() as client:
        with client.session_transaction() as cookie:
            cookie["sign_in"] = token
        found = client.get_cookie("session")
        assert found is not None
        (folder / COOKIE_FILE).write_text(found.value)
    return made.project, made.users


def _people(session: Session, items: int, votes: int) -> Made:
    lead = accounts.add_user(session, "lead@example.org", role="lead", name="Lead", now=NOW).id
    names = [(name, "") for name in CLASSES]
    new = projects.NewProject(SLUG, "text", "classification", names, votes=votes, guidelines="# Look")
    project = projects.create_project(session, new, by=lead, now=NOW).id
    accounts.set_member(session, project, lead, role="lead", now=NOW)
    users = []
    for number in range(PEOPLE):
        user = accounts.add_user(session, f"p{number}@example.org", role="annotator", name=f"Person {number}", now=NOW)
        accounts.set_member(session, project, user.id, role="annotator", now=NOW)
        users.append(user.id)
    return Made(project, lead, users, classes_of(session, project).codes, items, votes)


def _items(made: Made) -> Iterator[dict[str, Any]]:
    for number in range(made.items):
        yield {
            "id": number + 1,
            "project_id": made.project,
            "external_id": f"e{number}",
            "content_hash": hashlib.sha256(str(number).encode()).hexdigest(),
            "text": f"Item number {number}: " + "some words that fill a line of text " * 4,
            "given_code": made.truth(number if number % 10 else number + 1),
            "meta": {},
            "open_slots": 0 if number < made.done else made.votes,
            "created_at": NOW,
        }


def _majority(item: int, codes: list[str]) -> Inferred:
    ranked = Counter(codes).most_common()
    tie = len(ranked) > 1 and ranked[0][1] == ranked[1][1]
    confidence = (ranked[0][1] + 0.5) / (len(codes) + 1)
    return Inferred(item, "" if tie else ranked[0][0], confidence, len(codes), len(ranked) > 1, "majority")


def _answer(session: Session, made: Made) -> None:
    patterns: Counter[str] = Counter()
    settled: list[dict[str, Any]] = []
    held: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for number in range(made.done):
        at = NOW - timedelta(days=DAYS) * (1 - number / made.done)
        given = {user: made.answered(number) for user in made.rng.sample(made.users, made.votes)}
        patterns[pattern_of(list(given.values()))] += 1
        label = _majority(number + 1, list(given.values()))
        settled.append({**vars(label), "project_id": made.project, "computed_at": at})
        for user, code in given.items():
            row = {
                "id": len(answers) + 1,
                "project_id": made.project,
                "item_id": number + 1,
                "user_id": user,
                "round": 0,
            }
            held.append({**row, "purpose": "label", "state": "done", "claimed_at": at, "expires_at": at})
            answers.append({**row, **_written(made, row["id"], code), "created_at": at})
    _store(session, Assignment, held)
    _store(session, Annotation, answers)
    _store(session, ItemConsensus, settled)
    _store(session, PatternCount, ({"project_id": made.project, "pattern": p, "items": n} for p, n in patterns.items()))


def _written(made: Made, number: int, code: str) -> dict[str, Any]:
    return {
        "assignment_id": number,
        "key": secrets.token_hex(16),
        "fingerprint": secrets.token_hex(32),
        "value": {"label": CLASSES[made.codes.index(code)]},
        "code": code,
        "status": "counted",
        "purpose": "label",
        "seconds": round(made.rng.lognormvariate(1, 0.5), 3),
        "comment": "Not sure about this one" if number % 100 == 0 else "",
    }


def _inspect(session: Session, made: Made) -> None:
    run = quality.start_inspection(session, made.project, by=made.lead, now=NOW)
    summary = {"labeled": made.done, "items": made.items, "model": {"accuracy": 0.86}, "notes": []}
    quality.finish_inspection(session, run, state="done", summary=summary, now=NOW)
    flagged = [number for number in range(made.done) if number % 12 == 0]
    _store(session, Flag, (_flag(made, run, number) for number in flagged))
    _store(session, Review, (_review(made, number) for number in flagged[::5]))


def _flag(made: Made, run: int, number: int) -> dict[str, Any]:
    kinds = ("label_error",) * 6 + ("contradiction", "ambiguous", "near_duplicate", "outlier")
    return {
        "project_id": made.project,
        "inspection_id": run,
        "item_id": number + 1,
        "kind": made.rng.choice(kinds),
        "score": made.rng.random(),
        "label_code": made.truth(number),
        "suggested_code": made.truth(number + 1),
        "confidence": made.rng.random(),
        "reasons": [],
    }


def _review(made: Made, number: int) -> dict[str, Any]:
    keeps = number % 3 == 0
    return {
        "project_id": made.project,
        "item_id": number + 1,
        "user_id": made.lead,
        "key": secrets.token_hex(16),
        "fingerprint": "",
        "decision": "keep" if keeps else "relabel",
        "code": made.truth(number if keeps else number + 1),
        "before_code": made.truth(number),
        "suggested_code": made.truth(number + 1),
        "kind": "label_error",
        "status": "current",
        "created_at": NOW,
    }


def _store(session: Session, table: type[DeclarativeBase], rows: Iterable[dict[str, Any]]) -> None:
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        session.execute(insert(table), batch)

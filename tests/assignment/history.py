"""A project in which one person has answered many items before, made by bulk inserts: what a claim must not walk over.

Two answers an item are wanted and nobody else has given any, so all they answered is open still, though not to them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, text

from labeler.accounts import actions as accounts
from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item
from labeler.projects.queries import classes_of
from labeler.storage.database import Database

CLASSES = ("positive", "negative", "neutral")
LEASE = timedelta(minutes=30)
_CHUNK = 5000


@dataclass(frozen=True)
class History:
    """A project and its people: the one with a history, and one without. items: ids, the answered ones first."""

    project_id: int
    veteran: int
    novice: int
    items: list[int]


def make_history(database: Database, *, items: int, answered: int, slug: str = "bench") -> History:
    """Make a project of so many texts of which one person has answered the first ones, in serving order."""
    now = datetime.now(UTC)
    with database.write() as session:
        new = NewProject(slug, "text", "classification", [(name, "") for name in CLASSES], votes=2)
        project_id = create_project(session, new, by=None, now=now).id
        people = []
        for name in ("veteran", "novice"):
            user = accounts.add_user(session, f"{name}@{slug}.example.org", role="annotator", now=now)
            accounts.set_member(session, project_id, user.id, role="annotator", now=now)
            people.append(user.id)
        codes = list(classes_of(session, project_id).by_name.values())
    for first in range(0, items, _CHUNK):
        with database.write() as session:
            numbers = range(first, min(items, first + _CHUNK))
            session.execute(insert(Item), list(_items(project_id, numbers, answered, now)))
    with database.read() as session:
        ids = list(session.scalars(select(Item.id).where(Item.project_id == project_id).order_by(Item.id)))
    for first in range(0, answered, _CHUNK):
        with database.write() as session:
            done = ids[first : min(answered, first + _CHUNK)]
            rows = [_held(project_id, item, people[0], now) for item in done]
            session.execute(insert(Assignment), rows)
            held = select(Assignment.id, Assignment.item_id).where(Assignment.item_id.in_((done[0], done[-1])))
            start = {row[1]: row[0] for row in session.execute(held)}[done[0]]
            given = [_answer(row, start + n, codes[n % 3], now) for n, row in enumerate(rows)]
            session.execute(insert(Annotation), given)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return History(project_id, people[0], people[1], ids)


def _items(project_id: int, numbers: range, answered: int, now: datetime) -> Iterator[dict[str, Any]]:
    for n in numbers:
        yield {
            "project_id": project_id,
            "external_id": f"id-{n}",
            "content_hash": f"{n:064x}",
            "text": f"Text number {n}, long enough to be one that somebody has to read before they answer.",
            "meta": {},
            "open_slots": 1 if n < answered else 2,
            "created_at": now,
        }


def _held(project_id: int, item: int, user: int, now: datetime) -> dict[str, Any]:
    times = {"claimed_at": now, "expires_at": now + LEASE}
    return {"project_id": project_id, "item_id": item, "user_id": user, "state": "done", **times}


def _answer(held: dict[str, Any], assignment: int, code: str, now: datetime) -> dict[str, Any]:
    said = {"code": code, "status": "counted", "purpose": "label", "round": 0, "seconds": 2.0, "created_at": now}
    who = {name: held[name] for name in ("project_id", "item_id", "user_id")}
    key = f"history-{held['item_id']:012d}"
    return {**who, **said, "assignment_id": assignment, "key": key, "fingerprint": key}

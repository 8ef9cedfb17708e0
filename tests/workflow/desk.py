"""A project at work, for tests of serving: who is handed what, and what they say."""

import itertools
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from labeler import workflow
from labeler.agreement.queries import recount as recount_patterns
from labeler.annotations.actions import Answer
from labeler.assignment.queries import recount as recount_slots
from labeler.decisions.final import excluded_items
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.storage.database import Database
from tests.conftest import LEASE, NOW, Made


class Desk:
    """A project with its people and what they do in it."""

    def __init__(self, database: Database, made: Made, cast: dict[str, int]) -> None:
        self.database, self.made, self.cast = database, made, cast
        self.keys: Iterator[int] = itertools.count(1)

    def project(self, session: Session) -> Project:
        return session.get_one(Project, self.made.id)

    def item(self, session: Session, place: int) -> Item:
        return session.get_one(Item, self.made.items[place])

    def sets(self, **rules: Any) -> int:
        with self.database.write() as session:
            return workflow.change_serving(session, self.project(session), rules)

    def served(self, who: str, count: int = 100) -> list[workflow.Held]:
        with self.database.write() as session:
            return workflow.serve(session, self.made.id, self.cast[who], count=count, lease=LEASE, now=NOW)

    def places(self, who: str, count: int = 100) -> list[int]:
        return [self.made.items.index(one.item.id) for one in self.served(who, count)]

    def says(self, who: str, held: workflow.Held, label: str | None = "cat") -> workflow.Receipt:
        skip = None if label else "not clear"
        with self.database.write() as session:
            question = Question.of(session, self.project(session))
            value = {"label": label} if label else None
            answer = Answer(f"answer-{next(self.keys)}", held.assignment.id, value, skip=skip, seconds=2.0)
            return workflow.submit(session, question, self.cast[who], [answer], now=NOW)[0]

    def votes(self, who: str, place: int, label: str | None = "cat") -> workflow.Receipt:
        """Let somebody answer one item they can hold."""
        with self.database.write() as session:
            only = [self.made.items[place]]
            held = workflow.serve(session, self.made.id, self.cast[who], count=1, only=only, lease=LEASE, now=NOW)
        return self.says(who, held[0], label)

    def frees(self, *people: str) -> None:
        """Let a lead free what people hold."""
        with self.database.write() as session:
            for who in people:
                workflow.free_holds(session, self.project(session), self.cast[who])

    def open(self) -> list[int]:
        """Return how many answers each item still wants."""
        with self.database.read() as session:
            return [session.get_one(Item, item).open_slots for item in self.made.items]

    def is_sound(self) -> bool:
        with self.database.read() as session:
            project = self.project(session)
            assert recount_patterns(session, project.id) == {}
            return recount_slots(session, project, sorted(excluded_items(session, project.id))) == {}

"""A project with answers on any database, whose rows say the same whenever and wherever it is made."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import update

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.decisions.models import Review
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.projects.models import Import, Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.releases.actions import Asked, make_release
from labeler.releases.models import Release
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from tests.conftest import LEASE, NOW

PEOPLE = ("olga", "ann", "bob", "cid")


@dataclass
class World:
    """A project called pets with the classes cat, dog and neither, led by Olga; items e0, e1 …"""

    database: Database
    files: FileStore
    project_id: int
    people: dict[str, int]
    keys: Any = field(default_factory=count)

    @classmethod
    def made(cls, settings: Settings, *, items: int = 6, votes: int = 2) -> "World":
        database = Database(settings)
        with database.write() as session:
            people = {
                name: accounts.add_user(session, f"{name}@example.org", role="lead", name=name.title(), now=NOW).id
                for name in PEOPLE
            }
            classes = [("cat", "It purrs"), ("dog", ""), ("neither", "")]
            new = projects.NewProject("pets", "text", "classification", classes, votes=votes, guidelines="# Look")
            project = projects.create_project(session, new, by=people["olga"], now=NOW)
            for name in PEOPLE:
                role = "lead" if name == "olga" else "annotator"
                accounts.set_member(session, project.id, people[name], role=role, now=NOW)
            project_id = project.id
        world = cls(database, FileStore(settings.files), project_id, people)
        world.bring([Row(n, f"e{n}", f"Text {n}, =1+1", None, None, {"site": n % 2}) for n in range(items)])
        return world

    def bring(self, rows: Sequence[Row]) -> None:
        """Import items."""
        workflow.import_items(self.database, self.files, self.project_id, rows, workflow.ImportPlan("items.csv", "csv"))

    def item(self, external_id: str) -> int:
        """Return the id of an item."""
        from sqlalchemy import select

        with self.database.read() as session:
            found = session.scalar(select(Item.id).where(Item.external_id == external_id))
            assert found is not None
            return found

    def answer(self, who: str, labels: Sequence[str]) -> None:
        """Let somebody answer the next items."""
        with self.database.write() as session:
            held = workflow.serve(session, self.project_id, self.people[who], count=len(labels), lease=LEASE)
            question = Question.of(session, session.get_one(Project, self.project_id))
            answers = [
                Answer(f"key-{next(self.keys):08d}", one.assignment.id, {"label": label}, seconds=2.0)
                for one, label in zip(held, labels, strict=True)
            ]
            workflow.submit(session, question, self.people[who], answers)

    def decide(self, external_id: str, decision: str, label: str = "", reason: str = "") -> None:
        """Let Olga decide about an item."""
        item = self.item(external_id)
        with self.database.write() as session:
            codes = classes_of(session, self.project_id).by_name
            made = Decision(f"rev-{next(self.keys):08d}", item, decision, codes.get(label, ""), reason)
            project = session.get_one(Project, self.project_id)
            workflow.resolve(session, project, made, by=self.people["olga"])

    def in_time(self) -> "World":
        """Let everything have come at one moment, as if it had been imported with its times."""
        with self.database.write() as session:
            for table in (Item, Annotation, Review, Import):
                session.execute(update(table).values(created_at=NOW))
        return self

    def release(self, key: str, **asked: Any) -> Release:
        """Make a release."""
        return make_release(self.database, self.files, self.project_id, Asked(key, by=self.people["olga"], **asked))

    def now(self) -> datetime:
        """Return the database's time."""
        with self.database.read() as session:
            return clock(session)


def labeled(world: World) -> World:
    """Answer six items: e0 cat, e1 dog, e2 tie, e3 cat decided by a lead, e4 cat, e5 excluded."""
    world.answer("ann", ["cat", "dog", "cat", "dog", "cat", "cat"])
    world.answer("bob", ["cat", "dog", "dog", "dog", "cat", "cat"])
    world.decide("e3", "relabel", "cat", "It purrs.")
    world.decide("e5", "exclude", reason="Broken.")
    return world.in_time()


def archive_of(world: World, release: Release) -> zipfile.ZipFile:
    return zipfile.ZipFile(world.files.release_path(release.sha256))


def lines(world: World, release: Release, name: str) -> list[dict[str, Any]]:
    with archive_of(world, release) as archive:
        return [json.loads(line) for line in archive.read(name).splitlines()]

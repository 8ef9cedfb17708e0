"""A throwaway instance for measuring the annotator's screen: pictures, texts, many annotators, and what was stored.

Pictures are drawn from code: soft colours, grain in every pixel and their number, so that they weigh and decode like
photographs. Every project shares them (the store keeps equal pictures once) and wants more answers for an item than one
measurement gives, so that each measurement takes a new annotator who has not seen anything.
"""

import io
import itertools
import random
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask
from PIL import Image, ImageChops, ImageDraw
from sqlalchemy import select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.accounts.models import User
from labeler.app import create_app
from labeler.config import Settings, read_settings
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.projects.models import Item, Project
from labeler.quality.models import Inspection, ItemScore
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade
from labeler.task_types.registry import TASK_TYPES
from tests.bench.bench_formats import texts

SEED = 20261122
SIZE = (1280, 960)  # pixels
VOTES = 50  # answers an item takes: more than there are measurements in its project
CLASSES = ("Plastic bottle", "Glass", "Metal can", "Cardboard")
PASSWORD = "correct horse battery"
ON_A_PAGE = 30
ANNOTATORS = 200
FEW = 200  # pictures of projects other than classifications


class Stored(NamedTuple):
    """One answer in the database, as far as losses, doubles and order need it."""

    id: int
    key: str
    item: int
    assignment: int
    value: str
    status: str


@dataclass
class Seeded:
    """A filled instance folder. projects: {slug: (task, media)}; sizes: {slug: items}."""

    settings: Settings
    app: Flask
    projects: dict[str, tuple[str, str]]
    sizes: dict[str, int]
    people: Iterator[int] = field(default_factory=lambda: itertools.count(0))

    def next_person(self) -> str:
        """Return the address of an annotator nobody has used yet."""
        number = next(self.people)
        if number >= ANNOTATORS:
            raise SystemExit("more measurements than annotators: raise ANNOTATORS")
        return address(number)

    def cookie(self, email: str) -> str:
        """Sign a person in; returns the value of their session cookie."""
        database = self.app.extensions["labeler"].database
        with database.write() as session:
            user = session.scalars(select(User).where(User.email == email)).one()
            token = accounts.start_sign_in(session, user, datetime.now(UTC))
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        return str(signer.dumps({"sign_in": token}))

    def expire(self, email: str) -> str:
        """End a person's sign-ins, as a new password does; returns the password that is now theirs."""
        with self.app.extensions["labeler"].database.write() as session:
            user = session.scalars(select(User).where(User.email == email)).one()
            accounts.set_password(session, user.id, PASSWORD)
        return PASSWORD

    def stored(self, email: str) -> list[Stored]:
        """Return what the server has from a person, oldest first, read past the application."""
        with closing(sqlite3.connect(f"file:{self.settings.instance / 'labeler.db'}?mode=ro", uri=True)) as db:
            rows = db.execute(
                "SELECT a.id, a.key, a.item_id, a.assignment_id, a.value, a.status FROM annotation a "
                'JOIN "user" u ON u.id = a.user_id WHERE u.email = ? ORDER BY a.id',
                (email,),
            )
            return [Stored(*row) for row in rows]


def address(number: int) -> str:
    """Return the e-mail address of an annotator."""
    return f"a{number:02d}@example.org"


def seed(base: Path, *, pictures: int, sentences: int, only: str = "") -> Seeded:
    """Make one project for each task type and medium; those of classifications have all items. only: just this one."""
    settings = read_settings({}, instance=base / "instance")
    database = Database(settings)
    upgrade(database)
    now = datetime.now(UTC)
    with database.write() as session:
        people = [
            accounts.add_user(session, address(number), role="annotator", now=now).id for number in range(ANNOTATORS)
        ]
    drawn = [picture(number) for number in range(pictures)]
    made: dict[str, tuple[str, str]] = {}
    sizes: dict[str, int] = {}
    for task, media in sorted((kind.name, medium) for kind in TASK_TYPES.values() for medium in kind.media):
        slug = f"{media}-{task}"
        if only not in {"", slug}:
            continue
        _add_project(database, slug, people)
        made[slug] = (task, media)
        few = slice(None) if task == "classification" else slice(FEW)
        rows = _pictures(drawn[few]) if media == "image" else _sentences(sentences)
        plan = workflow.ImportPlan("items.csv", "csv")
        workflow.import_items(database, FileStore(settings.files), _project_id(database, slug), rows, plan)
        sizes[slug] = sentences if media == "text" else len(drawn[few])
        if task == "classification":
            _group(database, _project_id(database, slug))
    database.close()
    return Seeded(settings, create_app(settings), made, sizes)


def _add_project(database: Database, slug: str, people: list[int]) -> None:
    media, _, task = slug.partition("-")
    names = [str(point) for point in range(1, 6)] if task == "rating" else list(CLASSES)
    names = names if TASK_TYPES[task].max_classes else []
    now = datetime.now(UTC)
    with database.write() as session:
        guide = "# What to look for\n\n" + "\n\n".join(f"## {name}\n\nEverything made of it." for name in names)
        new = projects.NewProject(slug, media, task, [(name, "") for name in names], votes=VOTES, guidelines=guide)
        project = projects.create_project(session, new, by=None, now=now)
        for person in people:
            accounts.set_member(session, project.id, person, role="annotator", now=now)


def _group(database: Database, project_id: int) -> None:
    """Store what a finished inspection leaves: items in groups of thirty, each group likely of one class; pages on."""
    now = datetime.now(UTC)
    with database.write() as session:
        projects.change_project(session, session.get_one(Project, project_id), {"settings": {"bulk": True}})
        run = Inspection(project_id=project_id, state="done", started_at=now, finished_at=now, summary={})
        session.add(run)
        session.flush()
        items = session.scalars(select(Item.id).where(Item.project_id == project_id).order_by(Item.id)).all()
        for place, item in enumerate(items):
            shares = [0.1] * len(CLASSES)
            shares[place // ON_A_PAGE % len(CLASSES)] = 0.7
            row = ItemScore(inspection_id=run.id, item_id=item, label_code="", cluster=place // ON_A_PAGE)
            row.probabilities = struct.pack(f"<{len(shares)}f", *shares)
            session.add(row)


def _project_id(database: Database, slug: str) -> int:
    with database.read() as session:
        return session.scalars(select(Project.id).where(Project.slug == slug)).one()


def _pictures(drawn: list[bytes]) -> Iterator[Row]:
    for number, data in enumerate(drawn):
        yield Row(number + 1, f"cam-{number:04d}", None, lambda data=data: data, None, {}, name=f"{number}.jpg")  # type: ignore[misc]


def _sentences(count: int) -> Iterator[Row]:
    for number, sentence in enumerate(texts(count)):
        yield Row(number + 1, f"note-{number:04d}", f"{number} {sentence}", None, None, {})


def picture(number: int) -> bytes:
    """Draw one picture of SIZE pixels as JPEG, about 150 KB; the same number gives the same bytes."""
    rng = random.Random(SEED + number)
    soft = Image.frombytes("RGB", (16, 12), rng.randbytes(16 * 12 * 3)).resize(SIZE, Image.Resampling.BICUBIC)
    grain = ImageChops.offset(_grain(), rng.randrange(SIZE[0]), rng.randrange(SIZE[1]))
    image = Image.blend(soft, grain, 0.04)
    ImageDraw.Draw(image).text((40, 40), str(number), fill="white", font_size=120, stroke_width=6, stroke_fill="black")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


_kept: list[Image.Image] = []


def _grain() -> Image.Image:
    if not _kept:
        noise: Any = random.Random(SEED).randbytes(SIZE[0] * SIZE[1] * 3)
        _kept.append(Image.frombytes("RGB", SIZE, noise))
    return _kept[0]

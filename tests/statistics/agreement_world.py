"""A project with enough answers to say something of: two weeks, two versions of the guidelines, two imports, metadata.

Three people answer every item. Cats and dogs are mixed up; at night more is; one person differs more than the others.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.annotations.models import Annotation
from labeler.exchange.rows import Row, VoteRow
from labeler.projects import actions as projects
from labeler.projects.models import Guideline
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.task_types.registry import TASK_TYPES
from tests.conftest import NOW

CLASSES = ("cat", "dog", "neither")
FIRST_WEEK, SECOND_WEEK = datetime(2026, 2, 17, 12, tzinfo=UTC), datetime(2026, 2, 25, 12, tzinfo=UTC)
Wrong = Callable[[str, int, bool], float]


def rows(first: int, many: int, random_: random.Random) -> list[Row]:
    """Return so many texts with a truth and a shift."""
    return [
        Row(
            n, f"e{n}", f"Text {n}", None, None,
            {"shift": "night" if random_.random() < 0.3 else "day", "camera": str(n % 3)},
        )
        for n in range(first, first + many)
    ]  # fmt: skip


def usual(name: str, _item: int, night: bool) -> float:  # noqa: FBT001 - as it is passed
    """Return how often a person is wrong."""
    return (0.25 if name == "bob" else 0.08) + (0.2 if night else 0.0)


def answer_of(shape: str, label: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Return a class as an answer of this shape; marked in a text, people who differ draw other borders too."""
    if shape == "spans":
        end = 4 if label == names[0] else 6
        more = [{"label": names[2], "start": 6, "end": 7}] if label == names[2] else []
        return {"spans": [{"label": names[0], "start": 0, "end": end}, *more]}
    return {"labels": [label]} if shape == "labels" else {"label": label}


def vote(row: Row, name: str, value: dict[str, Any]) -> VoteRow:
    """Return an answer as a file has it."""
    known = {"label": value["label"]} if "label" in value else {"label": "", "value": value}
    return VoteRow(row.number, row.external_id, None, f"{name}@example.org", **known)


def make_world(
    database: Database,
    files: FileStore,
    cast: dict[str, int],
    *,
    items: int = 140,
    task: str = "classification",
    wrong: Wrong = usual,
    slug: str = "world",
) -> int:
    """Make the project, led by Olga; returns its id. Half of the items come in each import, answered a week apart."""
    random_ = random.Random(11)
    people = ("ann", "bob", "rita")
    names, shape = CLASSES if task != "rating" else ("1", "2", "3"), TASK_TYPES[task].shape

    def said_by(name: str, row: Row) -> str:
        number, night = int((row.external_id or "")[1:]), row.metadata["shift"] == "night"
        label = names[0 if number % 4 < 2 else number % 3]
        if random_.random() < wrong(name, number, night):
            return names[1] if label == names[0] else names[0]
        return label

    with database.write() as session:
        new = projects.NewProject(slug, "text", task, [(name, "") for name in names], votes=3, guidelines="# One")
        project_id = projects.create_project(session, new, by=cast["olga"], now=NOW).id
        accounts.set_member(session, project_id, cast["olga"], role="lead", now=NOW)
        for name in people:
            accounts.set_member(session, project_id, cast[name], role="annotator", now=NOW)
    for number, at in enumerate((FIRST_WEEK, SECOND_WEEK)):
        some = rows(number * items, items // 2, random_)
        plan = workflow.ImportPlan(f"part{number + 1}.csv", "csv")
        workflow.import_items(database, files, project_id, some, plan)
        said = [vote(one, name, answer_of(shape, said_by(name, one), names)) for name in people for one in some]
        workflow.import_votes(database, project_id, said, workflow.ImportPlan("answers.csv", "csv"))
        with database.write() as session:
            _as_if_answered(session, project_id, at)
            if number == 0:
                later = Guideline(
                    project_id=project_id, version=2, text="# Two", created_at=at, created_by=cast["olga"]
                )
                session.add(later)
    return project_id


def _as_if_answered(session: Session, project_id: int, at: datetime) -> None:
    """Make of answers that came from a file some that were given one by one at this moment."""
    new = (Annotation.project_id == project_id, Annotation.mode == "import")
    session.execute(update(Annotation).where(*new).values(mode="single", created_at=at))

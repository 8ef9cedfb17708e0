"""What the consensus reads and stores, on both databases."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.config import Settings
from labeler.consensus.actions import infer
from labeler.consensus.models import ItemConsensus
from labeler.projects.models import Project
from labeler.projects.queries import Question
from labeler.quality.queries import held_out_shares
from labeler.storage.database import Database
from tests.conftest import LEASE, Made
from tests.workflow.sure_model import sure_of

Make = Callable[..., Made]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def test_several_labels_are_decided_class_by_class(
    database: Database, cast: dict[str, int], make_project: Make
) -> None:
    made = make_project(items=40, task="multilabel")
    for who in ("ann", "bob"):
        with database.write() as session:
            held = workflow.serve(session, made.id, cast[who], count=40, lease=LEASE)
            question = Question.of(session, session.get_one(Project, made.id))
            answers = [
                Answer(f"key-{who}-{n:03d}", one.assignment.id, {"labels": ["cat"] if n % 2 else ["dog"]}, seconds=1.0)
                for n, one in enumerate(held)
            ]
            workflow.submit(session, question, cast[who], answers)
    before = stored(database, made)
    infer(database, made.id)
    after = stored(database, made)
    assert {row.method for row in after.values()} == {"tempered_dawid_skene"}
    assert {item: row.code for item, row in after.items()} == {item: row.code for item, row in before.items()}
    assert min(row.confidence for row in after.values()) > 0.9


def stored(database: Database, made: Made) -> dict[int, ItemConsensus]:
    with database.read() as session:
        rows = session.scalars(select(ItemConsensus).where(ItemConsensus.project_id == made.id))
        return {row.item_id: row for row in rows}


def test_the_model_of_the_last_check_is_read_item_by_item(database: Database, make_project: Make) -> None:
    made = make_project(items=4)
    with database.write() as session:
        sure_of(session, made, {made.items[1]: 0.9})
    with database.read() as session:
        found = held_out_shares(session, made.id)
    assert found is not None
    assert found.shares[1].round(2).tolist() == [0.9, 0.05, 0.05]
    ratios = found.ratios([made.items[1], 10**6])
    assert ratios.shape == (3, 2)
    assert ratios[0, 0] > ratios[1, 0]
    assert ratios[:, 1].tolist() == [0.0, 0.0, 0.0]  # nothing is known of it

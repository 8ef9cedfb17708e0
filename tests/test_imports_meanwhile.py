"""A long import while a lead changes the classes."""

from collections.abc import Callable, Iterator

from sqlalchemy import select

from labeler import workflow
from labeler.exchange.rows import Row
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.workflow.imports import IMPORT_BATCH
from tests.conftest import Made


def test_rows_get_the_classes_of_the_moment_they_are_stored(
    database: Database, files: FileStore, make_project: Callable[..., Made]
) -> None:
    made = make_project(items=0, task="multilabel")

    def rows() -> Iterator[Row]:
        for n in range(IMPORT_BATCH):
            yield Row(n + 1, None, f"text {n}", None, None, {})
        with database.write() as session:
            first = classes_of(session, made.id).rows[0].id
            edit = workflow.ClassEdit(removed=[first])
            workflow.edit_classes(session, session.get_one(Project, made.id), edit)
        yield Row(IMPORT_BATCH + 1, "last", "the last one", None, None, {}, given_value={"labels": ["dog"]})
        yield Row(IMPORT_BATCH + 2, "gone", "and one more", None, None, {}, given_value={"labels": ["cat"]})

    result = workflow.import_items(database, files, made.id, rows(), workflow.ImportPlan("a.csv", "csv"))
    assert (result.added, result.rejected) == (IMPORT_BATCH + 1, 1)
    with database.read() as session:
        item = session.scalars(select(Item).where(Item.external_id == "last")).one()
        assert classes_of(session, made.id).shown(item.given_code, item.given_value) == {"labels": ["dog"]}

"""No statement of a claim, a submit, an undo, a renewal or a release walks over what a person did before.

Note: the plan alone does not tell a search that finds one row from one that finds all a person
ever answered. So PostgreSQL is asked how many rows each step of a plan has visited, and SQLite both for its plan and
for how many steps its machine took, which is the same on a busy computer as on a quiet one.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select, update

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.config import Settings
from labeler.exchange.rows import Row
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade
from tests.assignment.history import LEASE, History, make_history

ANSWERED, AHEAD = 3000, 60
BIG = ("assignment", "annotation", "item", "place")
MOST = 400  # rows one step of a plan may visit: what people hold now, never what they did
# searches that find what is held now, one item, or one answer; anything else on these tables is a walk
NARROW = re.compile(
    r"(AND|\() id=\?|PRIMARY KEY|ix_assignment_held|ix_assignment_expires|ix_item_open|ix_item_only_for|ix_item_freed"
    r"|sqlite_autoindex|uq_annotation_counted"
)
Statement = tuple[str, Any]


@pytest.fixture(params=["on the way", "at the end"])
def past(request: pytest.FixtureRequest, any_settings: Settings) -> Iterator[tuple[Database, History]]:
    """A person with a history, items ahead of them or none; their place is known, as after any earlier claim."""
    database = Database(any_settings)
    upgrade(database)
    ahead = AHEAD if request.param == "on the way" else 0
    history = make_history(database, items=ANSWERED + ahead, answered=ANSWERED)
    serve(database, history, 1)
    yield database, history
    database.close()


def serve(database: Database, history: History, count: int) -> list[workflow.Held]:
    with database.write() as session:
        return workflow.serve(session, history.project_id, history.veteran, count=count, lease=LEASE)


def submit(database: Database, history: History, held: workflow.Held, key: str) -> workflow.Receipt:
    with database.write() as session:
        question = Question.of(session, session.get_one(Project, history.project_id))
        answer = Answer(key, held.assignment.id, {"label": "positive"}, seconds=1.0)
        return workflow.submit(session, question, history.veteran, [answer])[0]


def everything(database: Database, history: History) -> None:
    """Go once through all that annotators do all day."""
    where = (history.project_id, history.veteran)
    with database.write() as session:  # an item behind their place comes free again
        freed = session.scalars(select(Item).where(Item.id == history.items[0])).one()
        session.execute(update(Assignment).where(Assignment.item_id == freed.id).values(state="expired"))
        freed.freed = True
    held = serve(database, history, 2)
    assert held[-1].item.id == history.items[0] or len(held) == 2
    receipt = submit(database, history, held[0], "first-key-1")
    with database.write() as session:
        workflow.undo(session, *where, receipt.id or 0, lease=LEASE)
    with database.write() as session:
        desk, _ = workflow.serve_workspace(session, *where, count=48, lease=LEASE)
        ids = [one.assignment.id for one in desk]
    with database.write() as session:
        workflow.renew(session, *where, ids, opened=ids[:1], lease=LEASE)
    with database.write() as session:
        workflow.release(session, *where, ids[1:], ready=ids[:1])
    with database.write() as session:
        workflow.show(session, *where, count=5)


@contextmanager
def listening(database: Database) -> Iterator[list[Statement]]:
    """Keep every statement that is executed meanwhile, with its values."""
    heard: list[Statement] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:  # noqa: FBT001
        heard.extend((statement, one) for one in (values if many else [values]))

    event.listen(database.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(database.engine, "before_cursor_execute", hear)


def test_no_statement_walks_over_what_a_person_did_before(past: tuple[Database, History]) -> None:
    database, history = past
    with listening(database) as heard:
        everything(database, history)
    assert not walks_in(database, heard)


def test_an_import_finds_what_it_brought_without_a_walk(past: tuple[Database, History], files: FileStore) -> None:
    database, history = past
    rows = [Row(number, f"new-{number}", f"A new text, {number}.", None, None, {}) for number in range(1, 4)]
    with listening(database) as heard:
        workflow.import_items(database, files, history.project_id, rows, workflow.ImportPlan("new.csv", "csv"))
    heard = [(text, values) for text, values in heard if "max(" not in text]  # the end of an index
    assert not walks_in(database, heard, least=5)


def walks_in(database: Database, heard: list[Statement], least: int = 15) -> str:
    """Return which of these statements look at more than they need, with their plans; at least so many are asked."""
    asked = {text: values for text, values in heard if text.lstrip().startswith(("SELECT", "UPDATE"))}
    assert len(asked) > least
    look = _walks_on_sqlite if database.is_sqlite else _walks_on_postgres
    with database.engine.connect() as connection:
        walks = {text: found for text, values in asked.items() if (found := look(connection, text, values))}
        connection.rollback()
    return "\n\n".join(f"{text}\n{found}" for text, found in walks.items())


def _walks_on_sqlite(connection: Any, statement: str, values: Any) -> list[str]:
    rows = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    plans = [row[3] for row in rows]
    about = re.compile(rf"^(SCAN|SEARCH) ({'|'.join(BIG)}|(?!anon)\w+_1)\b")
    return [plan for plan in plans if about.match(plan) and (plan.startswith("SCAN") or not NARROW.search(plan))]


def _walks_on_postgres(connection: Any, statement: str, values: Any) -> list[str]:
    asked = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
    plan = (asked if isinstance(asked, list) else json.loads(asked))[0]["Plan"]
    return [line for node in _nodes(plan) if (line := _walk(node))]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)


def _walk(node: dict[str, Any]) -> str:
    if node.get("Relation Name") not in BIG or "Scan" not in node["Node Type"]:
        return ""
    left_out = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    visited = node["Actual Loops"] * (node["Actual Rows"] + sum(node.get(name, 0) for name in left_out))
    return f"{node['Node Type']} on {node['Relation Name']}: {visited} rows" if visited > MOST else ""


def steps(database: Database, work: Callable[[], object]) -> int:
    """Return how many instructions SQLite's machine executes for some work, in tens."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
    raw.set_progress_handler(count, 10)
    work()
    raw.set_progress_handler(None, 0)
    return counted


@pytest.mark.parametrize("ahead", [AHEAD, 0], ids=["on the way", "at the end"])
def test_a_next_item_costs_the_same_after_ten_and_after_ten_thousand_answers(settings: Settings, ahead: int) -> None:
    database = Database(settings)
    upgrade(database)
    spent = []
    for answered in (10, 10_000):
        history = make_history(database, items=answered + ahead, answered=answered, slug=f"after-{answered}")
        held = serve(database, history, 1)
        if held:
            submit(database, history, held[0], "a-key-of-1")
        spent.append(steps(database, lambda past=history: serve(database, past, 1)))  # type: ignore[misc]
    database.close()
    assert 0 < spent[1] <= 1.3 * spent[0] + 5, spent


def test_an_item_far_back_that_was_held_and_let_go_costs_no_walk(settings: Settings) -> None:
    database = Database(settings)
    upgrade(database)
    spent = []
    for answered in (10, 10_000):
        past = make_history(database, items=answered, answered=answered, slug=f"far-{answered}")
        serve(database, past, 1)
        with database.write() as session:  # undone long after, and then left
            mine = select(Annotation).where(Annotation.item_id == past.items[0])
            undone = workflow.undo(session, past.project_id, past.veteran, session.scalars(mine).one().id, lease=LEASE)
            workflow.release(session, past.project_id, past.veteran, [undone.assignment_id or 0])
        spent.append(steps(database, lambda past=past: serve(database, past, 9)))  # type: ignore[misc]
        with database.write() as session:
            held = workflow.serve(session, past.project_id, past.veteran, count=9, lease=LEASE)
            assert [one.item.id for one in held] == past.items[:1]
    database.close()
    assert spent[1] <= 1.3 * spent[0] + 50, spent


def test_a_claim_of_somebody_new_passes_by_full_items_for_nothing(settings: Settings) -> None:
    database = Database(settings)
    upgrade(database)
    spent = []
    for full in (10, 10_000):
        history = make_history(database, items=full + AHEAD, answered=full, slug=f"full-{full}")
        with database.write() as session:
            session.execute(update(Item).where(Item.id.in_(history.items[:full])).values(open_slots=0))

        def work(past: History = history) -> None:
            with database.write() as session:
                workflow.serve_workspace(session, past.project_id, past.novice, count=48, lease=LEASE)

        spent.append(steps(database, work))
    database.close()
    assert spent[1] <= 1.3 * spent[0] + 5, spent

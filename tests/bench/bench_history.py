"""What an annotator with a long past waits for: next item and submit after 0, 10,000 and 100,000 earlier answers.

Run `python -m tests.bench.bench_history [--short]`. Two answers an item are wanted and nobody else has given any, so
all the person answered is open still, and lies before what comes next: whatever walks over it shows here. `on_the_way`:
more items lie ahead; `at_the_end`: none does, and the answer is an empty list; `many_full`: somebody new comes to a
project whose first items have all the answers they need. Milliseconds of processor time of this process, without HTTP,
which a busy machine disturbs less than the wall clock; stops with an error where the longest past costs more than 1.3
times what none does (and half a millisecond).
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import update

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.config import read_settings
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.storage.database import Database
from labeler.storage.migrations import upgrade
from tests.assignment.history import LEASE, History, make_history
from tests.bench.report import emit

WARM_UP = 10


def cost(work: Callable[[], object]) -> float:
    """Return milliseconds of processor time."""
    started = time.process_time()
    work()
    return 1000 * (time.process_time() - started)


def high(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[18]


def next_and_submit(database: Database, history: History, user: int, rounds: int) -> tuple[list[float], list[float]]:
    """Hold the next item and answer it, again and again; with nothing left only the empty answer is measured."""
    spent: tuple[list[float], list[float]] = ([], [])
    held: list[workflow.Held] = []

    def claim() -> None:
        with database.write() as session:
            held[:] = workflow.serve(session, history.project_id, user, count=1, lease=LEASE)

    def submit(key: str) -> None:
        with database.write() as session:
            question = Question.of(session, session.get_one(Project, history.project_id))
            answer = Answer(key, held[0].assignment.id, {"label": "positive"}, seconds=1.0)
            workflow.submit(session, question, user, [answer])

    for number in range(WARM_UP + rounds):
        claimed = cost(claim)
        submitted = cost(lambda number=number: submit(f"bench-{user}-{number:06d}")) if held else 0.0  # type: ignore[misc]
        if number >= WARM_UP:
            spent[0].append(claimed)
            spent[1].append(submitted)
    return spent


def bench(base: Path, earlier: int, rounds: int, where: str) -> None:
    """Measure one past in one place and tell it."""
    database = Database(read_settings({}, instance=base / f"{where}-{earlier}"))
    upgrade(database)
    ahead = 0 if where == "at_the_end" else rounds + WARM_UP + 100
    history = make_history(database, items=earlier + ahead, answered=earlier)
    user = history.novice if where == "many_full" else history.veteran
    if where == "many_full":
        with database.write() as session:
            session.execute(update(Item).where(Item.open_slots == 1).values(open_slots=0))
    claims, submits = next_and_submit(database, history, user, rounds)
    database.close()
    emit(
        name="history",
        where=where,
        earlier_answers=earlier,
        n=earlier + ahead,
        rounds=rounds,
        next_p50_ms=statistics.median(claims),
        next_p95_ms=high(claims),
        submit_p50_ms=statistics.median(submits),
        submit_p95_ms=high(submits),
    )


def main() -> None:
    """Run everything in a throwaway folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer rounds, no 100,000 earlier answers")
    short = parser.parse_args().short
    with tempfile.TemporaryDirectory(prefix="labeler-bench-") as folder:
        for where in ("on_the_way", "at_the_end", "many_full"):
            pasts = (0, 10_000) if short else (0, 10_000, 100_000)
            for earlier in pasts:
                bench(Path(folder), earlier, 150 if short else 300, where)


if __name__ == "__main__":
    main()

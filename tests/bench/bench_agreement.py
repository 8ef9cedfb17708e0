"""Speed of agreement: `python -m tests.bench.bench_agreement [--short]`. One JSON line a measurement.

Ours and the comparison run on the same answers in the same process; `equal` says whether they gave the same number.
"""

import importlib.util
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from labeler.accounts import actions as accounts
from labeler.agreement.meant import EVERY
from labeler.agreement.measured import measure
from labeler.agreement.models import PatternCount
from labeler.config import read_settings
from labeler.measures import metrics
from labeler.measures.histogram import counts
from labeler.measures.intervals import alpha_standard_error, bootstrap
from labeler.measures.summary import summary
from labeler.projects import actions as projects
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.statistics.agreement_numbers import read_everything
from labeler.statistics.snapshot import read_snapshot
from labeler.storage.database import Database
from labeler.storage.migrations import upgrade
from labeler.task_types.base import pattern_of
from tests.bench.large_project import make_large_project
from tests.bench.report import emit, peak_memory, seconds
from tests.measures.pairwise import tally

SEED = 7
EACH, CLASSES = 3, 10
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def answers(n: int) -> Any:
    """Return (items, 3) answers: right three times in four, else any class."""
    random = np.random.default_rng(SEED)
    truth = random.integers(0, CLASSES, (n // EACH, 1))
    wrong = random.random((n // EACH, EACH)) > 0.75
    return np.where(wrong, random.integers(0, CLASSES, wrong.shape), truth)


def naive_alpha(items: list[list[int]]) -> float:
    """Return nominal alpha by walking through every pair of answers to an item."""
    seen, unlike = Counter[int](), 0.0
    for given in items:
        unlike += sum(a != b for a, b in permutations(given, 2)) / (len(given) - 1)
        seen.update(given)
    total = seen.total()
    return 1 - (total - 1) * unlike / (total**2 - sum(times**2 for times in seen.values()))


def bench_alpha(n: int) -> None:
    """Alpha from the histogram against a plain loop over answers."""
    items: list[list[int]] = answers(n).tolist()
    histogram = tally(items)
    ours, theirs = metrics.alpha(counts(histogram, CLASSES)), naive_alpha(items)
    emit(
        name="alpha",
        n=n,
        seed=SEED,
        patterns=len(histogram),
        seconds=seconds(lambda: metrics.alpha(counts(histogram, CLASSES))),
        recount_seconds=seconds(lambda: tally(items), runs=1),
        compared="plain loop over answers",
        compared_seconds=seconds(lambda: naive_alpha(items), runs=1),
        equal=ours is not None and abs(ours - theirs) < 1e-12,
    )


def bench_summary(n: int, scale: Any) -> None:
    """Everything a lead sees, bootstrap included; compared: the linearised error of alpha."""
    histogram = tally(answers(n).tolist())
    found = counts(histogram, CLASSES)
    emit(
        name="summary",
        n=n,
        seed=SEED,
        scale=scale,
        patterns=len(histogram),
        seconds=seconds(lambda: summary(histogram, CLASSES, scale)),
        bootstrap_seconds=seconds(lambda: bootstrap(found, scale)),
        bootstrap_error=float(bootstrap(found).alpha.std()),
        compared="linearised standard error of nominal alpha",
        compared_seconds=seconds(lambda: alpha_standard_error(found, 1 - np.eye(CLASSES))),
        linearised_error=alpha_standard_error(found, 1 - np.eye(CLASSES)),
    )


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the shortest time of the processor in seconds of nine calls, which a busy machine does not change."""
    best = float("inf")
    for _ in range(9):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def bench_panel(n: int, folder: Path) -> None:
    """From the histogram as it is kept in the database to what the overview and the first card of the page say."""
    codes = [str(number + 1) for number in range(CLASSES)]
    database = Database(read_settings({}, instance=folder))
    upgrade(database)
    with database.write() as session:
        new = projects.NewProject("panel", "text", "classification", [(code, "") for code in codes], votes=EACH)
        lead = accounts.add_user(session, "lead@example.org", role="lead", password="x" * 20, now=NOW)
        project = projects.create_project(session, new, by=lead.id, now=NOW)
        classes = classes_of(session, project.id)
        for pattern, items in tally(answers(n).tolist()).items():
            text = pattern_of(classes.codes[index] for index in pattern)
            session.add(PatternCount(project_id=project.id, pattern=text, items=items))
        project_id = project.id
    with database.read() as session:
        project = session.get_one(Project, project_id)
        said = measure(session, project, classes).headline(classes.names)
        emit(
            name="agreement_panel",
            n=n,
            seed=SEED,
            seconds=seconds(lambda: measure(session, project, classes_of(session, project_id)), runs=9),
            cpu_seconds=cpu_seconds(lambda: measure(session, project, classes_of(session, project_id))),
            value=said.value,
            low=said.interval.low if said.interval else None,
            high=said.interval.high if said.interval else None,
        )
    database.close()


def bench_page(items: int, folder: Path) -> None:
    """Everything that the agreement page says, read and counted; `books`: reading the answers the first time."""
    project_id, _ = make_large_project(folder, items=items, votes=EACH)
    database = Database(read_settings({}, instance=folder))
    with database.read() as session:
        project, classes = session.get_one(Project, project_id), classes_of(session, project_id)
        started = time.process_time()
        books = read_snapshot(session, project)
        read = time.process_time() - started
        started = time.process_time()
        every = read_everything(session, project, classes, books, EVERY)
        emit(
            name="agreement_page",
            n=every.report.answers,
            items=every.report.items,
            books_cpu_seconds=read,
            cpu_seconds=time.process_time() - started,
            slices=len(every.slices),
            weeks=len(every.report.weeks),
            peak_bytes=peak_memory(),
        )
    database.close()


def bench_many_patterns(n: int) -> None:
    """Count 100 classes and five answers an item: the histogram hardly compresses."""
    random = np.random.default_rng(SEED)
    truth = random.integers(0, 100, (n // 5, 1))
    given = np.where(random.random((n // 5, 5)) > 0.75, random.integers(0, 100, (n // 5, 5)), truth)
    histogram = tally(given.tolist())
    took = {scale: seconds(lambda scale=scale: summary(histogram, 100, scale), runs=1) for scale in SCALES}  # type: ignore[misc]
    emit(
        name="summary_many_patterns",
        n=n,
        seed=SEED,
        patterns=len(histogram),
        seconds=took["nominal"],
        compared="the ordinal summary",
        compared_seconds=took["ordinal"],
        peak_bytes=peak_memory(),
    )


SCALES = ("nominal", "ordinal")


def bench_statsmodels(n: int) -> None:
    """Fleiss' kappa against statsmodels, where it is installed."""
    if importlib.util.find_spec("statsmodels") is None:
        emit(name="fleiss", n=n, skipped="statsmodels is not installed")
        return
    from statsmodels.stats.inter_rater import fleiss_kappa

    given = answers(n)
    cells = np.repeat(np.arange(len(given)), EACH) * CLASSES + given.ravel()
    table = np.bincount(cells, minlength=len(given) * CLASSES).reshape(-1, CLASSES)
    found = counts(tally(given.tolist()), CLASSES)
    ours = metrics.fleiss(found)
    emit(
        name="fleiss",
        n=n,
        seed=SEED,
        seconds=seconds(lambda: metrics.fleiss(found)),
        compared="statsmodels",
        compared_seconds=seconds(lambda: fleiss_kappa(table)),
        equal=ours is not None and bool(abs(ours - fleiss_kappa(table)) < 1e-9),
    )


def main() -> int:
    """Run every measurement."""
    short = "--short" in sys.argv
    with TemporaryDirectory() as folder:
        bench_panel(999_999, Path(folder))
    with TemporaryDirectory() as folder:
        bench_page(2_000 if short else 100_000, Path(folder))
    if short:
        return 0
    for n in (3_000, 300_000, 999_999):
        bench_alpha(n)
    for n in (3_000, 999_999):
        for scale in SCALES:
            bench_summary(n, scale)
    bench_many_patterns(1_000_000)
    bench_statsmodels(300_000)
    return 0


if __name__ == "__main__":
    sys.exit(main())

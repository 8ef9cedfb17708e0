"""Inspection: look for what is probably wrong with a project's labels, and store it.

People ask for one with `jobs.actions.ask_for_inspection`, and a worker runs it here; `labeler inspect` runs it at once.
What is found counts once the run is `done`: until then everybody reads the one before. A run that stops on the way is
`failed`, whether by an error, by who cancelled it, by a worker that is asked to stop, or by classes that were merged
meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labeler.config import Settings
from labeler.consensus import actions as consensus_actions
from labeler.errors import Cancelled, Conflict, LabelerError
from labeler.messages import Message
from labeler.projects import queries as project_queries
from labeler.projects.queries import Classes
from labeler.quality import actions as quality_actions
from labeler.quality import compute
from labeler.quality import queries as quality_queries
from labeler.quality.calibration.queries import calibration
from labeler.quality.cost import Meter
from labeler.quality.detectors.registry import WRONG_LABELS
from labeler.quality.input import Inspected, current_dataset
from labeler.review.expected import expected_wrong
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from labeler.workflow.imports import Progress, silent
from labeler.workflow.order import order_by_check
from labeler.workflow.telling import check_ended
from labeler.workflow.votes_wanted import weigh_votes

if TYPE_CHECKING:
    from pathlib import Path

    from labeler.quality.dataset import Examination

    Calculate = Callable[[Callable[[Progress], Examination], Progress], Examination]
    """How a calculation is run; it is told whom to tell how far it is."""


def at_once(work: "Callable[[Progress], Examination]", progress: Progress) -> "Examination":
    """Run a calculation here and now."""
    return work(progress)


@dataclass(frozen=True)
class _Run:
    """A run that has begun. resumed: whether it comes after one that was stopped in the middle."""

    database: Database
    project_id: int
    id: int
    meter: Meter
    resumed: bool

    def close(self, state: str, summary: dict[str, Any]) -> None:
        """Store how it ended, and what it cost."""
        with self.database.write() as session:
            told, now = {**summary, "cost": self.meter.read()}, clock(session)
            quality_actions.finish_inspection(session, self.id, state=state, summary=told, now=now)
            check_ended(session, self.project_id, self.id, state, now=now)


def inspect(
    database: Database,
    files: FileStore,
    project_id: int,
    *,
    by: int | None = None,
    schedule: str = "",
    progress: Progress = silent,
    calculate: "Calculate" = at_once,
) -> int:
    """Run the quality pass on a project's current labels and store its flags; returns the inspection's id.

    Nothing is written while models are trained, so no answer ever waits for them. schedule: the rule that asked for it,
    "" where a person did; calculate: how the calculation is run.
    """
    run = _begin(database, project_id, by=by, schedule=schedule)
    with _closed_on_the_way(run):
        progress(0.0, Message("Inferring the consensus"))
        method = consensus_actions.infer(database, project_id)
        weigh_votes(database, project_id)
        data, classes = _read(run, files)
        found = calculate(
            lambda report: _examined(data, files.numbers_of(project_id), database.settings, report),
            lambda share, message: progress(0.05 + 0.9 * share, message),
        )
        where = quality_actions.Positions(project_id, run.id, data.item_ids, data.user_ids, data.label_codes, classes)
        quality_actions.store_examination(database, where, found)
        _check_same_classes(database, project_id, classes)
    run.close("done", {**found.summary, "consensus_method": method, **_compared(run, data, found)})
    order_by_check(database, project_id)
    quality_actions.forget_old_scores(database, project_id)
    progress(1.0, Message("{count:,} flags", count=len(found.findings)))
    return run.id


def _begin(database: Database, project_id: int, *, by: int | None, schedule: str) -> _Run:
    meter = Meter(database.settings.core_watts)
    with database.write() as session:
        now = clock(session)
        resumed = quality_actions.fail_running(session, project_id, now)
        started = quality_actions.start_inspection(session, project_id, by=by, schedule=schedule, now=now)
    return _Run(database, project_id, started, meter, resumed)


@contextmanager
def _closed_on_the_way(run: _Run) -> Iterator[None]:
    """Store of a run that does not come to its end that it failed."""
    try:
        yield
    except Cancelled as end:
        words = Message("What the last finished check found stands.")
        run.close("failed", {"cancelled": True, "notes": [words]})
        raise Cancelled("What the last finished check found stands.") from end
    except BaseException as error:
        why = [error.message] if isinstance(error, LabelerError) else []
        words = Message("The label check stopped before it was finished; start it again.")
        run.close("failed", {"notes": [*why, words]})
        raise


def _read(run: _Run, files: FileStore) -> tuple[Inspected, Classes]:
    """Read what is to be judged."""
    with run.database.read() as session:
        classes = project_queries.classes_of(session, run.project_id)
        return current_dataset(session, files, run.project_id, classes), classes


def _examined(data: Inspected, kept: "Path", settings: Settings, report: Progress) -> "Examination":
    """Examine what was read, and measure what more labels would bring; settings: what to ask, and where to compute."""
    from labeler.quality.examine import examine
    from labeler.quality.outlook import outlook

    with compute.on(settings.compute) as problems:
        found = examine(
            data.dataset,
            progress=lambda share, said: report(0.95 * share, said),
            kept=kept,
            model=settings.model_of(data.dataset.media),
        )
        report(0.95, Message("Measuring what more labels would bring."))
        ahead = outlook(found.lesson, seed=0) if found.lesson else None
    notes = [*found.summary["notes"], *problems]
    told = {**found.summary, "notes": notes, "outlook": ahead.as_json() if ahead else None}
    return replace(found, summary=told, lesson=None)


def _compared(run: _Run, data: Inspected, found: "Examination") -> dict[str, Any]:
    """Return what is said of a run beside the others: what changed since the one before, and what came between."""
    labels = dict(zip(data.item_ids, data.label_codes, strict=True))
    with run.database.read() as session:
        changes = quality_queries.changes_by(session, run.project_id, run.id, labels)
        known = calibration(session, run.project_id)
    scores = (one.score for one in found.findings if one.kind == WRONG_LABELS.kind)
    wrong = expected_wrong(map(known.of, scores))
    notes = list(found.summary["notes"])
    if run.resumed:
        notes.append(Message("The check before was stopped in the middle; this is the next try."))
    told = {"changes": changes.as_json() if changes else None, "wrong_of_flagged": vars(wrong) if wrong else None}
    return {**told, "notes": notes}


def _check_same_classes(database: Database, project_id: int, known: Classes) -> None:
    """Raise Conflict when a class was merged or removed meanwhile: what was found names classes that are gone."""
    with database.read() as session:
        codes = project_queries.classes_of(session, project_id).codes
    if list(codes[: len(known.codes)]) != list(known.codes):
        raise Conflict("Classes were merged or removed while the labels were checked. Check the labels again.")

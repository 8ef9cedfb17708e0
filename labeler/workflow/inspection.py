"""Inspection: look for what is probably wrong with a project's labels, and store it.

People ask for one with `jobs.actions.ask_for_inspection`, and a worker runs it here; `labeler inspect` runs it at once.
What is found counts once the run is `done`: until then everybody reads the one before. Cancelled is what stops on the
way, whether by an error, a worker that is asked to stop, or classes that were merged meanwhile: the run is `failed`.
"""

from labeler.consensus import actions as consensus_actions
from labeler.errors import Conflict
from labeler.messages import Message
from labeler.projects import queries as project_queries
from labeler.projects.queries import Classes
from labeler.quality import actions as quality_actions
from labeler.quality import compute
from labeler.quality.input import current_dataset
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from labeler.workflow.imports import Progress, silent


def inspect(
    database: Database, files: FileStore, project_id: int, *, by: int | None = None, progress: Progress = silent
) -> int:
    """Run the quality pass on a project's current labels and store its flags; returns the inspection's id.

    Nothing is written while models are trained, so no answer ever waits for them.
    """
    from labeler.quality.examine import examine

    with database.write() as session:
        now = clock(session)
        quality_actions.fail_running(session, project_id, now)
        inspection_id = quality_actions.start_inspection(session, project_id, by=by, now=now)
    try:
        progress(0.0, Message("Inferring the consensus"))
        method = consensus_actions.infer(database, project_id)
        with database.read() as session:
            classes = project_queries.classes_of(session, project_id)
            data = current_dataset(session, files, project_id, classes)
        with compute.on(database.settings.compute) as said:
            found = examine(
                data.dataset,
                progress=lambda share, message: progress(0.05 + 0.9 * share, message),
                kept=files.numbers_of(project_id),
                model=database.settings.model_of(data.dataset.media),
            )
        found.summary["notes"] += said
        where = quality_actions.Positions(
            project_id, inspection_id, data.item_ids, data.user_ids, data.label_codes, classes
        )
        quality_actions.store_examination(database, where, found)
        _check_same_classes(database, project_id, classes)
    except BaseException:
        with database.write() as session:
            notes = {"notes": [Message("The label check stopped before it was finished; start it again.")]}
            quality_actions.finish_inspection(session, inspection_id, state="failed", summary=notes, now=clock(session))
        raise
    with database.write() as session:
        summary = {**found.summary, "consensus_method": method}
        quality_actions.finish_inspection(session, inspection_id, state="done", summary=summary, now=clock(session))
    quality_actions.forget_old_scores(database, project_id)
    progress(1.0, Message("{count:,} flags", count=len(found.findings)))
    return inspection_id


def _check_same_classes(database: Database, project_id: int, known: Classes) -> None:
    """Raise Conflict when a class was merged or removed meanwhile: what was found names classes that are gone."""
    with database.read() as session:
        codes = project_queries.classes_of(session, project_id).codes
    if list(codes[: len(known.codes)]) != list(known.codes):
        raise Conflict("Classes were merged or removed while the labels were checked. Check the labels again.")

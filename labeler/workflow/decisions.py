"""Decisions: look for what is probably wrong, store what a lead decided, want another number of answers."""

from sqlalchemy.orm import Session

from labeler.assignment import actions as assignment_actions
from labeler.consensus import actions as consensus_actions
from labeler.decisions import actions as review_actions
from labeler.decisions import final
from labeler.decisions import queries as decision_queries
from labeler.decisions.actions import Decision
from labeler.decisions.models import Review
from labeler.errors import Conflict
from labeler.messages import Message
from labeler.projects import queries as project_queries
from labeler.projects.actions import alone_with, check_votes
from labeler.projects.models import Project
from labeler.projects.queries import Classes, Question
from labeler.quality import actions as quality_actions
from labeler.quality import queries as quality_queries
from labeler.quality.detectors.registry import rank
from labeler.quality.input import current_dataset
from labeler.quality.models import Flag
from labeler.storage.database import Database, alone, clock
from labeler.storage.files import FileStore
from labeler.workflow.imports import Progress, silent
from labeler.workflow.late import count_late

# -- inspect --------------------------------------------------------------------------------------------------------


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
        found = examine(data.dataset, progress=lambda share, message: progress(0.05 + 0.9 * share, message))
        where = quality_actions.Positions(project_id, inspection_id, data.item_ids, data.user_ids, classes.codes)
        quality_actions.store_examination(database, where, data.dataset, found)
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


# -- resolve --------------------------------------------------------------------------------------------------------


def resolve(session: Session, project: Project, decision: Decision, *, by: int) -> tuple[Review, bool]:
    """Store what a lead decided about an item, with the flag it was about; returns it and whether it is new."""
    project = alone_with(session, project)
    project_queries.item_in(session, project.id, decision.item)
    flag = _flag_of(session, project, decision)
    return review_actions.decide(session, project, decision, flag=flag, by=by, now=clock(session))


def _flag_of(session: Session, project: Project, decision: Decision) -> Flag | None:
    """Return the flag that was decided about: the one that was looked at, else the first in the queue's order."""
    if decision.flag is not None:
        flag = session.get(Flag, decision.flag)
        return flag if flag is not None and flag.item_id == decision.item else None
    inspection = quality_queries.latest_inspection(session, project.id)
    flags = quality_queries.flags_of_items(session, inspection.id, [decision.item]) if inspection else {}
    return min(flags.get(decision.item, []), key=lambda flag: rank(flag.kind), default=None)


def take_back(session: Session, project: Project, user_id: int) -> list[Review]:
    """Undo a person's newest decision, with all that were made in the same step; returns them ([]: none was left)."""
    project = alone_with(session, project)
    last = decision_queries.last_by(session, project.id, user_id)
    if last is None:
        return []
    together = list(decision_queries.in_batch(session, user_id, last.batch)) if last.batch else [last]
    for review in together:
        review_actions.undo(session, project, review)
    return together


def change_votes(session: Session, project: Project, votes: int) -> int:
    """Want another number of answers an item; items that have more keep them. Raises Invalid for an unusable number.

    Where more are wanted, late answers take the slots that open, before anybody is asked; returns how many did.
    """
    alone(session, project.id)
    excluded = final.excluded_items(session, project.id)
    assignment_actions.change_votes(session, project, check_votes(votes), excluded)
    return count_late(session, Question.of(session, project), now=clock(session))

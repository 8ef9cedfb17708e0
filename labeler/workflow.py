"""THE MAIN PATH, one function a step, each: read once → calculate → write once.

    import_items   a file's rows become items
    import_votes   a file's rows become answers to items that are there
    serve          hold the next items for a person
    submit         store what a person answered; settle what follows from it
    undo           take one's own answer back
    inspect        the quality pass: what is probably wrong
    resolve        store what a lead decided
    change_votes   want another number of answers an item

Every effect of a step stands here in reading order; there are no signals and no hidden receivers. A step that is one
transaction takes a session; long ones take the database and cut their writes into short transactions.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from sqlalchemy.orm import Session

from labeler.accounts import actions as account_actions
from labeler.agreement import actions as agreement_actions
from labeler.agreement.queries import pattern_of
from labeler.annotations import actions as annotation_actions
from labeler.annotations import queries as annotation_queries
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.assignment import actions as assignment_actions
from labeler.assignment import queries as assignment_queries
from labeler.assignment.models import Assignment
from labeler.assignment.policies import DEFAULT, POLICIES
from labeler.consensus import actions as consensus_actions
from labeler.errors import Conflict, Invalid, NotFound
from labeler.exchange import actions as exchange_actions
from labeler.exchange.actions import ImportResult
from labeler.exchange.formats.base import RejectedRow, Row, VoteRow
from labeler.projects import queries as project_queries
from labeler.projects.actions import alone_with, check_votes
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.quality import actions as quality_actions
from labeler.quality import queries as quality_queries
from labeler.review import actions as review_actions
from labeler.review import queries as review_queries
from labeler.review.actions import Decision
from labeler.review.dataset import current_dataset
from labeler.review.models import Review
from labeler.storage.database import Database, alone, clock
from labeler.storage.files import FileStore

Progress = Callable[[float, str], None]
Entry = TypeVar("Entry")
IMPORT_BATCH = 2000
IMAGE_BATCH = 64
VOTE_BATCH = 500


def silent(_share: float, _message: str) -> None:
    """Report progress to nobody."""


# -- import ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ImportPlan:
    """How to import. total: rows expected (0: unknown), for the progress only."""

    name: str
    format_name: str
    by: int | None = None
    total: int = 0


def import_items(
    database: Database,
    files: FileStore,
    project_id: int,
    rows: Iterable[Row | RejectedRow],
    plan: ImportPlan,
    *,
    progress: Progress = silent,
) -> ImportResult:
    """Turn rows into items, batch by batch, each durable by itself; running it again continues where it stopped."""
    with database.write() as session:
        project = session.get_one(Project, project_id)
        media, votes, order = project.media, project.votes, str(project.settings.get("order", DEFAULT))
        code_of = project_queries.classes_of(session, project_id).by_name
        now = clock(session)
        import_id = exchange_actions.start_import(
            session, project_id, name=plan.name, format_name=plan.format_name, by=plan.by, now=now
        )
    target = exchange_actions.Target(project_id, import_id, votes, code_of, POLICIES.get(order, POLICIES[DEFAULT]), now)
    result = ImportResult(import_id)
    seen = 0
    for batch in _batches(rows, IMAGE_BATCH if media == "image" else IMPORT_BATCH):
        good = [row for row in batch if isinstance(row, Row)]
        images = files.put_images([row.image or b"" for row in good]) if media == "image" else None
        with database.write() as session:
            alone(session, project_id)
            target = replace(target, votes=project_queries.votes_wanted(session, project_id))
            counts = exchange_actions.store_rows(session, target, good, images)
            counts.rejected.extend(row for row in batch if isinstance(row, RejectedRow))
            exchange_actions.record(session, import_id, counts)
        seen += len(batch)
        result.add(counts)
        progress(min(0.99, seen / plan.total) if plan.total else 0.0, f"{seen:,} rows read")
    with database.write() as session:
        exchange_actions.finish_import(session, import_id, clock(session))
    progress(1.0, f"{result.added:,} added, {result.rejected:,} not")
    return result


def _batches(rows: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


def import_votes(
    database: Database,
    project_id: int,
    rows: Iterable[VoteRow | RejectedRow],
    plan: ImportPlan,
    *,
    progress: Progress = silent,
) -> ImportResult:
    """Store answers that were given elsewhere. They obey the rules of a submit: past the wanted number they are late.

    An annotator without an account gets one that nobody can enter until a lead sends its person a link.
    """
    with database.write() as session:
        import_id = exchange_actions.start_import(
            session, project_id, name=plan.name, format_name=plan.format_name, by=plan.by, now=clock(session)
        )
    result, seen = ImportResult(import_id), 0
    for batch in _batches(rows, VOTE_BATCH):
        with database.write() as session:
            alone(session, project_id)
            question = Question.of(session, session.get_one(Project, project_id))
            counts = exchange_actions.Counts(rejected=[row for row in batch if isinstance(row, RejectedRow)])
            for vote in batch:
                if isinstance(vote, VoteRow):
                    _import_vote(session, question, import_id, vote, counts)
            exchange_actions.record(session, import_id, counts)
        seen += len(batch)
        result.add(counts)
        progress(min(0.99, seen / plan.total) if plan.total else 0.0, f"{seen:,} rows read")
    with database.write() as session:
        exchange_actions.finish_import(session, import_id, clock(session))
    return result


def _import_vote(
    session: Session, question: Question, import_id: int, vote: VoteRow, counts: exchange_actions.Counts
) -> None:
    project, now = question.project, clock(session)
    code = question.classes.by_name.get(vote.label)
    item = project_queries.item_by_name(session, project.id, vote.external_id, vote.text)
    if code is None or item is None:
        column, reason = ("label", f"{vote.label!r} is not a class of this project.")
        if item is None:
            column, reason = ("id", "No item of this project has this id or text; import the items first.")
        counts.rejected.append(RejectedRow(vote.number, column, reason, vote.external_id or (vote.text or "")[:500]))
        return
    user_id = account_actions.member_named(session, project.id, vote.annotator, now=now)
    own = annotation_queries.counted_of(session, item.id, user_id)
    if (own is not None and own.code == code) or annotation_queries.is_late(session, item.id, user_id, code):
        counts.unchanged += 1
        return
    assignment = assignment_actions.stand_in(session, item, user_id, now=now)
    answer = Answer(
        key=f"import-{import_id}-{vote.number}-{user_id}",
        assignment=assignment.id,
        value={"label": vote.label},
        seconds=vote.seconds or 0.0,
        comment=vote.comment or "",
    )
    _store(session, question, assignment, answer, code=code, now=now)
    counts.added += own is None
    counts.changed += own is not None


# -- serve ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """One item as it is handed to a person. note: why a lead sent it back, or ""."""

    assignment: Assignment
    item: Item
    note: str = ""


def serve(
    session: Session, project_id: int, user_id: int, *, count: int, lease: timedelta, now: datetime | None = None
) -> list[Held]:
    """Hold the next items for a person: those held already come first, so asking twice takes nothing twice.

    now: the database's clock unless a test or the demo tells the time.
    """
    alone(session, project_id)
    held = assignment_actions.claim(session, project_id, user_id, count=count, lease=lease, now=now or clock(session))
    return [Held(a, i, _note(session, i) if a.purpose == "review" else "") for a, i in held]


def _note(session: Session, item: Item) -> str:
    review = review_queries.current_of(session, item.id)
    return review.reason if review is not None and review.decision == "send_back" else ""


# -- submit ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Receipt:
    """What became of one answer: created, replayed, late (kept, not counted) or rejected with a reason."""

    key: str
    status: str
    id: int | None = None
    reason: str = ""


def submit(
    session: Session, question: Question, user_id: int, answers: Iterable[Answer], *, now: datetime | None = None
) -> list[Receipt]:
    """Store answers in order. An answer is never dropped: what comes too late is kept and told so.

    The caller acknowledges only after the session's transaction is durable. now: as for `serve`.
    """
    alone(session, question.project.id)
    at = now or clock(session)
    return [_submit_one(session, question, user_id, answer, at) for answer in answers]


def _submit_one(session: Session, question: Question, user_id: int, answer: Answer, now: datetime) -> Receipt:
    known = annotation_queries.by_key(session, user_id, answer.key)
    if known is not None:
        if known.fingerprint != answer.fingerprint:
            return Receipt(answer.key, "rejected", reason="This key was used for another answer; use a new key.")
        return Receipt(answer.key, "replayed", known.id)
    project = question.project
    own = assignment_queries.own_assignment(session, project.id, user_id, answer.assignment)
    if own is None:
        return Receipt(answer.key, "rejected", reason="You do not hold this item; ask for the next one.")
    assignment, item = own
    try:
        answer.check()
        code = _code(question, item, answer)
    except Invalid as error:
        return Receipt(answer.key, "rejected", reason=error.message)
    return _store(session, question, assignment, answer, code=code, now=now)


def _code(question: Question, item: Item, answer: Answer) -> str:
    if answer.value is None:
        return ""
    task = project_queries.task_of(question.project)
    value = task.check_value(answer.value, question.classes.config, project_queries.content_of(item))
    return question.classes.by_name[value["label"]]


def _store(
    session: Session, question: Question, assignment: Assignment, answer: Answer, *, code: str, now: datetime
) -> Receipt:
    in_time = assignment.state in {"held", "done"} or assignment_actions.take_slot(session, assignment, now)
    status = "late" if not in_time else "counted" if code else "skipped"
    counted = annotation_queries.counted_answers(session, assignment.item_id)
    before = [code for _, _, code in counted]
    after = list(before)
    if in_time:
        if (own_id := next((row[0] for row in counted if row[1] == assignment.user_id), None)) is not None:
            own = session.get_one(Annotation, own_id)
            own.status = "superseded"
            after.remove(own.code)
            session.flush()
        if assignment.state == "held" or not code:
            closed = not code and review_queries.is_excluded(session, assignment.item_id)
            assignment_actions.finish(session, assignment, skipped=not code, closed=closed)
    annotation = annotation_actions.add_annotation(
        session, answer, assignment, code=code, status=status, version=question.guideline_version, now=now
    )
    if status == "counted":
        after.append(code)
    settle(session, question.project.id, assignment.item_id, before=before, after=after, now=now)
    return Receipt(answer.key, "late" if status == "late" else "created", annotation.id)


def settle(
    session: Session, project_id: int, item_id: int, *, before: list[str], after: list[str], now: datetime
) -> None:
    """Bring what depends on an item's counted answers up to date, in the answer's own transaction."""
    if sorted(before) == sorted(after):
        return
    agreement_actions.move_item(session, project_id, before=pattern_of(before), after=pattern_of(after))
    consensus_actions.settle_item(session, project_id, item_id, after, now)


def undo(
    session: Session, project_id: int, user_id: int, annotation_id: int, *, lease: timedelta, at: datetime | None = None
) -> Annotation:
    """Take one's own answer back: it stays in the record as undone, and the item is held for another answer.

    Raises NotFound for anybody else's, Conflict when it does not stand any more.
    """
    alone(session, project_id)
    annotation = session.get(Annotation, annotation_id)
    if annotation is None or annotation.user_id != user_id or annotation.project_id != project_id:
        raise NotFound("There is no such answer of yours.")
    if annotation.status not in {"counted", "late", "skipped"}:
        raise Conflict("This answer was replaced or undone already.")
    now = at or clock(session)
    before = annotation_queries.codes_of(session, annotation.item_id)
    after = list(before)
    if annotation.status == "counted":
        after.remove(annotation.code)
    assignment = session.get(Assignment, annotation.assignment_id)
    if assignment is not None:
        closed = review_queries.is_excluded(session, annotation.item_id)
        assignment_actions.give_back(session, assignment, annotation.status, closed=closed, until=now + lease, now=now)
    annotation.status = "undone"
    session.flush()
    settle(session, project_id, annotation.item_id, before=before, after=after, now=now)
    return annotation


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
        progress(0.0, "Inferring the consensus")
        method = consensus_actions.infer(database, project_id)
        with database.read() as session:
            classes = project_queries.classes_of(session, project_id)
            data = current_dataset(session, files, project_id, classes)
        found = examine(data.dataset, progress=lambda share, message: progress(0.05 + 0.9 * share, message))
        where = quality_actions.Place(project_id, inspection_id, data.item_ids, data.user_ids, classes.codes)
        quality_actions.store_examination(database, where, data.dataset, found)
    except BaseException:
        with database.write() as session:
            notes = {"notes": ["The pass stopped before it was finished; run it again."]}
            quality_actions.finish_inspection(session, inspection_id, state="failed", summary=notes, now=clock(session))
        raise
    with database.write() as session:
        summary = {**found.summary, "consensus_method": method}
        quality_actions.finish_inspection(session, inspection_id, state="done", summary=summary, now=clock(session))
    progress(1.0, f"{len(found.findings):,} flags")
    return inspection_id


# -- resolve --------------------------------------------------------------------------------------------------------


def resolve(session: Session, project: Project, decision: Decision, *, by: int) -> tuple[Review, bool]:
    """Store what a lead decided about an item, with the flag it was about; returns it and whether it is new."""
    project = alone_with(session, project)
    project_queries.item_in(session, project.id, decision.item)
    inspection = quality_queries.latest_inspection(session, project.id)
    flags = quality_queries.flags_of_items(session, inspection.id, [decision.item]) if inspection else {}
    ranked = sorted(flags.get(decision.item, []), key=lambda flag: quality_queries.KINDS.index(flag.kind))
    flag = ranked[0] if ranked else None
    return review_actions.decide(session, project, decision, flag=flag, by=by, now=clock(session))


def take_back(session: Session, project: Project, user_id: int) -> list[Review]:
    """Undo a person's newest decision, with all that were made in the same step; returns them ([]: none was left)."""
    project = alone_with(session, project)
    last = review_queries.last_by(session, project.id, user_id)
    if last is None:
        return []
    together = list(review_queries.in_batch(session, user_id, last.batch)) if last.batch else [last]
    for review in together:
        review_actions.undo(session, project, review)
    return together


def change_votes(session: Session, project: Project, votes: int) -> None:
    """Want another number of answers an item; items that have more keep them. Raises Invalid for an unusable number."""
    alone(session, project.id)
    excluded = review_queries.excluded_items(session, project.id)
    assignment_actions.change_votes(session, project, check_votes(votes), excluded)

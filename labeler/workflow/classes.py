"""Editing classes: rename, add, take away what nothing has, merge what is in use into another class.

A label names its class by id or by place, in many tables; the lists below are all of them, and a test compares them
with the tables. Everything is done in one transaction. What people chose stays in the record: an answer whose class was
merged keeps what was answered then (`annotation.original`). A merge cannot be undone, since from then on nobody can
tell the two classes apart; whoever offers it says so.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from labeler.agreement import actions as agreement_actions
from labeler.annotations import queries as annotation_queries
from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.audits.models import AuditDecision, AuditItem
from labeler.automatic.models import AutomaticBatch
from labeler.consensus import actions as consensus_actions
from labeler.consensus.models import ItemConsensus
from labeler.decisions.models import Review
from labeler.errors import Conflict, Invalid
from labeler.messages import Message, listed
from labeler.projects import actions as project_actions
from labeler.projects.actions import alone_with
from labeler.projects.models import Guideline, Item, Project
from labeler.projects.naming import names_class
from labeler.projects.queries import Classes, Question, classes_of, task_of
from labeler.quality import actions as quality_actions
from labeler.quality.models import Flag, Inspection, ItemScore, Prediction
from labeler.rechecks.models import AskedAgainAnswer, BlindLookItem
from labeler.storage.database import clock
from labeler.test_items.models import TestItem
from labeler.workflow.recoding import Recoding

Code = InstrumentedAttribute[str]

LABELS: tuple[tuple[str, Code, InstrumentedAttribute[Any]], ...] = (
    ("answers", Annotation.code, Annotation.value),
    ("given", Item.given_code, Item.given_value),
    ("decisions", Review.code, Review.value),
    ("predictions", Prediction.code, Prediction.value),
    ("tests", TestItem.code, TestItem.value),
)
"""What uses a class: (what it is, its code, the label itself as it is kept)."""

COMPUTED: tuple[tuple[Code, InstrumentedAttribute[Any] | None], ...] = (
    (ItemConsensus.code, ItemConsensus.value),
    (Assignment.suggested_code, None),
    (Annotation.suggested_code, None),
    (Review.before_code, None),
    (Review.suggested_code, None),
    (Flag.label_code, None),
    (Flag.suggested_code, Flag.suggested_value),
    (ItemScore.label_code, None),
    (Item.automatic_code, None),
    (AutomaticBatch.code, None),
    (AuditItem.code, AuditItem.value),
    (AuditItem.right_code, AuditItem.right_value),
    (AuditDecision.code, AuditDecision.value),
    (AskedAgainAnswer.before_code, None),
    (BlindLookItem.code, BlindLookItem.value),
)
"""What speaks of a class without being a label of anybody; it follows."""

_MARKED = "~"  # codes are moved in two steps, as one may become what another was


@dataclass(frozen=True)
class Use:
    """How much names one class.

    decisions: labels that leads set and shares they gave; examples: of the guidelines; automatic: labels of the model;
    tests: right answers of test items.
    """

    answers: int = 0
    given: int = 0
    decisions: int = 0
    predictions: int = 0
    examples: int = 0
    automatic: int = 0
    tests: int = 0

    @property
    def total(self) -> int:
        """How much it is in all; 0 when the class can go."""
        return sum(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True)
class ClassEdit:
    """What is to change. Classes are named by id.

    merged: {class that goes: class that takes its labels}; removed: classes nothing has; renamed: {class: (name,
    description)}; added: (name, description), behind the others.
    """

    merged: Mapping[int, int] = field(default_factory=dict)
    removed: Sequence[int] = ()
    renamed: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    added: Sequence[tuple[str, str]] = ()


def edit_classes(session: Session, project: Project, edit: ClassEdit) -> None:
    """Change a project's classes, all of it or nothing. Raises Invalid, naming the field, before anything changes."""
    project = alone_with(session, project)
    classes = classes_of(session, project.id)
    _check(session, project, classes, edit)
    for gone, into in edit.merged.items():
        _take_away(session, project, str(gone), into=str(into))
    for gone in edit.removed:
        _take_away(session, project, str(gone), into="")
    project_actions.rename_classes(session, project.id, edit.renamed)
    if edit.added:
        project_actions.add_classes(session, project.id, edit.added)


def uses_of_classes(session: Session, project: Project) -> dict[int, Use]:
    """Return how much names each class of a project, by class id."""
    classes = classes_of(session, project.id)
    one_class, counts = classes.task.one_class, {"automatic": Counter[str]()}
    for what, code, value in LABELS:
        counts[what] = _counted(session, project.id, (code, value), classes)
    soft = select(Review.soft).where(Review.project_id == project.id, Review.soft.is_not(None))
    counts["decisions"].update(code for shares in session.scalars(soft) for code in shares)
    shown = select(Guideline.examples).where(Guideline.project_id == project.id)
    counts["examples"] = Counter(str(one["class"]) for examples in session.scalars(shown) for one in examples)
    if one_class:  # of other kinds the model labels nothing
        counts["automatic"] = _counted(session, project.id, (Item.automatic_code, None), classes)
    return {row.id: Use(**{what: found[str(row.id)] for what, found in counts.items()}) for row in classes.rows}


def _counted(session: Session, project_id: int, column: tuple[Code, Any], classes: Classes) -> Counter[str]:
    """Return in how many labels each class stands. column: their code and their value."""
    code, value = column
    here = and_(code.class_.project_id == project_id, code != "")
    found: Counter[str] = Counter()
    if classes.task.keeps_value:  # as text: reading 100,000 values as JSON takes seconds
        for text in session.scalars(select(cast(value, Text)).where(here)):
            found.update(classes.task.labels_in_json(text))
        return found
    for known, count in session.execute(select(code, func.count()).where(here).group_by(code)):
        for one in classes.task.labels_in(classes.by_codes(known, None) or {}):
            found[one] += count
    return found


def _check(session: Session, project: Project, classes: Classes, edit: ClassEdit) -> None:
    names = {row.id: row.name for row in classes.rows}
    going = [*edit.merged, *edit.removed]
    for one in (*going, *edit.merged.values(), *edit.renamed):
        if one not in names:
            raise Invalid("There is no such class in this project.", field="class")
    for gone, into in edit.merged.items():
        if into in going:
            raise Invalid(
                "{name!r} cannot be merged into {into!r}, which goes as well.",
                field="merge",
                name=names[gone],
                into=names[into],
            )
    uses = uses_of_classes(session, project) if edit.removed else {}
    for one in edit.removed:
        if uses[one].total:
            raise Invalid(
                "The class {name!r} is in use ({use}), so it cannot be taken away; merge it into another class.",
                field="classes",
                name=names[one],
                use=said(uses[one]),
            )
    kept = {id_: (name, "") for id_, name in names.items()} | dict(edit.renamed)
    staying = [kept[id_] for id_ in kept if id_ not in going]
    for name, count in Counter(name.strip() for name, _ in staying).items():
        if count > 1:
            raise Invalid(
                "{name!r} is the name of another class; merge one into the other instead.", field="classes", name=name
            )
    project_actions.check_classes([*staying, *edit.added], task_of(project))


def said(use: Use) -> str:
    """Say how much names a class."""
    counts = (
        (use.answers, Message("{count:,} answers", count=use.answers)),
        (use.given, Message("{count:,} given labels", count=use.given)),
        (use.decisions, Message("{count:,} decisions", count=use.decisions)),
        (use.predictions, Message("{count:,} predictions", count=use.predictions)),
        (use.automatic, Message("{count:,} labels of the model", count=use.automatic)),
        (use.examples, Message("{count:,} examples in the guidelines", count=use.examples)),
        (use.tests, Message("{count:,} test items", count=use.tests)),
    )
    return listed([words for count, words in counts if count])


@dataclass(frozen=True)
class Touched:
    """What an edit changes of what is there, as it merges classes: how much names them, and flags about them."""

    use: Use
    flags: int

    @property
    def count(self) -> int:
        """How much it is in all: what somebody who merges has to say that they are sure of."""
        return self.use.total + self.flags

    @property
    def words(self) -> str:
        """How much it is, in words."""
        flags = [Message("{count:,} flags", count=self.flags)] if self.flags else []
        return listed([*([said(self.use)] if self.use.total else []), *flags]) if self.count else Message("nothing")

    def as_json(self) -> dict[str, int]:
        """Return the counts as the command and the API say them."""
        return {**vars(self.use), "flags": self.flags, "total": self.count}


def touched_by(session: Session, project: Project, edit: ClassEdit) -> Touched:
    """Count what names the classes that an edit merges into others, and the flags that are about them.

    Raises Invalid for an edit that cannot be made.
    """
    classes = classes_of(session, project.id)
    _check(session, project, classes, edit)
    if not edit.merged:
        return Touched(Use(), 0)
    uses = uses_of_classes(session, project)
    gone = [uses[one] for one in edit.merged]
    total = Use(**{one.name: sum(getattr(use, one.name) for use in gone) for one in fields(Use)})
    about = [
        names_class(classes, code, Flag.suggested_value, str(one))
        for one in edit.merged
        for code in (Flag.label_code, Flag.suggested_code)
    ]
    here = select(func.count()).select_from(Flag).where(Flag.project_id == project.id, or_(*about))
    return Touched(total, session.scalar(here) or 0)


def check_sure(session: Session, project: Project, edit: ClassEdit, confirm: int | None) -> None:
    """Raise Invalid, or Conflict by now, where somebody who merges is not sure of how much that changes.

    confirm: the count that they were told.
    """
    touched = touched_by(session, project, edit)
    if confirm == touched.count or not touched.count:
        return
    if confirm is not None:
        raise Conflict(
            "Merging touches {use} by now, {count:,} in all and not {confirm:,}. Nothing was changed; look again.",
            field="confirm",
            use=touched.words,
            count=touched.count,
            confirm=confirm,
        )
    raise Invalid(
        "Merging cannot be undone, and it touches {use}. To go on, confirm the count: {count}.",
        field="confirm",
        use=touched.words,
        count=touched.count,
    )


def _take_away(session: Session, project: Project, gone: str, *, into: str) -> None:
    session.flush()
    recoding = Recoding(classes_of(session, project.id), gone, into)
    affected = _keep_record(session, project, recoding) if into else []
    moved: dict[str, str] = {}
    for _, code, value in LABELS:
        moved |= _move_values(session, project.id, (code, value), recoding) if recoding.task.keeps_value else {}
        _move_codes(session, _here(code, project.id), code, recoding, moved)
    for code, computed in COMPUTED:
        if computed is not None and recoding.task.keeps_value:
            moved |= _move_values(session, project.id, (code, computed), recoding)
        _move_codes(session, _here(code, project.id), code, recoding, moved)
    if into:
        _move_the_rest(session, project.id, recoding)
    quality_actions.recode(session, project.id, recoding.place, recoding.probabilities)
    project_actions.drop_class(session, project.id, int(gone))
    session.expire_all()
    _settle(session, project, affected)


def _here(code: Code, project_id: int) -> ColumnElement[bool]:
    if code.class_ is ItemScore:
        return ItemScore.inspection_id.in_(select(Inspection.id).where(Inspection.project_id == project_id))
    here: ColumnElement[bool] = code.class_.project_id == project_id
    return here


def _keep_record(session: Session, project: Project, recoding: Recoding) -> list[int]:
    """Keep what was answered beside each answer that is about to change; returns the items whose counted answers do."""
    here = and_(Annotation.project_id == project.id, Annotation.code != "")
    query = select(Annotation.id, Annotation.item_id, Annotation.code, Annotation.value, Annotation.status).where(here)
    query = query.where(names_class(recoding.before, Annotation.code, Annotation.value, recoding.gone))
    touched = [row for row in session.execute(query) if recoding.touches(row[2], row[3])]
    for id_, _, code, value, _ in touched:
        kept = recoding.before.shown(code, value)
        first = update(Annotation).where(Annotation.id == id_, Annotation.original.is_(None))
        session.execute(first.values(original=kept))
    return sorted({row[1] for row in touched if row[4] == annotation_queries.COUNTED})


def _move_values(session: Session, project_id: int, column: tuple[Code, Any], recoding: Recoding) -> dict[str, str]:
    """Move labels made of objects, row by row; returns {old code: new code}."""
    code, value = column
    key = next(iter(code.class_.__table__.primary_key))
    query = select(key, code, value).where(_here(code, project_id), cast(value, Text).like(f'%"{recoding.gone}"%'))
    moved = {}
    for id_, old, kept in session.execute(query).all():
        if kept and recoding.touches(old, kept):
            new, changed = recoding.label(old, kept)
            moved[old] = new
            session.execute(update(code.class_).where(key == id_).values({code.key: new, value.key: changed}))
    return moved


def _move_codes(
    session: Session, here: ColumnElement[bool], code: Code, recoding: Recoding, known: Mapping[str, str]
) -> None:
    """Move the codes of one column, wherever they stand."""
    present = session.scalars(select(code).where(here).distinct()).all()
    changed = {old: known.get(old) or recoding.code(old) for old in present if old}
    for old, new in changed.items():
        if new != old:
            session.execute(update(code.class_).where(here, code == old).values({code.key: f"{_MARKED}{new}"}))
    unmarked = update(code.class_).where(here, code.like(f"{_MARKED}%"))
    session.execute(unmarked.values({code.key: func.substr(code, 2)}))


def _move_the_rest(session: Session, project_id: int, recoding: Recoding) -> None:
    """Move what names classes in JSON of its own: shares, examples of guidelines, suggestions made of objects."""
    for review in session.scalars(select(Review).where(Review.project_id == project_id, Review.soft.is_not(None))):
        shares = recoding.shares(dict(review.soft or {}))
        if shares != review.soft:
            _move_soft(review, shares)
    for guideline in session.scalars(select(Guideline).where(Guideline.project_id == project_id)):
        into = int(recoding.into)
        found: list[dict[str, Any]] = []
        for one in guideline.examples:
            moved = {**one, "class": into} if one["class"] == int(recoding.gone) else one
            if not any((other["class"], other["item"]) == (moved["class"], moved["item"]) for other in found):
                found.append(moved)
        guideline.examples = found
    if recoding.task.keeps_value:
        named = cast(Assignment.suggested_value, Text).like(f'%"{recoding.gone}"%')
        held = select(Assignment).where(Assignment.project_id == project_id, Assignment.suggested_value.is_not(None))
        for assignment in session.scalars(held.where(named)):
            kept = assignment.suggested_value or {}
            if kept.get("value"):
                code, value = recoding.label(assignment.suggested_code, kept["value"])
                assignment.suggested_code, assignment.suggested_value = code, {**kept, "value": value}
    session.flush()


def _move_soft(review: Review, shares: dict[str, float]) -> None:
    if len(shares) > 1:
        review.soft = shares
        return
    # what was ambiguous between the two classes is one class now
    review.decision, review.code, review.soft = "relabel", next(iter(shares)), None


def _settle(session: Session, project: Project, items: Iterable[int]) -> None:
    """Bring consensus and agreement up to date with the answers."""
    now, question = clock(session), Question.of(session, project)
    for item_id in items:
        answers = annotation_queries.counted_answers(session, item_id)
        consensus_actions.settle_items(session, question, [(session.get_one(Item, item_id), answers)], now)
    agreement_actions.set_right(session, project.id)
    session.execute(
        delete(Flag).where(Flag.project_id == project.id, Flag.label_code == Flag.suggested_code, Flag.label_code != "")
    )

"""Answers of a file, stored in blocks, to the same end as one submit after the other.

Nearly all rows of a file are somebody's first word about an item that was never sent back. What such rows of an item
come to is known beforehand: the first ones take its open slots, the others are late. They are stored together, and
their item is settled once. Whatever else there is, of whoever said something about the item before, goes the way of
every answer (`answers.store_answer`), row by row.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from labeler.accounts import actions as account_actions
from labeler.annotations import actions as annotation_actions
from labeler.annotations import queries as annotation_queries
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED, Said
from labeler.assignment import actions as assignment_actions
from labeler.assignment.models import Assignment
from labeler.errors import Invalid
from labeler.exchange.actions import Counts
from labeler.exchange.parsing.annotations import given_at
from labeler.exchange.rows import RejectedRow, VoteRow
from labeler.projects import queries as project_queries
from labeler.projects.models import Item
from labeler.projects.queries import Question
from labeler.storage.database import clock
from labeler.workflow.answers import Kept, keep, store_answer
from labeler.workflow.beside_answers import Beside
from labeler.workflow.settling import Moved, settle_all

# put together once: people wait for the end of a block
_WANTED: BindParameter[Any] = bindparam("items", expanding=True)
_ANSWERS = (
    select(Annotation.item_id, Annotation.status, *annotation_queries.SAID)
    .where(Annotation.item_id.in_(_WANTED))
    .order_by(Annotation.id)
)
_ASSIGNED = select(Assignment.item_id, Assignment.user_id).where(Assignment.item_id.in_(_WANTED))


@dataclass(frozen=True)
class _Given:
    """A row that is a valid answer of somebody to an item."""

    vote: VoteRow
    item: Item
    user_id: int
    kept: Kept

    def of(self, assignment_id: int, import_id: int) -> Answer:
        """Return the answer as it is kept, with the key by which it is known for ever."""
        key = f"import-{import_id}-{self.vote.number}-{self.user_id}"
        return replace(self.kept.answer, key=key, assignment=assignment_id)


@dataclass(frozen=True)
class _Known:
    """What is known of the items of a block before it.

    said: counted answers by item; own: {(item, person): (status, code) of each of their answers}; assigned: (item,
    person) with an assignment.
    """

    said: dict[int, list[Said]]
    own: dict[tuple[int, int], list[tuple[str, str]]]
    assigned: set[tuple[int, int]]

    def is_there(self, one: _Given) -> bool:
        """Whether this very answer stands, or waits as late."""
        own = self.own.get((one.item.id, one.user_id), [])
        counted = [code for status, code in own if status == COUNTED]
        return counted == [one.kept.code] or (not counted and ("late", one.kept.code) in own)

    def is_late(self, one: _Given) -> bool:
        """Whether nothing this person said of the item counts."""
        return all(status != COUNTED for status, _ in self.own.get((one.item.id, one.user_id), []))

    def is_plain(self, item: Item, people: Sequence[int]) -> bool:
        """Whether these are each one's first word about an item that was never sent back."""
        first = all((item.id, who) not in self.own and (item.id, who) not in self.assigned for who in people)
        return first and not (item.round or item.automatic_code or any(one.round for one in self.said[item.id]))


@dataclass(frozen=True)
class _Block:
    """Some rows of an import, in one transaction."""

    session: Session
    question: Question
    import_id: int
    counts: Counts
    now: datetime

    def valid(self, votes: Sequence[VoteRow]) -> list[_Given]:
        """Return the rows that are answers to items that are there; the others are rejected, with the reason."""
        project = self.question.project.id
        named = _items(self.session, project, votes)
        good: list[tuple[VoteRow, Item, Kept]] = []
        for vote in votes:
            try:
                item = named(vote)
                good.append((vote, item, keep(self.question, item, self._answer(vote))))
            except Invalid as error:
                shown = vote.external_id or (vote.text or "")[:500]
                self.counts.rejected.append(RejectedRow(vote.number, error.field or "label", error.message, shown))
        names = (vote.annotator for vote, _, _ in good)
        people = account_actions.members_named(self.session, project, names, now=self.now)
        return [_Given(vote, item, people[vote.annotator], kept) for vote, item, kept in good]

    def _answer(self, vote: VoteRow) -> Answer:
        return Answer(
            key="",
            assignment=0,
            value=vote.value or self.question.task.from_class(vote.label),
            seconds=vote.seconds or 0.0,
            comment=vote.comment or "",
            unsure=vote.unsure,
            mode="import",
            at=given_at(vote.created_at, self.now),
        )

    def store_together(self, given: Sequence[_Given], known: _Known) -> None:
        """Store first words about items; of an item, the first in this order take its open slots."""
        open_slots = {one.item.id: one.item.open_slots for one in given}
        statuses = []
        for one in given:
            statuses.append(COUNTED if open_slots[one.item.id] > 0 else "late")
            open_slots[one.item.id] -= 1
        told = list(zip(given, statuses, strict=True))
        answered = [(one.item.id, one.user_id, status == COUNTED) for one, status in told]
        ids = assignment_actions.add_answered(self.session, self.question.project.id, answered, self.now)
        rows = [self._row(one, id_, status) for (one, status), id_ in zip(told, ids, strict=True)]
        annotation_actions.add_annotations(self.session, rows)
        self._settle([one for one, status in told if status == COUNTED], known)
        self.counts.added += len(given)
        self.counts.not_counted += statuses.count("late")
        for one in given:
            self.counts.note_parts(one.vote)

    def _row(self, one: _Given, assignment_id: int, status: str) -> dict[str, Any]:
        held = annotation_actions.Given(assignment_id, self.question.project.id, one.item.id, one.user_id)
        answer = one.of(assignment_id, self.import_id)
        row = annotation_actions.row_of(
            answer,
            held,
            code=one.kept.code,
            status=status,
            version=self.question.guideline_version,
            fingerprint=answer.fingerprint,
            now=self.now,
        )
        return {**row, "value": one.kept.value}

    def _settle(self, counted: Sequence[_Given], known: _Known) -> None:
        more: dict[int, list[Said]] = defaultdict(list)
        items = {one.item.id: one.item for one in counted}
        for one in counted:
            more[one.item.id].append(Said(0, one.user_id, one.kept.code, one.kept.value))
        moved = [Moved(items[id_], known.said[id_], [*known.said[id_], *said]) for id_, said in more.items()]
        settle_all(self.session, self.question, moved, now=self.now)

    def store_alone(self, one: _Given) -> None:
        """Store one answer as a submit would; what stands by now may be another than at the start of the block."""
        item, code, counts = one.item, one.kept.code, self.counts
        own = annotation_queries.counted_of(self.session, item.id, one.user_id)
        if own is not None and own.code == code:
            counts.unchanged += 1
            return
        if annotation_queries.is_late(self.session, item.id, one.user_id, code):
            counts.unchanged += 1
            counts.not_counted += own is None
            return
        assignment = assignment_actions.stand_in(self.session, item, one.user_id, now=self.now)
        kept = replace(one.kept, answer=one.of(assignment.id, self.import_id))
        receipt = store_answer(self.session, self.question, (assignment, item), kept, now=self.now)
        counts.note_parts(one.vote)
        counts.not_counted += receipt.status == "late"
        counts.added += own is None
        counts.changed += own is not None


def store_votes(session: Session, question: Question, import_id: int, votes: Sequence[VoteRow], counts: Counts) -> None:
    """Store answers that were given elsewhere under the rules of a submit, and count what became of each."""
    block = _Block(session, question, import_id, counts, clock(session))
    given = block.valid([vote for vote in votes if vote.skip is None and vote.soft is None])
    known = _known(session, sorted({one.item.id for one in given}))
    plain, others = _apart(given, known, counts)
    if plain:
        block.store_together(plain, known)
    for one in others:
        block.store_alone(one)
    beside = [vote for vote in votes if vote.skip is not None or vote.soft is not None]
    Beside(session, question, import_id, counts, block.now).store(beside)


def _apart(given: Sequence[_Given], known: _Known, counts: Counts) -> tuple[list[_Given], list[_Given]]:
    """Return what can be stored together, item by item, and what goes one by one; what is there already is counted."""
    by_item: dict[int, list[_Given]] = defaultdict(list)
    for one in given:
        by_item[one.item.id].append(one)
    plain: list[_Given] = []
    others: list[_Given] = []
    for own in by_item.values():
        people = [one.user_id for one in own]
        if len(set(people)) < len(people):
            others += own
            continue
        there = [one for one in own if known.is_there(one)]
        left = [one for one in own if not known.is_there(one)]
        counts.unchanged += len(there)
        counts.not_counted += sum(known.is_late(one) for one in there)
        (plain if known.is_plain(own[0].item, [one.user_id for one in left]) else others).extend(left)
    return plain, sorted(others, key=lambda one: one.vote.number)


def _items(session: Session, project_id: int, votes: Sequence[VoteRow]) -> Callable[[VoteRow], Item]:
    """Return the function that gives the item a row is about, or raises Invalid: as `item_by_name` for one row."""
    by_number = project_queries.items_by_id(session, project_id, [one.item for one in votes if one.item is not None])
    votes = [vote for vote in votes if vote.item is None]
    ids = sorted({vote.external_id for vote in votes if vote.external_id is not None})
    hashes = {vote.text or "": project_queries.text_hash(vote.text) for vote in votes if vote.external_id is None}
    by_id, by_hash = project_queries.items_named(session, project_id, ids, sorted(hashes.values()))

    def named(vote: VoteRow) -> Item:
        if vote.item in by_number:
            return by_number[vote.item]
        found = by_hash.get(hashes[vote.text or ""]) if vote.external_id is None else by_id.get(vote.external_id)
        if found is None:
            raise Invalid("No item of this project has this id or text; import the items first.", field="id")
        return found

    return named


def _known(session: Session, items: Sequence[int]) -> _Known:
    own: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
    said: dict[int, list[Said]] = {item: [] for item in items}
    for item, status, *one in session.execute(_ANSWERS, {"items": items}):
        answer = Said(*one)
        own[item, answer.user_id].append((status, answer.code))
        if status == COUNTED:
            said[item].append(answer)
    assigned = {(item, who) for item, who in session.execute(_ASSIGNED, {"items": items})}
    return _Known(said, own, assigned)

"""Reads of what people answered."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import and_, bindparam, exists, func, literal_column, null, or_, select
from sqlalchemy.orm import Session

from labeler.accounts.models import User
from labeler.annotations.columns import IDLE
from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.assignment.policies import SENT_BACK
from labeler.projects.models import Item
from labeler.task_types.base import Value

COUNTED = "counted"
NOT_COUNTED = "not_counted"  # a vote that a lead set aside (`rechecks`); it stays, and may count again
AUDIT = "audit"  # stands beside the votes and is none: the answer of an audit or a second opinion, by its purpose


@dataclass(frozen=True)
class VoteRow:
    """One counted answer, as calculations want it. value: only where it was asked for."""

    item_id: int
    user_id: int
    code: str
    value: Value | None = None


class Said(NamedTuple):
    """One counted answer to an item. value: as it is kept (see `projects.queries.Classes.stored`)."""

    id: int
    user_id: int
    code: str
    value: Value | None
    round: int = 0


# The statements of every submit, put together once: building them costs more than running them.
_BY_KEY = select(Annotation).where(Annotation.user_id == bindparam("user"), Annotation.key == bindparam("key"))
SAID = (Annotation.id, Annotation.user_id, Annotation.code, Annotation.value, Annotation.round)  # what Said holds
_SAID = select(*SAID)
_STANDING = _SAID.where(Annotation.item_id == bindparam("item"), Annotation.status == COUNTED)


def by_key(session: Session, user_id: int, key: str) -> Annotation | None:
    """Return the annotation a person sent with this key, whenever that was."""
    return session.scalar(_BY_KEY, {"user": user_id, "key": key})


def counted_of(session: Session, item_id: int, user_id: int) -> Annotation | None:
    """Return a person's counted answer to an item."""
    query = select(Annotation).where(
        Annotation.item_id == item_id, Annotation.user_id == user_id, Annotation.status == COUNTED
    )
    return session.scalar(query)


def of_page(session: Session, project_id: int, user_id: int, page: str) -> Sequence[Annotation]:
    """Return what a person answered on one page of the bulk grid, whatever became of it, in the order given."""
    query = select(Annotation).where(
        Annotation.project_id == project_id, Annotation.user_id == user_id, Annotation.page == page
    )
    return session.scalars(query.where(Annotation.mode == "bulk").order_by(Annotation.id)).all()


def is_late(session: Session, item_id: int, user_id: int, code: str) -> bool:
    """Whether a person's answer with this code is kept as late."""
    query = select(Annotation.id).where(
        Annotation.item_id == item_id,
        Annotation.user_id == user_id,
        Annotation.status == "late",
        Annotation.code == code,
    )
    return session.scalar(query.limit(1)) is not None


def counted_answers(session: Session, item_id: int) -> list[Said]:
    """Return an item's counted answers."""
    return [Said(*row) for row in session.execute(_STANDING, {"item": item_id})]


def counted_of_items(session: Session, item_ids: Sequence[int]) -> dict[int, list[Said]]:
    """Return the counted answers of each of these items, [] for one without."""
    found: dict[int, list[Said]] = {item_id: [] for item_id in item_ids}
    query = _SAID.add_columns(Annotation.item_id).where(Annotation.item_id.in_(item_ids), Annotation.status == COUNTED)
    for *one, item_id in session.execute(query.order_by(Annotation.id)):
        found[item_id].append(Said(*one))
    return found


def said(session: Session, ids: Sequence[int]) -> dict[int, Said]:
    """Return these answers by id, whatever their status."""
    return {row[0]: Said(*row) for row in session.execute(_SAID.where(Annotation.id.in_(ids)))}


def vote_shares(session: Session, item_ids: Sequence[int]) -> dict[int, dict[str, float]]:
    """Return {item: {class id as text: share of the counted answers}}, of items whose answers are one class each."""
    query = (
        select(Annotation.item_id, Annotation.code, func.count())
        .where(Annotation.item_id.in_(item_ids), Annotation.status == COUNTED)
        .group_by(Annotation.item_id, Annotation.code)
        .order_by(Annotation.item_id, func.count().desc(), Annotation.code)
    )
    votes: dict[int, dict[str, int]] = {}
    for item, code, count in session.execute(query) if item_ids else ():
        votes.setdefault(item, {})[code] = count
    return {
        item: {code: count / sum(counts.values()) for code, count in counts.items()}
        for item, counts in votes.items()
        if all(code.isdigit() for code in counts)
    }


def votes_of_project(session: Session, project_id: int, *, values: bool = False) -> Iterator[VoteRow]:
    """Yield every counted answer of a project, item by item. values: with the answers themselves."""
    value = Annotation.value if values else null()
    query = (
        select(Annotation.item_id, Annotation.user_id, Annotation.code, value)
        .where(Annotation.project_id == project_id, Annotation.status == COUNTED)
        .order_by(Annotation.item_id, Annotation.id)
        .execution_options(yield_per=5000)
    )
    for row in session.execute(query):
        yield VoteRow(row[0], row[1], row[2], row[3])


def answers_with_mode(session: Session, project_id: int) -> Iterator[tuple[int, int, str, float, str]]:
    """Yield (item id, user id, code, active seconds, mode) of each counted first answer of a project."""
    query = (
        select(Annotation.item_id, Annotation.user_id, Annotation.code, Annotation.seconds, Annotation.mode)
        .where(Annotation.project_id == project_id, Annotation.status == COUNTED, Annotation.purpose == "label")
        .execution_options(yield_per=5000)
    )
    for row in session.execute(query):
        yield row[0], row[1], row[2], row[3], row[4]


def answers_to(session: Session, item_ids: Sequence[int]) -> list[tuple[Annotation, User]]:
    """Return every answer to these items with its author, counted or not, in the order they were given."""
    query = (
        select(Annotation, User)
        .join(User, User.id == Annotation.user_id)
        .where(Annotation.item_id.in_(item_ids))
        .order_by(Annotation.id)
    )
    return [(annotation, user) for annotation, user in session.execute(query)]


def answer_with(session: Session, project_id: int, item_id: int, code: str) -> Annotation | None:
    """Return somebody's answer to an item that has this code, whatever became of it since."""
    query = select(Annotation).where(
        Annotation.project_id == project_id, Annotation.item_id == item_id, Annotation.code == code
    )
    return session.scalar(query.order_by(Annotation.id.desc()).limit(1))


def standing_answers(session: Session, project_id: int, item_id: int) -> list[tuple[Annotation, User]]:
    """Return the counted answers to one item and the skips of it, with their authors, in the order they were given."""
    query = (
        select(Annotation, User)
        .join(User, User.id == Annotation.user_id)
        .where(
            Annotation.project_id == project_id,
            Annotation.status.in_((COUNTED, "skipped")),
            Annotation.item_id == item_id,
        )
        .order_by(Annotation.id)
    )
    return [(annotation, user) for annotation, user in session.execute(query)]


ANSWERED = (COUNTED, "late", AUDIT, NOT_COUNTED)


def latest_of(
    session: Session,
    project_id: int,
    user_id: int,
    limit: int,
    *,
    statuses: Sequence[str] = (*ANSWERED, "skipped"),
    item_id: int | None = None,
) -> list[tuple[Annotation, Item]]:
    """Return a person's newest answers and skips that still stand (or only those), newest first, one an item.

    item_id: only to this item.
    """
    query = (
        select(Annotation, Item)
        .join(Item, Item.id == Annotation.item_id)
        .where(
            Annotation.project_id == project_id,
            Annotation.user_id == user_id,
            Annotation.status.in_(statuses),
        )
        .order_by(Annotation.id.desc())
        .limit(limit)
    )
    if item_id is not None:
        query = query.where(Annotation.item_id == item_id)
    return [(annotation, item) for annotation, item in session.execute(query)]


def listing(
    session: Session, project_id: int, *, user_id: int | None, after: int, limit: int
) -> list[tuple[Annotation, str, str | None]]:
    """Return answers after an id with their author's address and the item's external id, oldest first."""
    query = (
        select(Annotation, User.email, Item.external_id)
        .join(User, User.id == Annotation.user_id)
        .join(Item, Item.id == Annotation.item_id)
        .where(Annotation.project_id == project_id, Annotation.id > after)
        .order_by(Annotation.id)
        .limit(limit)
    )
    if user_id is not None:
        query = query.where(Annotation.user_id == user_id)
    return [(a, email, external) for a, email, external in session.execute(query)]


def counted_by_user(session: Session, project_id: int) -> dict[int, int]:
    """Return how many counted answers each person gave."""
    query = (
        select(Annotation.user_id, func.count())
        .where(Annotation.project_id == project_id, Annotation.status == COUNTED)
        .group_by(Annotation.user_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


@dataclass(frozen=True)
class Done:
    """How many items of a project one person has answered, and how many they skipped: a skip is no answer.

    An item that they are asked about anew is neither: it is left for them (`assignment.queries.left_for`).
    """

    answered: int
    skipped: int

    @property
    def seen(self) -> int:
        """How many went past this person, answered or not."""
        return self.answered + self.skipped


def done_by(session: Session, project_id: int, user_id: int) -> Done:
    """Return what a person did with the items of a project."""
    query = (
        select(Annotation.status, func.count())
        .where(
            Annotation.project_id == project_id,
            Annotation.user_id == user_id,
            Annotation.status.in_((COUNTED, AUDIT, NOT_COUNTED, "skipped")),
        )
        .group_by(Annotation.status)
    )
    counts = Counter({row[0]: row[1] for row in session.execute(query)})
    counts -= Counter(_asked_anew(session, project_id, user_id).values())
    return Done(counts[COUNTED] + counts[AUDIT] + counts[NOT_COUNTED], counts["skipped"])


def _asked_anew(session: Session, project_id: int, user_id: int) -> dict[int, str]:
    """Return {annotation: status} of a person's answers and skips to items they are asked about anew."""
    own = (
        Annotation.project_id == project_id,
        Annotation.user_id == user_id,
        Annotation.status.in_((COUNTED, AUDIT, "skipped")),
    )
    answers = select(Annotation.id, Annotation.status).where(*own)
    held = answers.join(
        Assignment, and_(Assignment.item_id == Annotation.item_id, Assignment.user_id == user_id)
    ).where(Assignment.project_id == project_id, Assignment.state == "held", Annotation.round < Assignment.round)
    taken = exists().where(
        Assignment.item_id == Item.id,
        Assignment.user_id == user_id,
        Assignment.round == Item.round,
        Assignment.state != "expired",
    )
    free = answers.join(Item, Item.id == Annotation.item_id).where(
        # as in the serving: open, in front of all others, and for anybody or for this person
        Item.project_id == project_id,
        Item.open_slots > literal_column("0"),
        Item.priority <= SENT_BACK,
        or_(Item.only_for.is_(None), Item.only_for == user_id),
        Annotation.round < Item.round,
        ~taken,
    )
    return {row[0]: row[1] for query in (held, free) for row in session.execute(query)}


@dataclass(frozen=True)
class Work:
    """How much one person answered in a project, and the median active seconds of their counted answers.

    Breaks and what was not timed are left out, as on the pages of a lead (`annotations.columns.IDLE`).
    """

    votes: int = 0
    skips: int = 0
    late: int = 0
    median_seconds: float | None = None


def work_of_all(session: Session, project_id: int) -> dict[int, Work]:
    """Return what each person who ever answered in a project did, by user id."""
    medians = _median_seconds(session, project_id)
    query = (
        select(Annotation.user_id, Annotation.status, func.count())
        .where(Annotation.project_id == project_id)
        .group_by(Annotation.user_id, Annotation.status)
    )
    counts: dict[int, dict[str, int]] = {}
    for user_id, status, count in session.execute(query):
        counts.setdefault(user_id, {})[status] = count
    return {
        user_id: Work(found.get(COUNTED, 0), found.get("skipped", 0), found.get("late", 0), medians.get(user_id))
        for user_id, found in counts.items()
    }


def _median_seconds(session: Session, project_id: int) -> dict[int, float]:
    # neither database has a median that both understand: the middle one or two rows of each person are averaged
    place = func.row_number().over(partition_by=Annotation.user_id, order_by=Annotation.seconds)
    rows = (
        select(
            Annotation.user_id,
            Annotation.seconds,
            place.label("place"),
            func.count().over(partition_by=Annotation.user_id).label("answers"),
        )
        .where(Annotation.project_id == project_id, Annotation.status == COUNTED)
        .where(Annotation.seconds > 0, Annotation.seconds <= IDLE)
        .subquery()
    )
    middle = (rows.c.place * 2).between(rows.c.answers, rows.c.answers + 2)
    query = select(rows.c.user_id, func.avg(rows.c.seconds)).where(middle).group_by(rows.c.user_id)
    return {user_id: float(seconds) for user_id, seconds in session.execute(query)}

"""What one person answered, as they see it themselves: lists with what became of each answer, and their time.

Note: nothing here says what others answered, which items were checks, or how anybody compares. Answers beside the votes
look like any other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median, quantiles

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import Session

from labeler.annotations.columns import IDLE
from labeler.annotations.models import Annotation
from labeler.annotations.queries import ANSWERED, AUDIT, COUNTED
from labeler.decisions.models import CURRENT, Review
from labeler.notices.queries import decided_otherwise
from labeler.projects.models import Item, Project
from labeler.storage.arrays import day_number
from labeler.threads.models import Thread

SHOWN = ("all", "changeable", "returned", "decided", "unsure", "skipped", "late", "threads")
ENOUGH = 20  # answers from which a median is shown
DAYS = 14
MOST_TIMED = 50_000  # answers of the last days that are looked at: more than anybody gives

_STATUSES = (*ANSWERED, "skipped")
_FINAL = exists().where(
    Review.item_id == Item.id,
    Review.status == CURRENT,
    Review.decision.in_(("keep", "relabel", "exclude", "ambiguous")),
)


@dataclass(frozen=True)
class OwnFilter:
    """Which of one's own answers are wanted. codes: class ids whose names fit the text, found by the caller."""

    shown: str = "all"
    text: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnAnswer:
    """One answer or skip of one's own. returned: a lead sent it back; decided: the decision that says another label.

    final_at: since when a lead's decision stands; None while the answer can be changed.
    """

    annotation: Annotation
    item: Item
    returned: bool
    decided: Review | None
    final_at: datetime | None


def own_page(
    session: Session, user_id: int, projects: Sequence[Project], wanted: OwnFilter, *, before: int, limit: int
) -> list[OwnAnswer]:
    """Return a person's answers, the newest first. before: id of the answer the page begins behind, 0 for the first."""
    query = _own(user_id, projects, wanted).where(_conditions(user_id)[wanted.shown])
    if before:
        query = query.where(Annotation.id < before)
    found = session.execute(query.order_by(Annotation.id.desc()).limit(limit)).all()
    ids = [item.id for _, item in found]
    decisions = {
        one.item_id: one
        for one in session.scalars(select(Review).where(Review.item_id.in_(ids), Review.status == CURRENT))
    }
    return [_with_outcome(annotation, item, decisions.get(item.id), user_id) for annotation, item in found]


def own_counts(session: Session, user_id: int, projects: Sequence[Project], wanted: OwnFilter) -> dict[str, int]:
    """Return how many answers each list of SHOWN holds, of those that fit the text."""
    of_each = [func.sum(case((condition, 1), else_=0)) for condition in _conditions(user_id).values()]
    row = session.execute(_own(user_id, projects, wanted).with_only_columns(*of_each)).one()
    return {name: int(count or 0) for name, count in zip(SHOWN, row, strict=True)}


def _own(user_id: int, projects: Sequence[Project], wanted: OwnFilter) -> Select[Annotation, Item]:
    query = (
        select(Annotation, Item)
        .join(Item, Item.id == Annotation.item_id)
        .where(
            Annotation.project_id.in_([one.id for one in projects]),
            Annotation.user_id == user_id,
            Annotation.status.in_(_STATUSES),
        )
    )
    return query.where(_holds(wanted)) if wanted.text else query


def _holds(wanted: OwnFilter) -> ColumnElement[bool]:
    """Return the SQL of whether the text stands in the item, its id, the comment or the answer."""
    named = Item.external_id.icontains(wanted.text, autoescape=True)
    # the folders of a picture's path may name its class: they are not shown, so they are not searched
    seen = or_(Item.width.is_(None), Item.external_id.not_like("%/%"))
    return or_(
        Item.text.icontains(wanted.text, autoescape=True),
        and_(named, seen),
        Annotation.comment.icontains(wanted.text, autoescape=True),
        Annotation.code.in_(wanted.codes),
    )


def _conditions(user_id: int) -> dict[str, ColumnElement[bool]]:
    sent_back = exists().where(Review.item_id == Item.id, Review.status == CURRENT, Review.decision == "send_back")
    returned = and_(func.coalesce(Item.only_for, 0) == user_id, sent_back)
    threads = or_(
        Annotation.comment != "", exists().where(Thread.item_id == Item.id, Thread.user_id == Annotation.user_id)
    )
    return {
        "all": true(),
        "changeable": and_(Annotation.status.in_((COUNTED, AUDIT, "skipped")), ~_FINAL, ~returned),
        "returned": returned,
        "decided": exists().where(decided_otherwise()),
        "unsure": Annotation.unsure == true(),
        "skipped": Annotation.status == "skipped",
        "late": Annotation.status == "late",
        "threads": threads,
    }


def _with_outcome(annotation: Annotation, item: Item, review: Review | None, user_id: int) -> OwnAnswer:
    """Say of one answer what the conditions above say of many; a test compares the two."""
    decision = review.decision if review else ""
    labels = decision in {"keep", "relabel"}
    otherwise = review is not None and labels and annotation.code not in {"", review.code}
    final = review is not None and (labels or decision in {"exclude", "ambiguous"})
    return OwnAnswer(
        annotation,
        item,
        returned=decision == "send_back" and item.only_for == user_id,
        decided=review if otherwise else None,
        final_at=review.created_at if review and final else None,
    )


@dataclass(frozen=True)
class Timed:
    """The active seconds of one answer, the project it is in, and the day (UTC)."""

    project_id: int
    day: date
    seconds: float


@dataclass(frozen=True)
class Pace:
    """How many answers of a project were given today, and how long one took, in seconds.

    today: the median of today; usual: of the days before; half: the middle half of these; None below ENOUGH answers.
    """

    answers: int
    today: float | None
    usual: float | None
    half: tuple[float, float] | None


@dataclass(frozen=True)
class OwnTime:
    """A person's time. minutes: by day, the oldest first, today last; paces: by project id."""

    minutes: tuple[tuple[date, float], ...]
    paces: dict[int, Pace]

    @property
    def today(self) -> float:
        """Active minutes of today."""
        return self.minutes[-1][1]

    @property
    def answers(self) -> int:
        """Answers of today."""
        return sum(pace.answers for pace in self.paces.values())


def own_time(session: Session, user_id: int, projects: Sequence[Project], now: datetime) -> OwnTime:
    """Return a person's active time and pace in these projects, of the last 14 days; breaks are left out."""
    day = day_number(session, Annotation.created_at)
    query = (
        select(Annotation.project_id, day, Annotation.seconds)
        .where(Annotation.project_id.in_([one.id for one in projects]), Annotation.user_id == user_id)
        .where(Annotation.mode != "import", Annotation.created_at > now - timedelta(days=DAYS))
        .order_by(Annotation.id.desc())
        .limit(MOST_TIMED)
    )
    rows = [Timed(row[0], date.fromisoformat(str(row[1])), float(row[2])) for row in session.execute(query)]
    return time_of(rows, now.date())


def time_of(rows: Iterable[Timed], today: date) -> OwnTime:
    """Return the time and pace that answers come to. today: in UTC, as the days of the answers."""
    timed = list(rows)
    minutes = {today - timedelta(days=back): 0.0 for back in reversed(range(DAYS))}
    for one in timed:
        if one.day in minutes and one.seconds <= IDLE:
            minutes[one.day] += one.seconds / 60
    projects = sorted({one.project_id for one in timed})
    paces = {project: _pace([one for one in timed if one.project_id == project], today) for project in projects}
    return OwnTime(tuple(minutes.items()), paces)


def _pace(timed: Sequence[Timed], today: date) -> Pace:
    now = [one.seconds for one in timed if one.day == today and 0 < one.seconds <= IDLE]
    before = [one.seconds for one in timed if one.day < today and 0 < one.seconds <= IDLE]
    quarters = quantiles(before, n=4) if len(before) >= ENOUGH else None
    return Pace(
        answers=sum(one.day == today for one in timed),
        today=median(now) if len(now) >= ENOUGH else None,
        usual=median(before) if quarters else None,
        half=(quarters[0], quarters[2]) if quarters else None,
    )

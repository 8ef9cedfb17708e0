"""Reads of what is asked again and of blind looks, and of what a plan is made from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from labeler.accounts.models import Membership
from labeler.accounts.queries import can_work
from labeler.annotations.columns import IDLE
from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED, counted_of_items
from labeler.assignment.models import Assignment
from labeler.assignment.queries import paused_since
from labeler.decisions.final import AMBIGUOUS, final_code, standings, with_standing
from labeler.decisions.models import Review
from labeler.errors import NotFound
from labeler.projects.models import Item
from labeler.rechecks.models import AskedAgain, AskedAgainAnswer, BlindLook, BlindLookItem
from labeler.rechecks.plan import Answered, Plan, Window, plan

_CHUNK = 500  # items in one statement
_DECIDED = ("exclude", AMBIGUOUS, "keep", "relabel")
_OTHER = aliased(Annotation)


def planned(session: Session, project_id: int, window: Window) -> Plan:
    """Return what asking others again would do now; raises Invalid for an unusable window."""
    window.check()
    rows = _in_window(session, project_id, window)
    chunks = (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))
    answers = [one for chunk in chunks for one in _answered(session, project_id, window, chunk)]
    seconds = _others_seconds(session, window, [row.item_id for row in rows]) if window.which == "fast" else []
    return plan(window, answers, seconds)


def _in_window(session: Session, project_id: int, window: Window) -> Sequence[Annotation]:
    query = select(Annotation).where(
        Annotation.project_id == project_id,
        Annotation.user_id == window.user_id,
        Annotation.status == COUNTED,
        Annotation.created_at.between(window.since, window.until),
    )
    return session.scalars(query.order_by(Annotation.id)).all()


def _answered(session: Session, project_id: int, window: Window, rows: Sequence[Annotation]) -> Iterator[Answered]:
    items = [row.item_id for row in rows]
    said = counted_of_items(session, items)
    standing = {one.item_id: one for one in standings(session, project_id, items)}
    rounds = {row[0]: row[1] for row in session.execute(select(Item.id, Item.round).where(Item.id.in_(items)))}
    askable = _askable(session, project_id, window.user_id, items)
    held = set(session.scalars(select(Assignment.id).where(Assignment.id.in_([row.assignment_id for row in rows]))))
    for row in rows:
        one = standing[row.item_id]
        yield Answered(
            row.id,
            row.item_id,
            [other.code for other in said[row.item_id] if other.user_id != window.user_id],
            one.final,
            decided=one.decision in _DECIDED,
            open_round=rounds[row.item_id] == row.round and row.assignment_id in held,
            seconds=row.seconds,
            askable=row.item_id in askable,
        )


def _askable(session: Session, project_id: int, user_id: int, items: Sequence[int]) -> set[int]:
    """Return those of these items that somebody at work has neither answered, skipped nor in front of them.

    Who is paused is not asked.
    """
    # named, as nothing is taken from farther out than the next select by itself
    outside = (Item, Membership)
    said = exists().where(_OTHER.item_id == Item.id, _OTHER.user_id == Membership.user_id).correlate(*outside)
    has = (
        exists()
        .where(Assignment.item_id == Item.id, Assignment.user_id == Membership.user_id, Assignment.state != "expired")
        .correlate(*outside)
    )
    someone = exists().where(
        Membership.project_id == project_id,
        Membership.user_id != user_id,
        Membership.user_id.not_in(paused_since(session, project_id)),
        can_work(project_id, Membership.user_id),
        ~said,
        ~has,
    )
    return set(session.scalars(select(Item.id).where(Item.id.in_(items), someone)))


def _others_seconds(session: Session, window: Window, items: Sequence[int]) -> list[float]:
    found: list[float] = []
    for start in range(0, len(items), _CHUNK):
        query = select(Annotation.seconds).where(
            Annotation.item_id.in_(items[start : start + _CHUNK]),
            Annotation.user_id != window.user_id,
            Annotation.status == COUNTED,
            Annotation.seconds > 0,
            Annotation.seconds <= IDLE,
        )
        found += session.scalars(query)
    return found


@dataclass(frozen=True)
class Asked:
    """What became of asking others again. back: items that somebody answered since; changed: with another label now."""

    one: AskedAgain
    back: int
    changed: int


def asked_again(session: Session, project_id: int, user_id: int) -> list[Asked]:
    """Return what others were asked again of a person's answers, newest first, with how far it is."""
    query = select(AskedAgain).where(AskedAgain.project_id == project_id, AskedAgain.user_id == user_id)
    return [
        Asked(one, _back(session, one), _changed(session, one))
        for one in session.scalars(query.order_by(AskedAgain.id.desc()))
    ]


def _back(session: Session, one: AskedAgain) -> int:
    since = exists().where(
        Annotation.item_id == AskedAgainAnswer.item_id,
        Annotation.user_id != one.user_id,
        Annotation.status == COUNTED,
        Annotation.id > one.newest,
    )
    query = select(func.count()).where(AskedAgainAnswer.asked_again_id == one.id, AskedAgainAnswer.asked, since)
    return session.scalar(query) or 0


def _changed(session: Session, one: AskedAgain) -> int:
    """Return how many items have another label than before; one that has none while it waits is not among them."""
    query = (
        with_standing(select(func.count()))
        .join(AskedAgainAnswer, AskedAgainAnswer.item_id == Item.id)
        .where(AskedAgainAnswer.asked_again_id == one.id, AskedAgainAnswer.asked)
        .where(final_code() != AskedAgainAnswer.before_code, final_code() != "")
    )
    return session.scalar(query) or 0


def newest_answer(session: Session, project_id: int) -> int:
    """Return the id of the newest answer of a project, 0 without one."""
    return session.scalar(select(func.max(Annotation.id)).where(Annotation.project_id == project_id)) or 0


def asked_in(session: Session, project_id: int, asked_id: int) -> AskedAgain:
    """Return one of them in this project; raises NotFound."""
    found = session.get(AskedAgain, asked_id)
    if found is None or found.project_id != project_id:
        raise NotFound("Nobody was asked again under this number in this project.")
    return found


def answers_of(session: Session, one: AskedAgain) -> Sequence[AskedAgainAnswer]:
    """Return the answers something was done about."""
    query = select(AskedAgainAnswer).where(AskedAgainAnswer.asked_again_id == one.id)
    return session.scalars(query.order_by(AskedAgainAnswer.id)).all()


def why_not_counted(session: Session, item_id: int) -> dict[int, AskedAgain]:
    """Return {answer id: what a lead did} of the answers to an item that do not count since."""
    query = (
        select(AskedAgainAnswer.annotation_id, AskedAgain)
        .join(AskedAgain, AskedAgain.id == AskedAgainAnswer.asked_again_id)
        .where(AskedAgainAnswer.item_id == item_id, AskedAgainAnswer.set_aside, AskedAgain.undone_at.is_(None))
    )
    return {row[0]: row[1] for row in session.execute(query)}


# -- looking blind ----------------------------------------------------------------------------------------------------


def look_in(session: Session, project_id: int, look_id: int) -> BlindLook:
    """Return a blind look of this project; raises NotFound."""
    found = session.get(BlindLook, look_id)
    if found is None or found.project_id != project_id:
        raise NotFound("There is no such look in this project.")
    return found


def looked_at(session: Session, look: BlindLook) -> list[tuple[BlindLookItem, Annotation]]:
    """Return the items of a look in their order, each with the answer that is looked at."""
    query = (
        select(BlindLookItem, Annotation)
        .join(Annotation, Annotation.id == BlindLookItem.annotation_id)
        .where(BlindLookItem.blind_look_id == look.id)
        .order_by(BlindLookItem.position)
    )
    return [(one, answer) for one, answer in session.execute(query)]


def looks_of(session: Session, project_id: int, user_id: int) -> Sequence[BlindLook]:
    """Return the blind looks at a person's answers, newest first."""
    query = select(BlindLook).where(BlindLook.project_id == project_id, BlindLook.user_id == user_id)
    return session.scalars(query.order_by(BlindLook.id.desc())).all()


def unseen_by(session: Session, project_id: int, window: Window, lead_id: int) -> Sequence[Annotation]:
    """Return a person's counted answers in a window to items that this lead never answered, skipped or decided."""
    said = exists().where(_OTHER.item_id == Annotation.item_id, _OTHER.user_id == lead_id)
    decided = exists().where(Review.item_id == Annotation.item_id, Review.user_id == lead_id)
    query = select(Annotation).where(
        Annotation.project_id == project_id,
        Annotation.user_id == window.user_id,
        Annotation.status == COUNTED,
        Annotation.created_at.between(window.since, window.until),
        ~said,
        ~decided,
    )
    return session.scalars(query.order_by(Annotation.id)).all()

"""Changes to who answered what, and to rounds. Every function keeps `open_slots` right in the caller's transaction.

The rule behind it: an item in round r wants as many answers as the project says (one in later rounds), and its open
slots are that number less the assignments of round r that are held or done.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session

from labeler.assignment import queries
from labeler.assignment.models import Assignment, WorkRule
from labeler.assignment.policies import SENT_BACK, SENT_TO_ONE
from labeler.assignment.rounds import is_for_each
from labeler.assignment.sharing import OPEN, READY
from labeler.assignment.slots import TAKE_MANY, come_by_again, count_again, free, take_slots
from labeler.projects.models import Item, Project
from labeler.storage.many_rows import add_rows

_CHUNK = 500  # ids in one statement


def stand_in(session: Session, item: Item, user_id: int, *, now: datetime) -> Assignment:
    """Return the person's assignment of an item's current round, or a new one without a slot (for imported answers)."""
    own = select(Assignment).where(
        Assignment.item_id == item.id, Assignment.user_id == user_id, Assignment.round == item.round
    )
    assignment = session.scalar(own)
    if assignment is None:
        assignment = Assignment(
            project_id=item.project_id,
            item_id=item.id,
            user_id=user_id,
            round=item.round,
            purpose="label",
            state="expired",
            claimed_at=now,
            expires_at=now,
        )
        session.add(assignment)
        session.flush()
    return assignment


def let_skip(session: Session, assignment: Assignment) -> None:
    """Let one who does not hold an item have skipped it elsewhere: nobody's slot is taken or given back."""
    if assignment.state == "expired":
        assignment.state = "skipped"
        session.flush()


def add_answered(
    session: Session, project_id: int, answered: Sequence[tuple[int, int, bool]], now: datetime
) -> list[int]:
    """Store an assignment of the first round for each of many (item, person, counted), none of which has one yet.

    Those that count take a slot each: their items must have as many. Returns the ids of the assignments, in order.
    """
    rows = [
        {
            "project_id": project_id,
            "item_id": item,
            "user_id": who,
            "round": 0,
            "purpose": "label",
            "state": "done" if counted else "expired",
            "claimed_at": now,
            "expires_at": now,
        }
        for item, who, counted in answered
    ]
    taken = Counter(item for item, _, counted in answered if counted)
    add_rows(session, Assignment, rows)
    if taken:
        slots = [{"item": item, "taken": count} for item, count in taken.items()]
        session.execute(TAKE_MANY, slots)
    made = select(Assignment.item_id, Assignment.user_id, Assignment.id).where(
        Assignment.item_id.in_({item for item, _, _ in answered}), Assignment.round == 0
    )
    ids = {(item, who): id_ for item, who, id_ in session.execute(made)}
    return [ids[item, who] for item, who, _ in answered]


def take_slot(session: Session, assignment: Assignment, now: datetime) -> bool:
    """Take a slot again for an assignment that lost or gave back its own; False when the item is full or moved on."""
    if assignment.round < 0:
        free_again = is_for_each(assignment.round) or not _is_taken(session, assignment)
    else:
        free_again = bool(take_slots(session, [assignment.item_id], assignment.round))
    if not free_again:
        return False
    assignment.state = "held"
    assignment.claimed_at = now
    return True


def _is_taken(session: Session, assignment: Assignment) -> bool:
    """Whether somebody else holds or has answered what this assignment, beside the votes, asks."""
    others = exists().where(
        Assignment.item_id == assignment.item_id,
        Assignment.round == assignment.round,
        Assignment.id != assignment.id,
        Assignment.state.in_(("held", "done")),
    )
    return bool(session.scalar(select(others)))


def take_open(session: Session, answered: Sequence[tuple[Item, Sequence[int]]]) -> None:
    """Let answers that are there already take open slots of their items, one each.

    answered: an item with the ids of the assignments of these answers; it must have as many open slots.
    """
    ids = [assignment_id for _, assignment_ids in answered for assignment_id in assignment_ids]
    session.execute(update(Assignment).where(Assignment.id.in_(ids)).values(state="done"))
    for item, assignment_ids in answered:
        item.open_slots -= len(assignment_ids)
    session.flush()


def finish(session: Session, assignment: Assignment, *, skipped: bool, closed: bool = False) -> None:
    """Close a held assignment as answered, or as skipped, which gives its slot to somebody else (unless closed)."""
    assignment.state = "skipped" if skipped else "done"
    if not skipped:
        return  # written with the answer that follows
    session.flush()
    if assignment.round > 0:
        open_to_all(session, Item.id == assignment.item_id)
    if not closed:
        free(session, assignment.item_id, assignment.round)


def drop(session: Session, assignment: Assignment) -> None:
    """Let go of an item without an answer that counts, since it has all it wants or was asked anew."""
    if assignment.state == "held":
        assignment.state = "expired"
        session.flush()
        free(session, assignment.item_id, assignment.round)


def give_back(
    session: Session, assignment: Assignment, status: str, *, closed: bool, until: datetime, now: datetime
) -> None:
    """Hold an item again whose answer with this status is being undone. closed: a lead took the item out meanwhile.

    A skip gave its slot back, so its item can be held again only while one is free; after a late answer it never is.
    """
    answered = status in {"counted", "audit"} and assignment.state == "done"
    if answered and closed:
        assignment.state = "expired"
    elif answered or (status == assignment.state == "skipped" and take_slot(session, assignment, now)):
        assignment.state = "held"
        assignment.claimed_at = now
        assignment.expires_at = until
        if assignment.desk == READY:
            assignment.desk = OPEN  # it is in front of them again
    session.flush()


def start_round(session: Session, item: Item, *, only_for: int | None) -> None:
    """Ask about an item once more: the next round opens with one slot, at the front of the queue.

    only_for: user id of the one it is for, None for anybody.
    """
    newest = session.scalar(select(func.max(Assignment.round)).where(Assignment.item_id == item.id))
    item.round = max(item.round, newest or 0) + 1  # never a round somebody has answered in: a cancelled one may be
    item.open_slots = 1
    item.priority = SENT_BACK if only_for is None else SENT_TO_ONE
    item.only_for = only_for
    session.flush()


def open_to_all(session: Session, which: ColumnElement[bool]) -> None:
    """Let anybody answer these items, which were sent back to one person."""
    session.execute(update(Item).where(which, Item.only_for.is_not(None)).values(only_for=None, priority=SENT_BACK))


def ask_once_more(session: Session, answered: Sequence[tuple[int, int | None]]) -> None:
    """Want one more answer to each of some items, of somebody else, before all others.

    answered: (item, assignment) of an answer that is there; it gives its slot to whoever answers next, and its person
    is not asked again.
    """
    items, ids = [item for item, _ in answered], [assignment for _, assignment in answered]
    for start in range(0, len(items), _CHUNK):
        these = items[start : start + _CHUNK]
        given = update(Assignment).where(Assignment.id.in_(ids[start : start + _CHUNK]), Assignment.state == "done")
        session.execute(given.values(state="skipped"))
        in_front = update(Item).where(Item.id.in_(these), Item.priority > SENT_BACK)
        session.execute(in_front.values(priority=SENT_BACK, only_for=None))
        count_again(session, these)


def ask_no_more(session: Session, answered: Sequence[tuple[int, int | None, float]]) -> None:
    """Take that back: (item, assignment, priority before). Who holds one of them by now goes on holding it."""
    for item, _, priority in answered:
        session.execute(update(Item).where(Item.id == item, Item.priority == SENT_BACK).values(priority=priority))
    for start in range(0, len(answered), _CHUNK):
        these = answered[start : start + _CHUNK]
        taken = update(Assignment).where(Assignment.id.in_([one[1] for one in these]), Assignment.state == "skipped")
        session.execute(taken.values(state="done"))
        count_again(session, [one[0] for one in these])


def cancel_round(session: Session, item: Item, votes: int) -> None:
    """Go back to the round before, as nobody has answered in this one. votes: of the project.

    That is the newest one with an answer, held or given: rounds between were cancelled themselves. Who holds the item
    now is let go; an answer that is on its way is kept as late.
    """
    taken = update(Assignment).where(
        Assignment.item_id == item.id, Assignment.round == item.round, Assignment.state == "held"
    )
    session.execute(taken.values(state="expired"))
    earlier = select(func.max(Assignment.round)).where(
        Assignment.item_id == item.id,
        Assignment.round.between(0, item.round - 1),
        Assignment.state.in_(("held", "done")),
    )
    item.round = session.scalar(earlier) or 0
    item.priority = 0.0
    item.only_for = None
    reopen_item(session, item, votes)


def end_round(session: Session, item_id: int, round_: int) -> None:
    """Let go of an item whoever holds it in a round; an answer that is on its way is kept as late."""
    session.execute(
        update(Assignment)
        .where(Assignment.item_id == item_id, Assignment.round == round_, Assignment.state == "held")
        .values(state="expired")
    )


def close_first_round(session: Session, item: Item) -> None:
    """Want no answers to an item in its first round any more; those on their way are kept as late."""
    item.wanted = 0
    if item.round == 0:
        end_round(session, item.id, 0)
        item.open_slots = 0
    session.flush()


def remember_passed(session: Session, project_id: int, user_id: int) -> None:
    """Note that a person passed the test round, so that they work without another look at it."""
    work_rule(session, project_id, user_id).let_in = True
    session.flush()


def work_rule(session: Session, project_id: int, user_id: int) -> WorkRule:
    """Return what is decided about a person's work; made where nothing was yet."""
    rule = queries.rule_of(session, project_id, user_id)
    if rule is None:
        rule = WorkRule(project_id=project_id, user_id=user_id, tries=1, let_in=False)
        session.add(rule)
        session.flush()
    return rule


def resume_round(session: Session, item: Item) -> None:
    """Go on asking in the round an item is in, at the front of the queue if it has left it."""
    if item.priority > SENT_BACK:
        item.priority = SENT_BACK
        session.flush()


def close_item(session: Session, item: Item) -> None:
    """Stop serving an item (a lead excluded it); answers that are on their way are kept as late."""
    session.execute(
        update(Assignment).where(Assignment.item_id == item.id, Assignment.state == "held").values(state="expired")
    )
    item.open_slots = 0
    session.flush()


def reopen_item(session: Session, item: Item, votes: int) -> None:
    """Serve an item again, with the slots its current round still wants. votes: of the project."""
    taken = session.scalars(
        select(Assignment.id).where(
            Assignment.item_id == item.id, Assignment.round == item.round, Assignment.state.in_(("held", "done"))
        )
    ).all()
    first = votes if item.wanted is None else item.wanted
    wanted = 1 if item.round else 0 if item.automatic_code else first
    item.open_slots = max(0, wanted - len(taken))
    item.freed = True
    session.flush()


def end_full(session: Session, project: Project) -> None:
    """Take items that have as many answers as they want in their first round from those who hold them."""
    wanted = func.coalesce(Item.wanted, project.votes)
    answers = (
        select(Assignment.item_id)
        .join(Item, Item.id == Assignment.item_id)
        .where(Assignment.project_id == project.id, Assignment.round == 0, Assignment.state == "done")
    )
    full = answers.group_by(Assignment.item_id, Item.wanted).having(func.count() >= wanted)
    unwanted = select(Item.id).where(Item.project_id == project.id, Item.wanted == 0)
    held = update(Assignment).where(
        Assignment.project_id == project.id, Assignment.round == 0, Assignment.state == "held"
    )
    enough = or_(Assignment.item_id.in_(full), Assignment.item_id.in_(unwanted))
    session.execute(held.where(enough).values(state="expired"))


def open_again(session: Session, project: Project, excluded: set[int]) -> None:
    """Bring the open slots of all items up to date with what they want, and let everybody come by those that opened."""
    wrong = queries.recount(session, project, sorted(excluded))
    for item_id, (_, right) in wrong.items():
        session.execute(update(Item).where(Item.id == item_id).values(open_slots=right))
    opened = [item_id for item_id, (before, right) in wrong.items() if right and not before]
    for start in range(0, len(opened), _CHUNK):
        come_by_again(session, project.id, opened[start : start + _CHUNK])


def want(session: Session, item: Item, wanted: int | None, votes: int) -> None:
    """Want another number of answers to one item in its first round. wanted: None for the project's number, `votes`.

    One who holds it when it has as many as it wants goes on holding it: what they answer is kept as late.
    """
    item.wanted = None if wanted == votes else wanted
    reopen_item(session, item, votes)

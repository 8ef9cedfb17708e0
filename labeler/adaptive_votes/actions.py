"""Changes to how many answers items want: at once after each vote, and for all items once voters are known better."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.adaptive_votes import queries
from labeler.adaptive_votes.models import Voter
from labeler.adaptive_votes.rule import VoteRule, certainty
from labeler.annotations.queries import Said
from labeler.assignment import actions as assignment_actions
from labeler.assignment.policies import ANSWERS, CERTAINTY, follows_certainty, policy_of
from labeler.consensus.queries import consensus_of
from labeler.decisions.final import is_excluded
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.storage.database import Database, alone, clock
from labeler.storage.slices import Slices
from labeler.storage.upsert import OnConflict, upsert

BATCH = 1000  # items of one transaction at most
_LEARNT_AGAIN = OnConflict(keys=("project_id", "user_id"), replaced=("reliability", "votes", "computed_at"))


def weigh_items(session: Session, question: Question, answered: Sequence[tuple[Item, Sequence[Said]]]) -> None:
    """Want one more answer to items that are unsure after these votes, and no more to those that are not."""
    rule, moves = queries.rule_of(question.project), policy_of(question.project.settings or {}).moves
    if not (rule.is_adaptive or moves in {ANSWERS, CERTAINTY}):
        return
    first = [(item, said) for item, said in answered if item.round == 0 and item.wanted != 0]
    sure = _certainties(session, question, first) if rule.is_adaptive or moves == CERTAINTY else {}
    for item, said in first if moves in {ANSWERS, CERTAINTY} else ():
        _move(item, sure[item.id] if moves == CERTAINTY else float(len(said)))
    if rule.is_adaptive:
        _want(session, question.project, rule, [(item, len(said), sure[item.id]) for item, said in first])


def _certainties(
    session: Session, question: Question, answered: Sequence[tuple[Item, Sequence[Said]]]
) -> dict[int, float]:
    """Return the probability of each item's likeliest label; of answers that are no single class, their consensus'."""
    if not question.task.one_class:
        found = consensus_of(session, [item.id for item, _ in answered])
        return {
            item.id: 0.0 if item.id not in found else found[item.id].confidence if found[item.id].differ else 1.0
            for item, _ in answered
        }
    people = sorted({one.user_id for _, said in answered for one in said})
    believed = queries.believed(session, question.project.id, people) if people else {}
    classes = len(question.classes.rows)
    return {item.id: certainty([(one.code, believed[one.user_id]) for one in said], classes) for item, said in answered}


def _move(item: Item, priority: float) -> None:
    """Put an item at another place in the serving order. People who are past that come back for it."""
    if item.priority >= 0:
        item.freed = item.freed or priority < item.priority
        item.priority = priority


def _want(session: Session, project: Project, rule: VoteRule, items: Sequence[tuple[Item, int, float]]) -> None:
    if not items:
        return
    ids = [item.id for item, _, _ in items]
    taken, requested = queries.taken(session, ids), queries.requested(session, ids)
    for item, answers, sure in items:
        wanted = rule.after(item.content_hash, answers, sure)
        least = max(taken.get(item.id, 0) if answers >= rule.least else 0, requested.get(item.id, 0))
        if least > (project.votes if wanted is None else wanted):
            wanted = least  # who holds it goes on, and their answer counts
        same = (project.votes if wanted is None else wanted) == (project.votes if item.wanted is None else item.wanted)
        if not same and not is_excluded(session, item.id):
            assignment_actions.want(session, item, wanted, project.votes)


def weigh_again(database: Database, project_id: int) -> bool:
    """Learn from all votes how far each voter is believed, and weigh all items anew; returns whether it was needed."""
    from labeler.consensus.methods import one_coin
    from labeler.consensus.queries import project_votes
    from labeler.consensus.registry import METHODS, recommended

    with database.read() as session:
        question = Question.of(session, session.get_one(Project, project_id))
        rule, settings = queries.rule_of(question.project), question.project.settings or {}
        if not question.task.one_class or not (rule.is_adaptive or follows_certainty(settings)):
            return False
        found = project_votes(session, project_id, question.classes.index_of_code)
    if not found.item_ids:
        return False
    counts, by_person = found.votes.per_item(), found.votes.per_annotator()
    accuracy = one_coin.consensus(found.votes).accuracy
    reliability = [] if accuracy is None else accuracy.tolist()
    sure = METHODS[recommended(found.votes)](found.votes).probabilities.max(axis=1)
    with database.write() as session:
        alone(session, project_id)
        now = clock(session)
        _learn(session, project_id, list(zip(found.user_ids, reliability, by_person, strict=True)), now)
    weighed = [(item, int(counts[n]), float(sure[n])) for n, item in enumerate(found.item_ids)]

    def store(session: Session, part: Sequence[tuple[int, int, float]]) -> None:
        alone(session, project_id)
        _store(session, session.get_one(Project, project_id, populate_existing=True), part)

    slices = Slices(database)
    for start in range(0, len(weighed), BATCH):
        slices.store(weighed[start : start + BATCH], store)
    return True


def _learn(session: Session, project_id: int, voters: Sequence[tuple[int, float, int]], now: datetime) -> None:
    here = {"project_id": project_id, "computed_at": now}
    rows = [
        {**here, "user_id": user, "reliability": float(right), "votes": int(votes)} for user, right, votes in voters
    ]
    upsert(session, Voter, rows, _LEARNT_AGAIN)


def _store(session: Session, project: Project, part: Sequence[tuple[int, int, float]]) -> None:
    """Weigh items by what was computed, but those that got an answer meanwhile: these were weighed with it."""
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_([one[0] for one in part])))}
    now = consensus_of(session, list(items))
    still = [
        (items[item_id], votes, sure)
        for item_id, votes, sure in part
        if item_id in items
        and items[item_id].round == 0
        and items[item_id].wanted != 0
        and item_id in now
        and now[item_id].votes == votes
    ]
    if follows_certainty(project.settings or {}):
        for item, _, sure in still:
            _move(item, sure)
        session.flush()
    if (rule := queries.rule_of(project)).is_adaptive:
        _want(session, project, rule, still)

"""Labels of the model that stand where nobody answered: proposed, checked by an audit of their own, taken back.

Propose: for each class that a lead chose, the labels are stored and a random sample of them is asked about, blind, like
any audit. When it is finished, those of a class stand if it shows the promised share, and an item is asked about no
more. Every later audit of the project's labels meets some of them by chance and counts as well: a promise that all
audits together show no more is taken back, and so are its labels.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from labeler.assignment import queries as assignment_queries
from labeler.assignment.slots import end_now
from labeler.audits import actions as audit_actions
from labeler.audits import queries as audit_queries
from labeler.audits.actions import Label, Plan
from labeler.audits.models import DECIDED, PROPOSALS, UNFLAGGED, Audit
from labeler.audits.sample import Drawn, draw
from labeler.automatic import actions, queries
from labeler.automatic.models import STANDS, STOPPED, AutomaticBatch
from labeler.automatic.promise import CONFIDENCE, LEAST_TARGET, MOST_TARGET, Proposal
from labeler.errors import Conflict, Invalid
from labeler.projects.actions import alone_with
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.storage.database import clock

FIRST = 0  # spacing: nobody can tell these items from others that have no label yet


def propose_labels(
    session: Session,
    project: Project,
    codes: Sequence[str],
    *,
    target: float,
    by: int,
    seed: int,
    spacing: int | None = FIRST,
    now: datetime | None = None,
) -> Audit:
    """Propose the model's labels of these classes, and begin the audit that checks them; returns it.

    target: the share that must be right. Raises Invalid where a class has nothing to propose, or too little to be
    worth the check; Conflict while another audit runs.
    """
    project = alone_with(session, project)
    if not LEAST_TARGET <= target <= MOST_TARGET:
        raise Invalid("Between 50 and 99.9% of the labels must be right.", field="target")
    classes, at = classes_of(session, project.id), now or clock(session)
    found = queries.proposals(session, project.id, classes, target=target, confidence=CONFIDENCE)
    chosen = [one for one in found if one.code in codes]
    if not codes or len(chosen) < len(set(codes)):
        raise Invalid("Choose the classes that the model may label.", field="classes")
    for one in chosen:
        if not one.items:
            raise Invalid(
                "Of {name!r} there is too little the model is sure of to be worth the check.",
                field="classes",
                name=classes.name_of(one.code) or one.code,
            )
    plan = Plan(sum(one.size or 0 for one in chosen), 1 - target, spacing=spacing, about=PROPOSALS)
    population = {item: Label(one.code, None, UNFLAGGED, {}) for one in chosen for item in one.items}
    drawn = _drawn(chosen, seed)
    audit = audit_actions.begin(session, project.id, plan, population, drawn, seed=seed, by_label=True, by=by, now=at)
    held = assignment_queries.holds_of_items(session, project.id, [one.item for one in drawn])
    end_now(session, project.id, held)  # who holds one anyway may be asked for the check; an answer on its way counts
    promise = (target, CONFIDENCE)
    actions.store_proposals(session, project.id, chosen, audit_id=audit.id, promise=promise, now=at)
    return audit


def _drawn(chosen: Sequence[Proposal], seed: int) -> list[Drawn]:
    """Draw of each class as many as it takes, and mix them, so that nobody sees what is checked."""
    drawn = [
        Drawn(one.item, proposal.code, one.weight)
        for proposal in chosen
        for one in draw(proposal.items, proposal.size or 0, seed=seed)
    ]
    order = draw(range(len(drawn)), len(drawn), seed=seed)
    return [drawn[one.item] for one in order]


def settle_automatic(session: Session, audit: Audit, *, now: datetime) -> None:
    """Let follow what a finished audit says of the model's labels: of those it was about, or of those that it met."""
    rows = audit_queries.items_of(session, audit)
    judged = {one.item_id: one.outcome == "right" for one in rows if one.outcome}
    if audit.about == PROPOSALS:
        missing = {one.item_id for one in rows if not one.outcome}
        answered = queries.answered_among(session, missing)  # as any item: it needs no label of the model any more
        for batch in queries.batches_in_audit(session, audit.id):
            about = queries.items_of(session, batch) - answered
            own = {one.item_id: judged.get(one.item_id, False) for one in rows if one.item_id in about}
            actions.settle(session, batch, own, complete=not about & missing, now=now)
        return
    undecided = {one.item_id: one.code for one in rows if one.group != DECIDED}
    for batch in queries.standing_batches(session, audit.project_id):
        about = queries.labeled_by(session, batch)
        met = {item: right for item, right in judged.items() if item in about and undecided.get(item) == batch.code}
        if met:
            actions.add_outcomes(session, batch, met, now=now)


def stop_automatic(session: Session, audit: Audit, *, now: datetime) -> None:
    """Let nothing stand of what a stopped audit was to check."""
    for batch in queries.batches_in_audit(session, audit.id):
        batch.state, batch.ended_at = STOPPED, now
    session.flush()


def take_back_automatic(session: Session, project: Project, batch: AutomaticBatch, now: datetime | None = None) -> int:
    """Take the labels of a batch back; returns how many. Raises Conflict where they do not stand."""
    alone_with(session, project)
    if batch.state != STANDS:
        raise Conflict("These labels do not stand, so there is nothing to take back.")
    return actions.take_back(session, batch, now=now or clock(session))

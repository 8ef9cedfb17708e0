"""How far down the flags of wrong labels are offered as likely wrong, and where the next decision is best made.

Once enough was decided, a label is offered as likely wrong when it is as likely wrong as not; at most twice as many as
stand as high as anybody has looked, since below that nobody knows yet (an audit alone has looked everywhere). The
others come last in the queue. And every second one of the first decisions is about an item drawn at random, so that
what is learnt holds below the top as well.
"""

import hashlib

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.quality.calibration.probability import ENOUGH, SURE, Calibration
from labeler.quality.detectors.random_draw.detector import TAUGHT
from labeler.quality.detectors.registry import DRAWN, WRONG_LABELS
from labeler.quality.models import Flag
from labeler.review import queue
from labeler.review.queue import CLOSE, Wanted

FURTHER = 2  # times as far down as anybody has looked


def least_offered(session: Session, inspection_id: int, calibration: Calibration) -> float:
    """Return the score from which on flags of a run are offered as likely wrong; 0 before enough was decided."""
    if calibration.wrong is None:
        return 0.0
    if calibration.reviews < ENOUGH:
        return calibration.score_from(SURE)
    flags = select(Flag.score).where(Flag.inspection_id == inspection_id, Flag.kind == WRONG_LABELS.kind)
    looked_at = select(func.count()).select_from(flags.where(Flag.score >= calibration.lowest - CLOSE).subquery())
    furthest = max(1, FURTHER * (session.scalar(looked_at) or 0))
    end = session.scalar(flags.order_by(Flag.score.desc()).offset(furthest - 1).limit(1))
    return max(calibration.score_from(SURE), end or 0.0)


def is_draw_due(reviews: int) -> bool:
    """Whether the next decision is about an item drawn at random: every second one of the first `TAUGHT`."""
    return reviews < TAUGHT and reviews % 2 == 1


def drawn(session: Session, wanted: Wanted, reviews: int) -> Flag | None:
    """Return the flag of the item that is drawn now, None where none is; the same until something is decided.

    Only in the whole queue: who asks for a part of it gets that part. An item that is flagged otherwise too is shown
    with that reason.
    """
    if not is_draw_due(reviews) or wanted != Wanted(wanted.inspection, least=wanted.least):
        return None
    flags = queue.waiting(session, Wanted(wanted.inspection, DRAWN.kind), limit=TAUGHT)
    if not flags:
        return None
    chosen = min(flags, key=lambda flag: hashlib.sha256(f"{flag.inspection_id} {flag.item_id}".encode()).digest())
    return queue.flag_of(session, wanted, chosen.item_id)

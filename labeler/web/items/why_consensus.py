"""Reads why an item has the consensus that it has: who answered what, and what the last check's consensus rests on."""

from labeler.annotations.queries import COUNTED, answers_to
from labeler.consensus.ground import Ground
from labeler.consensus.models import ItemConsensus
from labeler.consensus.reasons import Case, Side, why
from labeler.projects.models import Item
from labeler.quality.models import Inspection
from labeler.quality.queries import probabilities, score_of
from labeler.web.shared.evidence import Desk


def why_consensus(desk: Desk, item: Item, consensus: ItemConsensus, inspection: Inspection | None) -> tuple[str, ...]:
    """Return the sentences about one item. inspection: the last that was finished."""
    ground = Ground.read(inspection.summary.get("consensus")) if inspection else None
    label = desk.label(consensus.code, consensus.value)
    case = Case(
        label.name if label else "",
        consensus.confidence,
        consensus.method,
        _sides(desk, item),
        desk.palette.one_class,
        _model(desk, item, ground) if ground else None,
    )
    return tuple(why(case, ground))


def _sides(desk: Desk, item: Item) -> list[Side]:
    said: dict[str, Side] = {}
    for answer, user in answers_to(desk.session, [item.id]):
        label = desk.label(answer.code, answer.value) if answer.status == COUNTED else None
        if label is not None:
            people = said[answer.code].people if answer.code in said else []
            said[answer.code] = Side(label.name, [*people, (user.name or user.email, str(user.id))])
    return list(said.values())


def _model(desk: Desk, item: Item, ground: Ground) -> tuple[str, float] | None:
    """Return what the model that the consensus heard says of the item: that of the check before the last."""
    score = score_of(desk.session, ground.content_from, item.id) if ground.content_from else None
    shares = probabilities(score) if score else []
    if not shares or len(shares) != len(desk.palette.labels):
        return None
    best = max(range(len(shares)), key=shares.__getitem__)
    return desk.palette.labels[best].name, shares[best]

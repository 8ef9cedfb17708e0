"""Everything that is known about one item, for its page: answers of every status, decisions, flags, what is similar.

The evidence is the same as on the review page (`web.shared.evidence`); only here are answers that no longer count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from labeler.annotations.queries import AUDIT, NOT_COUNTED, answers_to
from labeler.consensus.queries import consensus_of
from labeler.decisions.models import SECOND_OPINION
from labeler.projects.models import Import, Item, Project
from labeler.quality.models import Flag
from labeler.quality.queries import flags_of_items, latest_inspection
from labeler.storage.nested import shallow
from labeler.web.items.why_consensus import why_consensus
from labeler.web.shared.evidence import Desk, read_card
from labeler.web.shared.item_card import Card, Label
from labeler.web.shared.words import gettext as _


@dataclass(frozen=True)
class PastAnswer:
    """One answer as it was stored. label: None for a skip; status: in words with a tone; counts: whether it does.

    guideline: the version its annotator had before them, 0 when none was written; suggestion_shown: whether they saw
    what was suggested, None when nothing was; took: whether the answer is what was suggested.
    """

    who: str
    user: int
    label: Label | None
    skip: str
    at: datetime
    seconds: float
    comment: str
    unsure: bool
    round: int
    guideline: int
    suggestion_shown: bool | None
    took: bool
    counts: bool
    status: tuple[str, str]


@dataclass(frozen=True)
class ItemHistory:
    """One item. flags: one card each; confidence: of the consensus, 0 to 1; meta: names and values as text.

    why: sentences that say why the consensus is what it is.
    """

    card: Card
    flags: tuple[Card, ...]
    given: Label | None
    consensus: Label | None
    confidence: float | None
    method: str
    why: tuple[str, ...]
    answers: tuple[PastAnswer, ...]
    external_id: str
    source: str
    meta: tuple[tuple[str, str], ...]
    added: datetime


def read_item(session: Session, project: Project, item: Item) -> ItemHistory:
    """Read one item."""
    desk, inspection = Desk.of(session, project), latest_inspection(session, project.id)
    flags = flags_of_items(session, inspection.id, [item.id]).get(item.id, []) if inspection else []
    consensus = consensus_of(session, [item.id]).get(item.id)
    came_with = session.get(Import, item.import_id) if item.import_id else None
    reasons: Sequence[Flag | None] = flags or [None]
    cards = [read_card(desk, item, flag=flag, inspection=inspection) for flag in reasons]
    return ItemHistory(
        card=cards[0],
        flags=tuple(card for card in cards if card.kind),
        given=desk.label(item.given_code, item.given_value),
        consensus=desk.label(consensus.code, consensus.value) if consensus else None,
        confidence=consensus.confidence if consensus else None,
        method=_method(consensus.method) if consensus else "",
        why=why_consensus(desk, item, consensus, inspection) if consensus else (),
        answers=tuple(
            PastAnswer(
                who=user.name or user.email,
                user=user.id,
                label=desk.label(answer.code, answer.value),
                skip=answer.skip,
                at=answer.created_at,
                seconds=answer.seconds,
                comment=answer.comment,
                unsure=answer.unsure,
                round=answer.round,
                guideline=answer.guideline_version,
                suggestion_shown=answer.suggestion_shown,
                took=answer.code == answer.suggested_code,
                counts=answer.status == "counted",
                status=_status(answer.purpose if answer.status == AUDIT else answer.status),
            )
            for answer, user in answers_to(session, [item.id])
        ),
        external_id=item.external_id or "",
        source=came_with.name if came_with else "",
        meta=tuple((name, _as_text(value)) for name, value in item.meta.items()),
        added=item.created_at,
    )


def _method(name: str) -> str:
    return {
        "majority": _("majority"),
        "dawid_skene": "Dawid-Skene",
        "one_coin": _("one-coin"),
        "tempered_dawid_skene": _("Dawid-Skene, averaged"),
        "tempered_on_steps": _("Dawid-Skene, averaged, on a scale"),
    }.get(name, name)


def _status(status: str) -> tuple[str, str]:
    return {
        "counted": (_("Counts"), "ok"),
        "late": (_("Late: kept, not counted"), "warn"),
        "superseded": (_("Replaced by a later answer"), ""),
        "undone": (_("Taken back"), ""),
        "skipped": (_("Skipped"), "info"),
        NOT_COUNTED: (_("Not counted: a lead set it aside"), "warn"),
        "audit": (_("Answer of an audit: no vote"), "info"),
        SECOND_OPINION: (_("Second opinion: no vote"), "info"),
    }[status]


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else str(shallow({"": value})[""])

"""Threads as pages show them: to a lead all on an item, to an annotator the one on their own answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from labeler.accounts.queries import name_of
from labeler.projects.queries import guideline_version
from labeler.task_types.base import Value
from labeler.threads.models import ANSWERED, CLOSED, DECISION, GUIDELINE, IMPORTED, OPEN, SENT_BACK
from labeler.threads.queries import Pair, Standing, Word, standings, words_in
from labeler.web.shared.item_card import Label
from labeler.web.shared.words import gettext as _

LabelOf = Callable[[str, Value | None], Label | None]


@dataclass(frozen=True)
class Said:
    """One thing that was said. label: what a decision set, None for none and for other words."""

    word: Word
    label: Label | None

    @property
    def decision(self) -> str:
        """What a decision said, in words; "" for what is none."""
        if not self.word.decision:
            return ""
        if self.label is not None:
            return _("decided: %(name)s", name=self.label.name)
        return {
            "send_back": _("sent it back"),
            "exclude": _("excluded the item"),
            "ambiguous": _("called it ambiguous"),
        }.get(self.word.decision, _("decided about it"))


@dataclass(frozen=True)
class ShownThread:
    """One thread. annotator: whose answers it is about, by name; newest: the version of the guidelines by now."""

    item: int
    user: int
    annotator: str
    state: str
    settled_by: str
    said: tuple[Said, ...]
    said_at: datetime
    newest: int

    @property
    def status(self) -> tuple[str, str]:
        """How it stands, in words with a tone."""
        if self.state == OPEN:
            return _("Open"), "warn"
        if self.state == ANSWERED:
            return _("Answered"), "info"
        return {
            DECISION: _("Settled by a decision"),
            SENT_BACK: _("Settled: sent back"),
            GUIDELINE: _("Settled: now in the guidelines"),
            CLOSED: _("Closed"),
            IMPORTED: _("Came with an import"),
        }.get(self.settled_by, _("Settled")), "ok"

    @property
    def last(self) -> Said:
        """The newest word."""
        return self.said[-1]


def shown_threads(session: Session, project_id: int, found: Sequence[Standing], label: LabelOf) -> list[ShownThread]:
    """Return threads with what was said in them, in the order given."""
    words = words_in(session, [one.pair for one in found])
    newest = guideline_version(session, project_id) if found else 0
    return [_shown(session, one, words[one.pair], label, newest) for one in found if words[one.pair]]


def threads_on(session: Session, project_id: int, item_id: int, label: LabelOf) -> tuple[ShownThread, ...]:
    """Return the threads on an item."""
    return tuple(shown_threads(session, project_id, standings(session, project_id, item_ids=[item_id]), label))


def own_thread(session: Session, project_id: int, pair: Pair, label: LabelOf) -> ShownThread | None:
    """Return the thread on one person's answers to an item; None where nothing was said."""
    found = standings(session, project_id, item_ids=[pair[0]], user_id=pair[1])
    return next(iter(shown_threads(session, project_id, found, label)), None)


def _shown(session: Session, one: Standing, words: Sequence[Word], label: LabelOf, newest: int) -> ShownThread:
    by_hand = next((word.outcome for word in reversed(words) if word.message and word.outcome), "")
    return ShownThread(
        item=one.item_id,
        user=one.user_id,
        annotator=name_of(session, one.user_id),
        state=one.state,
        settled_by=one.settled_by or by_hand,
        said=tuple(Said(word, label(word.code, word.value)) for word in words),
        said_at=one.said_at,
        newest=newest,
    )

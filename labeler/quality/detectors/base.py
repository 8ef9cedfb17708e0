"""What a detector is: how it finds its flags, what is said and shown of them, and which decisions prove one right.

Note: a decision is judged against the label that was *flagged*, never against the label that
the item has by now, since answers that came after the check may have changed that one before anybody looked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from labeler.quality.dataset import Evidence, Finding

PLAIN_EVIDENCE = "detectors/evidence.html"
COMMON, FEW = 0.1, 10  # share of a set from which a problem is common, and how many items never make it so
Proof = Callable[[str, str, str], bool | None]
"""(decision, the label it set, the flagged label) → whether the flag was right; None where that does not show."""


def label_is_wrong(decision: str, label: str, flagged: str) -> bool | None:
    """Check flags that call a label wrong: they are right where a lead's label is another one than the flagged.

    An item that was flagged without a label says nothing about labels.
    """
    return label != flagged if flagged and decision in {"keep", "relabel"} else None


def item_should_go(decision: str, _label: str, _flagged: str) -> bool | None:
    """Check flags of items that should not be in the set: they are right where a lead took the item out."""
    return decision == "exclude" if decision in {"keep", "relabel", "exclude"} else None


def item_is_ambiguous(decision: str, _label: str, _flagged: str) -> bool | None:
    """Check flags of items that several classes fit: they are right where a lead called the item ambiguous."""
    return decision == "ambiguous" if decision in {"keep", "relabel", "ambiguous"} else None


def is_common(having: int, items: int) -> bool:
    """Check whether so many items have a problem that it is how the set is: to be said once and not of each item."""
    return having > max(FEW, COMMON * items)


def nothing(evidence: Evidence) -> list[Finding]:  # noqa: ARG001 - a detector takes the evidence
    """Find nothing: what a detector that is not there any more finds."""
    return []


def no_notes(evidence: Evidence) -> list[str]:  # noqa: ARG001 - as above
    """Say nothing of the set."""
    return []


@dataclass(frozen=True)
class Detector:
    """One kind of flag, with all that is said and shown of it; nothing outside its folder knows it by name.

    kind: its name in the database, the API and files, which is that of its folder, 32 characters at most; find: what it
    flags; title: what a flag is called; waiting: what its flagged items are called, in the plural; explanation: in a
    sentence, what a flag says of its item; about: what it speaks against, the label or the item itself, which is then
    taken out rather than labeled otherwise; tone: how pages show what waits ("warn" for labels that are probably
    wrong); bulk: whether suggestions may be accepted many at once; was_right: which decisions prove a flag right;
    judges: whether its score is that of the label, so that decisions about it teach how far those can be believed;
    notes: what it has to say of the set as a whole, in sentences.
    """

    kind: str
    find: Callable[[Evidence], list[Finding]]
    title: str
    waiting: str
    explanation: str
    tone: Literal["warn", "info"] = "info"
    about: Literal["label", "item"] = "label"
    bulk: bool = False
    was_right: Proof = label_is_wrong
    judges: bool = False
    notes: Callable[[Evidence], list[str]] = no_notes

    @property
    def evidence(self) -> tuple[str, ...]:
        """The templates that show a card's evidence, of which the first that is there is taken.

        They get `card`, whose `why` are the reasons of the flag, and what else the page knows.
        """
        return f"detectors/{self.kind}/evidence.html", PLAIN_EVIDENCE


class Unknown(Detector):
    """A kind of flag without a detector: it was taken away, or the flags came from elsewhere."""

    @property
    def evidence(self) -> tuple[str, ...]:
        """The template for reasons of all kinds."""
        return (PLAIN_EVIDENCE,)

"""What a consensus rests on: how often people are expected to be right, and what else was heard. Kept with each check.

Note: how often somebody is expected to be right follows from how answers coincide, with the rest of the project and not
with the item at hand. It is no measure of a person: that takes items whose right answer is known.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from labeler.messages import Message

ENOUGH = 20  # answers a person beside others', below which hardly anything is known of them
MOST_PEOPLE = 2_000  # of whom it is kept, those with the most answers


@dataclass(frozen=True)
class Ground:
    """What the consensus of a project rests on.

    method: its name; each: answers a person gave in the mean on items that others answered too, 0 where no item has two
    answers; right: by user id as text, how often somebody is expected to be right; content_weight: how much the model
    was heard, 0 = not at all, 1 = like an independent opinion; content_from: the check whose model that was, 0 for
    none; checked: items of audits that the confidence was measured on.
    """

    method: str
    each: float = 0.0
    right: Mapping[str, float] = field(default_factory=dict)
    content_weight: float = 0.0
    content_from: int = 0
    checked: int = 0

    @classmethod
    def read(cls, kept: Mapping[str, Any] | None) -> "Ground | None":
        """Return what `as_json` made; None where an earlier version kept nothing."""
        return cls(**kept) if kept else None

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        right = {who: round(share, 4) for who, share in self.right.items()}
        return {
            **asdict(self),
            "each": round(self.each, 1),
            "content_weight": round(self.content_weight, 3),
            "right": right,
        }

    @property
    def weak(self) -> str:
        """The sentence that says why the confidence is no better than a guess, "" where it is."""
        if not self.each:
            return Message(
                "No item has two answers yet, so nothing tells how often anybody is right: the confidence is only a "
                "guess."
            )
        if self.each < ENOUGH:
            return Message(
                "Too few labels: {each:.0f} answers a person on items that others answered too, and from {enough} on "
                "they tell how often somebody is right. Until then the confidence is rough.",
                each=self.each,
                enough=ENOUGH,
            )
        return ""

"""What became of the rows of an export: how many were written, and what of each the format could not hold.

Note: the sentences in `Writer.losses` are true of every export in that format; those here
are true of this one, are counted, and name the first items they are about. A writer still leaves no row out.
"""

from dataclasses import dataclass, field

SHOWN = 5


@dataclass
class Loss:
    """One thing that was lost. count: how often; items: the first items it happened to, each once."""

    count: int = 0
    items: list[int] = field(default_factory=list)


@dataclass
class Report:
    """Filled while an export is written. written: items; losses: by the sentence that says what was lost."""

    written: int = 0
    losses: dict[str, Loss] = field(default_factory=dict)

    def lose(self, sentence: str, item: int, count: int = 1) -> None:
        """Count a loss. sentence: one of a few, without numbers, ending in a full stop."""
        loss = self.losses.setdefault(sentence, Loss())
        loss.count += count
        if len(loss.items) < SHOWN and item not in loss.items:
            loss.items.append(item)

    def lines(self) -> list[str]:
        """Return the report as sentences, first how much was written."""
        said = [f"{self.written:,} items written."]
        for sentence, loss in self.losses.items():
            more = ", …" if loss.count > len(loss.items) else ""
            said.append(f"{loss.count:,} times: {sentence} Items: {', '.join(map(str, loss.items))}{more}")
        return said

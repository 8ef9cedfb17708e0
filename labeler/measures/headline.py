"""What any measure of agreement tells pages, the API and the commands, whatever it measured."""

from dataclasses import dataclass
from typing import Any, Protocol

from labeler.measures.intervals import Interval
from labeler.measures.metrics import ClassAgreement


@dataclass(frozen=True)
class Headline:
    """The number to lead with and what must stand beside it. Texts are messages; shares are 0 to 1.

    measure: what the number is; interval: None as long as there is too little to say one, and then `reason` says why;
    percent, chance: how often two answers are the same, and would be by chance, where a measure has them;
    paradox: a sentence where the number must be explained; others: further measures, (name, value), for details.
    """

    measure: str
    value: float | None
    interval: Interval | None
    reason: str
    percent: float | None = None
    chance: float | None = None
    paradox: str = ""
    others: tuple[tuple[str, float], ...] = ()


class Measured(Protocol):
    """Agreement on one project by the measure of its task type. per_class: one entry a class, or none at all."""

    @property
    def per_class(self) -> tuple[ClassAgreement, ...]:
        """Agreement on each class."""
        ...

    def headline(self, names: tuple[str, ...]) -> Headline:
        """Return what the overview says. names: of the classes, in the project's order."""
        ...

    def as_dict(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Return it as tools outside read it (JSON values only); a key that a measure does not have may be missing."""
        ...

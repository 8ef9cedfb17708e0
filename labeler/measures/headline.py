"""What any measure of agreement tells pages, the API and the commands, whatever it measured."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
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


def rounded(value: float, places: int = 2) -> float:
    """Return a number with so many digits, ties to even as decimals: everybody shows the same number this way."""
    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN))


def as_number(value: float | None) -> str:
    """Return a number as programs show it, with two digits, "" for none."""
    return "" if value is None else f"{rounded(value) + 0.0:.2f}"


def as_percent(share: float | None) -> str:
    """Return a share of 0 to 1 in percent, "" for none."""
    return "" if share is None else f"{rounded(share):.0%}"


def shown(lead: Headline) -> dict[str, str]:
    """Return what is said first, as texts: the same on every page, in files, by the API and by the command."""
    low, high = (lead.interval.low, lead.interval.high) if lead.interval else (None, None)
    return {
        "percent": as_percent(lead.percent),
        "chance": as_percent(lead.chance),
        "value": as_number(lead.value),
        "low": as_number(low),
        "high": as_number(high),
    }

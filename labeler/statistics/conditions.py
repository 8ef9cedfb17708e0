"""Which items are meant, said once: what is asked for by an export, a release or a list of items, as one plain value.

Conditions hold together: an item is in when all of them are true of it. What a lead decided is certain, so it is in
whatever the least confidence and the least number of answers are. As SQL: `item_conditions`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from labeler.errors import Invalid

LABELED, LABELED_OR_TIED, ALL = "labeled", "labeled_or_tied", "all"
WHICH = (LABELED, LABELED_OR_TIED, ALL)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which items. An empty value asks for nothing.

    which: `labeled` (a final label or a lead's soft label, and not excluded), `labeled_or_tied` (also those whose
    votes tie), `all`; reviewed: decided by a lead; min_confidence: of the final label, 0 to 1; min_votes: counted
    answers; no_flags: without a flag that waits; no_ties: without votes that tie; classes: names, of which the final
    label has one; annotator: user id of one who answered; since, until: the day of the label, both included.
    """

    which: str = LABELED
    reviewed: bool = False
    min_confidence: float = 0.0
    min_votes: int = 0
    no_flags: bool = False
    no_ties: bool = False
    classes: tuple[str, ...] = ()
    annotator: int = 0
    import_id: int = 0
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        """Raise Invalid, naming the field, for what nothing can fit."""
        if self.which not in WHICH:
            raise Invalid("Choose one of {which} as items.", field="items", which=", ".join(WHICH))
        if not 0 <= self.min_confidence <= 1:
            raise Invalid("The least confidence is a share from 0 to 1.", field="min_confidence")
        if self.min_votes < 0:
            raise Invalid("The least number of answers is a whole number from 0.", field="min_votes")
        if self.since and self.until and self.until < self.since:
            raise Invalid("The last day is before the first one.", field="until")

    @property
    def filtered(self) -> bool:
        """Whether anything is asked beside `which`."""
        return any(getattr(self, one.name) != one.default for one in fields(self) if one.name != "which")

    def to_json(self) -> dict[str, Any]:
        """Return the conditions as JSON, all of them, in a fixed order."""
        kept = {one.name: getattr(self, one.name) for one in fields(self)}
        days = {name: kept[name].isoformat() if kept[name] else None for name in ("since", "until")}
        return {**kept, "classes": list(self.classes), **days}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Conditions":
        """Return what `to_json` wrote; raises Invalid for a name or a value that it never writes."""
        kept = known_fields(given, cls)
        for name in ("since", "until"):
            if kept.get(name) is not None:
                kept[name] = day_of(kept[name], name)
        return cls(**kept)


def known_fields(given: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    """Return what JSON says of the fields of a frozen value, lists as tuples; raises Invalid, naming what is wrong."""
    usual = {one.name: one.default for one in fields(kind)}
    if unknown := sorted(given.keys() - usual.keys()):
        raise Invalid("There is no choice {name!r}.", field=unknown[0], name=unknown[0])
    kept = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    for name, value in kept.items():
        wanted = type(usual[name])
        fits = type(value) is wanted or (wanted is float and type(value) is int)
        if wanted in {bool, int, float, str, tuple} and not fits:
            raise Invalid("{name} is {value!r}, which it cannot be.", field=name, name=name, value=str(value))
    return kept


def day_of(text: str, name: str) -> date:
    """Return a day written as 2026-03-31; raises Invalid, naming the field."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise Invalid("{text!r} is no day; write it as 2026-03-31.", field=name, text=str(text)) from None

"""What somebody chose for an export: the format, which items, what of them, and how they are split.

One frozen value for pages, API, command and releases. As JSON (`to_json`, `from_json`) it is kept with what was made
by it; as plain texts (`choice_texts`) it is an address, and the code that is shown.

Note: people are pseudonyms unless somebody chose e-mail addresses. An export leaves the house; who said what should
not leave with it by default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labeler.errors import Invalid
from labeler.statistics.conditions import Conditions, known_fields

PSEUDONYMS, EMAILS = "pseudonyms", "emails"
PEOPLE = (PSEUDONYMS, EMAILS)
TRAIN, VAL, TEST = PARTS = ("train", "val", "test")
_ALSO_CALLED = {"training": TRAIN, "validation": VAL, "valid": VAL, "dev": VAL, "testing": TEST}
MOST_SEED = 2**63 - 1
_WHOLE, _PERCENT, _NEAR = 1.0, 100.0, 1e-6


@dataclass(frozen=True, slots=True)
class SplitChoices:
    """How items are split. shares: of train, val and test, which add up to 1; a part without a share is left out.

    seed: the same one gives the same parts; stratify: the same share of each class in each part; group_by: columns of
    the metadata whose equal values stay in one part; near_duplicates: so do items that the last check found to be
    nearly the same. Items with identical contents always do.
    """

    shares: tuple[tuple[str, float], ...]
    seed: int = 0
    stratify: bool = True
    group_by: tuple[str, ...] = ()
    near_duplicates: bool = True

    def __post_init__(self) -> None:
        """Raise Invalid for shares that are none, or a seed that cannot be kept."""
        names = [name for name, _ in self.shares]
        if not names or set(names) - set(PARTS) or len(set(names)) < len(names):
            raise Invalid("Give shares to train, val and test, each once: train=0.8,val=0.1,test=0.1.", field="split")
        if any(not 0 < share <= 1 for _, share in self.shares):
            raise Invalid("The share of a part is more than 0 and at most 1.", field="split")
        if abs(sum(share for _, share in self.shares) - 1) > _NEAR:
            raise Invalid("The shares of the parts must add up to 100%.", field="split")
        if not 0 <= self.seed <= MOST_SEED:
            raise Invalid("The seed is a whole number from 0.", field="seed")

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts, in their order."""
        return tuple(name for name, _ in self.shares)

    def to_json(self) -> dict[str, Any]:
        """Return the choices as JSON."""
        return {
            "shares": dict(self.shares),
            "seed": self.seed,
            "stratify": self.stratify,
            "group_by": list(self.group_by),
            "near_duplicates": self.near_duplicates,
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "SplitChoices":
        """Return what `to_json` wrote."""
        shares = in_order({name: float(share) for name, share in given.get("shares", {}).items()})
        return cls(**{**known_fields(given, cls), "shares": shares})


@dataclass(frozen=True, slots=True)
class ExportChoices:
    """Everything that was chosen. format: of the registry; people: `pseudonyms` or `emails`.

    pictures: whether the pictures are in the archive, where the format can hold them; soft_labels: whether every label
    of one class goes out as shares of all classes too; answers: whether each answer does, where the format holds them.
    """

    format: str
    items: Conditions = field(default_factory=Conditions)
    people: str = PSEUDONYMS
    pictures: bool = False
    soft_labels: bool = False
    answers: bool = True
    split: SplitChoices | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for a way to name people that there is not."""
        if self.people not in PEOPLE:
            raise Invalid("People go out as {people}.", field="people", people=" or ".join(PEOPLE))

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the split, () without one."""
        return self.split.parts if self.split else ()

    def to_json(self) -> dict[str, Any]:
        """Return the choices as JSON, all of them, in a fixed order."""
        return {
            "format": self.format,
            "items": self.items.to_json(),
            "people": self.people,
            "pictures": self.pictures,
            "soft_labels": self.soft_labels,
            "answers": self.answers,
            "split": self.split.to_json() if self.split else None,
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "ExportChoices":
        """Return what `to_json` wrote; a member that is missing is as if it had not been chosen."""
        if not isinstance(given.get("format"), str):
            raise Invalid("An export has a format.", field="format")
        kept = known_fields(given, cls)
        if given.get("split") is not None:
            kept["split"] = SplitChoices.from_json(given["split"])
        return cls(**{**kept, "items": Conditions.from_json(given.get("items", {}))})


def shares_in(text: str) -> tuple[tuple[str, float], ...]:
    """Return the shares that a text says: train=0.8,val=0.1,test=0.1, or 80/10/10; shares or percents."""
    pieces = [piece.strip() for piece in text.replace("/", ",").split(",") if piece.strip()]
    named = dict(
        (name.strip(), value) if equals else (PARTS[min(place, 2)], name)
        for place, (name, equals, value) in enumerate(piece.partition("=") for piece in pieces)
    )
    if len(named) < len(pieces):
        raise Invalid("Give shares to train, val and test, each once: train=0.8,val=0.1,test=0.1.", field="split")
    numbers = {_ALSO_CALLED.get(name, name): _share(value) for name, value in named.items()}
    whole = _PERCENT if sum(numbers.values()) > _WHOLE + _NEAR else _WHOLE
    return in_order({name: number / whole for name, number in numbers.items() if number})


def in_order(shares: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Return shares by part, train first; what is no part comes last."""
    known = [(name, shares[name]) for name in PARTS if name in shares]
    return (*known, *((name, share) for name, share in shares.items() if name not in PARTS))


def _share(text: str) -> float:
    try:
        return float(text.strip().removesuffix("%"))
    except ValueError:
        raise Invalid("{text!r} is no share; write 0.8 or 80%.", field="split", text=text) from None

"""What the review and disagreements pages show of one item, as plain values: the pages print this and ask nothing else.

Shares and confidences are 0 to 1 (the page turns them into percent). A class is a `Label`, never a bare code, so that
its name always comes with its colour and its key. Sentences are written by the templates, from the numbers in here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from labeler.measures.accuracy import Accuracy
from labeler.quality.calibration.probability import ProbabilityWrong
from labeler.review.precision import Precision
from labeler.task_types.base import Value
from labeler.web.shared.class_keys import class_keys

PLACE = "place"
"""The kind of the reasons that each name one place of a label (`quality.dataset.Verdict`)."""


@dataclass(frozen=True)
class Label:
    """One class as pages show it. position: from 1, sets the colour; key: on the keyboard, "" without one.

    An answer that is no single class has position 0, its name says it in a few words, `value` holds it.
    """

    position: int
    name: str
    code: str
    key: str = ""
    value: Value | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Palette:
    """The classes of a project in order. one_class: a class alone is a label."""

    labels: tuple[Label, ...]
    one_class: bool = True

    @classmethod
    def of(cls, names: Sequence[str], codes: Sequence[str], *, one_class: bool = True) -> "Palette":
        """Give each class its position and its key."""
        rows = zip(names, codes, class_keys(names), strict=True)
        return cls(tuple(Label(place, *row) for place, row in enumerate(rows, start=1)), one_class)

    @cached_property
    def by_code(self) -> dict[str, Label]:
        """Labels by class id as text."""
        return {label.code: label for label in self.labels}

    @cached_property
    def positions(self) -> dict[str, int]:
        """Positions by class name."""
        return {label.name: label.position for label in self.labels}

    def of_code(self, code: str) -> Label | None:
        """Return the label of a code; None for "" or a class that is gone."""
        return self.by_code.get(code)

    def at(self, index: int | None) -> Label | None:
        """Return the label at a position of the project's order, counted from 0."""
        return self.labels[index] if index is not None and 0 <= index < len(self.labels) else None


@dataclass(frozen=True)
class Shown:
    """One item. text: None for a picture; about: where it came from, in words."""

    id: int
    text: str | None
    about: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Row:
    """One line of the queue. wrong: what is said of its label, None where nothing is (`review.probability`).

    suggested: what the page offers (`Card.suggested`); right: how probable that is, None while that is not known.
    """

    item: Shown
    kind: str
    label: Label | None
    suggested: Label | None
    wrong: ProbabilityWrong | None
    right: float | None
    current: bool


@dataclass(frozen=True)
class Measured:
    """How often flags like the one on the card were right when checked: all of its kind, and those of its label."""

    kind: Precision
    label: Precision


@dataclass(frozen=True)
class Near:
    """One of the most similar items, with what it is labeled as now."""

    item: Shown
    label: Label | None
    similarity: float


@dataclass(frozen=True)
class Vote:
    """One person's answer. label: None for a skip, whose reason is `skip`; second: a second opinion, no vote.

    accuracy: of the person, on checked items; None where too few were.
    """

    who: str
    label: Label | None
    seconds: float
    skip: str = ""
    comment: str = ""
    unsure: bool = False
    guideline_version: int = 0
    second: bool = False
    accuracy: Accuracy | None = None


@dataclass(frozen=True)
class Past:
    """One decision that was made about the item. state: current, replaced or undone."""

    who: str
    at: datetime
    decision: str
    label: Label | None
    before: Label | None
    reason: str
    state: str
    with_others: bool


@dataclass(frozen=True)
class Now:
    """What stands for the item. source: review, consensus, given, ambiguous or "" (no label).

    same: votes for the label, of votes; asked: it waits for a second opinion; agreed: one said the same;
    soft: of an ambiguous item, the classes with their shares, the largest first.
    """

    label: Label | None
    source: str
    same: int = 0
    votes: int = 0
    tie: bool = False
    excluded: bool = False
    sent_back: bool = False
    asked: bool = False
    agreed: bool = False
    ambiguous: bool = False
    soft: tuple[tuple[Label, float], ...] = ()


@dataclass(frozen=True)
class Why:
    """One reason of a flag, as its detector gave it (`facts`, with the reason's own `kind`).

    label, other: the class it speaks for, and the one it speaks against (of a place in the label: what would be right
    there, and what it is called now); item, who: whom it points at, 0 and "" for nobody; wrong: of a place, what is
    said of it.
    """

    kind: str
    label: Label | None
    other: Label | None
    facts: dict[str, Any]
    item: int = 0
    who: str = ""
    wrong: ProbabilityWrong | None = None


Chance = tuple[Label, float | None]
"""A class and how probably it is the right one; None while no probability is known, then only the order is said."""


def which_is_right(
    ranked: Sequence[tuple[Label, float]], now: Label | None, wrong: ProbabilityWrong | None, suggested: Chance | None
) -> tuple[Chance, ...]:
    """Return the classes, the likeliest first, by the one distribution of which the probability wrong is a part.

    ranked: the model's shares, which only part what neither the label now nor the suggestion has.
    """
    if not ranked or wrong is None or wrong.probability is None or now is None:
        return tuple((label, None) for label, _ in ranked)
    said = {now: 1 - wrong.probability}
    if suggested is not None and suggested[1] is not None:
        said[suggested[0]] = suggested[1]
    left = max(0.0, 1 - sum(said.values()))
    others = sum(share for label, share in ranked if label not in said) or 1.0
    found = [(label, said.get(label, left * share / others)) for label, share in ranked]
    return tuple(sorted(found, key=lambda one: -one[1]))


@dataclass(frozen=True)
class Card:
    """Everything about one item that a lead needs for a decision. flag, kind: its flag, 0 and "" when it has none.

    wrong: what is said of the label now, None where nothing is (`review.probability`); suggested: the suggestion where
    it is likely enough to be the main action; right: how probable it is, None while that is not known; possible: the
    suggestion where it is less likely and no button for a class says it; chances: which label is right, by answers and
    model together.
    """

    item: Shown
    now: Now
    wrong: ProbabilityWrong | None = None
    flag: int = 0
    kind: str = ""
    suggested: Label | None = None
    right: float | None = None
    possible: Label | None = None
    flagged_as: Label | None = None
    why: tuple[Why, ...] = ()
    chances: tuple[Chance, ...] = ()
    near: tuple[Near, ...] = ()
    votes: tuple[Vote, ...] = ()
    history: tuple[Past, ...] = ()
    standing: int = 0
    threads: tuple[Any, ...] = ()

    @property
    def take(self) -> Label | None:
        """The suggestion, while it would change something."""
        return self.suggested if self.suggested != self.now.label else None

    @property
    def places(self) -> tuple[Why, ...]:
        """The places of the label that are probably wrong, the most probable first: pages number them in this order."""
        return tuple(why for why in self.why if why.kind == PLACE)

    @property
    def majority_near(self) -> tuple[int, Label | None]:
        """How many of the similar items have the class that the card is about, and that class."""
        label = self.suggested or self.now.label
        return sum(near.label == label for near in self.near), label

"""What the review and disagreements pages show of one item, as plain values: the pages print this and ask nothing else.

Shares and confidences are 0 to 1 (the page turns them into percent). A class is a `Label`, never a bare code, so that
its name always comes with its colour and its key. Sentences are written by the templates, from the numbers in here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from labeler.task_types.base import Value
from labeler.web.shared.class_keys import class_keys

CHECKED_FIRST = 20
"""Decisions made one by one below which nothing is said about accepting many at once."""

PLACE = "place"
"""The kind of the reasons that each name one place of a label (`quality.dataset.Verdict`)."""

WELL, FAIRLY = 0.05, 0.1
"""Calibration errors up to which a model's percentages may be taken as they are, and roughly."""


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
class Share:
    """A counted share with its 95 % interval."""

    value: float
    low: float
    high: float
    of: int


@dataclass(frozen=True)
class Row:
    """One line of the queue. wrong: probability wrong of its label, None where none is known (`review.probability`).

    confidence: how likely the suggestion is to be right, 0 without one.
    """

    item: Shown
    kind: str
    label: Label | None
    suggested: Label | None
    wrong: float | None
    confidence: float
    current: bool


@dataclass(frozen=True)
class Near:
    """One of the most similar items, with what it is labeled as now."""

    item: Shown
    label: Label | None
    similarity: float


@dataclass(frozen=True)
class Vote:
    """One person's answer. label: None for a skip, whose reason is `skip`."""

    who: str
    label: Label | None
    seconds: float
    skip: str = ""
    comment: str = ""
    unsure: bool = False
    guideline_version: int = 0


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

    same: votes for the label, of votes; soft: of an ambiguous item, the classes with their shares, the largest first.
    """

    label: Label | None
    source: str
    same: int = 0
    votes: int = 0
    tie: bool = False
    excluded: bool = False
    sent_back: bool = False
    ambiguous: bool = False
    soft: tuple[tuple[Label, float], ...] = ()


@dataclass(frozen=True)
class Why:
    """One reason of a flag, as its detector gave it (`facts`, with the reason's own `kind`).

    label, other: the class it speaks for, and the one it speaks against (of a place in the label: what would be right
    there, and what it is called now); item, who: whom it points at, 0 and "" for nobody.
    """

    kind: str
    label: Label | None
    other: Label | None
    facts: dict[str, Any]
    item: int = 0
    who: str = ""


@dataclass(frozen=True)
class Model:
    """What the model of the pass thinks: classes with probabilities, and how far it can be trusted."""

    classes: tuple[tuple[Label, float], ...]
    accuracy: float
    calibration_error: float

    @property
    def calibration(self) -> str:
        """Whether its percentages may be taken as they are: well, fairly or poorly."""
        return "well" if self.calibration_error <= WELL else "fairly" if self.calibration_error <= FAIRLY else "poorly"


@dataclass(frozen=True)
class Card:
    """Everything about one item that a lead needs for a decision. flag, kind: its flag, 0 and "" when it has none.

    wrong: probability wrong of the label now, None where none is known (`review.probability`); confidence: how likely
    the suggestion is to be right, by all answers and the model.
    """

    item: Shown
    now: Now
    wrong: float | None = None
    flag: int = 0
    kind: str = ""
    suggested: Label | None = None
    confidence: float = 0.0
    flagged_as: Label | None = None
    why: tuple[Why, ...] = ()
    model: Model | None = None
    near: tuple[Near, ...] = ()
    votes: tuple[Vote, ...] = ()
    history: tuple[Past, ...] = ()
    standing: int = 0

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


@dataclass(frozen=True)
class Threshold:
    """Accepting all suggestions for labels at or above one probability wrong (whole percent).

    share: of the suggestions checked there, those that were taken; None while too few were.
    """

    percent: int
    count: int
    checked: int
    share: Share | None


@dataclass(frozen=True)
class Bulk:
    """Accepting many suggestions at once. waiting: items; checked: (checked, taken); both by whole percent.

    checked_in_all: flags of the kind that were checked, at any probability and also without a suggestion.
    """

    kind: str
    waiting: dict[int, int] = field(default_factory=dict)
    checked: dict[int, tuple[int, int]] = field(default_factory=dict)
    checked_in_all: int = 0

    def at(self, percent: int) -> Threshold:
        """Return what a threshold would do, and how often such suggestions were right when somebody looked."""
        from labeler.measures.intervals import wilson

        count = sum(number for at, number in self.waiting.items() if at >= percent)
        seen = [pair for at, pair in self.checked.items() if at >= percent]
        checked, right = sum(pair[0] for pair in seen), sum(pair[1] for pair in seen)
        if checked < CHECKED_FIRST:
            return Threshold(percent, count, checked, None)
        interval = wilson(right, checked)
        return Threshold(percent, count, checked, Share(right / checked, interval.low, interval.high, checked))

    @property
    def bars(self) -> list[float]:
        """Heights (0 to 1) of 25 bars from 50 to 100 %, two percent each."""
        counts = [sum(self.waiting.get(at + n, 0) for n in (0, 1)) for at in range(50, 100, 2)]
        counts[-1] += self.waiting.get(100, 0)
        tallest = max(counts, default=0)
        return [count / tallest if tallest else 0.0 for count in counts]

    @property
    def total(self) -> int:
        """How many wait at 50 % or above."""
        return sum(number for at, number in self.waiting.items() if at >= 50)  # noqa: PLR2004 - the slider's lower end

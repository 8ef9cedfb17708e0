"""What the page of label checks shows, as plain values. Shares are 0 to 1; times are seconds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labeler.quality.models import Inspection
from labeler.review.expected import Expected

CHART = (44, 604, 16, 168)  # left, right, top, base of the drawing
SURE, FEWEST_SAID = 0.7, 20  # of the bins that say how far the model can be believed
NEARLY = 0.03  # between what is said and what is right
BY_HEART = 0.1  # the model gives so much more of what it learned from than of other labels


@dataclass(frozen=True)
class Changed:
    """What changed since the run before: flags that wait by kind, and why others went."""

    new: Mapping[str, int]
    gone: Mapping[str, int]
    why: Mapping[str, int]

    @property
    def more(self) -> int:
        """How many are new."""
        return sum(self.new.values())

    @property
    def fewer(self) -> int:
        """How many are gone."""
        return sum(self.gone.values())


@dataclass(frozen=True)
class Run:
    """One check. state: running, done, cancelled or failed; who: a name, "" for nobody; seconds, cpu: None unknown."""

    id: int
    state: str
    began: datetime
    who: str
    schedule: str
    seconds: float | None
    cpu: float | None
    watt_hours: float | None
    watts: float | None
    items: int
    labeled: int
    kinds: Mapping[str, int]
    expected: Expected | None
    changed: Changed | None
    notes: Sequence[str]

    @property
    def flags(self) -> int:
        """How many flags it raised."""
        return sum(self.kinds.values())


def run_of(inspection: Inspection, names: Mapping[int, str]) -> Run:
    """Return a run as a line; what earlier versions did not keep of it is left out."""
    told, began, ended = inspection.summary, inspection.started_at, inspection.finished_at
    cost, changes, expected = told.get("cost") or {}, told.get("changes"), told.get("wrong_of_flagged")
    passed = (ended - began).total_seconds() if ended else None
    return Run(
        inspection.id,
        "cancelled" if told.get("cancelled") else inspection.state,
        began,
        names.get(inspection.created_by or 0, ""),
        inspection.schedule,
        cost.get("seconds", passed),
        cost.get("cpu_seconds"),
        cost.get("watt_hours"),
        cost.get("watts_a_core"),
        told.get("items", 0),
        told.get("labeled", 0),
        {kind: count for kind, count in (told.get("findings") or {}).items() if count},
        Expected(**expected) if expected else None,
        Changed(changes["new"], changes["gone"], changes["why"]) if changes else None,
        told.get("notes", []),
    )


@dataclass(frozen=True)
class Bin:
    """How sure the model said it was, and how often it was right then."""

    said: float
    right: float
    labels: int

    @property
    def verdict(self) -> str:
        """Whether what it says can be believed: "fits", "too_sure" or "too_careful"."""
        if abs(self.said - self.right) <= NEARLY:
            return "fits"
        return "too_sure" if self.said > self.right else "too_careful"


@dataclass(frozen=True)
class Curve:
    """The learning curve as SVG: paths, rows [(y, share)], marks [(x, y, labels, share)], and what more would bring."""

    done: str
    ahead: str
    band: str
    rows: tuple[tuple[float, float], ...]
    marks: tuple[tuple[float, float, int, float], ...]


@dataclass(frozen=True)
class Lesson:
    """What the last check knows of its model. curve, more, gain, low, high, learnt: None or 0 where not measured.

    learnt: of the labels that a model of `learnt_from` labels learned from, the share that it gives; unseen: of others.
    """

    accuracy: float | None = None
    bins: Sequence[Bin] = ()
    curve: Curve | None = None
    more: int = 0
    gain: float = 0.0
    low: float = 0.0
    high: float = 0.0
    learnt: float = 0.0
    unseen: float = 0.0
    learnt_from: int = 0

    @property
    def believed(self) -> Bin | None:
        """The best known bin in which the model is rather sure."""
        sure = [one for one in self.bins if one.said >= SURE and one.labels >= FEWEST_SAID]
        return max(sure, key=lambda one: one.labels, default=None)

    @property
    def by_heart(self) -> bool:
        """Whether it knows much of what it gives only because it saw it."""
        return self.learnt - self.unseen >= BY_HEART


def lesson_of(summary: Mapping[str, Any]) -> Lesson | None:
    """Return what a finished run says of its model; None where it had none, or kept nothing of it."""
    model, ahead = summary.get("model") or {}, summary.get("outlook")
    bins = tuple(Bin(**one) for one in model.get("reliability", ()))
    if "accuracy" not in model and not ahead:
        return None
    if not ahead:
        return Lesson(model.get("accuracy"), bins)
    right, sizes = ahead["right"], ahead["labels"]
    gains = {name: ahead[name] for name in ("more", "gain", "low", "high", "learnt")}
    return Lesson(model.get("accuracy"), bins, curve_of(ahead), **gains, unseen=right[-2], learnt_from=sizes[-2])


def curve_of(ahead: Mapping[str, Any]) -> Curve:
    """Lay the curve out, labels on a scale of doublings, and what more labels would bring behind its end."""
    left, right, top, base = CHART
    sizes, shares = ahead["labels"], ahead["right"]
    next_size = sizes[-1] * (1 + ahead["more"] / (sizes[-1] * 1.25))  # models learn from four fifths of the labels
    lowest = math.floor(min(shares) * 10) / 10
    highest = min(1.0, math.ceil((shares[-1] + ahead["high"]) * 10 + 1e-9) / 10)
    widest = math.log(next_size / sizes[0])

    def at(size: float, share: float) -> tuple[float, float]:
        x = left + 12 + (right - left - 24) * math.log(size / sizes[0]) / widest
        return round(x, 1), round(base - (base - top) * (share - lowest) / max(0.1, highest - lowest), 1)

    marks = tuple((*at(size, share), size, share) for size, share in zip(sizes, shares, strict=True))
    (x, y), end = at(sizes[-1], shares[-1]), at(next_size, shares[-1] + ahead["gain"])
    high, low = at(next_size, shares[-1] + ahead["high"]), at(next_size, shares[-1] + ahead["low"])
    steps = [lowest + (highest - lowest) * n / 2 for n in range(3)]
    return Curve(
        "M" + " ".join(f"{one[0]:g} {one[1]:g}" for one in marks),
        f"M{x:g} {y:g} {end[0]:g} {end[1]:g}",
        f"M{x:g} {y:g} {high[0]:g} {high[1]:g} {low[0]:g} {low[1]:g}Z",
        tuple((at(sizes[0], step)[1], step) for step in steps),
        marks,
    )

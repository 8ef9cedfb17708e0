"""What a lead is told about agreement: the number, its interval, what it stands beside, and what may not be said.

The lead number is Krippendorff's alpha with its interval, always beside plain percent agreement and what chance would
give. Note on the silences: alpha is None where it is undefined, and the interval is None until enough
items carry two answers, each with a `reason`; neither is an error, and neither may be shown as 0.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from labeler.measures.headline import Headline
from labeler.measures.histogram import Histogram, counts
from labeler.measures.intervals import Interval, Replicates, bootstrap, interval
from labeler.measures.metrics import ClassAgreement, alpha, chance, per_class, percent, within_one
from labeler.measures.named import TITLES, Named, of_everybody
from labeler.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ENOUGH_ITEMS = 50  # below it intervals of skewed questions cover 75 to 85 % instead of 95 %
ENOUGH_OTHERS = 10  # pairable answers outside the most used class
MOSTLY_ONE = 0.85  # share of the most used class from which agreement is easy
EASILY_AGREED = 0.80
STRONG, USABLE = 0.80, 0.667  # Krippendorff (2004); arbitrary by their author's own word

Verdict = Literal["strong", "usable", "needs_work"]
if TYPE_CHECKING:
    Why = str | Callable[[int, int], str]
    """Why a number is missing: a message, or what makes one of (compared, others)."""


class Reason(StrEnum):
    """Why a number or its interval is not shown."""

    NO_PAIRS = "no_pairs"
    ONE_CLASS = "one_class"
    FEW_ITEMS = "few_items"
    FEW_OTHERS = "few_others"
    UNSTABLE = "unstable"


@dataclass(frozen=True)
class Summary:
    """Agreement on one project, shares from 0 to 1 (alpha and kappas may be negative).

    `percent`: how often two annotators of an item agree; `chance`: how often random answers of the pool would. `others`
    counts pairable answers outside `top_class`. `specific_intervals` holds one entry a class, as `per_class` does.
    `alpha_interval_scale` is for ordered classes only; `details` are measures that people know by name. `paradox`: a
    low alpha beside a high percent agreement, as almost all is one class (Feinstein & Cicchetti 1990).
    """

    scale: Literal["nominal", "ordinal"]
    items: int
    pairable_items: int
    answers: int
    pairable_answers: int
    top_class: int | None
    top_share: float
    others: int
    alpha: float | None
    interval: Interval | None
    reason: Reason | None
    verdict: Verdict | None
    percent: float | None
    percent_interval: Interval | None
    chance: float | None
    within_one: float | None
    per_class: tuple[ClassAgreement, ...]
    specific_intervals: tuple[Interval | None, ...]
    alpha_interval_scale: float | None
    details: tuple[Named, ...]
    paradox: bool

    @property
    def reason_sentence(self) -> str:
        """Say why alpha or its interval is missing; "" when both are there."""
        return why_missing(self.reason, _WHY_MISSING, self.pairable_items, self.others)

    def headline(self, names: tuple[str, ...]) -> Headline:
        """Return what the overview says."""
        ordered = self.scale == "ordinal"
        return Headline(
            measure=Message("Krippendorff alpha, ordered") if ordered else Message("Krippendorff alpha"),
            value=self.alpha,
            interval=self.interval,
            reason=self._almost_one(names) if self.reason is Reason.FEW_OTHERS else self.reason_sentence,
            percent=self.percent,
            chance=self.chance,
            paradox=self._why_low(names) if self.paradox else "",
            others=tuple(
                (TITLES[one.measure], one.value)
                for one in self.details
                if one.measure in TITLES and one.value is not None
            ),
        )

    def _almost_one(self, names: tuple[str, ...]) -> str:
        return Message(
            "Almost everything is {name}: too few others to judge ({count:,} of {enough}).",
            name=names[self.top_class or 0],
            count=self.others,
            enough=ENOUGH_OTHERS,
        )

    def _why_low(self, names: tuple[str, ...]) -> str:
        # the paradox of Feinstein and Cicchetti (1990): almost everything is one class
        return Message(
            "Most items are {name}, so annotators agree easily; the low score says they do not agree on the few "
            "others.",
            name=names[self.top_class or 0],
        )

    def as_dict(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Return it as tools outside read it."""
        return {
            "measure": "krippendorff_alpha",
            "scale": self.scale,
            "alpha": self.alpha,
            "interval": pair(self.interval),
            "percent": self.percent,
            "percent_interval": pair(self.percent_interval),
            "chance": self.chance,
            "verdict": self.verdict,
            "reason": self.reason_sentence or None,
            "within_one": self.within_one,
            "alpha_interval_scale": self.alpha_interval_scale,
            "items": self.items,
            "pairable_items": self.pairable_items,
            "answers": self.answers,
            "pairable_answers": self.pairable_answers,
            "details": [asdict(one) for one in self.details],
            "classes": each_class(names, self.per_class, self.specific_intervals),
        }


WHOLE_ANSWERS: dict[Reason, Why] = {
    Reason.NO_PAIRS: Message("No item has two answers yet."),
    Reason.ONE_CLASS: Message("Everyone gave the same answer to everything; agreement beyond chance cannot be judged."),
    Reason.FEW_ITEMS: lambda k, _n: Message(
        "Too few double-labelled items ({count:,} of {enough}).", count=k, enough=ENOUGH_ITEMS
    ),
}
"""The sentences that hold wherever whole answers are compared, whatever they are made of."""

_WHY_MISSING = WHOLE_ANSWERS | {
    Reason.FEW_OTHERS: lambda _k, n: Message(
        "Too few answers outside the most used class ({count:,} of {enough}).", count=n, enough=ENOUGH_OTHERS
    ),
    Reason.UNSTABLE: Message("The answers outside the most used class come from too few items."),
}


def why_missing(reason: Reason | None, said: Mapping[Reason, Why], pairable: int, others: int) -> str:
    """Return the sentence for a reason, "" for none. pairable: what was compared; others: not the most used class."""
    if reason is None:
        return ""
    found = said[reason]
    return found if isinstance(found, str) else found(pairable, others)


def each_class(
    names: Sequence[str], each: Sequence[ClassAgreement], spans: Sequence[Interval | None]
) -> list[dict[str, Any]]:
    """Return agreement on each class as tools outside read it."""
    return [
        {
            "class": name,
            "answers": one.answers,
            "specific_agreement": one.specific,
            "interval": pair(span),
            "alpha": one.alpha,
        }
        for name, one, span in zip(names, each, spans, strict=True)
    ]


def pair(span: Interval | None) -> list[float] | None:
    """Return an interval as tools outside read it."""
    return None if span is None else [span.low, span.high]


def verdict(found: Interval | None, *, strong: float = STRONG, usable: float = USABLE) -> Verdict | None:
    """Judge the lower end of alpha's interval; None without an interval."""
    if found is None:
        return None
    return "strong" if found.low >= strong else "usable" if found.low >= usable else "needs_work"


def summary(
    histogram: Histogram,
    n_classes: int,
    scale: Literal["nominal", "ordinal"] = "nominal",
    *,
    strong: float = STRONG,
    usable: float = USABLE,
) -> Summary:
    """Measure agreement from the pattern histogram (class indices 0..n_classes-1, unused classes included).

    `strong` and `usable` are the project's bands for the lower end of the interval. Raises Invalid for an index outside
    the class list. Same input, same output: the bootstrap's seed is fixed.
    """
    found = counts(histogram, n_classes)
    pairable = found.pairable()
    used = pairable.items @ pairable.table
    top = int(used.argmax()) if pairable.items.size else None
    others = round(float(used.sum() - used.max())) if pairable.items.size else 0
    value, agreed = alpha(found, scale), percent(found)
    reason = missing(pairable.n_items, others, value)
    spread = bootstrap(found, scale) if reason is None else None
    alpha_interval = interval(spread.alpha) if spread else None
    ordered = scale == "ordinal"
    top_share = 1 - others / pairable.n_answers if pairable.n_answers else 0.0
    return Summary(
        scale=scale,
        items=found.n_items,
        pairable_items=pairable.n_items,
        answers=found.n_answers,
        pairable_answers=pairable.n_answers,
        top_class=top,
        top_share=top_share,
        others=others,
        alpha=value,
        interval=alpha_interval,
        reason=Reason.UNSTABLE if spread and alpha_interval is None else reason,
        verdict=verdict(alpha_interval, strong=strong, usable=usable),
        percent=agreed,
        percent_interval=interval(spread.percent) if spread else None,
        chance=chance(found),
        within_one=within_one(found) if ordered else None,
        per_class=per_class(found),
        specific_intervals=_specific_intervals(spread, n_classes),
        alpha_interval_scale=alpha(found, "interval") if ordered else None,
        details=of_everybody(found, scale),
        paradox=_is_paradox(value, agreed, top_share, strong=strong),
    )


def missing(pairable_items: int, others: int, value: float | None) -> Reason | None:
    """Return why alpha `value` has no interval; None where it may have one. others: answers outside the top class."""
    if not pairable_items:
        return Reason.NO_PAIRS
    if value is None:
        return Reason.ONE_CLASS
    if pairable_items < ENOUGH_ITEMS:
        return Reason.FEW_ITEMS
    return Reason.FEW_OTHERS if others < ENOUGH_OTHERS else None


def _is_paradox(value: float | None, agreed: float | None, top_share: float, *, strong: float) -> bool:
    if value is None or agreed is None:
        return False
    return top_share > MOSTLY_ONE and agreed >= EASILY_AGREED and value < strong


def _specific_intervals(spread: Replicates | None, n_classes: int) -> tuple[Interval | None, ...]:
    if spread is None:
        return (None,) * n_classes
    return tuple(interval(spread.specific[:, index]) for index in range(n_classes))

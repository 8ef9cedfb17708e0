"""How far annotators agree who wrote free text: over characters, over words, and exactly.

The histogram holds for each item what it adds, so that no text is read again: how many answers it has and the means
over its pairs of answers, "n=3;c=0.0123;w=0.05;e=0.3333" (character rate, word rate, share of equal pairs; four
digits, so that items alike share a row). An item with one answer is "n=1": it is counted, and adds to no mean.

Note: there is no chance correction. How near two texts of different items are, which is what chance would be, is not
in the patterns; and among texts it is seldom what anybody asks, since hardly two are equal by chance. So these numbers
are no alpha and are read on their own scale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from labeler.errors import Invalid
from labeler.measures.headline import Headline
from labeler.measures.histogram import PAIR, Counts
from labeler.measures.intervals import Interval, interval, resampled
from labeler.measures.summary import ENOUGH_ITEMS, WHOLE_ANSWERS, Reason, pair, why_missing
from labeler.messages import Message
from labeler.task_types.text.distances import mean_rates

if TYPE_CHECKING:
    from labeler.measures.histogram import Floats
    from labeler.measures.metrics import ClassAgreement

DIGITS = 4
FIELDS = ("c", "w", "e")


class Added(NamedTuple):
    """What one item adds. answers: their number; the others: means over its pairs, 0 to 1; NaN with one answer."""

    answers: int
    character_rate: float = math.nan
    word_rate: float = math.nan
    exact: float = math.nan

    @property
    def agreed(self) -> tuple[float, float, float]:
        """How far the answers agree over characters, over words, and exactly."""
        return 1 - self.character_rate, 1 - self.word_rate, self.exact


@dataclass(frozen=True)
class TextAgreement:
    """Agreement on one project, shares from 0 to 1; None where no item has two answers.

    characters: 1 - character error rate, words: 1 - word error rate, exact: the share of equal answers. Each is the
    mean over the items with two answers or more of the mean over that item's pairs, so that every item weighs the
    same. Intervals: 95 %, items resampled.
    """

    items: int
    pairable_items: int
    answers: int
    pairable_answers: int
    characters: float | None
    characters_interval: Interval | None
    words: float | None
    words_interval: Interval | None
    exact: float | None
    exact_interval: Interval | None
    reason: Reason | None

    @property
    def per_class(self) -> tuple[ClassAgreement, ...]:
        """There are no classes."""
        return ()

    @property
    def reason_sentence(self) -> str:
        """Say why the numbers or their intervals are missing; "" when they are there."""
        return why_missing(self.reason, WHOLE_ANSWERS, self.pairable_items, 0)

    def headline(self, names: tuple[str, ...]) -> Headline:
        """Return what the overview says."""
        del names
        others = ((Message("one minus the word error rate"), self.words),)
        return Headline(
            measure=Message("one minus the character error rate"),
            value=self.characters,
            interval=self.characters_interval,
            reason=self.reason_sentence,
            percent=self.exact,
            others=tuple((words, value) for words, value in others if value is not None),
        )

    def as_dict(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Return it as tools outside read it; percent: how often two people wrote the same."""
        del names
        return {
            "measure": "character_agreement",
            "scale": "nominal",
            "percent": self.exact,
            "percent_interval": pair(self.exact_interval),
            "reason": self.reason_sentence or None,
            "items": self.items,
            "pairable_items": self.pairable_items,
            "answers": self.answers,
            "pairable_answers": self.pairable_answers,
            "details": []
            if self.words is None
            else [{"measure": "word_agreement", "value": self.words, "standard_error": None}],
            "classes": [],
        }


def pattern(texts: Sequence[str]) -> str:
    """Return what the counted answers to one item add, as the histogram keeps it; "" without an answer."""
    if len(texts) < PAIR:
        return f"n={len(texts)}" if texts else ""
    shown = [f"{name}={round(rate, DIGITS):g}" for name, rate in zip(FIELDS, mean_rates(texts), strict=True)]
    return ";".join((f"n={len(texts)}", *shown))


def read(row: str) -> Added:
    """Return what a pattern says; raises Invalid for one that `pattern` did not make."""
    try:
        found = dict(part.split("=") for part in row.split(";"))
        answers = int(found.pop("n"))
        rates = [float(found.pop(name)) for name in FIELDS] if answers >= PAIR else []
    except (ValueError, KeyError) as error:
        raise Invalid("{row!r} is no pattern of texts; recount the histogram.", field="histogram", row=row) from error
    if found or answers < 1 or not all(0 <= rate <= 1 for rate in rates):
        raise Invalid("{row!r} is no pattern of texts; recount the histogram.", field="histogram", row=row)
    return Added(answers, *rates)


def text_agreement(patterns: Mapping[str, int]) -> TextAgreement:
    """Measure agreement from the histogram {pattern: items}. The same histogram gives the same intervals.

    Raises Invalid for a row that is no pattern of texts, or that has a negative number of items.
    """
    import numpy as np

    if any(items < 0 for items in patterns.values()):
        raise Invalid("A pattern has a negative number of items; recount the histogram.", field="histogram")
    rows = {row: read(row) for row in sorted(patterns) if row and patterns[row]}
    items = np.array([patterns[row] for row in rows], dtype=np.float64)
    answers = np.array([each.answers for each in rows.values()], dtype=np.float64)
    found = Counts(np.empty((len(rows), 0)), items, answers)  # texts have no classes
    paired = found.pairable()
    adds = np.array([each.agreed for each in rows.values() if each.answers >= PAIR]).reshape(-1, len(FIELDS))
    means = [float(mean) for mean in paired.items @ adds / paired.n_items] if paired.n_items else [None] * len(FIELDS)
    intervals, reason = _intervals(paired, adds)
    return TextAgreement(
        items=found.n_items,
        pairable_items=paired.n_items,
        answers=found.n_answers,
        pairable_answers=paired.n_answers,
        characters=means[0],
        characters_interval=intervals[0],
        words=means[1],
        words_interval=intervals[1],
        exact=means[2],
        exact_interval=intervals[2],
        reason=reason,
    )


def _intervals(paired: Counts, adds: Floats) -> tuple[list[Interval | None], Reason | None]:
    """Return the 95 % intervals of the means of what (patterns, 3) items add; or why there are none."""
    none: list[Interval | None] = [None] * adds.shape[1]
    if paired.n_items < ENOUGH_ITEMS:
        return none, Reason.FEW_ITEMS if paired.n_items else Reason.NO_PAIRS
    drawn = resampled(paired, adds) / paired.n_items
    return [interval(drawn[:, column]) for column in range(adds.shape[1])], None

"""How answers were given: one by one, or a page of look-alikes at once. What the second costs, and whether it is right.

Note: both ways are judged by the same thing, a lead's decision or else what at least two
others answered *one by one*. Were pages judged by pages, all who confirm the same wrong guess of a model would agree.
And the two ways meet other items: on pages is what looks alike, and what was left over is answered one by one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from labeler.quality.suggestions import IDLE, Difference, Share, share_difference, truth_for

FEWEST = 30  # judged answers a way below which the two are not compared


class AnswerWithMode(NamedTuple):
    """One counted answer. code: of its class; mode: "single", "bulk" or "import"."""

    item: int
    user: int
    code: str
    seconds: float
    mode: str


@dataclass(frozen=True)
class AnswersOfMode:
    """Answers given one way. seconds: the median of active time; right: of those that could be judged."""

    answers: int
    seconds: float | None
    right: Share


@dataclass(frozen=True)
class BulkVsSingle:
    """The two ways side by side. patterns: {codes of an item's answers: items}, of all and of those not by page."""

    single: AnswersOfMode
    bulk: AnswersOfMode
    patterns: Counter[tuple[str, ...]]
    patterns_without: Counter[tuple[str, ...]]

    @property
    def missing(self) -> int:
        """How many more judged answers it takes before the two can be compared; 0 when they can."""
        return max(0, FEWEST - min(self.single.right.of, self.bulk.right.of))

    @property
    def difference(self) -> Difference | None:
        """Share of right answers by page less that of single ones; None while too few were judged."""
        return None if self.missing else share_difference(self.bulk.right, self.single.right)


def compare(
    answers: Iterable[AnswerWithMode], decided: Mapping[int, tuple[str | None, int | None]], *, user: int = 0
) -> BulkVsSingle:
    """Compare answers given by page with single ones; imported ones are in neither, but others are judged by them too.

    decided: {item: (code, by whom)} of leads' decisions, "" for no label, None for an item that is out or ambiguous;
    user: whose answers are compared, 0 for everybody's; they are judged by everybody's all the same.
    """
    every = [one for one in answers if decided.get(one.item, ("",))[0] is not None]
    one_by_one: dict[int, dict[int, str]] = defaultdict(dict)
    said: dict[int, list[str]] = defaultdict(list)
    for one in every:
        said[one.item].append(one.code)
        if one.mode != "bulk":
            one_by_one[one.item][one.user] = one.code
    without = Counter(tuple(sorted(codes.values())) for codes in one_by_one.values())
    single, bulk = (
        _of_mode([one for one in every if one.mode == mode and user in {0, one.user}], one_by_one, decided)
        for mode in ("single", "bulk")
    )
    return BulkVsSingle(single, bulk, Counter(tuple(sorted(codes)) for codes in said.values()), without)


def _of_mode(
    answers: list[AnswerWithMode],
    one_by_one: Mapping[int, Mapping[int, str]],
    decided: Mapping[int, tuple[str | None, int | None]],
) -> AnswersOfMode:
    timed = [one.seconds for one in answers if 0 < one.seconds <= IDLE]
    right = judged = 0
    for one in answers:
        decision, by = decided.get(one.item, ("", None))
        truth = truth_for(one.user, one_by_one.get(one.item, {}), decision or "", by)
        judged += truth != ""
        right += truth == one.code
    return AnswersOfMode(len(answers), median(timed) if timed else None, Share(right, judged))

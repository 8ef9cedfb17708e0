"""What the lead's dashboard shows, as plain values: the page prints this and asks nothing else.

Whoever fills it from queries needs no template, and the template needs no database. Easy to get wrong: every share
is 0 to 1 (the page turns it into percent); an estimate that cannot be shown yet is None together with a `reason` in
words ("needs 18 more double-labelled items"); every count comes with the address of the very items it counts; and all
words in here are already translated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from labeler.jobs.models import Job
from labeler.web.shared.charts import (
    HOT_STEP,
    Gauge,
    LineChart,
    RangeDot,
    gauge_start,
    heat_level,
    range_dot,
)
from labeler.web.shared.set_findings import SetNote

MATRIX_LIMIT = 12
"""With more classes than this the mix-ups are a list of pairs instead of a matrix."""

PAIRS_SHOWN = 10
"""Pairs in that list."""

DARKEST_FROM = 0.08
"""A mix-up of this share gets the darkest shade even when it is the largest: small ones should not glow."""


class Verdict(StrEnum):
    """What an interval says about a target."""

    MET = "met"
    NOT_MET = "not met"
    OPEN = "not settled yet"


@dataclass(frozen=True)
class Estimate:
    """An estimated number and its 95 % interval."""

    value: float
    low: float
    high: float

    def reaches(self, target: float) -> Verdict:
        """Whether at least target: met when the whole interval is."""
        return _verdict(above=self.low >= target, below=self.high < target)


def _verdict(*, above: bool, below: bool) -> Verdict:
    if above:
        return Verdict.MET
    return Verdict.NOT_MET if below else Verdict.OPEN


@dataclass(frozen=True)
class ProgressCard:
    """Items with enough answers or a final label, of all items; forecast: the likely day in words, or None."""

    done: int
    total: int
    href: str
    forecast: str | None = None

    @property
    def share(self) -> float:
        """Done of total, 0 to 1."""
        return self.done / self.total if self.total else 0.0


@dataclass(frozen=True)
class Agreement:
    """The leading agreement score of the task type, beside the raw percentage and what guessing would give.

    measure: its name as shown ("Krippendorff alpha"); percent, chance: shares, None where they have no meaning (boxes);
    target: None where the measure has no bands; paradox: one sentence when one class rules (or ""); others: further
    measures that people know by name, as (name, value).
    """

    measure: str
    estimate: Estimate | None
    reason: str = ""
    percent: float | None = None
    chance: float | None = None
    target: float | None = None
    paradox: str = ""
    others: tuple[tuple[str, float], ...] = ()

    @property
    def verdict(self) -> Verdict | None:
        """None while there is no estimate or no target."""
        return None if self.estimate is None or self.target is None else self.estimate.reaches(self.target)

    @property
    def gauge(self) -> Gauge | None:
        """The score on its scale, or None while there is none."""
        if self.estimate is None:
            return None
        start = gauge_start(self.estimate.low, self.target)
        return Gauge(self.estimate.value, self.estimate.low, self.estimate.high, self.target, start)


@dataclass(frozen=True)
class RemainingTile:
    """The remaining error, or what is missing for it, already in words. strong: before the note; quiet: no number yet.

    result: address of the audit that the number is from; meter: of one under way, the share answered.
    """

    headline: str
    small: str = ""
    gauge: Gauge | None = None
    meter: float | None = None
    strong: str = ""
    note: str = ""
    action: str = ""
    href: str = ""
    result: str = ""
    quiet: bool = False


@dataclass(frozen=True)
class TimeSpent:
    """Active time (visible, focused, input in the last minute), all annotators together; answers: those timed."""

    active_hours: float
    answers: int
    seconds_per_answer: float | None = None


@dataclass(frozen=True)
class Part:
    """Those of the items of a need that have something in common."""

    count: int
    words: str
    href: str


@dataclass(frozen=True)
class Need:
    """One thing waiting for a decision of the lead; tone: "warn" or "info".

    count: items, each once, as the menu counts them; parts: the same items by what they wait for, where an item may be
    in several, which `detail` says.
    """

    count: int
    words: str
    action: str
    href: str
    detail: str = ""
    minutes: int = 0
    tone: str = "warn"
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class ClassMark:
    """A class as shown: its name and its place in the palette, from 1."""

    name: str
    position: int


@dataclass(frozen=True)
class Cell:
    """One cell of the mix-up matrix: the share of its row; href is "" where there is nothing to open."""

    share: float
    count: int
    href: str
    level: int
    same: bool

    @property
    def hot(self) -> bool:
        """Whether the number is printed bold."""
        return self.level >= HOT_STEP


@dataclass(frozen=True)
class Pair:
    """Two classes taken for one another; there: first answered as second, back: the other way round."""

    first: ClassMark
    second: ClassMark
    there: int
    back: int
    there_href: str
    back_href: str


@dataclass(frozen=True)
class MixUps:
    """Final label by answer, or (between) answer by another's: a matrix for up to twelve classes, else the worst pairs.

    left_out: how many items are not in it, and why, in words; "" for none.
    """

    classes: tuple[ClassMark, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()
    pairs: tuple[Pair, ...] = ()
    between: bool = False
    left_out: str = ""


def mix_ups(
    classes: Sequence[ClassMark],
    counts: Sequence[Sequence[int]],
    href: Callable[[int, int], str],
    *,
    weights: Sequence[Sequence[float]] = (),
    left_out: str = "",
) -> MixUps | None:
    """Lay out answers by final label; None while there are no answers.

    counts[i][j]: answers j on items whose final label is i, K x K in the order of classes; href(i, j): their address.
    weights: instead, of answers by another's: how often who says i meets somebody who says j (coincidences);
    counts[i][j] are then the items on which they meet, the same both ways.
    """
    if not any(any(row) for row in counts):
        return None
    between = bool(weights)
    if len(classes) > MATRIX_LIMIT:
        once = [[count * (j > i) for j, count in enumerate(row)] for i, row in enumerate(counts)]
        pairs = _pairs(classes, once if between else counts, href)
        return MixUps(tuple(classes), pairs=pairs, between=between, left_out=left_out)
    shares = [[weight / (sum(row) or 1) for weight in row] for row in weights or counts]
    apart = [share for i, row in enumerate(shares) for j, share in enumerate(row) if i != j]
    top = max([DARKEST_FROM, *apart])
    rows = tuple(
        tuple(
            Cell(
                share, counts[i][j], href(i, j) if counts[i][j] else "", heat_level(share, top) if i != j else 0, i == j
            )
            for j, share in enumerate(row)
        )
        for i, row in enumerate(shares)
    )
    return MixUps(tuple(classes), rows, between=between, left_out=left_out)


def _pairs(
    classes: Sequence[ClassMark], counts: Sequence[Sequence[int]], href: Callable[[int, int], str]
) -> tuple[Pair, ...]:
    size = range(len(classes))
    mixed = [(counts[i][j] + counts[j][i], i, j) for i in size for j in size if i < j and counts[i][j] + counts[j][i]]
    mixed.sort(key=lambda entry: (-entry[0], entry[1], entry[2]))
    ordered = [(i, j) if counts[i][j] >= counts[j][i] else (j, i) for _, i, j in mixed[:PAIRS_SHOWN]]
    return tuple(Pair(classes[i], classes[j], counts[i][j], counts[j][i], href(i, j), href(j, i)) for i, j in ordered)


@dataclass(frozen=True)
class ClassRow:
    """A class with its final labels; agreement: its specific agreement, None while too few answers."""

    mark: ClassMark
    count: int
    href: str
    agreement: float | None = None
    agreement_href: str = ""


@dataclass(frozen=True)
class AnnotatorFlag:
    """One thing to know about an annotator, in words; tone: "ok", "warn" or "bad"."""

    words: str
    tone: str = "warn"
    href: str = ""


@dataclass(frozen=True)
class AnnotatorRow:
    """One annotator. agreement: with the consensus of the others, counted on `compared` answers or marks."""

    name: str
    href: str
    votes: int
    votes_href: str
    per_minute: float | None = None
    agreement: Estimate | None = None
    compared: int = 0
    skipped: float = 0.0
    skipped_href: str = ""
    flag: AnnotatorFlag | None = None

    def dot(self, team: float | None, start: float) -> RangeDot | None:
        """Place the agreement as a dot on a line from start to 1, or None without one."""
        if self.agreement is None:
            return None
        return range_dot(self.agreement.value, (self.agreement.low, self.agreement.high), team, start)


@dataclass(frozen=True)
class InspectionCard:
    """The pass; run_url takes a POST. blocked: why it cannot run yet, in words, or "".

    notes: what it says; about_set: what it found about the set as a whole.
    """

    run_url: str
    last: datetime | None = None
    model_accuracy: Estimate | None = None
    flags: int = 0
    flags_href: str = ""
    running: Job | None = None
    failed: str = ""
    cancelled: bool = False
    blocked: str = ""
    worker_seen: bool = True
    notes: tuple[str, ...] = ()
    about_set: tuple[SetNote, ...] = ()


@dataclass(frozen=True)
class Step:
    """One line of the checklist of a new project."""

    words: str
    detail: str
    action: str
    href: str
    done: bool = False


@dataclass(frozen=True)
class DashboardView:
    """Everything on the page, in its order. checklist: empty once the project is under way."""

    status: str
    counted_at: datetime
    refresh_url: str
    add_url: str
    export_url: str
    progress: ProgressCard
    agreement: Agreement
    remaining: RemainingTile
    time: TimeSpent
    inspection: InspectionCard
    chart: LineChart | None = None
    needs: tuple[Need, ...] = ()
    mix_ups: MixUps | None = None
    classes: tuple[ClassRow, ...] = ()
    class_note: str = ""
    by_model: int = 0
    by_model_url: str = ""
    annotators: tuple[AnnotatorRow, ...] = ()
    team_agreement: float | None = None
    annotators_url: str = ""
    annotators_total: int = 0
    checklist: tuple[Step, ...] = ()

    @property
    def minutes_needed(self) -> int:
        """How long the decisions that wait will take, in all."""
        return sum(need.minutes for need in self.needs)

    @property
    def largest_class(self) -> int:
        """The count that fills a bar."""
        return max((row.count for row in self.classes), default=0)

    @property
    def agreement_start(self) -> float:
        """The left end of the agreement lines: a half, or nothing when somebody is below."""
        lows = [row.agreement.low for row in self.annotators if row.agreement]
        return 0.5 if all(low >= 0.5 for low in lows) else 0.0  # noqa: PLR2004  the scale of the drawing

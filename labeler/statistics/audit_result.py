"""What a finished audit found: the share of labels that were wrong, in all, by class and slice, and where they are."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from labeler.audits import queries
from labeler.audits.anytime import any_time
from labeler.audits.estimate import FEWEST, Estimate, Stratum, plain, stratified, weighted
from labeler.audits.models import DECIDED, QUEUE, UNFLAGGED, Audit, AuditItem
from labeler.audits.stopping import Verdict, verdict

GROUPS = (DECIDED, QUEUE, UNFLAGGED)


@dataclass(frozen=True)
class Part:
    """A class, a slice or a group of an audit. name: class id, value or group; labels: of the population, 0: not known.

    share: None where too few were checked.
    """

    name: str
    labels: int
    checked: int
    wrong: int
    share: Estimate | None


@dataclass(frozen=True)
class AuditResult:
    """A finished audit. items: those that were checked, ambiguous ones too; left_out: nobody could judge them.

    Wrong is a label that a lead gave up for the blind answer or for another class. beside: the same counted by
    what was known of the labels before, None where that cannot be.
    """

    audit: Audit
    items: tuple[AuditItem, ...]
    left_out: int
    unanswered: int

    @cached_property
    def estimate(self) -> Estimate:
        """The headline: plain (Wilson), by class and weighted, or with a range that holds at any time."""
        strata = self.strata
        if not self.audit.complete:
            return any_time(strata)
        return plain(strata[0]) if len(strata) == 1 else stratified(strata)

    @property
    def verdict(self) -> Verdict:
        """What that says about the most that may be wrong."""
        return verdict(self.estimate, self.audit.maximum)

    @property
    def beside(self) -> Estimate | None:
        """The share counted by group and weighted by their sizes, of a plain sample."""
        if self.by_class_draw or not self.audit.complete:
            return None
        return stratified([Stratum(one.labels, one.checked, one.wrong) for one in self.groups if one.labels])

    @property
    def by_class_draw(self) -> bool:
        """Whether the sample was drawn by class, so that its items have weights."""
        return any(one.stratum for one in self.items)

    @property
    def ambiguous(self) -> int:
        """Checked labels of which a lead said that they are ambiguous: not wrong."""
        return sum(one.outcome == "ambiguous" for one in self.items)

    @cached_property
    def strata(self) -> list[Stratum]:
        """The parts that were drawn from: the classes, or all labels as one."""
        if not self.by_class_draw:
            return [Stratum(self.audit.population, len(self.items), _wrong(self.items))]
        drawn = {code: [one for one in self.items if one.stratum == code] for code in self.audit.strata}
        return [Stratum(size, len(drawn[code]), _wrong(drawn[code])) for code, size in self.audit.strata.items()]

    @property
    def wrong_labels(self) -> tuple[int, int]:
        """How many of the population are wrong, as a range."""
        size = self.audit.population
        return round(self.estimate.low * size), round(self.estimate.high * size)

    @cached_property
    def groups(self) -> tuple[Part, ...]:
        """By what was known of the labels when the audit began."""
        return self._parts(lambda one: one.group, self.audit.groups, GROUPS)

    @cached_property
    def classes(self) -> tuple[Part, ...]:
        """By the label before the audit, the largest class first; () where a label is no single class."""
        sizes = self.audit.strata
        # classes may have been merged since: what stands beside an item is its class of today
        names = sorted({one.code for one in self.items}, key=lambda code: (-sizes.get(code, 0), code)) if sizes else []
        return self._parts(lambda one: one.code, sizes, names)

    def slices(self, column: str) -> tuple[Part, ...]:
        """Return the result by the values of a metadata column, the most frequent first."""
        found = Counter(one.slices[column] for one in self.items if column in one.slices)
        names = [value for value, _ in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))]
        return self._parts(lambda one: one.slices.get(column, ""), {}, names)

    def _parts(self, of: Callable[[AuditItem], str], sizes: dict[str, int], names: Sequence[str]) -> tuple[Part, ...]:
        return tuple(
            self._part(name, sizes.get(name, 0), [one for one in self.items if of(one) == name]) for name in names
        )

    def _part(self, name: str, labels: int, items: Sequence[AuditItem]) -> Part:
        return Part(name, labels, len(items), _wrong(items), _share(items, labels) if len(items) >= FEWEST else None)


def _share(items: Sequence[AuditItem], labels: int) -> Estimate:
    if len({one.weight for one in items}) == 1:  # then what is not counted is known from the share that was drawn
        size = max(labels or round(len(items) * items[0].weight), len(items))
        return plain(Stratum(size, len(items), _wrong(items)))
    return weighted([one.weight for one in items], [one.outcome == "wrong" for one in items])


def _wrong(items: Sequence[AuditItem]) -> int:
    return sum(one.outcome == "wrong" for one in items)


def stands_out(parts: Sequence[Part], maximum: float) -> list[Part]:
    """Return the parts whose whole range is above the maximum, the worst first."""
    above = [one for one in parts if one.share is not None and one.share.low > maximum]
    return sorted(above, key=lambda one: -one.share.low if one.share else 0.0)


def result_of(session: Session, audit: Audit) -> AuditResult:
    """Return what a finished audit found."""
    items = queries.items_of(session, audit)
    checked = tuple(one for one in items if one.outcome in {"right", "wrong", "ambiguous"})
    left_out = sum(one.outcome == "left_out" for one in items)
    return AuditResult(audit, checked, left_out, len(items) - len(checked) - left_out)

"""What is counted of a release once and shown ever after: where labels come from, classes, agreement, what was open."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from labeler.decisions.final import AMBIGUOUS
from labeler.releases.frozen import FILTERED, Head, Item
from labeler.statistics.remaining_error import RemainingError


@dataclass
class Counted:
    """Counts of the frozen labels. In the files: items, answers, people, sources, classes, answered (items by answers).

    parts: items of each part of the split, and of each of its classes, by (part, class). Of the project: all, flagged
    (open flags), ties, excluded, unlabeled, filtered (with a label, and left out by what else was asked for).
    """

    items: int = 0
    answers: int = 0
    people: set[str] = field(default_factory=set)
    sources: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)
    guidelines: set[int] = field(default_factory=set)
    methods: Counter[str] = field(default_factory=Counter)
    all: int = 0
    flagged: int = 0
    ties: int = 0
    excluded: int = 0
    unlabeled: int = 0
    filtered: int = 0
    parts: Counter[str] = field(default_factory=Counter)
    classes_of_parts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def see(self, item: Item) -> None:
        """Count an item of the project."""
        row, behind = item.row, item.behind
        self.all += 1
        self.excluded += row.excluded
        self.filtered += item.out == FILTERED
        self.flagged += bool(row.flags) and behind.decided is None
        if not row.excluded and not behind.code:
            tie = behind.source == AMBIGUOUS and behind.decided is None
            self.ties += tie
            self.unlabeled += not tie and (behind.decided is None or behind.decided.decision != AMBIGUOUS)

    def take(self, item: Item, classes: tuple[str, ...]) -> None:
        """Count an item that is in the files. classes: those that its label names, each once."""
        row, behind = item.row, item.behind
        self.items += 1
        self.answers += len(row.votes)
        self.people.update(vote.annotator for vote in row.votes)
        self.sources[behind.source] += 1
        self.classes.update(classes)
        self.parts[row.split] += 1
        self.classes_of_parts.update((row.split, name) for name in classes)
        self.answered[len(row.votes)] += 1
        self.guidelines.update(one.guideline for one in behind.answers if one.guideline)
        if behind.source == "consensus":
            self.methods[behind.method] += 1

    def as_json(self, head: Head) -> dict[str, Any]:
        """Return what is kept with the release; classes in the project's order, those without a label too.

        filtered, parts ({name: {items, classes}}): only where it was made with filters, and with a split.
        """
        measured = {
            name: head.agreement.get(name) for name in ("measure", "name", "value", "value_interval", "answers")
        }
        return {
            "items": self.items,
            "answers": self.answers,
            "people": len(self.people),
            "sources": dict(sorted(self.sources.items())),
            "classes": {name: self.classes[name] for name in head.names},
            "answered": {str(many): self.answered[many] for many in sorted(self.answered)},
            "guidelines": sorted(self.guidelines),
            "methods": dict(sorted(self.methods.items())),
            "all": self.all,
            "flagged": self.flagged,
            "ties": self.ties,
            "excluded": self.excluded,
            "unlabeled": self.unlabeled,
            "agreement": measured,
            "error": head.error,
            **self._chosen(head),
        }

    def _chosen(self, head: Head) -> dict[str, Any]:
        told: dict[str, Any] = {"filtered": self.filtered} if head.chosen.items.filtered else {}
        parts = {
            part: {
                "items": self.parts[part],
                "classes": {name: self.classes_of_parts[part, name] for name in head.names},
            }
            for part in head.chosen.parts
        }
        return told | ({"parts": parts} if parts else {})


def error_as_json(known: RemainingError, names: dict[str, str]) -> dict[str, Any]:
    """Return the measured remaining error, {"state": …} alone without an audit. names: of classes, by code.

    state: see `RemainingError.state`; share, low, high: 0 to 1; classes: those of which enough were audited have them.
    """
    told: dict[str, Any] = {"state": known.state, "maximum": known.maximum}
    if known.result is None or known.estimate is None:
        return told
    audit, one = known.result.audit, known.estimate
    classes = [
        {"class": names.get(part.name, part.name), "checked": part.checked, "wrong": part.wrong}
        | ({"share": part.share.share, "low": part.share.low, "high": part.share.high} if part.share else {})
        for part in known.result.classes
    ]
    return told | {
        "share": one.share,
        "low": one.low,
        "high": one.high,
        "method": one.method,
        "checked": one.checked,
        "wrong": one.wrong,
        "audit": audit.number,
        "closed_at": audit.closed_at.isoformat(timespec="seconds") if audit.closed_at else "",
        "reviewed_since": known.reviewed + known.corrected,
        "new_since": known.new,
        "classes": classes,
    }

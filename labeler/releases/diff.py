"""What changed from one release to the next, item by item, each with what decided it. A calculation.

An item is *added* when it is in the files of the new release and not of the old one, *removed* the other way round, and
*changed* when its final label, the objects of it or its soft label is another. So items of the old release - removed +
added = items of the new one. Where a label comes from may change and the label stay: that is no change; nor is another
part of the split, but those items are counted (`moved`), since what was trained with one release may be tested with
the other.

What decided it (`cause`) is one of CAUSES: `review` a lead's decision, `tie_decided` the same where the answers tied,
`audit` a lead took what an audit found, `answers` further answers, `asked_again` an answer of a later round,
`computed_again` the same answers weighed another way, `decision_undone` a lead took a decision back, `answers_undone`
people took answers back, `imported` a label came in a file, `automatic` the model's label stands, `automatic_ended` it
does not any more, `class_renamed`, `classes_merged`, `ambiguous` a lead called it so, `excluded` a lead took it out,
`sent_back` it is asked again, `tied` its answers tie, `filtered` it is left out by what was asked for beside a label,
or by that no more, `settings` it is left out or in by which items were asked for, `deleted` the item is gone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from labeler.exchange.rows import ExportRow
from labeler.releases.frozen import FILTERED, Behind, Head, Item

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
CAUSES = (
    "review",
    "tie_decided",
    "audit",
    "answers",
    "asked_again",
    "computed_again",
    "decision_undone",
    "answers_undone",
    "imported",
    "automatic",
    "automatic_ended",
    "class_renamed",
    "classes_merged",
    "ambiguous",
    "excluded",
    "sent_back",
    "tied",
    "filtered",
    "settings",
    "deleted",
)
_FROM_LEADS = frozenset({"review", "tie_decided", "audit", "ambiguous", "excluded", "sent_back"})
FLOWS = 12  # pairs of classes that are kept with a release, the most frequent


class Change(NamedTuple):
    """One item that is not as it was. kind: added, removed or changed; before, now: labels in words, None for none.

    at: when that was decided, ISO 8601, "" where it is not known; flag: kind of the flag a lead decided about, reason:
    the lead's own words; tally: the answers now, the most frequent first.
    """

    item: int
    external_id: str | None
    kind: str
    before: str | None
    now: str | None
    cause: str
    at: str = ""
    flag: str = ""
    reason: str = ""
    tally: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Side:
    """One of the two releases."""

    head: Head
    items: Iterable[Item]


@dataclass
class Changes:
    """How much changed. causes: by kind of change and cause; flows: by label before and now, of changed items.

    moved: items of both that are in another part of the split.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0
    same: int = 0
    moved: int = 0
    causes: dict[str, Counter[str]] = field(default_factory=dict)
    flows: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, change: Change) -> None:
        """Count one."""
        setattr(self, change.kind, getattr(self, change.kind) + 1)
        self.causes.setdefault(change.kind, Counter())[change.cause] += 1
        if change.kind == CHANGED:
            self.flows[change.before or "", change.now or ""] += 1

    def as_json(self) -> dict[str, Any]:
        """Return the counts in an order of their own: the most frequent first, then by name; moved where any did."""
        flows = sorted(self.flows.items(), key=lambda pair: (-pair[1], pair[0]))
        return {
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "same": self.same,
            "causes": {
                kind: dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
                for kind, found in sorted(self.causes.items())
            },
            "flows": [[before, now, count] for (before, now), count in flows[:FLOWS]],
            "other_flows": sum(count for _, count in flows[FLOWS:]),
            **({"moved": self.moved} if self.moved else {}),
        }


def changes_between(old: Side, new: Side, counts: Changes) -> Iterator[Change]:
    """Yield what is not as it was, by item id; counts is filled on the way, also with what stayed the same."""
    for before, now in _pairs(old.items, new.items):
        was, is_ = _in(before), _in(now)
        if was is not None and is_ is not None:
            kind = "" if label_of(was.row) == label_of(is_.row) else CHANGED
            counts.moved += bool(was.row.split and is_.row.split) and was.row.split != is_.row.split
        else:
            kind = REMOVED if was is not None else ADDED if is_ is not None else ""
        if kind:
            change = _change(kind, before, now, (old.head, new.head))
            counts.add(change)
            yield change
        elif was is not None:
            counts.same += 1


def label_of(row: ExportRow) -> tuple[Any, Any, Any]:
    """Return what a label is: in words, the objects of it, the shares of classes."""
    return row.final_label, row.final_value, row.soft_label


def words_of(row: ExportRow) -> str | None:
    """Return a label in words; of an ambiguous item the classes with their shares."""
    if row.final_label is not None or not row.soft_label:
        return row.final_label
    return ", ".join(f"{name} {share:.0%}" for name, share in row.soft_label.items())


def _pairs(old: Iterable[Item], new: Iterable[Item]) -> Iterator[tuple[Item | None, Item | None]]:
    """Yield the items of two streams that are in the order of ids, side by side."""
    one, other = iter(old), iter(new)
    before, now = next(one, None), next(other, None)
    while before is not None or now is not None:
        if now is None or (before is not None and before.row.item < now.row.item):
            yield before, None
            before = next(one, None)
        elif before is None or now.row.item < before.row.item:
            yield None, now
            now = next(other, None)
        else:
            yield before, now
            before, now = next(one, None), next(other, None)


def _in(item: Item | None) -> Item | None:
    return item if item is not None and not item.out else None


def _change(kind: str, before: Item | None, now: Item | None, heads: tuple[Head, Head]) -> Change:
    known = now or before
    if known is None:
        raise ValueError("a change is of an item")
    cause = _cause(kind, before, now, heads)
    behind = now.behind if now else Behind()
    decided = behind.decided if cause in _FROM_LEADS else None
    return Change(
        known.row.item,
        known.row.external_id,
        kind,
        words_of(before.row) if before and kind != ADDED else None,
        words_of(now.row) if now and kind != REMOVED else None,
        cause,
        decided_at(now) if now else "",
        decided.flag if decided else "",
        decided.reason if decided else "",
        tally(now.row) if now else (),
    )


def tally(row: ExportRow) -> tuple[tuple[str, int], ...]:
    """Return how often each answer was given, the most frequent first."""
    return tuple(sorted(Counter(vote.label for vote in row.votes).items(), key=lambda pair: (-pair[1], pair[0])))


def decided_at(item: Item) -> str:
    """Return when a label came to be what it is, ISO 8601; "" where that is not known."""
    behind = item.behind
    if behind.decided is not None and behind.decided.decision != "agreed" and behind.source != "consensus":
        return behind.decided.at
    if behind.source == "given":
        return behind.created
    return max((one.at for one in behind.answers), default="")


def _cause(kind: str, before: Item | None, now: Item | None, heads: tuple[Head, Head]) -> str:
    if now is None:
        return "deleted"
    if kind == REMOVED:
        return _why_out(before.behind if before else Behind(), now)
    was = before.behind if before else Behind()
    if kind == CHANGED and now.behind.code and was.code == now.behind.code and was.source == now.behind.source:
        return "class_renamed"
    if kind == CHANGED and was.code and _gone(was.code, heads) and not _answered_since(was, now.behind):
        return "classes_merged"
    cause = _why_in(was, now, is_new=before is None)
    return "filtered" if cause == "settings" and before is not None and before.out == FILTERED else cause


def _gone(code: str, heads: tuple[Head, Head]) -> bool:
    """Whether a class that was one is none any more; of labels that are no single class, whether any class is gone."""
    old, new = heads[0].codes, heads[1].codes
    return code not in new if code in old else not old <= new


def _answered_since(was: Behind, now: Behind) -> bool:
    if [one.id for one in was.answers] != [one.id for one in now.answers]:
        return True
    return (was.decided and was.decided.id) != (now.decided and now.decided.id)


def _why_in(was: Behind, now: Item, *, is_new: bool) -> str:
    """Return why an item has the label that it has now."""
    behind = now.behind
    if behind.source == "ambiguous":
        return "ambiguous"
    if behind.source == "review" and behind.decided is not None:
        if (was.decided and was.decided.id) == behind.decided.id:
            return "settings"
        if behind.decided.audit:
            return "audit"
        return "tie_decided" if not behind.decided.before and now.row.votes else "review"
    if behind.source in {"given", "automatic"}:
        return _why_unanswered(was, behind, is_new=is_new)
    return _why_answered(was, behind)


def _why_unanswered(was: Behind, now: Behind, *, is_new: bool) -> str:
    if was.decided is not None and now.decided is None:
        return "decision_undone"
    if was.source == "consensus" and not now.answers:
        return "answers_undone"
    if not is_new and was.code == now.code and was.source == now.source:
        return "settings"
    return "imported" if now.source == "given" else "automatic"


def _why_answered(was: Behind, now: Behind) -> str:
    if {one.id for one in was.answers} != {one.id for one in now.answers}:
        latest = max((one.round for one in now.answers), default=0)
        return "asked_again" if latest > max((one.round for one in was.answers), default=0) else "answers"
    if was.decided is not None and now.decided is None:
        return "decision_undone"
    return "settings" if was.code == now.code and was.source == now.source else "computed_again"


def _why_out(was: Behind, now: Item) -> str:
    """Return why an item that was in is out now."""
    behind = now.behind
    decision = behind.decided.decision if behind.decided else ""
    if now.out == FILTERED or now.row.excluded:
        return "filtered" if now.out == FILTERED else "excluded"
    if behind.code:
        return "settings"
    if decision == "send_back":
        return "sent_back"
    if behind.source == "ambiguous":
        return "tied"
    if was.source == "automatic":
        return "automatic_ended"
    return "decision_undone" if was.source == "review" and behind.decided is None else "answers_undone"

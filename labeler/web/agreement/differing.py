"""Where answers with parts differ, for the page: kinds with their words, and items on which both answers are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from labeler.projects.queries import items_by_id
from labeler.statistics.agreement_differences import Differences, TwoAnswers
from labeler.statistics.agreement_numbers import Everything
from labeler.task_types.base import Value
from labeler.task_types.differing import ALIKE, BORDERS, BOTH, CLASS, KINDS, ONLY, SEVERAL, Difference
from labeler.web.shared.evidence import shown
from labeler.web.shared.item_card import Shown
from labeler.web.shared.words import format_percent
from labeler.web.shared.words import gettext as _


@dataclass(frozen=True)
class KindRow:
    """One kind of difference. parts: of all answers in it; share: of those that are not alike."""

    words: str
    parts: int
    share: float


@dataclass(frozen=True)
class Drawn:
    """One item with the answers of two people, by name. thick: numbers of the parts that differ, of each."""

    item: Shown
    one: str
    two: str
    first: Value
    second: Value
    thick_first: frozenset[int]
    thick_second: frozenset[int]
    words: tuple[str, ...]
    more: int


@dataclass(frozen=True)
class Differing:
    """The card. alike: parts that are the same in both answers."""

    found: Differences
    alike: int
    kinds: tuple[KindRow, ...]
    drawn: tuple[Drawn, ...]


MOST_WORDS = 8


def read_differing(session: Session, every: Everything, names: Mapping[int, str]) -> Differing | None:
    """Return the card; None where answers have no parts, or nobody marked anything."""
    found = every.differences
    if found is None:
        return None
    differing = found.total - found.parts.get(ALIKE, 0)
    kinds = tuple(
        KindRow(kind_words(kind), found.parts[kind], found.parts[kind] / differing)
        for kind in KINDS
        if kind != ALIKE and found.parts.get(kind)
    )
    drawn = tuple(_drawn(session, every, pair, names) for pair in found.worst)
    return Differing(found, found.parts.get(ALIKE, 0), kinds, tuple(one for one in drawn if one is not None))


def kind_words(kind: str) -> str:
    """Say what a kind of difference is."""
    return {
        ONLY: _("Marked by one only"),
        SEVERAL: _("One for one, several for the other"),
        BORDERS: _("Borders differ, same class"),
        CLASS: _("Class differs"),
        BOTH: _("Class and borders differ"),
    }[kind]


def _drawn(session: Session, every: Everything, pair: TwoAnswers, names: Mapping[int, str]) -> Drawn | None:
    classes = every.report.classes
    item = items_by_id(session, classes.rows[0].project_id, [pair.item]).get(pair.item)
    if item is None:
        return None
    one, two = (names.get(user) or _("Somebody who left") for user in (pair.one, pair.two))
    first, second = (classes.task.shown("", value, classes.by_code) or value for value in (pair.first, pair.second))
    shape = classes.task.shape
    words = [_words(each, (one, two), (first[shape], second[shape])) for each in pair.differing]
    return Drawn(
        shown(item),
        one,
        two,
        first,
        second,
        frozenset(number for each in pair.differing for number in each.first),
        frozenset(number for each in pair.differing for number in each.second),
        tuple(words[:MOST_WORDS]),
        max(len(words) - MOST_WORDS, 0),
    )


def _words(each: Difference, names: tuple[str, str], parts: tuple[list[Value], list[Value]]) -> str:
    labels = [[own[number]["label"] for number in numbers] for own, numbers in zip(parts, _numbers(each), strict=True)]
    if each.kind == ONLY:
        who = 0 if each.first else 1
        return _("%(label)s: only %(name)s", label=labels[who][0], name=names[who])
    if each.kind == SEVERAL:
        counts = {"first": len(each.first), "second": len(each.second)}
        said = {"label": labels[0][0], "one": names[0], "two": names[1]}
        return _("%(label)s: %(first)s by %(one)s, %(second)s by %(two)s", **counts, **said)
    share = format_percent(each.overlap)
    if each.kind == BORDERS:
        return _("%(label)s: the two overlap by %(share)s", label=labels[0][0], share=share)
    said = {"first": labels[0][0], "one": names[0], "second": labels[1][0], "two": names[1]}
    if each.kind == CLASS:
        return _("%(first)s for %(one)s, %(second)s for %(two)s", **said)
    return _("%(first)s for %(one)s, %(second)s for %(two)s, overlap %(share)s", share=share, **said)


def _numbers(each: Difference) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return each.first, each.second

"""What the page of a workshop shows, as plain values with the addresses of what was counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts.queries import users_by_id
from labeler.agreement.queries import histogram
from labeler.decisions import queries as decision_queries
from labeler.decisions.models import Review
from labeler.measures.class_pairs import ClassPair, class_pairs
from labeler.measures.histogram import Counts, by_class, counts
from labeler.measures.intervals import Interval, bootstrap, interval, wilson
from labeler.measures.metrics import percent
from labeler.projects.queries import guideline_of
from labeler.statistics.remaining_error import seconds_an_answer
from labeler.web.shared.evidence import Desk, shown_items
from labeler.web.shared.guide import sections
from labeler.web.shared.item_card import Label, Shown
from labeler.workflow.vote_requests import MOST_ITEMS
from labeler.workshops.border import Contested, Near
from labeler.workshops.queries import pair_counts, workshops_of
from labeler.workshops.rules import rule_in
from labeler.workshops.typical import typical

PAIRS = 8  # offered to choose from
WORTH_IT = 30  # contested items from which a pair is offered first
ENOUGH = 50  # items with two answers before a share is said
FEW = 10  # answers of a person before anything is said of them
FAR = 0.15  # from the share of all: the person, not the rule


@dataclass(frozen=True)
class Pair:
    """Two classes that are taken for one another. share: of all disagreement; settled: alpha with the two as one."""

    first: Label
    second: Label
    share: float
    items: int
    settled: float | None

    @property
    def labels(self) -> tuple[Label, Label]:
        """Both."""
        return self.first, self.second

    @property
    def codes(self) -> tuple[str, str]:
        """Both, by id as text."""
        return self.first.code, self.second.code


@dataclass(frozen=True)
class Agreed:
    """How often two who say one of the two classes say the same. share: None below ENOUGH items."""

    items: int
    share: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True)
class Case:
    """One item to look at. said: the names of who said which; decided: code, "ambiguous", or "" while it waits."""

    item: Shown
    said: tuple[tuple[Label, tuple[str, ...]], ...]
    decided: str
    standing: int


@dataclass(frozen=True)
class Cases:
    """Items that look alike. grouped: False where no groups were found."""

    cases: tuple[Case, ...]
    items: int
    share: float
    grouped: bool


@dataclass(frozen=True)
class Person:
    """Who says what on the contested items. share: of their answers that are the first class; far: from all others'."""

    name: str
    first: int
    second: int
    share: float
    interval: Interval
    first_href: str
    second_href: str
    far: bool


@dataclass(frozen=True)
class Brought:
    """A rule so far and what it brought: agreement on its pair under earlier versions, and from its own on."""

    id: int
    pair: tuple[Label, Label]
    version: int
    line: str
    asked: int
    before: Agreed
    since: Agreed
    newest: bool


@dataclass(frozen=True)
class Cost:
    """What saving would ask for. left_out: items beyond the most that are asked at once."""

    asked: int
    minutes: int
    left_out: int


@dataclass(frozen=True)
class Workbench:
    """The page. others: pairs to choose from; old: what the guidelines say of each class; rule: of both."""

    pair: Pair
    others: tuple[Pair, ...]
    agreed: Agreed
    contested: int
    contested_href: str
    groups: tuple[Cases, ...]
    people: tuple[Person, ...]
    near: Near
    cost: Cost
    version: int
    rule: str
    old: tuple[tuple[Label, str], ...]
    brought: tuple[Brought, ...]

    @property
    def decided(self) -> int:
        """How many of the shown cases are decided."""
        return sum(bool(case.decided) for group in self.groups for case in group.cases)

    @property
    def shown(self) -> int:
        """How many cases are shown."""
        return sum(len(group.cases) for group in self.groups)

    @property
    def far(self) -> tuple[Person, ...]:
        """Who answers far from the others."""
        return tuple(one for one in self.people if one.far)


def pairs_of(session: Session, desk: Desk) -> tuple[Pair, ...]:
    """Return the pairs of classes with the largest shares of disagreement, those worth a workshop first."""
    codes = {code: place for place, code in enumerate(desk.classes.codes)}
    found, _all = class_pairs(counts(by_class(histogram(session, desk.project.id), codes), len(codes)), PAIRS)
    pairs = [_pair(desk, one) for one in found]
    return tuple(sorted(pairs, key=lambda one: (one.items < WORTH_IT, -one.share)))


def _pair(desk: Desk, found: ClassPair) -> Pair:
    labels = desk.palette.labels
    return Pair(labels[found.first], labels[found.second], found.share, found.items, found.settled)


def asked_pair(desk: Desk, pairs: Sequence[Pair], first: str, second: str) -> Pair | None:
    """Return the pair that an address asks for, else the worst; None where none is confused."""
    one, two = desk.palette.of_code(first), desk.palette.of_code(second)
    if one is None or two is None or one == two:
        return pairs[0] if pairs else None
    low, high = sorted((one, two), key=lambda label: label.position)
    return next((pair for pair in pairs if pair.labels == (low, high)), Pair(low, high, 0.0, 0, None))


def read_workbench(session: Session, desk: Desk, pairs: tuple[Pair, ...], pair: Pair) -> Workbench:
    """Read the page of one pair."""
    project = desk.project
    border = workflow.read_border(session, project.id, desk.classes, pair.codes)
    newest = guideline_of(session, project.id)
    text = newest.text if newest else ""
    rules = sections(text)
    asked = min(len(border.near.items), MOST_ITEMS)
    return Workbench(
        pair=pair,
        others=tuple(one for one in pairs if one.labels != pair.labels),
        agreed=agreed(pair_counts(session, project.id, pair.codes)),
        contested=len(border.contested),
        contested_href=_items(project.slug, vote=pair.first.code, beside=pair.second.code),
        groups=_groups(session, desk, pair, border.contested),
        people=_people(session, project.slug, pair, border.contested),
        near=border.near,
        cost=Cost(asked, round(asked * seconds_an_answer(session, project.id) / 60), len(border.near.items) - asked),
        version=newest.version if newest else 0,
        rule=rule_in(text, pair.first.name, pair.second.name),
        old=tuple((one, rules[one.name]) for one in pair.labels if rules.get(one.name)),
        brought=_brought(session, desk, newest.version if newest else 0),
    )


def agreed(found: Counts) -> Agreed:
    """Return how often two who say one of two classes say the same. found: of these two classes alone."""
    if found.n_items < ENOUGH:
        return Agreed(found.n_items)
    return Agreed(found.n_items, percent(found), interval(bootstrap(found).percent))


def _groups(session: Session, desk: Desk, pair: Pair, contested: Sequence[Contested]) -> tuple[Cases, ...]:
    groups = typical(contested, pair.first.code)
    ids = [one.item for group in groups for one in group.shown]
    shown, standing = shown_items(desk, ids), decision_queries.current_by_item(session, ids)
    people = {one.id: one.name or one.email for one in users_by_id(session, _who(contested))}
    return tuple(
        Cases(
            tuple(_case(pair, one, shown[one.item], standing.get(one.item), people) for one in group.shown),
            group.items,
            group.share,
            group.cluster is not None,
        )
        for group in groups
    )


def _case(pair: Pair, one: Contested, item: Shown, standing: Review | None, people: dict[int, str]) -> Case:
    said = tuple(
        (label, tuple(people.get(who, "?") for who, code in one.said.items() if code == label.code))
        for label in pair.labels
    )
    decided = (standing.code or standing.decision) if standing is not None and one.decided else ""
    return Case(item, said, decided, standing.id if standing else 0)


def _who(contested: Sequence[Contested]) -> set[int]:
    return {who for one in contested for who in one.said}


def _people(session: Session, slug: str, pair: Pair, contested: Sequence[Contested]) -> tuple[Person, ...]:
    names = {one.id: one.name or one.email for one in users_by_id(session, _who(contested))}
    said = dict.fromkeys(names, (0, 0))
    for one in contested:
        for who in one.said.keys() & said.keys():
            first, second = said[who]
            said[who] = (first + 1, second) if one.said[who] == pair.first.code else (first, second + 1)
    every = (sum(one for one, _ in said.values()), sum(two for _, two in said.values()))
    found = [_person(_Links(slug, pair, who), names[who], mine, every) for who, mine in said.items()]
    return tuple(sorted(found, key=lambda one: (-one.share, one.name)))


@dataclass(frozen=True)
class _Links:
    """Addresses of what one person said of a pair, on items that somebody else called the other class."""

    slug: str
    pair: Pair
    who: int

    def of(self, label: Label) -> str:
        other = next(one for one in self.pair.labels if one != label)
        return _items(self.slug, annotator=self.who, vote=label.code, beside=other.code)


def _person(links: _Links, name: str, mine: tuple[int, int], every: tuple[int, int]) -> Person:
    """Return what one person says beside all. mine, every: how often the first and the second class."""
    first, total = mine[0], sum(mine)
    reach, share = wilson(first, total), first / total
    rest = sum(every) - total
    others = (every[0] - first) / max(1, rest)
    outside = not reach.low <= others <= reach.high
    return Person(
        name=name,
        first=first,
        second=mine[1],
        share=share,
        interval=reach,
        first_href=links.of(links.pair.first),
        second_href=links.of(links.pair.second),
        far=total >= FEW and rest > 0 and outside and abs(share - others) >= FAR,
    )


def _items(slug: str, **wanted: object) -> str:
    return url_for("web.items", slug=slug, **wanted)  # type: ignore[arg-type]


def _brought(session: Session, desk: Desk, version: int) -> tuple[Brought, ...]:
    found = []
    for one in workshops_of(session, desk.project.id):
        first, second = desk.palette.of_code(one.first), desk.palette.of_code(one.second)
        if first is None or second is None:
            continue  # a class that is gone
        under = (session, desk.project.id, (one.first, one.second))
        found.append(
            Brought(
                id=one.id,
                pair=(first, second),
                version=one.guideline_version,
                line=one.line,
                asked=one.asked,
                before=agreed(pair_counts(*under, before=one.guideline_version)),
                since=agreed(pair_counts(*under, since=one.guideline_version)),
                newest=one.guideline_version == version,
            )
        )
    return tuple(found)

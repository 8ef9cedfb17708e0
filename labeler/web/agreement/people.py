"""Who agrees with whom: pairs of people as a triangle, and each person with the others. No ranking: by name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from labeler.measures.between_people import FEWEST_SHARED
from labeler.measures.headline import Headline
from labeler.measures.intervals import wilson
from labeler.statistics.agreement_numbers import Everything
from labeler.statistics.agreement_people import MOST_PEOPLE, PairOfPeople, PersonCompared
from labeler.web.agreement.links import Links
from labeler.web.shared.charts import RangeDot, heat_level, range_dot
from labeler.web.shared.words import gettext as _

FEWEST_COMPARED = 10  # answers, before a share of them is said
DARKEST_FROM = 0.5  # how far below perfect a pair is in the darkest shade


@dataclass(frozen=True)
class Cell:
    """Two people. lead: None below 30 items in common, or where nothing can be said; level: shade, 0 to 20."""

    one: str
    two: str
    items: int
    differ: int
    href: str
    lead: Headline | None
    level: int


@dataclass(frozen=True)
class PersonRow:
    """One person with the others. dot: None before enough answers were compared; differ_href: items, with another.

    same, again: of so many repeats so many were answered as before.
    """

    user: int
    name: str
    items: int
    items_href: str
    differ: int
    differ_href: str
    agreed: int
    compared: int
    dot: RangeDot | None
    same: int = 0
    again: int = 0


@dataclass(frozen=True)
class People:
    """names: of the triangle, the first has no row and the last no column; rows: a cell for each earlier name."""

    names: tuple[str, ...] = ()
    rows: tuple[tuple[Cell | None, ...], ...] = ()
    persons: tuple[PersonRow, ...] = ()
    team: float | None = None
    fewest_shared: int = FEWEST_SHARED
    most_people: int = MOST_PEOPLE

    @property
    def repeats(self) -> bool:
        """Whether anybody was asked again about an item of their own."""
        return any(one.again for one in self.persons)

    @property
    def kappas(self) -> int:
        """Pairs with enough items in common."""
        return sum(cell is not None and cell.lead is not None for row in self.rows for cell in row)


def read_people(every: Everything, links: Links, names: Mapping[int, str]) -> People:
    """Return the pairs and the people of what was read, by name."""
    known = {one.user: names.get(one.user) or _("Somebody who left") for one in every.people}
    order = sorted(known, key=lambda user: (known[user].casefold(), user))
    cells = {(pair.one, pair.two): _cell(pair, links, known) for pair in every.pairs}
    rows = tuple(tuple(cells.get((min(one, two), max(one, two))) for two in order[:n]) for n, one in enumerate(order))
    agreed, compared = (sum(getattr(one, name) for one in every.people) for name in ("agreed", "compared"))
    team = agreed / compared if compared else None
    by_user = {one.user: one for one in every.people}
    return People(
        tuple(known[user] for user in order),
        rows if every.pairs else (),
        tuple(
            replace(_person(by_user[user], known[user], links, team), same=same, again=again)
            for user in order
            for same, again in [every.repeats.get(user, (0, 0))]
        ),
        team,
    )


def _cell(pair: PairOfPeople, links: Links, names: Mapping[int, str]) -> Cell:
    lead = pair.measured.headline(links.classes.names) if pair.measured else None
    apart = 1 - lead.value if lead and lead.value is not None else 0.0
    return Cell(
        names.get(pair.one, ""),
        names.get(pair.two, ""),
        pair.items,
        pair.differ,
        links.items(annotator=pair.one, also=pair.two),
        lead,
        heat_level(max(apart, 0.0), DARKEST_FROM),
    )


def _person(one: PersonCompared, name: str, links: Links, team: float | None) -> PersonRow:
    dot = None
    if one.compared >= FEWEST_COMPARED:
        span = wilson(one.agreed, one.compared)
        dot = range_dot(one.agreed / one.compared, (span.low, span.high), team, 0.0)
    return PersonRow(
        one.user,
        name,
        one.items,
        links.two(annotator=one.user),
        one.differ,
        links.differ(annotator=one.user),
        one.agreed,
        one.compared,
        dot,
    )

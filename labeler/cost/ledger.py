"""What was spent: time and money by step, by person and by class, which all sum to the same, to the smallest coin.

Money is rounded once, for each person and step; every sum is a sum of those. The classes of a person's step share its
coins by largest remainder, so that they sum to it too.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from labeler.cost.prices import Prices, cost_of

ANSWERS, TEST_ITEMS, REPEATS, SECOND_OPINIONS, REVIEW, AUDITS = STEPS = (
    "answers",
    "test_items",
    "repeats",
    "second_opinions",
    "review",
    "audits",
)
BY_PURPOSE = {"gold": TEST_ITEMS, "repeat": REPEATS, "second_opinion": SECOND_OPINIONS, "audit": AUDITS}
"""The step that an answer belongs to, by the purpose it was asked for; all others are answers for labels."""


@dataclass(frozen=True, slots=True)
class Work:
    """Answers or decisions that are alike. code: final label of their items now, "" for none; day: UTC, an ordinal.

    count: how many; untimed: of these, how many are in no time, as it is not known or was a break.
    """

    user: int
    step: str
    code: str
    day: int
    count: int
    untimed: int
    milliseconds: int


@dataclass(frozen=True)
class Spent:
    """Time and money. money: in the smallest coin, None where no price is set; unpriced: milliseconds that are in none.

    count: answers and decisions; untimed: of these, those whose time is not known or was a break.
    """

    count: int = 0
    untimed: int = 0
    milliseconds: int = 0
    money: int | None = None
    unpriced: int = 0

    def __add__(self, other: "Spent") -> "Spent":
        """Return both together; what has no price adds time only."""
        known = [one for one in (self.money, other.money) if one is not None]
        return Spent(
            self.count + other.count,
            self.untimed + other.untimed,
            self.milliseconds + other.milliseconds,
            sum(known) if known else None,
            self.unpriced + other.unpriced,
        )

    @property
    def seconds(self) -> float:
        """The time in seconds."""
        return self.milliseconds / 1000

    @property
    def hours(self) -> float:
        """The time in hours."""
        return self.milliseconds / 3_600_000


NOTHING = Spent()


@dataclass(frozen=True)
class Ledger:
    """What was spent, by what. cells: by (user id, step); classes: by (class code or "", step)."""

    cells: Mapping[tuple[int, str], Spent] = field(default_factory=dict)
    classes: Mapping[tuple[str, str], Spent] = field(default_factory=dict)

    @property
    def total(self) -> Spent:
        """All of it."""
        return together(self.cells.values())

    def step(self, *names: str) -> Spent:
        """Return what some steps took."""
        return together(one for (_, step), one in self.cells.items() if step in names)

    def person(self, user: int) -> Spent:
        """Return what somebody's work took."""
        return together(one for (who, _), one in self.cells.items() if who == user)

    def label(self, code: str, *steps: str) -> Spent:
        """Return what items with a final label took, in some steps (none named: all)."""
        return together(one for (of, step), one in self.classes.items() if of == code and (not steps or step in steps))

    @property
    def people(self) -> list[int]:
        """Ids of everybody who worked."""
        return sorted({who for who, _ in self.cells})

    @property
    def codes(self) -> list[str]:
        """Codes of final labels that work went into."""
        return sorted({code for code, _ in self.classes})


def together(spent: Iterable[Spent]) -> Spent:
    """Return the sum."""
    return sum(spent, NOTHING)


def ledger(work: Sequence[Work], prices: Prices, leads: AbstractSet[int]) -> Ledger:
    """Sum work up. leads: user ids of those whose hour has the price of a lead's."""
    groups: dict[tuple[int, str], dict[str, Work]] = {}
    for one in work:
        by_code = groups.setdefault((one.user, one.step), {})
        known = by_code.get(one.code)
        by_code[one.code] = one if known is None else _both(known, one)
    cells: dict[tuple[int, str], Spent] = {}
    classes: dict[tuple[str, str], Spent] = {}
    for (user, step), by_code in groups.items():
        price = prices.of(user, leads)
        parts = _priced(list(by_code.values()), price)
        cells[user, step] = together(parts)
        for code, part in zip(by_code, parts, strict=True):
            classes[code, step] = classes.get((code, step), NOTHING) + part
    return Ledger(cells, classes)


def _both(one: Work, other: Work) -> Work:
    return replace(
        one,
        count=one.count + other.count,
        untimed=one.untimed + other.untimed,
        milliseconds=one.milliseconds + other.milliseconds,
    )


def _priced(work: Sequence[Work], price: int | None) -> list[Spent]:
    """Return what each part of one person's step took; the coins of all of it are shared out."""
    if price is None:
        return [Spent(one.count, one.untimed, one.milliseconds, None, one.milliseconds) for one in work]
    times = [one.milliseconds for one in work]
    coins = shared_out(cost_of(sum(times), price), times)
    return [Spent(one.count, one.untimed, one.milliseconds, coin) for one, coin in zip(work, coins, strict=True)]


def shared_out(total: int, weights: Sequence[int]) -> list[int]:
    """Share whole coins out by weight; they sum to `total`. Largest remainders first, earlier ones of equal."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [divmod(total * weight, whole) for weight in weights]
    left = total - sum(part for part, _ in parts)
    first = sorted(range(len(parts)), key=lambda at: -parts[at][1])[:left]
    return [part + (at in first) for at, (part, _) in enumerate(parts)]

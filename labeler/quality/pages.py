"""How one page of the bulk grid is laid out: its class, the order of its items, and which of them are odd ones.

Note what "odd" says. It is relative to the page: an item whose class the model finds clearly less
likely than that of its neighbours here, or for which it finds another class likeliest. Many odd ones are right all the
same and many wrong ones are not odd, so the mark says where to look first and never what to answer.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

# Of the items marked at this share, 47 to 71 % were wrong where 22 to 56 % of all were (three sets of texts, one of
# pictures); on pages that are all alike it marks nobody.
CLEARLY_LESS = 0.75


@dataclass(frozen=True)
class Placed:
    """One item on a page. probability: of the page's class; rival: position of an odd one's likeliest other class."""

    item: int
    probability: float | None
    odd: bool = False
    rival: int | None = None


def lay_out(rows: Iterable[tuple[int, Sequence[float]]]) -> tuple[int | None, list[Placed]]:
    """Return the class of a page and its items, least certain first, those without a prediction last.

    rows: (item id, probabilities of the classes in the project's order, empty without a prediction). The class is the
    position of the one that is likeliest for most items, None when no item has a prediction.
    """
    known = {item: list(said) for item, said in rows}
    likeliest = Counter(_best(said) for said in known.values() if said)
    if not likeliest:
        return None, [Placed(item, None) for item in known]
    most = max(likeliest.values())
    chosen = min(place for place, count in likeliest.items() if count == most)
    least = CLEARLY_LESS * median(said[chosen] for said in known.values() if said)
    placed = [_place(item, said, chosen, least) for item, said in known.items()]
    return chosen, sorted(placed, key=lambda one: (one.probability is None, one.probability or 0.0, one.item))


def _place(item: int, said: Sequence[float], chosen: int, least: float) -> Placed:
    if not said:
        return Placed(item, None)
    if said[chosen] >= least and _best(said) == chosen:
        return Placed(item, said[chosen])
    others = [-1.0 if place == chosen else share for place, share in enumerate(said)]
    return Placed(item, said[chosen], odd=True, rival=_best(others) if len(said) > 1 else None)


def _best(said: Sequence[float]) -> int:
    return max(range(len(said)), key=said.__getitem__)

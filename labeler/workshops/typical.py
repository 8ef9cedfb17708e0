"""A dozen items to look at: those of the largest groups of look-alikes, the most divided first. A calculation."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from labeler.workshops.border import Contested

GROUPS, EACH = 3, 4
SMALLEST = 3  # items that make a group worth a line of its own


@dataclass(frozen=True)
class Group:
    """Items that look alike. shown: the most divided of them; share: of all contested items, 0 to 1.

    cluster: None for items that form no group.
    """

    cluster: int | None
    shown: tuple[Contested, ...]
    items: int
    share: float


def typical(contested: Sequence[Contested], code: str) -> tuple[Group, ...]:
    """Return up to three groups of up to four items, the largest first, and the others while there is room for twelve.

    code: either of the two classes, to tell how evenly answers part.
    """
    groups: dict[int, list[Contested]] = defaultdict(list)
    for one in contested:
        if one.cluster is not None:
            groups[one.cluster].append(one)
    largest = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:GROUPS]
    found = [_group(cluster, of, len(contested), code, EACH) for cluster, of in largest if len(of) >= SMALLEST]
    grouped = {group.cluster for group in found}
    others = [one for one in contested if one.cluster is None or one.cluster not in grouped]
    room = GROUPS * EACH - sum(len(group.shown) for group in found)
    return (*found, *([_group(None, others, len(contested), code, room)] if others and room else []))


def _group(cluster: int | None, items: Sequence[Contested], total: int, code: str, most: int) -> Group:
    divided = sorted(items, key=lambda one: (-one.evenness(code), -len(one.said), one.item))
    return Group(cluster, tuple(divided[:most]), len(items), len(items) / total)

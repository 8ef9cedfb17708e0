"""Where items of an audit stand among a person's others, so that nothing shows which they are. A calculation."""

from collections.abc import Sequence
from typing import TypeVar

SPACING = 4
"""Items of a person's own between two of an audit: at most every fifth is one."""

Thing = TypeVar("Thing")


def room(own: int, count: int, since: int, spacing: int) -> int:
    """Return how many items of an audit fit among the first `count` of a person with `own` others in front of them.

    since: how many of their own they answered since the last one of an audit.
    """
    before = max(0, spacing - since)
    if own < before or count <= before:
        return 0
    fit = (count - 1 - before) // (spacing + 1) + 1
    return min(fit, (own - before) // spacing + 1) if spacing else count


def mixed(own: Sequence[Thing], audit: Sequence[Thing], since: int, spacing: int) -> list[Thing]:
    """Return both in the order to answer them: never two of an audit with fewer than `spacing` others in between.

    Where the others run out, what is left of the audit follows.
    """
    found: list[Thing] = []
    others, asked = list(own), list(audit)
    wait = max(0, spacing - since)
    while others or asked:
        if asked and (wait == 0 or not others):
            found.append(asked.pop(0))
            wait = spacing
        else:
            found.append(others.pop(0))
            wait = max(0, wait - 1)
    return found

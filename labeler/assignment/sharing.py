"""How items are shared among people at work: how many a workspace holds ahead, and who gives up what nobody opened.

A calculation. Note: only what a workspace holds ahead of need is ever given up. What is on a
screen, and what a program asked for by itself, stays with its holder until its lease ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# how an item is held: by a workspace ahead of need, by one that showed it, or by a program that asked for it
READY, OPEN, PROGRAM = "ready", "open", ""
FEWEST = 2  # held by a workspace however small the share is: the item in front and the next one
QUIET = timedelta(seconds=90)  # without a word from a workspace after which what it has ready is anybody's


@dataclass(frozen=True)
class Hold:
    """What somebody else holds and a person could answer if it came free. desk: how it is held."""

    assignment: int
    item: int
    round: int
    user: int
    desk: str
    expires_at: datetime


def share(left: int, people: int, most: int) -> int:
    """Return how many of the items that are left one of so many people may hold ahead, at most `most`."""
    return min(most, max(FEWEST, -(-left // max(people, 1))))


def abandoned(theirs: Sequence[Hold], wanted: int, *, now: datetime, lease: timedelta) -> list[Hold]:
    """Return up to `wanted` holds that workspaces have ready which were not heard of for a while, in serving order.

    lease: the time from a workspace's last word to the end of what it holds.
    """
    quiet = min(QUIET, lease * 3 / 4)  # a workspace gives a sign of life at half its lease at the latest
    return [one for one in theirs if one.desk == READY and one.expires_at <= now + lease - quiet][:wanted]


def halved(theirs: Sequence[Hold], holders: Mapping[int, int], wanted: int) -> list[Hold]:
    """Return what the person who can give most gives to one who has nothing: up to half of what they hold.

    theirs: in serving order; holders: how many items each person holds. Only what they have not opened is given, and of
    that the last, which is furthest from what they are answering now.
    """
    ready: dict[int, list[Hold]] = {}
    for one in theirs:
        if one.desk == READY:
            ready.setdefault(one.user, []).append(one)
    spare = {user: min(len(own), holders.get(user, len(own)) // 2) for user, own in ready.items()}
    richest = max(spare, key=lambda user: (spare[user], -user), default=None)
    given = 0 if richest is None else min(spare[richest], wanted)
    return ready[richest][-given:] if richest is not None and given else []

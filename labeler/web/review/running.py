"""A time of review that was started, kept with the sign-in. Only what was worked counts: a break costs none.

It ends nothing: when it is up the page says so where the rest of it stood, and the queue goes on.
"""

import time
from dataclasses import dataclass

from flask import session as cookie

PAUSE = 60.0  # seconds from one card to the next that count as work; what is longer was a break but for these
_KEPT = "review_box"
_PARTS = 5


@dataclass(frozen=True)
class Running:
    """A time of review. left: minutes, 0 when it is up; decided: since it began."""

    minutes: int
    left: float
    decided: int


def begin(slug: str, minutes: int, decided: int) -> None:
    """Start a time of review in a project; 0 minutes end the one that runs. decided: so far in the project."""
    cookie[_KEPT] = [slug, minutes, 0.0, time.time(), decided] if minutes else None


def running(slug: str, decided: int) -> Running | None:
    """Return the time that runs in a project, up to this card; None where none was started."""
    kept = cookie.get(_KEPT)
    if not kept or len(kept) != _PARTS or kept[0] != slug:
        return None
    _, minutes, worked, seen, before = kept
    now = time.time()
    worked += min(max(0.0, now - seen), PAUSE)
    cookie[_KEPT] = [slug, minutes, round(worked, 1), now, before]
    return Running(minutes, max(0.0, minutes - worked / 60), max(0, decided - before))

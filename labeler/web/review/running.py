"""A time of review that was started: kept with the sign-in as the moment it began, so that pages know what is left.

It ends nothing: when it is up the page says so where the rest of it stood, and the queue goes on.
"""

import time
from dataclasses import dataclass

from flask import session as cookie

_KEPT = "review_box"


@dataclass(frozen=True)
class Running:
    """A time of review. left: minutes, 0 when it is up; decided: since it began."""

    minutes: int
    left: float
    decided: int


def begin(slug: str, minutes: int, decided: int) -> None:
    """Start a time of review in a project; 0 minutes end the one that runs. decided: so far in the project."""
    cookie[_KEPT] = [slug, minutes, int(time.time()), decided] if minutes else None


def running(slug: str, decided: int) -> Running | None:
    """Return the time that runs in a project, None where none was started."""
    kept = cookie.get(_KEPT)
    if not kept or kept[0] != slug:
        return None
    _, minutes, began, before = kept
    return Running(minutes, max(0.0, minutes - (time.time() - began) / 60), max(0, decided - before))

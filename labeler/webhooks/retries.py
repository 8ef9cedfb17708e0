"""When a delivery is tried again: soon, then less and less often, for about a day."""

import random
from datetime import timedelta

TRIES = 10
_FIRST, _GROWS, _LONGEST = 10.0, 3.0, 6 * 3600.0  # seconds: 10 s, 30 s, 90 s, … 2 h, 6 h, 6 h
_LONGEST_REST = 60.0


def pause_after(attempt: int) -> timedelta | None:
    """Return how long to wait after a try that failed, None when it was the last. attempt: 1 for the first.

    Chance moves it by a fifth, so that what failed together does not come back together.
    """
    if attempt >= TRIES:
        return None
    return timedelta(seconds=min(_LONGEST, _FIRST * _GROWS ** (attempt - 1)) * random.uniform(0.8, 1.2))  # noqa: S311


def rest_after(pause: timedelta | None) -> timedelta:
    """Return how long nothing else is sent to a webhook to which one try failed."""
    return min(pause or timedelta(seconds=_LONGEST_REST), timedelta(seconds=_LONGEST_REST))

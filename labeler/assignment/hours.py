"""How long an item is held: no longer than a project says, nor past the end of its working day. A calculation."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

SHORTEST = timedelta(minutes=5)  # who works on past the end of the day keeps what is in front of them
LONGEST = 24 * 60  # minutes


def lease_of(settings: Mapping[str, Any], usual: timedelta, now: datetime) -> timedelta:
    """Return how long an item is held from now on. usual: where the project says nothing; now: in UTC.

    lease_minutes: of the project, 0 for the usual; work_until: the hour in UTC at which its working day ends.
    """
    minutes, until = settings.get("lease_minutes") or 0, settings.get("work_until")
    lease = timedelta(minutes=minutes) if minutes else usual
    if until is None:
        return lease
    end = now.replace(hour=until % 24, minute=0, second=0, microsecond=0)
    end = end if end > now else end + timedelta(days=1)
    return min(lease, max(SHORTEST, end - now))

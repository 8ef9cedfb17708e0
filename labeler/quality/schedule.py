"""When labels are checked again without anybody asking: after so many new answers, or once a day. Off by default."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

AFTER_ANSWERS, DAILY = "answers", "daily"  # which rule asked, as it is kept with a run
MOST_ANSWERS = 1_000_000
HOURS = range(24)


@dataclass(frozen=True)
class Schedule:
    """The rules of a project. every: new answers after which labels are checked, 0: never; hour: of the day in UTC."""

    every: int = 0
    hour: int | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Schedule":
        """Read them from the settings of a project."""
        hour = settings.get("check_hour")
        return cls(int(settings.get("check_every", 0) or 0), hour if hour in HOURS else None)

    @property
    def is_on(self) -> bool:
        """Whether any rule is on."""
        return self.every > 0 or self.hour is not None


@dataclass(frozen=True)
class Since:
    """What happened since the last check began. began: when, None: there was none; answers, others: what came new."""

    began: datetime | None
    answers: int
    others: int


def due(rules: Schedule, since: Since, now: datetime) -> str:
    """Return the rule by which a check is due, "" for none; nothing is checked twice while nothing changed.

    now: in UTC. An hour that nobody worked in is made up for within its day.
    """
    if 0 < rules.every <= since.answers:
        return AFTER_ANSWERS
    if rules.hour is None or not since.answers + since.others:
        return ""
    at = now.replace(hour=rules.hour, minute=0, second=0, microsecond=0)
    return DAILY if now >= at and (since.began is None or since.began < at) else ""

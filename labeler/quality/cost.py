"""What a check of labels costs: processor time, and the energy that is roughly."""

import time
from dataclasses import dataclass, field
from typing import Any

SECONDS_AN_HOUR = 3600


@dataclass(frozen=True)
class Meter:
    """Measures from when it is made. watts: of a busy core, with its share of the machine."""

    watts: float
    began: float = field(default_factory=time.monotonic)
    computed: float = field(default_factory=time.process_time)

    def read(self) -> dict[str, Any]:
        """Return what was used since: seconds by the clock and of all cores of this process, and watt hours.

        The energy is an estimate: processor time times the stated watts, with no account of idle machines or memory.
        """
        used = time.process_time() - self.computed
        return {
            "seconds": round(time.monotonic() - self.began, 1),
            "cpu_seconds": round(used, 1),
            "watts_a_core": self.watts,
            "watt_hours": round(used * self.watts / SECONDS_AN_HOUR, 4),
            "energy_is": "an estimate",
        }

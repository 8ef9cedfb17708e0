"""How a benchmark speaks: one JSON object a line, each with the machine it ran on.

Numbers without their machine, seed and size cannot be compared later, so `emit` adds the first and insists on nothing
else. `shared_data` tells where the recorded label sets are (None where absent); `peak_memory` how far memory went.
"""

import functools
import json
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.shared import shared_data

__all__ = ["emit", "peak_memory", "processor_seconds", "seconds", "shared_data"]


@functools.cache
def machine() -> dict[str, str | int | None]:
    """Describe this machine: cores, threads allowed to numpy (None: all), Python, platform."""
    return {
        "cpus": os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
    }


def emit(**fields: Any) -> None:
    """Print one JSON line: the fields given, floats rounded to six digits, the load, and the machine."""
    rounded = {key: float(f"{value:.6g}") if isinstance(value, float) else value for key, value in fields.items()}
    print(json.dumps({"load": round(os.getloadavg()[0], 2), **rounded, "machine": machine()}), flush=True)


def seconds(work: Callable[[], object], *, runs: int = 3) -> float:
    """Return the shortest wall time in seconds of `runs` calls: the least disturbed one."""
    best = float("inf")
    for _ in range(runs):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    return best


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the processor time in seconds of one call, which others on the machine hardly change."""
    started = time.process_time()
    work()
    return time.process_time() - started


def peak_memory() -> int:
    """Return the largest resident size of this process so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024

"""A calculation that leaves the processor to everybody else, and stays within an amount of memory.

It runs in a thread of its own, whose priority is lowered; how far it is, is reported from the thread that waits for it.
So whoever computes never writes to the database: at a low priority it would hold what people at the keyboard wait for.
Note: Linux has a priority for each thread. Elsewhere there is one for a whole process, which is left alone.
"""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from labeler.errors import Unavailable
from labeler.workflow import Progress

NICE = 10  # of -20 to 19; ordinary work has 0, and gets nine times as much of a busy core
LOOK_EVERY = 0.2  # seconds
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_MEMORY = Path("/proc/self/statm")

Result = TypeVar("Result")


class _Ended(BaseException):
    """The thread that waits for a calculation has given it up."""


def at_low_priority(work: Callable[[Progress], Result], progress: Progress, *, most_memory: int = 0) -> Result:
    """Return what a calculation gives. What `progress` raises ends it at its next report.

    most_memory: bytes this process may have meanwhile, 0: any. Raises Unavailable when the calculation takes more.
    """
    told: list[tuple[float, str]] = []
    given_up = threading.Event()

    def tell(share: float, sentence: str) -> None:
        if given_up.is_set():
            raise _Ended
        told[:] = [(share, sentence)]

    with ThreadPoolExecutor(1, "calculation", _lower) as threads:
        running = threads.submit(work, tell)
        try:
            while not wait([running], LOOK_EVERY).done:
                _check_memory(most_memory)
                if told:
                    progress(*told[-1])
        finally:
            given_up.set()
    return running.result()


def memory_taken() -> int:
    """Return the bytes of memory this process has, 0 where the system does not say."""
    try:
        return int(_MEMORY.read_text().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0


def _lower() -> None:
    if sys.platform == "linux":
        with suppress(OSError):  # a container may forbid it; the work is more important than its priority
            own = threading.get_native_id()  # never up: who started all of it at a lower one meant it
            os.setpriority(os.PRIO_PROCESS, own, max(NICE, os.getpriority(os.PRIO_PROCESS, own)))


def _check_memory(most: int) -> None:
    taken = memory_taken() if most else 0
    if taken > most:
        raise Unavailable(
            "This check needs more than the {most:,} MB of memory that LABELER_MEMORY allows; it had {taken:,} MB when "
            "it was stopped. Allow more, or split the project.",
            most=most // 2**20,
            taken=taken // 2**20,
        )

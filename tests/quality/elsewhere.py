"""Functions that tests of computing call in other processes, which load this file and nothing else of the tests."""

import os
from pathlib import Path


def square_and_process(number: int) -> tuple[int, int]:
    """The square of a number, and which process says so."""
    return number**2, os.getpid()


def die_once(mark: Path | None) -> str:
    """End the process at the first call with a mark."""
    if mark is None:
        return "fine"
    if not mark.exists():
        mark.touch()
        os._exit(1)
    return "again"


def divide(number: int) -> float:
    """One by a number."""
    return 1 / number

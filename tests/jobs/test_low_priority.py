"""A calculation leaves the processor to everybody else, can be ended by who waits for it, and stays in its memory."""

import os
import sys
import threading
from collections.abc import Callable

import pytest

from labeler.errors import Unavailable
from labeler.jobs import low_priority
from labeler.jobs.low_priority import NICE, at_low_priority, memory_taken
from labeler.workflow import Progress
from labeler.workflow.imports import silent

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority for each thread")


@linux
def test_the_work_has_a_low_priority_and_who_waits_for_it_has_not() -> None:
    def priority(_report: Progress) -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    here = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert at_low_priority(priority, silent) == max(NICE, here)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == here


def test_how_far_it_is_is_told_by_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(low_priority, "LOOK_EVERY", 0.01)
    told, seen = [], threading.Event()

    def work(report: Progress) -> str:
        report(0.4, "halfway")
        assert seen.wait(20)
        return threading.current_thread().name

    def progress(share: float, sentence: str) -> None:
        told.append((share, sentence, threading.current_thread().name))
        seen.set()

    assert at_low_priority(work, progress).startswith("calculation")
    assert set(told) == {(0.4, "halfway", threading.current_thread().name)}


def endless(reports: list[float]) -> Callable[[Progress], None]:
    def work(report: Progress) -> None:
        for step in range(10**9):
            report(0.1, "going on")
            reports.append(step)

    return work


def test_what_is_raised_by_who_waits_ends_the_work_at_its_next_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(low_priority, "LOOK_EVERY", 0.01)

    def refuse(_share: float, _sentence: str) -> None:
        raise KeyError("enough")

    reports: list[float] = []
    before = threading.active_count()
    with pytest.raises(KeyError, match="enough"):
        at_low_priority(endless(reports), refuse)
    assert threading.active_count() == before


def test_an_error_of_the_work_is_that_of_who_waits() -> None:
    def work(_report: Progress) -> None:
        raise ZeroDivisionError("no labels")

    with pytest.raises(ZeroDivisionError, match="no labels"):
        at_low_priority(work, silent)


@linux
def test_work_that_takes_more_memory_than_is_allowed_is_ended_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(low_priority, "LOOK_EVERY", 0.01)
    with pytest.raises(Unavailable, match="LABELER_MEMORY allows"):
        at_low_priority(endless([]), silent, most_memory=memory_taken() // 2)
    assert at_low_priority(lambda _report: 7, silent, most_memory=2 * memory_taken()) == 7

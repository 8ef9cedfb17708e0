"""T1, T2, T4, T10, T14 and T17: from key to paint, to disk, back again, and the same after a thousand answers.

Compared in the same run: pictures with texts, the processor as it is and four times slower, and (for undo) pictures
that are still decoded with pictures that have to be fetched again. Note: presses come 400 to
700 ms apart, because a person's do; a robot that presses as soon as the page is ready measures a queue.
"""

import random
import statistics
from itertools import pairwise
from typing import Any

from tests.bench.workspace_browser import Bench, Desk, open_desk, spread, wait_for
from tests.bench.workspace_instance import SEED

ROUNDS = 3
N = 500  # presses in all
WITH_PICTURES, WITH_TEXTS = "image-classification", "text-classification"
KEPT_DECODED = 12  # answered pictures the page keeps
LIMITS = {1: {"p50": 16, "p95": 50, "p99": 100}, 4: {"p95": 100}}  # ms, by how much slower the processor is
BESIDE = {
    "durable": (("T2", "p95"), "answer → on disk p95, ms", 60),
    "taps": (("T4", "p98"), "interaction to next paint (INP) p98, ms", 100),
}
MEBIBYTE = 2**20
FORGET = """() => { Object.assign(__note, { paints: [], durable: [], heard: [], shifts: 0, moves: 0 });
  __note.taps.clear(); __note.moved.clear(); }"""


def bench_paint(bench: Bench) -> None:
    """T1, T2, T4, T17: both media, and the task types whose answers have parts."""
    parts = [slug for slug, (task, _) in bench.seeded.projects.items() if task in {"boxes", "spans"}]
    if bench.short:
        for slug, times, count in ((WITH_PICTURES, 1, 60), (WITH_PICTURES, 4, 10), (WITH_TEXTS, 1, 10)):
            _paint(bench, slug, times, [count])
        for slug in parts:
            _paint(bench, slug, 1, [8])
        return
    for times in (1, 4):
        for slug in (WITH_PICTURES, WITH_TEXTS, *parts):
            _paint(bench, slug, times, [N // ROUNDS // (3 if slug in parts else 1) + 1] * ROUNDS)


def _paint(bench: Bench, slug: str, times: int, counts: list[int]) -> None:
    most = bench.seeded.sizes[slug] - 12
    rounds = [_presses(bench, slug, times, min(count, most)) for count in counts]
    common: dict[str, Any] = {"project": slug, "cpu": f"{times}x", "n": sum(len(one["paints"]) for one in rounds)}
    shares = [spread(one["paints"]) for one in rounds]
    found = {name: statistics.median(share[name] for share in shares) for name in shares[0]}
    for name, limit in LIMITS[times].items():
        bench.report("T1", f"key → next item painted {name}, ms", found[name], limit, **common, **found)
    for name, (target, words, limit) in BESIDE.items():
        value = statistics.median(spread(one[name])[target[1]] for one in rounds)
        bench.report(target[0] if times == 1 else f"{target[0]} compared", words, value, limit, **common)
    _still(bench, rounds, common)
    said = [line for one in rounds for line in one["heard"]]
    new = [one["item"] for one in said if one["said"].startswith(one["item"])]  # not what drawing says meanwhile
    repeated = sum(a == b for a, b in pairwise(new))
    bench.report("T17", "items announced more than once", repeated, 0, **common)
    bench.report("T17", "longest announcement, characters", max(len(one["said"]) for one in said), 80, **common)


def _still(bench: Bench, rounds: list[dict[str, Any]], common: dict[str, Any]) -> None:
    def parts(name: str) -> list[str]:
        return sorted({str(part) for one in rounds for part in one[name]})

    bench.report("T4", "layout shift (CLS) over all answers", max(one["shifts"] for one in rounds), 0, **common)
    every, at_load = max(one["moves"] for one in rounds), max(one["at_load"] for one in rounds)
    bench.report("T4 compared", "the same with shifts right after a key", every, 0, **common, moved=parts("moved"))
    bench.report("T4 compared", "layout shift of the first load", at_load, 0.1, **common, moved=parts("moved_at_load"))


def _presses(bench: Bench, slug: str, times: int, count: int) -> dict[str, Any]:
    """Give `count` answers at a person's pace; returns what was noted, in ms."""
    rng = random.Random(SEED)
    pace = (200, 260) if bench.short else (400, 700)
    desk = open_desk(bench, slug)
    try:
        for number in range(5):  # the first ones compile what later ones use
            desk.answer_and_wait(number)
        desk.page.wait_for_timeout(1000)
        desk.slow_down(times)
        at_load = {"at_load": desk.note("shifts"), "moved_at_load": desk.note("moved")}
        desk.page.evaluate(FORGET)
        for number in range(count):
            desk.answer(number)
            desk.page.wait_for_timeout(rng.uniform(*pace))
        desk.page.wait_for_timeout(1000)  # one that a standstill of the machine hid is missing in n
        noted = at_load | {name: desk.note(name) for name in ("durable", "shifts", "moves", "moved", "heard", "taps")}
        noted["paints"] = [one["ms"] for one in desk.note("paints")]
        noted["taps"] += [16.0] * max(0, count - len(noted["taps"]))  # shorter ones are not reported
        return noted
    finally:
        desk.close()


def bench_undo(bench: Bench) -> None:
    """T10: one key back, fifty times, also after the page was loaded again."""
    for slug in (WITH_PICTURES,) if bench.short else (WITH_PICTURES, WITH_TEXTS):
        deep = 16 if bench.short else 50
        desk = open_desk(bench, slug)
        for number in range(deep + 4):
            desk.answer_and_wait(number)
        desk.until_stored(deep + 4)
        for when in ("same visit", "after reload"):
            if when == "after reload":
                desk.reopen()
                wait_for(desk.page, "document.querySelectorAll('[data-place=done]:not(.vacant)').length === 4")
            times, numbers = _walk_back(desk, deep)
            common: dict[str, Any] = {"project": slug, "when": when, "n": len(times)}
            near, far = times[:KEPT_DECODED], times[KEPT_DECODED:]
            bench.report("T10", "undo → painted p95, ms", spread(times)["p95"], 100, **common)
            bench.report(
                "T10 compared", "undo → painted, kept pictures and older ones p50, ms", statistics.median(near), 100,
                older=statistics.median(far), **common,
            )  # fmt: skip
            bench.report("T10", "steps of undo that are missing", deep - len(set(numbers)), 0, **common)
        desk.close()


def _walk_back(desk: Desk, steps: int) -> tuple[list[float], list[str]]:
    numbers = []
    desk.page.evaluate("() => { __note.paints = []; }")
    for step in range(steps):
        desk.press("z")
        wait_for(desk.page, "__note.paints.length > n", step)
        numbers.append(desk.text("number"))
    return [one["ms"] for one in desk.note("paints")], numbers


def bench_long_run(bench: Bench) -> None:
    """T14: memory, nodes and object URLs after a thousand answers, against those after the first hundred."""
    slug = WITH_PICTURES
    warm, count = (10, 40) if bench.short else (100, 1000)
    desk = open_desk(bench, slug)
    for number in range(warm):
        desk.answer_and_wait(number)
    before, urls_before = _memory(desk), desk.note("most_alive")
    for number in range(count):
        desk.answer_and_wait(number)
    after = _memory(desk)
    common: dict[str, Any] = {"project": slug, "n": count}
    growth = (after["JSHeapUsedSize"] - before["JSHeapUsedSize"]) / MEBIBYTE
    bench.report("T14", "heap growth after a garbage collection, MiB", growth, 5, **common)
    nodes = 100 * (after["Nodes"] / before["Nodes"] - 1)
    bench.report("T14", "growth of DOM nodes, %", nodes, 5, **common, nodes=after["Nodes"])
    most = desk.note("most_alive")
    bench.report("T14", "object URLs alive at once", most, 100, **common, before=urls_before, made=desk.note("made"))
    desk.close()


def _memory(desk: Desk) -> dict[str, float]:
    desk.page.wait_for_timeout(1500)  # what is under way ends: fetching, sending
    desk.tools.send("Performance.enable")
    desk.tools.send("HeapProfiler.enable")
    for _ in range(2):
        desk.tools.send("HeapProfiler.collectGarbage")
    return {one["name"]: one["value"] for one in desk.tools.send("Performance.getMetrics")["metrics"]}

"""Spans as pages draw them: a text cut into runs that are marked alike.

Note: spans may overlap, so a run can belong to several of them; it is drawn in the colour of
the innermost one, and each span's name stands where the span ends.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple


class Run(NamedTuple):
    """A piece of a text. labels: of the spans it lies in, shortest first; ends: labels of those that end with it."""

    text: str
    labels: tuple[str, ...]
    ends: tuple[str, ...]


class PlacedRun(NamedTuple):
    """A piece of a text. labels, ends: as of a run; suggested: by a place; pins: numbers of places that end here."""

    text: str
    labels: tuple[str, ...]
    ends: tuple[str, ...]
    suggested: bool
    pins: tuple[int, ...]


def placed_runs(text: str, spans: Sequence[dict[str, Any]], places: Sequence[Mapping[str, Any]]) -> list[PlacedRun]:
    """Cut a text wherever a span or a place begins or ends.

    places: each with start and end of a mark, and suggested_start and suggested_end where it should end elsewhere; what
    is suggested is not where the place only says that a mark is wrong.
    """
    reached = [(one.get("suggested_start", one["start"]), one.get("suggested_end", one["end"])) for one in places]
    edges = [{"label": "", "start": start, "end": end} for start, end in reached]
    last = [max(one["end"], end) for one, (_, end) in zip(places, reached, strict=True)]
    found, at = [], 0
    for run in runs_of(text, [*spans, *edges]):
        start, at = at, at + len(run.text)
        suggested = any(
            begin <= start and at <= end and place.get("suggested") is not None
            for place, (begin, end) in zip(places, reached, strict=True)
        )
        labels, ends = (tuple(filter(None, names)) for names in (run.labels, run.ends))
        pins = tuple(number for number, end in enumerate(last, start=1) if end == at)
        found.append(PlacedRun(run.text, labels, ends, suggested, pins))
    return found


def runs_of(text: str, spans: Sequence[dict[str, Any]]) -> list[Run]:
    """Cut a text wherever a span begins or ends; offsets are code points, as Python counts them."""
    cuts = sorted({0, len(text), *(one["start"] for one in spans), *(one["end"] for one in spans)})
    runs = []
    for start, end in pairwise(cuts):
        inside = [one for one in spans if one["start"] <= start and end <= one["end"]]
        inside.sort(key=lambda one: one["end"] - one["start"])
        ends = tuple(one["label"] for one in inside if one["end"] == end)
        runs.append(Run(text[start:end], tuple(one["label"] for one in inside), ends))
    return runs

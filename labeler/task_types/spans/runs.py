"""Spans as pages draw them: a text cut into runs that are marked alike.

Note: spans may overlap, so a run can belong to several of them; it is drawn in the colour of
the innermost one, and each span's name stands where the span ends.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple


class Run(NamedTuple):
    """A piece of a text. labels: of the spans it lies in, shortest first; ends: labels of those that end with it."""

    text: str
    labels: tuple[str, ...]
    ends: tuple[str, ...]


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

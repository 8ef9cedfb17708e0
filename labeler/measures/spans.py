"""Agreement on spans of text: exact matches, and a partial score on characters.

A span is (start, end, class), code points, end exclusive. Both scores are counts that add up over items and pairs.
Note: exact and partial answer different questions: "same span?" and "same characters marked?".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from labeler.measures.boxes import Overlap

Span = tuple[int, int, str]


def exact(first: Sequence[Span], second: Sequence[Span]) -> Overlap:
    """Count spans with the same start, end and class; a span marked twice counts twice."""
    matched = (Counter(first) & Counter(second)).total()
    return Overlap(matched, len(first), len(second), float(matched), matched)


def partial(first: Sequence[Span], second: Sequence[Span]) -> Overlap:
    """Count (character, class) marks both annotators made; a character marked twice with a class counts once."""
    one, two = _characters(first), _characters(second)
    matched = len(one & two)
    return Overlap(matched, len(one), len(two), float(matched), matched)


def _characters(spans: Sequence[Span]) -> set[tuple[int, str]]:
    return {(place, label) for start, end, label in spans for place in range(start, end)}

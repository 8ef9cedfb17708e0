"""Labels that are no single class: what their judge said becomes flags by the same rule as for single classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.quality.dataset import Finding, Judged

if TYPE_CHECKING:
    from labeler.quality.dataset import Verdict

MOST_PLACES = 50  # that are named; of more a person loses count


def find(judged: Judged, kind: str, likely: float, fewest: int, share: int) -> list[Finding]:
    """Flag labels with places and a score of `likely`, and the worst of the others up to `fewest` or one in `share`."""
    import numpy as np

    worst_first = sorted(judged.verdicts, key=lambda one: (-float(judged.scores[one.item]), one.item))
    many = min(fewest, int((~np.isnan(judged.scores)).sum()) // share)
    flagged = [one for n, one in enumerate(worst_first) if n < many or judged.scores[one.item] >= likely]
    return [_finding(one, kind, float(judged.scores[one.item])) for one in flagged]


def _finding(verdict: Verdict, kind: str, score: float) -> Finding:
    why = [*verdict.places[:MOST_PLACES], *verdict.more]
    return Finding(verdict.item, kind, score, None, verdict.confidence, why, verdict.value)

"""The kinds of findings about a set as a whole: adding one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labeler.quality.set_findings import giveaway, rare_class, weak_group

if TYPE_CHECKING:
    from labeler.quality.dataset import Evidence, Finding
    from labeler.quality.set_findings.base import SetFinding

Find = Callable[["Evidence", "Sequence[Finding]"], "list[SetFinding]"]

SET_FINDINGS: dict[str, Find] = {
    weak_group.KIND: weak_group.find,
    giveaway.KIND: giveaway.find,
    rare_class.KIND: rare_class.find,
}


def find(evidence: Evidence, findings: Sequence[Finding]) -> list[SetFinding]:
    """Return what is to be said of the set as a whole. findings: the flags of its items."""
    return [one for look in SET_FINDINGS.values() for one in look(evidence, findings)]

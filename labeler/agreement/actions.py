"""Keeping the pattern histogram in the label's own transaction."""

from collections import Counter

from sqlalchemy.orm import Session

from labeler.agreement import queries
from labeler.agreement.models import PatternCount
from labeler.storage.upsert import OnConflict, upsert

_COUNTED = OnConflict(keys=("project_id", "pattern"), added=("items",))


def set_right(session: Session, project_id: int) -> None:
    """Bring the whole histogram to what the answers say, after many of them changed at once."""
    wrong = queries.recount(session, project_id)
    rows = [{"project_id": project_id, "pattern": p, "items": wrong[p][1] - wrong[p][0]} for p in sorted(wrong)]
    upsert(session, PatternCount, rows, _COUNTED)


def move_items(session: Session, project_id: int, *, before: Counter[str], after: Counter[str]) -> None:
    """Move the units of one item, or of many, from their old patterns to their new ones."""
    changes = {pattern: after[pattern] - before[pattern] for pattern in before.keys() | after.keys()}
    rows = [{"project_id": project_id, "pattern": p, "items": changes[p]} for p in sorted(changes) if changes[p]]
    upsert(session, PatternCount, rows, _COUNTED)

"""Keeping the pattern histogram in the label's own transaction."""

from sqlalchemy.orm import Session

from labeler.agreement.models import PatternCount
from labeler.storage.upsert import OnConflict, upsert

_COUNTED = OnConflict(keys=("project_id", "pattern"), added=("items",))


def move_item(session: Session, project_id: int, *, before: str, after: str) -> None:
    """Move one item from its old pattern to its new one ("" is no answer at all and is not counted)."""
    if before == after:
        return
    for pattern, change in ((before, -1), (after, 1)):
        if pattern:
            upsert(session, PatternCount, [{"project_id": project_id, "pattern": pattern, "items": change}], _COUNTED)

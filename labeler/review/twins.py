"""Groups of twins: items that are nearly the same and may be decided in one step."""

from sqlalchemy.orm import Session

from labeler.quality.queries import flags_of_items


def twins_of(session: Session, inspection_id: int, item_id: int) -> list[int]:
    """Return the items of the group that an item was flagged with, itself among them, by id; [] where it has none."""
    flags = flags_of_items(session, inspection_id, [item_id]).get(item_id, [])
    for flag in flags:
        for reason in flag.reasons:
            if reason.get("twins"):
                return sorted({item_id, *reason["twins"]})
    pointed_at = {why["item"] for flag in flags for why in flag.reasons if why.get("kind") == "duplicate"}
    return sorted({item_id, *pointed_at}) if pointed_at else []  # of a check before groups were named

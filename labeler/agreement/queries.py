"""Reads of the pattern histogram, and the recount that proves it."""

from collections import Counter

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from labeler.agreement.models import PatternCount
from labeler.annotations.queries import votes_of_project


def pattern_of(codes: list[str]) -> str:
    """Return the pattern of an item's counted answers: codes in numeric order, joined by a comma; "" for none."""
    return ",".join(sorted(codes, key=int))


def histogram(session: Session, project_id: int, index_of_code: dict[str, int]) -> dict[tuple[int, ...], int]:
    """Return {sorted class indices: number of items}; answers of classes that are gone are left out."""
    result: Counter[tuple[int, ...]] = Counter()
    for pattern, items in session.execute(_rows(project_id)):
        known = sorted(index_of_code[code] for code in pattern.split(",") if code in index_of_code)
        if known and items:
            result[tuple(known)] += items
    return dict(result)


def recount(session: Session, project_id: int) -> dict[str, tuple[int, int]]:
    """Return {pattern: (stored, right)} where the histogram is not what the answers say; empty when it is exact."""
    codes: dict[int, list[str]] = {}
    for vote in votes_of_project(session, project_id):
        codes.setdefault(vote.item_id, []).append(vote.code)
    right = Counter(pattern_of(of_item) for of_item in codes.values())
    stored = {pattern: items for pattern, items in session.execute(_rows(project_id)) if items}
    patterns = stored.keys() | right.keys()
    return {p: (stored.get(p, 0), right[p]) for p in patterns if stored.get(p, 0) != right[p]}


def _rows(project_id: int) -> Select[str, int]:
    return select(PatternCount.pattern, PatternCount.items).where(PatternCount.project_id == project_id)

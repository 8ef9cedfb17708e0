"""The SQL of which answers are meant, and of the items that have them: what every number on the page links to."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, func, literal_column, select

from labeler.agreement.meant import DIFFER, MIXED, SINGLE, TWO, UNAIDED, Meant
from labeler.annotations.models import Annotation
from labeler.measures.histogram import PAIR

_DAY = timedelta(days=1)


def answers_meant(way: str) -> list[ColumnElement[bool]]:
    """Return the conditions of an answer that counts and was given in this way."""
    ways: dict[str, list[ColumnElement[bool]]] = {
        SINGLE: [Annotation.mode == "single"],
        UNAIDED: [Annotation.mode != "bulk", func.coalesce(Annotation.suggestion_shown, False).is_(False)],
    }
    # as it stands, so that the index of counted answers is seen to fit
    return [Annotation.status == literal_column("'counted'"), *ways.get(way, [])]


def items_meant(project_id: int, meant: Meant, among: str = "") -> Select[int]:
    """Return the query of the items with answers that are meant, whatever their import and metadata.

    among: TWO or DIFFER, "" for one answer or more. Answers differ where their codes do.
    """
    newest, versions = func.max(Annotation.created_at), (Annotation.guideline_version)
    asked: list[ColumnElement[bool]] = []
    if among in {TWO, DIFFER}:
        asked.append(func.count() >= PAIR)
    if among == DIFFER:
        asked.append(func.min(Annotation.code) != func.max(Annotation.code))
    if meant.since:
        asked.append(newest >= datetime.combine(meant.since, time.min, UTC))
    if meant.until:
        asked.append(newest < datetime.combine(meant.until, time.min, UTC) + _DAY)
    if meant.version == MIXED:
        asked.append(func.min(versions) != func.max(versions))
    elif meant.version is not None:
        asked += [func.min(versions) == meant.version, func.max(versions) == meant.version]
    query = select(Annotation.item_id).where(Annotation.project_id == project_id, *answers_meant(meant.way))
    return query.group_by(Annotation.item_id).having(*asked) if asked else query.distinct()

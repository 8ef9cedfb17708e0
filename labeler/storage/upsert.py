"""INSERT … ON CONFLICT, which SQLAlchemy offers per database and not in general."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session


def upsert(session: Session, table: type[DeclarativeBase], values: list[dict[str, Any]] | dict[str, Any]) -> Any:
    """Return an INSERT of `values` that still needs `.on_conflict_do_update(…)`; the same on both databases."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return insert(table).values(values)

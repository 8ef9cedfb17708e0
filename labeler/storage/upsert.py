"""INSERT … ON CONFLICT DO UPDATE, which SQLAlchemy offers per database and not in general.

Note why the statement is kept: putting it together costs more than running it, and two of them
stand in the transaction of every answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import DeclarativeBase, Session

CHUNK = 500  # rows of one statement where a statement is a round trip


@dataclass(frozen=True)
class OnConflict:
    """What a row that is there already becomes. keys: columns that say it is the same row.

    replaced: columns that take the new value; added: columns to whose value the new one is added.
    """

    keys: tuple[str, ...]
    replaced: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def upsert(session: Session, table: type[DeclarativeBase], rows: Sequence[dict[str, Any]], clash: OnConflict) -> None:
    """Insert rows (all with the same columns), or change those that are there; the same on both databases."""
    if not rows:
        return
    dialect = session.get_bind().dialect.name
    statement = _statement(dialect, table, clash)
    if dialect == "sqlite" or len(rows) == 1:
        session.execute(statement, list(rows))
        return
    for start in range(0, len(rows), CHUNK):
        session.execute(statement.values(list(rows[start : start + CHUNK])))


@lru_cache(maxsize=64)
def _statement(dialect: str, model: type[DeclarativeBase], clash: OnConflict) -> Any:
    table = cast("Table", model.__table__)
    insert = _insert(dialect, table)
    new = insert.excluded
    changes: dict[str, Any] = {name: new[name] for name in clash.replaced}
    changes |= {name: table.c[name] + new[name] for name in clash.added}
    return insert.on_conflict_do_update(index_elements=list(clash.keys), set_=changes)


def _insert(dialect: str, table: Table) -> Any:
    # each dialect is imported where it is used: PostgreSQL's brings all its drivers along
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)

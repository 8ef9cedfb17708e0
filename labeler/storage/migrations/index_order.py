"""The order of a table's indexes on SQLite, which decides between two that seem equally good to it.

Alembic makes a table anew with its indexes in an order of chance. Where two serve a statement, SQLite takes the newer
one; so those of a part of a table, which are small and asked for by name of that part, have to be the newest.
"""

from alembic import op
from sqlalchemy import text


def put_in_order(*tables: str) -> None:
    """Make the indexes of these tables anew: by name, those of a part of the table last. Nothing on other databases."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL")
    for table in tables:
        known = [(" WHERE " in sql, name, sql) for name, sql in connection.execute(query, {"table": table}).all()]
        for _, name, _ in known:
            op.drop_index(name, table)
        for _, _, sql in sorted(known):
            op.execute(text(sql))

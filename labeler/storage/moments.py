"""Moments as the database itself writes them, where rows come by the hundred thousand: no datetime only to print it."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class in_iso(FunctionElement[str]):  # noqa: N801 - it reads as a function of SQL
    """A column of moments as ISO 8601 in UTC to the second, such as `2026-03-02T09:00:00+00:00`."""

    type = String()
    inherit_cache = True


@compiles(in_iso, "sqlite")
def _on_sqlite(element: in_iso, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)  # kept as "2026-03-02 09:00:00.000000", in UTC
    return f"(substr({column}, 1, 10) || 'T' || substr({column}, 12, 8) || '+00:00')"


@compiles(in_iso, "postgresql")
def _on_postgresql(element: in_iso, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""

"""Rows of any table as JSON lines that are the same from SQLite and PostgreSQL, and back.

One object a line, in the order of the primary key, columns by name: numbers and true/false as JSON has them, moments as
`2026-03-02T09:00:00.000000Z`, bytes as base64, and what a JSON column holds as the text it is kept as, so that a row
comes back exactly (a JSON `null` is not the same as no value). Tables are read as they are in the database, not as the
models say, since a backup is made before a migration and restored before one.
"""

import base64
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, DateTime, Float, Integer, LargeBinary, inspect, text

CHUNK = 2000  # rows of one statement
VERSION_TABLE = "alembic_version"


@dataclass(frozen=True)
class Table:
    """One table as it is in the database. kinds: {column: kind}, by name; keys: its primary key."""

    name: str
    kinds: dict[str, str]
    keys: tuple[str, ...]


def tables_of(connection: Connection) -> list[Table]:
    """Return the tables with a primary key, each after those it refers to, without Alembic's own."""
    inspector = inspect(connection)
    found = []
    for name, _ in inspector.get_sorted_table_and_fkc_names():
        if name is None or name == VERSION_TABLE:
            continue
        kinds = {column["name"]: _kind(column["type"]) for column in inspector.get_columns(name)}
        keys = tuple(inspector.get_pk_constraint(name)["constrained_columns"])
        if keys:
            found.append(Table(name, dict(sorted(kinds.items())), keys))
    return found


def count_rows(connection: Connection, table: Table) -> int:
    """Return how many rows a table has."""
    counting = f"SELECT count(*) FROM {_quoted(connection, table.name)}"  # noqa: S608 - a name of ours
    found: int = connection.execute(text(counting)).scalar_one()
    return found


def read_lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield every row as one line of JSON, page by page, so that no table has to fit into memory."""
    dialect = connection.dialect.name
    encoders = [
        (name, _ENCODERS.get((dialect, kind)) or _ENCODERS.get(("", kind))) for name, kind in table.kinds.items()
    ]
    where: dict[str, Any] = {}
    query = _select(connection, table, after=())
    while rows := connection.execute(text(query), where).mappings().all():
        for row in rows:
            values = {name: _encoded(row[name], encode) for name, encode in encoders}
            yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        where = {f"k{n}": rows[-1][key] for n, key in enumerate(table.keys)}
        query = _select(connection, table, after=tuple(where))


def write_lines(connection: Connection, table: Table, lines: Iterable[bytes]) -> int:
    """Insert rows from such lines; returns how many."""
    insert = _insert_sqlite if connection.dialect.name == "sqlite" else _insert_postgres
    done = 0
    source = iter(lines)
    while chunk := list(islice(source, CHUNK)):
        insert(connection, table, chunk)
        done += len(chunk)
    return done


def continue_numbers(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those that are there; SQLite does so by itself."""
    if connection.dialect.name == "sqlite" or len(table.keys) > 1 or table.kinds[table.keys[0]] != "integer":
        return
    name, key = _quoted(connection, table.name), _quoted(connection, table.keys[0])
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:name, :key)"), {"name": name, "key": table.keys[0]}
    ).scalar()
    if sequence is not None:
        highest = f"(SELECT max({key}) FROM {name})"  # noqa: S608 - names from the database itself
        connection.execute(
            text(f"SELECT setval(:sequence, coalesce({highest}, 1), {highest} IS NOT NULL)"), {"sequence": sequence}
        )


def _kind(column: Any) -> str:
    for kind, types in _KINDS.items():
        if isinstance(column, types):
            return kind
    return "text"


_KINDS: dict[str, Any] = {
    "json": JSON,
    "moment": DateTime,
    "truth": Boolean,
    "bytes": LargeBinary,
    "number": Float,
    "integer": Integer,
}


def _select(connection: Connection, table: Table, *, after: Sequence[str]) -> str:
    is_sqlite = connection.dialect.name == "sqlite"
    columns = ", ".join(
        f"CAST({_quoted(connection, name)} AS text) AS {_quoted(connection, name)}"
        if kind == "json" and not is_sqlite
        else _quoted(connection, name)
        for name, kind in table.kinds.items()
    )
    # every language sorts texts in its own way: by their bytes all databases agree
    by_bytes = "" if is_sqlite else ' COLLATE "C"'
    keys = ", ".join(_quoted(connection, k) + (by_bytes if table.kinds[k] == "text" else "") for k in table.keys)
    where = f" WHERE ({keys}) > ({', '.join(f':{name}' for name in after)})" if after else ""
    name = _quoted(connection, table.name)
    return f"SELECT {columns} FROM {name}{where} ORDER BY {keys} LIMIT {CHUNK}"  # noqa: S608 - as above


def _encoded(value: Any, encode: Callable[[Any], Any] | None) -> Any:
    return value if value is None or encode is None else encode(value)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _moment_of_sqlite(value: str) -> str:
    return datetime.fromisoformat(value).isoformat(timespec="microseconds") + "Z"


def _number(value: float) -> float | str:
    return float(value) if math.isfinite(value) else repr(float(value))


_ENCODERS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("", "moment"): _moment,
    ("sqlite", "moment"): _moment_of_sqlite,
    ("", "truth"): bool,
    ("", "bytes"): lambda value: base64.b64encode(value).decode(),
    ("", "number"): _number,
}
_SQLITE_DECODERS: dict[str, Callable[[Any], Any]] = {
    "moment": lambda value: value.removesuffix("Z").replace("T", " "),
    "bytes": base64.b64decode,
    "number": float,
}
_POSTGRES_TYPES = {
    "json": ("text", "CAST({} AS json)"),
    "moment": ("timestamptz", "{}"),
    "truth": ("boolean", "{}"),
    "bytes": ("text", "decode({}, 'base64')"),
    "number": ("double precision", "{}"),
    "integer": ("bigint", "{}"),
    "text": ("text", "{}"),
}


def _insert_sqlite(connection: Connection, table: Table, lines: Sequence[bytes]) -> None:
    decoders = [(name, _SQLITE_DECODERS.get(kind)) for name, kind in table.kinds.items()]
    rows = [tuple(_encoded(row[name], decode) for name, decode in decoders) for row in map(json.loads, lines)]
    columns = ", ".join(_quoted(connection, name) for name in table.kinds)
    holes = ", ".join("?" * len(table.kinds))
    name = _quoted(connection, table.name)
    connection.exec_driver_sql(f"INSERT INTO {name} ({columns}) VALUES ({holes})", rows)  # noqa: S608 - as above


def _insert_postgres(connection: Connection, table: Table, lines: Sequence[bytes]) -> None:
    # the database takes the lines apart: pg8000 would send each row, or each value, on its own
    names = {name: _quoted(connection, name) for name in table.kinds}
    columns = ", ".join(names.values())
    typed = ", ".join(f"{names[name]} {_POSTGRES_TYPES[kind][0]}" for name, kind in table.kinds.items())
    values = ", ".join(_POSTGRES_TYPES[kind][1].format(f"r.{names[name]}") for name, kind in table.kinds.items())
    into = f"INSERT INTO {_quoted(connection, table.name)} ({columns}) SELECT {values}"
    document = f"[{b','.join(lines).decode()}]"
    connection.execute(text(f"{into} FROM json_to_recordset(CAST(:lines AS json)) AS r({typed})"), {"lines": document})


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)

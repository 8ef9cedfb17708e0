"""Many new rows of one table at little more than what the database itself takes.

SQLAlchemy looks at each value of each row anew; here each column is looked at once, and what most rows have in common
(the time, the project) is brought into the database's form once.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Dialect, Table, insert
from sqlalchemy.orm import DeclarativeBase, Session

_Form = Callable[[Any], Any]


def add_rows(session: Session, model: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all with the same columns; a column they leave out gets its default, as from any INSERT."""
    if not rows:
        return
    session.flush()
    connection = session.connection()
    names = tuple(rows[0])
    defaults = _defaults(cast("Table", model.__table__), names)
    statement = _statement(model, (*names, *defaults), connection.dialect)
    forms = _forms(model, names, connection.dialect)
    columns = {name: _formed([row[name] for row in rows], form) for name, form in forms.items()}
    fixed = _forms(model, tuple(defaults), connection.dialect)
    columns |= {name: [form(defaults[name]) if form else defaults[name]] * len(rows) for name, form in fixed.items()}
    if statement.places is None:
        order = tuple(columns)
        values: list[Any] = [dict(zip(order, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    else:
        values = list(zip(*(columns[name] for name in statement.places), strict=True))
    connection.exec_driver_sql(statement.text, values)


class _Statement:
    """An INSERT as the driver takes it. places: the columns in the order of its values, None where they have names."""

    def __init__(self, table: Table, names: Sequence[str], dialect: Dialect) -> None:
        compiled = insert(table).compile(dialect=dialect, column_keys=list(names))
        self.text = str(compiled)
        self.places: tuple[str, ...] | None = tuple(compiled.positiontup) if compiled.positiontup else None


@lru_cache(maxsize=64)
def _statement(model: type[DeclarativeBase], names: tuple[str, ...], dialect: Dialect) -> _Statement:
    return _Statement(cast("Table", model.__table__), names, dialect)


@lru_cache(maxsize=64)
def _forms(model: type[DeclarativeBase], names: tuple[str, ...], dialect: Dialect) -> dict[str, _Form | None]:
    """Return, for each column, what brings a value into the form its driver takes; None: it takes it as it is."""
    columns = cast("Table", model.__table__).c
    return {name: columns[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}


def _defaults(table: Table, names: Sequence[str]) -> dict[str, Any]:
    """Return the values that the table gives to columns left out. Raises ValueError for one that is worked out."""
    found = {}
    for column in table.c:
        if column.default is None or column.name in names:
            continue
        if not column.default.is_scalar:
            raise ValueError(f"{table.name}.{column.name} is worked out for each row: give it")
        found[column.name] = column.default.arg  # type: ignore[attr-defined]  # is_scalar says that it has one
    return found


def _formed(values: list[Any], form: _Form | None) -> list[Any]:
    if form is None:
        return values
    first = values[0]
    if all(value is first for value in values):
        return [form(first)] * len(values)
    return [form(value) for value in values]

"""What an import would bring, before it is done: the first rows, and what is wrong with the ones after them.

Note: nothing is stored and no image is decoded here. The look ends after a given time, so it
says of what it counted whether that was all.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from labeler.errors import Invalid
from labeler.exchange import numbers
from labeler.exchange.formats.registry import READERS
from labeler.exchange.parsing.annotations import as_votes
from labeler.exchange.parsing.column_names import Columns, find_columns
from labeler.exchange.parsing.encodings import check_readable
from labeler.exchange.parsing.values import labels_in
from labeler.exchange.reading import read_rows
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message
from labeler.task_types.base import Content, TaskConfig
from labeler.task_types.registry import task_type

SHOWN = 20
SECONDS = 2.0
_ROWS_BETWEEN_LOOKS_AT_THE_CLOCK = 500
Entries = Iterator[Row | RejectedRow]


@dataclass
class Preview:
    """What the first seconds of reading showed.

    first: the first rows as they came; read: rows looked at; complete: whether that was all of them;
    unknown: labels that are no class, with how many rows have them, of unknown_rows in all; refused: rows that cannot
    come in, by reason, with how many have it; joined: rows about items that are there.
    """

    first: list[Row | RejectedRow] = field(default_factory=list)
    read: int = 0
    complete: bool = False
    unknown: Counter[str] = field(default_factory=Counter)
    unknown_rows: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    joined: int = 0

    @property
    def bad(self) -> int:
        """How many of the rows looked at would be left out."""
        return self.unknown_rows + self.refused.total()


def as_they_are(rows: Entries) -> Entries:
    """Return rows without a look at the items that are there."""
    return rows


def look(
    source: Source,
    format_name: str,
    options: ReadOptions,
    classes: Collection[str],
    *,
    seconds: float = SECONDS,
    join: Callable[[Entries], Entries] = as_they_are,
) -> Preview:
    """Read for some seconds; raises Invalid when the source cannot be read at all. join: finds the item of each row."""
    if format_name in READERS and READERS[format_name].encoded:
        check_readable(source, options)
    found = Preview()
    ends = time.monotonic() + seconds
    for row in _rows(source, format_name, options, join):
        if len(found.first) < SHOWN:
            found.first.append(row)
        found.read += 1
        if isinstance(row, RejectedRow):
            found.refused[_named(row.column, row.reason)] += 1
        else:
            found.joined += row.item is not None
            _judge(row, found, options, classes)
        if found.read % _ROWS_BETWEEN_LOOKS_AT_THE_CLOCK == 0 and time.monotonic() > ends:
            return found
    found.complete = True
    return found


def _rows(
    source: Source, format_name: str, options: ReadOptions, join: Callable[[Entries], Entries]
) -> Iterator[Row | RejectedRow]:
    if options.wants in numbers.NUMBERS:
        return numbers.shown(numbers.open_numbers(source, format_name, options)[1])
    return join(read_rows(source, format_name, options))


def _judge(row: Row, found: Preview, options: ReadOptions, classes: Collection[str]) -> None:
    """Count a row whose label would be refused: for classes that are none, else for the first thing that is wrong.

    Of a label made of parts only those that cannot be held are left out, so it refuses no row.
    """
    task = task_type(options.task)
    for problem in _not_said(row, options):
        found.refused[_named(problem.column, problem.reason)] += 1
        return
    value = row.given_value if row.given_label is None else task.from_class(row.given_label)
    value = row.prediction if options.wants == "predictions" else value
    if value is None:
        return
    unknown = labels_in(value) - set(classes)
    found.unknown.update(unknown)
    if task.part_fields:
        return
    found.unknown_rows += bool(unknown)
    if unknown or task.one_class:
        return
    try:
        task.check_value(value, TaskConfig(tuple(classes)), Content(text=row.text))
    except Invalid as error:
        found.refused[_named(error.field, error.message)] += 1


def _not_said(row: Row, options: ReadOptions) -> Iterator[RejectedRow]:
    """Yield why a row of labels or answers would be left out as it says nothing, or not who says it."""
    if options.wants == "annotations":
        yield from (vote for vote in as_votes([row], options) if isinstance(vote, RejectedRow))
    elif options.wants == "labels" and not (row.given_label or row.given_value or row.left_out or row.file):
        yield RejectedRow(row.number, "label", Message("there is no label"), row.external_id or "")


def _named(column: str, reason: str) -> str:
    return Message("{column}: {reason}", column=column, reason=reason) if column else reason


def columns_in(source: Source, format_name: str, options: ReadOptions) -> tuple[str, ...]:
    """Return the names of the columns a source has, () when it has none; raises Invalid when it cannot be read."""
    return READERS[format_name].columns(source, options)


def guessed(names: tuple[str, ...], options: ReadOptions, source: Source) -> Columns | None:
    """Return which column is probably what, or None when nothing looks like the item itself."""
    try:
        return find_columns(names, options, source.name)
    except Invalid:
        return None

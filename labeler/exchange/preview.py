"""What an import would bring, before it is done: some rows, and what is wrong with any, once for each kind.

Note: nothing is stored and no image is decoded here. The look goes through the whole file, but ends
after a given time, so it says of what it counted whether that was all.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from labeler.errors import Invalid
from labeler.exchange import numbers
from labeler.exchange.formats.registry import READERS
from labeler.exchange.left_out import MOST_KINDS, OTHERS, kind_of
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
NAMED = 5
Entries = Iterator[Row | RejectedRow]


@dataclass
class Problem:
    """What is wrong with rows, of one kind. reason: as it is said of the first one; count: how often it is so.

    rows: the numbers of the first few, or their files; original: what stands in the first one.
    """

    reason: str
    original: str = ""
    count: int = 0
    rows: list[str] = field(default_factory=list)

    @property
    def further(self) -> int:
        """How many rows are not named."""
        return max(0, self.count - len(self.rows))


Problems = dict[str, Problem]
"""By kind, the first one found first."""


@dataclass
class Preview:
    """What some seconds of reading showed.

    first: the first rows as they came; drawn: as many of all rows at random, in their order; read: rows looked at;
    complete: whether that was all of them; unknown: labels that are no class, with how many rows have them, of
    unknown_rows in all; refused: why rows cannot come in; parts: what would be left out of rows that can; joined: rows
    about items that are there.
    """

    first: list[Row | RejectedRow] = field(default_factory=list)
    drawn: list[Row | RejectedRow] = field(default_factory=list)
    read: int = 0
    complete: bool = False
    unknown: Counter[str] = field(default_factory=Counter)
    unknown_rows: int = 0
    refused: Problems = field(default_factory=dict)
    parts: Problems = field(default_factory=dict)
    joined: int = 0

    @property
    def bad(self) -> int:
        """How many of the rows looked at would be left out."""
        return self.unknown_rows + sum(one.count for one in self.refused.values())


class _Draw:
    """Draws rows at random out of a stream of unknown length, each with the same chance (reservoir sampling)."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - which rows somebody looks at is no secret
        self._kept: list[tuple[int, Row | RejectedRow]] = []
        self._seen = 0

    def see(self, row: Row | RejectedRow) -> None:
        place = self._seen if self._seen < SHOWN else self._random.randrange(self._seen + 1)
        self._seen += 1
        if place < SHOWN:
            self._kept[place : place + 1] = [(self._seen, row)]

    @property
    def drawn(self) -> list[Row | RejectedRow]:
        return [row for _, row in sorted(self._kept, key=lambda kept: kept[0])]


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
    seed: int = 0,
    join: Callable[[Entries], Entries] = as_they_are,
) -> Preview:
    """Read for some seconds; raises Invalid when the source cannot be read at all. join: finds the item of each row.

    seed: which rows are drawn at random.
    """
    if format_name in READERS and READERS[format_name].encoded:
        check_readable(source, options)
    found, draw = Preview(), _Draw(seed)
    ends = time.monotonic() + seconds
    for row in _rows(source, format_name, options, join):
        if len(found.first) < SHOWN:
            found.first.append(row)
        draw.see(row)
        found.read += 1
        if isinstance(row, RejectedRow):
            _note(found.refused, _named(row.column, row.reason), row)
        else:
            found.joined += row.item is not None
            _judge(row, found, options, classes)
        if time.monotonic() > ends:
            break
    else:
        found.complete = True
    found.drawn = draw.drawn
    return found


def _note(problems: Problems, reason: str, row: Row | RejectedRow, count: int = 1) -> None:
    """Count a problem of a row under its kind."""
    kind = kind_of(reason)
    if kind not in problems:
        kind, reason = (kind, reason) if len(problems) < MOST_KINDS else (OTHERS, OTHERS)
        shown = row.original if isinstance(row, RejectedRow) else row.text or row.name or row.external_id or ""
        problems.setdefault(kind, Problem(reason, shown))
    problem = problems[kind]
    problem.count += count
    if len(problem.rows) < NAMED:
        problem.rows.append(row.file or str(row.number))


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
        _note(found.refused, _named(problem.column, problem.reason), row)
        return
    for reason, count in (*row.left_out, *row.not_asked):
        _note(found.parts, reason, row, count)
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
        _note(found.refused, _named(error.field, error.message), row)


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

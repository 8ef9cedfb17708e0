"""Tables of separated values, read record by record: what CSV and TSV share.

Note: a record is not a line (cells may hold newlines), and `csv` goes on at the next line
after a record it refuses, so one stray quote costs the lines up to its partner and the reason says which ones. The
loop in `_rows` runs a million times; what looks like a repetition in it is what keeps it under ten microseconds a row.
"""

import csv
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

from labeler.errors import Invalid
from labeler.exchange.parsing.annotations import said_beside
from labeler.exchange.parsing.column_names import OF_PEOPLE, Columns, find_columns
from labeler.exchange.parsing.extra_fields import LeftOut
from labeler.exchange.parsing.prodigy import ANSWERS, left_out
from labeler.exchange.parsing.row_checks import refusal, with_image
from labeler.exchange.parsing.row_labels import with_label, with_prediction
from labeler.exchange.parsing.spreadsheet import restore
from labeler.exchange.parsing.text_lines import NoLines, TextLines, opened
from labeler.exchange.parsing.values import MISSING, without_gap
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message
from labeler.task_types.registry import task_type

CSV_DELIMITERS = ",;\t|"
# One cell may hold a long text or an image in base64; the module's own limit is 128 KiB for the whole process.
csv.field_size_limit(128 * 1024 * 1024)
_SAMPLE_LINES = 50
_TOLD = re.compile(r'"?sep=([^\w\s"]|\t)"?\s*', re.IGNORECASE)
"""The line by which Excel is told what separates the cells of the file."""


class Records(Protocol):
    """What csv.reader gives. line_num: how many lines have been taken."""

    @property
    def line_num(self) -> int:
        """How many lines have been taken."""

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


class Table(NamedTuple):
    """An open table: its column names, the records after the header, and the lines below it."""

    names: tuple[str, ...]
    records: "Records"
    lines: TextLines | NoLines
    delimiter: str


def read_columns(source: Source, options: ReadOptions, delimiters: str) -> tuple[str, ...]:
    """Return the column names of the header; raise Invalid when there is none."""
    with opened(source) as stream:
        return _open(TextLines(stream, source.name, options.encoding), source, options, delimiters).names


def read_rows(source: Source, options: ReadOptions, delimiters: str) -> Iterator[Row | RejectedRow]:
    """Yield the rows of a table, streaming; raise Invalid for a missing header or column before the first row."""
    with opened(source) as stream:
        table = _open(TextLines(stream, source.name, options.encoding), source, options, delimiters)
        yield from rows_of(table, source, options)


def rows_of(table: Table, source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield the rows of an open table; raise Invalid for a missing column before the first one."""
    columns = find_columns(table.names, options, source.name)
    yield from _rows(table, _row_maker(table, columns, source, options))


def sniff(sample: list[str], delimiters: str, *, whole: bool) -> str:
    """Return the delimiter under which most records of the sample have as many cells as the header."""
    best, best_score = delimiters[0], (0.0, 0)
    for delimiter in delimiters:
        try:
            records = [record for record in csv.reader(sample, delimiter=delimiter) if record]
        except csv.Error:
            continue
        if not whole and len(records) > 1:
            del records[-1]
        width = len(records[0]) if records else 0
        same = sum(len(record) == width for record in records) / len(records) if records else 0.0
        if width > 1 and (same, width) > best_score:
            best, best_score = delimiter, (same, width)
    return best


def _open(lines: TextLines, source: Source, options: ReadOptions, delimiters: str) -> Table:
    sample = list(itertools.islice(lines, _SAMPLE_LINES))
    told = _TOLD.fullmatch(sample[0]) if sample else None
    delimiter = told[1] if told else sniff(sample, delimiters, whole=len(sample) < _SAMPLE_LINES)
    cells = itertools.chain(sample, lines)
    records: Records
    if options.quoted:
        records = csv.reader(cells, delimiter=delimiter, strict=True)
    else:
        records = csv.reader(cells, delimiter=delimiter, strict=True, quoting=csv.QUOTE_NONE)
    try:
        if told:
            next(records)
        names = header_of(records, source)
    except csv.Error as error:
        raise Invalid(
            "The header of {name} cannot be read: {error}.", field="file", name=source.name, error=error
        ) from error
    if lines.bad and lines.bad[0].line <= records.line_num:
        raise Invalid("The header of {name} is {reason}.", field="file", name=source.name, reason=lines.bad[0].reason)
    return Table(names, records, lines, delimiter)


def header_of(records: Records, source: Source) -> tuple[str, ...]:
    """Return the column names, which the first record with something in it holds; raises Invalid without one."""
    header = next((record for record in records if any(cell.strip() for cell in record)), None)
    if header is None:
        raise Invalid("{name} is empty: the first line must name the columns.", field="file", name=source.name)
    return _named(header)


def _named(header: list[str]) -> tuple[str, ...]:
    """Give each column a name of its own: numbered where empty, numbered again where it comes twice."""
    seen: Counter[str] = Counter()
    names = []
    for position, cell in enumerate(header, 1):
        name = cell.strip() or f"column {position}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _rows(table: Table, make: Callable[[int, list[str]], Row | RejectedRow]) -> Iterator[Row | RejectedRow]:
    records, bad, width = table.records, table.lines.bad, len(table.names)
    number = 0
    before = records.line_num
    while True:
        try:
            for cells in records:
                if not cells:
                    before = records.line_num
                    continue
                number += 1
                if bad and bad[0].line <= records.line_num:
                    yield _untrusted(table, number, cells)
                elif len(cells) != width and not _fits_cut(cells, width):
                    yield _wrong_width(table, number, cells, before)
                else:
                    yield make(number, cells)
                before = records.line_num
        except csv.Error as error:
            number += 1
            _forget(table)
            yield RejectedRow(
                number,
                "",
                Message("{reason} ({lines})", reason=_explained(error), lines=_lines(before, records.line_num)),
                "",
            )
            before = records.line_num
        else:
            return


def _fits_cut(cells: list[str], width: int) -> bool:
    """Take off the empty cells that spreadsheets write beyond the last column; returns whether the rest fits."""
    if not any(cell.strip() for cell in cells[width:]):
        del cells[width:]
    return len(cells) == width


def _row_maker(
    table: Table, columns: Columns, source: Source, options: ReadOptions
) -> Callable[[int, list[str]], Row | RejectedRow]:
    """Return a function that turns the cells of one record into a row; everything looked up once is looked up here."""
    at = {name: position for position, name in enumerate(table.names)}
    # One empty cell more than a record has, at -1, stands for the columns that are not there.
    id_at, text_at, image_at, label_at, annotator_at = (
        at[column] if column else -1
        for column in (columns.id, columns.text, columns.image, columns.label, columns.annotator)
    )
    kept = tuple((name, at[name]) for name in columns.metadata)
    folded = at["metadata"] if columns.own else -1
    told_beside = _teller(at, columns, options)
    plain, classes = task_type(options.task).one_class, frozenset(options.classes)
    answer_at = _answer_at(at, columns, options)
    finish = _finisher(at, columns, options) if columns.prediction or not plain else None

    def make(number: int, cells: list[str]) -> Row | RejectedRow:
        if columns.own:
            cells = [restore(cell) for cell in cells]
        cells.append("")
        external_id = cells[id_at].strip() or None
        text = cells[text_at] if text_at >= 0 else None
        label = cells[label_at].strip() or None
        refused = refusal(number, columns, options, (external_id, text, label if plain else None))
        if refused:
            return refused
        if label in MISSING and label not in classes:
            label = None
        elif label and label[-2:] == ".0":
            label = without_gap(label, classes)
        metadata: dict[str, Any] = {name: cells[position] for name, position in kept}
        if folded >= 0:
            metadata.update(_unfolded(cells[folded]))
        row: Row | RejectedRow
        who, left = cells[annotator_at].strip() or None, told_beside(cells)
        row = Row(number, external_id, text, None, label, metadata, who, left_out=left)
        if answer_at >= 0 and (answer := cells[answer_at].strip()) in {"reject", "ignore"}:
            metadata |= {f"{answer} of": label} if label else {}
            row = row._replace(given_label=None, left_out=(*row.left_out, *left_out(answer)))
        if finish:
            row = finish(row, cells)
            if isinstance(row, RejectedRow):
                return row
        return row if image_at < 0 else with_image(row, cells[image_at].strip(), columns, source, options)

    return make


def _teller(at: dict[str, int], columns: Columns, options: ReadOptions) -> Callable[[list[str]], LeftOut]:
    """Return a function that tells of a row what one of our exports says of people, where only items are wanted."""
    places = tuple((name, at[name]) for name in OF_PEOPLE if name in at)
    if not places or not columns.own or options.wants != "items":
        return lambda _cells: ()
    return lambda cells: said_beside({name: cells[position] for name, position in places})


def _answer_at(at: dict[str, int], columns: Columns, options: ReadOptions) -> int:
    """Return where Prodigy's answer about the label stands, -1 where there is none beside the label."""
    beside = columns.label not in {None, "answer"} and not ANSWERS & set(options.classes)
    return at.get("answer", -1) if beside else -1


def _finisher(
    at: dict[str, int], columns: Columns, options: ReadOptions
) -> Callable[[Row, list[str]], Row | RejectedRow]:
    """Return what is left to do where labels have parts or a model says something."""
    plain = task_type(options.task).one_class
    prediction_at = at[columns.prediction] if columns.prediction else -1
    score_at = at[columns.score] if columns.score else -1

    def finish(row: Row, cells: list[str]) -> Row | RejectedRow:
        done: Row | RejectedRow = row
        if not plain:
            done = with_label(row, row.given_label, columns, options)
        if prediction_at < 0 or isinstance(done, RejectedRow):
            return done
        score = cells[score_at] if score_at >= 0 else None
        return with_prediction(done, cells[prediction_at], score, columns, options)

    return finish


def _unfolded(cell: str) -> dict[str, Any]:
    """Return the metadata that one of our exports folded into one cell."""
    try:
        value = json.loads(cell) if cell else {}
    except ValueError:
        return {"metadata": cell}
    return value if isinstance(value, dict) else {"metadata": value}


def _untrusted(table: Table, number: int, cells: list[str]) -> RejectedRow:
    reason = table.lines.bad[0].reason
    _forget(table)
    return RejectedRow(number, "", reason, table.delimiter.join(cells)[:SHOWN])


def _forget(table: Table) -> None:
    """Drop the bad lines that belong to records already dealt with."""
    bad = table.lines.bad
    while bad and bad[0].line <= table.records.line_num:
        bad.popleft()


def _wrong_width(table: Table, number: int, cells: list[str], before: int) -> RejectedRow:
    count, wanted, lines = len(cells), len(table.names), _lines(before, table.records.line_num)
    if count < wanted:
        reason = Message(
            "too few columns: {count} instead of {wanted} ({lines})", count=count, wanted=wanted, lines=lines
        )
    else:
        reason = Message(
            "too many columns: {count} instead of {wanted} ({lines})", count=count, wanted=wanted, lines=lines
        )
    return RejectedRow(number, "", reason, table.delimiter.join(cells)[:SHOWN])


def _explained(error: csv.Error) -> str:
    message = str(error)
    if "unexpected end of data" in message:
        return Message("a quote is opened and never closed")
    if "expected after" in message:
        return Message("a quote is closed in the middle of a cell")
    if "field larger" in message:
        return Message("a cell is too large; a quote may be opened and never closed")
    return message


def _lines(before: int, last: int) -> str:
    if last <= before + 1:
        return Message("line {last}", last=last)
    return Message("lines {first} to {last}", first=before + 1, last=last)

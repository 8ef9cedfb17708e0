"""An Excel workbook as it comes in.

Note: a workbook is a ZIP of XML, so it is bounded as every ZIP is before the library sees it, and the library
reads XML by defusedxml, which refuses entities. The size that a sheet claims is not believed.
"""

import io
import itertools
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.parsing.delimited import Table, header_of, rows_of
from labeler.exchange.parsing.text_lines import BadLine, NoLines
from labeler.exchange.parsing.zip_archive import unpack
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message

_DAMAGED = (
    *(ValueError, KeyError, TypeError, AttributeError, OSError, IndexError, EOFError, OverflowError, SyntaxError),
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError),
)
"""What the library raises for what is no honest workbook."""
_ENDINGS = (".xlsx", ".xlsm")
_TAB = "\t"


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the column names of the sheet; raises Invalid when it has none."""
    return _opened(source, options).table.names


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield the rows of the sheet, then name the sheets that were not read."""
    sheet = _opened(source, options)
    yield from rows_of(sheet.table, source, options)
    for name in sheet.others:
        why = Message('the sheet "{name}" was not read; name it with --sheet, or save it as a file', name=name)
        yield RejectedRow(0, "", why, name[:200])


def sheets(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the names of the sheets, in their order; raises Invalid when it is no workbook."""
    return tuple(sheet.title for sheet in _book(source, options).worksheets)


class _Sheet:
    """An open sheet. others: the names of the sheets beside it that hold something."""

    def __init__(self, book: Any, source: Source, wanted: str) -> None:
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
        chosen = next((sheet for sheet in book.worksheets if sheet.title == wanted), None) if wanted else shown[0]
        if chosen is None:
            names = ", ".join(sheet.title for sheet in book.worksheets)
            raise Invalid(
                '{name} has no sheet "{wanted}"; it has {names}.',
                field="sheet",
                name=source.name,
                wanted=wanted,
                names=names,
            )
        self.others = [sheet.title for sheet in book.worksheets if sheet is not chosen and _holds_something(sheet)]
        lines = NoLines()
        records = _Records(chosen, lines)
        header = header_of(records, source)
        records.width = len(header)
        self.table = Table(header, records, lines, _TAB)


class _Records:
    """The rows of a sheet as texts, each as wide as the header or as its last cell with something in it."""

    def __init__(self, sheet: Any, lines: NoLines) -> None:
        sheet.reset_dimensions()
        self._rows = sheet.iter_rows(values_only=True)
        self._lines = lines
        self.line_num = 0
        self.width = 0

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        try:
            cells = [_text(cell) for cell in next(self._rows)]
        except _DAMAGED as error:
            self._rows = iter(())
            cells = [""]
            why = Message("the file is damaged ({reason}); what follows was not read", reason=str(error)[:200])
            self._lines.bad.append(BadLine(self.line_num + 1, 0, why))
        self.line_num += 1
        while cells and not cells[-1]:
            cells.pop()
        if any("\0" in cell for cell in cells):
            self._lines.bad.append(BadLine(self.line_num, 0, Message("a NUL character")))
        bad = self._lines.bad and self._lines.bad[-1].line == self.line_num
        return cells + [""] * (self.width - len(cells)) if cells or bad else []


def _text(cell: Any) -> str:
    """Return what a cell shows, without its formatting."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _holds_something(sheet: Any) -> bool:
    sheet.reset_dimensions()
    try:
        first = itertools.islice(sheet.iter_rows(values_only=True), 100)
        return any(cell is not None for row in first for cell in row)
    except _DAMAGED:
        return True


def _opened(source: Source, options: ReadOptions) -> _Sheet:
    book = _book(source, options)
    try:
        return _Sheet(book, source, options.sheet)
    except Invalid:
        raise
    except _DAMAGED as error:
        raise _unreadable(source.name, error) from error


def _unreadable(name: str, error: Exception) -> Invalid:
    return Invalid(
        "{name} is a spreadsheet that cannot be read ({reason}); save it as CSV.", field="file", name=name, reason=error
    )


def _book(source: Source, options: ReadOptions) -> Any:
    openpyxl = _library(source.name)
    _check_honest(source, options)
    # the library goes by the ending, and a file that was sent has none
    named = source.path is not None and source.path.suffix.lower() in _ENDINGS
    place = source.path if named else io.BytesIO(_bytes(source))
    try:
        book = openpyxl.load_workbook(place, read_only=True, data_only=True, keep_links=False)
        if not book.worksheets:
            raise ValueError("no sheets")
    except _DAMAGED as error:
        raise _unreadable(source.name, error) from error
    return book


def _bytes(source: Source) -> bytes:
    if source.path is not None:
        return source.path.read_bytes()
    if source.stream is None:
        raise Invalid("{name} is not a file that can be read.", field="file", name=source.name)
    source.stream.seek(0)
    return source.stream.read()


def _check_honest(source: Source, options: ReadOptions) -> None:
    """Raise Invalid where a part of the workbook should not be unpacked."""
    _, problems = unpack(source, options.limits, lambda _name: "")
    for name, reason in problems:
        raise Invalid("{file} holds {name}: {reason}.", field="file", file=source.name, name=name, reason=reason)


def _library(name: str) -> Any:
    try:
        import defusedxml
        import openpyxl
    except ImportError as error:
        raise Invalid(
            "{name} is an Excel workbook, which needs the packages openpyxl and defusedxml: "
            'pip install "labeler[xlsx]". Or save it as CSV.',
            field="file",
            name=name,
        ) from error
    assert defusedxml and openpyxl.DEFUSEDXML  # noqa: S101, PT018 - or entities would be read
    return openpyxl


def sign(glimpse: Glimpse) -> Sign | None:
    """Know a workbook by its parts."""
    known = glimpse.kind == "archive" and "xl/workbook.xml" in glimpse.files
    return Sign(Certainty.SURE, Message("is an Excel workbook.")) if known else None


READER = Reader(
    "xlsx",
    Message("Excel workbook (XLSX)"),
    _ENDINGS,
    columns,
    read,
    answers=True,
    sign=sign,
    encoded=False,
    sheets=sheets,
)

"""Excel workbooks in and out; openpyxl and pandas stand for Excel."""

import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.detection import detect
from labeler.exchange.formats.registry import READERS, WRITERS
from labeler.exchange.formats.xlsx import write as writing
from labeler.exchange.rows import ExportRow, RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from tests.exchange.reading import read, read_good, read_rejected

SHEET = "xl/worksheets/sheet1.xml"


def workbook(*sheets: tuple[str, list[list[Any]]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    del book["Sheet"]
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def table(*rows: list[Any]) -> bytes:
    return saved(workbook(("data", list(rows))))


def changed(data: bytes, **parts: bytes) -> bytes:
    """Return a workbook with parts put in the place of its own; sheet: the first sheet."""
    buffer, names = io.BytesIO(), {SHEET: parts.pop("sheet")} if "sheet" in parts else {}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, names.get(name, old.read(name)))
        for name, content in parts.items():
            new.writestr(name, content)
    return buffer.getvalue()


def sheet_of(rows: str, before: str = "") -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    held = f'<dimension ref="A1"/><sheetData>{rows}</sheetData>'
    return f'<?xml version="1.0"?>{before}<worksheet xmlns="{main}">{held}</worksheet>'.encode()


def inline(*cells: str) -> str:
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"


def test_numbers_dates_and_truths_are_read_as_they_are_meant() -> None:
    at = datetime(2026, 2, 3, 10, 30)  # noqa: DTZ001 - a sheet knows no zones
    rows = read_good(
        "xlsx",
        table(["text", "label", "day", "at", "share", "done"], ["a", 1.0, date(2026, 2, 3), at, 0.5, True]),
        classes=("1", "2"),
    )
    assert [(row.text, row.given_label) for row in rows] == [("a", "1")]
    assert rows[0].metadata == {"day": "2026-02-03", "at": "2026-02-03T10:30:00", "share": "0.5", "done": "TRUE"}


def test_of_a_formula_its_value_counts() -> None:
    cell = '<c><f>1+1</f><v>2</v></c><c t="str"><f>"x"</f><v>it is</v></c>'
    data = changed(table(["x"]), sheet=sheet_of(inline("label", "text") + f"<row>{cell}</row>"))
    (row,) = read_good("xlsx", data)
    assert (row.given_label, row.text) == ("2", "it is")


def test_empty_rows_are_nothing_and_extra_empty_cells_cost_nothing() -> None:
    data = table([None], ["text", "label"], ["a", "x", None, None], [None, None], ["b"], [None, None, None])
    assert [(row.text, row.given_label) for row in read_good("xlsx", data)] == [("a", "x"), ("b", None)]


def test_a_row_with_more_than_the_header_names_is_refused_by_its_line() -> None:
    rejected = read_rejected("xlsx", table(["text", "label"], ["a", "x"], ["b", "y", "z"]))
    assert (rejected.number, rejected.reason) == (2, "too many columns: 3 instead of 2 (line 3)")


@pytest.mark.parametrize("cell", ["nan", "NaN", "#N/A", "", None])
def test_words_for_no_label_are_none(cell: str | None) -> None:
    (row,) = read_good("xlsx", table(["text", "label"], ["a", cell]), classes=("x",))
    assert row.given_label is None


def test_hidden_and_filtered_rows_are_rows() -> None:
    book = workbook(("data", [["text"], ["a"], ["b"]]))
    book["data"].row_dimensions[2].hidden = True
    assert [row.text for row in read_good("xlsx", saved(book))] == ["a", "b"]


def test_the_first_sheet_that_shows_is_read_a_named_one_where_asked_and_the_others_are_named() -> None:
    book = workbook(("old", [["text"], ["o"]]), ("new", [["text"], ["n"]]), ("more", [["text"], ["m"]]), ("bare", []))
    book["old"].sheet_state = "hidden"
    *rows, one, two = read("xlsx", saved(book))
    assert [row.text for row in rows if isinstance(row, Row)] == ["n"]
    told = [entry.reason for entry in (one, two) if isinstance(entry, RejectedRow)]
    assert ['"old"' in told[0], '"more"' in told[1]] == [True, True]
    assert [row.text for row in read("xlsx", saved(book), sheet="more") if isinstance(row, Row)] == ["m"]
    with pytest.raises(Invalid, match='no sheet "gone"; it has old, new, more, bare'):
        read("xlsx", saved(book), sheet="gone")


def test_a_workbook_is_known_whatever_the_order_of_its_parts_and_its_name() -> None:
    assert detect(Source.sent(io.BytesIO(table(["text"], ["a"])), "data.csv")).format == "xlsx"
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(table(["text"], ["a"]))) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in reversed(old.namelist()):
            new.writestr(name, old.read(name))
    assert detect(Source.sent(io.BytesIO(buffer.getvalue()), "x")).format == "xlsx"
    assert [row.text for row in read_good("xlsx", buffer.getvalue())] == ["a"]


@pytest.mark.parametrize(
    ("before", "cell"),
    [
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "&e;"),
        ('<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>', "&b;"),
    ],
    ids=["of a file", "of entities"],
)
def test_entities_are_never_read(before: str, cell: str) -> None:
    data = changed(table(["x"]), sheet=sheet_of(inline("text") + inline(cell), before))
    with pytest.raises(Invalid):
        read("xlsx", data)


def test_a_part_that_grows_too_much_is_refused_before_it_is_unpacked() -> None:
    data = changed(table(["text"], ["a"]), sheet=b" " * 20_000_000)
    with pytest.raises(Invalid, match="-fold when unpacked"):
        read("xlsx", data)


def test_names_that_lead_out_are_refused() -> None:
    with pytest.raises(Invalid, match="leads out"):
        read("xlsx", changed(table(["text"], ["a"]), **{"../../evil.xml": b"x"}))


def test_a_sheet_that_lies_about_its_size_costs_nothing() -> None:
    main = sheet_of(inline("text") + inline("a")).decode()
    lied = main.replace('ref="A1"', 'ref="A1:XFD1048576"').encode()
    assert [row.text for row in read_good("xlsx", changed(table(["x"]), sheet=lied))] == ["a"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"text,label\na,b\n"])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        read("xlsx", data)


def test_a_sheet_that_breaks_off_gives_what_came_before_and_says_so() -> None:
    broken = sheet_of(inline("text") + inline("a") * 9000 + "<row><c t=").removesuffix(b"</sheetData></worksheet>")
    found = read("xlsx", changed(table(["x"]), sheet=broken))
    assert [row.text for row in found if isinstance(row, Row)][:1] == ["a"]
    assert isinstance(found[-1], RejectedRow)
    assert "what follows was not read" in found[-1].reason


def written(rows: list[ExportRow], context: ExportContext) -> bytes:
    return b"".join(WRITERS["xlsx"].write(rows, context))


def context() -> ExportContext:
    at = datetime(2026, 2, 3, 10, tzinfo=UTC).isoformat()
    return ExportContext("p", "P", "text", "classification", ("no", "yes"), at)


def row(item: int, text: str) -> ExportRow:
    return ExportRow(item, "=1+1", text, None, "text", "no", None, "yes", "given", 0.5, metadata={"a": "ä<b>"})


def test_openpyxl_and_pandas_read_an_export() -> None:
    pandas = pytest.importorskip("pandas")
    data = written([row(1, " a\r\nb & <c> 😀 "), row(2, "x")], context())
    sheet = openpyxl.load_workbook(io.BytesIO(data))["items"]
    assert [cell.value for cell in sheet[2]][:4] == [1, "'=1+1", " a\r\nb & <c> 😀 ", "no"]
    assert all(cell.data_type != "f" for line in sheet for cell in line)
    frame = pandas.read_excel(io.BytesIO(data))
    assert (frame["final_label"].tolist(), frame["confidence"].tolist()) == (["yes", "yes"], [0.5, 0.5])


def test_what_a_cell_cannot_hold_is_counted() -> None:
    told = context()
    data = written([row(1, "a\x07b"), row(2, "x" * 40_000)], told)
    assert [loss.items for loss in told.report.losses.values()] == [[1], [2]]
    texts = [entry.text for entry in read_good("xlsx", data)]
    assert texts == ["a\N{REPLACEMENT CHARACTER}b", "x" * 16_383]


def test_rows_beyond_a_sheet_stand_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "ROWS_IN_A_SHEET", 500)
    data = written([row(item, f"t{item}") for item in range(1, 701)], context())
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    assert [sheet.title for sheet in book.worksheets] == ["items", "items 2"]
    found = list(READERS["xlsx"].read(Source.sent(io.BytesIO(data), "x"), ReadOptions(sheet="items 2")))
    assert sum(isinstance(entry, Row) for entry in found) == 200
    assert isinstance(found[-1], RejectedRow)

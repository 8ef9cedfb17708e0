"""An Excel workbook as it goes out, written row by row.

Note: libraries that write workbooks hold them until the end. A sheet is plain XML, so it is written here as it
goes; texts stand in their cells (inline), where nothing runs them.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import count
from xml.sax.saxutils import escape, quoteattr

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks
from labeler.exchange.writing.table import KEEPS, LOSSES, Table
from labeler.exchange.writing.zip_stream import ZipStream
from labeler.messages import Message

ROWS_IN_A_SHEET = 1_000_000
BYTES_IN_A_SHEET = 1024**3
LONGEST = 32_767
CUT = Message("A cell of more than 32,767 characters, which Excel cannot hold, is cut.")
REPLACED = Message("A cell holds a control character, which XML cannot hold; a replacement character stands there.")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a workbook with one sheet, or with more of them where the rows are too many for one."""
    out = ZipStream(context.exported_at)
    table = Table(context.media, context.task, context.classes, context.report, bool(context.parts))
    sheets, size, held = 0, 0, 0
    for chunk in chunks(rows, context.report):
        if not sheets or size > BYTES_IN_A_SHEET or held >= ROWS_IN_A_SHEET:
            _begin(out, sheets, table)
            sheets, size, held = sheets + 1, 0, 0
        cells = zip(chunk, table.records(chunk), strict=True)
        text = "".join([_row(record, row.item, context) for row, record in cells])
        out.put(text)
        size, held = size + len(text), held + len(chunk)
        if data := out.take():
            yield data
    if not sheets:
        _begin(out, sheets, table)
        sheets = 1
    out.put("</sheetData></worksheet>")
    _add_parts(out, sheets)
    yield out.close()


def _begin(out: ZipStream, sheets: int, table: Table) -> None:
    if sheets:
        out.put("</sheetData></worksheet>")
    out.begin(f"xl/worksheets/sheet{sheets + 1}.xml")
    names = "".join(f'<c t="inlineStr"><is><t>{escape(name)}</t></is></c>' for name in table.header())
    # openpyxl looks for the dimension through the whole sheet where there is none
    out.put(f'{_HEAD}<worksheet xmlns="{_MAIN}"><dimension ref="A1"/><sheetData><row>{names}</row>')


def _row(record: tuple[object, ...], item: int, context: ExportContext) -> str:
    return f"<row>{''.join([_cell(cell, item, context) for cell in record])}</row>"


def _cell(cell: object, item: int, context: ExportContext) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, int | float):
        return f"<c><v>{cell!r}</v></c>"
    text = str(cell)
    if len(text.encode("utf-16-le", "replace")) > LONGEST * 2:
        context.report.lose(CUT, item)
        text = text[: LONGEST // 2]
    if _NO_XML.search(text):
        context.report.lose(REPLACED, item)
        text = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text, {chr(13): "&#13;"})}</t></is></c>'


def _add_parts(out: ZipStream, sheets: int) -> None:
    """Add what says which sheets there are."""
    numbers = range(1, sheets + 1)
    kinds = {"xl/workbook.xml": f"{_TYPE}.sheet.main+xml"}
    kinds |= {f"xl/worksheets/sheet{number}.xml": f"{_TYPE}.worksheet+xml" for number in numbers}
    overrides = "".join(f'<Override PartName="/{name}" ContentType={quoteattr(kind)}/>' for name, kind in kinds.items())
    default = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    out.add("[Content_Types].xml", f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{default}{overrides}</Types>')
    out.add("_rels/.rels", _relations({"rId1": ("officeDocument", "xl/workbook.xml")}))
    names = {f"rId{number}": ("worksheet", f"worksheets/sheet{number}.xml") for number in numbers}
    out.add("xl/_rels/workbook.xml.rels", _relations(names))
    titles = (f"items {number}" if number > 1 else "items" for number in count(1))
    listed = "".join(
        f'<sheet name="{title}" sheetId="{number}" r:id="rId{number}"/>'
        for number, title in zip(numbers, titles, strict=False)
    )
    book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'
    out.add("xl/workbook.xml", f"{_HEAD}{book}")


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


WRITER = Writer(
    "xlsx",
    Message("Excel workbook (XLSX)"),
    ".xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    LOSSES,
    write,
    counts=True,
    archive=True,
    keeps=KEEPS,
    answers=True,
    opens="""import pandas

data = pandas.read_excel("{path}")""",
)

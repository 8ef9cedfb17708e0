"""Excel workbooks (XLSX): the sheet is a table as CSV is one.

In: the first sheet that is not hidden, or a named one; the others are named as not read. Of a formula its last value
counts; hidden and filtered rows are rows. Whole numbers lose the point, dates are written as ISO 8601. Out: the columns
of CSV, written as it goes, without a library.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.xlsx.read import READER
from labeler.exchange.formats.xlsx.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)

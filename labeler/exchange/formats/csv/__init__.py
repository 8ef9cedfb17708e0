"""CSV: one line names the columns, one record an item. The delimiter is found by looking.

Several labels stand in one cell as "a|b", none of them as "[]"; objects stand as JSON in the columns *_value, which
only tasks with objects have, beside a few words in *_label.

`agreement` is the share of the answers that say the most frequent thing, 0 to 1: of whole answers for a choice or
several labels; for boxes, polygons and spans of what each answer says of each thing that anybody marked.

Note: the file that goes out is meant for spreadsheets as much as for programs, so cells that a
spreadsheet would run are neutralised (parsing/spreadsheet.py); JSON Lines holds the same texts untouched.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.csv.read import READER
from labeler.exchange.formats.csv.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)

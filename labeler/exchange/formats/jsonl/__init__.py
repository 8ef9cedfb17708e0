"""JSON Lines: one object a line, blank lines ignored. The export that holds everything.

Several labels are a list where one would be a text; objects stand in *_value, beside a few words in *_label. An
item has `skips` only where somebody skipped it.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.jsonl.read import READER
from labeler.exchange.formats.jsonl.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)

"""Prodigy's JSON Lines: a task a line with its `answer`, spans with their tokens, choices in `accept`.

In: only an accepted label is one (parsing/prodigy.py); hashes, the session and what else stands in a task stay as
metadata. Out: labeled items are accepted, all others ignored, as a task without an answer would count as accepted.
Places count Unicode code points, ends exclusive.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.prodigy.read import READER
from labeler.exchange.formats.prodigy.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)

"""JSON as it comes in: one list of objects, read without ever holding the list."""

from labeler.exchange.formats.base import Reader
from labeler.exchange.parsing.json_list import columns, read
from labeler.messages import Message

READER = Reader("json", Message("JSON list"), (".json",), columns, read, answers=True)

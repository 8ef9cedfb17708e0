"""JSON: one list of objects."""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.json.read import READER

FORMAT = Format(reader=READER)

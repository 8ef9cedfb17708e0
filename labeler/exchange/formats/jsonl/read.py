"""JSON Lines as it comes in: one object a line, blank lines ignored."""

from labeler.exchange.formats.base import Reader
from labeler.exchange.parsing.json_lines import columns, read

READER = Reader("jsonl", "JSON Lines", (".jsonl", ".ndjson"), columns, read, answers=True)

"""Objects or lists of JSON, one a line or in one list, told apart by their first characters.

Note: a file that begins with `[` may be one list, or lines that are lists themselves
(`["text", {…}]`), which is how training data for spaCy is often kept.
"""

import re
from collections.abc import Iterator

from labeler.exchange.parsing import json_lines, json_list
from labeler.exchange.parsing.json_records import Record
from labeler.exchange.parsing.text_lines import ByteReader, TextLines, opened, text_of
from labeler.exchange.rows import RejectedRow
from labeler.exchange.sources import ReadOptions, Source

_HEAD = 4096
_LIST_OF_VALUES = re.compile(r"\s*\[\s*(?:[\[{\]]|$)")


class _Chained:
    """Gives back what was read to look at it, then the rest."""

    def __init__(self, head: bytes, rest: ByteReader) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        if self._head:
            head, self._head = self._head, b""
            return head
        return self._rest.read(size)


def records(source: Source, options: ReadOptions) -> Iterator[Record | RejectedRow]:
    """Yield the values of a source in its order; raises Invalid when it cannot be read."""
    with opened(source) as stream:
        head = stream.read(_HEAD)
        chained = _Chained(head, stream)
        if _LIST_OF_VALUES.match(text_of(head)):
            yield from json_list.records(chained, source, options)
        else:
            yield from json_lines.records(TextLines(chained, source.name, options.encoding))

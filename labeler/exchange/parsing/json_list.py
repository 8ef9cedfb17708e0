"""JSON: one list of objects, read without ever holding the list.

Note: a list has no line ends to go on from after a broken object, so what comes after one is
lost, and the last rejected row says so; JSON Lines does not have that weakness.
"""

from collections.abc import Iterator

from labeler.errors import Invalid
from labeler.exchange.parsing.json_records import Record, find_names, to_rows
from labeler.exchange.parsing.json_stream import OF_ROWS, UNDECODED, Window, next_value
from labeler.exchange.parsing.text_lines import ByteReader, Utf8, opened
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the keys of the first objects."""
    with opened(source) as stream:
        return find_names(records(stream, source, options))


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each object of the list; raise Invalid when it is no list or lacks the wanted keys."""
    with opened(source) as stream:
        yield from to_rows(records(stream, source, options), source, options)


def records(stream: ByteReader, source: Source, options: ReadOptions) -> Iterator[Record | RejectedRow]:
    """Yield the values of a list; raises Invalid when it is none."""
    window = Window(Utf8(stream, source.name, options.encoding))
    if window.skip_space() != "[":
        raise Invalid("{name} must be a list of objects: [{{…}}, {{…}}].", field="file", name=source.name)
    window.at += 1
    number = 0
    if window.skip_space() == "]":
        return
    while True:
        number += 1
        window.skip_space()
        try:
            value, end = next_value(window, OF_ROWS)
        except ValueError as error:
            place = Message("near byte {byte:,} of the file; what follows was not read", byte=window.byte(window.at))
            shown = window.text[window.at : window.at + SHOWN]
            yield RejectedRow(number, "", Message("not valid JSON: {error}, {place}", error=error, place=place), shown)
            return
        yield _judged(window, number, value, end)
        window.at = end
        if window.skip_space() == "]":
            return
        window.at += 1


def _judged(window: Window, number: int, value: object, end: int) -> Record | RejectedRow:
    written = window.text[window.at : end]
    if window.tainted and (match := UNDECODED.search(written)):
        byte = window.byte(window.at + match.start())
        shown = written[:SHOWN].encode(errors="surrogateescape").decode(errors="replace")
        code = ord(match.group()) - 0xDC00
        return RejectedRow(
            number,
            "",
            Message("not valid UTF-8: byte 0x{code:02X} at byte {byte} of the file", code=code, byte=byte),
            shown,
        )
    return Record(number, value, written)

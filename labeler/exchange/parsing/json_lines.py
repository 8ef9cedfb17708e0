"""JSON Lines: one object a line, blank lines ignored."""

from collections.abc import Iterator

from labeler.exchange.parsing.json_records import Record, find_names, to_rows
from labeler.exchange.parsing.json_stream import OF_ROWS
from labeler.exchange.parsing.text_lines import TextLines, opened
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the keys of the first objects."""
    with opened(source) as stream:
        return find_names(records(TextLines(stream, source.name, options.encoding)))


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each line that is not blank; raise Invalid when the wanted keys are in none of the first."""
    with opened(source) as stream:
        yield from to_rows(records(TextLines(stream, source.name, options.encoding)), source, options)


def records(lines: TextLines) -> Iterator[Record | RejectedRow]:
    """Yield the value of each line that is not blank."""
    number = 0
    bad = lines.bad
    for line_number, line in enumerate(lines, 1):
        if not line or line.isspace():
            if bad and bad[0].line <= line_number:
                bad.popleft()
            continue
        number += 1
        if bad and bad[0].line <= line_number:
            yield RejectedRow(number, "", bad.popleft().reason, line.strip()[:SHOWN])
            continue
        try:
            yield Record(number, OF_ROWS.decode(line), line)
        except (ValueError, RecursionError) as error:
            yield RejectedRow(
                number,
                "",
                Message("not valid JSON: {error} (line {line_number})", error=error, line_number=line_number),
                line.strip()[:SHOWN],
            )

"""fastText's training data as it comes in."""

import re
from collections.abc import Iterator
from dataclasses import replace

from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.formats.fasttext.labels import PREFIX, names_of
from labeler.exchange.parsing.json_records import Record, to_rows
from labeler.exchange.parsing.repeats import told_apart
from labeler.exchange.parsing.row_checks import check_items
from labeler.exchange.parsing.text_lines import TextLines, opened
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import Mapping, ReadOptions, Source
from labeler.messages import Message
from labeler.task_types.registry import task_type

_BEFORE = re.compile(rf"(?:{PREFIX}\S+(?:\s+|$))+")
_BEHIND = re.compile(rf"(?:\s+{PREFIX}\S+)+$")
_SEVERAL = Message("several labels, where one is asked for; the item has none")
_WITHIN = Message("a label in the middle of the text, where it is taken for text")


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return (): what is what is fixed."""
    del source, options
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each line that is not blank."""
    check_items(source, options)
    with opened(source) as stream:
        lines = TextLines(stream, source.name, options.encoding)
        told = replace(options, mapping=Mapping(id="", text="text", label="label"))
        yield from told_apart(to_rows(_records(lines, told), source, told))


def _records(lines: TextLines, options: ReadOptions) -> Iterator[Record | RejectedRow]:
    names, one = names_of(options.classes), task_type(options.task).one_class
    number, bad = 0, lines.bad
    for line_number, line in enumerate(lines, 1):
        reason = bad.popleft().reason if bad and bad[0].line <= line_number else ""
        if line.isspace() and not reason:
            continue
        number += 1
        if reason:
            yield RejectedRow(number, "", reason, line.strip()[:SHOWN])
        else:
            yield _record(number, line.strip(), names, one_label=one)


def _record(number: int, line: str, names: dict[str, str], *, one_label: bool) -> Record:
    before, text = _BEFORE.match(line), line
    if before:
        text = line[before.end() :]
    behind = _BEHIND.search(text)
    if behind:
        text = text[: behind.start()]
    written = [word for part in (before, behind) if part for word in part[0].split()]
    labels = list(dict.fromkeys(names.get(word[len(PREFIX) :], word[len(PREFIX) :]) for word in written))
    within = text.count(PREFIX)
    told = ((_WITHIN, within),) if within else ()
    if one_label and len(labels) > 1:
        labels, told = [], (*told, (_SEVERAL, 1))
    return Record(number, {"text": text, "label": labels or None}, line, told)


def sign(glimpse: Glimpse) -> Sign | None:
    """Know lines by the label that the first one begins with."""
    begins = glimpse.text.startswith(PREFIX)
    return Sign(Certainty.SURE, Message("begins with a label as fastText writes it.")) if begins else None


READER = Reader(
    "fasttext",
    "fastText",
    (".txt", ".ft"),
    columns,
    read,
    shapes=frozenset({"label", "labels"}),
    media=frozenset({"text"}),
    sign=sign,
)

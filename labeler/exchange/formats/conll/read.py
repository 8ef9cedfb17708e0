"""CoNLL-2003 as it comes in: IOB1, BIO, BIOES and BILOU by one rule."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.formats.conll.tags import DOCUMENT, TOKENIZED, underscored
from labeler.exchange.parsing.repeats import told_apart
from labeler.exchange.parsing.row_checks import check_items
from labeler.exchange.parsing.text_lines import TextLines, opened
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message

_COLUMNS = {4: ("pos", "chunk")}
_GAP = re.compile(r"[ \t]+")
_TAG = re.compile(r"O|o|[BIESLUMbieslum][-_]\S+")
_TAG_LINE = re.compile(r"\S+(?:[ \t]+\S+)*[ \t]+(?:O|[BIESLUM]-\S+)")
_LINES_LOOKED_AT = 40
_STARTS, _ENDS = frozenset("BSU"), frozenset("SUEL")


class Line(NamedTuple):
    """One line of a sentence. number: 1 for the first of the file."""

    number: int
    cells: list[str]


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return (): the columns have no names, and what they are is fixed."""
    del source, options
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each sentence; raises Invalid when nobody can use the source."""
    if options.media != "text" or shape_of(options.task) != "spans":
        raise Invalid(
            "{name} holds spans of text; this project asks for something else.", field="file", name=source.name
        )
    check_items(source, options)
    return told_apart(_rows(source, options))


def _rows(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    names = {under: name for name in options.classes if (under := underscored(name)) != name}
    with opened(source) as stream:
        lines = TextLines(stream, source.name, options.encoding)
        for number, (document, sentence, fault) in enumerate(_sentences(lines), 1):
            shown = " ".join(line.cells[0] for line in sentence)[:SHOWN]
            if fault:
                yield RejectedRow(number, "", fault, shown)
                continue
            try:
                yield _row(number, sentence, document, names, options)
            except Invalid as error:
                yield RejectedRow(number, error.field or "", error.message, shown)


def _sentences(lines: TextLines) -> Iterator[tuple[int, list[Line], str]]:
    """Yield (number of the document, 0 where none is marked; lines; why they cannot be trusted or "")."""
    document, fault = 0, ""
    sentence: list[Line] = []
    for number, text in enumerate(lines, 1):
        while lines.bad and lines.bad[0].line <= number:
            fault = lines.bad.popleft().reason
        cells = _GAP.split(text.strip(" \t\r\n"))
        starts_document = cells[0] == DOCUMENT
        if cells != [""] and not starts_document:
            comment = not sentence and cells[0].startswith("#") and not _TAG.fullmatch(cells[-1])
            if not comment:
                sentence.append(Line(number, cells))
            continue
        if sentence or fault:
            yield document, sentence, fault
            sentence, fault = [], ""
        document += starts_document
    if sentence or fault:
        yield document, sentence, fault


def _row(number: int, sentence: list[Line], document: int, names: dict[str, str], options: ReadOptions) -> Row:
    width = len(sentence[0].cells)
    if width == 1:
        raise Invalid("line {line}: a token and its tag are expected", line=sentence[0].number)
    odd = next((line for line in sentence if len(line.cells) != width), None)
    if odd:
        raise Invalid(
            "line {line}: {columns} columns, where the sentence began with {width}",
            line=odd.number,
            columns=len(odd.cells),
            width=width,
        )
    text = " ".join(line.cells[0] for line in sentence)
    if len(text) > options.limits.text_characters:
        raise Invalid("longer than {most:,} characters", most=options.limits.text_characters)
    metadata: dict[str, Any] = {TOKENIZED: True}
    titles = _COLUMNS.get(width, tuple(f"column {place}" for place in range(2, width)))
    for place, title in enumerate(titles, 1):
        metadata[title] = " ".join(line.cells[place] for line in sentence)
    if document:
        metadata["document"] = document
    odd_tags = Counter(line.cells[-1][:40] for line in sentence if not _TAG.fullmatch(line.cells[-1]))
    if odd_tags.total() == len(sentence):
        raise Invalid(
            "line {line}: the tag {tag!r} is neither O nor a letter and a label, as in B-PER",
            line=sentence[0].number,
            tag=sentence[0].cells[-1][:40],
        )
    told = tuple(
        (Message("a tag that is neither O nor a letter and a label, as in B-PER: {tag!r}", tag=tag), count)
        for tag, count in odd_tags.items()
    )
    spans = _spans(sentence, names)
    given = {"spans": spans} if spans or not told else None
    return Row(number, None, text, None, None, metadata, given_value=given, left_out=told)


def _spans(sentence: Sequence[Line], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return the spans of a sentence; a token whose tag is none is in no span."""
    found: list[dict[str, Any]] = []
    at, going = 0, ""
    for line in sentence:
        tag, end = line.cells[-1], at + len(line.cells[0])
        letter, label = (tag[:1].upper(), tag[2:]) if _TAG.fullmatch(tag) else ("O", "")
        if letter != "O":
            if letter in _STARTS or going != label:
                found.append({"label": names.get(label, label), "start": at, "end": end})
            else:
                found[-1]["end"] = end
        going = "" if letter == "O" or letter in _ENDS else label
        at = end + 1
    return found


def sign(glimpse: Glimpse) -> Sign | None:
    """Know CoNLL by the line that begins a document, or by a tag at the end of each line."""
    lines = [line for line in glimpse.text.splitlines()[:_LINES_LOOKED_AT] if line.strip()]
    if lines and lines[0].startswith(DOCUMENT):
        return Sign(Certainty.SURE, Message("begins with -DOCSTART-, as CoNLL does."))
    whole = lines[:-1] or lines  # the last one may be cut
    tagged = [line for line in whole if _TAG_LINE.fullmatch(line.strip())]
    if len(tagged) > 1 and len(tagged) == len(whole):
        return Sign(Certainty.MARKED, Message("has a tag such as O or B-PER at the end of each line, as CoNLL does."))
    ending = glimpse.ends_in(".conll", ".iob", ".bio")
    return Sign(Certainty.NAMED, Message("ends in {ending}, as CoNLL does.", ending=ending)) if ending else None


READER = Reader(
    "conll",
    "CoNLL-2003",
    (".conll", ".iob", ".bio", ".txt"),
    columns,
    read,
    shapes=frozenset({"spans"}),
    media=frozenset({"text"}),
    sign=sign,
)

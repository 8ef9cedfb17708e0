"""CoNLL-2003: a token a line with its tag in the last column, a blank line after each sentence; for spans of text.

A sentence is an item; its text is its tokens joined by single blanks, so offsets come from them. IOB1, BIO (IOB2),
BIOES and BILOU are all read by one rule: a span begins at B, S or U, and at any other letter where no span of that
label goes on; it ends after S, U, E and L. Further columns (part of speech, chunk) are metadata, joined by blanks as
the text is.

A sentence that stands in a file more than once is as many items, as in training each counts: the first goes by its
text, the others by ids made of it.

Note: BIO goes out over our own tokens (tokens.py), unless the item came in as CoNLL, where its
blanks are its tokens. A span that fits no tokens is moved to their edges, one that overlaps another is left out, and
both are counted in the report: the file itself has no room for a comment.
"""

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.formats.base import (
    SHOWN,
    ExportContext,
    ExportRow,
    Reader,
    ReadOptions,
    RejectedRow,
    Row,
    Source,
    Writer,
)
from labeler.exchange.formats.lines import TextLines, opened
from labeler.exchange.formats.tokens import Place, at_blanks, fitted, tokens_of
from labeler.exchange.formats.values import shape_of
from labeler.messages import Message

ROWS_IN_A_CHUNK = 500
DOCUMENT = "-DOCSTART-"
TOKENIZED = "tokenized"
"""Metadata of an item whose single blanks stand between tokens."""
MOVED = Message("A span does not begin and end at the edge of a token; it was moved to it.")
OVERLAPPING = Message("A span overlaps another in its tokens and was left out; the first and longest stands.")
EMPTY = Message("A span holds nothing but blanks and was left out.")
UNLABELED = Message("The item has no label; here it looks as if nothing were in it.")
_COLUMNS = {4: ("pos", "chunk")}
_FILLERS = {"pos": "-X-", "chunk": "_"}
_GAP = re.compile(r"[ \t]+")
_TAG = re.compile(r"O|[BIESLUM]-\S+")
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
    if options.wants != "items":
        raise Invalid("{name} does not say who or what answered; import it as items.", field="file", name=source.name)
    names = {under: name for name in options.classes if (under := _joined(name)) != name}
    with opened(source) as stream:
        lines = TextLines(stream, source.name, options.encoding)
        met: Counter[bytes] = Counter()
        for number, (document, sentence, fault) in enumerate(_sentences(lines), 1):
            shown = " ".join(line.cells[0] for line in sentence)[:SHOWN]
            if fault:
                yield RejectedRow(number, "", fault, shown)
                continue
            try:
                yield _told_apart(_row(number, sentence, document, names, options), met)
            except Invalid as error:
                yield RejectedRow(number, error.field or "", error.message, shown)


def _told_apart(row: Row, met: Counter[bytes]) -> Row:
    """Give a sentence that stands in the file before an id of its own, which is the same at every import."""
    digest = hashlib.sha256((row.text or "").encode()).digest()[:12]
    met[digest] += 1
    return row if met[digest] == 1 else row._replace(external_id=f"{digest[:6].hex()}-{met[digest]}")


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
    return Row(number, None, text, None, None, metadata, given_value={"spans": _spans(sentence, names)})


def _spans(sentence: Sequence[Line], names: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at, going = 0, ""
    for line in sentence:
        tag, end = line.cells[-1], at + len(line.cells[0])
        if not _TAG.fullmatch(tag):
            raise Invalid(
                "line {line}: the tag {tag!r} is neither O nor a letter and a label, as in B-PER",
                line=line.number,
                tag=tag[:40],
            )
        letter, _, label = tag.partition("-")
        if letter != "O":
            if letter in _STARTS or going != label:
                found.append({"label": names.get(label, label), "start": at, "end": end})
            else:
                found[-1]["end"] = end
        going = "" if letter == "O" or letter in _ENDS else label
        at = end + 1
    return found


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield four columns a token in UTF-8: the token, part of speech and chunk where they are known, the tag in BIO.

    Raises Invalid when two classes would have one name, as blanks in names become underscores.
    """
    tags = {name: _joined(name) for name in context.classes}
    if len(set(tags.values())) < len(tags):
        raise Invalid(
            "Two classes differ only in blanks and underscores, which CoNLL cannot tell apart.", field="format"
        )
    yield f"{DOCUMENT} -X- O O\n\n".encode()
    remaining = iter(rows)
    while chunk := list(itertools.islice(remaining, ROWS_IN_A_CHUNK)):
        context.report.written += len(chunk)
        yield "".join([_sentence(row, tags, context) for row in chunk]).encode(errors="replace")


def _sentence(row: ExportRow, tags: dict[str, str], context: ExportContext) -> str:
    text, metadata = row.text or "", row.metadata or {}
    tokens = _tokens(text, metadata)
    report = context.report
    if row.final_value is None:
        report.lose(UNLABELED, row.item)
    fit = fitted((row.final_value or {}).get("spans", ()), tokens)
    for sentence, count in ((MOVED, fit.moved), (OVERLAPPING, fit.overlapping), (EMPTY, fit.empty)):
        if count:
            report.lose(sentence, row.item, count)
    marks = ["O"] * len(tokens)
    for first, after, label in fit.spans:
        marks[first:after] = [f"B-{tags[label]}", *[f"I-{tags[label]}"] * (after - first - 1)]
    kept = [_kept(metadata, name, len(tokens)) for name in _FILLERS]
    lines = [
        f"{text[start:end]} {pos} {chunk} {mark}\n"
        for (start, end), pos, chunk, mark in zip(tokens, *kept, marks, strict=True)
    ]
    return "".join(lines) + "\n"


def _tokens(text: str, metadata: dict[str, Any]) -> list[Place]:
    """Return the tokens an item came in with, else our own."""
    plain = not any(mark in text for mark in ("  ", "\t", "\r", "\n", DOCUMENT)) and text == text.strip(" ")
    return at_blanks(text) if plain and metadata.get(TOKENIZED) is True else tokens_of(text)


def _kept(metadata: dict[str, Any], name: str, count: int) -> Sequence[str]:
    given = metadata.get(name)
    cells = given.split(" ") if isinstance(given, str) and metadata.get(TOKENIZED) is True else []
    return cells if len(cells) == count and all(cells) else [_FILLERS[name]] * count


def _joined(name: str) -> str:
    return re.sub(r"\s", "_", name)


READER = Reader(
    "conll", "CoNLL-2003", (".conll", ".iob", ".bio", ".txt"), columns, read, frozenset({"spans"}), frozenset({"text"})
)
WRITER = Writer(
    "conll",
    "CoNLL-2003 (BIO)",
    ".conll",
    "text/plain; charset=utf-8",
    (
        Message("Only final labels go out: no votes, no consensus, no flags, no scores, no ids, no metadata."),
        Message("A text becomes tokens; the blanks between them are not kept."),
        Message("A span that is not made of whole tokens is moved to their edges; of overlapping spans one is kept."),
        Message("Blanks in names of classes become underscores."),
        Message("Whether an item is excluded is not said; an item without a label has no spans."),
    ),
    write,
    frozenset({"spans"}),
    frozenset({"text"}),
    counts=True,
)

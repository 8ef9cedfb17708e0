"""CoNLL-2003 as it goes out: BIO."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.formats.conll.tags import DOCUMENT, TOKENIZED, underscored
from labeler.exchange.parsing.tokens import Place, at_blanks, fitted, tokens_of
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks
from labeler.exchange.writing.files_of_parts import files_of_parts
from labeler.exchange.writing.zip_stream import ZipStream
from labeler.messages import Message

MOVED = Message("A span does not begin and end at the edge of a token; it was moved to it.")
OVERLAPPING = Message("A span overlaps another in its tokens and was left out; the first and longest stands.")
EMPTY = Message("A span holds nothing but blanks and was left out.")
UNLABELED = Message("The item has no label; here it looks as if nothing were in it.")
_CALLED = {"": "items", "val": "dev"}
_FILLERS = {"pos": "-X-", "chunk": "_"}


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield four columns a token in UTF-8: the token, part of speech and chunk where they are known, the tag in BIO.

    Raises Invalid when two classes would have one name, as blanks in names become underscores.
    """
    tags = {name: underscored(name) for name in context.classes}
    if len(set(tags.values())) < len(tags):
        raise Invalid(
            "Two classes differ only in blanks and underscores, which CoNLL cannot tell apart.", field="format"
        )
    yield f"{DOCUMENT} -X- O O\n\n".encode()
    for chunk in chunks(rows, context.report):
        yield "".join([_sentence(row, tags, context) for row in chunk]).encode(errors="replace")


def write_packed(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a ZIP with a file for each part of the split, called as its users call them."""
    return files_of_parts(
        rows,
        context.parts,
        ZipStream(context.exported_at),
        called=lambda part: f"{_CALLED.get(part, part)}.conll",
        write=lambda own: write(own, context),
        report=lambda: "\n".join((*context.report.lines(), *WRITER.loses(context), "")),
    )


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
WRITER = replace(
    WRITER,
    packed=replace(WRITER, suffix=".zip", content_type="application/zip", write=write_packed, archive=True),
)

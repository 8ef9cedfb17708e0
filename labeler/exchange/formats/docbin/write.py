"""spaCy's binary training data as it goes out: a ZIP of `.spacy` files, some thousands of documents each, by split."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.formats.docbin.library import spacy_or_invalid
from labeler.exchange.parsing.dataset_files import SPLITS
from labeler.exchange.parsing.tokens import tokens_of
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks
from labeler.exchange.writing.parts import split_of
from labeler.exchange.writing.zip_stream import ZipStream
from labeler.messages import Message

KEY, USUAL_SPLIT = "sc", "train"
DOCUMENTS_IN_A_FILE = 2000
OVERLAPPING = Message("Spans of the item overlap: all are in doc.spans, and its entities are those that do not.")


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a ZIP; raises Invalid where spaCy is not installed."""
    spacy = spacy_or_invalid()
    return _written(rows, context, spacy)


def _written(rows: Iterable[ExportRow], context: ExportContext, spacy: Any) -> Iterator[bytes]:
    archive, vocabulary = ZipStream(context.exported_at), spacy.vocab.Vocab()
    held: dict[str, list[Any]] = defaultdict(list)
    made: dict[str, int] = defaultdict(int)
    for chunk in chunks(rows, context.report):
        for row in chunk:
            held[_split(row)].append(_document(row, context, spacy, vocabulary))
        for split in [name for name, docs in held.items() if len(docs) >= DOCUMENTS_IN_A_FILE]:
            _put(archive, split, held.pop(split), made, spacy)
            vocabulary = spacy.vocab.Vocab() if not held else vocabulary
        if data := archive.take():
            yield data
    for split, docs in (held if held or made else {USUAL_SPLIT: []}).items():
        _put(archive, split, docs, made, spacy)
    archive.add("report.txt", "\n".join((*context.report.lines(), *WRITER.losses, "")))
    yield archive.close()


def _put(archive: ZipStream, split: str, docs: Sequence[Any], made: dict[str, int], spacy: Any) -> None:
    found = spacy.tokens.DocBin(attrs=["ENT_IOB", "ENT_TYPE"], docs=docs)
    archive.add_packed(f"{split}/{made[split]:05}.spacy", found.to_bytes())
    made[split] += 1


def _split(row: ExportRow) -> str:
    stated = split_of(row)
    return stated if stated.lower() in SPLITS else USUAL_SPLIT


def _document(row: ExportRow, context: ExportContext, spacy: Any, vocabulary: Any) -> Any:
    """Return a document; without a label its words have no tags at all, which is not the same as "nothing here"."""
    value = row.final_value
    spans = value["spans"] if value is not None and "spans" in value else ()
    words, blanks = _spaced(row.text or "", spans)
    doc = spacy.tokens.Doc(vocabulary, words=words, spaces=blanks)
    if value is not None and "spans" in value:
        _mark(doc, spans, row, context)
    elif value is not None or row.final_label is not None:
        chosen = value["labels"] if value is not None else [row.final_label]
        doc.cats = {name: float(name in chosen) for name in context.classes}
    return doc


def _mark(doc: Any, spans: Sequence[dict[str, Any]], row: ExportRow, context: ExportContext) -> None:
    marked = [doc.char_span(span["start"], span["end"], label=span["label"]) for span in spans]
    kept: list[Any] = []
    for span in sorted(marked, key=lambda span: (span.start, -span.end)):
        if not kept or kept[-1].end <= span.start:
            kept.append(span)
    doc.set_ents(kept)
    if kept != marked:  # in a group of their own they keep their order too
        doc.spans[KEY] = marked
    if len(kept) < len(marked):
        context.report.lose(OVERLAPPING, row.item)


def _spaced(text: str, spans: Sequence[dict[str, Any]]) -> tuple[list[str], list[bool]]:
    """Return a text as words, cut also where a span begins or ends, and whether a single blank follows each.

    A blank that a span begins or ends with, and any other white space, is a word itself.
    """
    starts, ends = {span["start"] for span in spans}, {span["end"] for span in spans}
    edges = {0, len(text), *starts, *ends, *(edge for place in tokens_of(text) for edge in place)}
    words: list[str] = []
    blanks: list[bool] = []
    for start, end in pairwise(sorted(edges)):
        piece = text[start:end]
        follows = words and not blanks[-1] and not words[-1].isspace()
        if piece == " " and follows and start not in starts and end not in ends:
            blanks[-1] = True
        else:
            words.append(piece)
            blanks.append(False)
    return words, blanks


WRITER = Writer(
    "docbin",
    Message("spaCy binary (.spacy, DocBin)"),
    ".zip",
    "application/zip",
    (
        Message("Only final labels go out: no votes, no consensus, no flags, no scores."),
        Message("Ids are left out, and all metadata but the split."),
        Message("Words are ours, cut where spans begin and end; spaCy cuts texts anew when it trains."),
        Message("Whether an item is excluded is not said."),
    ),
    write,
    frozenset({"spans", "label", "labels"}),
    frozenset({"text"}),
    archive=True,
    counts=True,
)

"""spaCy's binary training data as it comes in."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.formats.docbin.library import spacy_or_invalid
from labeler.exchange.parsing.dataset_files import files_in, is_set, split_in
from labeler.exchange.parsing.json_records import Record, to_rows
from labeler.exchange.parsing.repeats import told_apart
from labeler.exchange.parsing.row_checks import check_items
from labeler.exchange.parsing.text_lines import opened
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.rows import RejectedRow, Row, rejected_file
from labeler.exchange.sources import ImageLoader, ReadOptions, Source
from labeler.exchange.sources import Mapping as ColumnMapping
from labeler.messages import Message

SHARES = Message("a share of a class between 0 and 1, of which only is taken whether it is a half or more")
SPANS = Message("spans of a text, for which this project does not ask")
CLASSES = Message("classes of a text, for which this project does not ask")
MOST_BYTES = 1024 * 1024 * 1024  # unpacked
_CHOSEN = 0.5
_WIDTH = 8  # bytes of an attribute of a word
_DAMAGED = (ValueError, KeyError, TypeError, IndexError, OverflowError, AttributeError, RecursionError, MemoryError)
_ATTRIBUTES = ("ORTH", "ENT_IOB", "ENT_TYPE")


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return (): what is what is fixed."""
    del source, options
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each document; raises Invalid when there is none, or spaCy is not installed."""
    check_items(source, options)
    spacy_or_invalid()
    told = replace(options, mapping=ColumnMapping(text="text", label="label"))
    problems: list[tuple[str, str]] = []
    yield from told_apart(to_rows(_records(source, told, problems), source, told))
    yield from (rejected_file(name, reason) for name, reason in problems)


def _records(source: Source, options: ReadOptions, problems: list[tuple[str, str]]) -> Iterator[Record | RejectedRow]:
    number = 0
    for name, load in _files(source, options, problems):
        split = split_in(name)
        try:
            for doc in _documents(load(), name):
                number += 1
                value, lost = _value(doc, shape_of(options.task))
                kept = {"split": split, **value} if split else value
                yield Record(number, kept, "", tuple((reason, count) for reason, count in lost.items() if count))
        except Invalid as error:
            if name == source.name:
                raise
            problems.append((name, error.message))


def _files(source: Source, options: ReadOptions, problems: list[tuple[str, str]]) -> Iterator[tuple[str, ImageLoader]]:
    if is_set(source):
        files = files_in(source, options, (".spacy",))
        problems.extend(files.problems)
        if not files.others:
            raise Invalid("{name} holds no .spacy files.", field="file", name=source.name)
        yield from files.others.items()
        return
    with opened(source) as stream:
        data = stream.read(MOST_BYTES + 1)
    yield source.name, lambda: data


def _documents(data: bytes, name: str) -> Iterator[Any]:
    """Yield the documents of one file; raises Invalid where it is no honest one."""
    spacy = spacy_or_invalid()
    try:
        message = _checked(_unpacked(data, name), spacy)
        packed = zlib.compress(spacy.util.srsly.msgpack_dumps(message), 1)
        docs = spacy.tokens.DocBin(store_user_data=False).from_bytes(packed)
        yield from docs.get_docs(spacy.vocab.Vocab())
    except _DAMAGED as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise Invalid(
            "{name} is no file of documents of spaCy, or it is damaged: {reason}.",
            field="file",
            name=name,
            reason=reason,
        ) from error


def _unpacked(data: bytes, name: str) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(data, MOST_BYTES)
    except zlib.error as error:
        raise Invalid("{name} is no file of documents of spaCy.", field="file", name=name) from error
    if unpacker.unconsumed_tail:
        raise Invalid(
            "{name} unpacks to more than {most:,} bytes; save it in parts.", field="file", name=name, most=MOST_BYTES
        )
    return found


def _checked(packed: bytes, spacy: Any) -> dict[str, Any]:
    """Return what a file says as the library expects it, with nothing in it that was not checked."""
    import numpy as np

    told = spacy.util.srsly.msgpack_loads(packed)
    attributes, lengths = list(told["attrs"]), np.frombuffer(told["lengths"], "int32")
    words = np.frombuffer(told["tokens"], "uint64").reshape(-1, len(attributes))
    wanted = [spacy.attrs.IDS[name] for name in _ATTRIBUTES]
    count = len(lengths)
    if (lengths < 0).any() or int(lengths.astype("int64").sum()) != len(words) or len(told["spaces"]) != len(words):
        raise ValueError("its words are not those of its documents")
    kept = np.zeros((len(words), len(wanted)), "uint64")
    for place, attribute in enumerate(wanted):
        if attribute in attributes:
            kept[:, place] = words[:, attributes.index(attribute)]
    if not all(isinstance(one, str) for one in told["strings"]) or (kept[:, 1] > 3).any():  # noqa: PLR2004 - I, O, B
        raise ValueError("its words or their tags are none")
    cats, groups = told.get("cats") or [{}] * count, told.get("span_groups") or [b""] * count
    flags = told.get("flags") or [{}] * count
    if not len(cats) == len(groups) == len(flags) == count:
        raise ValueError("its parts are not of the same length")
    return {
        "version": "0.1",
        "attrs": wanted,
        "tokens": kept.tobytes(),
        "spaces": (np.frombuffer(told["spaces"], "uint8") > 0).tobytes(),
        "lengths": lengths.tobytes(),
        "strings": list(told["strings"]),
        "cats": [_cats(one) for one in cats],
        "flags": [{"has_unknown_spaces": bool(one.get("has_unknown_spaces"))} for one in flags],
        "span_groups": [_groups(one, int(length), spacy) for one, length in zip(groups, lengths, strict=True)],
    }


def _cats(given: Any) -> dict[str, float]:
    return {str(name): float(share) for name, share in dict(given).items()}


def _groups(packed: Any, words: int, spacy: Any) -> bytes:
    """Return the groups of spans of one document, each span within its words."""
    import struct

    if not packed:
        return b""
    found = spacy.util.srsly.msgpack_loads(packed)
    for one in found:  # a list of groups, or groups with the names they have
        for span in spacy.util.srsly.msgpack_loads(one)["spans"]:
            start, end = struct.unpack(">QQQllll", span)[3:5]
            if not 0 <= start < end <= words:
                raise ValueError("a span lies outside its text")
    return bytes(packed)


def _value(doc: Any, shape: str) -> tuple[dict[str, Any], Mapping[str, int]]:
    """Return a document as an object whose `label` is what the project asks for, and what it leaves out."""
    groups = [group for group in doc.spans.values() if len(group)]
    if shape == "spans":
        spans = [span for group in groups for span in group] if groups else list(doc.ents)
        listed = list(dict.fromkeys((span.start_char, span.end_char, span.label_) for span in spans))
        looked_at = groups or any(word.ent_iob for word in doc)  # no tag at all says that nobody looked
        value = {"text": doc.text, "label": [list(one) for one in listed] if looked_at else None}
        return value, {CLASSES: bool(doc.cats)}
    chosen = [name for name, share in doc.cats.items() if share >= _CHOSEN]
    unsure = sum(share not in {0.0, 1.0} for share in doc.cats.values())
    value = {"text": doc.text, "label": chosen if doc.cats else None}
    return value, {SHARES: unsure, SPANS: bool(groups or doc.ents)}


def sign(glimpse: Glimpse) -> Sign | None:
    """Know files of documents by their ending, alone or in a set."""
    inside = any(name.endswith(".spacy") for name in glimpse.files)
    why = Message("holds files that end in .spacy, as spaCy's training does.")
    return Sign(Certainty.SURE, why) if inside else glimpse.named(".spacy")


READER = Reader(
    "docbin",
    Message("spaCy binary (.spacy, DocBin)"),
    (".spacy", ".zip"),
    columns,
    read,
    shapes=frozenset({"spans", "label", "labels"}),
    media=frozenset({"text"}),
    sign=sign,
    encoded=False,
)

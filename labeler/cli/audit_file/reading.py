"""A labeled file as an audit looks at it: the rows that can be used, and the others with their reasons.

The readers are those of imports, so the same rows are refused for the same reasons. Beside them a row without a label
and a picture that cannot be opened are left out here; bad rows never stop good ones.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from labeler.cli.audit_file import columns
from labeler.errors import Invalid
from labeler.exchange.formats.detection import detect
from labeler.exchange.formats.registry import READERS
from labeler.exchange.parsing.encodings import check_readable, proposed
from labeler.exchange.parsing.image_files import path_of
from labeler.exchange.reading import open_rows
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import Mapping, ReadOptions, Source
from labeler.messages import Message
from labeler.storage.pictures import UnreadableImageError, read_size

LOOKED_AT = 400
NO_LABEL = Message("there is no label")


@dataclass(frozen=True)
class Asked:
    """What the person said of the file; "" or None for what they left to us. folder: where pictures are unpacked."""

    path: Path
    text: str
    image: str
    label: str
    encoding: str | None
    folder: Path


@dataclass(frozen=True)
class Kept:
    """One row that is looked at. name: the person's own id or the name of the picture, "" without one; file: that."""

    number: int
    name: str
    content: str | Path
    label: str
    metadata: dict[str, Any]
    file: str = ""


@dataclass
class Table:
    """A file that was read. content, label: the columns, "" where the format has none; encoding: if not UTF-8."""

    name: str
    media: Literal["text", "image"]
    content: str
    label: str
    encoding: str
    kept: list[Kept] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows the file has, or entries the folder."""
        return len(self.kept) + len(self.rejected)


Rows = Iterator[Row | RejectedRow]


@dataclass(frozen=True)
class _Door:
    """How the rows of one source are reached."""

    source: Source
    names: tuple[str, ...]
    rows: Callable[[ReadOptions], Rows]
    media: frozenset[str]


def read(asked: Asked) -> Table:
    """Read the whole file; raises Invalid when it cannot be read, or its columns must be named."""
    source = Source.local(asked.path.resolve() if asked.path.name in {"", ".", ".."} else asked.path)
    door, options, encoding = _open(source, asked.encoding)
    chosen = _choose(door, options, asked)
    content, label = chosen.content or None, chosen.label or None
    texts = chosen.media == "text"
    mapping = Mapping(text=content if texts else None, image=None if texts else content, label=label)
    table = Table(source.name, chosen.media, chosen.content, chosen.label, encoding)
    for row in door.rows(replace(options, media=chosen.media, mapping=mapping)):
        _keep(row, table, asked.folder)
    return table


def _readable(source: Source, encoding: str | None) -> tuple[ReadOptions, str]:
    """Return how to read a source; where it is in the usual encoding of Windows, and nobody said so, in that."""
    try:
        check_readable(source, ReadOptions(encoding=encoding))
    except Invalid:
        found = None if encoding else proposed(source)
        if found is None or not found.encoding:
            raise
        return ReadOptions(encoding=found.encoding), found.encoding
    return ReadOptions(encoding=encoding), encoding or ""


def _open(source: Source, encoding: str | None) -> tuple[_Door, ReadOptions, str]:
    """Return how the rows are reached, how they are to be read, and in which encoding if that is not UTF-8."""
    reader = READERS[detect(source).format]
    options, encoding = _readable(source, encoding) if reader.encoded else (ReadOptions(), "")
    media = replace(options, media="text" if "text" in reader.media else "image")

    def rows_of(how: ReadOptions) -> Rows:
        return open_rows(source, reader.name, how)[1]

    return _Door(source, reader.columns(source, media), rows_of, reader.media), options, encoding


def _choose(door: _Door, options: ReadOptions, asked: Asked) -> columns.Chosen:
    if not door.names:
        media: Literal["text", "image"] = "text" if "text" in door.media else "image"
        if wanted := asked.text or asked.image or asked.label:
            raise Invalid(
                '{source} has no columns, so "{wanted}" cannot be one: folders say which label a picture has.',
                field="columns",
                source=door.source.name,
                wanted=wanted,
            )
        return columns.Chosen(media, "", "")
    if "text" not in door.media:  # a folder or ZIP with a table beside its pictures
        return columns.Chosen("image", asked.image, asked.label)
    return columns.choose(
        door.names,
        door.source.name,
        text=asked.text,
        image=asked.image,
        label=asked.label,
        look=partial(_look, door, options),
    )


def _look(door: _Door, options: ReadOptions) -> dict[str, list[str]]:
    """Return the first values of each column as texts."""
    first, *others = door.names
    mapping = Mapping(id="", text=first, image="", label="", annotator=None, metadata=tuple(others))
    found: dict[str, list[str]] = {name: [] for name in door.names}
    for row in itertools.islice(door.rows(replace(options, mapping=mapping)), LOOKED_AT):
        if isinstance(row, Row):
            for name, value in ({first: row.text} | row.metadata).items():
                found[name].append("" if value is None else str(value)[:SHOWN].strip())
    return found


def _keep(row: Row | RejectedRow, table: Table, folder: Path) -> None:
    """Put a row where it belongs: among those that are looked at, or with a reason among those left out."""
    if isinstance(row, RejectedRow):
        table.rejected.append(row)
    elif not row.given_label:
        shown = (row.text or row.name or row.external_id or "")[:SHOWN]
        table.rejected.append(RejectedRow(row.number, table.label, NO_LABEL, shown, row.file))
    else:
        try:
            content = row.text or "" if row.image is None else _picture(row, folder)
        except (Invalid, UnreadableImageError) as error:
            reason = error.message if isinstance(error, Invalid) else error.reason
            table.rejected.append(RejectedRow(row.number, table.content, reason, row.name or "", row.file))
            return
        name = row.external_id or row.name or ""
        table.kept.append(Kept(row.number, name, content, row.given_label, row.metadata, row.name or ""))


def _picture(row: Row, folder: Path) -> Path:
    """Return the file of a row's picture, unpacked where it lies in an archive or a cell; raises when it is none."""
    assert row.image is not None  # noqa: S101 - asked only of rows with one
    data = row.image()
    read_size(data)
    where = path_of(row.image)
    if where is None:
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:  # goes with its folder at the end
            file.write(data)
        where = Path(file.name)
    return where

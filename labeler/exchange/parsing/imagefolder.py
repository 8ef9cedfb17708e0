"""A set of images with names, whether they lie in a folder or a ZIP: which folder is a label, which is a split.

The layout is that of ImageFolder: `<class>/file`, `<split>/<class>/file`, or plain files, with or without a table
(`metadata.csv` or `metadata.jsonl`, key `file_name`) beside them.

Where the answer is one class or several, a folder is a label; boxes and polygons come only by a table.

Note: where there is such a table it alone says what an image is, and folder names are no
labels. Images the table does not name are still items: nothing is dropped because nobody described it.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing import delimited, json_lines
from labeler.exchange.parsing.column_names import USUAL_NAMES
from labeler.exchange.parsing.encodings import check_readable
from labeler.exchange.parsing.row_checks import check_items
from labeler.exchange.parsing.values import label_and_value
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ImageLoader, Limits, ReadOptions, Source
from labeler.messages import Message
from labeler.task_types.registry import task_type

IMAGE_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".jfif", ".jpe", ".pjpeg", ".pjp")
)


class Table(NamedTuple):
    """How a metadata table is read."""

    columns: Callable[[Source, ReadOptions], tuple[str, ...]]
    read: Callable[[Source, ReadOptions], Iterator[Row | RejectedRow]]


TABLES = {
    "metadata.csv": Table(
        partial(delimited.read_columns, delimiters=delimited.CSV_DELIMITERS),
        partial(delimited.read_rows, delimiters=delimited.CSV_DELIMITERS),
    ),
    "metadata.jsonl": Table(json_lines.columns, json_lines.read),
}
ARCHIVES = frozenset((".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar"))
NESTED = Message("an archive within the set, which is not opened; unpack it and import it by itself")
_SPLITS = frozenset(("train", "training", "test", "testing", "val", "valid", "validation", "dev"))
_OF_THE_SYSTEM = frozenset(("thumbs.db", "desktop.ini", "__macosx"))
_WRAPPED_DEPTH = 3
_TEXT_BYTES = 256 * 1024 * 1024


class Found(NamedTuple):
    """What lies in a folder or ZIP, by relative name with forward slashes, in order.

    tables: metadata tables by their name; problems: (name, why it was left out).
    """

    images: Mapping[str, ImageLoader]
    tables: Mapping[str, Source]
    problems: tuple[tuple[str, str], ...]


def found_in(source: Source, loaders: Mapping[str, ImageLoader], problems: Iterable[tuple[str, str]]) -> Found:
    """Return what lies in a ZIP, or in a folder elsewhere, whose tables find their images among its files."""
    wrapped = wrapper(loaders)
    named = {full.removeprefix(wrapped): full for full in loaders}
    images = {name: loaders[full] for name, full in named.items() if not is_table(full)}
    tables = {
        name: Source(full, stream=io.BytesIO(loaders[full]()), find=partial(_named, images, name), fetch=source.fetch)
        for name, full in named.items()
        if is_table(full)
    }
    return Found(images, tables, tuple(problems))


def _named(images: Mapping[str, ImageLoader], table: str, value: str) -> ImageLoader:
    name = str(PurePosixPath(table).parent / value.replace("\\", "/"))
    if name not in images:
        raise Invalid('there is no image "{name}" in the archive', name=name)
    return images[name]


class Place(NamedTuple):
    """What the folders of one image say about it."""

    label: str | None
    split: str | None


def is_of_the_system(name: str) -> bool:
    """Say whether a file was left by an operating system and is nobody's data."""
    parts = (part.lower() for part in PurePosixPath(name).parts if part != "..")
    return any(part.startswith(".") or part in _OF_THE_SYSTEM for part in parts)


def sorted_out(name: str) -> str:
    """Return why a file is neither an image nor a table, or "" when it is one of them."""
    path = PurePosixPath(name)
    if path.name.lower() in TABLES or path.suffix.lower() in IMAGE_SUFFIXES:
        return ""
    if path.suffix.lower() in ARCHIVES:
        return NESTED
    return (
        Message('not an image file: its name ends in "{ending}"', ending=path.suffix)
        if path.suffix
        else Message("not an image file")
    )


def is_table(name: str) -> bool:
    """Say whether a file is a metadata table of the ImageFolder layout."""
    return PurePosixPath(name).name.lower() in TABLES


def is_image(name: str) -> bool:
    """Say whether a file is an image by its name."""
    return PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES


def largest(name: str, limits: Limits) -> int:
    """Return how many bytes a file of a set may have: what is no image holds the labels of all of them."""
    return limits.image_bytes if is_image(name) else _TEXT_BYTES


def wrapper(names: Iterable[str]) -> str:
    """Return the one folder that only wraps the others ("set/cat/1.png" → "set/"), or ""."""
    parts = [PurePosixPath(name).parts for name in names]
    tops = {part[0] for part in parts if part}
    if len(tops) != 1 or tops & _SPLITS:
        return ""
    (top,) = tops
    described = any(len(part) == 2 and part[1].lower() in TABLES for part in parts)  # noqa: PLR2004  top and file
    nested = all(len(part) >= _WRAPPED_DEPTH for part in parts)
    return f"{top}/" if described or nested else ""


def places(names: Iterable[str]) -> dict[str, Place]:
    """Say for each image what its folders mean. Splits count only when every image lies in one."""
    folders = {name: PurePosixPath(name).parts[:-1] for name in names}
    split = bool(folders) and all(parts and parts[0].lower() in _SPLITS for parts in folders.values())
    first = 1 if split else 0
    return {
        name: Place(parts[first] if len(parts) > first else None, parts[0] if split else None)
        for name, parts in folders.items()
    }


def read_set(found: Found, source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield what was left out, then a row for each image; raise Invalid when there is none to yield."""
    check_fits(source, options)
    if not found.images:
        inner = next((name for name, reason in found.problems if reason == NESTED), "")
        if inner:
            raise Invalid(
                "{name} holds no images, but {inner}, {why}.", field="file", name=source.name, inner=inner, why=NESTED
            )
        raise Invalid("{name} holds no images.", field="file", name=source.name)
    for table in found.tables.values():
        check_readable(table, options)
    number = 0
    for name, reason in found.problems:
        number += 1
        yield RejectedRow(number, "", reason, name, name)
    rows = _described(found, options) if found.tables else _by_folder(found.images, options)
    for row in rows:
        number += 1
        yield row._replace(number=number)


def check_fits(source: Source, options: ReadOptions) -> None:
    """Raise Invalid when images make no sense here."""
    check_items(source, options)
    if options.media != "image":
        raise Invalid("{name} holds images, but the items of this project are texts.", field="file", name=source.name)


def _by_folder(images: Mapping[str, ImageLoader], options: ReadOptions) -> Iterator[Row | RejectedRow]:
    placed = places(images)
    task = task_type(options.task)
    for name, loader in images.items():
        label, split = placed[name]
        value = task.from_class(label) if options.mapping.folder_labels and label is not None else None
        given, value = label_and_value(value)
        row = _row(name, loader, given, split, options)
        yield row._replace(given_value=value) if value is not None and isinstance(row, Row) else row


def _row(
    name: str, loader: ImageLoader, label: str | None, split: str | None, options: ReadOptions
) -> Row | RejectedRow:
    if len(name) > options.limits.id_characters:
        return RejectedRow(
            0, "", Message("a name longer than {most} characters", most=options.limits.id_characters), name[:200], name
        )
    return Row(0, name, None, loader, label, {"split": split} if split else {}, None, name, file=name)


def _described(found: Found, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    named: set[str] = set()
    splits = places(found.images)
    for table_name, table in found.tables.items():
        folder = table_name.rpartition("/")[0]
        for row in _table_rows(table_name, table, options):
            if isinstance(row, RejectedRow):
                yield row._replace(
                    reason=Message("{table}, row {row}: {reason}", table=table_name, row=row.number, reason=row.reason),
                    file=table_name,
                )
                continue
            name = str(PurePosixPath(folder) / (row.name or ""))
            if name in named:
                yield RejectedRow(
                    0,
                    "",
                    Message("{table}, row {row}: names an image a second time", table=table_name, row=row.number),
                    name,
                    name,
                )
                continue
            named.add(name)
            split = splits[name].split if name in splits else None
            metadata = {"split": split, **row.metadata} if split else row.metadata
            yield row._replace(external_id=row.external_id or name, name=name, metadata=metadata, file=name)
    for name, loader in found.images.items():
        if name not in named:
            yield _row(name, loader, None, splits[name].split, options)


def _table_rows(name: str, table: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Read a metadata table: `file_name` is the image whatever else it holds, unless the person says otherwise."""
    reader = TABLES[PurePosixPath(name).name.lower()]
    found = reader.columns(table, options)
    if table.stream is not None:
        table.stream.seek(0)
    chosen = options.mapping
    if chosen.image is None and "file_name" in found:
        chosen = replace(chosen, image="file_name")
    if chosen.id is None and not set(found) & set(USUAL_NAMES["id"]):
        chosen = replace(chosen, id=None)
    return reader.read(table, replace(options, mapping=chosen))

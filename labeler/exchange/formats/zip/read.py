"""A ZIP (or TAR) of images, in the ImageFolder layout, or a single image."""

import functools
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.parsing.image_files import is_picture, read_file
from labeler.exchange.parsing.imagefolder import (
    IMAGE_SUFFIXES,
    TABLES,
    Found,
    check_fits,
    found_in,
    read_set,
    sorted_out,
)
from labeler.exchange.parsing.zip_archive import unpack
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the columns of the first metadata table, () when there is none."""
    for name, table in _found(source, options).tables.items():
        return TABLES[PurePosixPath(name).name.lower()].columns(table, options)
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each image in the archive, in its order; raise Invalid when it is no honest ZIP."""
    check_fits(source, options)
    yield from read_set(_found(source, options), source, options)


def _found(source: Source, options: ReadOptions) -> Found:
    if source.path is not None and source.path.is_file() and is_picture(source.name, _head(source.path)):
        name = PurePosixPath(source.name).name
        return Found({name: functools.partial(read_file, source.path, options.limits.image_bytes)}, {}, ())
    loaders, problems = unpack(source, options.limits, sorted_out)
    return found_in(source, loaders, problems)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def sign(glimpse: Glimpse) -> Sign | None:
    """Know a picture, and any ZIP that is nothing else."""
    if glimpse.kind == "picture":
        return Sign(Certainty.SURE, Message("is a single image."))
    archive = glimpse.kind == "archive"
    return Sign(Certainty.POSSIBLE, Message("is an archive.")) if archive else None


READER = Reader(
    "zip",
    Message("ZIP of images"),
    (".zip", ".tar", ".tgz", ".gz", *sorted(IMAGE_SUFFIXES)),
    columns,
    read,
    media=frozenset({"image"}),
    sign=sign,
    usual=frozenset({"image"}),
    encoded=False,
    folder_labels=True,
)

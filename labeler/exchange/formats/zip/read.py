"""A ZIP (or TAR) of images, in the ImageFolder layout."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.parsing.imagefolder import (
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
    loaders, problems = unpack(source, options.limits, sorted_out)
    return found_in(source, loaders, problems)


def sign(glimpse: Glimpse) -> Sign | None:
    """Know any ZIP that is nothing else."""
    archive = glimpse.kind == "archive"
    return Sign(Certainty.POSSIBLE, Message("is an archive.")) if archive else None


READER = Reader(
    "zip",
    Message("ZIP of images"),
    (".zip", ".tar", ".tgz", ".gz"),
    columns,
    read,
    media=frozenset({"image"}),
    sign=sign,
    usual=frozenset({"image"}),
    encoded=False,
    folder_labels=True,
)

"""A folder of images as it comes in."""

from collections.abc import Iterator
from pathlib import Path

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.parsing.folder_files import listed, walk
from labeler.exchange.parsing.imagefolder import TABLES, Found, found_in, is_table, read_set, sorted_out, wrapper
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ImageLoader, ReadOptions, Source
from labeler.messages import Message


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the columns of the first metadata table, () when there is none."""
    for name, table in _found(source, options).tables.items():
        return TABLES[Path(name).name.lower()].columns(table, options)
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each image below the folder, in the order of names."""
    yield from read_set(_found(source, options), source, options)


def _found(source: Source, options: ReadOptions) -> Found:
    if source.files is not None:
        return found_in(source, *listed(source, sorted_out))
    if source.path is None or not source.path.is_dir():
        raise Invalid("{name} is not a folder.", field="file", name=source.name)
    loaders, problems = walk(source.path, options.limits, sorted_out)
    wrapped = wrapper(loaders)
    images: dict[str, ImageLoader] = {}
    tables: dict[str, Source] = {}
    for full, loader in loaders.items():
        path = source.path / full
        if is_table(full):
            tables[full.removeprefix(wrapped)] = Source(full, path=path, folder=path.parent)
        else:
            images[full.removeprefix(wrapped)] = loader
    return Found(images, tables, tuple(problems))


def sign(glimpse: Glimpse) -> Sign | None:
    """Know any folder that is nothing else."""
    return Sign(Certainty.POSSIBLE, Message("is a folder.")) if glimpse.kind == "directory" else None


READER = Reader(
    "folder",
    Message("Folder of images"),
    (),
    columns,
    read,
    media=frozenset({"image"}),
    sign=sign,
    local=True,
    encoded=False,
    folder_labels=True,
)

"""The first rows of a file as they stand in it, whatever a reader makes of them, for somebody to compare the two."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from labeler.errors import Invalid
from labeler.exchange.formats.registry import READERS
from labeler.exchange.parsing.dataset_files import is_set
from labeler.exchange.parsing.encodings import known_name
from labeler.exchange.parsing.text_lines import opened, text_of
from labeler.exchange.rows import Row
from labeler.exchange.sources import Mapping, ReadOptions, Source

SHOWN = 20
LONGEST = 500
_HEAD = 64 * 1024
_CUT = "…"


def raw_rows(source: Source, format_name: str, names: tuple[str, ...], options: ReadOptions) -> tuple[str, ...]:
    """Return the first lines of a text file, rows of a workbook, or names of files in a set.

    () where none can be shown: whatever is wrong with the file is said elsewhere. names: of its columns.
    """
    try:
        found = list(islice(_rows(source, format_name, names, options), SHOWN))
    except (Invalid, zipfile.BadZipFile, OSError, ValueError, RuntimeError):
        return ()
    return tuple(one if len(one) <= LONGEST else one[:LONGEST] + _CUT for one in found)


def _rows(source: Source, format_name: str, names: tuple[str, ...], options: ReadOptions) -> Iterator[str]:
    reader = READERS[format_name]
    if names and not reader.encoded and not reader.folder_labels:
        return _cells(source, format_name, names, options)
    if is_set(source):
        return _names(source)
    return _lines(source, options)


def _lines(source: Source, options: ReadOptions) -> Iterator[str]:
    with opened(source) as stream:
        head = stream.read(_HEAD)
        if source.stream is not None and source.stream.seekable():
            source.stream.seek(0)
    text = text_of(head) if options.encoding is None else head.decode(known_name(options.encoding), errors="replace")
    lines = text.splitlines()
    whole = lines[:-1] if len(head) == _HEAD and len(lines) > 1 else lines
    return iter(()) if "\0" in text else iter([line for line in whole if line.strip()])


def _names(source: Source) -> Iterator[str]:
    if source.files is not None:
        yield from source.files
    elif source.path is not None and source.path.is_dir():
        yield from (path.relative_to(source.path).as_posix() for path in sorted(islice(source.path.rglob("*"), _HEAD)))
    else:
        with opened(source) as stream, zipfile.ZipFile(stream) as archive:
            yield from (entry.filename for entry in archive.infolist() if not entry.is_dir())


def _cells(source: Source, format_name: str, names: tuple[str, ...], options: ReadOptions) -> Iterator[str]:
    """Yield the cells of each row, the first column as an id so that all others are kept as they are."""
    yield "\t".join(names)
    nothing = Mapping(id=names[0], text="", image="", label="", annotator="")
    for row in READERS[format_name].read(source, replace(options, wants="vectors", mapping=nothing)):
        if isinstance(row, Row):
            cells = [row.external_id, *row.metadata.values()]
            yield "\t".join("" if cell is None else str(cell) for cell in cells)

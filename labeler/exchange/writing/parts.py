"""Rows part by part, for files that hold one part of a split each, while they come only once and in their own order.

The rows of the first part go through as they come; those of the others wait in temporary files, so memory stays flat.
"""

import pickle
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import IO

from labeler.exchange.rows import ExportRow

_IN_MEMORY = 8 * 1024 * 1024


def divided(rows: Iterable[ExportRow], parts: Sequence[str]) -> Iterator[tuple[str, Iterator[ExportRow]]]:
    """Yield each part with its rows, which have to be taken before the next part is; "" with all of them for none."""
    if not parts:
        yield "", iter(rows)
        return
    with ExitStack() as open_files:
        waiting = {part: open_files.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY)) for part in parts[1:]}
        yield parts[0], _first(rows, parts[0], waiting)
        for part, file in waiting.items():
            yield part, _again(file)


def _first(rows: Iterable[ExportRow], part: str, waiting: Mapping[str, IO[bytes]]) -> Iterator[ExportRow]:
    for row in rows:
        if row.split == part:
            yield row
        else:
            pickle.dump(row, waiting[row.split])


def _again(file: IO[bytes]) -> Iterator[ExportRow]:
    file.seek(0)
    while True:
        try:
            yield pickle.load(file)  # noqa: S301 - written above, into a file that nobody else can open
        except EOFError:
            return


def split_of(row: ExportRow) -> str:
    """Return the part a row is in: of the split that was chosen, else what its metadata say, "" where nothing does."""
    stated = row.split or (row.metadata or {}).get("split")
    return stated if isinstance(stated, str) else ""

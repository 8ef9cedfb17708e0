"""Numbers of single contents that an earlier pass has worked out, kept so that the next one works out only new ones.

A file for each kind of numbers: rows of fixed length, each after the digest of its content. What is in it belongs to
the contents of the pass that wrote it last, so it never grows beyond a project; a file that cannot be read counts as
none. It is read and written a part at a time, so that no pass holds a second copy of its numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, BinaryIO

from labeler import durable

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from labeler.quality.dataset import Singles

    Rows = NDArray[Any]
    RowType = np.dtype[Any]

DIGEST = 16  # bytes that tell one content from another
SAVED_EVERY = 4_000  # contents after which a pass that is stopped on the way has not worked in vain
AT_ONCE = 512  # rows that are read at once


def digest_of(*content: bytes) -> bytes:
    """Return what tells this content from any other."""
    hashed = blake2b(digest_size=DIGEST)
    for part in content:
        hashed.update(part)
    return hashed.digest()


@dataclass(frozen=True)
class Known:
    """Where numbers are kept; folder: None keeps nothing."""

    folder: Path | None = None

    def rows(
        self, kind: str, texts: Sequence[str], work_out: Callable[[Sequence[str]], Singles], width: int
    ) -> Singles:
        """Return N x width numbers of N texts, equal texts worked out once.

        kind: what the numbers are, with a version: a file name; work_out: gives n x width numbers of n new texts.
        """
        import numpy as np

        digests = [digest_of(text.encode("utf-8", "surrogatepass")) for text in texts]
        return self.numbers(
            kind, digests, lambda places: work_out([texts[place] for place in places]), np.dtype(("<f4", (width,)))
        )

    def numbers(
        self, kind: str, digests: Sequence[bytes], work_out: Callable[[Sequence[int]], Rows], row: RowType
    ) -> Singles:
        """Return N rows of plain numbers for N contents, in single precision; see `each`."""
        import numpy as np

        found = np.empty((len(digests), *row.shape), dtype=np.float32)

        def take(places: Sequence[int], rows: Rows) -> None:
            found[places] = rows

        self.each(kind, digests, work_out, row, take)
        return found

    def each(
        self,
        kind: str,
        digests: Sequence[bytes],
        work_out: Callable[[Sequence[int]], Rows],
        row: RowType,
        take: Callable[[Sequence[int], Rows], None],
    ) -> None:
        """Hand over the rows of all contents, in parts and in any order; equal contents are worked out once.

        digests: of each of N contents (see `digest_of`); work_out: gives the rows of contents at some places; row: what
        one is, in as many bytes as are kept; take: told places, which may repeat in no other part, and their rows.
        """
        places: dict[bytes, list[int]] = {}
        for place, digest in enumerate(digests):
            places.setdefault(digest, []).append(place)
        kept, stale = set(), False
        for read, rows in self._read(kind, row):
            wanted = [n for n, digest in enumerate(read) if digest in places and digest not in kept]
            stale = stale or len(wanted) < len(read)
            _hand_over([places[read[n]] for n in wanted], rows[wanted], take)
            kept |= {read[n] for n in wanted}
        new = [digest for digest in places if digest not in kept]
        for begin in range(0, len(new), SAVED_EVERY):
            part = new[begin : begin + SAVED_EVERY]
            rows = work_out([places[digest][0] for digest in part]).astype(row.base, copy=False)
            _hand_over([places[digest] for digest in part], rows, take)
            self._write(kind, row, kept, (part, rows))
            kept |= set(part)
        if stale and not new:
            self._write(kind, row, kept, None)

    def forget(self, beginning: str, *, but: str) -> None:
        """Remove what was kept of the kinds that begin with this, but for one."""
        with suppress(OSError):
            for path in self.folder.glob(f"{beginning}*.npy") if self.folder is not None else ():
                if path.stem != but:
                    path.unlink(missing_ok=True)

    def _path(self, kind: str) -> Path | None:
        return None if self.folder is None else self.folder / f"{kind}.npy"

    def _read(self, kind: str, row: RowType) -> Iterator[tuple[list[bytes], Rows]]:
        """Yield the digests and rows of a file, a part at a time; nothing of one that is not whole."""
        import numpy as np

        path, one = self._path(kind), _with_digest(row)
        try:
            if path is None or not path.is_file():
                return
            with path.open("rb") as file:
                for count in _parts(file, one):
                    read = np.frombuffer(file.read(count * one.itemsize), dtype=one)
                    yield [bytes(digest) for digest in read["digest"]], read["row"]
        except (OSError, ValueError):
            return

    def _write(
        self, kind: str, row: RowType, kept: Collection[bytes], new: tuple[Sequence[bytes], Rows] | None
    ) -> None:
        """Replace a file by what of it is kept and what is new."""
        import numpy as np

        path, one = self._path(kind), _with_digest(row)
        if self.folder is None or path is None:
            return
        added = np.empty(len(new[0]) if new else 0, dtype=one)
        if new:
            added["digest"] = np.frombuffer(b"".join(new[0]), dtype=f"V{DIGEST}")
            added["row"] = new[1]
        with suppress(OSError):  # a full disk, or the project was deleted meanwhile: the pass itself goes on
            durable.make_folder(self.folder)
            with durable.writing(path) as file:
                _write_header(file, one, len(kept) + len(added))
                left = set(kept)
                for digests, rows in self._read(kind, row):
                    for digest, numbers in zip(digests, rows, strict=True):
                        if digest in left:
                            left.discard(digest)
                            file.write(digest + numbers.tobytes())
                file.write(added.tobytes())


def _hand_over(places: Sequence[Sequence[int]], rows: Rows, take: Callable[[Sequence[int], Rows], None]) -> None:
    """Give each row to all of its places."""
    import numpy as np

    if len(places):
        each = np.repeat(np.arange(len(places)), [len(own) for own in places])
        take([place for own in places for place in own], rows[each])


def _with_digest(row: RowType) -> RowType:
    import numpy as np

    return np.dtype([("digest", f"V{DIGEST}"), ("row", row)])


def _parts(file: BinaryIO, one: RowType) -> Iterator[int]:
    """Read the header and yield how many rows follow, a part at a time; ValueError unless all are there."""
    import os

    from numpy.lib import format as npy

    if npy.read_magic(file) != (1, 0):
        raise ValueError("another version")
    shape, _, kind = npy.read_array_header_1_0(file)
    rest = os.fstat(file.fileno()).st_size - file.tell()
    if kind != one or rest != shape[0] * one.itemsize:
        raise ValueError("other rows, or not all of them")
    for begin in range(0, shape[0], AT_ONCE):
        yield min(AT_ONCE, shape[0] - begin)


def _write_header(file: BinaryIO, one: RowType, count: int) -> None:
    from numpy.lib import format as npy

    described = {"descr": npy.dtype_to_descr(one), "fortran_order": False, "shape": (count,)}
    npy.write_array_header_1_0(file, described)

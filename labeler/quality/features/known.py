"""Numbers of single contents that an earlier pass has worked out, kept so that the next one works out only new ones.

A file for each kind of numbers. What is in it belongs to the contents of the pass that wrote it last, so it never grows
beyond a project; a file that cannot be read counts as none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from labeler import durable

if TYPE_CHECKING:
    from pathlib import Path

    from labeler.quality.dataset import Singles

DIGEST = 16  # bytes that tell one content from another
SAVED_EVERY = 4_000  # contents after which a pass that is stopped on the way has not worked in vain


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

        digests = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST).digest() for text in texts]
        first = {digest: place for place, digest in reversed(list(enumerate(digests)))}
        wanted = sorted(first, key=first.__getitem__)
        found = self._read(kind, width)
        new = [digest for digest in wanted if digest not in found]
        for begin in range(0, len(new), SAVED_EVERY):
            part = new[begin : begin + SAVED_EVERY]
            found |= zip(part, work_out([texts[first[digest]] for digest in part]), strict=True)
            self._write(kind, {digest: found[digest] for digest in wanted if digest in found}, width)
        rows: Singles = np.array([found[digest] for digest in digests], dtype=np.float32).reshape(-1, width)
        return rows

    def _read(self, kind: str, width: int) -> dict[bytes, Singles]:
        import numpy as np

        if self.folder is None:
            return {}
        try:
            with (self.folder / f"{kind}.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
                digests, rows = kept["digests"], kept["rows"]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return {}
        if digests.shape != (len(rows), DIGEST) or rows.shape[1:] != (width,):
            return {}
        return {bytes(digest): row for digest, row in zip(digests, rows, strict=True)}

    def _write(self, kind: str, found: dict[bytes, Singles], width: int) -> None:
        import numpy as np

        if self.folder is None:
            return
        digests = np.frombuffer(b"".join(found), dtype=np.uint8).reshape(-1, DIGEST)
        rows = np.array(list(found.values()), dtype=np.float32).reshape(-1, width)
        with suppress(OSError):  # a full disk, or the project was deleted meanwhile: the pass itself goes on
            durable.make_folder(self.folder)
            with durable.writing(self.folder / f"{kind}.npz") as file:
                np.savez(file, digests=digests, rows=rows)

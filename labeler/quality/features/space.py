"""One dense space of several feature blocks, in which similar items are near each other.

A truncated singular value decomposition of the blocks side by side, by random projection (Halko, Martinsson, Tropp
2011), block after block: putting them side by side would take as much memory as all of them once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labeler.quality.folds import one_thread

if TYPE_CHECKING:
    from labeler.quality.dataset import Singles

SIZE = 128
MORE = 10  # random directions beyond those wanted
ROUNDS = 2


def of_blocks(blocks: Sequence[Singles], seed: int) -> Singles:
    """Return N x at most SIZE unit rows of standardised blocks, each of N rows and of the same weight in all.

    N x 0 where no block says anything.
    """
    import numpy as np
    from sklearn.preprocessing import normalize

    matrices = [block for block in blocks if block.any()]
    rows = len(blocks[0])
    if not matrices:
        return np.zeros((rows, 0), dtype=np.float32)
    weights = [np.float32(1 / max(1, block.shape[1]) ** 0.5) for block in matrices]
    width = sum(block.shape[1] for block in matrices)
    ends = np.cumsum([block.shape[1] for block in matrices])[:-1]
    size = min(SIZE, rows, width)

    def times(other: Singles) -> Singles:
        parts = zip(matrices, weights, np.split(other, ends), strict=True)
        return sum(block @ (part * weight) for block, weight, part in parts)  # type: ignore[return-value]

    def transposed_times(other: Singles) -> Singles:
        return np.concatenate([block.T @ other * weight for block, weight in zip(matrices, weights, strict=True)])

    random = np.random.default_rng(seed)
    with one_thread():
        seen = times(random.standard_normal((width, min(size + MORE, rows, width)), dtype=np.float32))
        for _ in range(ROUNDS):
            seen = times(np.linalg.qr(transposed_times(np.linalg.qr(seen)[0]))[0])
        basis = np.linalg.qr(seen)[0]
        left, strength, _ = np.linalg.svd(transposed_times(basis).T, full_matrices=False)
        found: Singles = normalize(basis @ (left[:, :size] * strength[:size])).astype(np.float32)
    return found

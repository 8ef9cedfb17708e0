"""Vectors of any model as unit rows without what all items have in common, so that cosines tell items apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labeler.quality.dataset import Singles, Truths


def centred(rows: Singles, said: Truths) -> Singles:
    """Return N x D unit rows, zeros where nothing is said of an item (N booleans)."""
    import numpy as np

    if not said.any():
        return np.zeros_like(rows)
    found = np.where(said[:, None], rows - rows[said].mean(axis=0), np.float32(0.0))
    found /= np.linalg.norm(found, axis=1, keepdims=True) + 1e-9
    unit: Singles = found.astype(np.float32, copy=False)
    return unit


def said(rows: Singles) -> Truths:
    """Return N booleans: whether anything is said of an item, by a row that is not all zeros."""
    import numpy as np

    found: Truths = np.linalg.norm(rows, axis=1) > 0
    return found

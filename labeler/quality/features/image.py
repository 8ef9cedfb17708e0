"""Images as shapes (HOG), as colours, and as small patches.

An image is opened once, shrunk to a 64 x 64 thumbnail, and everything is computed from that. A file that cannot be
opened becomes a grey square and is reported as blank; one broken upload must not stop the pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labeler.quality.dataset import FeatureBlock, Features
from labeler.quality.features import patches
from labeler.quality.folds import one_thread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.quality.dataset import Floats, Singles

    Pictures = NDArray[np.uint8]

SIDE = 64
SAME_FROM = 0.995
SPACE = 128
CONSTANT = 1e-6  # spread below which a column says nothing


def extract(paths: Sequence[Path], seed: int) -> Features:
    """Build the blocks "shape" (HOG), "colour" and "patches" from image files."""
    import numpy as np

    pictures = np.full((len(paths), SIDE, SIDE, 3), 128, dtype=np.uint8)
    blank = np.zeros(len(paths), dtype=bool)
    first: dict[str, int] = {}
    groups = np.arange(len(paths), dtype=np.int64)
    for place, path in enumerate(paths):
        picture, digest = open_picture(path)
        if picture is None:
            blank[place] = True
        else:
            pictures[place] = picture
            groups[place] = first.setdefault(digest, place)
    if not len(paths):
        return Features([], np.zeros((0, 0), np.float32), np.zeros((0, 1)), SAME_FROM, groups, blank)
    found = {
        "shape": describe_shapes(pictures),
        "colour": _colours(pictures),
        "patches": patches.describe(pictures, seed),
    }
    blocks = [FeatureBlock(name, _standard(matrix)) for name, matrix in found.items()]
    return Features(blocks, _space(blocks, seed), _fingerprint(pictures), SAME_FROM, groups, blank)


def open_picture(path: Path) -> tuple[Pictures | None, str]:
    """Read one image as SIDE x SIDE x 3 bytes and its checksum; None when Pillow cannot read it."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as image:
            image.draft("RGB", (SIDE, SIDE))
            full = image.convert("RGBA") if image.mode == "P" else image  # Pillow warns of transparency in palettes
            small = full.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
        return np.asarray(small, dtype=np.uint8), hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None, ""


def describe_shapes(pictures: Pictures) -> Singles:
    """Histograms of oriented gradients (Dalal and Triggs 2005), 8 x 8 cells, 9 directions: N x 1764."""
    import numpy as np
    from skimage.feature import hog

    grey = pictures.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    rows = [hog(one, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2)) for one in grey]
    return np.asarray(rows, dtype=np.float32).reshape(len(pictures), -1)


def _colours(pictures: Pictures) -> Singles:
    """Mean colours on an 8 x 8 grid, and how often each of 64 coarse colours occurs: N x 256."""
    import numpy as np

    count = len(pictures)
    grid = pictures.reshape(count, 8, 8, 8, 8, 3).mean(axis=(2, 4)).reshape(count, -1) / 255.0
    coarse = (pictures >> 6).astype(np.int64)
    code = (coarse[..., 0] * 16 + coarse[..., 1] * 4 + coarse[..., 2]).reshape(count, -1)
    flat = (code + 64 * np.arange(count)[:, None]).ravel()
    share = np.bincount(flat, minlength=64 * count).reshape(count, 64) / float(SIDE * SIDE)
    return np.hstack([grid, np.sqrt(share)]).astype(np.float32)


def _standard(matrix: Singles) -> Singles:
    """Give every column mean 0 and spread 1 (constant columns stay 0), so that one penalty fits all."""
    import numpy as np

    spread = matrix.std(axis=0)
    scaled: Singles = ((matrix - matrix.mean(axis=0)) / np.where(spread > CONSTANT, spread, np.inf)).astype(np.float32)
    return scaled


def _space(blocks: Sequence[FeatureBlock], seed: int) -> Singles:
    import numpy as np
    from sklearn.preprocessing import normalize
    from sklearn.utils.extmath import randomized_svd

    joined = np.hstack([block.matrix / max(1.0, block.matrix.shape[1] ** 0.5) for block in blocks])
    if min(joined.shape) == 0 or not joined.any():
        return np.zeros((len(joined), 0), dtype=np.float32)
    with one_thread():
        left, strength, _ = randomized_svd(joined, min(SPACE, *joined.shape), n_iter=2, random_state=seed)
    space: Singles = normalize(left * strength).astype(np.float32)
    return space


def _fingerprint(pictures: Pictures) -> Floats:
    """Return 16 x 16 colour pictures without their mean, as unit rows."""
    from sklearn.preprocessing import normalize

    count = len(pictures)
    small = pictures.reshape(count, 16, 4, 16, 4, 3).mean(axis=(2, 4)).reshape(count, -1)
    unit: Floats = normalize(small - small.mean(axis=1, keepdims=True))
    return unit

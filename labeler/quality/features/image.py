"""Images as shapes (HOG), as colours, and as small patches.

An image is opened once, shrunk to a 64 x 64 thumbnail, and everything is computed from that, in blocks of images: what
is kept of each is 20 KB of numbers, never its pixels. A file that cannot be opened becomes a grey square and is
reported as blank; one broken upload must not stop the pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from labeler.quality.dataset import FeatureBlock, Features
from labeler.quality.features import looks, patches
from labeler.quality.folds import one_thread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from labeler.quality.dataset import Integers, Singles, Truths

    Pictures = NDArray[np.uint8]

See = Callable[["Image.Image", tuple[int, int]], None]

SIDE = 64
SAME_FROM = 0.995
SPACE = 128
CONSTANT = 1e-6  # spread below which a column says nothing
BLOCK = 128  # images whose pixels are held at once
SHAPES, COLOURS, PRINT = 1764, 256, 768  # columns


def extract(paths: Sequence[Path], seed: int) -> Features:
    """Build the blocks "shape" (HOG), "colour" and "patches" from image files."""
    import numpy as np

    if not len(paths):
        nobody = np.zeros(0, np.int64)
        return Features([], np.zeros((0, 0), np.float32), np.zeros((0, 1)), SAME_FROM, nobody, nobody > 0)
    seen = looks.unseen(len(paths))
    opened = (open_picture(path, partial(looks.see, seen, place)) for place, path in enumerate(paths))
    return replace(_described(_read(len(paths), opened), seed), looks=seen)


class Crop(NamedTuple):
    """A part of a picture. left, top, right, bottom: as shares of its width and height, 0 to 1."""

    path: Path
    left: float
    top: float
    right: float
    bottom: float


def extract_crops(crops: Sequence[Crop], seed: int) -> Features:
    """Do the same for parts of pictures, at least one; a file whose crops follow each other is opened once."""
    return _described(_read(len(crops), _open_crops(crops)), seed)


def _open_crops(crops: Sequence[Crop]) -> Iterator[tuple[Pictures | None, str]]:
    import numpy as np
    from PIL import Image

    for path, own in groupby(crops, key=lambda crop: crop.path):
        whole = _whole(path)
        for number, crop in enumerate(own):
            if whole is None:
                yield None, ""
                continue
            wide, high = whole.size
            box = (
                int(crop.left * wide),
                int(crop.top * high),
                max(int(crop.left * wide) + 1, round(crop.right * wide)),
                max(int(crop.top * high) + 1, round(crop.bottom * high)),
            )
            small = whole.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box)
            yield np.asarray(small, dtype=np.uint8), f"{path} {number}"


def _whole(path: Path) -> Image.Image | None:
    """Return a picture in its colours; None where Pillow cannot read it."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.convert("RGBA" if image.mode == "P" else image.mode).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _described(read: _Read, seed: int) -> Features:
    found = {"shape": read.shapes, "colour": read.colours, "patches": patches.describe(read.small, seed)}
    for matrix in found.values():
        _standardise(matrix)
    blocks = [FeatureBlock(name, matrix) for name, matrix in found.items()]
    return Features(blocks, _space(blocks, seed), read.prints, SAME_FROM, read.groups, read.blank)


@dataclass(frozen=True)
class _Read:
    """What is kept of N images: three kinds of numbers, and 32 x 32 pixels to cut patches from."""

    shapes: Singles
    colours: Singles
    prints: Singles
    small: Pictures
    groups: Integers
    blank: Truths


def _read(count: int, pictures: Iterator[tuple[Pictures | None, str]]) -> _Read:
    """Take pictures with their checksums, None for one that cannot be read, a block at a time."""
    import numpy as np

    read = _Read(
        shapes=np.empty((count, SHAPES), np.float32),
        colours=np.empty((count, COLOURS), np.float32),
        prints=np.empty((count, PRINT), np.float32),
        small=np.empty((count, patches.SIDE, patches.SIDE, 3), np.uint8),
        groups=np.arange(count, dtype=np.int64),
        blank=np.zeros(count, dtype=bool),
    )
    first: dict[str, int] = {}
    for begin in range(0, count, BLOCK):
        block = np.full((min(BLOCK, count - begin), SIDE, SIDE, 3), 128, dtype=np.uint8)
        for place, (picture, digest) in enumerate(islice(pictures, len(block)), start=begin):
            if picture is None:
                read.blank[place] = True
            else:
                block[place - begin] = picture
                read.groups[place] = first.setdefault(digest, place)
        part = slice(begin, begin + len(block))
        read.shapes[part], read.colours[part] = describe_shapes(block), _colours(block)
        read.prints[part], read.small[part] = _fingerprint(block), patches.shrink(block)
    return read


def open_picture(path: Path, see: See | None = None) -> tuple[Pictures | None, str]:
    """Read one image as SIDE x SIDE x 3 bytes and its checksum; None when Pillow cannot read it.

    see: is shown the image as it was opened, in its colours, and told the size of the file.
    """
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as image:
            size = image.size
            image.draft("RGB", (2 * SIDE, 2 * SIDE))  # edges show at that size
            full = image.convert("RGBA") if image.mode == "P" else image  # Pillow warns of transparency in palettes
            plain = full.convert("RGB")
            small = plain.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
            if see is not None:
                see(plain, size)
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
    grid = pictures.reshape(count, 8, 8, 8, 8, 3).mean(axis=(2, 4), dtype=np.float32).reshape(count, -1) / 255.0
    coarse = (pictures >> 6).astype(np.int64)
    code = (coarse[..., 0] * 16 + coarse[..., 1] * 4 + coarse[..., 2]).reshape(count, -1)
    flat = (code + 64 * np.arange(count)[:, None]).ravel()
    share = np.bincount(flat, minlength=64 * count).reshape(count, 64) / float(SIDE * SIDE)
    return np.hstack([grid, np.sqrt(share)]).astype(np.float32)


def _standardise(matrix: Singles) -> None:
    """Give every column mean 0 and spread 1 (constant columns become 0) in place, so that one penalty fits all."""
    import numpy as np

    spread = matrix.std(axis=0)
    matrix -= matrix.mean(axis=0)
    matrix /= np.where(spread > CONSTANT, spread, np.inf)


def _space(blocks: Sequence[FeatureBlock], seed: int) -> Singles:
    import numpy as np
    from sklearn.preprocessing import normalize
    from sklearn.utils.extmath import randomized_svd

    joined = np.empty((len(blocks[0].matrix), sum(block.matrix.shape[1] for block in blocks)), np.float32)
    begin = 0
    for block in blocks:
        width = block.matrix.shape[1]
        np.divide(block.matrix, max(1.0, width**0.5), out=joined[:, begin : begin + width])
        begin += width
    if not joined.any():
        return np.zeros((len(joined), 0), dtype=np.float32)
    with one_thread():
        left, strength, _ = randomized_svd(joined, min(SPACE, *joined.shape), n_iter=2, random_state=seed)
    space: Singles = normalize(left * strength).astype(np.float32)
    return space


def _fingerprint(pictures: Pictures) -> Singles:
    """Return 16 x 16 colour pictures without their mean, as unit rows."""
    import numpy as np
    from sklearn.preprocessing import normalize

    count = len(pictures)
    small = pictures.reshape(count, 16, 4, 16, 4, 3).mean(axis=(2, 4), dtype=np.float32).reshape(count, -1)
    unit: Singles = normalize(small - small.mean(axis=1, keepdims=True))
    return unit

"""Images as shapes (HOG), as colours, and as small patches.

An image is opened once, shrunk to a 64 x 64 thumbnail, and everything is computed from that, in blocks of images: what
is kept of each is 9 KB of numbers, never its file, and they are kept for the next pass as well, which opens only new
images. A file that cannot be opened becomes a grey square and is reported as blank; one broken upload must not stop the
pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from labeler.quality import compute
from labeler.quality.dataset import FeatureBlock, Features
from labeler.quality.features import looks, patches, space
from labeler.quality.features.known import Known, digest_of
from labeler.quality.folds import one_thread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from labeler.quality.dataset import Integers, Singles, Truths
    from labeler.quality.features.known import Rows, RowType

    Pictures = NDArray[np.uint8]

KIND = "picture-2"  # what is kept of a picture and how it is worked out; another way needs another name
SIDE = 64
SAME_FROM = 0.995
CONSTANT = 1e-6  # spread below which a column says nothing
BLOCK = 128  # images whose pixels are held at once
SHAPES, COLOURS, PRINT = 1764, 256, 768  # columns


def extract(paths: Sequence[Path], seed: int, known: Known) -> Features:
    """Build the blocks "shape" (HOG), "colour" and "patches" from image files."""
    import numpy as np

    if not len(paths):
        nobody = np.zeros(0, np.int64)
        return Features([], np.zeros((0, 0), np.float32), np.zeros((0, 1)), SAME_FROM, nobody, nobody > 0)
    digests = [digest_of(content(path)) for path in paths]
    read = _Read.of(len(paths))
    known.each(
        KIND,
        digests,
        lambda places: _work_out([paths[place] for place in places]),
        _row(),
        read.take,
    )
    first: dict[bytes, int] = {}
    groups = np.array([first.setdefault(digest, place) for place, digest in enumerate(digests)], dtype=np.int64)
    groups = np.where(read.blank, np.arange(len(paths)), groups)
    found = _described(read, groups, patches.describe(read.small, seed, digests, known), seed)
    return replace(found, looks=looks.of(read.look, read.size))


class Picture(NamedTuple):
    """An opened picture: SIDE x SIDE x 3 bytes, and how it looked as it was opened."""

    pixels: Pictures
    look: looks.Look


class Crop(NamedTuple):
    """A part of a picture. left, top, right, bottom: as shares of its width and height, 0 to 1."""

    path: Path
    left: float
    top: float
    right: float
    bottom: float


def extract_crops(crops: Sequence[Crop], seed: int) -> Features:
    """Do the same for parts of pictures, at least one; a file whose crops follow each other is opened once."""
    import numpy as np

    count = len(crops)
    read, pictures = _Read.of(count), _open_crops(crops)
    for begin in range(0, count, BLOCK):
        places = range(begin, min(begin + BLOCK, count))
        read.take(places, _rows(len(places), islice(pictures, len(places))))
    each_its_own = [place.to_bytes(8) for place in range(count)]
    return _described(read, np.arange(count), patches.describe(read.small, seed, each_its_own, Known()), seed)


def _open_crops(crops: Sequence[Crop]) -> Iterator[Picture | None]:
    import numpy as np
    from PIL import Image

    for path, own in groupby(crops, key=lambda crop: crop.path):
        whole = open_whole(path)
        for crop in own:
            if whole is None:
                yield None
                continue
            wide, high = whole.size
            box = (
                int(crop.left * wide),
                int(crop.top * high),
                max(int(crop.left * wide) + 1, round(crop.right * wide)),
                max(int(crop.top * high) + 1, round(crop.bottom * high)),
            )
            small = whole.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box)
            yield Picture(np.asarray(small, dtype=np.uint8), looks.UNSEEN)


def open_whole(path: Path) -> Image.Image | None:
    """Return a picture in its colours; None where Pillow cannot read it."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.convert("RGBA" if image.mode == "P" else image.mode).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _described(read: _Read, groups: Integers, parts: Singles, seed: int) -> Features:
    found = {"shape": read.shapes, "colour": read.colours, "patches": parts}
    for matrix in found.values():
        _standardise(matrix)
    blocks = [FeatureBlock(name, matrix) for name, matrix in found.items()]
    return Features(blocks, space.of_blocks(list(found.values()), seed), read.prints, SAME_FROM, groups, read.blank)


@dataclass(frozen=True)
class _Read:
    """What is kept of N images: three kinds of numbers, and 32 x 32 pixels to cut patches from."""

    shapes: Singles
    colours: Singles
    prints: Singles
    small: Pictures
    blank: Truths
    look: Singles
    size: Integers

    @classmethod
    def of(cls, count: int) -> _Read:
        """Make room for so many images."""
        import numpy as np

        return cls(
            shapes=np.empty((count, SHAPES), np.float32),
            colours=np.empty((count, COLOURS), np.float32),
            prints=np.empty((count, PRINT), np.float32),
            small=np.empty((count, patches.SIDE, patches.SIDE, 3), np.uint8),
            blank=np.zeros(count, dtype=bool),
            look=np.full((count, looks.GREYS), np.nan, np.float32),
            size=np.zeros((count, 2), np.int64),
        )

    def take(self, places: Sequence[int], rows: Rows) -> None:
        """Put what is known of some images in its place."""
        for name, part in vars(self).items():
            part[places] = rows[name]


def _row() -> RowType:
    """Return what is kept of an image, in half precision: HOG and shares of colours have no more to say."""
    import numpy as np

    return np.dtype(
        [
            ("shapes", "<f2", (SHAPES,)),
            ("colours", "<f2", (COLOURS,)),
            ("prints", "<f2", (PRINT,)),
            ("small", "u1", (patches.SIDE, patches.SIDE, 3)),
            ("blank", "?"),
            ("look", "<f4", (looks.GREYS,)),
            ("size", "<i4", (2,)),
        ]
    )


def _work_out(paths: Sequence[Path]) -> Rows:
    import numpy as np

    parts = (paths[begin : begin + BLOCK] for begin in range(0, len(paths), BLOCK))
    return np.concatenate(compute.run(_of_block, ([content(path) for path in part] for part in parts)))


def _of_block(contents: Sequence[bytes]) -> Rows:
    """Work out what is kept of some pictures, given as files."""
    with one_thread():
        return _rows(len(contents), (open_picture(BytesIO(one)) for one in contents))


def _rows(count: int, pictures: Iterator[Picture | None]) -> Rows:
    """Work out what is kept of so many images, None for one that cannot be read, a block at a time."""
    import numpy as np

    rows: NDArray[Any] = np.zeros(count, dtype=_row())
    for begin in range(0, count, BLOCK):
        block = np.full((min(BLOCK, count - begin), SIDE, SIDE, 3), 128, dtype=np.uint8)
        part = rows[begin : begin + len(block)]
        for place, picture in enumerate(islice(pictures, len(block))):
            part["blank"][place] = picture is None
            part["look"][place], part["size"][place] = picture.look if picture else looks.UNSEEN
            block[place] = picture.pixels if picture else 128
        part["shapes"], part["colours"] = describe_shapes(block), _colours(block)
        part["prints"], part["small"] = _fingerprint(block), patches.shrink(block)
    return rows


def content(path: Path) -> bytes:
    """Return what is in a file, nothing where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def open_picture(path: Path | BytesIO) -> Picture | None:
    """Read one image; None when Pillow cannot read it."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as image:
            size = image.size
            image.draft("RGB", (2 * SIDE, 2 * SIDE))  # edges show at that size
            full = image.convert("RGBA") if image.mode == "P" else image  # Pillow warns of transparency in palettes
            plain = full.convert("RGB")
            small = plain.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
            return Picture(np.asarray(small, dtype=np.uint8), looks.see(plain, size))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


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


def _fingerprint(pictures: Pictures) -> Singles:
    """Return 16 x 16 colour pictures without their mean, as unit rows."""
    import numpy as np
    from sklearn.preprocessing import normalize

    count = len(pictures)
    small = pictures.reshape(count, 16, 4, 16, 4, 3).mean(axis=(2, 4), dtype=np.float32).reshape(count, -1)
    unit: Singles = normalize(small - small.mean(axis=1, keepdims=True))
    return unit

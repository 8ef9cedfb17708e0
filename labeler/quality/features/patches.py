"""What small parts an image is made of: patches matched to a vocabulary learnt from the project's own images.

Single-layer k-means features (Coates, Ng, Lee 2011): 6 x 6 patches are contrast-normalised and whitened, spherical
k-means finds typical ones, and each quarter of an image is described by how near its patches are to each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labeler.quality import compute
from labeler.quality.features.known import Known, digest_of
from labeler.quality.folds import one_thread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.quality.dataset import Floats, Singles

    Pictures = NDArray[np.uint8]

KIND = "patches-1"  # another way to describe them needs another name
SIDE = 32
PATCH = 6
STRIDE = 2
WORDS = 200
SAMPLE = 40_000  # patches that the vocabulary is learnt from
EACH = 50  # of them from one image
STEPS = 12
BATCH = 64
SENT = 512  # images that are described in one piece of work


def shrink(pictures: Pictures) -> Pictures:
    """Halve n x 64 x 64 x 3 bytes to SIDE x SIDE."""
    import numpy as np

    mean = pictures.reshape(len(pictures), SIDE, 2, SIDE, 2, 3).mean(axis=(2, 4), dtype=np.float32)
    small: Pictures = np.rint(mean).astype(np.uint8)
    return small


def describe(small: Pictures, seed: int, digests: Sequence[bytes], known: Known) -> Singles:
    """Return N x 4 WORDS numbers for N x SIDE x SIDE x 3 bytes.

    digests: of the N images; known: what an earlier pass worked out of them with the same vocabulary.
    """
    import numpy as np

    sample = _sample(small, np.random.default_rng(seed))
    mean, whiten = _whitening(sample)
    vocabulary = _typical(((sample - mean) @ whiten).astype(np.float32), seed)

    def work_out(places: Sequence[int]) -> Singles:
        parts = (small[places[at : at + SENT]] for at in range(0, len(places), SENT))
        return np.concatenate(compute.run(_encode_part, ((part, mean, whiten, vocabulary) for part in parts)))

    words = vocabulary.tobytes() + mean.tobytes()
    keys = [digest_of(digest, words) for digest in digests]
    return known.numbers(KIND, keys, work_out, np.dtype(("<f2", (4 * WORDS,))))


def _cut(images: Pictures) -> Singles:
    """Cut n images into n x P x P x 108 contrast-normalised patches."""
    import numpy as np

    windows = np.lib.stride_tricks.sliding_window_view(images.astype(np.float32), (PATCH, PATCH), axis=(1, 2))[
        :, ::STRIDE, ::STRIDE
    ]
    flat = windows.reshape(*windows.shape[:3], -1)
    centred = flat - flat.mean(axis=-1, keepdims=True)
    patches: Singles = centred / np.sqrt(centred.var(axis=-1, keepdims=True) + 10.0)
    return patches


def _sample(images: Pictures, random: np.random.Generator) -> Singles:
    """Take EACH patches from some of the images, about SAMPLE in all."""
    import numpy as np

    taken = []
    for image in random.permutation(len(images))[: max(1, SAMPLE // EACH)]:
        patches = _cut(images[image : image + 1]).reshape(-1, 3 * PATCH * PATCH)
        taken.append(patches[random.permutation(len(patches))[:EACH]])
    return np.concatenate(taken)


def _whitening(patches: Singles) -> tuple[Singles, Singles]:
    """Return the mean and the ZCA matrix that takes neighbouring pixels' likeness out of patches."""
    import numpy as np

    mean = patches.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(patches, rowvar=False) + 0.1 * np.eye(patches.shape[1]))
    whiten = (vectors / np.sqrt(np.maximum(values, 1e-6))) @ vectors.T
    return mean, whiten.astype(np.float32)


def _typical(patches: Singles, seed: int) -> Singles:
    """Spherical k-means: WORDS unit rows."""
    import numpy as np

    words = _unit(np.random.default_rng(seed).standard_normal((WORDS, patches.shape[1])))
    for _ in range(STEPS):
        match = patches @ words.T
        best = np.abs(match).argmax(axis=1)
        weight = np.zeros_like(match)
        weight[np.arange(len(best)), best] = match[np.arange(len(best)), best]
        words = _unit(words + weight.T @ patches)
    return words


def _unit(rows: Floats | Singles) -> Singles:
    import numpy as np

    unit: Singles = (rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-8)).astype(np.float32)
    return unit


def _encode_part(part: tuple[Pictures, Singles, Singles, Singles]) -> Singles:
    """Describe some images: N x 32 x 32 x 3 bytes, with mean, whitening and vocabulary."""
    import numpy as np

    images, *how = part
    found = np.empty((len(images), 4 * WORDS), dtype=np.float32)
    with one_thread():
        for at in range(0, len(images), BATCH):
            found[at : at + BATCH] = _encode(images[at : at + BATCH], *how)
    return found


def _encode(images: Pictures, mean: Singles, whiten: Singles, vocabulary: Singles) -> Floats:
    """Return n x 4 WORDS: for each quarter of an image, how strongly each word occurs (soft threshold)."""
    import numpy as np

    match = (_cut(images) - mean) @ (whiten @ vocabulary.T)
    strong = np.maximum(match - 0.5, 0.0)
    half = strong.shape[1] // 2
    rows, columns = (slice(None, half), slice(half, None)), (slice(None, half), slice(half, None))
    quarters = [strong[:, row, column].mean(axis=(1, 2)) for row in rows for column in columns]
    return np.hstack(quarters)

"""Whether two texts are the same, or nearly: asked of whole texts, however long.

The same: equal after Unicode NFKC, case folding and with runs of white space as one blank. Nearly the same: character
runs alike by cosine, with what all texts of the set share weighing nothing, and hardly any words that only one of the
two has. The first alone would call two contracts the same that share forty pages and differ in the last line.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from labeler.quality.dataset import Matrix

if TYPE_CHECKING:
    from labeler.quality.dataset import Integers

SAME_FROM = 0.9
DIFFERENT = 20  # pieces of words that may stand in one of two nearly identical texts and not in the other
PIECE = r"(?u)\w{1,8}"  # also cuts up scripts that write no blanks
BUCKETS = 2**11  # that pieces are counted in: bounds the memory of a text of a million words


def groups(texts: Sequence[str]) -> Integers:
    """Return for each of N texts the position of the first one that is the same."""
    import numpy as np

    first: dict[bytes, int] = {}
    keys = (blake2b(" ".join(text.casefold().split()).encode(), digest_size=16).digest() for text in texts)
    return np.array([first.setdefault(key, place) for place, key in enumerate(keys)], dtype=np.int64)


def fingerprint(runs: Matrix) -> Matrix:
    """Weigh N x D TF-IDF rows again, so that a run that every text has weighs nearly nothing; unit rows."""
    import numpy as np
    from scipy.sparse import diags
    from sklearn.preprocessing import normalize

    if not runs.shape[1]:
        return runs
    texts = runs.shape[0]
    having = np.bincount(runs.indices, minlength=runs.shape[1])
    usual = np.log((1 + texts) / (1 + having)) + 1  # the weight that TF-IDF gave
    weight = np.log((1 + texts) / np.maximum(having, 1)) / usual
    return normalize(runs @ diags(weight.astype(np.float32))).astype(np.float32)


def pieces(texts: Sequence[str]) -> Matrix:
    """Count the pieces of words of N whole texts: N x BUCKETS, sparse."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import HashingVectorizer

    if not texts:
        return csr_matrix((0, BUCKETS), dtype=np.float32)
    counter = HashingVectorizer(
        n_features=BUCKETS, token_pattern=PIECE, norm=None, alternate_sign=False, dtype=np.float32
    )
    return counter.transform(texts)

"""Texts as words, as character runs, as topics, and as what they mean.

Character runs carry any script, also those without spaces between words; words carry meaning where spaces exist.
Topics are a low-rank view (LSA: Deerwester et al. 1990) of both: too coarse for duplicates, good for "similar items".
What a text means comes from a sentence encoder (`meaning.py`).
Note: a very long text is read in windows, but only for these features. Whether two texts are
the same is asked of the whole texts (`sameness.py`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labeler.quality.dataset import FeatureBlock, Features, Matrix
from labeler.quality.features import meaning, sameness
from labeler.quality.features.known import Known
from labeler.quality.features.windows import window
from labeler.quality.folds import one_thread

if TYPE_CHECKING:
    from labeler.quality.dataset import Singles

TOPICS = 96
SAMPLE = 20_000  # texts from which the topics are found
WORDS = 100_000
RUNS = 50_000
WORD = r"(?u)\b\w+\b"  # also words of one letter, which scikit-learn leaves out
LONGEST = 5_000  # characters that models read of one text; more costs minutes and changes little


def extract(texts: Sequence[str], seed: int, known: Known) -> Features:
    """Build the blocks "words", "characters", "topics" and "meaning" (each only when there is one)."""
    import numpy as np

    whole = [unicodedata.normalize("NFKC", text).strip() for text in texts]
    plain = [window(text, LONGEST) for text in whole]
    words = _tfidf(plain, ngram_range=(1, 2), token_pattern=WORD, max_features=WORDS)
    runs = _tfidf(plain, analyzer="char_wb", ngram_range=(2, 5), max_features=RUNS)
    found = [(name, matrix) for name, matrix in (("words", words), ("characters", runs)) if matrix.shape[1]]
    blocks = [FeatureBlock(name, matrix) for name, matrix in found]
    space = _topics([matrix for _, matrix in found], len(plain), seed)
    if space.shape[1] > 1:
        blocks.append(FeatureBlock("topics", space))
    meant = meaning.encode(whole, known)
    blank = np.array([not text for text in whole], dtype=bool)
    fingerprint = sameness.fingerprint(runs)
    found_so_far = Features(
        blocks,
        space,
        fingerprint,
        sameness.SAME_FROM,
        sameness.groups(whole),
        blank,
        pieces=sameness.pieces(whole),
    )
    return found_so_far if meant is None else found_so_far.beside({"meaning": meant})


def _tfidf(texts: Sequence[str], **options: Any) -> Matrix:
    """Weigh terms by TF-IDF; an empty vocabulary gives N x 0 instead of scikit-learn's ValueError."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    rare = 2 if len(texts) >= 100 else 1  # noqa: PLR2004 - in a small project every term counts
    vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=rare, dtype=np.float32, **options)
    try:
        return vectorizer.fit_transform(texts)
    except ValueError:  # "empty vocabulary" or "no terms remain": nothing readable in any text
        return csr_matrix((len(texts), 0), dtype=np.float32)


def _topics(matrices: Sequence[Matrix], rows: int, seed: int) -> Singles:
    import numpy as np
    from scipy.sparse import hstack
    from sklearn.preprocessing import normalize
    from sklearn.utils.extmath import randomized_svd

    if not matrices:
        return np.zeros((rows, 0), dtype=np.float32)
    joined = hstack(matrices, format="csr")
    read = joined
    if rows > SAMPLE:
        read = joined[np.sort(np.random.default_rng(seed).choice(rows, SAMPLE, replace=False))]
    with one_thread():
        _, _, topics = randomized_svd(read, min(TOPICS, *read.shape), n_iter=2, random_state=seed)
        space: Singles = normalize(joined @ topics.T).astype(np.float32)
    return space

"""How far two answers in free text are apart: character and word error rate.

Speech and text recognition divide the number of edits (insertions, deletions, substitutions: Levenshtein 1966) by the
length of a reference. Among annotators nobody is the reference, so here the edits are divided by the length of the
longer of the two texts: the rate is the same both ways round and never above 1. It is never larger than the usual rate
with either text as the reference, and equal to it where the reference is the longer one.

Both are taken of the normal form (normal.py), so line ends and double blanks are no errors, and case and punctuation
are. Characters are code points of that form: a letter with its accent is one wherever Unicode has it as one, while a
letter with a mark that has no form of its own, and an emoji joined of several, count as several. Graphemes, what a
reader counts, would need the tables of the Unicode version in use, and the rates would change with it.

Words are what stands between white space. Chinese, Japanese, Thai, Lao, Khmer and Burmese are written without it: a
sentence is one "word" there, so the word rate is 0 or 1 and says little more than whether the sentence is the same. A
segmenter would make the number depend on its guesses. So the character rate is the one that leads, everywhere.
"""

from collections.abc import Sequence
from itertools import combinations
from math import fsum

from rapidfuzz.distance import Levenshtein

from labeler.task_types.text.normal import normal


def edits(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many characters of two normal forms (or words of two lists) must be put in, taken out or replaced."""
    return Levenshtein.distance(first, second)


def error_rate(first: Sequence[str], second: Sequence[str]) -> float:
    """Return edits over the length of the longer one, 0 (equal) to 1; two empty ones: 0."""
    return edits(first, second) / max(len(first), len(second), 1)


def mean_rates(texts: Sequence[str]) -> tuple[float, float, float]:
    """Return the means over all pairs of two texts or more: character rate, word rate, share of equal pairs.

    The order of the texts does not change a digit.
    """
    plain = [normal(text) for text in texts]
    words = {text: text.split() for text in plain}
    pairs = list(combinations(plain, 2))
    characters = fsum(error_rate(a, b) for a, b in pairs)
    by_words = fsum(error_rate(words[a], words[b]) for a, b in pairs)
    return characters / len(pairs), by_words / len(pairs), sum(a == b for a, b in pairs) / len(pairs)

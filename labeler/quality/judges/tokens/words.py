"""Texts as tokens that marks are compared on, and what a model sees of a token: itself and its neighbours.

A token is a run of letters and digits, any other sign by itself, and in scripts that write no blanks each character
with the signs on it. Tokens are cut without a look at the marks, or the cuts would tell a model where marks end. So a
mark that covers less than half of every token it touches cannot be judged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labeler.quality.dataset import Integers, Matrix

# Thai, Lao, Tibetan, Burmese, Khmer, kana, Han: nobody writes blanks between words
_UNSPACED = (
    "\u0e01-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
BLOCK = 100_000  # tokens whose features are held as words at once
SEEN = 22  # features a token


@dataclass(frozen=True)
class Tokens:
    """T tokens of n texts. starts, ends: offsets in code points; begins: n + 1, the first token of each text."""

    starts: Integers
    ends: Integers
    begins: Integers
    words: list[str]

    @property
    def text_of(self) -> Integers:
        """Return the text of each token."""
        import numpy as np

        return np.repeat(np.arange(len(self.begins) - 1), np.diff(self.begins))


def cut(texts: Sequence[str]) -> Tokens:
    """Cut texts into tokens."""
    import numpy as np

    starts: list[int] = []
    ends: list[int] = []
    words: list[str] = []
    begins = [0]
    for text in texts:
        for found in _pattern().finditer(text):
            starts.append(found.start())
            ends.append(found.end())
            words.append(found[0])
        begins.append(len(starts))
    return Tokens(np.array(starts, np.int64), np.array(ends, np.int64), np.array(begins, np.int64), words)


@cache
def _pattern() -> re.Pattern[str]:
    marks = "".join(re.escape(chr(code)) for code in range(0x300, 0x10000) if unicodedata.combining(chr(code)))
    marks += "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in {"Mc", "Mn"})
    return re.compile(rf"[{_UNSPACED}][{marks}]*|(?:[^\W{_UNSPACED}]|[{marks}])+|\S")


def token_range(tokens: Tokens, text: int, start: int, end: int) -> tuple[int, int]:
    """Return the first token of a mark and the one after its last: those it covers by half or more; equal for none."""
    import numpy as np

    first, last = int(tokens.begins[text]), int(tokens.begins[text + 1])
    low = first + int(np.searchsorted(tokens.ends[first:last], start, side="right"))
    high = first + int(np.searchsorted(tokens.starts[first:last], end, side="left"))
    while (
        low < high and 2 * (tokens.ends[low] - max(tokens.starts[low], start)) < tokens.ends[low] - tokens.starts[low]
    ):
        low += 1
    while low < high and 2 * (min(tokens.ends[high - 1], end) - tokens.starts[high - 1]) < (
        tokens.ends[high - 1] - tokens.starts[high - 1]
    ):
        high -= 1
    return low, high


def features(tokens: Tokens, columns: int) -> Matrix:
    """Return T x columns hashed features of tokens and of their neighbours in the same text, each row of length 1."""
    import numpy as np
    from scipy.sparse import vstack
    from sklearn.feature_extraction import FeatureHasher

    hasher = FeatureHasher(columns, input_type="string", alternate_sign=False, dtype=np.float32)
    seen = list(_seen(tokens))
    blocks = [hasher.transform(seen[at : at + BLOCK]) for at in range(0, len(seen), BLOCK)]
    found = vstack(blocks, format="csr") if blocks else hasher.transform([])
    found.data /= np.float32(SEEN**0.5)
    return found


def _seen(tokens: Tokens) -> Iterator[list[str]]:
    edge = ("", "", "", "")
    for text in range(len(tokens.begins) - 1):
        own = [_form(word) for word in tokens.words[tokens.begins[text] : tokens.begins[text + 1]]]
        around = [edge, edge, *own, edge, edge]
        for place in range(len(own)):
            yield _of_token(around[place : place + 5], first=place == 0)


@cache
def _form(word: str) -> tuple[str, str, str, str]:
    """Return the word, its end, its beginning, and its shape: which kinds of characters it is made of."""
    low = word.casefold()
    kinds = "".join("X" if c.isupper() else "9" if c.isdigit() else "x" if c.isalpha() else c for c in word)
    return low, low[-3:], low[:3], re.sub(r"(.)\1+", r"\1+", kinds)[:8]


def _of_token(around: Sequence[tuple[str, str, str, str]], *, first: bool) -> list[str]:
    (far, *_), before, here, after, (farther, *_) = around
    return [
        f"0{here[0]}", f"1{here[1]}", f"2{here[2]}", f"3{here[3]}", f"4{len(here[0])}",
        f"5{before[0]}", f"6{before[1]}", f"7{before[3]}", f"8{after[0]}", f"9{after[1]}", f"a{after[3]}",
        f"b{far}", f"c{farther}", f"d{before[0]} {here[0]}", f"e{here[0]} {after[0]}",
        f"f{before[0]} {here[0]} {after[0]}", f"g{far} {before[0]}", f"h{after[0]} {farther}",
        f"i{before[3]} {here[3]} {after[3]}", f"j{here[3]} {first}", f"k{far} {before[0]} {here[0]}",
        f"l{here[0]} {after[0]} {farther}",
    ]  # fmt: skip

"""What of an item is shown: a short text whole, of a long one the stretch whose words decide between two classes."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from labeler.cli.audit_file.masks import masked

LONGEST = 300  # characters
COUNTED = 20_000  # texts that words are counted in
_WORD = re.compile(r"\w{2,30}")
_BLANKS = re.compile(r"\s+")


@dataclass
class Excerpts:
    """Makes excerpts of N texts with the class positions of their labels; words are counted once, when needed."""

    texts: Sequence[str]
    labels: Sequence[int]

    def of(self, item: int, *, instead: int | None = None) -> str:
        """Return at most `LONGEST` characters of a text, masked; instead: the class that is suggested for it."""
        text = _BLANKS.sub(" ", self.texts[item]).strip()
        if len(text) <= LONGEST:
            return masked(text)
        begin = 0 if instead is None else self._best(text, self.labels[item], instead)
        shown = masked(text[begin : begin + LONGEST].strip())
        return f"{'… ' if begin else ''}{shown}{' …' if begin + LONGEST < len(text) else ''}"

    def _best(self, text: str, given: int, instead: int) -> int:
        """Return where the stretch begins in which most speaks for one class and against the other."""
        words = [
            (found.start(), self._speaks(found.group().casefold(), given, instead)) for found in _WORD.finditer(text)
        ]
        best, at, first, total = 0.0, 0, 0, 0.0
        for place, (start, weight) in enumerate(words):
            total += weight
            while words[first][0] < start - LONGEST + 40:
                total -= words[first][1]
                first += 1
            if total > best and place >= first:
                best, at = total, words[first][0]
        return at

    def _speaks(self, word: str, given: int, instead: int) -> float:
        having, sizes = self._having
        odds = (having[instead][word] + 0.5) / (sizes[instead] + 1) * (sizes[given] + 1) / (having[given][word] + 0.5)
        return max(0.0, math.log(odds))

    @cached_property
    def _having(self) -> tuple[dict[int, Counter[str]], Counter[int]]:
        """How many texts of each class have each word, and how many texts each class has."""
        sizes = Counter(self.labels[:COUNTED])
        having: dict[int, Counter[str]] = {label: Counter() for label in set(self.labels)}
        for text, label in zip(self.texts[:COUNTED], self.labels, strict=False):
            having[label].update(set(_WORD.findall(text[:5000].casefold())))
        return having, sizes

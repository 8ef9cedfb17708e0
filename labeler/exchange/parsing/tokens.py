"""Words and marks of a text with their places, for formats that know tokens and not characters.

A word is a run of letters, digits and underscores; anything else but blanks stands alone. Marks that belong to the
character before them (accents, vowel signs, joiners, variation selectors) stay with it, so no word of any script is cut
inside a character.

Note: this is one way to cut among many, and a language without blanks between words comes out
as long runs. Places count Unicode code points, ends exclusive.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

Place = tuple[int, int]

_SIMPLE = re.compile(r"\w+|[^\w\s]")
_CLINGING = frozenset(("Mn", "Mc", "Me", "Cf"))


class Fitted(NamedTuple):
    """Spans put onto tokens. spans: (first token, token after the last, label), in order, none overlapping.

    moved, overlapping, empty: how many did not begin and end at the edge of a token and were moved to it, were left out
    because another one stands there, or hold no token at all.
    """

    spans: list[tuple[int, int, str]]
    moved: int
    overlapping: int
    empty: int


def tokens_of(text: str) -> list[Place]:
    """Return (start, end) of each token, in order."""
    found = [match.span() for match in _SIMPLE.finditer(text)]
    return found if text.isascii() else _joined(found, text)


def at_blanks(text: str) -> list[Place]:
    """Return (start, end) of each run between single blanks, for texts that were put together from tokens."""
    places, at = [], 0
    for part in text.split(" "):
        if part:
            places.append((at, at + len(part)))
        at += len(part) + 1
    return places


def fitted(spans: Sequence[dict[str, Any]], tokens: Sequence[Place]) -> Fitted:
    """Put spans onto tokens; of overlapping ones the one that begins first stands, of those the longest."""
    moved = overlapping = empty = 0
    taken: list[tuple[int, int, str]] = []
    at = 0
    for span in sorted(spans, key=lambda span: (span["start"], -span["end"])):
        start, end = span["start"], span["end"]
        while at < len(tokens) and tokens[at][1] <= start:
            at += 1
        last = at
        while last < len(tokens) and tokens[last][0] < end:
            last += 1
        if last == at:
            empty += 1
        elif taken and taken[-1][1] > at:
            overlapping += 1
        else:
            moved += (tokens[at][0], tokens[last - 1][1]) != (start, end)
            taken.append((at, last, span["label"]))
    return Fitted(taken, moved, overlapping, empty)


def uneven(spans: Sequence[dict[str, Any]], tokens: Sequence[Place]) -> int:
    """Return how many spans do not begin and end at the edge of a token."""
    starts, ends = {start for start, _ in tokens}, {end for _, end in tokens}
    return sum(span["start"] not in starts or span["end"] not in ends for span in spans)


def _joined(found: list[Place], text: str) -> list[Place]:
    """Join what belongs to the character before it, and the letters that follow such a mark, to one token."""
    joined: list[Place] = []
    clung = False
    for start, end in found:
        clings = end - start == 1 and unicodedata.category(text[start]) in _CLINGING
        touches = bool(joined) and joined[-1][1] == start
        goes_on = clung and touches and _is_word(text[start]) and _is_word(text[joined[-1][0]])
        if touches and (clings or goes_on):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
        clung = clings
    return joined


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"

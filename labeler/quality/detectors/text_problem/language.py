"""Texts in another language or another script than nearly all of their set.

What is usual is learnt from the set itself, so it may be in any language, also in several. A text is in another one
when many of its words are small words of one language (`function_words.py`) that hardly any other text has, twice as
many as it has of those that are usual here or are small words of the language of the set; or when its letters are of a
script that hardly any other text is written in. Short texts that hold few such words are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from labeler.quality.detectors.text_problem.function_words import FUNCTION_WORDS
from labeler.quality.features.windows import window

FEWEST = 20  # texts, below which nothing is usual
RARE = 0.02  # share of the texts up to which a word, or a script, is not usual
USUAL_SCRIPT = 0.8  # least share of the texts in one script where another one is odd
WORDS, SHARE = 3, 0.2  # least different words of the other language, and their least share of a text
TWICE = 2  # least words of the other language for each word that is at home here
LETTERS = 6  # least letters of another script
LONGEST = 2_000  # characters of a text that are read
SCRIPT_SEEN = 300  # letters show the script long before
_WORD = re.compile(r"[^\W\d_]+")
_BLOCK = 7  # bits of a code point within which letters are of one script, nearly always


class Foreign(NamedTuple):
    """What is foreign in a text. language, words: a code and its words found; script, usual: where that tells."""

    share: float
    language: str = ""
    words: tuple[str, ...] = ()
    script: str = ""
    usual: str = ""


def find(texts: Sequence[str]) -> dict[int, Foreign]:
    """Return the texts (by position) that are in another language or script than nearly all others."""
    if len(texts) < FEWEST:
        return {}
    read = [window(text, LONGEST) for text in texts]
    return _by_words(read) | _by_script(read)


def _by_words(texts: Sequence[str]) -> dict[int, Foreign]:
    words = [_WORD.findall(text.casefold()) for text in texts]
    texts_with = Counter(word for one in words for word in set(one))
    most = max(2, int(RARE * len(texts)))
    usual = {word for word, count in texts_with.items() if count > most}
    home = max(FUNCTION_WORDS, key=lambda language: len(FUNCTION_WORDS[language] & usual))
    at_home = usual | FUNCTION_WORDS[home]
    foreign = {language: known - at_home for language, known in FUNCTION_WORDS.items()}
    any_foreign = frozenset().union(*foreign.values())
    found = {}
    for place, own in enumerate(words):
        if len(any_foreign.intersection(own)) >= WORDS and (seen := _foreign(own, foreign, at_home)):
            found[place] = seen
    return found


def _foreign(words: Sequence[str], foreign: dict[str, frozenset[str]], at_home: set[str]) -> Foreign | None:
    """Return the language whose small words are most of a text; None where the words of the set are more."""
    counted = {language: sum(word in known for word in words) for language, known in foreign.items()}
    language = max(counted, key=lambda code: (counted[code], len(foreign[code].intersection(words))))
    shown = tuple(dict.fromkeys(word for word in words if word in foreign[language]))
    own = sum(word in at_home for word in words)
    if len(shown) < WORDS or counted[language] < max(SHARE * len(words), TWICE * own):
        return None
    return Foreign(counted[language] / len(words), language, shown[:WORDS])


def _by_script(texts: Sequence[str]) -> dict[int, Foreign]:
    mains = [_main_script(text) for text in texts]
    written = Counter(script for script, _ in mains if script)
    if not written:
        return {}
    usual, count = written.most_common(1)[0]
    if count < USUAL_SCRIPT * written.total():
        return {}
    most = max(2, int(RARE * written.total()))
    return {
        place: Foreign(share, script=script, usual=usual)
        for place, (script, share) in enumerate(mains)
        if script and script != usual and written[script] <= most
    }


def _main_script(text: str) -> tuple[str, float]:
    """Return the script that most letters of a text are of, and their share; "" for too few letters."""
    if text.isascii():
        return ("LATIN", 1.0) if any(map(str.isalpha, text)) else ("", 0.0)
    counted = Counter(script_of(ord(sign) >> _BLOCK) for sign in text[:SCRIPT_SEEN] if sign.isalpha())
    script, count = counted.most_common(1)[0] if counted else ("", 0)
    return (script, count / counted.total()) if count >= LETTERS else ("", 0.0)


@cache
def script_of(block: int) -> str:
    """Return the script of a block of code points, by the first word of a letter's name; Han and kana are one."""
    letters = (chr((block << _BLOCK) + place) for place in range(1 << _BLOCK))
    name = next((unicodedata.name(letter, "") for letter in letters if letter.isalpha()), "").split(" ")[0]
    return "CJK" if name in {"HIRAGANA", "KATAKANA", "IDEOGRAPHIC"} else name

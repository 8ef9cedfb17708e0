"""What a text is kept as, and what two texts are compared by.

Kept is what was typed. Only the ends of lines become a line feed, since a browser, a file and a system write them
differently without anybody having typed that; the Unicode form is left alone. A text with a control character is
refused: none can be typed, databases and file formats break on them, and to drop one in silence would change the
answer. A tab is kept.

Compared is the normal form: Unicode NFC, so that "é" is one letter however the keyboard made it; every run of white
space (line ends, tabs, no-break and ideographic blanks) is one blank; none at either end. Everything else counts:
upper and lower case, punctuation, accents, which quotation marks, full and half width (NFKC would merge those), and
characters nobody sees, like a zero-width joiner, which is a letter's form in Persian and part of many emoji.
"""

import re
import unicodedata
from collections.abc import Sequence

from labeler.errors import Invalid

LONGEST = 10_000  # characters of an answer where a project says nothing else
_UNKEPT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # also half a character, which no file can hold


def kept(text: str) -> str:
    r"""Return a text as it is stored: as typed, lines ended by "\n".

    Raises Invalid naming the first character that cannot be kept, and where it stands (characters counted from 1).
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if wrong := _UNKEPT.search(lines):
        raise Invalid(
            "Character {place:,} of the text ({code}) is a control character and cannot be kept; take it out.",
            field="text",
            place=wrong.start() + 1,
            code=f"U+{ord(wrong[0]):04X}",
        )
    return lines


def within(text: str, *, shortest: int = 0, longest: int = 0) -> str:
    """Return a kept text whose length is allowed; raises Invalid saying by how much it is not.

    Characters are Unicode code points. The longest counts the text as typed, the shortest without the white space
    around it, or a blank would do. 0: no limit of the project; then `LONGEST` holds.
    """
    if len(text) > (longest or LONGEST):
        raise Invalid(
            "The text is too long: {count:,} of at most {most:,} characters.",
            field="text",
            count=len(text),
            most=longest or LONGEST,
        )
    if len(text.strip()) < shortest:
        raise Invalid(
            "The text is too short: {count:,} of at least {least:,} characters.",
            field="text",
            count=len(text.strip()),
            least=shortest,
        )
    return text


def normal(text: str) -> str:
    """Return what a text is compared by: NFC, white space as single blanks between words, case and signs kept."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def direction(texts: Sequence[str]) -> str:
    """Return "rtl" where the first letter with a direction in these texts runs from right to left, else "ltr".

    It is what `dir="auto"` does, which a browser does not do for text inside <bdi> (Unicode Bidirectional Algorithm,
    rules P2 and P3).
    """
    for text in texts:
        for character in text:
            kind = unicodedata.bidirectional(character)
            if kind in ("L", "R", "AL"):
                return "ltr" if kind == "L" else "rtl"
    return "ltr"

"""Where a span begins and ends, counted in UTF-16 code units as JavaScript does, made Unicode code points.

The two differ behind the first character beyond U+FFFF, such as an emoji, which counts two in UTF-16.

Note: no file says which of the two it counts. A tool that also writes the text of a span can
be checked; where there is none, a text's places are taken for UTF-16 only if as code points one of them cuts a word or
lies past the end, and as UTF-16 all are made of whole words.
"""

import re
from collections.abc import Sequence

from labeler.errors import Invalid

Place = tuple[int, int]

_BEYOND = "\uffff"
_BLANKS = re.compile(r"(\s|\\n)+")


def differ(text: str) -> bool:
    """Say whether the two ways to count can differ in a text."""
    return not text.isascii() and max(text) > _BEYOND


def to_code_points(text: str, places: Sequence[Place]) -> list[Place] | None:
    """Return places counted in UTF-16 as code points; None where one is past the end or inside a character."""
    at: dict[int, int] = {}
    units = 0
    for point, character in enumerate(text):
        at[units] = point
        units += 2 if character > _BEYOND else 1
    at[units] = len(text)
    converted = [(at.get(start), at.get(end)) for start, end in places]
    if any(start is None or end is None for start, end in converted):
        return None
    return [(start, end) for start, end in converted if start is not None and end is not None]


def guessed(text: str, places: Sequence[Place]) -> list[Place]:
    """Return places as code points, whichever way they were counted."""
    if not differ(text) or not any(_cuts(text, place) for place in places):
        return list(places)
    converted = to_code_points(text, places)
    if converted is None or any(_cuts(text, place) or _has_blank_edge(text, place) for place in converted):
        return list(places)
    return converted


def quoted_place(text: str, place: Place, quote: str) -> Place:
    """Return the place where the quoted text stands, counted either way; raises Invalid when it stands at neither."""
    for start, end in (place, *(to_code_points(text, [place]) or ())):
        if 0 <= start < end <= len(text) and _BLANKS.sub("", text[start:end]) == _BLANKS.sub("", quote):
            return start, end
    raise Invalid(
        "at {start} to {end} stands another text than {quote!r}",
        field="spans",
        start=place[0],
        end=place[1],
        quote=quote[:40],
    )


def _cuts(text: str, place: Place) -> bool:
    start, end = place
    return not 0 <= start < end <= len(text) or _inside_word(text, start) or _inside_word(text, end)


def _has_blank_edge(text: str, place: Place) -> bool:
    return text[place[0]].isspace() or text[place[1] - 1].isspace()


def _inside_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()

"""Letters that were lost or garbled on their way: UTF-8 that was read as Windows-1252, and replacement characters.

A letter beyond ASCII is two to four bytes in UTF-8. Read one by one as Windows-1252 or Latin-1, "ü" becomes "Ã¼" and a
typographic apostrophe "â€™". What such a run of signs stood for is seen by turning it into bytes again and reading
these as UTF-8; that works by chance so seldom that one run is enough for the forms nobody writes, and three for others.
"""

import re
from typing import NamedTuple

LOST = "\N{REPLACEMENT CHARACTER}"
ENOUGH = 3  # runs that are each readable, of those that may be writing

_HIGH = "".join(bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0xA0)).replace(LOST, "")
_FOLLOWS = f"[{re.escape(_HIGH)}\x80-\xbf]"
_RUN = re.compile(f"[Â-ß]{_FOLLOWS}|[à-ï]{_FOLLOWS}{{2}}|[ð-ô]{_FOLLOWS}{{3}}")
_BYTES = {bytes([byte]).decode("cp1252"): byte for byte in range(0x80, 0xA0) if byte not in b"\x81\x8d\x8f\x90\x9d"}
_QUOTES = frozenset("\u2018\u2019\u201c\u201d»«…\u2013—")  # may follow an accented capital in writing
_NEVER = ("â€", "ðŸ")  # nobody writes these: quotes and dashes, and smileys become them
_SELDOM = ("Ã", "Â")  # letters and signs of Western languages become these


class Broken(NamedTuple):
    """What is garbled. places: how many; shown: the first of them; meant: what it stood for, "" where it is lost."""

    places: int
    shown: str
    meant: str


def find(text: str) -> Broken | None:
    """Return what is garbled in a text, None for nothing."""
    if text.isascii():
        return None
    runs = [(run, meant) for run in _RUN.findall(text) if (meant := _meant(run))]
    if len(runs) >= ENOUGH or any(_is_sure(run) for run, _ in runs):
        return Broken(len(runs), *runs[0])
    lost = text.count(LOST)
    return Broken(lost, LOST, "") if lost else None


def _meant(run: str) -> str:
    """Return what the bytes of a run say as UTF-8, "" where they say nothing that is written."""
    try:
        meant = bytes(_BYTES.get(sign, ord(sign)) for sign in run).decode("utf-8")
    except ValueError:
        return ""
    return meant if meant.isprintable() or meant.isspace() else ""


def _is_sure(run: str) -> bool:
    return run.startswith(_NEVER) or (run.startswith(_SELDOM) and run[-1] not in _QUOTES)

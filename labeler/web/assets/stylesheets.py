"""The stylesheets of a page, joined into one in the order they are given, without comments and indentation.

What a reader would get wrong: the joined file lies in another folder than its parts, so addresses in them would point
elsewhere. There are none (icons are inline, fonts are the system's), and one that is added is refused.
"""

import re
from collections.abc import Callable, Sequence

_PIECES = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|/\*.*?\*/|\s*(\n)\s*""", re.DOTALL)
_ADDRESS = re.compile(r"@import\b|\burl\((?!\s*[\"']?data:)", re.IGNORECASE)


def join_stylesheets(names: Sequence[str], read: Callable[[str], str]) -> str:
    """Return the text of all stylesheets as one. Raises ValueError, naming the sheet, for an address in it."""
    parts = []
    for name in names:
        text = _PIECES.sub(lambda found: found[1] or found[2] or "", read(name)).strip()
        if found := _ADDRESS.search(text):
            raise ValueError(f"{name}: {found[0]} names another file, and the joined sheet lies in another folder")
        parts.append(f"{text}\n")
    return "".join(parts)

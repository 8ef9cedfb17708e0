"""What an import left out, counted by kind.

Note: a reason names what it is about (a class, a line, a number), so that two of one kind are
two sentences. The kind is the sentence without that.
"""

import re
from collections import Counter
from collections.abc import Iterable

from labeler.messages import Message

MOST_KINDS = 50
"""Kinds that are told apart in one import; what comes after them is counted together."""
OTHERS = Message("other reasons")
_DETAIL = re.compile(r"""'[^']*'|"[^"]*"|\b\d[\d,.]*\b""")
_NAMED_LIST = re.compile(r"(; it has ).*")


def kind_of(reason: str) -> str:
    """Return a reason without what it names: quoted words and numbers become an ellipsis."""
    return reason.masked(_masked) if isinstance(reason, Message) else _masked(reason)


def _masked(reason: str) -> str:
    return _DETAIL.sub("…", _NAMED_LIST.sub(r"\1…", reason))[:200]


def merged(kinds: Counter[str], more: Iterable[tuple[str, int]]) -> Counter[str]:
    """Return counts by kind with more of them added; kinds beyond the most go together."""
    found = Counter(kinds)
    for kind, count in more:
        known = kind in found or len(found) < MOST_KINDS
        found[kind if known else OTHERS] += count
    return found

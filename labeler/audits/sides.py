"""The two sides of a difference, in an order that tells nobody which one is the label. A calculation."""

import hashlib

from labeler.audits.queries import Judged
from labeler.task_types.base import Value

Side = tuple[str, Value | None]
"""A label as it is kept: its code, and the value beside it."""


def sides(one: Judged) -> list[Side]:
    """Return label and answer in an order that chance fixed when the answer got its key: the same at every look."""
    both = [(one.item.code, one.item.value)]
    if one.answer is None:
        return both
    both.append((one.answer.code, one.answer.value))
    turned = hashlib.sha256(one.answer.key.encode()).digest()[0] % 2
    return both[::-1] if turned else both

"""Texts that stand in a file again, in formats whose rows are examples to train on and have no ids.

In training each counts, so each is an item: the first goes by its text, the others by ids made of it, which are the
same at every import.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator

from labeler.exchange.rows import RejectedRow, Row

_DIGEST = 12
_SHOWN = 6


def told_apart(rows: Iterable[Row | RejectedRow]) -> Iterator[Row | RejectedRow]:
    """Yield rows; one without an id whose text stood there before gets an id."""
    met: Counter[bytes] = Counter()
    for row in rows:
        if isinstance(row, RejectedRow) or row.external_id is not None or row.text is None:
            yield row
            continue
        digest = hashlib.sha256(row.text.encode()).digest()[:_DIGEST]
        met[digest] += 1
        yield row if met[digest] == 1 else row._replace(external_id=f"{digest[:_SHOWN].hex()}-{met[digest]}")

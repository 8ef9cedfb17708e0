"""Numbers in addresses and forms, which anybody may write as they like.

What a reader would get wrong: `int` is not enough. Neither database takes a number of any length as an id: SQLite
refuses more than 64 bits and PostgreSQL more than 32, which would be an error of ours instead of "not there".
"""

from labeler.extensions.access import NO_ID


def id_in(text: str) -> int:
    """Return the number a text says; raises ValueError (so that `get(…, type=id_in)` falls back) for what is no id."""
    number = int(text)
    if not 0 <= number < NO_ID:
        raise ValueError("no id is as large as this")
    return number

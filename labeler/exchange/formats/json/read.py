"""JSON as it comes in: one list of objects, read without ever holding the list."""

from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.parsing.json_list import columns, read
from labeler.messages import Message


def sign(glimpse: Glimpse) -> Sign | None:
    """Know a list by its first character."""
    begins = glimpse.text.startswith("[")
    return Sign(Certainty.LIKELY, Message("begins with [, as a JSON list does.")) if begins else None


READER = Reader(
    "json",
    Message("JSON list"),
    (".json",),
    columns,
    read,
    answers=True,
    sign=sign,
    family="json",
    sent_as=("application/json",),
)

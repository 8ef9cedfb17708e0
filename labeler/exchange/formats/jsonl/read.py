"""JSON Lines as it comes in: one object a line, blank lines ignored."""

from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.parsing.json_lines import columns, read
from labeler.messages import Message


def sign(glimpse: Glimpse) -> Sign | None:
    """Know lines of JSON by their ending, or by the object that the first one is."""
    begins = glimpse.text.startswith("{")
    looks = Sign(Certainty.LIKELY, Message("begins with an object, as JSON Lines does.")) if begins else None
    return glimpse.named(".jsonl", ".ndjson") or looks


READER = Reader(
    "jsonl",
    "JSON Lines",
    (".jsonl", ".ndjson"),
    columns,
    read,
    answers=True,
    sign=sign,
    family="json",
    sent_as=("application/x-ndjson", "application/jsonl"),
)

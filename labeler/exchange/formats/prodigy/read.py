"""Prodigy's JSON Lines as it comes in."""

import re

from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.parsing.json_lines import columns, read
from labeler.messages import Message

_HASHES = re.compile(r'"_(?:input|task)_hash"\s*:')
_ANSWER = re.compile(r'"answer"\s*:\s*"(?:accept|reject|ignore)"')


def sign(glimpse: Glimpse) -> Sign | None:
    """Know tasks by their hashes, or by their answers beside spans."""
    text = glimpse.text
    known = text.startswith("{") and (_HASHES.search(text) or (_ANSWER.search(text) and '"spans"' in text))
    return Sign(Certainty.SURE, Message("has tasks with answers, as Prodigy does.")) if known else None


READER = Reader(
    "prodigy",
    "Prodigy",
    (".jsonl",),
    columns,
    read,
    shapes=frozenset({"spans", "label", "labels"}),
    media=frozenset({"text"}),
    answers=True,
    sign=sign,
)

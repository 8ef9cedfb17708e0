"""Parquet as it comes in."""

from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.parsing.parquet import MAGIC, columns, read
from labeler.messages import Message


def sign(glimpse: Glimpse) -> Sign | None:
    """Know a file by its first letters."""
    begins = glimpse.text.startswith(MAGIC)
    return Sign(Certainty.SURE, Message("begins as a Parquet file does.")) if begins else None


READER = Reader("parquet", "Parquet", (".parquet",), columns, read, answers=True, sign=sign, encoded=False)

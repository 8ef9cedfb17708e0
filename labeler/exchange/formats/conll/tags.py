"""What reading and writing CoNLL share: the mark of a document, and how classes are called."""

import re

DOCUMENT = "-DOCSTART-"
TOKENIZED = "tokenized"
"""Metadata of an item whose single blanks stand between tokens."""


def underscored(name: str) -> str:
    """Return the name of a class as a tag can hold it: with underscores for blanks."""
    return re.sub(r"\s", "_", name)

"""spaCy, which is large and no dependency of ours: asked for only when a file needs it."""

from typing import Any

from labeler.errors import Invalid


def spacy_or_invalid() -> Any:
    """Return spaCy; raises Invalid, saying what to install, where it is not there."""
    try:
        import spacy.tokens
    except ImportError as error:
        raise Invalid(
            'A .spacy file needs the package spaCy, which is not installed: pip install "labeler[spacy]"', field="file"
        ) from error
    return spacy

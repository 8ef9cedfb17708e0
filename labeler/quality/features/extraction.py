"""Content as numbers: several unlike feature blocks an item, so that their models err on different items.

`extract` returns the blocks the models learn from, and beside them one dense space for "most similar items" and one
fingerprint for "nearly the same item"; the three serve different questions and must not be swapped: two texts about
one subject are neighbours, but only two texts with the same wording are duplicates.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from labeler.quality.dataset import Features
from labeler.quality.features.known import Known


def extract(
    media: Literal["text", "image"],
    contents: Sequence[str] | Sequence[Path],
    seed: int = 0,
    known: Known = Known(),  # noqa: B008 - it never changes
) -> Features:
    """Turn texts or image files into features; unreadable contents give zero rows, never an error.

    known: numbers of single contents that an earlier pass worked out.
    """
    if media == "text":
        from labeler.quality.features import text

        return text.extract([str(content) for content in contents], seed, known)
    from labeler.quality.features import image

    return image.extract([Path(content) for content in contents], seed, known)

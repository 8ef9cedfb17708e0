"""The kinds of encoders, in the order in which a path is offered to them. Adding one is one file and one line here."""

from __future__ import annotations

from pathlib import Path

from labeler.errors import Invalid
from labeler.quality.features.encoders import image_libraries, onnx, sentence_transformers
from labeler.quality.features.encoders.base import Encoder, Kind, Media, foreign

KINDS: tuple[Kind, ...] = (
    onnx.KIND,
    sentence_transformers.KIND,
    image_libraries.TIMM,
    image_libraries.OPEN_CLIP,
)


def open_encoder(named: str, media: Media) -> Encoder:
    """Open the model of a setting: a path, or "KIND:NAME". Raises Invalid with a sentence that goes on after a name."""
    word, colon, rest = named.partition(":")
    asked = [one for one in KINDS if colon and one.name == word]
    path = Path(named).expanduser()
    fitting = asked or [one for one in KINDS if one.fits(path)]
    if not fitting:
        kinds = ", ".join(f"{one.name}:NAME" for one in KINDS if media in one.media)
        raise Invalid("it is neither a model on this machine nor one of {kinds}", kinds=kinds)
    kind = fitting[0]
    if media not in kind.media:
        raise Invalid("{kind} models do not read {media} items", kind=kind.name, media=media)
    with foreign():
        return kind.open(rest if asked else named, media)

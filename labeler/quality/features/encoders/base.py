"""What every kind of encoder is: a way to open a model that lies on this machine, and to ask it.

Nothing is fetched: a model that is not here is an error whose sentence says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from labeler.errors import Invalid

if TYPE_CHECKING:
    from labeler.quality.dataset import Singles

Media = Literal["text", "image"]
AT_ONCE = 16  # texts or pictures that a model is asked about together


class Encoder(Protocol):
    """An opened model."""

    @property
    def identity(self) -> bytes:
        """What tells this model, and the way it is asked, from any other."""

    @property
    def width(self) -> int:
        """How many numbers it gives for a text or picture."""

    def encode(self, contents: Sequence[Any]) -> Singles:
        """Return n x width numbers of at most `AT_ONCE` texts, or pictures as Pillow has them in RGB."""


@dataclass(frozen=True)
class Kind:
    """One way to name a model. name: the word before a colon that asks for it ("timm:resnet18").

    media: what its models can read; fits: whether a path holds such a model; open: given what follows the colon, or a
    path; raises Invalid with words that go on after "the model could not be used:".
    """

    name: str
    media: frozenset[Media]
    fits: Callable[[Path], bool]
    open: Callable[[str, Media], Encoder]


def needs(package: str, extra: str, error: ImportError) -> Invalid:
    """Return the error of a library that is not installed, with the extra of ours that brings it."""
    return Invalid(
        'it needs the package {package} ({reason}); install it with: pip install "labeler[{extra}]"',
        package=package,
        reason=error,
        extra=extra,
    )


@contextmanager
def foreign() -> Iterator[None]:
    """Turn whatever a library raises in a block into Invalid with what it said.

    The libraries here raise plain `Exception`, and a model that fails must cost a note, never the pass.
    """
    try:
        yield
    except Invalid:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
        raise Invalid("it failed: {reason}", reason=said) from error


def offline() -> None:
    """Keep libraries that fetch models from looking for them on the network; call it before importing one."""
    import os

    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_DATASETS_OFFLINE="1")

"""Models of texts by sentence-transformers: a folder it saved, or a name that its cache on this machine knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeler.quality.features.encoders.base import AT_ONCE, Encoder, Kind, Media, needs, offline
from labeler.quality.features.known import digest_of

if TYPE_CHECKING:
    from labeler.quality.dataset import Singles


@dataclass(frozen=True)
class _Texts:
    model: Any
    identity: bytes
    width: int

    def encode(self, contents: Sequence[str]) -> Singles:
        import numpy as np

        found = self.model.encode(list(contents), batch_size=AT_ONCE, show_progress_bar=False, convert_to_numpy=True)
        rows: Singles = np.asarray(found, dtype=np.float32)
        return rows


def open_model(name: str, media: Media) -> Encoder:
    """Open a folder or a name in the cache."""
    del media
    offline()
    try:
        import sentence_transformers as library
        import torch
    except ImportError as error:
        raise needs("sentence-transformers", "embeddings", error) from error
    torch.set_num_threads(1)
    model = library.SentenceTransformer(name, device="cpu", local_files_only=True)
    width = len(model.encode(["a"], show_progress_bar=False, convert_to_numpy=True)[0])
    weights = [value.detach().cpu().float().sum().item() for value in model.state_dict().values()]
    return _Texts(model, digest_of(name.encode(), repr(weights).encode(), library.__version__.encode()), width)


KIND = Kind(
    "sentence-transformers",
    frozenset({"text"}),
    lambda path: (path / "modules.json").is_file(),
    open_model,
)

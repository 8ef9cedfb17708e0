"""Models of pictures by timm (`timm:resnet18`) and open_clip (`open_clip:ViT-B-32/PRETRAINED`), from their caches.

PRETRAINED is one of open_clip's words, or the path of a file with weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labeler.errors import Invalid
from labeler.quality.features.encoders.base import Encoder, Kind, Media, needs, offline
from labeler.quality.features.known import digest_of

if TYPE_CHECKING:
    from PIL import Image

    from labeler.quality.dataset import Singles


@dataclass(frozen=True)
class _Pictures:
    """prepare: one picture to a tensor; ask: a batch of them to rows."""

    prepare: Callable[[Image.Image], Any]
    ask: Callable[[Any], Any]
    identity: bytes
    width: int = 0

    def encode(self, contents: Sequence[Image.Image]) -> Singles:
        import torch

        with torch.no_grad():
            found: Singles = self.ask(torch.stack([self.prepare(one) for one in contents])).float().cpu().numpy()
        return found


def _opened(name: str, library: Any, model: Any, prepare: Any, ask: Any) -> Encoder:
    import torch
    from PIL import Image

    torch.set_num_threads(1)
    model.eval()
    weights = [value.detach().cpu().float().sum().item() for value in model.state_dict().values()]
    identity = digest_of(name.encode(), repr(weights).encode(), library.__version__.encode())
    opened = _Pictures(prepare, ask, identity)
    return replace(opened, width=opened.encode([Image.new("RGB", (64, 64))]).shape[1])


def open_timm(name: str, media: Media) -> Encoder:
    """Open a model that timm knows by name and has on this machine."""
    del media
    offline()
    try:
        import timm
        from timm import data
    except ImportError as error:
        raise needs("timm", "embeddings", error) from error
    model = timm.create_model(name, pretrained=True, num_classes=0)
    prepare = data.create_transform(**data.resolve_model_data_config(model), is_training=False)
    return _opened(name, timm, model, prepare, model)


def open_clip_model(name: str, media: Media) -> Encoder:
    """Open MODEL/PRETRAINED by open_clip."""
    del media
    offline()
    try:
        import open_clip
    except ImportError as error:
        raise needs("open_clip_torch", "embeddings", error) from error
    model_name, _, pretrained = name.partition("/")
    if not pretrained:
        raise Invalid("say which weights it has: open_clip:{name}/PRETRAINED", name=name)
    model, _, prepare = open_clip.create_model_and_transforms(model_name, pretrained=pretrained, device="cpu")
    return _opened(name, open_clip, model, prepare, model.encode_image)


TIMM = Kind("timm", frozenset({"image"}), lambda _path: False, open_timm)
OPEN_CLIP = Kind("open_clip", frozenset({"image"}), lambda _path: False, open_clip_model)

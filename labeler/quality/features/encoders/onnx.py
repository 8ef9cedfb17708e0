"""Models as ONNX files, run by onnxruntime on one core.

Texts: a folder with `model.onnx` (or `onnx/model.onnx`) and `tokenizer.json`, as sentence-transformers exports it.
Pictures: a model whose input is N x 3 x height x width; `preprocessor_config.json` beside it says how pixels are scaled
(else as for ImageNet). A model that gives a row for each token or part is averaged over them, or asked for its first
token where `1_Pooling/config.json` says so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.errors import Invalid
from labeler.quality.features.encoders.base import Encoder, Kind, Media, needs
from labeler.quality.features.known import digest_of

if TYPE_CHECKING:
    from PIL import Image

    from labeler.quality.dataset import Singles

PLACES = ("model.onnx", "onnx/model.onnx")
BEST = ("sentence_embedding", "image_embeds", "text_embeds", "pooler_output")  # outputs that are a row an item
LONGEST = 512  # tokens, where the tokenizer does not say
EDGE = 224
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, which most models are trained on
BLOCK = 1 << 20
_TOKENS, _ITEMS, _PIXELS = 3, 2, 4  # numbers of axes


def _model_in(path: Path) -> Path | None:
    if path.is_file() and path.suffix == ".onnx":
        return path
    return next((path / place for place in PLACES if (path / place).is_file()), None)


def open_model(name: str, media: Media) -> Encoder:
    """Open a folder or an .onnx file."""
    path = Path(name).expanduser()
    model = _model_in(path)
    if model is None:
        raise Invalid("there is no such file, and no folder of this name with model.onnx in it")
    session = _session(model)
    return _Texts.of(session, model) if media == "text" else _Pictures.of(session, model)


def _session(model: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise needs("onnxruntime", "onnx", error) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _identity(model: Path, *beside: Path) -> bytes:
    """Return a digest of a model, of what says how it is asked, and of the sizes of files it may lie in parts in."""
    parts = [f"{one.name} {one.stat().st_size}".encode() for one in sorted(model.parent.iterdir()) if one.is_file()]
    with model.open("rb") as file:
        while block := file.read(BLOCK):
            parts = [digest_of(*parts, block)]
    return digest_of(*parts, *(path.read_bytes() for path in beside if path != model))


def _near(model: Path, name: str) -> Path:
    """Return where a file of a model is: beside it, or a folder above; the model itself where it is nowhere."""
    return next((folder / name for folder in (model.parent, model.parent.parent) if (folder / name).is_file()), model)


def _settings(model: Path, name: str) -> tuple[Path, dict[str, Any]]:
    path = _near(model, name)
    found = json.loads(path.read_text("utf-8")) if path != model else {}
    return path, found if isinstance(found, dict) else {}


def _output(session: Any) -> str:
    """Return the name of the output that says most of an item as a whole."""
    names = [one.name for one in session.get_outputs()]
    return next((best for best in BEST if best in names), names[0])


@dataclass(frozen=True)
class _Texts:
    session: Any
    tokenizer: Any
    first_token: bool
    identity: bytes
    width: int = 0

    @classmethod
    def of(cls, session: Any, model: Path) -> _Texts:
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise needs("tokenizers", "onnx", error) from error
        file = _near(model, "tokenizer.json")
        if file == model:
            raise Invalid("there is no tokenizer.json beside it, which a model of texts needs")
        pooling, how = _settings(model, "1_Pooling/config.json")
        tokenizer = Tokenizer.from_file(str(file))
        if tokenizer.truncation is None:
            tokenizer.enable_truncation(LONGEST)
        if tokenizer.padding is None or tokenizer.padding["length"]:
            tokenizer.enable_padding()
        opened = cls(session, tokenizer, bool(how.get("pooling_mode_cls_token")), _identity(model, file, pooling))
        return replace(opened, width=opened.encode(["a"]).shape[1])

    def encode(self, contents: Sequence[str]) -> Singles:
        import numpy as np

        tokens = self.tokenizer.encode_batch(list(contents))
        asked = {
            "input_ids": np.array([one.ids for one in tokens], dtype=np.int64),
            "attention_mask": np.array([one.attention_mask for one in tokens], dtype=np.int64),
            "token_type_ids": np.array([one.type_ids for one in tokens], dtype=np.int64),
        }
        wanted = {one.name for one in self.session.get_inputs()}
        if unknown := sorted(wanted - asked.keys()):
            raise Invalid("it asks for {name}, which no text has", name=unknown[0])
        given = {name: one for name, one in asked.items() if name in wanted}
        found = _asked(self.session, given)
        if found.ndim == _TOKENS:
            mask = asked["attention_mask"][:, :, None].astype(np.float32)
            mean = (found * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)
            found = found[:, 0] if self.first_token else mean
        return _rows(found, len(contents))


@dataclass(frozen=True)
class _Pictures:
    session: Any
    high: int
    wide: int
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    identity: bytes
    width: int = 0

    @classmethod
    def of(cls, session: Any, model: Path) -> _Pictures:
        shape = session.get_inputs()[0].shape
        if len(shape) != _PIXELS or (isinstance(shape[1], int) and shape[1] != len(MEAN)):
            raise Invalid("its input is not N x 3 x height x width, so it reads no pictures")
        file, how = _settings(model, "preprocessor_config.json")
        size = how.get("crop_size") or how.get("size") or {}
        size = {"height": size, "width": size} if isinstance(size, int) else size
        edge = size.get("shortest_edge", EDGE)
        high, wide = (
            fixed if isinstance(fixed, int) else int(size.get(name, edge))
            for fixed, name in zip(shape[2:], ("height", "width"), strict=True)
        )
        mean, spread = tuple(how.get("image_mean", MEAN)), tuple(how.get("image_std", SPREAD))
        opened = cls(session, high, wide, mean, spread, _identity(model, file))
        from PIL import Image

        return replace(opened, width=opened.encode([Image.new("RGB", (wide, high))]).shape[1])

    def encode(self, contents: Sequence[Image.Image]) -> Singles:
        import numpy as np
        from PIL import Image

        small = [one.resize((self.wide, self.high), Image.Resampling.BICUBIC) for one in contents]
        pixels: Singles = np.stack([np.asarray(one, dtype=np.float32) for one in small]) / np.float32(255)
        pixels -= np.array(self.mean, np.float32)
        pixels /= np.array(self.spread, np.float32)
        given = {self.session.get_inputs()[0].name: np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))}
        found = _asked(self.session, given)
        if found.ndim == _TOKENS:
            found = found.mean(axis=1)
        elif found.ndim == _PIXELS:
            found = found.mean(axis=(2, 3))
        return _rows(found, len(contents))


def _asked(session: Any, given: dict[str, Any]) -> Any:
    return session.run([_output(session)], given)[0]


def _rows(found: Any, count: int) -> Singles:
    import numpy as np

    if found.ndim != _ITEMS or len(found) != count:
        raise Invalid("it gives {shape} numbers for {count} items, not a row for each", shape=found.shape, count=count)
    rows: Singles = np.nan_to_num(found.astype(np.float32))
    return rows


KIND = Kind("onnx", frozenset({"text", "image"}), lambda path: _model_in(path) is not None, open_model)

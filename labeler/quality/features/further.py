"""Spaces beside the features of every pass: of a model that an operator named, and of vectors that were imported.

A model that cannot be used costs a note, never the pass: the features every pass has go on without it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from labeler.errors import Invalid
from labeler.messages import Message
from labeler.quality.features import image, unit_rows
from labeler.quality.features.encoders.base import AT_ONCE, Encoder, foreign
from labeler.quality.features.encoders.registry import open_encoder
from labeler.quality.features.known import Known, digest_of
from labeler.quality.features.windows import windows

if TYPE_CHECKING:
    from labeler.quality.dataset import Dataset, Singles

KIND = "model-"  # what files of numbers by named models begin with; the model's digest follows
PART = 1_000  # characters of a text that a model reads at once; of a longer one several parts
IMPORTED = "imported vectors"

Report = Callable[[float], None]


def spaces(dataset: Dataset, named: str, known: Known, report: Report) -> tuple[dict[str, Singles], list[str]]:
    """Return the further spaces of a dataset by name, N x D unit rows, and what is to be said of them.

    named: the model of the setting, "" for none; known: what an earlier pass worked out; report: told the share done.
    """
    found: dict[str, Singles] = {}
    said: list[str] = []
    if dataset.vectors is not None:
        found[IMPORTED] = unit_rows.centred(dataset.vectors, unit_rows.said(dataset.vectors))
    if named and len(dataset):
        try:
            found[f"model {PurePath(named).name}"] = _encoded(
                dataset, open_encoder(named, dataset.media), known, report
            )
        except Invalid as error:
            said.append(
                Message(
                    "The model {name} could not be used, so the pass went on without it: {reason}.",
                    name=named,
                    reason=error.message,
                )
            )
    return found, said


def _encoded(dataset: Dataset, encoder: Encoder, known: Known, report: Report) -> Singles:
    import numpy as np

    contents: Sequence[Any] = dataset.contents
    read: Callable[[Sequence[Any], Encoder], Singles]
    if dataset.media == "text":
        contents = [unicodedata.normalize("NFKC", str(text)).strip() for text in contents]
        digests, read = [digest_of(text.encode("utf-8", "surrogatepass")) for text in contents], _of_texts
    else:
        contents = [Path(path) for path in contents]
        digests, read = [digest_of(image.content(path)) for path in contents], _of_pictures
    done = 0

    def work_out(places: Sequence[int]) -> Singles:
        nonlocal done
        rows = np.zeros((len(places), encoder.width), dtype=np.float32)
        for begin in range(0, len(places), AT_ONCE):
            part = places[begin : begin + AT_ONCE]
            rows[begin : begin + AT_ONCE] = read([contents[place] for place in part], encoder)
            done += len(part)
            report(min(1.0, done / len(contents)))
        return rows

    kind = KIND + encoder.identity.hex()
    rows = known.numbers(kind, digests, work_out, np.dtype(("<f4", (encoder.width,))))
    known.forget(KIND, but=kind)
    return unit_rows.centred(rows, unit_rows.said(rows))


def _of_texts(texts: Sequence[str], encoder: Encoder) -> Singles:
    """Return the mean over the parts of each text; zeros for an empty one."""
    import numpy as np

    parts = [windows(text, PART) if text else [] for text in texts]
    flat = [one for own in parts for one in own]
    asked = [_ask(encoder, flat[at : at + AT_ONCE]) for at in range(0, len(flat), AT_ONCE)]
    rows, begin = np.zeros((len(texts), encoder.width), dtype=np.float32), 0
    every = np.concatenate(asked) if asked else rows
    for place, own in enumerate(parts):
        if own:
            rows[place] = every[begin : begin + len(own)].mean(axis=0)
        begin += len(own)
    return rows


def _of_pictures(paths: Sequence[Path], encoder: Encoder) -> Singles:
    """Return what is made of each picture; zeros for one that cannot be read."""
    import numpy as np

    opened = [image.open_whole(path) for path in paths]
    rows = np.zeros((len(paths), encoder.width), dtype=np.float32)
    readable = [place for place, picture in enumerate(opened) if picture is not None]
    if readable:
        rows[readable] = _ask(encoder, [picture for picture in opened if picture is not None])
    return rows


def _ask(encoder: Encoder, contents: Sequence[Any]) -> Singles:
    with foreign():
        return encoder.encode(contents)

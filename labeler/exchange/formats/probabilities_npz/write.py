"""Probabilities of classes as NPZ, as they go out."""

from __future__ import annotations

import io
import tempfile
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Any

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.writing.chunks import chunks
from labeler.exchange.writing.zip_stream import ZipStream
from labeler.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from labeler.exchange.rows import ExportRow

UNKNOWN = Message("The last check says nothing of the item, so its row is not a number (NaN).")
_IN_MEMORY = 8 * 1024 * 1024
_BLOCK = 256 * 1024
_AT_ONCE = 1000


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield the archive of arrays."""
    import numpy as np

    count, longest = 0, 1
    with ExitStack() as held:
        files = [held.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY)) for _ in range(5)]
        items, names, labels, shares, parts = files
        part_kind = _text_kind(context.parts)
        places = {name: place for place, name in enumerate(context.classes)}
        for chunk in chunks(rows, context.report):
            count += len(chunk)
            items.write(np.array([row.item for row in chunk], "<i8").tobytes())
            labels.write(np.array([places.get(row.final_label or "", -1) for row in chunk], "<i8").tobytes())
            shares.write(np.array([_shares(row, context) for row in chunk], "<f4").tobytes())
            if context.parts:
                parts.write(np.array([row.split for row in chunk], part_kind).tobytes())
            for row in chunk:
                longest = max(longest, len(row.external_id or ""))
                names.write(f"{(row.external_id or '').encode('unicode_escape').decode()}\n".encode())
        out = ZipStream(context.exported_at)
        out.add_packed("classes.npy", _array(np.array(context.classes, dtype=np.str_)))
        yield from _copied(out, "item.npy", _header("<i8", (count,)), items)
        yield from _copied(out, "label.npy", _header("<i8", (count,)), labels)
        yield from _copied(out, "probabilities.npy", _header("<f4", (count, len(places))), shares)
        if context.parts:
            yield from _copied(out, "split.npy", _header(part_kind, (count,)), parts)
        yield from _names(out, names, count, longest)
        yield out.close()


def _text_kind(texts: Iterable[str]) -> str:
    """Return how numpy keeps texts: in places of one length, that of the longest."""
    return f"<U{max(map(len, texts), default=1)}"


def _shares(row: ExportRow, context: ExportContext) -> tuple[float, ...]:
    if row.probabilities is None:
        context.report.lose(UNKNOWN, row.item)
        return (float("nan"),) * len(context.classes)
    return row.probabilities


def _header(kind: str, shape: tuple[int, ...]) -> bytes:
    from numpy.lib import format as npy

    buffer = io.BytesIO()
    npy.write_array_header_1_0(buffer, {"descr": kind, "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def _array(values: Any) -> bytes:
    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def _copied(out: ZipStream, name: str, header: bytes, file: IO[bytes]) -> Iterator[bytes]:
    out.begin(name)
    out.put_data(header)
    file.seek(0)
    while data := file.read(_BLOCK):
        out.put_data(data)
        yield out.take() or b""


def _names(out: ZipStream, file: IO[bytes], count: int, longest: int) -> Iterator[bytes]:
    """Add the ids, which numpy keeps in places of one length."""
    import numpy as np

    kind = f"<U{longest}"
    out.begin("external_id.npy")
    out.put_data(_header(kind, (count,)))
    file.seek(0)
    while lines := [line for _, line in zip(range(_AT_ONCE), file, strict=False)]:
        names = [line.decode().removesuffix("\n").encode().decode("unicode_escape") for line in lines]
        out.put_data(np.array(names, kind).tobytes())
        yield out.take() or b""


WRITER = Writer(
    "probabilities_npz",
    Message("Out-of-sample probabilities (NPZ)"),
    ".npz",
    "application/zip",
    (
        Message("Only probabilities and final labels go out: no votes, no flags, no texts, no pictures."),
        Message("Probabilities are those of the last check, before later answers and decisions."),
    ),
    write,
    frozenset({"label"}),
    archive=True,
    counts=True,
    probabilities=True,
    opens="""import numpy

data = numpy.load("{path}")
data["probabilities"], data["label"], data["classes"]""",
)

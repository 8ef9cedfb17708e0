"""Masks as they go out: a ZIP of PNG files, the classes, a table of the pictures they belong to, and a report."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks
from labeler.exchange.writing.originals import original
from labeler.exchange.writing.picture_names import PictureNames
from labeler.exchange.writing.zip_stream import ZipStream
from labeler.messages import Message

if TYPE_CHECKING:
    import numpy as np

UNLABELED = Message("The item has no label, so there is no mask of its picture.")
UNMEASURED = Message("The size of the picture is not known, so its label could not be written.")
HIDDEN = Message("An object lies under a later one of another class, which is on top in the mask.")
TOO_THIN = Message("An object covers the middle of no pixel, so the mask does not show it.")
_MOST_IN_A_PALETTE = 255
_BYTES = 8


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a ZIP."""
    archive = ZipStream(context.exported_at)
    numbers = {name: number for number, name in enumerate(context.classes, 1)}
    names = PictureNames(context.report, by_stem=True)
    table = io.StringIO(newline="")
    pictures = csv.writer(table)
    picture = context.picture if context.pictures else None
    split = ("split",) if context.parts else ()
    pictures.writerow(("item", "external_id", "image", "mask", "width", "height", *split))
    for chunk in chunks(rows, context.report):
        for row in chunk:
            own = names.name(row)
            name = f"masks/{PurePosixPath(own).with_suffix('.png')}"
            mask = _mask(row, numbers, context)
            told = (neutralise(row.external_id), neutralise(row.image), name if mask else "")
            pictures.writerow((row.item, *told, row.width, row.height, *((row.split,) if split else ())))
            if data := original(row, picture, context.report):
                archive.add_packed(f"images/{own}", data)
                yield archive.take()
            if mask:
                archive.add_packed(name, mask)
                yield archive.take() or b""
    archive.add("classes.csv", _classes(context.classes))
    archive.add("pictures.csv", table.getvalue())
    archive.add("report.txt", "\n".join((*context.report.lines(), *WRITER.loses(context), "")))
    yield archive.close()


def _mask(row: ExportRow, numbers: Mapping[str, int], context: ExportContext) -> bytes:
    """Return the PNG of one item, b"" where there is none."""
    if row.final_value is None:
        context.report.lose(UNLABELED, row.item)
        return b""
    if not row.width or not row.height:
        context.report.lose(UNMEASURED, row.item)
        return b""
    return _png(_drawn(row, row.final_value["polygons"], numbers, context), len(numbers))


def _drawn(
    row: ExportRow, parts: Sequence[Mapping[str, Any]], numbers: Mapping[str, int], context: ExportContext
) -> "np.ndarray[Any, Any]":
    import numpy as np

    from labeler.exchange.writing.raster import covered

    width, height = row.width or 0, row.height or 0
    pixels = np.zeros((height, width), np.uint8 if len(numbers) <= _MOST_IN_A_PALETTE else np.uint16)
    for part in parts:
        inside, number = covered(part["points"], width, height), numbers[part["label"]]
        if not inside.any():
            context.report.lose(TOO_THIN, row.item)
        below = pixels[inside]
        if ((below != 0) & (below != number)).any():
            context.report.lose(HIDDEN, row.item)
        pixels[inside] = number
    return pixels


def _png(pixels: "np.ndarray[Any, Any]", classes: int) -> bytes:
    from PIL import Image

    image = Image.fromarray(pixels)
    if classes <= _MOST_IN_A_PALETTE:
        image.putpalette([side for number in range(classes + 1) for side in _colour(number)])
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=False)
    return buffer.getvalue()


def _colour(number: int) -> tuple[int, int, int]:
    """Return a colour far from those of the numbers near it: their bits, lowest first, are the highest of the sides."""
    sides = [0, 0, 0]
    for place in range(_BYTES):
        for side in range(3):
            sides[side] |= (number >> (3 * place + side) & 1) << (_BYTES - 1 - place)
    return sides[0], sides[1], sides[2]


def _classes(names: Sequence[str]) -> str:
    table = io.StringIO(newline="")
    out = csv.writer(table)
    out.writerow(("number", "class", "red", "green", "blue"))
    out.writerow((0, "", *_colour(0)))
    for number, name in enumerate(names, 1):
        out.writerow((number, neutralise(name), *_colour(number)))
    return table.getvalue()


WRITER = Writer(
    "masks",
    Message("Masks (PNG)"),
    ".zip",
    "application/zip",
    (
        Message("Only final labels go out: no votes, no consensus, no flags, no scores, no metadata."),
        Message("A mask says the class of each pixel, not which object it belongs to; a corner is right to a pixel."),
    ),
    write,
    frozenset({"polygons"}),
    frozenset({"image"}),
    archive=True,
    counts=True,
    outside=Message("Pictures are named, not contained: put them where you like and join them by pictures.csv."),
)

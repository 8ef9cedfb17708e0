"""Masks as they come in: a folder or ZIP of pictures and of PNG files whose pixels say what is there."""

import io
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.formats.masks.files import CLASSES, COLOURS, Dataset, Meaning, dataset_of, is_mask
from labeler.exchange.parsing import coordinates
from labeler.exchange.parsing.coordinates import Size
from labeler.exchange.parsing.dataset_files import split_in
from labeler.exchange.parsing.objects import Objects, labeled
from labeler.exchange.parsing.row_checks import check_items
from labeler.exchange.parsing.run_lengths import HOLES, Corners, outlines_in
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.rows import RejectedRow, Row, rejected_file
from labeler.exchange.sources import ImageLoader, ReadOptions, Source
from labeler.messages import Message

if TYPE_CHECKING:
    import numpy as np

UNKNOWN = Message("a number or colour in a mask of which nothing says what class it is")
UNUSED = Message("there is no picture for this mask, so it was not used")
_COLOUR = "RGB"
_NUMBERS = frozenset(("1", "L", "P", "I", "I;16"))


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return (): what is what is fixed."""
    del source, options
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each picture, then what was left out; raises Invalid when nobody can use the source."""
    if not READER.holds(shape_of(options.task), options.media):
        raise Invalid("{name} holds masks; this project asks for something else.", field="file", name=source.name)
    check_items(source, options)
    for number, entry in enumerate(_entries(dataset_of(source, options), options), 1):
        yield entry._replace(number=number)


def _entries(dataset: Dataset, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    most = options.limits.id_characters
    for name, loader in dataset.pictures.items():
        if len(name) > most:
            yield rejected_file(name, Message("a name longer than {most} characters", most=most))
            continue
        split = split_in(name)
        row = Row(0, name, None, loader, None, {"split": split} if split else {}, name=name, file=name)
        mask = dataset.masks.get(name)
        label = partial(_labeled, row, dataset.loaders.get(mask or ""), dataset.meaning, options)
        yield from labeled(row, loader, mask, label)
    yield from (rejected_file(name, UNUSED, "image") for name in dataset.left)
    yield from (rejected_file(name, reason) for name, reason in dataset.problems)


def _labeled(row: Row, load: ImageLoader | None, meaning: Meaning, options: ReadOptions, size: Size) -> Row:
    objects = Objects(options.task, size)
    if load is not None:
        for name, outline in _outlines(load(), meaning, size, objects):
            objects.add(partial(coordinates.polygon, name, outline, size))
    return objects.on(row)


def _outlines(data: bytes, meaning: Meaning, size: Size, objects: Objects) -> Iterator[tuple[str, Corners]]:
    """Yield the pieces of each class, in the order of the classes."""
    pixels, by_colour = _pixels(data, size)
    for value, name in _classes_in(pixels, meaning, by_colour=by_colour):
        if name is None:
            objects.tell(UNKNOWN)
        elif name:
            inside = (pixels == value).all(axis=2) if by_colour else pixels == value
            outlines, holes = outlines_in(inside)
            objects.tell(HOLES, holes)
            yield from ((name, outline) for outline in outlines)


def _classes_in(pixels: "np.ndarray[Any, Any]", meaning: Meaning, *, by_colour: bool) -> list[tuple[Any, str | None]]:
    """Return what stands in a mask with the class it means, None where nothing says it."""
    import numpy as np

    if by_colour:
        seen = np.unique(pixels.reshape(-1, 3), axis=0)
        told = [(colour, meaning.colours.get((int(colour[0]), int(colour[1]), int(colour[2])))) for colour in seen]
        order = list(meaning.colours.values())
    else:
        told = [(number, meaning.numbers.get(int(number))) for number in np.unique(pixels)]
        order = list(meaning.numbers.values())
    return sorted(told, key=lambda pair: -1 if pair[1] is None else order.index(pair[1]))


def _pixels(data: bytes, size: Size) -> "tuple[np.ndarray[Any, Any], bool]":
    """Return the pixels of a mask, and whether they are colours; raises Invalid for one of another size."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.size != size:
                said = f"{image.size[0]} x {image.size[1]}"
                raise Invalid(
                    "the picture is {width} x {height}, but a mask of it is {said}",
                    width=size.width,
                    height=size.height,
                    said=said,
                )
            if image.mode in _NUMBERS:
                return np.asarray(image).astype(np.int64), False
            return np.asarray(image.convert(_COLOUR)).astype(np.int64), True
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid("the mask cannot be read") from error


def sign(glimpse: Glimpse) -> Sign | None:
    """Know a set by masks in a folder of that name, and a list of what they mean."""
    names = {PurePosixPath(name).name.lower() for name in glimpse.files}
    known = names & {CLASSES, COLOURS} and any(map(is_mask, glimpse.files))
    return Sign(Certainty.SURE, Message("holds masks and a list of what they mean.")) if known else None


READER = Reader(
    "masks",
    Message("Masks (PNG)"),
    (".zip",),
    columns,
    read,
    shapes=frozenset({"polygons"}),
    media=frozenset({"image"}),
    sign=sign,
    encoded=False,
    own_folders=True,
)

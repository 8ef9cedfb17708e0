"""The results of a model as COCO has them: a plain list, each entry an object with `image_id`, `category_id`, `score`.

It holds neither pictures nor names of classes, so it is about pictures that are items already: their numbers are those
that they came in with from COCO, else their file names, with or without zeros before them and an ending. What the
numbers of classes mean is kept from the COCO file they came in with, or told by whoever imports.
"""

from collections.abc import Iterator
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.formats.coco.file import CocoFile
from labeler.exchange.formats.coco.objects import with_objects
from labeler.exchange.parsing.coordinates import picture_size
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import PictureThere, ReadOptions, Source


def rows_of_results(data: CocoFile, source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each picture that the list names; raises Invalid where nothing says what its numbers mean."""
    data.categories |= _names(source, options)
    met: set[int] = set()
    for number in data.annotations:
        shown = str(number)[:SHOWN]
        try:
            picture = _picture(number, source)
            if picture.item in met:
                raise Invalid("the picture is named twice; the first one was taken")  # noqa: TRY301 - told like others
            met.add(picture.item)
            row = Row(0, None, None, picture, None, {}, name=picture.name or shown, file=picture.name or shown)
            yield with_objects(row, data, number, picture_size(picture), options)
        except Invalid as error:
            yield RejectedRow(0, error.field or "image_id", error.message, shown)
    yield from (RejectedRow(0, "", reason, "") for reason in data.problems)


def _names(source: Source, options: ReadOptions) -> dict[Any, str]:
    """Return the classes by the numbers that the list calls them."""
    if options.wants == "items":
        raise Invalid(
            "{name} lists what a model found on pictures (COCO results), and holds no pictures. Import it as "
            "predictions of items that are here (--as predictions), or as their labels (--as labels).",
            field="as",
            name=source.name,
        )
    names = options.class_numbers.told or options.class_numbers.ids
    if not names:
        raise Invalid(
            "{name} calls classes by number (category_id), and nothing says what the numbers mean. Import the COCO "
            "file with these categories first, or say it as the classes of the file (--classes 1=NAME,2=NAME).",
            field="classes",
            name=source.name,
        )
    return dict(names)


def _picture(number: Any, source: Source) -> PictureThere:
    """Return the picture that is called by a number or a name; raises Invalid where there is none, or several."""
    found = source.there.numbered(str(number)) if source.there is not None else None
    if found is None:
        raise Invalid(
            "no picture here came in with the number {number}, or is called so; import the COCO file with these "
            "numbers first",
            number=str(number)[:SHOWN],
        )
    return found

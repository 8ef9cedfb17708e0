"""The JSON of COCO as it goes out, whatever stands for the outline of an object in it.

A picture and a class keep the number that they came in with, where it is free; all others get one that nobody has.
What a file said of single objects goes out again with those that are as they came in.

Note: annotations stand before images. Both come from one pass over the rows, so the images
wait in a temporary file; the order of members means nothing in JSON.
"""

import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from labeler.exchange.parsing.coordinates import bounds
from labeler.exchange.parsing.object_details import CHANGED, DETAILS, Part, things_in
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks, to_json
from labeler.exchange.writing.picture_names import PictureNames
from labeler.exchange.writing.report import Report
from labeler.messages import Message

UNLABELED = Message("The item has no label; here it looks as if nothing were in its picture.")
RENUMBERED = Message("The number that the picture came in with is another one's here; it has a new one.")
_BEYOND_ITEMS = 1_000_000_000  # a number that an item or a file of others hardly has
_IN_MEMORY = 8 * 1024 * 1024
_BLOCK = 256 * 1024
_RESERVED = frozenset(("id", "width", "height", "file_name", "external_id", DETAILS))


class Head(NamedTuple):
    """What is true of the whole file. class_numbers: those that classes came in with; report: filled as rows go out."""

    name: str
    exported_at: str
    classes: Sequence[str]
    class_numbers: Mapping[str, int]
    report: Report


class Drawn(NamedTuple):
    """How an object stands in the file. bbox: x, y, width, height; area: in pixels; segmentation: as COCO has it."""

    bbox: list[float]
    area: float
    segmentation: Any


Draw = Callable[[ExportRow, Sequence[Part]], Drawn | None]
"""Returns how the box or the outlines of one object stand in the file, None (and counts it) where they cannot."""


Named = Callable[[ExportRow, str], None]
"""Is told what the picture of a row is called in the file."""


def unheard(_row: ExportRow, _name: str) -> None:
    """Tell nobody what pictures are called."""


def boxed(part: Part) -> Drawn:
    """Return how a box stands in the file: its outline are its four sides, so that outlines can be evaluated too."""
    x, y, width, height = (part[side] for side in ("x", "y", "width", "height"))
    corners = [x, y, x + width, y, x + width, y + height, x, y + height]
    return Drawn([x, y, width, height], width * height, [corners])


def around(parts: Sequence[Part]) -> list[float]:
    """Return the box around the outlines of one object."""
    return list(bounds([corner for part in parts for corner in part["points"]]))


def coco_json(rows: Iterable[ExportRow], head: Head, draw: Draw, named: Named = unheard) -> Iterator[bytes]:
    """Yield one JSON object in UTF-8."""
    categories = _category_numbers(head)
    listed = [{"id": number, "name": name, "supercategory": ""} for name, number in categories.items()]
    info = {"description": head.name, "version": "1.0", "date_created": head.exported_at}
    yield f'{{"info": {to_json(info)}, "licenses": [], "categories": {to_json(listed)}, "annotations": ['.encode()
    names, numbers = PictureNames(head.report, by_stem=False), _PictureNumbers()
    ids = itertools.count(1)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as images:
        separators = itertools.chain(["\n"], itertools.repeat(",\n"))
        for chunk in chunks(rows, head.report):
            annotations = []
            for row in chunk:
                number, name = numbers.number(row, head), names.name(row)
                named(row, name)
                image = f"{',' if images.tell() else ''}\n{_image(row, number, name)}"
                images.write(image.encode(errors="replace"))
                annotations += [{"image_id": number, **one} for one in _annotations(row, head, categories, draw)]
            text = "".join(next(separators) + to_json({"id": next(ids), **one}) for one in annotations)
            yield text.encode(errors="replace") or b" "
        yield b'\n], "images": ['
        images.seek(0)
        yield from iter(lambda: images.read(_BLOCK), b"")
    yield b"\n]}\n"


def _category_numbers(head: Head) -> dict[str, int]:
    """Return a number for each class: the one it came in with, for all others those that follow."""
    known = {name: head.class_numbers[name] for name in head.classes if name in head.class_numbers}
    following = itertools.count(max(known.values(), default=0) + 1)
    return {name: known[name] if name in known else next(following) for name in head.classes}


class _PictureNumbers:
    """Gives each picture a number: the one it came in with, else that of its item, else one that nobody has."""

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._free = itertools.count(_BEYOND_ITEMS)

    def number(self, row: ExportRow, head: Head) -> int:
        """Return the number of a row's picture."""
        kept = (row.metadata or {}).get("id")
        kept = kept if type(kept) is int else None
        number = row.item if kept is None else kept
        if number in self._taken:
            number = next(free for free in itertools.chain([row.item], self._free) if free not in self._taken)
            if kept is not None:
                head.report.lose(RENUMBERED, row.item)
        self._taken.add(number)
        return number


def _image(row: ExportRow, number: int, name: str) -> str:
    kept = {key: what for key, what in (row.metadata or {}).items() if key not in _RESERVED}
    size = {"width": row.width, "height": row.height}
    return to_json({"id": number, **size, "file_name": name, "external_id": row.external_id, **kept})


def _annotations(row: ExportRow, head: Head, categories: dict[str, int], draw: Draw) -> Iterator[dict[str, Any]]:
    value = row.final_value
    if value is None:
        head.report.lose(UNLABELED, row.item)
        return
    (shape,) = value
    things = things_in(value[shape], (row.given_value or {}).get(shape, ()), (row.metadata or {}).get(DETAILS))
    if things.lost:
        head.report.lose(CHANGED, row.item, things.lost)
    for parts, detail in things.found:
        drawn = draw(row, parts)
        if drawn is None:
            continue
        place = {"bbox": drawn.bbox, "area": drawn.area, "segmentation": drawn.segmentation}
        yield {"iscrowd": 0, **detail, "category_id": categories[parts[0]["label"]], **place}


LOSSES = (
    Message("Only final labels go out: no votes, no consensus, no flags, no scores."),
    Message(
        "Whether an item is excluded is not said; an item without a label looks as if nothing were in its picture."
    ),
    Message("Annotations are numbered anew, and areas are those of the outlines."),
)
OUTSIDE = Message("Pictures are named, not contained: put them where the names say.")

"""Pascal VOC as it comes in: a folder or ZIP of pictures and XML files, or one XML file beside its picture."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.formats.voc.files import PICTURES, Dataset, dataset_of
from labeler.exchange.parsing import coordinates
from labeler.exchange.parsing.beside import matched
from labeler.exchange.parsing.coordinates import Placed, Size
from labeler.exchange.parsing.dataset_files import split_in
from labeler.exchange.parsing.objects import Objects, check_stated, checked_label, labeled
from labeler.exchange.parsing.row_checks import check_items
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.parsing.xml_files import number_in, root_of, text_in
from labeler.exchange.rows import SHOWN, RejectedRow, Row, rejected_file
from labeler.exchange.sources import ImageLoader, ReadOptions, Source
from labeler.messages import Message

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MASK = Message("a mask beside Pascal VOC, which is no picture to label; masks are not read")
PART = Message("a part of an object (part)")
POSE = "pose"
_MARKS = ("difficult", "truncated", "occluded")
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_ROOT = "annotation"
_BEGINS = re.compile(rf"<{_ROOT}[\s>]")
_MEMBER = re.compile(r"<(?:filename|folder|path|size|object|segmented)\b")


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return (): what is what is fixed in Pascal VOC."""
    del source, options
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each picture, then what was left out; raises Invalid when nobody can use the source."""
    if not READER.holds(shape_of(options.task), options.media):
        raise Invalid("{name} holds boxes; this project asks for something else.", field="file", name=source.name)
    check_items(source, options)
    for number, entry in enumerate(_entries(dataset_of(source, options), options), 1):
        yield entry._replace(number=number)


def _entries(dataset: Dataset, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    sheets, unused = matched(dataset.pictures, dataset.sheets, _file_named)
    for name, loader in dataset.pictures.items():
        if name in sheets or not (dataset.alone or name in dataset.there):
            yield from _picture(name, loader, dataset, sheets.get(name), options)
    yield from (rejected_file(sheet, reason, "image") for sheet, reason in unused)
    yield from (rejected_file(name, reason) for name, reason in dataset.problems)
    yield from (rejected_file(name, MASK) for name in dataset.masks)
    if dataset.lists:
        reason = Message(
            "{count} lists in ImageSets were not read; only train, val and test are", count=len(dataset.lists)
        )
        yield rejected_file(dataset.lists[0], reason)


def _file_named(load: ImageLoader) -> str:
    return text_in(root_of(load(), _ROOT), "filename")


def _picture(
    name: str, loader: ImageLoader, dataset: Dataset, sheet: str | None, options: ReadOptions
) -> Iterator[Row | RejectedRow]:
    """Yield the row of a picture and, where its XML file was not understood, why: then it has no label."""
    if len(name) > options.limits.id_characters:
        yield rejected_file(name, Message("a name longer than {most} characters", most=options.limits.id_characters))
        return
    own = _own_name(name)
    stem = PurePosixPath(own).with_suffix("")
    split = dataset.splits.get(str(stem)) or dataset.splits.get(stem.name) or split_in(name)
    row = Row(0, name, None, loader, None, {"split": split} if split else {}, name=own, file=name)

    def label(size: Size) -> Row:
        root, objects = root_of(dataset.sheets[sheet or ""](), _ROOT), Objects(options.task, size)
        return _labeled(row, root, objects, options.limits.label_characters)

    yield from labeled(row, loader, sheet, label)


def _own_name(name: str) -> str:
    """Return what a picture is called inside its folder of pictures: an export puts it into such a folder again."""
    parts = PurePosixPath(name).parts
    below = max(
        (place for place, part in enumerate(parts[:-1], 1) if part.casefold() == PICTURES.casefold()), default=0
    )
    return "/".join(parts[below:])


def _labeled(row: Row, root: "Element", objects: Objects, most: int) -> Row:
    sides = [number_in(root, f"size/{side}") if text_in(root, f"size/{side}") else 0 for side in ("width", "height")]
    check_stated(sides[0], sides[1], objects.size)
    marked = dict.fromkeys(_MARKS, 0)
    for element in root.findall("object"):
        objects.add(partial(_box, element, objects.size, most))
        objects.tell(PART, len(element.findall("part")))
        for mark in _MARKS:
            marked[mark] += text_in(element, mark).lower() in {"1", "true"}
    kept = {f"{mark}_objects": count for mark, count in marked.items() if count}
    return objects.on(row._replace(metadata={**row.metadata, **kept}))


def _box(element: "Element", size: Size, most: int) -> Placed:
    label = checked_label(text_in(element, "name"), most)
    box = element.find("bndbox")
    if box is None:
        raise Invalid("an object has no bndbox; turned boxes and outlines are not read from Pascal VOC")
    left, top, right, bottom = (number_in(box, side) for side in _SIDES)
    placed = coordinates.box(label, (left - 1, top - 1, right - left + 1, bottom - top + 1), size)
    return placed._replace(detail=_detail(element))


def _detail(element: "Element") -> dict[str, Any]:
    """Return the marks of an object that are set, and its pose where it has one."""
    marks: dict[str, Any] = {mark: 1 for mark in _MARKS if text_in(element, mark).lower() in {"1", "true"}}
    pose = text_in(element, POSE)
    return {**marks, POSE: pose[:SHOWN]} if pose.lower() not in {"", "unspecified"} else marks


def sign(glimpse: Glimpse) -> Sign | None:
    """Know a file of Pascal VOC by its root and what stands in it."""
    text = glimpse.text
    known = text.startswith("<") and _BEGINS.search(text) and _MEMBER.search(text)
    return Sign(Certainty.SURE, Message("has the annotation of one picture, as Pascal VOC does.")) if known else None


READER = Reader(
    "voc",
    "Pascal VOC",
    (".zip",),
    columns,
    read,
    shapes=frozenset({"boxes"}),
    media=frozenset({"image"}),
    sign=sign,
    in_sets=True,
    encoded=False,
    own_folders=True,
)

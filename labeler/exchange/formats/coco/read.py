"""COCO as it comes in: the images of one file or of a folder or ZIP."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.formats.coco.file import CocoFile, read_file
from labeler.exchange.formats.coco.objects import with_objects
from labeler.exchange.formats.coco.results import rows_of_results
from labeler.exchange.parsing import coordinates
from labeler.exchange.parsing.coordinates import Size
from labeler.exchange.parsing.dataset_files import (
    UNNAMED,
    FileSet,
    Finder,
    files_in,
    is_set,
    pictures_beside,
    split_in,
)
from labeler.exchange.parsing.row_checks import check_items
from labeler.exchange.parsing.text_lines import opened
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.rows import SHOWN, RejectedRow, Row, rejected_file
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message

SPARE = Message("not read: beside files called instances_… only those are")
_LIST = re.compile(r'"(?:images|annotations|categories)"\s*:\s*\[')
_MEMBER = re.compile(r'"(?:file_name|image_id|category_id|supercategory|licenses)"\s*:')
_BASE = frozenset(("file_name", "width", "height", "external_id"))


class Place(NamedTuple):
    """Where the pictures of one file are looked for, and for what.

    near: the split of the file, where names repeat; named: pictures found so far; given: ids given so far.
    """

    files: FileSet
    finder: Finder
    options: ReadOptions
    named: set[str]
    given: set[str]
    near: str = ""


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return (): what is what is fixed in COCO."""
    del source, options
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each image, then what was left out; raises Invalid when it is no COCO or nobody can use it."""
    _check_fits(source, options)
    for number, entry in enumerate(_entries(source, options), 1):
        yield entry._replace(number=number)


def _check_fits(source: Source, options: ReadOptions) -> None:
    if not READER.holds(shape_of(options.task), options.media):
        raise Invalid(
            "{name} holds boxes or polygons; this project asks for something else.", field="file", name=source.name
        )
    check_items(source, options)


def _entries(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    if not is_set(source):
        files = pictures_beside(source, options)
        if source.folder is None and not files.pictures:
            raise Invalid("{name} names pictures but holds none; send a ZIP with both.", field="file", name=source.name)
        with opened(source) as stream:
            data = read_file(stream, source.name, options)
        yield from _of_file(data, Place(files, Finder(files.pictures), options, set(), set()), source)
        return
    files = files_in(source, options, (".json",))
    place = Place(files, Finder(files.pictures), options, set(), set())
    names, spare = _annotation_files(files, source)
    for name in names:
        near = split_in(f"{PurePosixPath(name).stem.replace('_', '/')}/x") or ""
        try:
            data = read_file(files.stream(name), name, options)
        except Invalid as error:
            if len(names) == 1:
                raise
            yield RejectedRow(0, "", error.message, name[:SHOWN], name)
        else:
            yield from _of_file(data, place._replace(near=near), source)
    yield from (rejected_file(name, SPARE) for name in spare)
    yield from (rejected_file(name, reason) for name, reason in files.problems)
    left = (name for name in files.pictures if name not in place.named and name not in files.there)
    yield from (rejected_file(name, UNNAMED) for name in left)


def _annotation_files(files: FileSet, source: Source) -> tuple[list[str], list[str]]:
    """Return the files that are read, and those that are not."""
    names = [name for name in files.others if PurePosixPath(name).suffix.lower() == ".json"]
    instances = [name for name in names if PurePosixPath(name).name.startswith("instances_")]
    if not names:
        raise Invalid("{name} holds no JSON file of annotations.", field="file", name=source.name)
    return instances or names, [name for name in names if instances and name not in instances]


def _of_file(data: CocoFile, place: Place, source: Source) -> Iterator[Row | RejectedRow]:
    return rows_of_results(data, source, place.options) if data.results else _images(data, place)


def _images(data: CocoFile, place: Place) -> Iterator[Row | RejectedRow]:
    met: set[Any] = set()
    for image in data.images:
        identity = image.get("id")
        shown = str(image.get("file_name"))[:SHOWN]
        if not isinstance(identity, int | str) or not isinstance(image.get("file_name"), str):
            yield RejectedRow(0, "images", Message("an image needs an id and a file_name"), shown)
        elif identity in met:
            yield RejectedRow(
                0,
                "images",
                Message("the image id {identity} stands twice; the first one was taken", identity=identity),
                shown,
                shown,
            )
        else:
            met.add(identity)
            try:
                yield _row(image, data, place)
            except Invalid as error:
                yield RejectedRow(0, error.field or "annotations", error.message, shown, shown)
    for identity, orphans in data.annotations.items():
        if identity not in met:
            reason = Message(
                "{count} of the annotations name the image {id}, which is not among the images",
                count=len(orphans),
                id=identity,
            )
            yield RejectedRow(0, "annotations", reason, str(identity)[:SHOWN])
    yield from (RejectedRow(0, "annotations", reason, "") for reason in data.problems)


def _row(image: dict[str, Any], data: CocoFile, place: Place) -> Row:
    file_name = image["file_name"]
    found = place.finder.find(file_name, near=place.near)
    if found in place.named:
        raise Invalid("the picture is named twice; the first one was taken", field="images")
    place.named.add(found)
    loader = place.files.pictures[found]
    size = _checked_size(image, coordinates.picture_size(loader))
    split = split_in(found) or place.near
    metadata = {**({"split": split} if split else {}), **{key: image[key] for key in image if key not in _BASE}}
    row = Row(0, _identity(image, found, place), None, loader, None, metadata, name=file_name, file=found)
    return with_objects(row, data, image["id"], size, place.options)._replace(class_numbers=data.numbers)


def _identity(image: dict[str, Any], found: str, place: Place) -> str | None:
    """Return the id of an item: what our own export kept, else the name of the picture, in full where that repeats."""
    name = image["file_name"]
    own = image.get("external_id", found if name in place.given else name)
    if own is None:
        return None
    if not isinstance(own, str) or not own or len(own) > place.options.limits.id_characters:
        raise Invalid("the name or id of a picture may have {most} characters", most=place.options.limits.id_characters)
    place.given.add(own)
    return own


def _checked_size(image: dict[str, Any], size: Size) -> Size:
    stated = (image.get("width"), image.get("height"))
    if stated in ((None, None), size):
        return size
    said = " x ".join(str(side)[:20] for side in stated)
    if stated == size[::-1]:
        raise Invalid(
            "the picture is {width} x {height}, but the file says {said}; it is so before its EXIF turn, so save it "
            "upright",
            field="images",
            width=size.width,
            height=size.height,
            said=said,
        )
    raise Invalid(
        "the picture is {width} x {height}, but the file says {said}",
        field="images",
        width=size.width,
        height=size.height,
        said=said,
    )


def sign(glimpse: Glimpse) -> Sign | None:
    """Know COCO by its lists and by members that nothing else has, and the results of a model by theirs."""
    text = glimpse.text
    if text.startswith("[") and all(mark in text for mark in ('"image_id"', '"category_id"', '"score"')):
        return Sign(Certainty.SURE, Message("lists what a model found on pictures, as COCO results do."))
    known = text.startswith("{") and _LIST.search(text) and _MEMBER.search(text)
    why = Message("has lists of images, annotations or categories, as COCO does.")
    return Sign(Certainty.SURE, why) if known else None


READER = Reader(
    "coco",
    "COCO JSON",
    (".json", ".zip"),
    columns,
    read,
    shapes=coordinates.MEASURED,
    media=frozenset({"image"}),
    sign=sign,
    in_sets=True,
    scores=True,
    numbers_classes=True,
)

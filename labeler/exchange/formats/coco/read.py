"""COCO as it comes in: the images of one file or of a folder or ZIP."""

import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.formats.coco.file import CROWD, Annotation, CocoFile, read_file
from labeler.exchange.parsing import coordinates
from labeler.exchange.parsing.coordinates import Placed, Size
from labeler.exchange.parsing.dataset_files import (
    UNNAMED,
    FileSet,
    Finder,
    files_in,
    is_set,
    pictures_beside,
    split_in,
)
from labeler.exchange.parsing.object_details import THING
from labeler.exchange.parsing.row_checks import check_items
from labeler.exchange.parsing.run_lengths import HOLES, outlines_of
from labeler.exchange.parsing.text_lines import opened
from labeler.exchange.parsing.values import mean_score, shape_of
from labeler.exchange.rows import SHOWN, RejectedRow, Row, rejected_file
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message, verbatim

OUTLINE = Message("the outline of an object, of which a boxes project takes the box")
SPARE = Message("not read: beside files called instances_… only those are")
_NOT_HELD = Message("{kind}, was left out", kind=CROWD)
_LIST = re.compile(r'"(?:images|annotations|categories)"\s*:\s*\[')
_MEMBER = re.compile(r'"(?:file_name|image_id|category_id|supercategory|licenses)"\s*:')
_BASE = frozenset(("file_name", "width", "height", "external_id"))
_SAME = 0.5  # pixels by which the outline of a box may differ from it


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
        yield from _images(data, Place(files, Finder(files.pictures), options, set(), set()))
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
            yield from _images(data, place._replace(near=near))
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
    shape = shape_of(place.options.task)
    placed, told = _placed(data, image, shape, size)
    value, clipped = coordinates.value_from(shape, placed)
    split = split_in(found) or place.near
    kept = {key: what for key, what in image.items() if key not in _BASE}
    metadata = {**({"split": split} if split else {}), **kept, **clipped}
    row = Row(0, _identity(image, found, place), None, loader, None, metadata, name=file_name, file=found)
    if place.options.wants == "predictions":
        row = row._replace(prediction_score=_score(data.annotations.get(image["id"], ())))
    given = value if placed or not told else None
    return row._replace(given_value=given, left_out=tuple(told.items()), class_numbers=data.numbers)


def _score(annotations: Sequence[Annotation | str]) -> float | None:
    return mean_score(one.score for one in annotations if isinstance(one, Annotation))


def _placed(data: CocoFile, image: dict[str, Any], shape: str, size: Size) -> tuple[list[Placed], Counter[str]]:
    """Return the objects of an image, and what of it could not be held, by what that is."""
    placed: list[Placed] = []
    told = Counter[str]()
    for number, annotation in enumerate(data.annotations.get(image["id"], ()), 1):
        if isinstance(annotation, str):
            told[verbatim(annotation)] += 1
            continue
        if reason := _not_held(annotation, data.categories):
            told[reason] += 1
            continue
        try:
            outlined = _outlined(annotation, shape, size, told)
            found = list(_objects(outlined, data.categories, shape, size))
        except Invalid as error:
            told[error.message] += 1
            continue
        placed.extend(_detailed(found, annotation, number))
        if annotation.lost:
            told[annotation.lost] += 1
        if shape == "boxes" and _is_drawn(annotation):
            told[OUTLINE] += 1
    return placed, told


def _detailed(found: Sequence[Placed], annotation: Annotation, number: int) -> Iterator[Placed]:
    """Yield the outlines of one annotation with its further fields; number: what they share where they are several."""
    thing = {THING: number} if len(found) > 1 else {}
    for place, one in enumerate(found):
        yield one._replace(detail={**thing, **((annotation.detail if place == 0 else None) or {})})


def _is_drawn(annotation: Annotation) -> bool:
    """Say whether an annotation has an outline that is not that of its box."""
    if annotation.bbox is None or not (annotation.outlines or annotation.mask):
        return False
    if annotation.mask or len(annotation.outlines) > 1:
        return True
    x, y, width, height = annotation.bbox
    corners = coordinates.pairs(annotation.outlines[0])
    upright = {(x, y), (x + width, y), (x + width, y + height), (x, y + height)}
    return len(corners) != len(upright) or not all(
        any(abs(a - c) <= _SAME and abs(b - d) <= _SAME for c, d in upright) for a, b in corners
    )


def _outlined(annotation: Annotation, shape: str, size: Size, told: Counter[str]) -> Annotation:
    """Return an annotation with the outlines of its mask, where they are wanted; raises Invalid for a bad mask."""
    if annotation.mask is None or (shape == "boxes" and annotation.bbox is not None):
        return annotation
    if isinstance(annotation.mask, str):
        raise Invalid(verbatim(annotation.mask))
    outlines, holes = outlines_of(annotation.mask, size)
    if holes:
        told[HOLES] += holes
    flat = tuple(array("d", [side for corner in corners for side in corner]) for corners in outlines)
    return annotation._replace(outlines=flat)


def _not_held(annotation: Annotation, categories: dict[Any, str]) -> str:
    """Return why one annotation is left out of its image, "" when it is not."""
    if annotation.category not in categories:
        return Message("the category {number} is not among the categories", number=annotation.category)
    return _NOT_HELD if annotation.kind == CROWD else ""


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


def _objects(annotation: Annotation, categories: dict[Any, str], shape: str, size: Size) -> Iterator[Placed]:
    label = categories[annotation.category]
    if shape == "boxes":
        yield coordinates.box(label, _bbox(annotation), size)
        return
    if not annotation.outlines:
        raise Invalid("an annotation has a box but no outline; a boxes project can take it")
    for outline in annotation.outlines:
        yield coordinates.polygon(label, coordinates.pairs(outline), size)


def _bbox(annotation: Annotation) -> Sequence[float]:
    if annotation.bbox is not None:
        return annotation.bbox
    if not annotation.outlines:
        raise Invalid("an annotation has neither a bbox nor a segmentation")
    return coordinates.bounds([corner for outline in annotation.outlines for corner in coordinates.pairs(outline)])


def sign(glimpse: Glimpse) -> Sign | None:
    """Know COCO by its lists and by members that nothing else has."""
    text = glimpse.text
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
)

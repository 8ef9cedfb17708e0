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
from labeler.exchange.parsing.dataset_files import FileSet, Finder, files_in, is_set, pictures_beside, split_in
from labeler.exchange.parsing.row_checks import check_items
from labeler.exchange.parsing.run_lengths import outlines_of
from labeler.exchange.parsing.text_lines import opened
from labeler.exchange.parsing.values import mean_score, shape_of
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message, verbatim

PIECES = Message("an object of several outlines became one object an outline")
HOLES = Message("a hole in a mask, which an outline cannot have; it was filled")
_NOT_HELD = Message("{kind}, was left out", kind=CROWD)
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
        yield from _images(data, Place(files, Finder(files.pictures), options, set(), set()))
        return
    files = files_in(source, options, (".json",))
    place = Place(files, Finder(files.pictures), options, set(), set())
    names = _annotation_files(files, source)
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
    yield from (RejectedRow(0, "", reason, name[:SHOWN], name) for name, reason in files.problems)
    left = (name for name in files.pictures if name not in place.named and name not in files.there)
    yield from (
        RejectedRow(0, "", Message("no annotation file names this picture"), name[:SHOWN], name) for name in left
    )


def _annotation_files(files: FileSet, source: Source) -> list[str]:
    names = [name for name in files.others if PurePosixPath(name).suffix.lower() == ".json"]
    instances = [name for name in names if PurePosixPath(name).name.startswith("instances_")]
    if not names:
        raise Invalid("{name} holds no JSON file of annotations.", field="file", name=source.name)
    return instances or names


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
    known = {*_BASE, "id"} if "external_id" in image else _BASE
    kept = {key: what for key, what in image.items() if key not in known}
    metadata = {**({"split": split} if split else {}), **kept, **clipped}
    row = Row(0, _identity(image, found, place), None, loader, None, metadata, name=file_name, file=found)
    if place.options.wants == "predictions":
        row = row._replace(prediction_score=_score(data.annotations.get(image["id"], ())))
    return row._replace(given_value=value if placed or not told else None, left_out=tuple(told.items()))


def _score(annotations: Sequence[Annotation | str]) -> float | None:
    return mean_score(one.score for one in annotations if isinstance(one, Annotation))


def _placed(data: CocoFile, image: dict[str, Any], shape: str, size: Size) -> tuple[list[Placed], Counter[str]]:
    """Return the objects of an image, and what of it could not be held, by what that is."""
    placed: list[Placed] = []
    told = Counter[str]()
    for annotation in data.annotations.get(image["id"], ()):
        if isinstance(annotation, str):
            raise Invalid(verbatim(annotation))
        if reason := _not_held(annotation, data.categories):
            told[reason] += 1
            continue
        try:
            outlined = _outlined(annotation, shape, size, told)
        except Invalid as error:
            told[error.message] += 1
            continue
        if shape == "polygons" and len(outlined.outlines) > 1:
            told[PIECES] += 1
        placed.extend(_objects(outlined, data.categories, shape, size))
    return placed, told


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

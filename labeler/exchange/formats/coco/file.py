"""The JSON of COCO, read once from front to back, whatever the order of its parts.

Note: annotations may come before the images and categories they name, so nothing can be said
of an image before the end. Of each annotation only its numbers are kept, packed, and of one that cannot be held only
the reason; it costs its image, not the file.
"""

import json
from array import array
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing.coordinates import number
from labeler.exchange.parsing.json_records import unstorable
from labeler.exchange.parsing.json_stream import FORGIVING, Window, listed, members
from labeler.exchange.parsing.object_details import THING
from labeler.exchange.parsing.run_lengths import RunLengths, run_lengths
from labeler.exchange.parsing.text_lines import ByteReader, Utf8
from labeler.exchange.sources import ReadOptions
from labeler.messages import Message

CROWD = Message("a crowd (iscrowd), which is no single object")
FURTHER = Message("further fields of an object, which cannot be kept")
MOST_CHARACTERS = 2_000
"""Of the further fields of one annotation, as JSON: attributes and key points, not a mask."""
_FIELDS = frozenset(("id", "image_id", "category_id", "bbox", "area", "segmentation", "iscrowd"))
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_FOUR = 4
_THREE_CORNERS = 6
_BBOX, _POLYGON = Message("a number of a bbox"), Message("a number of a polygon")


class Annotation(NamedTuple):
    """One object of an image, in pixels. bbox: x, y, width, height; outlines: x1, y1, x2, y2, … each.

    kind: CROWD for what is no single object, else ""; mask: run lengths instead of outlines, or why they are none;
    detail: its further fields; lost: why they could not be kept. score: how sure a model is, as it is written; None for
    a label of a person.
    """

    category: Hashable
    bbox: "array[float] | None"
    outlines: "tuple[array[float], ...]"
    kind: str = ""
    mask: RunLengths | str | None = None
    score: Any = None
    detail: dict[str, Any] | None = None
    lost: str = ""


@dataclass
class CocoFile:
    """What a file holds. annotations: by the id of their image, or the reason why one cannot be held.

    problems: what belongs to no image. results: it is but a list of what a model found, without images and categories.
    """

    images: list[dict[str, Any]] = field(default_factory=list)
    categories: dict[Any, str] = field(default_factory=dict)
    annotations: dict[Any, list[Annotation | str]] = field(default_factory=lambda: defaultdict(list))
    problems: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    results: bool = False

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The numbers of the categories by name, of those that have one."""
        return {name: number for number, name in self.categories.items() if isinstance(number, int)}


def read_file(stream: ByteReader, name: str, options: ReadOptions) -> CocoFile:
    """Return what a COCO file holds; raises Invalid when it is none."""
    window = Window(Utf8(stream, name, options.encoding))
    found = CocoFile(results=window.skip_space() == "[")
    parts = _results(window, found, name) if found.results else _members(window, found, name)
    if window.tainted:
        raise Invalid("{name} is not valid UTF-8.", field="file", name=name)
    if "images" not in parts:
        raise Invalid('{name} is not COCO: it has no "images".', field="file", name=name)
    return found


def _results(window: Window, found: CocoFile, name: str) -> set[str]:
    """Take in a list of what a model found; returns that it is about images, unless there is nothing in it."""
    for given in listed(window, FORGIVING, name):
        if isinstance(given, dict):
            _annotation(given, found)
        else:
            found.problems.append(Message("an entry of {key} is no object", key="the list"))
    return {"images"} if found.annotations or found.problems else set()


def _members(window: Window, found: CocoFile, name: str) -> set[str]:
    """Take in the members of the one object; returns their names."""
    take = {"images": _image, "categories": _category, "annotations": _annotation}
    parts: set[str] = set()
    for member in members(window, FORGIVING, name):
        if member.listed and member.key in take:
            parts.add(member.key)
            if isinstance(member.value, dict):
                take[member.key](member.value, found)
            else:
                found.problems.append(Message("an entry of {key} is no object", key=member.key))
        elif member.key in take:
            raise Invalid("{name}: {key} must be a list.", field="file", name=name, key=member.key)
        else:
            parts.add(member.key)
    return parts


def _image(image: dict[str, Any], found: CocoFile) -> None:
    if fault := unstorable(image):
        found.problems.append(Message("the image {id!r} holds {fault}", id=image.get("id"), fault=fault))
    else:
        found.images.append(image)


def _category(category: dict[str, Any], found: CocoFile) -> None:
    identity, name = category.get("id"), category.get("name")
    if not isinstance(identity, int | str) or not isinstance(name, str) or unstorable(name):
        raise Invalid("a category needs an id and a name", field="categories")
    if found.categories.setdefault(identity, name) != name:
        raise Invalid(
            'The category {identity} is "{first}" and "{name}".',
            field="file",
            identity=identity,
            first=found.categories[identity],
            name=name,
        )


def _annotation(given: dict[str, Any], found: CocoFile) -> None:
    image = given.get("image_id")
    if not isinstance(image, int | str):
        found.problems.append(Message("the annotation {id!r} names no image", id=given.get("id")))
        return
    try:
        annotation: Annotation | str = _checked(given)._replace(score=given.get("score"))
    except Invalid as error:
        annotation = error.message
    identity = given.get("id")
    if isinstance(identity, int | str):
        content = hash((identity, image, *_parts(annotation)))
        if content in found.seen:
            found.problems.append(
                Message("the annotation {identity} stands twice; it was taken once", identity=identity)
            )
            return
        found.seen.add(content)
    found.annotations[image].append(annotation)


def _parts(annotation: Annotation | str) -> tuple[Any, ...]:
    if isinstance(annotation, str):
        return (annotation,)
    mask, sides = annotation.mask, bytes(annotation.bbox or b"")
    if isinstance(mask, RunLengths):
        mask = f"{mask.height} {mask.width} {mask.runs}"
    return (annotation.category, annotation.kind, sides, mask, *map(bytes, annotation.outlines))


def _checked(given: dict[str, Any]) -> Annotation:
    category, segmentation = given.get("category_id"), given.get("segmentation")
    if not isinstance(category, int | str):
        raise Invalid("an annotation has no category_id")
    kind = CROWD if given.get("iscrowd") else ""
    bbox = given.get("bbox")
    sides = None if bbox in (None, []) else _numbers(bbox, _BBOX)
    detail, lost = _detail(given)
    if isinstance(segmentation, dict):
        return Annotation(category, sides, (), kind, _mask(segmentation), detail=detail, lost=lost)
    return Annotation(category, sides, _outlines(segmentation), kind, detail=detail, lost=lost)


def _detail(given: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """Return the further fields of an annotation (attributes, key points …), and why they cannot be kept.

    That it is a crowd is one of them: an evaluation passes over it, so it has to go out again as one.
    """
    crowd: dict[str, Any] = {"iscrowd": 1} if given.get("iscrowd") else {}
    further = {name: what for name, what in given.items() if name not in _FIELDS and what not in _NOTHING}
    if unstorable(further) or THING in further or len(json.dumps(further)) > MOST_CHARACTERS:
        return crowd or None, FURTHER
    return {**crowd, **further} or None, ""


def _mask(segmentation: dict[str, Any]) -> RunLengths | str:
    """Return the run lengths of a mask, or why they are none: where its box is enough, that costs nothing."""
    try:
        return run_lengths(segmentation)
    except Invalid as error:
        return error.message


def _numbers(given: Any, what: str) -> "array[float]":
    if not isinstance(given, list) or (what is _BBOX and len(given) != _FOUR):
        raise Invalid("a bbox must be [x, y, width, height]")
    return array("d", [number(one, what) for one in given])


def _outlines(segmentation: Any) -> "tuple[array[float], ...]":
    if not segmentation:
        return ()
    if not isinstance(segmentation, list):
        raise Invalid("a segmentation must be a list of polygons")
    if not isinstance(segmentation[0], list):
        segmentation = [segmentation]
    for outline in segmentation:
        if not isinstance(outline, list) or len(outline) % 2 or len(outline) < _THREE_CORNERS:
            raise Invalid("a polygon must be [x1, y1, x2, y2, x3, y3, …]")
    return tuple(_numbers(outline, _POLYGON) for outline in segmentation)

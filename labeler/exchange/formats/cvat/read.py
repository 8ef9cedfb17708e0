"""CVAT for images 1.1 as it comes in: a folder or ZIP with `annotations.xml` and pictures, or the XML file alone."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.formats.cvat.shapes import KINDS, TAG, placed_shape
from labeler.exchange.parsing import coordinates
from labeler.exchange.parsing.beside import set_or_file
from labeler.exchange.parsing.dataset_files import SPLITS, UNNAMED, FileSet, Finder, split_in
from labeler.exchange.parsing.objects import Objects, check_stated
from labeler.exchange.parsing.row_checks import check_items
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.parsing.xml_files import children, number_of
from labeler.exchange.rows import SHOWN, RejectedRow, Row, rejected_file
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message
from labeler.task_types.registry import by_shape

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ATTRIBUTE = Message("an attribute of an object")
GROUP = Message("a group of shapes (group_id); each of them became an object")
SEVERAL = Message("several tags of a picture that can have one class; none was taken")
_ROOT = "annotations"
_BEGINS = re.compile(rf"<{_ROOT}[\s>]")
_MEMBER = re.compile(r"<(?:version|meta|image|track)\b")


class Place(NamedTuple):
    """Where pictures are looked for. named: pictures found so far; given: ids given so far."""

    files: FileSet
    finder: Finder
    options: ReadOptions
    named: set[str]
    given: set[str]


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return (): what is what is fixed in CVAT."""
    del source, options
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each picture, then what was left out; raises Invalid when nobody can use the source."""
    if not READER.holds(shape_of(options.task), options.media):
        raise Invalid(
            "{name} holds boxes, outlines or tags; this project asks for something else.",
            field="file",
            name=source.name,
        )
    check_items(source, options)
    files, alone = set_or_file(source, options, (".xml",))
    if not files.others or (alone and source.folder is None and not files.pictures):
        what = Message("pictures") if alone else Message("an XML file of annotations")
        raise Invalid("{name} lacks {what}; send a ZIP with both.", field="file", name=source.name, what=what)
    for number, entry in enumerate(_entries(files, options, alone=alone), 1):
        yield entry._replace(number=number)


def _entries(files: FileSet, options: ReadOptions, *, alone: bool) -> Iterator[Row | RejectedRow]:
    place = Place(files, Finder(files.pictures), options, set(), set())
    for file in files.others:
        yield from _file(file, place)
    yield from (rejected_file(name, reason) for name, reason in files.problems)
    if not alone:
        left = (name for name in files.pictures if name not in place.named and name not in files.there)
        yield from (rejected_file(name, UNNAMED) for name in left)


def _file(file: str, place: Place) -> Iterator[Row | RejectedRow]:
    """Yield the pictures of one XML file; where it breaks off, those before stay."""
    tracks = 0
    try:
        for element in children(place.files.others[file](), _ROOT):
            if element.tag == "image":
                yield from _image(element, file, place)
            tracks += element.tag == "track"
    except Invalid as error:
        yield rejected_file(file, error.message)
    if tracks:
        reason = Message(
            "{count} tracks of a video (CVAT for video) were not read; export the task as CVAT for images", count=tracks
        )
        yield rejected_file(file, reason)


def _image(element: "Element", file: str, place: Place) -> Iterator[Row | RejectedRow]:
    """Yield the row of a picture and, where what is said of it was not understood, why: then it has no label."""
    name = (element.get("name") or "").strip()
    try:
        row = _row(element, name, place)
        size = coordinates.picture_size(place.files.pictures[row.file])
    except Invalid as error:
        yield RejectedRow(0, "image", error.message, name[:SHOWN], name[:SHOWN] or file)
        return
    try:
        sides = [number_of(element.get(side) or "0") for side in ("width", "height")]
        check_stated(sides[0], sides[1], size)
        yield _labeled(row, element, Objects(place.options.task, size), place.options)
    except Invalid as error:
        yield row
        yield RejectedRow(0, "label", error.message, name[:SHOWN], row.file)


def _row(element: "Element", name: str, place: Place) -> Row:
    if not name:
        raise Invalid("an image has no name")
    subset = (element.get("subset") or "").strip()
    found = place.finder.find(name, near=subset)
    if found in place.named:
        raise Invalid("the picture is named twice; the first one was taken")
    place.named.add(found)
    identity = found if name in place.given else name
    if len(identity) > place.options.limits.id_characters:
        raise Invalid("the name or id of a picture may have {most} characters", most=place.options.limits.id_characters)
    place.given.add(identity)
    split = subset if subset.lower() in SPLITS else split_in(found)
    kept = {"split": split, "id": element.get("id"), "subset": subset if subset not in (split, "default") else ""}
    metadata: dict[str, Any] = {key: what for key, what in kept.items() if what}
    return Row(0, identity, None, place.files.pictures[found], None, metadata, name=name, file=found)


def _labeled(row: Row, element: "Element", objects: Objects, options: ReadOptions) -> Row:
    shape, most = shape_of(options.task), options.limits.label_characters
    shapes = [one for one in element if one.tag in KINDS]
    for one in shapes:
        objects.tell(ATTRIBUTE, len(one.findall("attribute")))
    groups = Counter(one.get("group_id") for one in shapes if one.get("group_id") not in (None, "", "0"))
    objects.tell(GROUP, sum(count > 1 for count in groups.values()))
    objects.tell(Message("a shape of an unknown kind"), len(element) - len(shapes))
    if shape not in coordinates.MEASURED:
        return _tagged(row, shapes, objects, options)
    for one in shapes:
        if one.tag == TAG:
            objects.tell(Message("{what}, for which this project does not ask", what=KINDS[TAG]))
        else:
            objects.add(partial(placed_shape, one, size=objects.size, shape=shape, most=most))
    hidden = sum(one.get("occluded") == "1" for one in shapes)
    return objects.on(row._replace(metadata={**row.metadata, **({"occluded_objects": hidden} if hidden else {})}))


def _tagged(row: Row, shapes: "list[Element]", objects: Objects, options: ReadOptions) -> Row:
    """Return a picture with its tags as its label; a tag that is no class of the project costs itself alone."""
    names = []
    for one in shapes:
        name = (one.get("label") or "").strip()
        if one.tag != TAG:
            objects.tell(Message("{what}, for which this project does not ask", what=KINDS[one.tag]))
        elif name not in options.classes:
            objects.tell(Message("the tag {name!r}, which is no class of this project", name=name[:SHOWN]))
        elif name not in names:
            names.append(name)
    if by_shape(shape_of(options.task)).one_class:
        if len(names) > 1:
            objects.tell(SEVERAL, len(names))
        return row._replace(given_label=names[0] if len(names) == 1 else None, left_out=objects.left_out)
    return row._replace(given_value={shape_of(options.task): names} if names else None, left_out=objects.left_out)


def sign(glimpse: Glimpse) -> Sign | None:
    """Know CVAT by the root of its XML and what stands in it."""
    text = glimpse.text
    known = text.startswith("<") and _BEGINS.search(text) and _MEMBER.search(text)
    return Sign(Certainty.SURE, Message("has the annotations of pictures, as CVAT does.")) if known else None


READER = Reader(
    "cvat",
    "CVAT for images 1.1",
    (".xml", ".zip"),
    columns,
    read,
    shapes=coordinates.MEASURED | {"label", "labels"},
    media=frozenset({"image"}),
    sign=sign,
    in_sets=True,
    encoded=False,
)

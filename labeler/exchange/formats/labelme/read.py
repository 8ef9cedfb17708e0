"""LabelMe as it comes in: a folder or ZIP of JSON files and pictures, or one JSON file."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.formats.labelme.shapes import placed_shape
from labeler.exchange.parsing import coordinates
from labeler.exchange.parsing.beside import matched, set_or_file
from labeler.exchange.parsing.dataset_files import split_in
from labeler.exchange.parsing.image_files import decode_base64
from labeler.exchange.parsing.imagefolder import is_image
from labeler.exchange.parsing.json_records import unstorable
from labeler.exchange.parsing.json_stream import FORGIVING
from labeler.exchange.parsing.objects import Objects, check_stated, labeled
from labeler.exchange.parsing.row_checks import check_items
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.rows import RejectedRow, Row, rejected_file
from labeler.exchange.sources import ImageLoader, ReadOptions, Source
from labeler.messages import Message

GROUP = Message("a group of shapes (group_id); each of them became an object")
DESCRIPTION = Message("the description of an object")
FLAG = Message("a flag of an object")
_SHAPES = re.compile(r'"shapes"\s*:\s*\[')
_MEMBER = re.compile(r'"(?:imagePath|imageData|shape_type|imageHeight|lineColor)"\s*:')


class Dataset(NamedTuple):
    """Pictures and label files by name. labels: the label file of a picture; sizes in characters are the options'."""

    pictures: dict[str, ImageLoader]
    files: Mapping[str, ImageLoader]
    labels: dict[str, str]
    options: ReadOptions


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return (): what is what is fixed in LabelMe."""
    del source, options
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each picture, then what was left out; raises Invalid when nobody can use the source."""
    if not READER.holds(shape_of(options.task), options.media):
        raise Invalid(
            "{name} holds boxes or polygons; this project asks for something else.", field="file", name=source.name
        )
    check_items(source, options)
    for number, entry in enumerate(_entries(source, options), 1):
        yield entry._replace(number=number)


def _entries(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    files, alone = set_or_file(source, options, (".json",))
    labels, left = matched(files.pictures, files.others, _named)
    silent = files.pictures if alone else files.there
    pictures = {name: load for name, load in files.pictures.items() if name in labels or name not in silent}
    told = []
    for file, reason in left:
        try:
            name, loader = _embedded(file, files.others[file], options)
        except Invalid as error:
            told.append(rejected_file(file, error.message or reason, "image"))
            continue
        if name is None or name in pictures:
            told.append(rejected_file(file, reason, "image"))
        else:
            pictures[name], labels[name] = loader, file
    dataset = Dataset(pictures, files.others, labels, options)
    for name in pictures:
        yield from _picture(name, dataset)
    yield from told
    yield from (rejected_file(name, reason) for name, reason in files.problems)


def _content(load: ImageLoader) -> dict[str, Any]:
    """Return what a label file holds; raises Invalid where it is none of LabelMe."""
    try:
        found = FORGIVING.decode(load().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Invalid("not valid UTF-8 at byte {place}", place=error.start) from error
    except (ValueError, RecursionError) as error:
        raise Invalid("not valid JSON") from error
    if not isinstance(found, dict) or not isinstance(found.get("shapes"), list):
        raise Invalid('it has no list "shapes", as LabelMe has')
    return found


def _named(load: ImageLoader) -> str:
    named = _content(load).get("imagePath")
    return named if isinstance(named, str) and not unstorable(named) else ""


def _embedded(file: str, load: ImageLoader, options: ReadOptions) -> tuple[str | None, ImageLoader]:
    """Return a name for the picture that a label file holds in itself, None where it holds none, and its loader."""
    given, named = _content(load).get("imageData"), PurePosixPath(_named(load).replace("\\", "/")).name
    suffix = PurePosixPath(named).suffix if is_image(named) else ".png"
    name = str(PurePosixPath(file).with_suffix(suffix)) if isinstance(given, str) and given else None
    return name, partial(_picture_in, load, options.limits.image_bytes)


def _picture_in(load: ImageLoader, limit: int) -> bytes:
    """Return the picture in a label file; the text of all of them would be too much to keep."""
    return decode_base64(_content(load)["imageData"], limit)


def _picture(name: str, dataset: Dataset) -> Iterator[Row | RejectedRow]:
    """Yield the row of a picture and, where its label file was not understood, why: then it has no label."""
    loader, file, most = dataset.pictures[name], dataset.labels.get(name), dataset.options.limits.id_characters
    if len(name) > most:
        yield rejected_file(name, Message("a name longer than {most} characters", most=most))
        return
    split = split_in(name)
    row = Row(0, name, None, loader, None, {"split": split} if split else {}, name=name, file=name)

    def label(size: coordinates.Size) -> Row:
        return _labeled(row, _content(dataset.files[file or ""]), Objects(dataset.options.task, size), dataset.options)

    yield from labeled(row, loader, file, label)


def _labeled(row: Row, content: dict[str, Any], objects: Objects, options: ReadOptions) -> Row:
    width, height = (coordinates.number(content.get(side) or 0, side) for side in ("imageWidth", "imageHeight"))
    check_stated(width, height, objects.size)
    place = partial(placed_shape, size=objects.size, shape=shape_of(options.task), most=options.limits.label_characters)
    groups = Counter[Any]()
    for given in content["shapes"]:
        objects.add(partial(place, given))
        if not isinstance(given, dict):
            continue
        objects.tell(DESCRIPTION, bool(given.get("description")))
        objects.tell(FLAG, len(_true(given.get("flags"))))
        if isinstance(given.get("group_id"), int | str):
            groups[given["group_id"]] += 1
    objects.tell(GROUP, sum(count > 1 for count in groups.values()))
    flags = _true(content.get("flags"))
    return objects.on(row._replace(metadata={**row.metadata, "flags": flags} if flags else row.metadata))


def _true(flags: Any) -> list[str]:
    """Return the flags that are set; what is no name of one is none."""
    return (
        [name for name, on in flags.items() if on is True and not unstorable(name)] if isinstance(flags, dict) else []
    )


def sign(glimpse: Glimpse) -> Sign | None:
    """Know LabelMe by its list of shapes and a member that it has beside it."""
    text = glimpse.text
    known = text.startswith("{") and _SHAPES.search(text) and _MEMBER.search(text)
    early = text.startswith("{") and '"imageData": "' in text and '"flags"' in text  # the picture before the shapes
    return Sign(Certainty.SURE, Message("has the shapes of one picture, as LabelMe does.")) if known or early else None


READER = Reader(
    "labelme",
    "LabelMe JSON",
    (".json", ".zip"),
    columns,
    read,
    shapes=coordinates.MEASURED,
    media=frozenset({"image"}),
    sign=sign,
    in_sets=True,
    encoded=False,
)

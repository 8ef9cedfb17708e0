"""YOLO as it comes in: a folder or ZIP of pictures and label files."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.formats.yolo.label_files import LINE, LISTS, matched
from labeler.exchange.formats.yolo.names import names_in_lines, names_in_yaml
from labeler.exchange.parsing import coordinates
from labeler.exchange.parsing.beside import set_or_file
from labeler.exchange.parsing.coordinates import Placed, Size
from labeler.exchange.parsing.dataset_files import SPLITS, FileSet, files_in, is_set, split_in
from labeler.exchange.parsing.imagefolder import is_image
from labeler.exchange.parsing.objects import Objects, labeled
from labeler.exchange.parsing.row_checks import check_items
from labeler.exchange.parsing.values import mean_score, shape_of
from labeler.exchange.rows import RejectedRow, Row, rejected_file
from labeler.exchange.sources import ImageLoader, ReadOptions, Source
from labeler.messages import Message

UNMATCHED = Message("no label file belongs to this picture, and some label files belong to none: it has no label")
SUFFIXES = (".txt", ".yaml", ".yml", ".names")
_LISTED = LISTS | {"data.yaml", "data.yml", "dataset.yaml"}
_BOX = 4
_SURE_BOX = 5  # a box and how sure a model is
_FOUR_CORNERS = 8
_LEAST_OUTLINE = 6
_UPRIGHT = 1e-4  # shares of a picture by which the sides of a box may lean


class Dataset(NamedTuple):
    """names: of the classes by number; labels: label files by the picture they belong to, without its ending.

    left: label files that belong to no picture; labeled_folders: where a picture without a label file is background;
    alone: it is one label file, and means no other picture; scored: whether a last number of a line may be how sure a
    model is; places: the names as every row carries them.
    """

    files: FileSet
    names: dict[int, str]
    labels: dict[str, str]
    left: tuple[str, ...]
    labeled_folders: frozenset[str]
    alone: bool
    scored: bool
    places: dict[str, int]


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return (): what is what is fixed in YOLO."""
    del source, options
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each picture, then what was left out; raises Invalid when nobody can use the source."""
    if not READER.holds(shape_of(options.task), options.media):
        raise Invalid(
            "{name} holds boxes or polygons; this project asks for something else.", field="file", name=source.name
        )
    check_items(source, options)
    dataset = _opened(source, options)
    for number, entry in enumerate(_entries(dataset, options), 1):
        yield entry._replace(number=number)


def _opened(source: Source, options: ReadOptions) -> Dataset:
    alone = source.name.lower().endswith(".txt") and not is_set(source)
    files = _with_its_names(source, options) if alone else files_in(source, options, SUFFIXES)
    if not files.pictures:
        raise Invalid(
            "{name} holds labels of pictures and no pictures; import those first, or put them beside the labels.",
            field="file",
            name=source.name,
        )
    labels, left = matched(files)
    folders = frozenset() if left else frozenset(stem.rpartition("/")[0] for stem in labels)
    names = dict(options.class_numbers.told) or _names(files, source, options)
    places = {name: number for number, name in names.items()}
    return Dataset(files, names, labels, left, folders, alone, options.wants == "predictions", places)


def _with_its_names(source: Source, options: ReadOptions) -> FileSet:
    """Return one label file with the lists of names beside it, and the pictures that it may be about."""
    files, _ = set_or_file(source, options, (".txt",))
    if source.folder is None:
        return files
    beside = files_in(Source(source.name, path=source.folder), options, SUFFIXES).others
    lists = {name: load for name, load in beside.items() if "/" not in name and _is_list(name)}
    return files._replace(others={**lists, **files.others})


def _is_list(name: str) -> bool:
    path = PurePosixPath(name.lower())
    return path.name in _LISTED or path.suffix == ".names"


def _names(files: FileSet, source: Source, options: ReadOptions) -> dict[int, str]:
    """Return the names of the classes: as a list in the set has them, or an earlier file had; raises Invalid."""
    by_depth = sorted(files.others, key=lambda name: (name.count("/"), name))
    yamls = [name for name in by_depth if name.lower().endswith((".yaml", ".yml"))]
    chosen = next((name for name in yamls if PurePosixPath(name).stem.lower() in {"data", "dataset"}), None)
    if chosen or yamls:
        chosen = chosen or yamls[0]
        return names_in_yaml(files.text(chosen), chosen)
    lists = [name for name in by_depth if PurePosixPath(name).name.lower() in LISTS or name.endswith(".names")]
    if not lists and options.class_numbers.places:
        return dict(options.class_numbers.places)
    if not lists:
        raise Invalid(
            "{name} calls classes by number, and nothing says what the numbers mean. Put the data.yaml, classes.txt or "
            "obj.names that belongs to the labels beside them, or say the classes of the file in the order of their "
            "numbers from 0 (--classes {example}).",
            field="classes",
            name=source.name,
            example=",".join(options.classes) or "NAME,NAME",
        )
    return names_in_lines(files.text(lists[0]))


def _entries(dataset: Dataset, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each picture, then what was left out."""
    seen: dict[str, str] = {}
    most = options.limits.id_characters
    for name, loader in dataset.files.pictures.items():
        if len(name) > most:
            yield rejected_file(name, Message("a name longer than {most} characters", most=most))
            continue
        stem = str(PurePosixPath(name).with_suffix(""))
        if stem not in dataset.labels and (dataset.alone or name in dataset.files.there):
            continue
        if stem in seen and stem in dataset.labels:
            reason = Message(
                "{name} has the same name but for the ending, so one label file would be for both", name=seen[stem]
            )
            yield rejected_file(name, reason)
            continue
        seen[stem] = name
        yield from _picture(dataset, name, stem, loader, options)
    yield from (rejected_file(name, reason) for name, reason in dataset.files.problems)
    by_stem = defaultdict(list)
    for name in dataset.files.pictures if dataset.left else ():
        by_stem[PurePosixPath(name).stem].append(name)
    for name in dataset.left:
        yield rejected_file(name, _unused(by_stem[PurePosixPath(name).stem], PurePosixPath(name).stem), "image")


def _unused(fitting: Sequence[str], stem: str) -> str:
    """Return why a label file belongs to no picture. fitting: the pictures of its name."""
    if len(fitting) > 1:
        shown = " and ".join(fitting[:2])
        return Message('"{wanted}" may mean {shown}; give the pictures different names', wanted=stem, shown=shown)
    return Message("there is no picture for this label file, so it was not used")


def _picture(
    dataset: Dataset, name: str, stem: str, loader: ImageLoader, options: ReadOptions
) -> Iterator[Row | RejectedRow]:
    """Yield the row of a picture; where nothing in its label file was understood it has no label, and why is a row."""
    split, shape = split_in(name), shape_of(options.task)
    row = Row(0, name, None, loader, None, {"split": split} if split else {}, name=_own_name(name), file=name)
    row = row._replace(class_places=dataset.places)
    if stem not in dataset.labels:
        labeled_folder = stem.rpartition("/")[0] in dataset.labeled_folders
        unmatched = dataset.left and not labeled_folder
        given: dict[str, Any] | None = {shape: []} if labeled_folder else None
        yield row._replace(given_value=given, left_out=((UNMATCHED, 1),) if unmatched else ())
        return

    def label(size: Size) -> Row:
        objects, scores = Objects(options.task, size), list[str | None]()
        for number, line in enumerate(dataset.files.text(dataset.labels[stem]).splitlines(), 1):
            if line.strip():
                said, score = _parted(line) if dataset.scored else (line, None)
                objects.add(partial(_object, said, number, dataset.names, shape, size))
                scores.append(score)
        return objects.on(row._replace(prediction_score=mean_score(scores) if dataset.scored else None))

    for entry in labeled(row, loader, dataset.labels[stem], label):
        if isinstance(entry, RejectedRow) or entry.given_value is not None:
            yield entry
            continue
        yield entry._replace(left_out=())
        for reason, count in entry.left_out:
            yield from itertools.repeat(rejected_file(name, reason, "label"), count)


def _own_name(name: str) -> str:
    """Return what a picture is called inside its folder of pictures: an export puts it into such a folder again."""
    parts = PurePosixPath(name).parts
    below = max((place for place, part in enumerate(parts[:-1], 1) if part.lower() == "images"), default=0)
    if below and len(parts) > below + 1 and parts[below].lower() in SPLITS:
        below += 1
    return "/".join(parts[below:])


def _object(line: str, number: int, names: dict[int, str], shape: str, size: Size) -> Placed:
    try:
        first, *rest = line.split()
        label = _class(first, names)
        shares = [coordinates.number(_float(one), f"{one[:20]!r}") for one in rest]
        return _placed(label, shares, shape, size)
    except Invalid as error:
        raise Invalid("line {number}: {reason}", number=number, reason=error.message) from error


def _parted(line: str) -> tuple[str, str | None]:
    """Return a line without how sure a model is of it, which stands last, and that."""
    parts = line.split()
    return (" ".join(parts[:-1]), parts[-1]) if len(parts) % 2 == 0 else (line, None)


def _class(written: str, names: dict[int, str]) -> str:
    whole = written.partition(".")
    if not whole[0].isascii() or not whole[0].isdigit() or whole[2].strip("0") or len(whole[0]) > 6:  # noqa: PLR2004
        raise Invalid("{written!r} is no class number", written=written[:20])
    if int(whole[0]) not in names:
        raise Invalid("the class {number} has no name", number=int(whole[0]))
    return names[int(whole[0])]


def _float(written: str) -> float:
    try:
        return float(written)
    except ValueError as error:
        raise Invalid("{written!r} is not a number", written=written[:20]) from error


def _placed(label: str, shares: list[float], shape: str, size: Size) -> Placed:
    if len(shares) == _BOX:
        if shape != "boxes":
            raise Invalid("a box has no outline; a boxes project can take it")
        x, y, width, height = shares
        left, top = (x - width / 2) * size.width, (y - height / 2) * size.height
        return coordinates.box(label, (left, top, width * size.width, height * size.height), size)
    if len(shares) == _SURE_BOX:
        raise Invalid("six numbers are what a model predicts (a box and how sure it is), not a label")
    if len(shares) < _LEAST_OUTLINE or len(shares) % 2:
        raise Invalid(
            "{count} numbers are neither a box nor an outline; key points cannot be held", count=len(shares) + 1
        )
    corners = [(x * size.width, y * size.height) for x, y in coordinates.pairs(shares)]
    if shape == "polygons":
        return coordinates.polygon(label, corners, size)
    if len(shares) == _FOUR_CORNERS and not _is_upright(coordinates.pairs(shares)):
        raise Invalid("four corners that are not upright may be a turned box, which cannot be held")
    return coordinates.box_around(label, corners, size)


def _is_upright(corners: list[tuple[float, float]]) -> bool:
    """Say whether four corners are those of an upright box."""
    x, y, width, height = coordinates.bounds(corners)
    wanted = {(side, edge) for side in (0, 1) for edge in (0, 1)}
    for one, two in corners:
        near = [
            (side, edge)
            for side, edge in wanted
            if abs(one - x - side * width) <= _UPRIGHT and abs(two - y - edge * height) <= _UPRIGHT
        ]
        if not near:
            return False
        wanted.remove(near[0])
    return True


def sign(glimpse: Glimpse) -> Sign | None:
    """Know a label file by its lines, a set by its list of names, or by text files called as its pictures are."""
    if glimpse.kind == "file":
        why = Message("has a class number and shares of a picture in each line, as YOLO does.")
        return Sign(Certainty.MARKED, why) if glimpse.ends_in(".txt") and _are_labels(glimpse.text) else None
    paths = [PurePosixPath(name) for name in glimpse.files]
    texts = [path for path in paths if path.suffix.lower() == ".txt" and path.name.lower() not in LISTS]
    listed = min({path.name.lower() for path in paths} & _LISTED, default="")
    images = {path.stem for path in paths if is_image(path.name)}
    return _sign_beside(images, texts, listed) if images else _sign_alone(paths, texts, listed)


def _sign_beside(images: set[str], texts: list[PurePosixPath], listed: str) -> Sign | None:
    """Know label files beside pictures. images: their names without endings; listed: a file of names of classes."""
    if listed:
        why = Message("holds pictures and {listed}, as a YOLO dataset does.", listed=listed)
        return Sign(Certainty.SURE, why)
    if any(path.stem in images or "labels" in map(str.lower, path.parts[:-1]) for path in texts):
        why = Message("holds pictures and text files of the same names, as a YOLO dataset does.")
        return Sign(Certainty.MARKED, why)
    return None


def _sign_alone(paths: list[PurePosixPath], texts: list[PurePosixPath], listed: str) -> Sign | None:
    """Know label files without pictures."""
    if listed and texts:
        why = Message("holds label files and {listed}, as a YOLO dataset does.", listed=listed)
        return Sign(Certainty.SURE, why)
    if texts and len(texts) == len(paths):
        return Sign(Certainty.PLAUSIBLE, Message("holds text files and nothing else, as labels of YOLO may be."))
    return None


def _are_labels(text: str) -> bool:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    whole = lines[:-1] or lines  # the last one may be cut
    return bool(whole) and all(LINE.fullmatch(line) for line in whole)


READER = Reader(
    "yolo",
    "YOLO (Ultralytics)",
    (".zip", ".txt"),
    columns,
    read,
    shapes=coordinates.MEASURED,
    media=frozenset({"image"}),
    sign=sign,
    encoded=False,
    scores=True,
    numbers_classes=True,
)

"""The objects of an image in COCO, made a value: boxes or outlines, and of each what else the file says."""

from array import array
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.formats.coco.file import CROWD, Annotation, CocoFile
from labeler.exchange.parsing import coordinates
from labeler.exchange.parsing.coordinates import OUTLINE, Placed, Size
from labeler.exchange.parsing.object_details import THING
from labeler.exchange.parsing.run_lengths import HOLES, box_of, outlines_of
from labeler.exchange.parsing.values import mean_score, shape_of
from labeler.exchange.rows import Row
from labeler.exchange.sources import ReadOptions
from labeler.messages import Message, verbatim

_NOT_HELD = Message("{kind}, was left out", kind=CROWD)


def with_objects(row: Row, data: CocoFile, image: Hashable, size: Size, options: ReadOptions) -> Row:
    """Return the row of an image with its objects, and with what of them could not be held. image: its id.

    size: of the upright picture, in pixels.
    """
    shape = shape_of(options.task)
    placed, told, spare = _placed(data, image, shape, size)
    value, kept = coordinates.value_from(shape, placed)
    if options.wants == "predictions":
        row = row._replace(prediction_score=_score(data.annotations.get(image, ())))
    return row._replace(
        given_value=value if placed or not told else None,
        metadata={**row.metadata, **kept},
        left_out=tuple(told.items()),
        not_asked=((OUTLINE, spare),) if spare else (),
    )


def _score(annotations: Sequence[Annotation | str]) -> float | None:
    return mean_score(one.score for one in annotations if isinstance(one, Annotation))


def _placed(data: CocoFile, image: Hashable, shape: str, size: Size) -> tuple[list[Placed], Counter[str], int]:
    """Return the objects of an image, what of it could not be held, by what that is, and outlines nobody asks for."""
    placed: list[Placed] = []
    told, spare = Counter[str](), 0
    for number, annotation in enumerate(data.annotations.get(image, ()), 1):
        if isinstance(annotation, str):
            told[verbatim(annotation)] += 1
            continue
        if reason := _not_held(annotation, data.categories, shape):
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
        spare += shape == "boxes" and _is_drawn(outlined)
    return placed, told, spare


def _detailed(found: Sequence[Placed], annotation: Annotation, number: int) -> Iterator[Placed]:
    """Yield the outlines of one annotation with its further fields; number: what they share where they are several."""
    thing = {THING: number} if len(found) > 1 else {}
    for place, one in enumerate(found):
        yield one._replace(detail={**thing, **((annotation.detail if place == 0 else None) or {})})


def _is_drawn(annotation: Annotation) -> bool:
    """Say whether an annotation has an outline that is not that of its box."""
    if annotation.mask or len(annotation.outlines) > 1:
        return True
    if not annotation.outlines:
        return False
    return not coordinates.is_outline_of(coordinates.pairs(annotation.outlines[0]), _bbox(annotation))


def _outlined(annotation: Annotation, shape: str, size: Size, told: Counter[str]) -> Annotation:
    """Return an annotation with what is wanted of its mask, outlines or the box; raises Invalid for a bad mask."""
    if annotation.mask is None or (shape == "boxes" and annotation.bbox is not None):
        return annotation
    if isinstance(annotation.mask, str):
        raise Invalid(verbatim(annotation.mask))
    if shape == "boxes":
        return annotation._replace(bbox=array("d", box_of(annotation.mask, size)))
    outlines, holes = outlines_of(annotation.mask, size)
    if holes:
        told[HOLES] += holes
    flat = tuple(array("d", [side for corner in corners for side in corner]) for corners in outlines)
    return annotation._replace(outlines=flat)


def _not_held(annotation: Annotation, categories: dict[Any, str], shape: str) -> str:
    """Return why one annotation is left out of its image, "" when it is not: of a crowd there is a box, no outline."""
    if annotation.category not in categories:
        return Message("the category {number} is not among the categories", number=annotation.category)
    return _NOT_HELD if annotation.kind == CROWD and shape != "boxes" else ""


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

"""The objects of one picture as other tools list them: one that cannot be held costs itself, not the picture.

Note: where something was left out and nothing is left, the picture has no label, as "nothing
here" would be a wrong one. Each object is checked as the task type checks it when it is stored, since there one outline
that crosses itself would cost the whole picture.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing.coordinates import OUTLINE, Placed, Size, picture_size, value_from
from labeler.exchange.parsing.json_records import unstorable
from labeler.exchange.rows import RejectedRow, Row, rejected_file
from labeler.exchange.sources import ImageLoader
from labeler.messages import verbatim
from labeler.task_types.base import Content, TaskConfig
from labeler.task_types.registry import task_type


class Objects:
    """Collects the objects of a picture. task: the project's; size: of the upright picture, in pixels."""

    def __init__(self, task: str, size: Size) -> None:
        self.size = size
        self._task = task_type(task)
        self._placed: list[Placed] = []
        self._told = Counter[str]()

    def add(self, make: Callable[[], Placed]) -> None:
        """Take an object in; where making or checking it raises Invalid, count the reason instead."""
        try:
            placed = make()
            config = TaskConfig((placed.part["label"],))
            content = Content(width=self.size.width, height=self.size.height)
            self._task.check_value({self._task.shape: [placed.part]}, config, content)
        except Invalid as error:
            self.tell(error.message)
        else:
            self._placed.append(placed)

    def tell(self, reason: str, count: int = 1) -> None:
        """Count what was left out."""
        if count:
            self._told[verbatim(reason)] += count

    @property
    def left_out(self) -> tuple[tuple[str, int], ...]:
        """Return what was left out, as a row tells it."""
        return tuple(self._told.items())

    def on(self, row: Row) -> Row:
        """Return a row with the objects as its label, and with what was left out."""
        value, clipped = value_from(self._task.shape, self._placed)
        drawn = sum(one.drawn for one in self._placed)
        return row._replace(
            given_value=value if self._placed or not self._told else None,
            metadata={**row.metadata, **clipped},
            left_out=(*row.left_out, *self.left_out),
            not_asked=((OUTLINE, drawn),) if drawn else (),
        )


def labeled(
    row: Row, loader: ImageLoader, file: str | None, label: Callable[[Size], Row]
) -> Iterator[Row | RejectedRow]:
    """Yield a picture with its label and, where its label file was not understood, why: then it has no label.

    file: that which labels it, None without one; label: gives the row with it, from the size of the picture in pixels.
    """
    if file is None:
        yield row
        return
    try:
        size = picture_size(loader)
    except Invalid as error:
        yield rejected_file(row.file, error.message)
        return
    try:
        yield label(size)
    except Invalid as error:
        yield row
        yield rejected_file(file, error.message, "label")


def check_stated(width: float, height: float, size: Size) -> None:
    """Raise Invalid where a file says another size than its picture has; 0 says nothing."""
    if not width or not height or (width, height) == size:
        return
    said = f"{width:g} x {height:g}"
    if (height, width) == size:
        raise Invalid(
            "the picture is {width} x {height}, but the file says {said}; it is so before its EXIF turn, so save it "
            "upright",
            width=size.width,
            height=size.height,
            said=said,
        )
    raise Invalid(
        "the picture is {width} x {height}, but the file says {said}", width=size.width, height=size.height, said=said
    )


def checked_label(given: Any, most: int) -> str:
    """Return the class of an object. most: characters that it may have; raises Invalid where it is none."""
    if not isinstance(given, str) or not given.strip():
        raise Invalid("an object has no name of a class")
    if len(given) > most:
        raise Invalid("the name of a class may have {most} characters", most=most)
    if fault := unstorable(given):
        raise Invalid("the name of a class holds {fault}", fault=fault)
    return given.strip()

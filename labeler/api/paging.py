"""Lists in pages: `?limit=&cursor=` in, `{"data": […], "next": path or null}` out.

A cursor is the id of the last row of a page, so that a page is found by an index and rows added meanwhile move nothing.
To clients it is a word without a meaning: they follow `next`.
"""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from flask import request
from pydantic import Field

from labeler.api.shapes import MAX_ID, Query, Shape

MOST = 1000
Row = TypeVar("Row")


class Page(Query):
    """Which part of a list is asked for."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = 50
    cursor: Annotated[int, Field(ge=0, le=MAX_ID)] | None = None

    @property
    def after(self) -> int:
        """The id the page begins after, 0 for the first page."""
        return self.cursor or 0

    @property
    def one_more(self) -> int:
        """How many rows to read so that it is known whether another page follows."""
        return self.limit + 1


class Listed(Shape):
    """A page of a list. next: the address of the following page, or null."""

    next: str | None


def cut(page: Page, rows: Sequence[Row]) -> tuple[Sequence[Row], bool]:
    """Return the rows of the page out of `one_more` rows, and whether another page follows."""
    return rows[: page.limit], len(rows) > page.limit


def next_path(page: Page, last: int, *, more: bool) -> str | None:
    """Return the address of the page after the row `last`, with the same filters."""
    if not more:
        return None
    asked: dict[str, Any] = page.model_dump(exclude_none=True, exclude_unset=True, mode="json")
    return f"{request.script_root}{request.path}?{urlencode({**asked, 'cursor': last})}"

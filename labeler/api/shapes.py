"""What every body, query string and answer is made of.

Bodies are strict: "1" is not 1, and a field that is not listed is refused, so nobody can set what they may not. Query
strings hold only text, so numbers in them are read from it; unlisted parameters are refused there too.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from flask import Response, current_app, url_for
from pydantic import BaseModel, ConfigDict, Field

from labeler.projects.models import Item
from labeler.quality.detectors.registry import DETECTORS

MAX_ID = 2**31 - 1  # PostgreSQL keeps ids in 32 bits
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
PrintableText = Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=500)]  # PostgreSQL cannot compare with a NUL


def _kinds(schema: dict[str, Any]) -> None:
    """Name the kinds there are now, with what each says; flags of a detector that was taken away keep theirs."""
    schema["enum"] = [*DETECTORS]
    schema["description"] = " ".join(f"{kind}: {one.explanation}" for kind, one in DETECTORS.items())


FlagKind = Annotated[PrintableText, Field(max_length=32, json_schema_extra=_kinds)]


class Body(BaseModel):
    """A JSON body."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)


class Query(BaseModel):
    """The parameters of a query string."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Shape(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(defer_build=True)  # as above: built when first used, so that the server starts sooner


class Problem(Shape):
    """An RFC 9457 problem document. field: the first wrong one; errors: all of them."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    errors: list[dict[str, str]] | None = None


def moment(at: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC to the second."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def content_of(slug: str, item: Item) -> dict[str, Any]:
    """Return what there is to see of an item: its text, or the addresses and size (pixels) of its picture."""
    if item.width is None:
        return {"text": item.text}
    return {
        "image_url": url_for("web.image", slug=slug, item_id=item.id, size="display"),
        "thumb_url": url_for("web.image", slug=slug, item_id=item.id, size="thumb"),
        "width": item.width,
        "height": item.height,
    }


def answered(value: Any, status: int = 200) -> Response:
    """Return a value as JSON without a second look at it: for the two answers that must be fast."""
    return current_app.response_class(current_app.json.dumps(value), status=status, content_type="application/json")

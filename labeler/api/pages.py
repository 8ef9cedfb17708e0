"""Pages of the bulk grid: hold up to 30 look-alikes with one proposed class, and take all answers of a page back.

The answers themselves go the way of all answers (POST /annotations, with mode "bulk" and the id of the page).
"""

from typing import Annotated, Any

from pydantic import Field

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.api.assignments import HeldItem, lease, shown
from labeler.api.blueprint import blueprint
from labeler.api.shapes import MAX_ID, Body, Id, Shape, moment
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.projects.queries import guideline_version

SET_ASIDE = 2000


class Turn(Body):
    """Which page is wanted.

    without: items to leave out, on the page in front or set aside; after: the cluster of the page in front.
    """

    without: Annotated[list[Id], Field(max_length=SET_ASIDE, default_factory=list)]
    after: Annotated[int, Field(ge=-1, le=MAX_ID)] = -1


class PageItem(HeldItem):
    """A held item on a page.

    probability: of the page's class; odd: clearly less likely than the rest of the page; rival: then, its other class.
    """

    probability: float | None
    odd: bool
    rival: str | None


class PageOut(Shape):
    """Items that look alike, least certain first, and the class proposed for all of them.

    cluster: its number, by density; reason: why there is no page: "no_pass" (no finished inspection that put items
    together) or "nothing_left".
    """

    page: str | None
    cluster: int | None
    proposed: str | None = Field(alias="class")
    items: list[PageItem]
    reason: str | None


class PageTakenBack(PageOut):
    """What was taken back of a page, and its items, held again for you under a new page id.

    undone: answers taken back; late: of those, how many never counted; replaced: answers replaced or undone before.
    """

    undone: int
    late: int
    replaced: int


@blueprint.post("/projects/<slug>/pages")
@needs(Action.ANNOTATE)
@blueprint.input(Turn, arg_name="body")
@blueprint.output(PageOut)
def claim_page(slug: str, body: Turn) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Hold the items of the next page for yourself; an empty page says why there is none."""
    workflow.check_offers_pages(project())
    with database().read() as session:
        version = guideline_version(session, project().id)
    found = workflow.serve_page(
        database(), project().id, user_id(), without=body.without, after=body.after, lease=lease()
    )
    # a page that shows an older version of the guidelines says so
    return _as_shape(slug, found), 200, {"X-Guideline-Version": str(version)}


@blueprint.delete("/projects/<slug>/pages/<page>")
@needs(Action.ANNOTATE)
@blueprint.output(PageTakenBack)
def take_page_back(slug: str, page: str) -> dict[str, Any]:
    """Take back every answer of your own on a page, all of them or none; its items are held for you again."""
    with database().write() as session:
        back = workflow.take_page_back(session, project().id, user_id(), page, lease=lease())
    return _as_shape(slug, back.page) | {"undone": back.undone, "late": back.late, "replaced": back.replaced}


def _as_shape(slug: str, page: workflow.BulkPage) -> dict[str, Any]:
    return {
        "page": page.id,
        "cluster": page.cluster,
        "class": page.proposed,
        "items": [_item_as_shape(slug, one) for one in page.items],
        "reason": page.reason,
    }


def _item_as_shape(slug: str, one: workflow.BulkItem) -> dict[str, Any]:
    assignment = one.held.assignment
    return {
        "assignment": assignment.id,
        **shown(slug, one.held.item),
        "expires_at": moment(assignment.expires_at),
        "purpose": assignment.purpose,
        "note": None,
        "probability": None if one.probability is None else round(one.probability, 4),
        "odd": one.odd,
        "rival": one.rival,
    }

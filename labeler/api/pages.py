"""Pages of the bulk grid: hold up to 30 look-alikes with one proposed class, and take all answers of a page back.

The answers themselves go the way of all answers (POST /annotations, with mode "bulk" and the id of the page). Note:
a page shows what a model thinks before anybody answered, so there is none unless a lead turned
pages on; and a page is no row anywhere. Its items are held like any others, and its id lives in the answers alone.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import uuid4

from pydantic import Field
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.annotations.queries import of_page
from labeler.api.assignments import HeldItem, shown
from labeler.api.blueprint import blueprint
from labeler.api.shapes import MAX_ID, Body, Id, Shape, moment
from labeler.assignment import claims
from labeler.assignment.models import Assignment
from labeler.errors import Forbidden
from labeler.extensions import database, settings
from labeler.extensions.access import needs, project, user_id
from labeler.projects.models import Item
from labeler.projects.queries import classes_of, guideline_version, offers_pages, task_of
from labeler.quality import queries as quality
from labeler.quality.pages import Placed, lay_out
from labeler.storage.database import alone, clock

FEWEST = 4  # look-alikes below which a page saves no key worth the look at it
SET_ASIDE = 2000
_TRIES = 3  # another person may take the items between the choice and the hold
_STANDING = frozenset({"counted", "late", "skipped"})


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
    _check_offered()
    with database().read() as session:
        version = guideline_version(session, project().id)
    # a page that shows an older version of the guidelines says so
    return _next_page(slug, body), 200, {"X-Guideline-Version": str(version)}


def _next_page(slug: str, body: Turn) -> dict[str, Any]:
    for _ in range(_TRIES):
        with database().read() as session:
            inspection = quality.latest_inspection(session, project().id)
            if inspection is None or not quality.has_clusters(session, inspection.id):
                return _no_page("no_pass")
            without = sorted(set(body.without))
            wanted = quality.next_cluster(
                session, inspection.id, user_id(), fewest=FEWEST, without=without, after=body.after
            )
        if wanted is None:
            break
        with database().write() as session:
            found = _held(session, slug, wanted[1]) | {"cluster": wanted[0]}
        if found["items"]:
            return found
    return _no_page("nothing_left")


@blueprint.delete("/projects/<slug>/pages/<page>")
@needs(Action.ANNOTATE)
@blueprint.output(PageTakenBack)
def take_page_back(slug: str, page: str) -> dict[str, Any]:
    """Take back every answer of your own on a page, all of them or none; its items are held for you again."""
    lease = timedelta(seconds=settings().lease_seconds)
    with database().write() as session:
        alone(session, project().id)
        given = of_page(session, project().id, user_id(), page)
        standing = [one for one in given if one.status in _STANDING]
        late = sum(one.status == "late" for one in standing)
        for annotation in standing:
            workflow.undo(session, project().id, user_id(), annotation.id, lease=lease)
        found = _held(session, slug, [one.item_id for one in standing])
    return found | {"undone": len(standing), "late": late, "replaced": len(given) - len(standing)}


def _check_offered() -> None:
    if not task_of(project()).pages:
        raise Forbidden("Pages are for projects that ask for one class; label these items one by one.")
    if not offers_pages(project()):
        raise Forbidden("Pages are off in this project. A lead can turn them on in its settings.")


def _no_page(reason: str) -> dict[str, Any]:
    return {"page": None, "cluster": None, "class": None, "items": [], "reason": reason}


def _held(session: Session, slug: str, item_ids: Sequence[int]) -> dict[str, Any]:
    """Hold these items and lay them out. What a lead sent back meanwhile is held too, but is not on the page."""
    alone(session, project().id)
    lease, now = timedelta(seconds=settings().lease_seconds), clock(session)
    held = claims.hold(session, project().id, user_id(), item_ids, lease=lease, now=now)
    on_page = {item.id: (assignment, item) for assignment, item in held if assignment.purpose == "label"}
    inspection = quality.latest_inspection(session, project().id)
    scores = quality.scores_of(session, inspection.id, list(on_page)) if inspection else {}
    chosen, placed = lay_out((n, quality.probabilities(scores[n]) if n in scores else []) for n in on_page)
    names = classes_of(session, project().id).names
    if not placed:
        return _no_page("nothing_left")
    return {
        "page": str(uuid4()),
        "cluster": None,
        "class": None if chosen is None else names[chosen],
        "items": [_page_item(slug, *on_page[one.item], one, names) for one in placed],
        "reason": None,
    }


def _page_item(slug: str, assignment: Assignment, item: Item, placed: Placed, names: Sequence[str]) -> dict[str, Any]:
    return {
        "assignment": assignment.id,
        **shown(slug, item),
        "expires_at": moment(assignment.expires_at),
        "purpose": assignment.purpose,
        "note": None,
        "probability": None if placed.probability is None else round(placed.probability, 4),
        "odd": placed.odd,
        "rival": None if placed.rival is None else names[placed.rival],
    }

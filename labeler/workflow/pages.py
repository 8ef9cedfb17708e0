"""Pages of bulk labeling: a cluster of look-alikes is handed out, answered and taken back as single items are.

A page is no row anywhere. Which items it asks for is all that is special: they are held by `serve`, under the rules of
every hold; its answers come to `submit`, with mode "bulk" and the id of the page; and `undo` takes back each of them.
Note: a page shows what a model thinks before anybody answered, so there is none unless a lead turned pages on, and the
comparison of shown and hidden suggestions leaves its items out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from labeler.annotations import queries as annotation_queries
from labeler.assignment.slots import end_leases
from labeler.errors import Forbidden
from labeler.projects import queries as project_queries
from labeler.projects.models import Project
from labeler.quality import actions as quality_actions
from labeler.quality import queries as quality_queries
from labeler.quality.pages import lay_out
from labeler.storage.database import Database, alone, clock
from labeler.workflow.answers import undo
from labeler.workflow.serving import Held, serve

FEWEST = 4  # look-alikes below which a page saves no key worth the look at it
_TRIES = 3  # another person may take the items between the choice and the hold
_STANDING = frozenset({"counted", "late", "skipped"})


@dataclass(frozen=True)
class BulkItem:
    """A held item on a page. odd: clearly less likely of the page's class than the rest; rival: then, its other class.

    probability: of the page's class, None without a prediction.
    """

    held: Held
    probability: float | None
    odd: bool
    rival: str | None


@dataclass(frozen=True)
class BulkPage:
    """Items that look alike, least certain first, and the name of the class proposed for all of them.

    cluster: its number, by density. An empty page has a reason instead: "no_pass" (no finished inspection that put
    items together) or "nothing_left".
    """

    id: str | None = None
    cluster: int | None = None
    proposed: str | None = None
    items: tuple[BulkItem, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class TakenBack:
    """What was taken back of a page, and its items, held again under a new page id.

    undone: answers taken back; late: of those, how many never counted; replaced: answers replaced or undone before.
    """

    page: BulkPage
    undone: int
    late: int
    replaced: int


def check_offers_pages(project: Project) -> None:
    """Raise Forbidden, saying why, where a project has no pages."""
    if not project_queries.task_of(project).pages:
        raise Forbidden("Pages are for projects that ask for one class; label these items one by one.")
    if not project_queries.offers_pages(project):
        raise Forbidden("Pages are off in this project. A lead can turn them on in its settings.")


def serve_page(
    database: Database,
    project_id: int,
    user_id: int,
    *,
    without: Sequence[int] = (),
    after: int = -1,
    lease: timedelta,
    now: datetime | None = None,
) -> BulkPage:
    """Hold the items of the next page for a person; an empty page says why there is none.

    without: ids of items to leave out; after: the cluster of the page in front. now: as for `serve`. The look for a
    cluster may walk over all items, so it happens while others write.
    """
    with database.write() as session:
        alone(session, project_id)
        end_leases(session, project_id, now or clock(session))
    for _ in range(_TRIES):
        with database.read() as session:
            inspection = quality_queries.latest_inspection(session, project_id)
            if inspection is None or not quality_queries.has_clusters(session, inspection.id):
                return BulkPage(reason="no_pass")
            wanted = quality_queries.next_cluster(
                session, inspection.id, user_id, fewest=FEWEST, without=sorted(set(without)), after=after
            )
        if wanted is None:
            break
        cluster, item_ids = wanted
        with database.write() as session:
            page = _hold(session, project_id, user_id, item_ids, cluster=cluster, lease=lease, now=now)
        if page.items:
            return page
    return BulkPage(reason="nothing_left")


def take_page_back(
    session: Session, project_id: int, user_id: int, page: str, *, lease: timedelta, now: datetime | None = None
) -> TakenBack:
    """Take back every answer of a person's own on a page, all or none; its items are held for them again.

    page: its id; now: as for `serve`. An answer that was replaced or undone stays as it is.
    """
    alone(session, project_id)
    at = now or clock(session)
    given = annotation_queries.of_page(session, project_id, user_id, page)
    standing = [one for one in given if one.status in _STANDING]
    late = sum(one.status == "late" for one in standing)
    for annotation in standing:
        undo(session, project_id, user_id, annotation.id, lease=lease, at=at)
    items = [one.item_id for one in standing]
    again = _hold(session, project_id, user_id, items, cluster=None, lease=lease, now=at)
    return TakenBack(again, undone=len(standing), late=late, replaced=len(given) - len(standing))


def _hold(
    session: Session,
    project_id: int,
    user_id: int,
    item_ids: Sequence[int],
    *,
    cluster: int | None,
    lease: timedelta,
    now: datetime | None,
) -> BulkPage:
    """Hold these items and lay them out. What a lead sent back meanwhile is held too, but is not on the page."""
    if not item_ids:
        return BulkPage(reason="nothing_left")
    held = serve(session, project_id, user_id, count=len(item_ids), only=item_ids, lease=lease, now=now)
    on_page = {one.item.id: one for one in held if one.assignment.purpose == "label"}
    quality_actions.leave_out_of_comparison(session, [one.assignment for one in on_page.values()])
    inspection = quality_queries.latest_inspection(session, project_id)
    scores = quality_queries.scores_of(session, inspection.id, list(on_page)) if inspection else {}
    chosen, placed = lay_out((n, quality_queries.probabilities(scores[n]) if n in scores else []) for n in on_page)
    if not placed:
        return BulkPage(reason="nothing_left")
    names = project_queries.classes_of(session, project_id).names
    return BulkPage(
        str(uuid4()),
        cluster,
        None if chosen is None else names[chosen],
        tuple(
            BulkItem(on_page[one.item], one.probability, one.odd, None if one.rival is None else names[one.rival])
            for one in placed
        ),
    )

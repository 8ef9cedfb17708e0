"""The review queue: one suspect at a time with its evidence, decided by one key.

Everything is a plain form: a decision answers with a redirect to the next card. Which cards come next is in the address
(kind, label, suggested), so a queue can be linked to; whether evidence is hidden first is kept with the sign-in.
"""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler.accounts.permissions import Action
from labeler.decisions import outcomes
from labeler.decisions.final import about_class
from labeler.errors import LabelerError
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.jobs import actions as jobs
from labeler.jobs import queries as job_queries
from labeler.jobs.models import INSPECT, Job
from labeler.projects.models import Project
from labeler.projects.queries import item_in
from labeler.quality.detectors.registry import DETECTORS, bulk_kind, rank
from labeler.quality.models import Flag, Inspection
from labeler.quality.queries import kinds_of, latest_inspection
from labeler.review import precision, queue
from labeler.review.probability import probabilities_wrong
from labeler.review.queue import Wanted
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.shared import deciding
from labeler.web.shared.evidence import Desk, near_to, read_card, shown_items, standings_of
from labeler.web.shared.item_card import Bulk, Card, Near, Row
from labeler.web.shared.numbers import id_in

BEHIND, AHEAD = 3, 24  # lines of the queue shown before and after the current one
COMPARED = 4  # items shown beside the current one
THRESHOLD = 90
_BLIND = "review_blind"


@dataclass(frozen=True)
class Pass:
    """How far the quality pass is. job: the one that waits or runs, or failed last."""

    job: Job | None
    worker: bool

    @property
    def runs(self) -> bool:
        """Whether a pass waits or runs."""
        return self.job is not None and self.job.state in {"queued", "running"}


@blueprint.get("/p/<slug>/review")
@needs(Action.LEAD)
def review(slug: str) -> str:
    """Show one suspect, by default the first that waits."""
    del slug
    here = project()
    with database().read() as session:
        desk = Desk.of(session, here)
        inspection, state = latest_inspection(session, here.id), pass_of(session, here)
        if inspection is None:
            return _page("review/begin.html", state=state, kinds=DETECTORS.values())
        wanted = wanted_of(session, inspection)
        decided = outcomes.decided(session, here.id)
        counts = queue.counts(session, inspection.id)
        shared = {"state": state, "decided": decided, "counts": counts, "wanted": wanted, "inspection": inspection}
        flag, card = _current(desk, inspection, wanted)
        if card is None:
            return _page("review/nothing.html", **shared, **_sidebar(desk, wanted, None))
        return _page("review/review.html", **shared, **_sidebar(desk, wanted, flag), **_beside(desk, card))


@blueprint.post("/p/<slug>/review/decide")
@needs(Action.LEAD)
def review_decide(slug: str) -> Response:
    """Store a decision and go on to the next card."""
    here = project()
    try:
        with database().write() as session:
            decided = deciding.store(session, here, user_id())
            said = deciding.words_of(session, here, decided)
            inspection = latest_inspection(session, here.id)
            target = _next_after(session, wanted_of(session, inspection), decided.item_id) if inspection else 0
    except LabelerError as error:
        flash(translated(error.message), "error")
        return redirect(address(slug, item=request.form.get("item", 0, type=id_in)), 303)
    flash(said, "success")
    return redirect(address(slug, item=target), 303)


@blueprint.post("/p/<slug>/review/undo")
@needs(Action.LEAD)
def review_undo(slug: str) -> Response:
    """Take back one's newest decision, with all that were made in the same step."""
    with database().write() as session:
        said, item = deciding.take_back(session, project(), user_id())
    flash(said, "success")
    return redirect(address(slug, item=item), 303)


@blueprint.post("/p/<slug>/review/blind")
@needs(Action.LEAD)
def review_blind(slug: str) -> Response:
    """Hide the evidence of each card until the lead has answered, or show it at once again."""
    cookie[_BLIND] = not cookie.get(_BLIND, False)
    return redirect(address(slug, item=request.form.get("item", 0, type=id_in)), 303)


@blueprint.post("/p/<slug>/review/inspect")
@needs(Action.LEAD)
def review_inspect(slug: str) -> Response:
    """Ask the worker for a pass."""
    with database().write() as session:
        jobs.ask_for_inspection(session, project().id, by=user_id(), now=clock(session))
    return redirect(url_for("web.review", slug=slug), 303)


def pass_of(session: Session, here: Project) -> Pass:
    """Read how far a project's quality pass is, and whether there is anybody to run it."""
    job = job_queries.latest_job(session, here.id, INSPECT)
    worker = job_queries.worker_seen(session, clock(session))
    return Pass(job if job is not None and job.state != "done" else None, worker)


def wanted_of(session: Session, inspection: Inspection) -> Wanted:
    """Read from the address which part of the queue is asked for."""
    kind = request.args.get("kind", "")
    label, suggested = request.args.get("label", ""), request.args.get("suggested", "")
    known = kind in DETECTORS or kind in kinds_of(session, inspection.id)
    items = about_class(session, inspection.project_id, label) if label else None
    return Wanted(inspection.id, kind if known else "", label, suggested, items=items)


def address(slug: str, **more: Any) -> str:
    """Return the address of a card in the same part of the queue."""
    return _kept("web.review", slug, **more)


def _kept(endpoint: str, slug: str, **more: Any) -> str:
    asked = {name: request.args.get(name, "") for name in ("kind", "label", "suggested")} | more
    return url_for(endpoint, slug=slug, **{name: value for name, value in asked.items() if value})


def _page(template: str, **context: Any) -> str:
    here = project()

    def to(endpoint: str) -> str:
        return _kept(endpoint, here.slug)

    return render_template(
        template, page="review", project=here, address=address, to=to, key=deciding.new_key(), **context
    )


def _current(desk: Desk, inspection: Inspection, wanted: Wanted) -> tuple[Flag | None, Card | None]:
    """Return the card that was asked for, or the first that waits."""
    item_id = request.args.get("item", 0, type=id_in)
    if item_id:
        flag = queue.flag_of(desk.session, wanted, item_id)
    else:
        flag = next(iter(queue.waiting(desk.session, wanted, limit=1)), None)
    if flag is None and not item_id:
        return None, None
    item = item_in(desk.session, desk.project.id, flag.item_id if flag else item_id)
    return flag, read_card(desk, item, flag=flag, inspection=inspection)


def _next_after(session: Session, wanted: Wanted, item_id: int) -> int:
    """Return the item after one in the queue, from the top again after the last; 0 when nothing waits."""
    flag = queue.flag_of(session, wanted, item_id)
    following = queue.waiting(session, wanted, after=flag, limit=1) or queue.waiting(session, wanted, limit=1)
    return following[0].item_id if following else 0


def _sidebar(desk: Desk, wanted: Wanted, flag: Flag | None) -> dict[str, Any]:
    """Return the queue around the current card, and what accepting many would do."""
    session = desk.session
    behind = list(reversed(queue.before(session, wanted, flag, BEHIND))) if flag else []
    ahead = queue.waiting(session, wanted, after=flag, limit=AHEAD)
    flags = [*behind, *([flag] if flag else []), *ahead]
    return {
        "rows": rows_of(desk, flags, current=flag),
        "previous": behind[-1].item_id if behind else 0,
        "next": ahead[0].item_id if ahead else 0,
        "palette": desk.palette,
        "bulk": read_bulk(session, desk.project, wanted.inspection, bulk_kind(wanted.kind)),
        "threshold": THRESHOLD,
        "kinds": sorted({*kinds_of(session, wanted.inspection), *filter(None, [wanted.kind])}, key=rank),
    }


def rows_of(desk: Desk, flags: list[Flag], *, current: Flag | None = None) -> list[Row]:
    """Return flags (of one run) as lines of the queue. The label is the one that stands now."""
    ids = [flag.item_id for flag in flags]
    items, standing = shown_items(desk, ids), standings_of(desk, ids)
    wrong = probabilities_wrong(desk.session, flags[0].inspection_id if flags else None, standing.values())
    return [
        Row(
            item=items[flag.item_id],
            kind=flag.kind,
            label=desk.label(standing[flag.item_id].final, standing[flag.item_id].value),
            suggested=desk.label(flag.suggested_code, flag.suggested_value),
            wrong=wrong.get(flag.item_id),
            confidence=flag.confidence,
            current=flag is current,
        )
        for flag in flags
        if flag.item_id in items
    ]


def read_bulk(session: Session, here: Project, inspection_id: int, kind: str) -> Bulk:
    """Read what accepting many suggestions of one kind would do."""
    waiting = queue.waiting_by_probability(session, inspection_id, kind)
    checked = precision.precision(session, here.id, kind).checked
    return Bulk(kind, waiting, queue.checked_by_probability(session, here.id, kind), checked)


def _beside(desk: Desk, card: Card) -> dict[str, Any]:
    """Return the card with what hides or stands beside it: the blind answer, and the items to compare with."""
    blind = bool(cookie.get(_BLIND, False))
    mine = desk.palette.of_code(request.args.get("mine", ""))
    return {
        "card": card,
        "blind": blind,
        "hidden": blind and mine is None and not card.standing,
        "mine": mine if blind else None,
        "pictures": _compared(desk, card),
    }


def _compared(desk: Desk, card: Card) -> tuple[Near, ...]:
    """Return the items to show beside the current one: those its reasons point at, else the nearest when asked."""
    pointed_at = [(why.item, why.facts.get("similarity", 1.0)) for why in card.why if why.item]
    asked = request.args.get("compare", "")
    if pointed_at and asked != "0":
        return near_to(desk, pointed_at[:COMPARED])
    return card.near[:COMPARED] if asked == "1" else ()

"""The review queue: one suspect at a time with its evidence, decided by one key.

Everything is a plain form: a decision answers with a redirect to the next card. Which cards come next is in the address
(kind, label, suggested), so a queue can be linked to; whether evidence is hidden first is kept with the sign-in.
"""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler.accounts.permissions import Action
from labeler.decisions import outcomes
from labeler.decisions.actions import undo_standing
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
from labeler.quality.detectors.registry import DETECTORS, DRAWN, bulk_kind, rank
from labeler.quality.models import Flag, Inspection
from labeler.quality.queries import kinds_of, latest_inspection
from labeler.review import precision, queue, sitting
from labeler.review.accepting import read_accepting
from labeler.review.expected import expected_wrong
from labeler.review.offer import drawn, least_offered
from labeler.review.precision import Precision
from labeler.review.probability import probabilities_wrong
from labeler.review.queue import Wanted
from labeler.review.twins import twins_of
from labeler.second_opinions import queries as second_opinions
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.review.running import running
from labeler.web.shared import deciding
from labeler.web.shared.evidence import Desk, near_to, other_reasons, read_card, shown_items, standings_of
from labeler.web.shared.item_card import Card, Measured, Near, Row
from labeler.web.shared.numbers import id_in
from labeler.web.shared.set_findings import set_notes

BEHIND, AHEAD = 3, 24  # lines of the queue shown before and after the current one
NEXT = 20  # items of which it is said how many are wrong
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
        return self.job is not None and self.job.is_open


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
        wanted = wanted_of(desk, inspection)
        decided = outcomes.decided(session, here.id)
        shared = {
            "state": state,
            "decided": decided,
            "running": running(here.slug, decided.total),
            "by_time": _by_time(),
            "counts": queue.counts(session, inspection.id),
            "wanted": wanted,
            "asked": second_opinions.waiting_count(session, here.id),
            "inspection": inspection,
            "known": desk.known,
        }
        flag, card, drawn = _current(desk, inspection, wanted)
        if card is None:
            about_set = set_notes(here.slug, inspection)
            return _page("review/nothing.html", **shared, **_sidebar(desk, wanted, None), about_set=about_set)
        measured = measured_of(session, here, flag) if flag else None
        around = _sidebar(desk, wanted, flag, drawn=drawn) | _beside(desk, card, inspection)
        around |= {"others": other_reasons(desk, card, inspection)}
        return _page("review/review.html", **shared, **around, drawn=drawn, measured=measured)


@blueprint.post("/p/<slug>/review/decide")
@needs(Action.LEAD)
def review_decide(slug: str) -> Response:
    """Store a decision and go on to the next card."""
    here = project()
    try:
        with database().write() as session:
            decided = deciding.store(session, here, user_id())
            said = deciding.words_of(session, here, decided)
            desk, inspection = Desk.of(session, here), latest_inspection(session, here.id)
            target = next_after(desk, wanted_of(desk, inspection), decided.item_id) if inspection else 0
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


@blueprint.post("/p/<slug>/review/withdraw")
@needs(Action.LEAD)
def review_withdraw(slug: str) -> Response:
    """Take the question for a second opinion back, whoever asked it; the item waits for a lead again."""
    item = request.form.get("item", 0, type=id_in)
    with database().write() as session:
        done = undo_standing(session, project(), item, request.form.get("review", 0, type=id_in))
    if done:
        flash(_("Item %(item)s is back in the queue", item=item), "success")
    else:
        flash(_("Somebody changed this decision in the meantime; nothing was undone."), "warning")
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


def wanted_of(desk: Desk, inspection: Inspection) -> Wanted:
    """Read from the address which part of the queue is asked for."""
    session, kind = desk.session, request.args.get("kind", "")
    label, suggested = request.args.get("label", ""), request.args.get("suggested", "")
    known = kind in DETECTORS or kind in kinds_of(session, inspection.id)
    items = about_class(session, inspection.project_id, label) if label else None
    least = least_offered(session, inspection.id, desk.known)
    return Wanted(inspection.id, kind if known else "", label, suggested, least=least, items=items)


def address(slug: str, **more: Any) -> str:
    """Return the address of a card in the same part of the queue."""
    return kept("web.review", slug, **more)


def kept(endpoint: str, slug: str, **more: Any) -> str:
    """Return the address of another page about the same part of the queue."""
    asked = {name: request.args.get(name, "") for name in ("kind", "label", "suggested", "order")} | more
    return url_for(endpoint, slug=slug, **{name: value for name, value in asked.items() if value})


def _page(template: str, **context: Any) -> str:
    here = project()

    def to(endpoint: str) -> str:
        return kept(endpoint, here.slug)

    return render_template(
        template, page="review", project=here, address=address, to=to, key=deciding.new_key(), **context
    )


def _current(desk: Desk, inspection: Inspection, wanted: Wanted) -> tuple[Flag | None, Card | None, bool]:
    """Return the card that was asked for, or the one that is drawn now, or the first; and whether it is drawn."""
    item_id = request.args.get("item", 0, type=id_in)
    chosen = drawn(desk.session, wanted, desk.known.reviews)
    if item_id:
        flag = queue.flag_of(desk.session, wanted, item_id)
    else:
        flag = chosen or next(iter(_ahead(desk, wanted, None, 1)), None)
    if flag is None and not item_id:
        return None, None, False
    item = item_in(desk.session, desk.project.id, flag.item_id if flag else item_id)
    is_drawn = chosen is not None and chosen.item_id == item.id
    return flag, read_card(desk, item, flag=flag, inspection=inspection), is_drawn


def next_after(desk: Desk, wanted: Wanted, item_id: int) -> int:
    """Return the item drawn now, else the one after this in the queue, after the last the first; 0 for its top."""
    if _by_time():
        return 0  # that order is put together by who shows it, not while a decision is written
    session = desk.session
    chosen = drawn(session, wanted, desk.known.reviews)
    if chosen is not None:
        return chosen.item_id
    flag = queue.flag_of(session, wanted, item_id)
    if flag is not None and flag.kind == DRAWN.kind:
        flag = None  # it was drawn: the queue goes on at its top
    following = queue.waiting(session, wanted, after=flag, limit=1) or queue.waiting(session, wanted, limit=1)
    return following[0].item_id if following else 0


def _by_time() -> bool:
    return request.args.get("order", "") == "time"


def _ahead(desk: Desk, wanted: Wanted, after: Flag | None, limit: int) -> list[Flag]:
    """Return the flags after one in the order that is asked for; that of a time of review always begins at its top."""
    if not _by_time():
        return queue.waiting(desk.session, wanted, after=after, limit=limit)
    ordered = sitting.in_time_order(desk.session, desk.project.id, wanted, desk.known, user_id())
    return [desk.session.get_one(Flag, one.flag) for one in ordered[:limit]]


def _sidebar(desk: Desk, wanted: Wanted, flag: Flag | None, *, drawn: bool = False) -> dict[str, Any]:
    """Return the queue around the current card (from its top beside a drawn one), and what accepting many would do."""
    session, start = desk.session, None if drawn or _by_time() else flag
    behind = list(reversed(queue.before(session, wanted, start, BEHIND))) if start else []
    ahead = [one for one in _ahead(desk, wanted, start, AHEAD) if one is not flag]
    flags = [*behind, *([flag] if flag else []), *ahead]
    rows = rows_of(desk, flags, current=flag)
    kind = bulk_kind(wanted.kind)
    return {
        "rows": rows,
        "previous": behind[-1].item_id if behind else 0,
        "next": ahead[0].item_id if ahead else 0,
        "palette": desk.palette,
        "expected": expected_wrong(row.wrong for row in rows[len(behind) :][:NEXT] if row.wrong),
        "bulk": read_accepting(session, desk.project, wanted.inspection, kind, desk.known),
        "threshold": THRESHOLD,
        "kinds": sorted({*kinds_of(session, wanted.inspection), *filter(None, [wanted.kind])}, key=rank),
    }


def rows_of(desk: Desk, flags: list[Flag], *, current: Flag | None = None) -> list[Row]:
    """Return flags (of one run) as lines of the queue. The label is the one that stands now."""
    ids = [flag.item_id for flag in flags]
    items, standing = shown_items(desk, ids), standings_of(desk, ids)
    run = flags[0].inspection_id if flags else None
    wrong = probabilities_wrong(desk.session, run, standing.values(), desk.known)
    return [
        Row(
            item=items[flag.item_id],
            kind=flag.kind,
            label=desk.label(standing[flag.item_id].final, standing[flag.item_id].value),
            suggested=offered[0] if (offered := desk.offered(flag)) else None,
            wrong=wrong.get(flag.item_id),
            right=offered[1] if offered else None,
            current=flag is current,
        )
        for flag in flags
        if flag.item_id in items
    ]


def measured_of(session: Session, here: Project, flag: Flag) -> Measured:
    """Read how often flags like this one were right: of its kind, and of these on labels of its class."""
    found = precision.precision_by_class(session, here.id, flag.kind)
    return Measured(sum(found.values(), Precision()), found.get(flag.label_code, Precision()))


def _beside(desk: Desk, card: Card, inspection: Inspection) -> dict[str, Any]:
    """Return the card with what hides or stands beside it: the blind answer, and the items to compare with."""
    blind = bool(cookie.get(_BLIND, False))
    mine = desk.palette.of_code(request.args.get("mine", ""))
    return {
        "card": card,
        "blind": blind,
        "hidden": blind and mine is None and not card.standing,
        "mine": mine if blind else None,
        "pictures": _compared(desk, card),
        "group": kept("web.review_group", desk.project.slug, item=card.item.id),
        "people": second_opinions.people_for(desk.session, desk.project.id, card.item.id, asks=user_id()),
        "twins": twins_of(desk.session, inspection.id, card.item.id),
        "edit": kept("web.review_edit", desk.project.slug, item=card.item.id),
    }


def _compared(desk: Desk, card: Card) -> tuple[Near, ...]:
    """Return the items to show beside the current one: those its reasons point at, else the nearest when asked."""
    pointed_at = [(why.item, why.facts.get("similarity", 1.0)) for why in card.why if why.item]
    asked = request.args.get("compare", "")
    if pointed_at and asked != "0":
        return near_to(desk, pointed_at[:COMPARED])
    return card.near[:COMPARED] if asked == "1" else ()

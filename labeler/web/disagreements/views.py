"""Items whose votes differ, one at a time with the voters side by side.

Ties come first, then the least sure consensus; only ties when the address says so (`ties`). A decision here is the same
as on the review page, but about no flag; keeping all votes ("truly ambiguous") leaves the item with their shares and
no single label.
"""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler.accounts.permissions import Action
from labeler.consensus.models import ItemConsensus
from labeler.errors import LabelerError
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.models import Project
from labeler.projects.queries import item_in
from labeler.quality.queries import flags_of_items, latest_inspection
from labeler.review import disagreements as differing
from labeler.web.blueprint import blueprint
from labeler.web.shared import deciding
from labeler.web.shared.evidence import Desk, read_card
from labeler.web.shared.item_card import Card, Label, Palette
from labeler.web.shared.numbers import id_in

VOTERS = 4  # columns before "show all"


@blueprint.get("/p/<slug>/disagreements")
@needs(Action.LEAD)
def disagreements(slug: str) -> str:
    """Show one item whose votes differ, by default the first that waits."""
    del slug
    here = project()
    with database().read() as session:
        desk = Desk.of(session, here)
        pair, which = _pair(desk.palette), _which()
        decided, total = differing.counts(session, here.id)
        shared = {"palette": desk.palette, "pair": pair, "decided": decided, "total": total}
        shared |= {"ties": which == differing.TIES}
        one = _current(session, here, pair)
        if one is None:
            return _page("disagreements/nothing.html", **shared)
        item = item_in(session, here.id, one.item_id)
        inspection = latest_inspection(session, here.id)
        flags = flags_of_items(session, inspection.id, [item.id]).get(item.id, []) if inspection else []
        card = read_card(desk, item, flag=flags[0] if flags else None, inspection=inspection)
        before = differing.previous(session, here.id, one, pair=pair, which=which)
        after = differing.following(session, here.id, pair=pair, which=which, after=one)
        return _page(
            "disagreements/disagreements.html",
            **shared,
            card=card,
            tally=_tally(card),
            shown=card.votes if request.args.get("all") else card.votes[:VOTERS],
            previous=before.item_id if before else 0,
            next=after[0].item_id if after else 0,
        )


@blueprint.post("/p/<slug>/disagreements/decide")
@needs(Action.LEAD)
def disagreement_decide(slug: str) -> Response:
    """Store a decision and go on to the next item that differs."""
    here = project()
    item = request.form.get("item", 0, type=id_in)
    try:
        with database().write() as session:
            pair = _pair(Desk.of(session, here).palette)
            standing = session.get(ItemConsensus, item)
            decided = deciding.store(session, here, user_id())
            said = deciding.words_of(session, here, decided)
            following = differing.following(session, here.id, pair=pair, which=_which(), after=standing)
            target = following[0].item_id if following else 0
    except LabelerError as error:
        flash(translated(error.message), "error")
        return redirect(_address(slug, item=item), 303)
    flash(said, "success")
    return redirect(_address(slug, item=target), 303)


@blueprint.post("/p/<slug>/disagreements/undo")
@needs(Action.LEAD)
def disagreement_undo(slug: str) -> Response:
    """Take back one's newest decision."""
    with database().write() as session:
        said, item = deciding.take_back(session, project(), user_id())
        if item and session.get(ItemConsensus, item) is None:
            item = 0  # it was no disagreement: a decision of the review page
    flash(said, "success")
    return redirect(_address(slug, item=item), 303)


def _pair(palette: Palette) -> tuple[str, ...]:
    """Read from the address between which two classes the votes should differ; () for all."""
    asked = (request.args.get("a", ""), request.args.get("b", ""))
    known = all(code in palette.by_code for code in asked)
    return asked if known and asked[0] != asked[1] else ()


def _which() -> tuple[bool, ...]:
    """Read from the address whether only ties are asked for."""
    return differing.TIES if request.args.get("ties") == "1" else differing.ALL


def _address(slug: str, **more: Any) -> str:
    return _kept("web.disagreements", slug, **more)


def _kept(endpoint: str, slug: str, **more: Any) -> str:
    asked = {name: request.args.get(name, "") for name in ("a", "b", "ties")} | more
    return url_for(endpoint, slug=slug, **{name: value for name, value in asked.items() if value})


def _page(template: str, **context: Any) -> str:
    here = project()

    def to(endpoint: str, **more: Any) -> str:
        return _kept(endpoint, here.slug, **more)

    return render_template(template, page="disagreements", project=here, to=to, key=deciding.new_key(), **context)


def _current(session: Session, here: Project, pair: tuple[str, ...]) -> ItemConsensus | None:
    """Return the item that was asked for when its votes exist, else the first that waits."""
    asked = request.args.get("item", 0, type=id_in)
    one = session.get(ItemConsensus, asked) if asked else None
    if one is not None and one.project_id == here.id:
        return one
    return next(iter(differing.following(session, here.id, pair=pair, which=_which())), None)


def _tally(card: Card) -> list[tuple[Label, int]]:
    """Return the answers with how many gave them, most first."""
    counted: dict[Label, int] = {}
    for vote in (one for one in card.votes if not one.second):
        if vote.label is not None:
            counted[vote.label] = counted.get(vote.label, 0) + 1
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0].position))

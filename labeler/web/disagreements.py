"""Items whose votes differ, one at a time with the voters side by side.

Ties come first, then the least sure consensus. A decision here is the same as on the review page; keeping all votes
("truly ambiguous") keeps the consensus label with that reason, so it needs one.
"""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler.accounts.permissions import Action
from labeler.consensus.models import ItemConsensus
from labeler.errors import Invalid, LabelerError
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.projects import actions as projects
from labeler.projects.models import Project
from labeler.projects.queries import guideline_of, item_in
from labeler.quality.queries import flags_of_items, latest_inspection
from labeler.review import disagreements as differing
from labeler.storage.database import clock
from labeler.web import deciding
from labeler.web.blueprint import blueprint
from labeler.web.evidence import Desk, read_card
from labeler.web.numbers import id_in
from labeler.web.review_view import Card, Label, Palette

VOTERS = 4  # columns before "show all"
LONGEST_LINE = 500  # characters of a line for the guidelines
SNIPPET = 120


@blueprint.get("/p/<slug>/disagreements")
@needs(Action.LEAD)
def disagreements(slug: str) -> str:
    """Show one item whose votes differ, by default the first that waits."""
    del slug
    here = project()
    with database().read() as session:
        desk = Desk.of(session, here)
        pair = _pair(desk.palette)
        decided, total = differing.counts(session, here.id)
        shared = {"palette": desk.palette, "pair": pair, "decided": decided, "total": total}
        one = _current(session, here, pair)
        if one is None:
            return _page("disagreements/nothing.html", **shared)
        item = item_in(session, here.id, one.item_id)
        inspection = latest_inspection(session, here.id)
        flags = flags_of_items(session, inspection.id, [item.id]).get(item.id, []) if inspection else []
        card = read_card(desk, item, flag=flags[0] if flags else None, inspection=inspection)
        before = differing.previous(session, here.id, one, pair=pair)
        after = differing.following(session, here.id, pair=pair, after=one)
        return _page(
            "disagreements.html",
            **shared,
            card=card,
            tally=_tally(card),
            shown=card.votes if request.args.get("all") else card.votes[:VOTERS],
            previous=before.item_id if before else 0,
            next=after[0].item_id if after else 0,
            line=_line(card),
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
            _check_ambiguous(standing)
            decided = deciding.store(session, here, user_id())
            said = deciding.words_of(session, here, decided)
            following = differing.following(session, here.id, pair=pair, after=standing)
            target = following[0].item_id if following else 0
    except LabelerError as error:
        flash(error.message, "error")
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


@blueprint.post("/p/<slug>/disagreements/guideline")
@needs(Action.LEAD)
def disagreement_guideline(slug: str) -> Response:
    """Add one line about a tricky case to the guidelines, as a new version."""
    here = project()
    item, line = request.form.get("item", 0, type=id_in), " ".join(request.form.get("line", "").split())
    if not line or len(line) > LONGEST_LINE:
        flash(_("Write one line of at most %(count)s characters.", count=LONGEST_LINE), "error")
        return redirect(_address(slug, item=item), 303)
    with database().write() as session:
        newest = guideline_of(session, here.id)
        text = with_tricky_case(newest.text if newest else "", line, _("Tricky cases"))
        version = projects.add_guideline(session, here.id, text, by=user_id(), now=clock(session))
    flash(_("The guidelines have a version %(version)s now", version=version), "success")
    return redirect(_address(slug, item=item), 303)


def with_tricky_case(text: str, line: str, heading: str) -> str:
    """Return Markdown guidelines with one more line under the heading for tricky cases, which is made when missing."""
    title = f"## {heading}"
    lines = text.rstrip().splitlines()
    if title not in lines:
        return "\n".join([*lines, *([""] if lines else []), title, "", f"- {line}", ""])
    start = lines.index(title) + 1
    end = next((n for n in range(start, len(lines)) if lines[n].startswith(("# ", "## "))), len(lines))
    while end > start and not lines[end - 1].strip():
        end -= 1
    rest = lines[end:]
    gap = [""] if end == start else []
    return "\n".join([*lines[:end], *gap, f"- {line}", *rest, ""])


def _check_ambiguous(standing: ItemConsensus | None) -> None:
    if request.form.get("decision") == deciding.AMBIGUOUS and (standing is None or not standing.code):
        raise Invalid(
            _("These votes tie, so there is no consensus to keep. Choose a class, send the item back or exclude it.")
        )


def _pair(palette: Palette) -> tuple[str, ...]:
    """Read from the address between which two classes the votes should differ; () for all."""
    asked = (request.args.get("a", ""), request.args.get("b", ""))
    known = all(code in palette.by_code for code in asked)
    return asked if known and asked[0] != asked[1] else ()


def _address(slug: str, **more: Any) -> str:
    return _kept("web.disagreements", slug, **more)


def _kept(endpoint: str, slug: str, **more: Any) -> str:
    asked = {name: request.args.get(name, "") for name in ("a", "b")} | more
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
    return next(iter(differing.following(session, here.id, pair=pair)), None)


def _tally(card: Card) -> list[tuple[Label, int]]:
    """Return the answers with how many gave them, most first."""
    counted: dict[Label, int] = {}
    for vote in card.votes:
        if vote.label is not None:
            counted[vote.label] = counted.get(vote.label, 0) + 1
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0].position))


def _line(card: Card) -> str:
    """Return the beginning of a line for the guidelines: the case, and what it is when that is known."""
    text = " ".join((card.item.text or "").split())
    short = text if len(text) <= SNIPPET else text[:SNIPPET].rsplit(" ", 1)[0] + " …"
    case = f"“{short}”" if short else _("Item %(number)s", number=card.item.id)
    return f"{case} → {card.now.label.name if card.now.label else ''}".rstrip()

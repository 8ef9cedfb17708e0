"""The page "My answers": what waits for the person who asks, their time, and everything they answered.

Note: every query is for the person who asks. A count is the number of rows its list shows.
"""

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from werkzeug import Response

from labeler.accounts.permissions import Action
from labeler.extensions import database
from labeler.extensions.access import needs, user_id
from labeler.notices import actions as notices
from labeler.notices.queries import DECIDED, projects_at_work, waiting
from labeler.projects.models import Project
from labeler.projects.queries import guideline_version
from labeler.statistics.own_answers import SHOWN, OwnFilter, own_counts, own_page, own_time
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.mine.view_model import Desks, answer_rows, next_projects, waiting_rows
from labeler.web.shared.numbers import id_in
from labeler.web.shared.words import gettext as _

ROWS = 50
LONGEST_SEARCH = 200


@blueprint.get("/mine")
@needs(Action.USE)
def mine() -> str:
    """Show one's own answers with what became of them, what waits, and today's time."""
    show = request.args.get("show", "all")
    show = show if show in SHOWN else "all"
    text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    before = request.args.get("before", 0, type=id_in)
    with database().read() as session:
        now, every = clock(session), projects_at_work(session, user_id())
        chosen = [one for one in every if one.slug == request.args.get("project", "")]
        projects, desks = chosen or every, Desks(session, every)
        wanted = OwnFilter(show, text, _codes(projects, desks, text))
        found = own_page(session, user_id(), projects, wanted, before=before, limit=ROWS + 1)
        notes = waiting(session, user_id())
        context = {
            "rows": answer_rows(session, found[:ROWS], desks),
            "counts": own_counts(session, user_id(), projects, wanted),
            "waits": waiting_rows(notes, desks),
            "time": own_time(session, user_id(), every, now),
            "todo": next_projects(session, user_id(), every, notes, now),
            "versions": {one.id: guideline_version(session, one.id) for one in every},
        }
    if show == "decided":
        _saw_decisions([one.project for one in notes if one.kind == DECIDED and one.project in projects])
    return render_template(
        "mine/mine.html",
        **context,
        projects=every,
        project_slug=chosen[0].slug if chosen else "",
        shown=show,
        text=text,
        names=_names(),
        next=found[ROWS - 1].annotation.id if len(found) > ROWS else 0,
        now=now,
    )


@blueprint.post("/mine/read")
@needs(Action.USE)
def mine_read() -> Response:
    """Note that one has read what waits; returned items wait until they are answered."""
    with database().write() as session:
        notices.saw_all(session, user_id(), waiting(session, user_id()))
    return redirect(url_for("web.mine"), 303)


@blueprint.get("/p/<slug>/mine")
@needs(Action.ANNOTATE)
def mine_in(slug: str) -> Response:
    """Show one's own answers of one project."""
    return redirect(url_for("web.mine", project=slug))


def _saw_decisions(projects: list[Project]) -> None:
    if projects:
        with database().write() as session:
            for project_id in {one.id for one in projects}:
                notices.saw_decisions(session, project_id, user_id())


def _codes(projects: Sequence[Project], desks: Desks, text: str) -> tuple[str, ...]:
    """Return the classes whose names hold the text, of projects in which a class is an answer."""
    if not text:
        return ()
    palettes = [desks.of(one.id).palette for one in projects]
    named = [label for palette in palettes if palette.one_class for label in palette.labels]
    return tuple(label.code for label in named if text.casefold() in label.name.casefold())


def _names() -> dict[str, str]:
    return {
        "all": _("All"),
        "changeable": _("Can be changed"),
        "returned": _("Returned"),
        "decided": _("Decided otherwise"),
        "unsure": _("Unsure"),
        "skipped": _("Skipped"),
        "late": _("Late"),
        "threads": _("With a thread"),
    }

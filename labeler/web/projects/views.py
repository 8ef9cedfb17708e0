"""The list of projects a person is in, and making a new one.

Note: the same page serves annotators and leads. An annotator sees only their own progress; a
lead sees that of all, counted in answers (an item may want several), so that given labels do not look like work done.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from labeler.accounts import queries as accounts
from labeler.accounts.actions import set_member
from labeler.accounts.permissions import ADMIN, Action
from labeler.annotations.queries import done_by
from labeler.assignment import queries as assignment
from labeler.audits import queries as audits
from labeler.errors import Conflict, Invalid
from labeler.extensions import database
from labeler.extensions.access import actor, needs, user_id
from labeler.notices.queries import waiting
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Project
from labeler.projects.queries import item_count, offers_pages, projects_of, task_of
from labeler.statistics.progress import progress_of
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.mine.view_model import Desks, waiting_rows
from labeler.web.shared.context import NavCounts
from labeler.web.shared.forms import NewProjectForm, new_project_form, own_values

_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")
WAITS = 3  # notices on the first page; the rest is one link away
TARGET_ALPHA = 0.8
ERROR_LIMIT = 0.05


@dataclass(frozen=True)
class ProjectCard:
    """A project in the list. done of total: answers given of those wanted, or one's own for an annotator.

    left: items this person may answer; skipped: what an annotator passed over, 0 for a lead; items_done: of all, 0 for
    an annotator; pages: look-alikes may be answered page by page.
    """

    project: Project
    task: str
    leads: bool
    items: int
    done: int
    total: int
    left: int
    pages: bool
    skipped: int = 0
    items_done: int = 0

    @property
    def percent(self) -> float:
        """Share done, 0 to 100."""
        return 100 * self.done / self.total if self.total else 0.0


@blueprint.get("/")
@needs(Action.USE)
def projects() -> str:
    """List the projects of the person who asks."""
    with database().read() as db:
        roles = accounts.memberships(db, user_id())
        every = projects_of(db, actor())
        cards = [_card(db, project, roles.get(project.id, "")) for project in every]
        news = waiting(db, user_id())
        waits = waiting_rows(news[:WAITS], Desks(db, every))
    return render_template("projects/projects.html", cards=cards, waits=waits, waiting=len(news), to_decide=NavCounts)


def _card(db: Session, project: Project, role: str) -> ProjectCard:
    leads = role == "lead" or actor().role == ADMIN
    left = assignment.left_for(db, project.id, user_id(), clock(db)) + audits.left_for(db, project.id, user_id())
    skipped = items_done = 0
    if leads:
        found = progress_of(db, project)
        done, total, items_done = found.answers, found.wanted, found.done
    else:
        own = done_by(db, project.id, user_id())
        done, skipped, total = own.answered, own.skipped, own.seen + left
    items, pages = item_count(db, project.id), offers_pages(project)
    return ProjectCard(project, task_of(project).title, leads, items, done, total, left, pages, skipped, items_done)


@blueprint.route("/projects/new", methods=["GET", "POST"])
@needs(Action.CREATE_PROJECT)
def new_project() -> Response | AnyResponse:
    """Ask what a project is about, and make it; whoever makes it leads it."""
    form = new_project_form()
    if form.validate_on_submit():
        new = _new(form)
        try:
            with database().write() as db:
                now = clock(db)
                project = create_project(db, new, by=user_id(), now=now)
                set_member(db, project.id, user_id(), role="lead", now=now)
        except (Invalid, Conflict) as error:
            form.refuse(error)
        else:
            flash(_("The project is created. Import its items next."), "success")
            return redirect(url_for("web.data", slug=new.slug))
    return make_response(render_template("projects/new.html", form=form), 422 if form.errors else 200)


def _new(form: NewProjectForm) -> NewProject:
    settings: dict[str, Any] = {
        "question": (form.question.data or "").strip(),
        "order": form.order.data,
        "target_alpha": TARGET_ALPHA,
        "error_limit": ERROR_LIMIT,
    }
    settings |= own_values(form, form.kind)
    return NewProject(
        slug=(form.slug.data or "").strip() or slug_of(form.name.data),
        name=form.name.data,
        media=form.media.data,
        task=form.task.data,
        classes=form.class_list(),
        votes=form.votes.data,
        guidelines=form.guidelines.data or "",
        settings=settings,
    )


def slug_of(name: str) -> str:
    """Return a short name made from a name, `street-signs-2026` from `Street signs (2026)`; "" when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_A_SLUG.sub("-", plain)[:64].strip("-")

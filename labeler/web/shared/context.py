"""What every page may print: the theme, the language, who is signed in, and the project if there is one.

Note: an error page is rendered with the same values, also the 404 of somebody who may not
know that a project exists. So `project` is given only to people who may see it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, request
from flask_babel import get_locale

from labeler.accounts.permissions import ADMIN, Action, Actor
from labeler.audits import queries as audits
from labeler.extensions import database
from labeler.notices.queries import waiting
from labeler.projects.queries import classes_of
from labeler.quality.queries import latest_inspection
from labeler.review import disagreements
from labeler.review.queue import counts as queue_counts
from labeler.task_types.registry import TASK_TYPES, task_type
from labeler.threads.queries import open_count as open_threads
from labeler.web.blueprint import blueprint

THEMES = ("system", "light", "dark")
LANGUAGES = {"en": "English", "de": "Deutsch"}  # each by its own name


@dataclass(frozen=True)
class Viewer:
    """Who looks at the page."""

    id: int
    name: str
    email: str
    is_admin: bool

    @cached_property
    def waits(self) -> int:
        """How much waits for this person; read only when a page prints it."""
        with database().read() as session:
            return len(waiting(session, self.id))


@dataclass(frozen=True)
class NavCounts:
    """How much waits in a project; read from the database only when the navigation prints it."""

    project_id: int

    @cached_property
    def review(self) -> int:
        """Flagged items nobody has decided about."""
        with database().read() as session:
            inspection = latest_inspection(session, self.project_id)
            return queue_counts(session, inspection.id)[""] if inspection else 0

    @cached_property
    def audit(self) -> int:
        """Answers of the running audit that differ from the label and that nobody decided about."""
        with database().read() as session:
            audit = audits.running(session, self.project_id)
            return len(audits.undecided(session, audit, classes_of(session, self.project_id))) if audit else 0

    @cached_property
    def threads(self) -> int:
        """Threads that wait for a lead."""
        with database().read() as session:
            return open_threads(session, self.project_id)

    @cached_property
    def disagreements(self) -> int:
        """Items whose votes differ and that nobody decided about."""
        with database().read() as session:
            return disagreements.waiting_count(session, self.project_id)


@blueprint.app_context_processor
def page_context() -> dict[str, Any]:
    """Return the values all templates share."""
    actor: Actor = g.get("actor") or Actor()
    locale = get_locale()
    theme = request.cookies.get("theme", "")
    found: dict[str, Any] = {
        "theme": theme if theme in THEMES else "system",
        "lang": str(locale).replace("_", "-") if locale else "en",
        "languages": LANGUAGES,
        "direction": locale.text_direction if locale else "ltr",
        "user": None,
        "can_create": actor.may(Action.CREATE_PROJECT),
        "can_lead": False,
        "task_type": task_type,
        "task_types": TASK_TYPES,
    }
    if actor.user_id is not None:
        found["user"] = Viewer(actor.user_id, actor.name, actor.email, actor.role == ADMIN)
    if g.get("project") is not None and actor.may(Action.SEE_PROJECT):
        found |= {
            "project": g.project,
            "can_lead": actor.may(Action.LEAD),
            "nav_counts": NavCounts(g.project.id),
        }
    return found

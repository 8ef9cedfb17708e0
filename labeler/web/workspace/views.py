"""The annotator's screen. The page holds the question; items come by the API, so that the next one is always ready."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from markupsafe import escape

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.accounts.queries import preferences_of
from labeler.annotations.queries import done_by
from labeler.assignment.hours import SHORTEST, lease_of
from labeler.assignment.queries import left_for
from labeler.audits import queries as audits
from labeler.extensions import database
from labeler.extensions import settings as instance_settings
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.examples import from_json
from labeler.projects.models import Project
from labeler.projects.queries import classes_of, guideline_of, offers_pages, task_of
from labeler.quality.suggestions import Rules
from labeler.second_opinions import queries as opinions
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.shared.guide import read_guide
from labeler.web.shared.widget import class_buttons, widget_config


@dataclass(frozen=True)
class Asked:
    """The project as its annotators see it."""

    slug: str
    name: str
    media: str
    task: str
    question: str


@blueprint.get("/p/<slug>/label")
@needs(Action.ANNOTATE)
def label(slug: str) -> str:
    """Show the workspace of a project."""
    del slug
    found = project()
    with database().read() as session:
        if why := workflow.turn_of(session, found.id, user_id()).why:
            return render_template("workspace/waiting.html", why=why)
        classes = classes_of(session, found.id)
        guideline = guideline_of(session, found.id)
        text, examples = (guideline.text, from_json(guideline.examples)) if guideline else ("", ())
        guide = read_guide(session, found.id, classes, text, examples)
        done = done_by(session, found.id, user_id())
        left = left_for(session, found.id, user_id(), clock(session))
        left += audits.left_for(session, found.id, user_id()) + opinions.left_for(session, found.id, user_id())
        own = preferences_of(session, user_id())
    choices = class_buttons(classes, guide.rules, guide.shown)
    settings: dict[str, Any] = found.settings
    return render_template(
        "workspace/workspace.html",
        project=_asked(found),
        classes=choices,
        config=widget_config(found, choices),
        guideline_html=guide.html or escape(_("No guidelines have been written yet.")),
        general=guide.general,
        suggests=Rules.of(settings).on,
        guideline_version=guideline.version if guideline else 0,
        done=done.answered,
        skipped=done.skipped,
        total=done.seen + left,
        lease=_lease_seconds(settings),
        pages=offers_pages(found),
        sign_in_url=url_for("web.sign_in", window=1),
        own_keys={"keys": own.get("keys", {}), "single_keys": own.get("single_keys", True)},
    )


def _lease_seconds(settings: dict[str, Any]) -> int:
    """Return how long what is shown is held: a page renews at half of that."""
    usual = timedelta(seconds=instance_settings().lease_seconds)
    held = lease_of(settings, usual, datetime.now(UTC))
    ends = settings.get("work_until") is not None
    return int(min(held, SHORTEST).total_seconds() if ends else held.total_seconds())


def _asked(found: Project) -> Asked:
    question = found.settings.get("question") or translated(task_of(found).words.question)
    return Asked(found.slug, found.name, found.media, found.task, question)

"""The annotator's screen. The page holds the question; items come by the API, so that the next one is always ready."""

import re
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup, escape

from labeler.accounts.permissions import Action
from labeler.annotations.queries import done_by
from labeler.assignment.queries import left_for
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.projects.queries import classes_of, guideline_of
from labeler.web.blueprint import blueprint
from labeler.web.class_keys import class_keys
from labeler.web.markdown import render

_SECTION = re.compile(r"^#{2,3}\s+(.+?)\s*#*$", re.MULTILINE)


@dataclass(frozen=True)
class Choice:
    """One class as the workspace shows it. rule: its own section of the guidelines, or empty."""

    position: int
    name: str
    description: str
    key: str
    rule: Markup


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
        classes = classes_of(session, found.id)
        guideline = guideline_of(session, found.id)
        done = done_by(session, found.id, user_id(), skips=True)
        left = left_for(session, found.id, user_id())
    text = guideline.text if guideline else ""
    rules = sections(text)
    choices = [
        Choice(n, row.name, row.description, key, render(rules.get(row.name, "")))
        for n, (row, key) in enumerate(zip(classes.rows, class_keys(classes.names), strict=True), start=1)
    ]
    settings: dict[str, Any] = found.settings
    return render_template(
        "workspace.html",
        project=Asked(
            found.slug, found.name, found.media, found.task, settings.get("question") or _default(found.task)
        ),
        classes=choices,
        rating={"low": settings.get("low", ""), "high": settings.get("high", "")},
        guideline_html=render(text) if text else escape(_("No guidelines have been written yet.")),
        guideline_version=guideline.version if guideline else 0,
        done=done,
        total=done + left,
        sign_in_url=url_for("web.sign_in", window=1),
    )


def _default(task: str) -> str:
    words: str = _("Where on the scale is it?") if task == "rating" else _("Which class is it?")
    return words


def sections(markdown: str) -> dict[str, str]:
    """Cut guidelines at their second- and third-level headings: {heading: text below it}."""
    parts = _SECTION.split(markdown)
    return dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))

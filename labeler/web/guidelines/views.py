"""A project's guidelines: people in it read the newest, leads see what each version changed and can restore it."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler.accounts.permissions import Action
from labeler.accounts.queries import users_by_id
from labeler.extensions import database
from labeler.extensions.access import actor, needs, project, user_id
from labeler.notices.actions import saw_guideline
from labeler.notices.queries import seen_guideline
from labeler.projects.actions import restore_guideline
from labeler.projects.differences import Line, line_changes
from labeler.projects.examples import changes, from_json
from labeler.projects.models import Guideline
from labeler.projects.queries import Classes, classes_of, guideline_in, guideline_of, guidelines_of
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.shared.guide import ShownExample, read_guide, show_examples
from labeler.web.shared.numbers import id_in
from labeler.web.shared.words import gettext as _


@dataclass(frozen=True)
class Changes:
    """What a version changed. against: the version it is compared with; gone, new: examples."""

    against: int
    lines: list[Line] = field(default_factory=list)
    gone: list[ShownExample] = field(default_factory=list)
    new: list[ShownExample] = field(default_factory=list)

    @property
    def counts(self) -> tuple[int, int]:
        """How many lines were added and removed."""
        kinds = [line.kind for line in self.lines]
        return kinds.count("added"), kinds.count("removed")


@dataclass(frozen=True)
class Version:
    """One version in the list. who: who wrote it, "" when nobody is known."""

    number: int
    at: datetime
    who: str
    examples: int


@blueprint.get("/p/<slug>/guidelines")
@needs(Action.SEE_PROJECT)
def guidelines(slug: str) -> str:
    """Show the newest guidelines; a lead may look at an earlier version with `?version=`."""
    del slug
    leads = actor().may(Action.LEAD)
    with database().read() as db:
        newest = guideline_of(db, project().id)
        wanted = request.args.get("version", 0, type=id_in) if leads else 0
        shown = guideline_in(db, project().id, wanted) if wanted and newest else newest
        classes = classes_of(db, project().id)
        text, kept = (shown.text, from_json(shown.examples)) if shown else ("", ())
        guide = read_guide(db, project().id, classes, text, kept)
        versions = _versions(db) if leads else []
        found = _changes(db, classes, shown) if leads and shown else None
        news = seen_guideline(db, project().id, user_id())
    number = newest.version if newest else 0
    if news is not None and shown is newest and news < number:
        with database().write() as db:
            saw_guideline(db, project().id, user_id(), number)
    return render_template(
        "guidelines/guidelines.html",
        versions=versions,
        shown=shown,
        guide=guide,
        newest=number,
        changes=found,
        classes=classes,
    )


@blueprint.post("/p/<slug>/guidelines/<int:version>/restore")
@needs(Action.LEAD)
def restore_guidelines(slug: str, version: int) -> Response:
    """Make an earlier version the newest again; it becomes a version of its own."""
    with database().write() as db:
        number = restore_guideline(db, project().id, version, by=user_id(), now=clock(db))
    flash(_("Version %(number)s says the same as version %(earlier)s.", number=number, earlier=version), "success")
    return redirect(url_for("web.guidelines", slug=slug), 303)


def _versions(session: Session) -> list[Version]:
    rows = guidelines_of(session, project().id)
    people = users_by_id(session, {row.created_by for row in rows if row.created_by is not None})
    names = {user.id: user.name or user.email for user in people}
    return [Version(r.version, r.created_at, names.get(r.created_by or 0, ""), len(r.examples)) for r in rows]


def _changes(session: Session, classes: Classes, shown: Guideline) -> Changes | None:
    """Compare a version with the one before it, or with the one that `?against=` names."""
    against = request.args.get("against", shown.version - 1, type=id_in)
    if against in {0, shown.version}:
        return None
    other = guideline_in(session, project().id, against)
    earlier, later = sorted((other, shown), key=lambda one: one.version)
    found = changes(from_json(earlier.examples), from_json(later.examples))
    gone = [one.before for one in found if one.before is not None]
    new = [one.after for one in found if one.after is not None]
    return Changes(
        against,
        line_changes(earlier.text, later.text),
        show_examples(session, project().id, classes, gone),
        show_examples(session, project().id, classes, new),
    )

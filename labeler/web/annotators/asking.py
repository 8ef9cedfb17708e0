"""Asking others again: the window that is proposed, the preview of what would happen, doing it and taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED
from labeler.errors import Conflict, Invalid, NotFound
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.models import Project
from labeler.rechecks.plan import WHICH, Plan, Window
from labeler.rechecks.queries import planned
from labeler.statistics.annotator_reads import Everybody
from labeler.statistics.annotators import AnnotatorFigures
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.shared.words import gettext as _
from labeler.web.shared.words import ngettext

SHAPE = "%Y-%m-%dT%H:%M:%S"
LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Asking:
    """The form as it stands and the preview. plan: None where the window makes no sense, `problem` says why.

    seconds: median time of one answer, to say what asking costs; 0 where nothing was timed.
    """

    window: Window
    plan: Plan | None
    problem: str
    seconds: float
    opened: bool

    @property
    def since(self) -> str:
        """The start as a form field has it, UTC."""
        return self.window.since.strftime(SHAPE)

    @property
    def until(self) -> str:
        """The end as a form field has it, UTC."""
        return self.window.until.strftime(SHAPE)

    @property
    def minutes(self) -> float:
        """How long the answers will take others, about."""
        return len(self.plan.asked) * self.seconds / 60 if self.plan else 0.0


def read_asking(
    session: Session, here: Project, found: Everybody, one: AnnotatorFigures, args: Mapping[str, str]
) -> Asking:
    """Return the form with its preview: what the address asks for, else the window that is proposed."""
    since, until = proposed(session, here.id, one)
    asked = "which" in args
    window = Window(
        one.person.user,
        _moment(args.get("since", "")) or since,
        _moment(args.get("until", "")) or until,
        args["which"] if args.get("which") in WHICH else WHICH[0],
        args.get("set_aside") == "1" if asked else True,
    )
    seconds = found.tally.median or 0.0
    try:
        return Asking(window, planned(session, here.id, window), "", seconds, asked)
    except Invalid as error:
        return Asking(window, None, translated(error.message), seconds, asked)


def proposed(session: Session, project_id: int, one: AnnotatorFigures) -> tuple[datetime, datetime]:
    """Return the window to look at: since the CUSUM last left zero where an alarm stands, else the last week of work.

    In whole seconds that hold all of it, as a form field has no smaller ones.
    """
    own = (Annotation.project_id == project_id, Annotation.user_id == one.person.user, Annotation.status == COUNTED)
    last = session.scalar(select(func.max(Annotation.created_at)).where(*own)) or clock(session)
    until = last.replace(microsecond=0) + timedelta(seconds=1)
    if one.alarm is None:
        return until - LATELY, until
    first = session.get_one(Annotation, int(one.judged.id[one.alarm.since]))
    return first.created_at.replace(microsecond=0), until


@blueprint.post("/p/<slug>/annotators/<int:annotator>/ask")
@needs(Action.LEAD)
def ask_others_again(slug: str, annotator: int) -> Response:
    """Ask others again as the preview said."""
    form = request.form
    try:
        with database().write() as session:
            here = session.get_one(Project, project().id)
            made = workflow.ask_others(
                session, here, window_of_form(annotator), seen=_seen(), reason=form.get("reason", ""), by=user_id()
            )
            said = ngettext(
                "%(count)s item is asked again.", "%(count)s items are asked again.", made.asked, count=made.asked
            )
        flash(said, "success")
    except (Conflict, Invalid) as error:
        flash(translated(error.message), "error")
        kept: dict[str, Any] = {name: form[name] for name in ("since", "until", "which", "set_aside") if name in form}
        return redirect(url_for("web.annotator", slug=slug, annotator=annotator, **kept, _anchor="ask"), 303)
    return redirect(url_for("web.annotator", slug=slug, annotator=annotator, _anchor="ask"), 303)


@blueprint.post("/p/<slug>/annotators/<int:annotator>/ask/<int:asked>/undo")
@needs(Action.LEAD)
def take_back_asking_others(slug: str, annotator: int, asked: int) -> Response:
    """Let the answers count again and ask nobody any more."""
    try:
        with database().write() as session:
            workflow.take_back_asking(session, session.get_one(Project, project().id), asked, by=user_id())
        flash(_("Taken back: the answers count again. What others answered meanwhile stays."), "success")
    except (Conflict, NotFound) as error:
        flash(translated(error.message), "error")
    return redirect(url_for("web.annotator", slug=slug, annotator=annotator, _anchor="ask"), 303)


@blueprint.post("/p/<slug>/annotators/<int:annotator>/pause")
@needs(Action.LEAD)
def pause_annotator(slug: str, annotator: int) -> Response:
    """Hand a person nothing more and give back what they hold, or (`paused` is 0) hand them items again."""
    try:
        with database().write() as session:
            here = session.get_one(Project, project().id)
            if request.form.get("paused") == "0":
                workflow.resume(session, here, annotator)
                said = _("They are handed items again.")
            else:
                freed = workflow.pause(session, here, annotator, by=user_id())
                said = ngettext(
                    "Paused. %(count)s item they held is free for others.",
                    "Paused. %(count)s items they held are free for others.",
                    freed,
                    count=freed,
                )
        flash(said, "success")
    except NotFound as error:
        flash(translated(error.message), "error")
    return redirect(url_for("web.annotator", slug=slug, annotator=annotator), 303)


def window_of_form(annotator: int) -> Window:
    """Return the window that a form asks for; raises Invalid where that is no window."""
    form = request.form
    since, until = _moment(form.get("since", "")), _moment(form.get("until", ""))
    if since is None or until is None:
        raise Invalid("Give the window as two moments.", field="since")
    return Window(annotator, since, until, form.get("which", ""), form.get("set_aside") == "1")


def _seen() -> tuple[int, int, int, int] | None:
    """Return the numbers of the preview that the lead saw."""
    shown = [part for part in request.form.get("seen", "").split(",") if part.isdigit()]
    if len(shown) != 4:  # noqa: PLR2004 - the numbers of a plan
        return None
    answers, kept, nobody, asked = map(int, shown)
    return answers, kept, nobody, asked


def _moment(text: str) -> datetime | None:
    """Return what a form field says, in UTC; None for no moment."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None

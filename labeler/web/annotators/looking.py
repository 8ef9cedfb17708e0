"""Looking at twenty blind: a lead answers a random sample of a person's items first, and then sees what they said."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler.accounts.permissions import Action
from labeler.accounts.queries import name_of
from labeler.errors import Conflict, Invalid
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.queries import item_in
from labeler.rechecks import actions, queries
from labeler.rechecks.models import BlindLook
from labeler.storage.database import clock
from labeler.web.annotators.asking import window_of_form
from labeler.web.blueprint import blueprint
from labeler.web.shared.evidence import Desk, shown
from labeler.web.shared.numbers import id_in
from labeler.web.shared.words import gettext as _

SKIP, RIGHT = "skip", "right:"


@dataclass(frozen=True)
class Looked:
    """A look with its result so far. judged: items the lead answered; same: of these, where both say the same."""

    look: BlindLook
    lead: str
    size: int
    answered: int
    judged: int
    same: int

    @property
    def done(self) -> bool:
        """Whether nothing is left to answer."""
        return self.answered == self.size


def looked(session: Session, look: BlindLook) -> Looked:
    """Count one look."""
    rows = queries.looked_at(session, look)
    judged = [(one, answer) for one, answer in rows if one.code]
    return Looked(
        look,
        name_of(session, look.lead_id),
        len(rows),
        sum(one.answered_at is not None for one, _answer in rows),
        len(judged),
        sum(one.code == answer.code for one, answer in judged),
    )


def finished_looks(session: Session, project_id: int, annotator: int) -> list[Looked]:
    """Return the looks at a person's answers, newest first."""
    return [looked(session, look) for look in queries.looks_of(session, project_id, annotator)]


@blueprint.post("/p/<slug>/annotators/<int:annotator>/look")
@needs(Action.LEAD)
def start_blind_look(slug: str, annotator: int) -> Response:
    """Draw the sample and show its first item."""
    try:
        with database().write() as session:
            look = actions.start_look(
                session, project().id, window_of_form(annotator), by=user_id(), now=clock(session)
            )
            where = look.id
    except Invalid as error:
        flash(translated(error.message), "error")
        return redirect(url_for("web.annotator", slug=slug, annotator=annotator), 303)
    return redirect(url_for("web.blind_look", slug=slug, look=where), 303)


@blueprint.get("/p/<slug>/looks/<int:look>")
@needs(Action.LEAD)
def blind_look(slug: str, look: int) -> str | Response:
    """Show the next item of a look, or the one that was just answered beside what the person said of it."""
    with database().read() as session:
        desk = Desk.of(session, project())
        one = queries.look_in(session, project().id, look)
        rows = queries.looked_at(session, one)
        asked = request.args.get("seen", 0, type=id_in)
        seen = next((row for row in rows if row[0].position == asked and row[0].answered_at is not None), None)
        row = seen or next((row for row in rows if row[0].answered_at is None), None)
        if row is None or one.lead_id != user_id() or not desk.palette.one_class:
            return redirect(url_for("web.annotator", slug=slug, annotator=one.user_id, _anchor="looks"), 303)
        item, answer = row
        return render_template(
            "annotators/looked.html" if seen else "annotators/looking.html",
            page="annotators",
            look=one,
            name=name_of(session, one.user_id),
            item=shown(item_in(session, one.project_id, item.item_id)),
            position=item.position,
            mine=desk.label(item.code, item.value),
            theirs=desk.label(answer.code, answer.value) if seen else None,
            answer=answer if seen else None,
            palette=desk.palette,
            far=looked(session, one),
        )


@blueprint.post("/p/<slug>/looks/<int:look>")
@needs(Action.LEAD)
def answer_blind_look(slug: str, look: int) -> Response:
    """Store what the lead says and show what the person said."""
    position = request.form.get("position", 0, type=id_in)
    wanted = request.form.get("decision", "")
    try:
        with database().write() as session:
            one = queries.look_in(session, project().id, look)
            code = "" if wanted == SKIP else _known_class(session, wanted.removeprefix(RIGHT))
            actions.answer_look(session, one, position, code=code, value=None, by=user_id(), now=clock(session))
    except (Conflict, Invalid) as error:
        flash(translated(error.message), "error")
        return redirect(url_for("web.blind_look", slug=slug, look=look), 303)
    return redirect(url_for("web.blind_look", slug=slug, look=look, seen=position), 303)


def _known_class(session: Session, code: str) -> str:
    if code not in Desk.of(session, project()).palette.by_code:
        raise Invalid("There is no such class in this project.", field="decision")
    return code


@blueprint.post("/p/<slug>/looks/<int:look>/undo")
@needs(Action.LEAD)
def undo_blind_look(slug: str, look: int) -> Response:
    """Take one's newest answer back; its item comes again."""
    with database().write() as session:
        back = actions.take_back_look(session, queries.look_in(session, project().id, look), by=user_id())
    flash(_("The answer is taken back") if back else _("There is nothing of yours left to undo"), "success")
    return redirect(url_for("web.blind_look", slug=slug, look=look), 303)

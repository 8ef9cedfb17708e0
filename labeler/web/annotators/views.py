"""The annotators of a project as its leads see them: everybody, and the lists of answers behind every count."""

from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from labeler.accounts.permissions import Action
from labeler.accounts.queries import members, users_by_id
from labeler.assignment.queries import paused_since
from labeler.errors import NotFound
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.project_counts import from_books
from labeler.measures.drift import limit_for
from labeler.projects.queries import Classes, classes_of
from labeler.rechecks.queries import asked_again
from labeler.statistics.annotator_reads import Everybody, decided_about_flags, read_everybody
from labeler.statistics.answer_lists import ONLY, Wanted, answer_ids, read_answers
from labeler.web.annotators.asking import read_asking
from labeler.web.annotators.looking import finished_looks
from labeler.web.annotators.person import read_person
from labeler.web.annotators.rows import Known, hidden_names, looks_of, rows_of, team_accuracy
from labeler.web.annotators.ways import read_ways
from labeler.web.annotators.words import day_words, drift_rate
from labeler.web.blueprint import blueprint
from labeler.web.dashboard.bulk_labeling import read_bulk_vs_single
from labeler.web.shared.evidence import Desk, shown
from labeler.web.shared.numbers import id_in
from labeler.web.shared.words import gettext as _

ROWS = 50
blueprint.add_app_template_filter(day_words)


@blueprint.get("/p/<slug>/annotators")
@needs(Action.LEAD)
def annotators(slug: str) -> str:
    """Show every annotator of a project: accuracy, agreement, pace, and whom to look at."""
    here = project()
    with database().read() as session:
        classes = classes_of(session, here.id)
        found = everybody(session, classes)
        known = known_people(session, here.id, [one.person.user for one in found.figures])
        ways = read_ways(session, here, classes)
        bulk_vs_single = read_bulk_vs_single(session, here, classes) if "bulk" in here.settings else None
    hide = request.args.get("names") == "hidden"
    names = hidden_names(here.id, list(known)) if hide else {user: one.name for user, one in known.items()}
    rows = rows_of(found.figures, slug, classes, known, names)
    return render_template(
        "annotators/annotators.html",
        rows=rows,
        looks=looks_of(rows, classes),
        team=team_accuracy(found.figures),
        tally=found.tally,
        classes=classes,
        counted_at=found.books.at,
        hide=hide,
        ways=ways,
        bulk_vs_single=bulk_vs_single,
        alone=len(rows) == 1,
        drift_rate=drift_rate(limit_for(len(rows))),
    )


@blueprint.get("/p/<slug>/annotators/<int:annotator>/answers")
@needs(Action.LEAD)
def annotator_answers(slug: str, annotator: int) -> str:
    """List the answers of one person that stand behind a number, newest first."""
    del slug
    here = project()
    with database().read() as session:
        desk = Desk.of(session, here)
        found = everybody(session, desk.classes)
        one = found.one(annotator)
        if one is None:
            raise NotFound("Nobody with this number has answered in this project.")
        wanted = _wanted(desk.classes)
        ids = answer_ids(found.books, found.compared, one, found.checked, wanted)
        before = request.args.get("before", 0, type=id_in)
        page = ids[ids < before][-ROWS:] if before else ids[-ROWS:]
        rows = [
            (answer, shown(item), desk.label(answer.code, answer.value))
            for answer, item in read_answers(session, here.id, page.tolist())
        ]
        name = known_people(session, here.id, [annotator])[annotator].name
    more = len(page) and page[0] > ids[0]
    return render_template(
        "annotators/answers.html",
        rows=rows,
        total=len(ids),
        person=annotator,
        name=name,
        about=_about(wanted, desk.classes),
        kept={key: request.args[key] for key in ("only", "others", "said", "since") if key in request.args},
        before=int(page[0]) if more else 0,
    )


@blueprint.get("/p/<slug>/annotators/<int:annotator>")
@needs(Action.LEAD)
def annotator(slug: str, annotator: int) -> str:
    """Show one person: the alert with its reasons, errors and pace over time, accuracy, and what can be done."""
    here = project()
    with database().read() as session:
        classes = classes_of(session, here.id)
        found = everybody(session, classes)
        one = found.one(annotator)
        if one is None:
            raise NotFound("Nobody with this number has answered in this project.")
        person = read_person(found, one, slug, classes, decided_about_flags(session, here.id, annotator))
        asking = read_asking(session, here, found, one, request.args)
        return render_template(
            "annotators/annotator.html",
            person=person,
            one=one,
            known=known_people(session, here.id, [annotator])[annotator],
            annotator=annotator,
            asking=asking,
            asked=asked_again(session, here.id, annotator),
            looks=finished_looks(session, here.id, annotator),
            ways=read_ways(session, here, classes, annotator),
            classes=classes,
            counted_at=found.books.at,
            alone=len(found.figures) == 1,
            can_look=classes.task.one_class,
            drift_rate=drift_rate(limit_for(len(found.figures))),
        )


def everybody(session: Session, classes: Classes) -> Everybody:
    """Return the figures of everybody, counted where all numbers of projects are."""
    return from_books(session, project(), lambda books: read_everybody(session, classes, books))


def known_people(session: Session, project_id: int, users: list[int]) -> dict[int, Known]:
    """Return these people by user id, also those who left."""
    paused, here = paused_since(session, project_id), {one.user_id for one in members(session, project_id)}
    found = {
        user.id: Known(user.name or user.email, paused.get(user.id), user.id in here)
        for user in users_by_id(session, users)
    }
    return {user: found.get(user, Known(_("Somebody who left"))) for user in users}


def _wanted(classes: Classes) -> Wanted:
    only, index = request.args.get("only", ""), classes.index_of_code
    others, said = (index.get(request.args.get(name, ""), -1) for name in ("others", "said"))
    if others < 0 or said < 0:
        others = said = -1
    return Wanted(only if only in ONLY else "", others, said, request.args.get("since", 0, type=id_in))


def _about(wanted: Wanted, classes: Classes) -> str:
    """Say which answers a list holds."""
    if wanted.others >= 0:
        names: Any = classes.names
        return _("%(said)s, where the others say %(others)s", said=names[wanted.said], others=names[wanted.others])
    return {
        "compared": _("compared with the others"),
        "same": _("the same as the others"),
        "differs": _("not what the others say"),
        "wrong": _("judged wrong: by what is known where an answer was checked, else by the others"),
        "recent": _("the newest, given one by one"),
        "skipped": _("skipped"),
        "test": _("to test items"),
        "audit": _("on items of random audits"),
        "checked": _("on checked items: test items and random audits"),
    }.get(wanted.only, _("all that count"))

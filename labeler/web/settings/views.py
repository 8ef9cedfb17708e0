"""What can be changed in a project that runs: its words, its rules, its classes; and deleting it.

Note: media and task type are not here, because answers that exist would lose their meaning. A
class that nothing names can be taken away; one in use is merged into another, which nobody can undo.
"""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response as AnyResponse

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.errors import Conflict, Invalid
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.translating import translated
from labeler.projects.actions import alone_with, change_project, delete_project
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of, item_count, task_of
from labeler.quality.schedule import Schedule
from labeler.review.accepting import accept_from, suggest_from
from labeler.web.blueprint import blueprint
from labeler.web.projects.views import ERROR_LIMIT, TARGET_ALPHA
from labeler.web.shared.changed import as_shown, changed
from labeler.web.shared.forms import (
    ClassesForm,
    DeleteForm,
    PageForm,
    SettingsForm,
    class_lines,
    own_values,
    settings_form,
)
from labeler.web.shared.numbers import id_in
from labeler.web.suggestions.views import suggestions_form

REMOVE = "remove"
_DIGITS = 6  # behind the point: what the form can show, and no more


@blueprint.get("/p/<slug>/settings")
@needs(Action.LEAD)
def settings(slug: str) -> Response:
    """Show the settings of a project."""
    del slug
    return _settings()


@blueprint.post("/p/<slug>/settings")
@needs(Action.LEAD)
def change_settings(slug: str) -> Response | AnyResponse:
    """Change words and rules of a project."""
    form = settings_form(task_of(project()))
    if not form.validate():
        return _settings(form=form)
    values = changed(_values(form), request.form.get("shown"))
    try:
        with database().write() as db:
            row = alone_with(db, project())
            votes = values.pop("votes", row.votes)
            name = {"name": values.pop("name")} if "name" in values else {}
            change_project(db, row, {**name, "settings": values})
            counted = workflow.change_votes(db, row, votes) if votes != row.votes else 0
    except Invalid as error:
        form.refuse(error)
        return _settings(form=form)
    flash(_("The settings are saved."), "success")
    if counted:
        words = ngettext("%(num)s late answer counts now.", "%(num)s late answers count now.", counted)
        flash(words, "info")
    return redirect(url_for("web.settings", slug=slug))


def _values(form: SettingsForm) -> dict[str, Any]:
    """Return what the form says: the name, the votes, and the settings as they are kept."""
    values: dict[str, Any] = {"question": (form.question.data or "").strip(), **own_values(form, task_of(project()))}
    values |= {"name": (form.name.data or "").strip(), "votes": form.votes.data}
    values |= {"target_alpha": round(float(form.target_alpha.data), _DIGITS)}
    values |= {"check_every": form.check_every.data or 0}
    values |= {"check_hour": int(form.check_hour.data) if form.check_hour.data else None}
    shares = ("error_limit", "suggest_from", "accept_from")
    return values | {
        name: round(float(form[name].data) / 100, _DIGITS) for name in shares if form[name].data is not None
    }


@blueprint.post("/p/<slug>/settings/votes")
@needs(Action.LEAD)
def want_votes(slug: str) -> AnyResponse:
    """Want more answers an item, so that answers which came beyond the old number count; goes back to where it was."""
    votes = request.form.get("votes", type=int) or project().votes
    try:
        with database().write() as db:
            counted = workflow.change_votes(db, db.get_one(Project, project().id), votes)
    except Invalid as error:
        flash(translated(error.message), "error")
    else:
        words = ngettext("%(count)s answer counts now.", "%(count)s answers count now.", counted, count=counted)
        flash(words, "success")
    kind, _dash, job_id = request.form.get("back", "").partition("-")
    if kind == "job" and job_id.isascii() and job_id.isdigit():
        return redirect(url_for("web.import_job", slug=slug, job_id=int(job_id)), 303)
    return redirect(url_for("web.overview", slug=slug), 303)


@blueprint.post("/p/<slug>/settings/classes")
@needs(Action.LEAD)
def change_classes(slug: str) -> Response | AnyResponse:
    """Rename, merge and take away classes, change their hints, add new ones at the end; all of it or nothing."""
    form = ClassesForm()
    try:
        with database().write() as db:
            row = alone_with(db, project())
            edit = _class_edit(classes_of(db, row.id), class_lines(form.add.data or ""))
            if edit.merged and not request.form.get("sure"):
                raise Invalid(  # noqa: TRY301 - shown like the others
                    "Merging cannot be undone, and it touches {use}. Tick that you are sure, then save again.",
                    field="sure",
                    use=workflow.touched_by(db, row, edit).words,
                )
            workflow.edit_classes(db, row, edit)
    except Invalid as error:
        error.field = "add" if error.field == "classes" and form.add.data else ""
        form.refuse(error)
        return _settings(classes_form=form)
    flash(_("The classes are saved. Labels that people gave follow a new name."), "success")
    return redirect(url_for("web.settings", slug=slug))


def _class_edit(classes: Classes, added: list[tuple[str, str]]) -> workflow.ClassEdit:
    """Read what was asked of each class: an empty name takes it away, `into` merges it.

    What the form left as it showed it stays as it is now.
    """
    merged, removed, renamed = {}, [], {}
    typed = changed(request.form.to_dict(), request.form.get("shown"))
    for row in classes.rows:
        name = typed.get(f"name-{row.id}", row.name).strip()
        into = request.form.get(f"into-{row.id}", "")
        if into == REMOVE or not name:
            removed.append(row.id)
        elif into:
            merged[row.id] = request.form.get(f"into-{row.id}", 0, type=id_in)
        else:
            renamed[row.id] = (name, typed.get(f"description-{row.id}", row.description))
    return workflow.ClassEdit(merged, removed, renamed, added)


@blueprint.post("/p/<slug>/settings/delete")
@needs(Action.LEAD)
def delete(slug: str) -> Response | AnyResponse:
    """Delete a project with everything in it, once its short name was typed."""
    form = DeleteForm(prefix="delete-")
    if form.validate() and form.slug.data.strip() != slug:
        form.refuse(Conflict("This is not the short name of the project; nothing was deleted.", field="slug"))
    if form.errors:
        return _settings(delete_form=form)
    with database().write() as db:
        delete_project(db, project().id)
    flash(_("The project %(name)s is deleted.", name=project().name), "success")
    return redirect(url_for("web.projects"))


def _sent(form: PageForm | None) -> str:
    """Return what a form that was sent and refused had shown when it was opened: it still changes the same fields."""
    return request.form.get("shown", "") if form is not None else ""


def _settings(
    *,
    form: SettingsForm | None = None,
    classes_form: ClassesForm | None = None,
    delete_form: DeleteForm | None = None,
) -> Response:
    kept = project().settings
    with database().read() as db:
        classes = classes_of(db, project().id).rows
        items = item_count(db, project().id)
        uses = workflow.uses_of_classes(db, project())
        suggesting = suggestions_form(db, project())
    kind = task_of(project())
    shown = {own.name: kept.get(own.name, own.default) for own in kind.settings}
    shown |= {"question": kept.get("question", "")}
    shown |= {"name": project().name, "votes": project().votes}
    shown |= {"target_alpha": kept.get("target_alpha", TARGET_ALPHA)}
    shown |= {"error_limit": 100 * kept.get("error_limit", ERROR_LIMIT)}
    shown |= {"suggest_from": 100 * suggest_from(kept), "accept_from": 100 * accept_from(kept)}
    rules = Schedule.of(kept)
    shown |= {"check_every": rules.every, "check_hour": "" if rules.hour is None else str(rules.hour)}
    rules_form = settings_form(kind, formdata=None, **shown)
    named = {f"name-{row.id}": row.name for row in classes} | {
        f"description-{row.id}": row.description for row in classes
    }
    forms = {
        "form": form or rules_form,
        "classes_form": classes_form or ClassesForm(None),
        "delete_form": delete_form or DeleteForm(None, prefix="delete-"),
    }
    typed = request.form if classes_form is not None else {}
    page = render_template(
        "settings/settings.html",
        **forms,
        suggestions_form=suggesting,
        shown=_sent(form) or as_shown(_values(rules_form)),
        shown_classes=_sent(classes_form) or as_shown(named),
        classes=classes,
        items=items,
        typed=typed,
        uses=uses,
    )
    return make_response(page, 422 if any(one.errors for one in forms.values()) else 200)

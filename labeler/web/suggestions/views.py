"""Suggestions as the lead sees them: on or off, from where, and what showing them does to speed and to mistakes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler.accounts.permissions import Action
from labeler.accounts.queries import users_by_id
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.projects.actions import alone_with, change_project
from labeler.projects.models import Project
from labeler.projects.queries import task_of
from labeler.quality.models import Inspection
from labeler.quality.queries import imported_predictions, latest_inspection
from labeler.quality.suggestions import Effect, Rules, effects
from labeler.statistics.suggestion_effects import suggested_answers
from labeler.web.blueprint import blueprint
from labeler.web.shared.changed import as_shown, changed
from labeler.web.shared.forms import SuggestionsForm, choices_of
from labeler.web.shared.words import format_decimal, format_percent, ngettext
from labeler.web.shared.words import gettext as _

_PERCENT = 100


@dataclass(frozen=True)
class PersonEffect:
    """What suggestions do to one person's answers."""

    user: int
    name: str
    effect: Effect


@dataclass(frozen=True)
class Sources:
    """What suggestions could come from. model: the newest inspection, where it has a model for this kind of answer."""

    model: Inspection | None
    imported: int

    def has(self, source: str) -> bool:
        """Whether a source says anything."""
        return self.imported > 0 if source == "imported" else self.model is not None


@blueprint.get("/p/<slug>/suggestions")
@needs(Action.LEAD)
def suggestions(slug: str) -> str:
    """Show what suggestions do to everybody's answers and to each person's."""
    del slug
    here = project()
    with database().read() as session:
        every, by_user = effects(suggested_answers(session, here))
        names = {user.id: user.name or user.email for user in users_by_id(session, by_user)}
        sources = _sources(session, here)
    people = [PersonEffect(user, names.get(user, _("Somebody who left")), one) for user, one in by_user.items()]
    people.sort(key=lambda one: -(one.effect.shown.answers + one.effect.hidden.answers))
    return render_template(
        "suggestions/suggestions.html",
        rules=Rules.of(here.settings),
        sources=sources,
        every=every,
        people=people,
        judged=task_of(here).exact,
        verdict=verdict_of(every),
        speed=speed_of(every),
    )


@blueprint.post("/p/<slug>/suggestions")
@needs(Action.LEAD)
def change_suggestions(slug: str) -> Response:
    """Turn suggestions on or off and say where they come from."""
    form = SuggestionsForm()
    form.source.choices = choices_of(("model", ""), ("imported", ""))
    if form.validate():
        asked = {"on": form.on.data, "source": form.source.data, "hidden_share": form.hidden.data / _PERCENT}
        rules = _keep(changed(asked, request.form.get("shown")))
        flash(_("Suggestions are on.") if rules.on else _("Suggestions are off."), "success")
    else:
        flash(" ".join(str(error) for field in form for error in field.errors), "error")
    return redirect(url_for("web.settings", slug=slug, _anchor="suggestions"), 303)


@blueprint.post("/p/<slug>/suggestions/off")
@needs(Action.LEAD)
def stop_suggestions(slug: str) -> Response:
    """Turn suggestions off; items that somebody holds already keep what they were handed out with."""
    _keep({"on": False})
    flash(_("Suggestions are off. What was measured stays."), "success")
    return redirect(url_for("web.suggestions", slug=slug), 303)


def suggestions_form(session: Session, here: Project) -> SuggestionsForm:
    """Return the form of a project's rules, with what there is to suggest from."""
    rules, sources = Rules.of(here.settings), _sources(session, here)
    form = SuggestionsForm(None, on=rules.on, source=rules.source, hidden=round(rules.hidden_share * _PERCENT))
    count = ngettext("%(num)s item", "%(num)s items", sources.imported)
    model = (
        _("The last label check")
        if sources.model
        else _("The last label check (it has no model clearly better than guessing yet)")
    )
    form.shown = as_shown(vars(rules) | {"hidden_share": form.hidden.data / _PERCENT})
    form.source.choices = choices_of(("model", model), ("imported", _("Imported predictions (%(count)s)", count=count)))
    return form


def verdict_of(effect: Effect) -> str:
    """Say in one sentence whether showing suggestions makes people follow wrong ones."""
    if effect.misled is None:
        return ngettext(
            "Not enough yet to tell: needs %(num)s more answer to an item whose suggestion was wrong.",
            "Not enough yet to tell: needs %(num)s more answers to items whose suggestion was wrong.",
            effect.missing,
        )
    low, high = (round(_PERCENT * end) for end in (effect.misled.low, effect.misled.high))
    values = {
        "shown": format_percent(effect.shown.followed.value),
        "hidden": format_percent(effect.hidden.followed.value),
        "low": low,
        "high": high,
    }
    if effect.verdict == "harm":
        return _(
            "Suggestions mislead: when one was wrong, %(shown)s accepted it shown, %(hidden)s chose it hidden "
            "(%(low)s to %(high)s points more).",
            **values,
        )
    return _(
        "No harm shown: when a suggestion was wrong, %(shown)s accepted it shown, %(hidden)s chose it hidden "
        "(%(low)s to %(high)s points of difference).",
        **values,
    )


def speed_of(effect: Effect) -> str:
    """Say in one sentence what showing suggestions does to the time an answer takes."""
    saved = effect.saved
    if saved is None:
        return ngettext(
            "Speed: needs %(num)s more answer a side.", "Speed: needs %(num)s more answers a side.", effect.untimed
        )
    sign = -1 if saved.high < 0 else 1
    low, high = sorted((sign * saved.low, sign * saved.high))
    values = {name: format_decimal(number, "0.0") for name, number in (("low", low), ("high", high))}
    values["value"] = format_decimal(abs(saved.value), "0.0")
    if saved.low > 0:
        return _("An answer takes %(value)s s less with a suggestion (%(low)s to %(high)s).", **values)
    if saved.high < 0:
        return _("An answer takes %(value)s s more with a suggestion (%(low)s to %(high)s).", **values)
    return _("No difference in speed is shown (%(low)s to %(high)s s saved an answer).", **values)


def _sources(session: Session, here: Project) -> Sources:
    inspection = latest_inspection(session, here.id) if task_of(here).one_class else None
    if inspection is not None and not inspection.summary.get("model"):
        inspection = None
    return Sources(inspection, imported_predictions(session, here.id))


def _keep(asked: Mapping[str, Any]) -> Rules:
    """Change some of the rules, the others as they are by now; returns all of them."""
    with database().write() as session:
        here = alone_with(session, project())
        rules = replace(Rules.of(here.settings), **asked)
        change_project(session, here, {"settings": rules.as_settings()})
    return rules

"""A lead's own answer: the task's own widget with the label or the suggestion loaded, stored as a decision.

What goes wrong is said on the page, which keeps what was drawn. To cancel is to go back to the card; nothing is stored.
"""

from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from werkzeug import Response as Answer

from labeler.accounts.permissions import Action
from labeler.accounts.queries import preferences_of
from labeler.decisions.final import Standing, standing_of
from labeler.decisions.queries import current_of
from labeler.errors import LabelerError
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.models import Item, Project
from labeler.projects.queries import item_in, task_of
from labeler.quality.models import Flag
from labeler.quality.queries import latest_inspection
from labeler.review import queue
from labeler.web.blueprint import blueprint
from labeler.web.review.views import address, kept, next_after, wanted_of
from labeler.web.shared import deciding
from labeler.web.shared.evidence import Desk, shown
from labeler.web.shared.numbers import id_in
from labeler.web.shared.widget import class_buttons, widget_config

_LISTS = {"item": "web.item", "disagreements": "web.disagreements"}  # where else one may come from


@blueprint.get("/p/<slug>/review/edit")
@needs(Action.LEAD)
def review_edit(slug: str) -> str | Answer:
    """Show the widget with what stands for an item; where an answer is one class, the card has all there is to do."""
    here, item_id = project(), request.args.get("item", 0, type=id_in)
    with database().read() as session:
        desk = Desk.of(session, here)
        item = item_in(session, here.id, item_id)
        if desk.palette.one_class:
            return redirect(address(slug, item=item.id), 303)
        inspection = latest_inspection(session, here.id)
        flag = queue.flag_of(session, wanted_of(desk, inspection), item.id) if inspection else None
        choices = class_buttons(desk.classes, {}, {})
        current = current_of(session, item.id)
        own = preferences_of(session, user_id())
        return render_template(
            "review/edit.html",
            project=here,
            question=here.settings.get("question") or translated(task_of(here).words.question),
            shown=shown(item),
            entry=_entry(here, item),
            starts=_starts(desk, standing_of(session, here.id, item.id), flag),
            flag=flag.id if flag else 0,
            stood=current.id if current else 0,
            classes=choices,
            config=widget_config(here, choices),
            key=deciding.new_key(),
            back=_back(slug, item.id),
            save=kept("web.review_edited", slug, back=_came_from()),
            own_keys={"keys": own.get("keys", {}), "single_keys": own.get("single_keys", True)},
        )


@blueprint.post("/p/<slug>/review/edit")
@needs(Action.LEAD)
def review_edited(slug: str) -> Response | tuple[Response, int]:
    """Store the answer as a decision; says in JSON where to go on, or what is wrong, and then nothing is stored."""
    here = project()
    try:
        with database().write() as session:
            decided = deciding.store_own(session, here, user_id(), request.get_json(silent=True))
            desk, inspection = Desk.of(session, here), latest_inspection(session, here.id)
            following = next_after(desk, wanted_of(desk, inspection), decided.item_id) if inspection else 0
    except LabelerError as error:
        return jsonify(error=translated(error.message)), error.status
    return jsonify(to=_back(slug, decided.item_id) if _came_from() else address(slug, item=following))


def _came_from() -> str:
    asked = request.args.get("back", "")
    return asked if asked in _LISTS else ""


def _back(slug: str, item_id: int) -> str:
    if _came_from() == "item":
        return url_for("web.item", slug=slug, item_id=item_id)
    return url_for(_LISTS[_came_from()], slug=slug) if _came_from() else address(slug, item=item_id)


def _entry(here: Project, item: Item) -> dict[str, Any]:
    """Return the item as a widget takes it. assignment: it tells one item from the next; nobody holds this one."""
    picture = url_for("web.image", slug=here.slug, item_id=item.id, size="display") if item.width else None
    return {
        "assignment": item.id,
        "item": item.id,
        "text": item.text,
        "width": item.width,
        "height": item.height,
        "image_url": picture,
        "start": task_of(here).start(item.meta, item.given_value, here.settings),
    }


def _starts(desk: Desk, standing: Standing, flag: Flag | None) -> dict[str, Any]:
    """Return what one can begin with: the label now, and what the check suggests, where there are any."""
    label = desk.label(standing.final, standing.value)
    suggested = desk.suggestion(flag)
    found = {"label": label.value if label else None, "suggestion": suggested[0].value if suggested else None}
    return {name: value for name, value in found.items() if value is not None}

"""One decision for all twins of an item: the group on one page, one key, one undo."""

import uuid

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.decisions.final import Standing, standings
from labeler.decisions.queries import current_of
from labeler.errors import Invalid, LabelerError
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.queries import item_in
from labeler.quality.queries import latest_inspection
from labeler.review.probability import probabilities_wrong
from labeler.review.twins import twins_of
from labeler.web.blueprint import blueprint
from labeler.web.review.views import address, kept, next_after, wanted_of
from labeler.web.shared.evidence import Desk, shown_items, standings_of
from labeler.web.shared.item_card import Label, Row
from labeler.web.shared.numbers import id_in

SAME = "same:"


@blueprint.get("/p/<slug>/review/group")
@needs(Action.LEAD)
def review_group(slug: str) -> str | Response:
    """Show the twins of an item, each with its label, and what can be decided for all that are ticked."""
    here, item_id = project(), request.args.get("item", 0, type=id_in)
    with database().read() as session:
        inspection = latest_inspection(session, here.id)
        item = item_in(session, here.id, item_id)
        ids = twins_of(session, inspection.id, item.id) if inspection else []
        desk = Desk.of(session, here)
        rows = _rows(desk, inspection.id, ids) if inspection else []
        if len(rows) < 2:  # noqa: PLR2004 - one item is no group
            return redirect(address(slug, item=item.id), 303)
        return render_template(
            "review/group.html",
            page="review",
            project=here,
            item_id=item.id,
            rows=rows,
            labels=_labels(rows),
            palette=desk.palette,
            stood={row.item.id: current.id if (current := current_of(session, row.item.id)) else 0 for row in rows},
            key=str(uuid.uuid4()),
            back=address(slug, item=item.id),
            decide=kept("web.review_group_decide", slug),
        )


@blueprint.post("/p/<slug>/review/group")
@needs(Action.LEAD)
def review_group_decide(slug: str) -> Response:
    """Decide for all ticked twins in one step and go on to the next card."""
    here, first = project(), request.form.get("shown", 0, type=id_in)
    try:
        with database().write() as session:
            desk = Desk.of(session, here)
            decided = workflow.resolve_group(session, here, _decision(desk), by=user_id())
            inspection = latest_inspection(session, here.id)
            target = next_after(desk, wanted_of(desk, inspection), first) if inspection else 0
    except LabelerError as error:
        flash(translated(error.message), "error")
        return redirect(kept("web.review_group", slug, item=first), 303)
    flash(ngettext("%(num)s item decided in one step", "%(num)s items decided in one step", len(decided)), "success")
    return redirect(address(slug, item=target), 303)


def _decision(desk: Desk) -> workflow.GroupDecision:
    """Read the form: the ticked items, what stood for each when they were shown, and what was pressed."""
    form = request.form
    items = form.getlist("item", type=id_in)
    seen = dict(part.split(":", 1) for part in form.getlist("seen") if part.count(":") == 1)
    try:
        stood = {item: id_in(seen[str(item)]) for item in items}
    except (KeyError, ValueError):
        raise Invalid("This form is not complete; open the group again.") from None
    pressed = form.get("decision", "")
    code = pressed.removeprefix(SAME) if pressed.startswith(SAME) else ""
    value = _value_of(desk, desk.session, items, code) if code else None
    return workflow.GroupDecision(
        form.get("key", ""),
        items,
        "same" if code else pressed,
        code,
        value.value if value else None,
        form.get("reason", "").strip(),
        stood,
    )


def _value_of(desk: Desk, session: Session, items: list[int], code: str) -> Standing | None:
    """Return one of the group that has this label, whose value the others get; None where a class says it all."""
    if desk.palette.one_class:
        if code not in desk.palette.by_code:
            raise Invalid("There is no such class in this project.", field="decision")
        return None
    every = [*items, *request.form.getlist("other", type=id_in)]
    found = next((one for one in standings(session, desk.project.id, every) if one.final == code), None)
    if found is None:
        raise Invalid("None of these items has this label any more. Look again.", field="decision")
    return found


def _rows(desk: Desk, run: int, ids: list[int]) -> list[Row]:
    standing, items = standings_of(desk, ids), shown_items(desk, ids)
    wrong = probabilities_wrong(desk.session, run, standing.values(), desk.known)
    return [
        Row(
            item=items[one],
            kind=_("excluded") if standing[one].excluded else "",
            label=None if standing[one].excluded else desk.label(standing[one].final, standing[one].value),
            suggested=None,
            wrong=wrong.get(one),
            right=None,
            current=False,
        )
        for one in ids
        if one in items and one in standing
    ]


def _labels(rows: list[Row]) -> list[tuple[Label, int]]:
    """Return the labels in the group with how many items have each, the most frequent first."""
    counted: dict[Label, int] = {}
    for row in rows:
        if row.label is not None:
            counted[row.label] = counted.get(row.label, 0) + 1
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0].position, pair[0].name))

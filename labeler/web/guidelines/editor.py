"""Writing the next version of the guidelines: text and examples in one form, and one more example from another page.

Note: the form carries everything that is not saved yet, also the examples. "Preview", "Find",
"Add" and "Remove" send it and get it back changed; only "Save" stores, text and examples together, as one version.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from labeler.accounts.permissions import Action
from labeler.errors import Conflict, Invalid, LabelerError
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects import actions
from labeler.projects.differences import Line, line_changes
from labeler.projects.examples import Example, from_json, with_example
from labeler.projects.models import Guideline
from labeler.projects.queries import classes_of, guideline_in, guideline_of, items_by_id
from labeler.statistics.item_search import ItemFilter, item_page
from labeler.storage.database import alone, clock
from labeler.web.blueprint import blueprint
from labeler.web.shared.evidence import Desk, labels_of
from labeler.web.shared.forms import GuidelinesForm
from labeler.web.shared.guide import beginning, read_guide, show_examples
from labeler.web.shared.item_card import Label
from labeler.web.shared.numbers import id_in
from labeler.web.shared.words import gettext as _

FOUND = 12  # items shown for a search
_STEPS = ("preview", "find", "add", "take")  # buttons that store nothing
_PAGES = {"item": "web.item", "review": "web.review", "disagreements": "web.disagreements"}


@dataclass(frozen=True)
class Draft:
    """What the form holds. based_on: the version it was begun from; 0 when there was none."""

    text: str
    examples: tuple[Example, ...]
    based_on: int


@dataclass(frozen=True)
class Picker:
    """The part of the form that finds and adds an example. wanted: what is looked for; code: of the chosen class."""

    wanted: str = ""
    kind: str = "yes"
    code: str = ""
    note: str = ""


@dataclass(frozen=True)
class FoundItem:
    """An item that may become an example. text: its beginning, None for a picture."""

    item: int
    text: str | None
    label: Label | None


@dataclass
class ShownAround:
    """What the page shows beside the draft: what was found, and what somebody else changed meanwhile."""

    picker: Picker = field(default_factory=Picker)
    found: list[FoundItem] | None = None
    meanwhile: list[Line] = field(default_factory=list)


@blueprint.route("/p/<slug>/guidelines/edit", methods=["GET", "POST"])
@needs(Action.LEAD)
def edit_guidelines(slug: str) -> Response | AnyResponse:
    """Write the next version of the guidelines with its examples."""
    form, shown = GuidelinesForm(None), ShownAround()
    with database().read() as db:
        newest = guideline_of(db, project().id)
    draft = _begun(newest)
    if request.method == "POST":
        form = GuidelinesForm()
        try:
            draft = _sent(draft)
            shown.picker = _picker()
            if form.validate() and not any(step in request.form for step in _STEPS):
                return _save(slug, draft)
            draft = _changed(draft)
        except LabelerError as error:
            form.refuse(error)
            if isinstance(error, Conflict):
                draft = _caught_up(draft, shown)
    form.text.data = draft.text
    return _page(form, draft, shown)


@blueprint.post("/p/<slug>/guidelines/examples")
@needs(Action.LEAD)
def add_example(slug: str) -> AnyResponse:
    """Show one more item with the guidelines, as a new version, and go back to the page it was chosen on."""
    item = request.form.get("item", 0, type=id_in)
    try:
        with database().write() as db:
            version = actions.add_example(db, project().id, _example(item), by=user_id(), now=clock(db))
    except Invalid as error:
        flash(translated(error.message), "error")
    else:
        flash(_("Item %(item)s is in version %(version)s of the guidelines", item=item, version=version), "success")
    endpoint = _PAGES.get(request.form.get("from", ""), "web.guidelines")
    values: dict[str, Any] = {} if endpoint == "web.guidelines" else _back_to(endpoint, item)
    return redirect(url_for(endpoint, slug=slug, **values), 303)


def _back_to(endpoint: str, item: int) -> dict[str, Any]:
    """Return what says which item that page showed, and which part of its queue."""
    if endpoint == "web.item":
        return {"item_id": item}
    kept = {name: request.args[name] for name in ("kind", "label", "suggested", "a", "b") if request.args.get(name)}
    return {"item": item, **kept}


def _example(item: int) -> Example:
    """Read from a form what an item is to be an example of."""
    class_id = request.form.get("new_class", None, type=id_in)
    return Example(item, request.form.get("new_kind", ""), class_id, request.form.get("new_note", ""))


# -- the draft ------------------------------------------------------------------------------------------------------


def _begun(newest: Guideline | None) -> Draft:
    return Draft(newest.text, from_json(newest.examples), newest.version) if newest else Draft("", (), 0)


def _sent(newest: Draft) -> Draft:
    """Read the draft of the form; a form without examples (a script's) leaves them as they are."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    based_on = request.form.get("based_on", newest.based_on, type=id_in)
    if "examples" not in request.form:
        return Draft(text, newest.examples, based_on)
    columns = [request.form.getlist(f"example_{name}") for name in ("item", "kind", "class", "note")]
    try:
        examples = tuple(
            Example(id_in(item), kind, id_in(of) if of else None, " ".join(note.split()))
            for item, kind, of, note in zip(*columns, strict=True)
        )
    except ValueError as error:
        raise Invalid("The examples of the form cannot be read; load the page again.") from error
    return Draft(text, examples, based_on)


def _picker() -> Picker:
    form = request.form
    wanted, note = form.get("wanted", "").strip()[:200], form.get("new_note", "")
    return Picker(wanted, form.get("new_kind", "yes"), form.get("new_class", ""), note)


def _changed(draft: Draft) -> Draft:
    """Do what the pressed button says to the examples of the draft."""
    taken = request.form.get("take", -1, type=id_in)
    if "take" in request.form:
        return replace(draft, examples=tuple(one for n, one in enumerate(draft.examples) if n != taken))
    if "add" in request.form:
        new = _example(request.form.get("add", 0, type=id_in))
        return replace(draft, examples=with_example(draft.examples, new))
    return draft


def _save(slug: str, draft: Draft) -> AnyResponse:
    with database().write() as db:
        alone(db, project().id)
        newest = guideline_of(db, project().id)
        if (newest.version if newest else 0) != draft.based_on:
            raise Conflict("Somebody saved another version meanwhile. What they changed stands below.")
        version = actions.add_guideline(
            db, project().id, draft.text, examples=draft.examples, by=user_id(), now=clock(db)
        )
    flash(_("Version %(number)s of the guidelines is what annotators see now.", number=version), "success")
    return redirect(url_for("web.guidelines", slug=slug))


def _caught_up(draft: Draft, shown: ShownAround) -> Draft:
    """Show what changed since the draft was begun; saved once more it follows on that."""
    with database().read() as db:
        newest = guideline_of(db, project().id)
        before = guideline_in(db, project().id, draft.based_on).text if draft.based_on else ""
    if newest is None:
        return draft
    shown.meanwhile = line_changes(before, newest.text)
    return replace(draft, based_on=newest.version)


# -- the page -------------------------------------------------------------------------------------------------------


def _page(form: GuidelinesForm, draft: Draft, shown: ShownAround) -> Response:
    here = project()
    with database().read() as db:
        classes = classes_of(db, here.id)
        present = items_by_id(db, here.id, [one.item for one in draft.examples])
        order = {row.id: row.position for row in classes.rows}
        kept = [one for one in draft.examples if one.item in present]
        kept.sort(key=lambda one: order.get(one.class_id or 0, -1))  # as they stand in the form
        guide = read_guide(db, here.id, classes, draft.text, kept)
        desk = Desk.of(db, here)
        if "find" in request.form or "add" in request.form or shown.picker.wanted:
            shown.found = _found(db, desk, shown.picker)
        page = render_template(
            "guidelines/edit.html",
            form=form,
            draft=replace(draft, examples=tuple(kept)),
            tiles=show_examples(db, here.id, classes, kept),
            guide=guide,
            palette=desk.palette,
            shown=shown,
        )
    return make_response(page, 422 if form.errors or form.form_errors else 200)


def _found(session: Session, desk: Desk, picker: Picker) -> list[FoundItem]:
    """Return items by id or words; without either, items that are labeled as the chosen class."""
    code = picker.code if picker.code in desk.palette.by_code else ""
    wanted = ItemFilter(text=picker.wanted, final="" if picker.wanted else code)
    items = item_page(session, desk.project.id, wanted, inspection_id=None, limit=FOUND)
    if picker.wanted.isdecimal():
        number = min(int(picker.wanted[:9]), 2**31 - 1)
        items = [*items_by_id(session, desk.project.id, [number]).values(), *(i for i in items if i.id != number)]
    labels = labels_of(desk, [item.id for item in items[:FOUND]]) if items else {}
    return [FoundItem(item.id, beginning(item), labels.get(item.id)) for item in items[:FOUND]]

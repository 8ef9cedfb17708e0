"""Lists of items behind every count, and one item with its whole history.

The filter is the address and nothing else, so every number elsewhere can link to its very items. Pages move by item id
(`after`, `before`): a page stays right while others import or decide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response

from labeler.accounts.permissions import Action
from labeler.accounts.queries import Member, members
from labeler.agreement.meant import AMONG, DIFFER, SINGLE, TWO, UNAIDED, meant_in, meant_said
from labeler.decisions import actions as reviews
from labeler.decisions.final import AMBIGUOUS, Standing, standings
from labeler.decisions.models import AGREED, SECOND_OPINION
from labeler.errors import Invalid, NotFound
from labeler.extensions import database, files
from labeler.extensions.access import needs, project
from labeler.projects.models import Import, Item
from labeler.projects.queries import imports_of, item_in
from labeler.quality.calibration.probability import ProbabilityWrong
from labeler.quality.queries import flags_of_items, latest_inspection
from labeler.review.probability import probabilities_wrong
from labeler.statistics.condition_texts import conditions_in
from labeler.statistics.conditions import Conditions
from labeler.statistics.item_search import STATES, ItemFilter, done_among, item_page, item_total
from labeler.test_items.queries import right_answer
from labeler.web.blueprint import blueprint
from labeler.web.items.history import read_item
from labeler.web.shared.conditions import condition_words, list_arguments, which_words
from labeler.web.shared.deciding import new_key
from labeler.web.shared.evidence import Desk, shown
from labeler.web.shared.item_card import Label, Palette, Shown
from labeler.web.shared.numbers import id_in
from labeler.web.shared.words import format_date
from labeler.web.shared.words import gettext as _

ROWS, PICTURES = 50, 60
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class ItemRow:
    """One item of a list. source: where the final label comes from; flags: kinds; state: in words with a tone.

    wrong: what is said of the final label, None where nothing is.
    """

    item: Shown
    given: Label | None
    consensus: Label | None
    final: Label | None
    source: str
    votes: int
    wanted: int
    flags: tuple[str, ...]
    wrong: ProbabilityWrong | None
    state: tuple[str, str]


@dataclass(frozen=True)
class Chip:
    """One thing the list is filtered by, and the address without it."""

    words: str
    without: str


@blueprint.get("/p/<slug>/items")
@needs(Action.LEAD)
def items(slug: str) -> str:
    """List the items that fit the filter in the address."""
    here = project()
    wanted, limit = read_filter(request.args), PICTURES if here.media == "image" else ROWS
    after, before = request.args.get("after", 0, type=id_in), request.args.get("before", 0, type=id_in)
    with database().read() as session:
        desk, inspection = Desk.of(session, here), latest_inspection(session, here.id)
        palette = desk.palette
        run = inspection.id if inspection else None
        people, imports = members(session, here.id), imports_of(session, here.id)
        found = item_page(session, here.id, wanted, inspection_id=run, after=after, before=before, limit=limit + 1)
        more = len(found) > limit
        found = (found[1:] if before else found[:-1]) if more else found
        rows = _rows(desk, found, run)
        total = item_total(session, here.id, wanted, inspection_id=run)
    chips = _chips(slug, wanted, palette, people, imports)
    return render_template(
        "items/items.html",
        rows=rows,
        total=total,
        wanted=wanted,
        chips=chips,
        palette=palette,
        people=people,
        imports=imports,
        key=new_key(),
        asks={name: address_of(slug, wanted, f"web.{name}") for name in ("ask_one_more", "make_tests", "end_tests")},
        kept=list_arguments(wanted.chosen) if wanted.chosen else {},
        states={state: state_words(state) for state in STATES},
        previous=address_of(slug, wanted, before=found[0].id) if found and (more if before else after) else "",
        next=address_of(slug, wanted, after=found[-1].id) if found and (before or more) else "",
    )


@blueprint.get("/p/<slug>/items/<int:item_id>")
@needs(Action.LEAD)
def item(slug: str, item_id: int) -> str:
    """Show one item with everything that was ever said about it."""
    del slug
    here = project()
    with database().read() as session:
        found = item_in(session, here.id, item_id)
        history = read_item(session, here, found)
        palette, test = Desk.of(session, here).palette, right_answer(session, item_id)
    problem = ""
    if found.width is not None:
        try:
            files().confirm(found.content_hash)
        except NotFound as error:
            problem = error.message
    talked = {thread.user for thread in history.card.threads}
    without = {answer.user: answer.who for answer in history.answers if answer.user not in talked}
    return render_template(
        "items/item.html",
        one=history,
        card=history.card,
        palette=palette,
        problem=problem,
        test=test,
        key=new_key(),
        without=list(without.items()),
    )


@blueprint.post("/p/<slug>/items/<int:item_id>/undo")
@needs(Action.LEAD)
def undo_decision(slug: str, item_id: int) -> Response:
    """Take the decision that stands for an item back; an excluded item is served and counted again."""
    here = project()
    with database().write() as session:
        if reviews.undo_standing(session, here, item_id, request.form.get("review", 0, type=id_in)):
            flash(_("The decision was undone; it stays in the history."), "success")
        else:
            flash(_("Somebody changed this decision in the meantime; nothing was undone."), "warning")
    return redirect(url_for("web.item", slug=slug, item_id=item_id))


def read_filter(args: Mapping[str, str]) -> ItemFilter:
    """Read the filter from an address; what makes no sense there is left out.

    With `items` it is about the items of an export: then a person and an import are conditions of that.
    """
    state, chosen, kept = args.get("state", ""), _chosen(args), meant_said(meant_in(args))
    return ItemFilter(
        state=state if state in STATES else "",
        text=args.get("text", "").strip()[:LONGEST_SEARCH],
        final=args.get("final", ""),
        given=args.get("given", ""),
        vote=args.get("vote", ""),
        beside=args.get("beside", ""),
        annotator=0 if chosen else _number(args.get("annotator", "")),
        disagrees=args.get("disagrees", "") == "1",
        import_id=0 if chosen else _number(args.get("import_id", "")),
        fast=args.get("fast", "") == "1",
        recent=args.get("recent", "") == "1",
        about=args.get("about", "")[:LONGEST_SEARCH],
        among=among if (among := args.get("among", "")) in AMONG else "",
        also=_number(args.get("also", "")),
        **({} if chosen else {name: kept.get(name, "") for name in ("way", "version", "since", "until")}),
        chosen=chosen,
        left_out=chosen is not None and args.get("left_out", "") == "1",
    )


def _chosen(args: Mapping[str, str]) -> Conditions | None:
    try:
        return conditions_in(args) if args.get("items") else None
    except Invalid:
        return None


def state_words(state: str) -> str:
    """Say what a state of the filter means."""
    return {
        "unlabeled": _("Without a label"),
        "labeled": _("With a final label"),
        "automatic": _("Labeled by the model"),
        "given": _("Existing label, seen by nobody"),
        "consensus": _("Labeled by consensus"),
        "decided": _("Final label by a lead"),
        "done": _("Done"),
        "differ": _("Votes differ"),
        "tie": _("Votes tie"),
        "flagged": _("Flagged, not decided"),
        "reviewed": _("Decided by a lead"),
        "changed": _("Changed by a lead"),
        "kept": _("Kept by a lead"),
        "settled": _("Had no label, given one by a lead"),
        "excluded": _("Excluded"),
        "ambiguous": _("Called ambiguous by a lead"),
        "sent_back": _("Sent back"),
        SECOND_OPINION: _("Waiting for a second opinion"),
        AGREED: _("A second opinion agreed"),
        "skipped": _("Skipped by somebody"),
        "commented": _("With comments"),
        "test": _("Test items"),
    }[state]


def _number(text: str) -> int:
    try:
        return id_in(text)
    except ValueError:
        return 0


def address_of(slug: str, wanted: ItemFilter, endpoint: str = "web.items", **more: int) -> str:
    """Return the address of what a filter is about: its list, or what is asked of all of it."""
    plain = {name: value for name, value in vars(wanted).items() if value and name != "chosen"}
    kept = {name: int(value) if value is True else value for name, value in plain.items()}
    values: dict[str, Any] = kept | (list_arguments(wanted.chosen) if wanted.chosen else {}) | more
    return url_for(endpoint, slug=slug, **values)


def _chips(
    slug: str, wanted: ItemFilter, palette: Palette, people: list[Member], imports: Sequence[Import]
) -> list[Chip]:
    names = {member.user_id: member.name or member.email for member in people}
    files = {one.id: one.name for one in imports}

    def label(code: str) -> str:
        found = palette.of_code(code)
        return found.name if found else _("a class that is gone")

    said = {
        "state": state_words(wanted.state) if wanted.state else "",
        "text": _("Text: %(wanted)s", wanted=wanted.text),
        "final": _("Final label: %(name)s", name=label(wanted.final)),
        "given": _("Existing label: %(name)s", name=label(wanted.given)),
        "vote": _("Answered as: %(name)s", name=label(wanted.vote)),
        "beside": _("By somebody else as: %(name)s", name=label(wanted.beside)),
        "annotator": _("By %(name)s", name=names.get(wanted.annotator, _("somebody who left"))),
        "disagrees": _("Answer is not the final label"),
        "import_id": _("From %(name)s", name=files.get(wanted.import_id, _("an import that is gone"))),
        "fast": _("Answered in less than 1 s"),
        "recent": _("Among their newest answers"),
        "about": " = ".join(wanted.about.partition("=")[::2]),
        **_meant_words(wanted),
        "also": _("And by %(name)s", name=names.get(wanted.also, _("somebody who left"))),
        "chosen": _chosen_words(wanted.chosen, names, files) if wanted.chosen else "",
        "left_out": _("Left out of it by a filter"),
    }
    empty = ItemFilter()
    return [
        Chip(said[name], address_of(slug, ItemFilter(**{**vars(wanted), name: getattr(empty, name)})))
        for name, value in vars(wanted).items()
        if value
    ]


def _meant_words(wanted: ItemFilter) -> dict[str, str]:
    """Say which answers count, as the agreement page does."""
    meant = wanted.meant
    versions = {"0": _("Answered before version 1 of the guidelines"), "mixed": _("Answered under several versions")}
    said = versions.get(wanted.version, _("Answered under version %(number)s", number=wanted.version))
    return {
        "among": {TWO: _("Two answers or more"), DIFFER: _("Answers differ")}.get(wanted.among, ""),
        "way": {SINGLE: _("Answered one by one"), UNAIDED: _("Answered without suggestions")}.get(wanted.way, ""),
        "version": said,
        "since": _("Newest answer on %(day)s or later", day=format_date(meant.since, "d MMM y")) if meant.since else "",
        "until": _("Newest answer on %(day)s or earlier", day=format_date(meant.until, "d MMM y"))
        if meant.until
        else "",
    }


def _chosen_words(chosen: Conditions, names: Mapping[int, str], files: Mapping[int, str]) -> str:
    said = [which_words(chosen.which), *condition_words(chosen, names, files).values()]
    return _("In an export: %(conditions)s", conditions=" · ".join(said))


def _rows(desk: Desk, found: list[Item], run: int | None) -> list[ItemRow]:
    session, here, ids = desk.session, desk.project, [one.id for one in found]
    standing = {one.item_id: one for one in standings(session, here.id, ids)} if ids else {}
    flags = flags_of_items(session, run, ids) if run else {}
    done = done_among(session, ids) if ids else set()
    wrong = probabilities_wrong(session, run, standing.values(), desk.known)
    return [
        ItemRow(
            item=shown(one),
            given=desk.label(one.given_code, one.given_value),
            consensus=desk.label(standing[one.id].consensus, standing[one.id].consensus_value),
            final=None if standing[one.id].excluded else desk.label(standing[one.id].final, standing[one.id].value),
            source=standing[one.id].source,
            votes=standing[one.id].votes,
            wanted=max(here.votes if one.wanted is None else one.wanted, standing[one.id].votes),
            flags=() if standing[one.id].decision else tuple(flag.kind for flag in flags.get(one.id, [])),
            wrong=wrong.get(one.id),
            state=_state(one, standing[one.id], done=one.id in done),
        )
        for one in found
    ]


def _state(one: Item, standing: Standing, *, done: bool) -> tuple[str, str]:
    """Return what is going on with an item, in words, and the tone of it."""
    decided = {
        "exclude": (_("Excluded"), ""),
        "send_back": (_("Sent back"), "info"),
        SECOND_OPINION: (_("Waits for a second opinion"), "info"),
        AGREED: (_("A second opinion agreed"), "ok"),
        AMBIGUOUS: (_("Ambiguous"), "ok"),
        "keep": (_("Kept by a lead"), "ok"),
        "relabel": (_("Changed by a lead"), "ok"),
    }
    if standing.decision in decided:
        return decided[standing.decision]
    if standing.tie:
        return _("Tie"), "warn"
    if not done:  # where no slot is open the last answer is under way
        return (_("Under way"), "info") if standing.votes or not one.open_slots else (_("Waiting"), "")
    return _("Done"), "ok"

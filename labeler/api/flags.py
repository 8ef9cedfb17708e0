"""Reasons to look again, worst first."""

from typing import Any

from sqlalchemy.orm import Session

from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.paging import Listed, Page, cut, next_path
from labeler.api.shapes import FlagKind, Shape
from labeler.decisions.final import standings
from labeler.errors import Invalid
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.projects.queries import classes_of
from labeler.quality.calibration.probability import Band
from labeler.quality.calibration.queries import calibration, suggestion_number
from labeler.quality.detectors.registry import DETECTORS
from labeler.quality.flag_rows import flag_page, rounded, rounded_score, said_of
from labeler.quality.models import Flag
from labeler.quality.queries import kinds_of, latest_inspection
from labeler.review.probability import probabilities_wrong


class FlagOut(Shape):
    """One reason to look at one item again. Shares are 0..1.

    score: of a wrong label the probability wrong of the label that the pass saw, by leads' decisions once these are
    enough to say it, and what the pass says of it before; of other kinds only what orders them; probability_wrong,
    probability_low, probability_high: the number of the review page, of the label now, with its 90 % interval; null
    before enough was decided, and once another label stands; band: how strong the suspicion is; suggested_probability:
    how likely the suggestion is to be right, null without one (`confidence` is the same, 0 without one); label: the
    final label now; suggested_label, label, given_label: where a label is one class; suggested_value: the suggestion as
    a value, in any task; reasons: the evidence, as objects with a kind of their own, of the kind "place" one for each
    place of a label that is probably wrong; decision: a lead's, if any.
    """

    item: int
    external_id: str | None
    kind: str
    score: float
    given_label: str | None
    label: str | None
    suggested_label: str | None
    suggested_value: dict[str, Any] | None
    confidence: float
    probability_wrong: float | None
    probability_low: float | None
    probability_high: float | None
    band: Band | None
    suggested_probability: float | None
    reasons: list[Any]
    decision: str | None


class FlagList(Listed):
    """Flags of one inspection; null before the first one."""

    inspection: int | None
    data: list[FlagOut]


class FlagPage(Page):
    """Which flags to list."""

    kind: FlagKind | None = None


@blueprint.get("/projects/<slug>/flags")
@needs(Action.LEAD)
@blueprint.input(FlagPage, location="query", arg_name="page")
@blueprint.output(FlagList)
def list_flags(slug: str, page: FlagPage) -> dict[str, Any]:
    """List the flags of the newest inspection: kinds in a fixed order, worst first within a kind."""
    del slug
    with database().read() as session:
        after = _flag_at(session, page)
        newest = latest_inspection(session, project().id)
        # a list that was begun is finished on the inspection it was begun on
        inspection_id = after.inspection_id if after else newest.id if newest else None
        _check_kind(session, inspection_id, page.kind)
        if inspection_id is None:
            return {"inspection": None, "data": [], "next": None}
        found = flag_page(session, inspection_id, kind=page.kind or "", after=after, limit=page.one_more)
        rows, more = cut(page, found)
        data = _shapes(session, project().id, rows)
    return {
        "inspection": inspection_id,
        "data": data,
        "next": next_path(page, rows[-1][0].id if rows else 0, more=more),
    }


def _check_kind(session: Session, inspection_id: int | None, kind: str | None) -> None:
    """Raise Invalid for a kind that is no detector's and that no flag has either."""
    if kind is None or kind in DETECTORS or (inspection_id and kind in kinds_of(session, inspection_id)):
        return
    known = ", ".join(DETECTORS)
    raise Invalid("There is no kind of flag {kind!r}; choose one of {known}.", field="kind", kind=kind, known=known)


def _flag_at(session: Session, page: FlagPage) -> Flag | None:
    if page.cursor is None:
        return None
    flag = session.get(Flag, page.cursor)
    if flag is None or flag.project_id != project().id or (page.kind and flag.kind != page.kind):
        raise Invalid("This cursor is not one of this list; begin again without it.", field="cursor")
    return flag


def _shapes(session: Session, project_id: int, rows: Any) -> list[dict[str, Any]]:
    classes = classes_of(session, project_id)
    names = classes.by_code
    standing = {one.item_id: one for one in standings(session, project_id, [flag.item_id for flag, _ in rows])}
    run, known = rows[0][0].inspection_id if rows else 0, calibration(session, project_id)
    wrong = probabilities_wrong(session, run, standing.values(), known)
    return [
        {
            "item": flag.item_id,
            "external_id": external_id,
            "kind": flag.kind,
            "score": rounded_score(flag.kind, flag.score, known),
            "given_label": names.get(standing[flag.item_id].given),
            "label": names.get(standing[flag.item_id].final),
            "suggested_label": names.get(flag.suggested_code),
            "suggested_value": classes.shown(flag.suggested_code, flag.suggested_value),
            "confidence": suggestion_number(known, flag) or 0.0,
            **said_of(wrong.get(flag.item_id)),
            "suggested_probability": rounded(suggestion_number(known, flag)),
            "reasons": flag.reasons,
            "decision": standing[flag.item_id].decision or None,
        }
        for flag, external_id in rows
    ]

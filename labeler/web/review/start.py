"""The plan of a review: how long there is, what it would bring, which reasons wait, whether numbers can be believed.

A time that was started runs beside the review (`running.py`).
"""

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler.accounts.permissions import Action
from labeler.decisions import outcomes
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.measures.intervals import Interval
from labeler.projects.models import Project
from labeler.quality.calibration.believed import stated_bands, verdict
from labeler.quality.calibration.queries import calibration, judged_cases
from labeler.quality.detectors.registry import rank
from labeler.quality.models import Inspection
from labeler.quality.queries import latest_inspection
from labeler.review import queue, sitting, timebox
from labeler.review.expected import Expected, expected_wrong
from labeler.review.offer import least_offered
from labeler.review.precision import Precision, precision_by_class
from labeler.review.queue import Wanted
from labeler.review.timebox import Candidate
from labeler.second_opinions import queries as second_opinions
from labeler.web.blueprint import blueprint
from labeler.web.review import running
from labeler.web.shared.set_findings import set_notes

MINUTES = (10, 30)
LISTED = 100  # second opinions
LONGEST = 8 * 60  # minutes of a time box


@dataclass(frozen=True)
class ReasonRow:
    """One reason: items that wait, how many of their labels to expect wrong, how often such flags were right."""

    kind: str
    items: int
    expected: Expected | None
    measured: Precision

    @property
    def interval(self) -> Interval:
        """Where the measured share lies with 95 % confidence."""
        return self.measured.interval


@blueprint.get("/p/<slug>/review/start")
@needs(Action.LEAD)
def review_start(slug: str) -> str | Response:
    """Show what a review would bring in 10 minutes, in 30 and in all."""
    here = project()
    with database().read() as session:
        inspection = latest_inspection(session, here.id)
        if inspection is None:
            return redirect(url_for("web.review", slug=slug), 303)
        return render_template("review/start.html", page="review", project=here, **_plan(session, here, inspection))


@blueprint.post("/p/<slug>/review/start")
@needs(Action.LEAD)
def review_begin(slug: str) -> Response:
    """Begin a time of review, in the order that brings the most corrections a minute; 0 minutes: without an end."""
    minutes = max(0, min(LONGEST, request.form.get("minutes", 0, type=int)))
    with database().read() as session:
        running.begin(slug, minutes, outcomes.decided(session, project().id).total)
    return redirect(url_for("web.review", slug=slug, order="time"), 303)


def _plan(session: Session, here: Project, inspection: Inspection) -> dict[str, Any]:
    known = calibration(session, here.id)
    wanted = Wanted(inspection.id, least=least_offered(session, inspection.id, known))
    waiting = sitting.candidates(session, here.id, wanted, known)
    pace = sitting.pace(session, here.id, user_id())
    ordered = timebox.by_corrections_a_minute(waiting, pace)
    everything = timebox.box(ordered, pace)
    boxes = [timebox.box(ordered, pace, minutes) for minutes in MINUTES if minutes < everything.minutes]
    boxes.append(everything)
    bands = stated_bands(judged_cases(session, here.id)) if known.wrong else ()
    return {
        "inspection": inspection,
        "known": known,
        "pace": pace,
        "times": boxes if waiting else [],
        "best": timebox.best_box(boxes),
        "cut": len(waiting) == sitting.LOOKED_AT,
        "reasons": _reasons(session, here, inspection, waiting),
        "bands": bands,
        "verdict": verdict(bands),
        "about_set": set_notes(here.slug, inspection),
        "decided": outcomes.decided(session, here.id),
        "counts": queue.counts(session, inspection.id),
        "asked": second_opinions.waiting(session, here.id, LISTED),
        "differing": second_opinions.differing(session, here.id, LISTED),
    }


def _reasons(session: Session, here: Project, inspection: Inspection, waiting: list[Candidate]) -> list[ReasonRow]:
    counts = queue.counts(session, inspection.id)
    return [
        ReasonRow(
            kind,
            counts[kind],
            expected_wrong(one.wrong for one in waiting if one.kind == kind and one.wrong),
            sum(precision_by_class(session, here.id, kind).values(), Precision()),
        )
        for kind in sorted(filter(None, counts), key=rank)
        if counts[kind]
    ]

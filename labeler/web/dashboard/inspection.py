"""The card of the inspection: when it ran, how good its model is, what runs now and why it cannot."""

from flask import url_for
from sqlalchemy.orm import Session

from labeler.extensions.translating import translated
from labeler.jobs import queries as jobs
from labeler.jobs.models import INSPECT
from labeler.measures.intervals import wilson
from labeler.projects.models import Project
from labeler.quality.models import Inspection
from labeler.quality.queries import latest_inspection
from labeler.storage.database import clock
from labeler.web.dashboard import view_model as view
from labeler.web.shared.set_findings import set_notes
from labeler.web.shared.words import gettext as _


def read_inspection(
    session: Session, project: Project, last: Inspection | None, flags: int, *, items: int
) -> view.InspectionCard:
    """Return what the card of the inspection shows; flags: items that wait for a decision."""
    job = jobs.latest_job(session, project.id, INSPECT)
    newest = latest_inspection(session, project.id, state=None)
    failed = ""
    if job is not None and job.state == "failed":
        failed = translated(job.error)
    elif job is None and newest is not None and newest.state == "failed":
        failed = " ".join(map(translated, newest.summary.get("notes", [])))
    running = None
    if job is not None and job.is_open:
        running = job
    return view.InspectionCard(
        run_url=url_for("web.run_inspection", slug=project.slug),
        last=last.finished_at if last else None,
        model_accuracy=_model_accuracy(last),
        notes=tuple(map(translated, last.summary.get("notes", []))) if last else (),
        about_set=set_notes(project.slug, last),
        flags=flags,
        flags_href=url_for("web.items", slug=project.slug, state="flagged"),
        running=running,
        failed=failed,
        cancelled=job is not None and job.was_cancelled,
        blocked="" if items else _("Add items first; then their labels can be checked."),
        worker_seen=jobs.worker_seen(session, clock(session)),
    )


def _model_accuracy(last: Inspection | None) -> view.Estimate | None:
    model, labeled = (last.summary.get("model"), last.summary.get("labeled", 0)) if last else (None, 0)
    if not model or not labeled or "accuracy" not in model:
        return None  # labels that are no single class are not right or wrong as a whole
    interval = wilson(round(model["accuracy"] * labeled), labeled)
    return view.Estimate(model["accuracy"], interval.low, interval.high)

"""What can be done in the background: a plain table from the kind of a job to the function that runs it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from labeler import workflow
from labeler.exchange.reading import options_of
from labeler.exchange.sources import Mapping, Source
from labeler.jobs.low_priority import at_low_priority
from labeler.jobs.models import IMPORT, INSPECT, Job
from labeler.projects.models import Project
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.leftovers import remove_upload
from labeler.workflow import Progress

Run = Callable[[Database, FileStore, Job, Progress], dict[str, Any]]


def run_inspection(database: Database, files: FileStore, job: Job, progress: Progress) -> dict[str, Any]:
    """Run the quality pass; the result names the inspection."""
    assert job.project_id is not None  # noqa: S101 - the kind always has one
    inspection = workflow.inspect(
        database,
        files,
        job.project_id,
        by=job.created_by,
        schedule=job.payload.get("schedule", ""),
        progress=progress,
        calculate=partial(at_low_priority, most_memory=database.settings.memory),
    )
    return {"inspection": inspection}


def run_import(database: Database, files: FileStore, job: Job, progress: Progress) -> dict[str, Any]:
    """Import an uploaded file; the result says what became of its rows. payload["as"]: items when it is not there."""
    assert job.project_id is not None  # noqa: S101 - the kind always has one
    upload, wants = _upload(files, job), job.payload.get("as", "items")
    mapping, encoding = Mapping(**job.payload["mapping"]), job.payload.get("encoding")
    sheet, annotator = job.payload.get("sheet", ""), job.payload.get("annotator", "")
    with database.read() as session:
        project = session.get_one(Project, job.project_id)
        options = options_of(
            session, project, wants=wants, mapping=mapping, encoding=encoding, sheet=sheet, annotator=annotator
        )
    asked = workflow.Asked(
        Source.upload(upload, job.payload["name"]),
        job.payload["format"],
        options,
        by=job.created_by,
        total=job.payload.get("total", 0),
        replace=job.payload.get("replace", False),
    )
    return workflow.import_source(database, files, job.project_id, asked, progress=progress).as_json()


def tidy(files: FileStore, job: Job) -> None:
    """Remove what only this job needed; call it once its end is stored, since until then it may be run again."""
    if "path" in job.payload:
        remove_upload(_upload(files, job))


def _upload(files: FileStore, job: Job) -> Path:
    """Return where the uploaded file is now: the instance may have been moved, or restored from a backup."""
    path = Path(job.payload["path"])
    return path if path.exists() else files.root.with_name("uploads") / path.name


KINDS: dict[str, Run] = {INSPECT: run_inspection, IMPORT: run_import}

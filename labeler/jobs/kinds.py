"""What can be done in the background: a plain table from the kind of a job to the function that runs it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from labeler import workflow
from labeler.exchange.elsewhere import beside, reaching
from labeler.exchange.reading import options_of
from labeler.exchange.sources import Mapping, Source
from labeler.jobs.digests import send_digests
from labeler.jobs.low_priority import at_low_priority
from labeler.jobs.models import COMPARE, DIGEST, IMPORT, INSPECT, RELEASE, VERIFY, Job
from labeler.projects.models import Project
from labeler.releases.actions import Asked as AskedRelease
from labeler.releases.actions import make_release
from labeler.releases.comparing import compare_releases
from labeler.releases.verifying import verify_release
from labeler.remote.files import Keep
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
    """Import an uploaded file, or what lies at payload["address"]; the result says what became of its rows.

    A file that was fetched from there already has both, a path and an address. payload["as"]: items when it is not
    there; payload["keep"]: what is kept of pictures that lie elsewhere.
    """
    assert job.project_id is not None  # noqa: S101 - the kind always has one
    wants, keep = job.payload.get("as", "items"), job.payload.get("keep", "copy")
    mapping, encoding = Mapping(**job.payload["mapping"]), job.payload.get("encoding")
    told: dict[str, Any] = {name: job.payload.get(name, "") for name in ("sheet", "annotator", "classes")}
    with database.read() as session:
        project = session.get_one(Project, job.project_id)
        options = options_of(session, project, wants=wants, mapping=mapping, encoding=encoding, **told)
    address, fetched = job.payload.get("address"), "path" in job.payload
    asked = workflow.Asked(
        reaching(_source(files, job, keep), files.elsewhere, keep),
        job.payload["format"],
        options,
        by=job.created_by,
        total=job.payload.get("total", 0),
        replace=job.payload.get("replace", False),
    )
    if address and not fetched:
        place = workflow.RemoteSource(files.elsewhere, files.elsewhere.check(address), keep)
        return workflow.import_address(database, files, job.project_id, place, asked, progress=progress).as_json()
    return workflow.import_source(database, files, job.project_id, asked, progress=progress).as_json()


def _source(files: FileStore, job: Job, keep: Keep) -> Source:
    """Return the file that a job reads, which may have been fetched; of what is still elsewhere only its name."""
    name, address = job.payload["name"], job.payload.get("address")
    if "path" not in job.payload:
        return Source(name)
    source = Source.upload(_upload(files, job), name)
    return replace(source, find=beside(files.elsewhere, files.elsewhere.check(address), keep)) if address else source


def run_release(database: Database, files: FileStore, job: Job, progress: Progress) -> dict[str, Any]:
    """Make a release; the result names it. Begun again after a kill, the job finds the one that it made."""
    assert job.project_id is not None  # noqa: S101 - the kind always has one
    told = job.payload
    asked = AskedRelease(
        f"job-{job.id}", told["format"], told["options"], told.get("name", ""), told.get("told", {}), job.created_by
    )
    made = make_release(database, files, job.project_id, asked, progress=progress)
    return {"release": made.number, "sha256": made.sha256}


def run_verify(database: Database, files: FileStore, job: Job, progress: Progress) -> dict[str, Any]:
    """Verify a release; the result says what was found."""
    assert job.project_id is not None  # noqa: S101 - the kind always has one
    number = job.payload["release"]
    found = verify_release(database, files, job.project_id, number, by=job.created_by, progress=progress)
    return {"release": number, **found.as_json()}


def run_compare(database: Database, files: FileStore, job: Job, progress: Progress) -> dict[str, Any]:
    """Work out what changed between two releases and keep it; the result has the counts."""
    assert job.project_id is not None  # noqa: S101 - the kind always has one
    number, against = job.payload["release"], job.payload["against"]
    counts = compare_releases(database, files, job.project_id, number, against, progress=progress)
    return {"release": number, "against": against, "changes": counts}


def run_digest(database: Database, files: FileStore, job: Job, progress: Progress) -> dict[str, Any]:
    """Send everybody for whom it is time what waits for them; the result says how many e-mails went out."""
    del files, job
    return send_digests(database, progress=progress)


def tidy(files: FileStore, job: Job) -> None:
    """Remove what only this job needed; call it once its end is stored, since until then it may be run again."""
    if "path" in job.payload:
        remove_upload(_upload(files, job))


def _upload(files: FileStore, job: Job) -> Path:
    """Return where the uploaded file is now: the instance may have been moved, or restored from a backup."""
    path = Path(job.payload["path"])
    return path if path.exists() else files.root.with_name("uploads") / path.name


KINDS: dict[str, Run] = {
    INSPECT: run_inspection,
    IMPORT: run_import,
    RELEASE: run_release,
    VERIFY: run_verify,
    COMPARE: run_compare,
    DIGEST: run_digest,
}

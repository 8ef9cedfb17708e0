"""Whether the process is up, and whether it can do its work."""

from flask import Response, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

from labeler.accounts.permissions import Action
from labeler.extensions import database
from labeler.extensions.access import needs
from labeler.extensions.demands import answers_at_once
from labeler.jobs import queries as jobs
from labeler.storage.database import clock
from labeler.storage.migrations import HEAD, current
from labeler.web.blueprint import blueprint


@blueprint.get("/healthz")
@answers_at_once
@needs(Action.OPEN)
def healthz() -> Response:
    """Answer that the process is up."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@needs(Action.OPEN)
def readyz() -> tuple[Response, int]:
    """Answer whether the database can be reached, is up to date, and a worker was seen lately."""
    reached = migrated = worker = False
    try:
        migrated = current(database()) == HEAD
        with database().read() as session:
            worker = jobs.worker_seen(session, clock(session))
        reached = True
    except SQLAlchemyError:
        current_app.logger.exception("the database cannot be reached")
    ready = migrated and worker
    body = jsonify(status="ready" if ready else "not ready", database=reached, migrations=migrated, worker=worker)
    return body, 200 if ready else 503

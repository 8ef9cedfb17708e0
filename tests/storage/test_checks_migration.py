"""Migration 0009: jobs and checks that were there stay as they were, uncancelled and asked for by nobody's schedule."""

from sqlalchemy import text

from labeler.config import Settings
from labeler.jobs.models import Job
from labeler.quality.models import Flag, Inspection
from labeler.storage.database import Database
from labeler.storage.migrations import HEAD, current, migrate, upgrade

BEFORE = (
    """INSERT INTO project (id, slug, name, media, task, votes, settings, created_at)
    VALUES (1, 'pets', 'Pets', 'text', 'classification', 1, '{}', '2026-03-02 09:00:00')""",
    """INSERT INTO item (id, project_id, text, content_hash, given_code, meta, priority, open_slots, round, created_at)
    VALUES (1, 1, 'A dog', 'x', '', '{}', 0, 0, 0, '2026-03-02 09:00:00')""",
    """INSERT INTO job (id, project_id, kind, payload, state, attempt, worker, progress, message, result, error,
    created_at)
    VALUES (1, 1, 'inspect', '{}', 'done', 1, 'w', 1, '', '{"inspection": 1}', '', '2026-03-02 09:00:00')""",
    """INSERT INTO inspection (id, project_id, state, summary, started_at)
    VALUES (1, 1, 'done', '{"items": 1}', '2026-03-02 09:00:00')""",
    """INSERT INTO flag (id, project_id, inspection_id, item_id, kind, score, label_code, suggested_code, confidence,
    reasons) VALUES (1, 1, 1, 1, 'outlier', 1, '', '', 0, '[]')""",
)


def test_what_was_there_stays(empty_settings: Settings) -> None:
    database = Database(empty_settings)
    try:
        with database.engine.execution_options(labeler_write=True).begin() as connection:
            migrate(connection, "0008")
            for statement in BEFORE:
                connection.execute(text(statement.replace(":", "\\:")))
        upgrade(database)
        assert current(database) == HEAD
        with database.read() as session:
            job, run = session.get_one(Job, 1), session.get_one(Inspection, 1)
            assert (job.state, job.result, job.was_cancelled, job.cancelled_by) == (
                "done",
                {"inspection": 1},
                False,
                None,
            )
            assert (run.summary, run.schedule, run.newest) == ({"items": 1}, "", {})
            assert session.get_one(Flag, 1).kind == "outlier", "nothing that belongs to a check went with the change"
    finally:
        database.close()

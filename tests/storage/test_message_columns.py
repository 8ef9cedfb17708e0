from datetime import UTC, datetime

from sqlalchemy import text

from labeler.config import Settings
from labeler.jobs import actions
from labeler.jobs.models import Job
from labeler.messages import Message
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Import, RejectedRow
from tests import fresh

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
READ = Message("{count:,} rows read", count=12_000)


def test_what_was_said_comes_back_from_the_database_as_it_was_said(any_settings: Settings) -> None:
    database = fresh.open_new(any_settings)
    kind, inner = Message("larger than {most:,} bytes", most=5), Message("the class {number} has no name", number=7)
    with database.write() as session:
        new = NewProject("pets", "text", "classification", [("cat", ""), ("dog", "")])
        project = create_project(session, new, by=None, now=NOW)
        made = Import(project_id=project.id, name="a.zip", format="zip", created_at=NOW, left_out={kind: 3, "old": 1})
        session.add(made)
        session.flush()
        reason = Message("line {number}: {reason}", number=3, reason=inner)
        row = RejectedRow(import_id=made.id, row=1, column="", reason=reason, original="", file="", taken=False)
        session.add(row)
        job = actions.enqueue(session, project.id, "import", payload={}, by=None, now=NOW)
        job.message, job.error, job.result = READ, "", {"rejected_rows": [{"reason": reason}], "added": 2}
    with database.read() as session:
        found = session.get_one(Job, job.id)
        assert isinstance(found.message, Message)
        assert (found.message, found.message.values, found.error) == ("12,000 rows read", {"count": 12_000}, "")
        assert found.result == {"rejected_rows": [{"reason": "line 3: the class 7 has no name"}], "added": 2}
        assert found.result["rejected_rows"][0]["reason"].values["reason"].values == {"number": 7}
        again = session.get_one(RejectedRow, row.id).reason
        assert isinstance(again, Message)
        assert again.id == "line {number}: {reason}"
        counted = session.get_one(Import, made.id).left_out
        assert counted == {"larger than 5 bytes": 3, "old": 1}
        assert [isinstance(what, Message) for what in counted] == [True, False]
    database.close()


def test_what_an_earlier_version_stored_is_read_as_it_is(any_settings: Settings) -> None:
    database = fresh.open_new(any_settings)
    with database.write() as session:
        job = actions.enqueue(session, None, "import", payload={}, by=None, now=NOW)
        session.execute(
            text("UPDATE job SET message = :said, result = :result WHERE id = :id"),
            {"said": "12,000 rows read", "result": '{"left_out": {"not an image file": 1}}', "id": job.id},
        )
    with database.read() as session:
        found = session.get_one(Job, job.id)
        assert (type(found.message), found.message) == (str, "12,000 rows read")
        assert found.result == {"left_out": {"not an image file": 1}}
    database.close()

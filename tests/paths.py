"""Through which files an answer goes until it is a row: one is sent, one imported, and the stack is read."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from sqlalchemy import Engine, event

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.app import create_app
from labeler.config import read_settings
from labeler.exchange.rows import Row, VoteRow
from labeler.projects import actions as projects
from labeler.storage.database import clock
from labeler.storage.files import FileStore
from tests import fresh

PACKAGE = Path(__file__).resolve().parents[1] / "labeler"
DOORS = ("api/", "workflow/")  # where the path of a request, and that of an import, begins


def answer_paths() -> dict[str, list[str]]:
    """Return {how it came: the files it went through, the table's last} of an answer that was sent and one imported."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({}, instance=Path(folder))
        database = fresh.open_new(settings)
        try:
            with database.write() as session:
                now = clock(session)
                ann = accounts.add_user(session, "ann@example.org", role="annotator", name="Ann", now=now).id
                new = projects.NewProject("pets", "text", "classification", [("cat", ""), ("dog", "")], votes=2)
                made = projects.create_project(session, new, by=ann, now=now).id
                accounts.set_member(session, made, ann, role="annotator", now=now)
                bearer = {"Authorization": f"Bearer {accounts.add_token(session, ann, name='path', now=now)}"}
            rows = [Row(1, "a", "It purrs.", None, None, {})]
            workflow.import_items(database, FileStore(settings.files), made, rows, workflow.ImportPlan("a.csv", "csv"))
            client = create_app(settings).test_client()
            held = client.post("/api/v1/projects/pets/assignments", json={"count": 1}, headers=bearer).get_json()[0]
            answer = {"key": "path-0001", "assignment": held["assignment"], "value": {"label": "cat"}, "seconds": 1.0}
            with _seen() as sent:
                client.post("/api/v1/projects/pets/annotations", json=answer, headers=bearer)
            votes = [VoteRow(1, "a", None, "bob", "dog")]
            with _seen() as imported:
                workflow.import_votes(database, made, votes, workflow.ImportPlan("b.csv", "csv"))
        finally:
            database.close()
    return {"sent": sent, "imported": imported}


@contextmanager
def _seen() -> Iterator[list[str]]:
    """Yield the files on the stack when the row of an answer is stored, from its door on; empty until then."""
    found: list[str] = []

    def look(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("INSERT INTO annotation "):
            return
        files = dict.fromkeys(_files(sys._getframe()))
        whole = [name for name in files if not name.startswith("storage/")]  # a transaction around it, no step of it
        first = next(place for place, name in enumerate(whole) if name.startswith(DOORS))
        found[:] = [*whole[first:], "annotations/models.py"]

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", look)


def _files(frame: FrameType | None) -> list[str]:
    names = []
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE):
            names.append(path.relative_to(PACKAGE).as_posix())
        frame = frame.f_back
    return names[::-1]

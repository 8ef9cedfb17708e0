"""People who talk about answers: an answer with a comment, a message, a decision, on either database."""

import uuid
from dataclasses import dataclass
from typing import Any

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.decisions.actions import Decision
from labeler.projects.models import Project
from labeler.projects.queries import Question
from labeler.storage.database import Database
from labeler.threads.actions import NewMessage
from labeler.threads.models import ThreadMessage
from labeler.threads.queries import Standing, Word, standing_of, words_in
from tests.conftest import LEASE, Made


@dataclass(frozen=True)
class Talk:
    """A project and its cast."""

    database: Database
    made: Made
    cast: dict[str, int]

    @property
    def item(self) -> int:
        return self.made.items[0]

    def answers(self, name: str, label: str | None, comment: str = "", *, item: int = 0, **more: Any) -> int:
        """Let somebody answer (None: skip) an item, the first by default; returns the id of the answer."""
        with self.database.write() as session:
            only = [item or self.item]
            (held,) = workflow.serve(session, self.made.id, self.cast[name], count=1, only=only, lease=LEASE)
            question = Question.of(session, session.get_one(Project, self.made.id))
            value = {"label": label} if label else None
            skip = None if label else "not clear"
            key = str(uuid.uuid4())
            answer = Answer(key, held.assignment.id, value, seconds=2.0, comment=comment, skip=skip, **more)
            (receipt,) = workflow.submit(session, question, self.cast[name], [answer])
        assert receipt.id is not None
        return receipt.id

    def says(self, name: str, text: str, *, about: str = "ann", item: int = 0, **more: Any) -> ThreadMessage:
        """Let somebody say something about an answer."""
        message = NewMessage(str(uuid.uuid4()), item or self.item, self.cast[about], text, **more)
        with self.database.write() as session:
            leads = name in {"olga", "rita"}
            return workflow.say_in_thread(session, self.made.id, message, by=self.cast[name], leads=leads)[0]

    def decides(self, decision: str, *, label: str = "", reason: str = "", item: int = 0, batch: str = "") -> None:
        """Let Olga decide about an item."""
        with self.database.write() as session:
            project = session.get_one(Project, self.made.id)
            code = Question.of(session, project).classes.by_name.get(label, "")
            asked = Decision(str(uuid.uuid4()), item or self.item, decision, code, reason, batch=batch)
            workflow.resolve(session, project, asked, by=self.cast["olga"])

    def standing(self, about: str = "ann", *, item: int = 0) -> Standing | None:
        """Return how the thread on somebody's answers stands."""
        with self.database.read() as session:
            return standing_of(session, self.made.id, (item or self.item, self.cast[about]))

    def state(self, about: str = "ann") -> tuple[str, str]:
        """Return the state of the thread on the first item, and what settled it."""
        found = self.standing(about)
        return (found.state, found.settled_by) if found else ("", "")

    def words(self, about: str = "ann") -> list[Word]:
        """Return what was said in the thread on the first item."""
        pair = (self.item, self.cast[about])
        with self.database.read() as session:
            return words_in(session, [pair])[pair]

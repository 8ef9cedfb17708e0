"""One project of a server: what comes in, what stands for its items, what goes out."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import quote

from labeler.client.connection import Answer as AnswerOfServer
from labeler.client.connection import Connection, Pieces, Request
from labeler.client.files import Exported, store
from labeler.client.jobs import Job, Progress
from labeler.client.releases import Release, Releases
from labeler.client.rows import Rows
from labeler.client.sending import RowsToSend, json_lines, multipart
from labeler.client.shapes import Answer, Decision, Flag, ImportResult, Item, ProjectDetails, Thread

Place = str | PathLike[str]


class Project:
    """A project. details: as it was when it was read."""

    def __init__(self, connection: Connection, details: ProjectDetails) -> None:
        self._connection = connection
        self._path = f"/projects/{quote(details['slug'], safe='')}"
        self.details = details

    def __repr__(self) -> str:
        return f"<Project {self.slug} of {self._connection!r}>"

    @property
    def slug(self) -> str:
        """Its short name, as in addresses."""
        return self.details["slug"]

    @property
    def classes(self) -> list[str]:
        """The names of its classes, in their order."""
        return [one["name"] for one in self.details["classes"]]

    def refresh(self) -> "Project":
        """Read it again."""
        self.details = self._connection.get(self._path)
        return self

    # -- in ---------------------------------------------------------------------------------------------------------

    def import_items(
        self,
        rows: RowsToSend,
        *,
        id: str | None = None,  # noqa: A002 - the API's word
        text: str | None = None,
        image: str | None = None,
        label: str | None = None,
        metadata: Sequence[str] | None = None,
        progress: Progress | None = None,
        timeout: float | None = None,
    ) -> ImportResult:
        """Make items of a DataFrame or of dictionaries, wait for it, and return what became of the rows.

        id, text, image, label: the columns with these parts, found by the usual names when not given; image: pictures
        as bytes or as paths of files on this machine; metadata: columns to keep, all when not given. Rows that were
        sent before change nothing: an item is known by its id, or without one by its content. progress, timeout: as
        for `Job.wait`.
        """
        named = {"id": id, "text": text, "image": image, "label": label, "metadata": metadata}
        return self._imported("items", rows, named, image=image, progress=progress, timeout=timeout)

    def import_answers(
        self,
        rows: RowsToSend,
        *,
        id: str | None = None,  # noqa: A002 - as above
        label: str | None = None,
        annotator: str | None = None,
        progress: Progress | None = None,
        timeout: float | None = None,
    ) -> ImportResult:
        """Store answers that people gave elsewhere, one a row; id: the column that says of which item."""
        named = {"id": id, "label": label, "annotator": annotator}
        return self._imported("annotations", rows, named, progress=progress, timeout=timeout)

    def push_predictions(
        self,
        rows: RowsToSend,
        *,
        id: str | None = None,  # noqa: A002 - as above
        label: str | None = None,
        progress: Progress | None = None,
        timeout: float | None = None,
    ) -> ImportResult:
        """Store what a model says of items that are there, one a row: `id`, `label` (or `prediction`) and a `score`."""
        return self._imported("predictions", rows, {"id": id, "label": label}, progress=progress, timeout=timeout)

    def push_probabilities(
        self,
        ids: Iterable[str | int],
        probabilities: Iterable[Sequence[float] | Mapping[str, float]],
        *,
        progress: Progress | None = None,
        timeout: float | None = None,
    ) -> ImportResult:
        """Store probabilities of the classes, in the project's order or by name; the next check of labels hears them.

        probabilities: a matrix of NumPy will do. They must be of a model that did not learn from these items' labels.
        """
        pairs = zip(ids, probabilities, strict=True)
        rows = ({"id": one, "probabilities": shares} for one, shares in pairs)
        return self._imported("probabilities", rows, {"id": "id"}, progress=progress, timeout=timeout)

    def start_import(
        self,
        rows: RowsToSend,
        *,
        wants: str = "items",
        named: Mapping[str, Any] | None = None,
        image: str | None = None,
    ) -> Job:
        """Send rows and return the job that imports them; wants, named: the API's `as` and its further fields."""
        fields = {name: _field(value) for name, value in (named or {}).items() if value is not None}
        content_type, body = multipart({"format": "jsonl", "as": wants, **fields}, json_lines(rows, image))
        request = Request("POST", f"{self._path}/imports", Pieces(body), content_type)
        return Job(self._connection, self._connection.ask(request, AnswerOfServer.json))

    def _imported(
        self,
        wants: str,
        rows: RowsToSend,
        named: Mapping[str, Any],
        *,
        image: str | None = None,
        progress: Progress | None,
        timeout: float | None,
    ) -> ImportResult:
        job = self.start_import(rows, wants=wants, named=named, image=image)
        return ImportResult.of(job.wait(timeout=timeout, progress=progress).result)

    # -- what stands ------------------------------------------------------------------------------------------------

    def items(
        self,
        *,
        state: str | None = None,
        text: str | None = None,
        final_label: str | None = None,
        given_label: str | None = None,
    ) -> Rows[Item]:
        """Go through items with what stands for them; state: such as unlabeled, labeled, tie, flagged, excluded."""
        query = {"state": state, "text": text, "final_label": final_label, "given_label": given_label}
        return Rows(self._connection, f"{self._path}/items", Item, query)

    def answers(self) -> Rows[Answer]:
        """Go through every answer, oldest first (who does not lead the project: one's own)."""
        return Rows(self._connection, f"{self._path}/annotations", Answer)

    def flags(self, kind: str | None = None) -> Rows[Flag]:
        """Go through the flags of the newest check of labels, worst first."""
        return Rows(self._connection, f"{self._path}/flags", Flag, {"kind": kind})

    def decisions(self, item: int | None = None) -> Rows[Decision]:
        """Go through the decisions of leads, oldest first, also those that do not stand any more."""
        return Rows(self._connection, f"{self._path}/reviews", Decision, {"item": item})

    def decide(
        self,
        item: int,
        decision: str,
        *,
        value: Mapping[str, Any] | None = None,
        reason: str = "",
        key: str | None = None,
    ) -> dict[str, Any]:
        """Decide about an item: keep, relabel (with a value), exclude, send_back, ambiguous or second_opinion.

        key: makes sending it again change nothing; a new one when not given.
        """
        body = {"key": key or str(uuid.uuid4()), "item": item, "decision": decision, "value": value, "reason": reason}
        told: dict[str, Any] = self._connection.change("POST", f"{self._path}/reviews", body, repeatable=True)
        return told

    def threads(self, state: str | None = None) -> Rows[Thread]:
        """Go through the threads on answers, by item (who does not lead the project: those on their own)."""
        return Rows(self._connection, f"{self._path}/threads", Thread, {"state": state})

    def say(self, item: int, text: str, *, annotator: str | None = None, key: str | None = None) -> dict[str, Any]:
        """Say something about an answer. annotator: whose, by e-mail address; one's own when not given."""
        body = {"key": key or str(uuid.uuid4()), "item": item, "text": text, "annotator": annotator}
        told: dict[str, Any] = self._connection.change("POST", f"{self._path}/threads", body, repeatable=True)
        return told

    def check_labels(self) -> Job:
        """Ask for a check of the labels; one that waits or runs already is returned."""
        return Job(self._connection, self._connection.change("POST", f"{self._path}/inspections"))

    def job(self, number: int) -> Job:
        """Return a job of a project one leads."""
        return Job(self._connection, self._connection.get(f"/jobs/{number}"))

    # -- out --------------------------------------------------------------------------------------------------------

    def export(self, format: str, to: Place, **choices: Any) -> Exported:  # noqa: A002 - the API's word
        """Write the labels in a format to a file, or into a folder. choices: further parameters, such as items="all".

        The file is there whole or not at all; what it leaves out stands in what is returned.
        """
        query = {"format": format, **choices}
        target = Path(to).expanduser()
        return self._connection.read(f"{self._path}/export", query, lambda answer: store(answer, target))

    def make_release(
        self,
        format: str | None = None,  # noqa: A002 - as above
        *,
        name: str = "",
        progress: Progress | None = None,
        timeout: float | None = None,
        **card: Any,
    ) -> Release:
        """Freeze the labels as they are, wait for it, and return the release.

        card: what else the API takes of it, as license="CC0-1.0" or options={"split": "80/10/10", "min_votes": 2}.
        """
        body = {"name": name, **card} if format is None else {"format": format, "name": name, **card}
        job = self._releases.make(body).wait(timeout=timeout, progress=progress)
        return self.release(job.result["release"])

    def releases(self) -> list[Release]:
        """Return all releases, the newest first."""
        return self._releases.all()

    def release(self, number: int) -> Release:
        """Return a release; raises NotFound."""
        return self._releases.one(number)

    @property
    def _releases(self) -> Releases:
        return Releases(self._connection, self._path)


def _field(value: Any) -> str | list[str]:
    return value if isinstance(value, str) else [str(one) for one in value]

"""Releases of a project: frozen, numbered exports, each downloaded with the checksum that it was frozen with."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from labeler.client.connection import Connection
from labeler.client.files import Exported, store
from labeler.client.jobs import Job
from labeler.client.shapes import ReleaseDetails


class Release:
    """A release. details: as the server told them; nothing of it changes any more."""

    def __init__(self, connection: Connection, path: str, details: ReleaseDetails) -> None:
        self._connection, self._path = connection, f"{path}/{details['number']}"
        self.details = details

    def __repr__(self) -> str:
        return f"<Release {self.number} of {self._connection!r}{self._path.rpartition('/releases/')[0]}>"

    @property
    def number(self) -> int:
        """Its number within the project, from 1."""
        return self.details["number"]

    @property
    def sha256(self) -> str:
        """The SHA-256 of its archive."""
        return self.details["sha256"]

    def download(self, to: str | PathLike[str]) -> Exported:
        """Write its archive to a file, or into a folder; only bytes with its SHA-256 are ever there.

        Raises Unreachable where they did not come in so.
        """
        target, sha256 = Path(to).expanduser(), self.sha256
        return self._connection.read(f"{self._path}/archive", None, lambda answer: store(answer, target, sha256=sha256))

    def verify(self) -> Job:
        """Let the server prove that it is what it was; the job's result says what was found."""
        return Job(self._connection, self._connection.change("POST", f"{self._path}/verify"))


class Releases:
    """The releases of a project."""

    def __init__(self, connection: Connection, project: str) -> None:
        self._connection, self._path = connection, f"{project}/releases"

    def all(self) -> list[Release]:
        """Return all of them, the newest first."""
        return [Release(self._connection, self._path, one) for one in self._connection.get(self._path)["data"]]

    def one(self, number: int) -> Release:
        """Return one; raises NotFound."""
        return Release(self._connection, self._path, self._connection.get(f"{self._path}/{number}"))

    def make(self, body: Mapping[str, Any]) -> Job:
        """Ask for a new one; the job's result has its number under `release`."""
        return Job(self._connection, self._connection.change("POST", self._path, dict(body)))

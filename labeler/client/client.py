"""Where a program begins: one server, and who asks it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from labeler.client.connection import TIMEOUT, TRIES, Connection
from labeler.client.projects import Project
from labeler.client.rows import Rows
from labeler.client.shapes import ProjectDetails


class Client:
    """A Labeler server.

    token: of `labeler token create`; without one LABELER_TOKEN of the environment is used, and it is never shown.
    timeout: seconds to wait for a next byte; tries: how often to send what changes nothing when it is sent twice.
    """

    def __init__(self, url: str, token: str | None = None, *, timeout: float = TIMEOUT, tries: int = TRIES) -> None:
        self._connection = Connection(url, token, timeout=timeout, tries=tries)

    def __repr__(self) -> str:
        return f"<Client of {self._connection!r}>"

    def projects(self) -> Iterator[Project]:
        """Go through the projects one has a role in."""
        for details in Rows(self._connection, "/projects", ProjectDetails):
            yield Project(self._connection, details)

    def project(self, slug: str) -> Project:
        """Return a project; raises NotFound, also for one that one has no role in."""
        return Project(self._connection, self._connection.get(f"/projects/{quote(slug, safe='')}"))

    def create_project(
        self,
        slug: str,
        *,
        media: str,
        task: str,
        classes: Sequence[str] | Mapping[str, str] = (),
        votes: int = 1,
        name: str = "",
        guidelines: str = "",
        settings: Mapping[str, Any] | None = None,
    ) -> Project:
        """Make a project and return it; one becomes its lead. classes: names, or names with their descriptions."""
        described = classes if isinstance(classes, Mapping) else dict.fromkeys(classes, "")
        body = {
            "slug": slug,
            "media": media,
            "task": task,
            "classes": [{"name": one, "description": said} for one, said in described.items()],
            "votes": votes,
            "name": name,
            "guidelines": guidelines,
            "settings": dict(settings or {}),
        }
        return Project(self._connection, self._connection.change("POST", "/projects", body))

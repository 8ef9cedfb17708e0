"""Long work of a server: how far it is, and waiting for its end."""

import time
from collections.abc import Callable
from typing import Any

from labeler.client.connection import Connection
from labeler.client.shapes import JobDetails
from labeler.errors import Cancelled, Failed, Unfinished
from labeler.messages import Message, verbatim

Progress = Callable[[float, str], None]
"""Is told how far work is: a share from 0 to 1, and what is being done in words."""

_FIRST_LOOK, _LONGEST_LOOK, _SLOWER = 0.2, 5.0, 1.4


class Job:
    """One piece of long work, as it was when it was asked for last."""

    def __init__(self, connection: Connection, details: JobDetails) -> None:
        self._connection = connection
        self.details = details

    def __repr__(self) -> str:
        return f"<Job {self.id} of {self.details['project']}: {self.details['kind']}, {self.state}>"

    @property
    def id(self) -> int:
        """Its number."""
        return self.details["id"]

    @property
    def state(self) -> str:
        """Whether it is queued, running, done or failed."""
        return self.details["state"]

    @property
    def result(self) -> dict[str, Any]:
        """What it gave, empty before its end."""
        return self.details["result"]

    def refresh(self) -> "Job":
        """Ask again how far it is."""
        self.details = self._connection.get(f"/jobs/{self.id}")
        return self

    def cancel(self) -> "Job":
        """Ask for its end; raises Conflict when it has ended by itself."""
        self.details = self._connection.change("POST", f"/jobs/{self.id}/cancel", repeatable=True)
        return self

    def wait(
        self,
        *,
        timeout: float | None = None,
        progress: Progress | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> "Job":
        """Return once it is done. timeout: seconds, None for ever; progress: told how far it is at each look.

        Raises Failed or Cancelled with the server's sentence, and Unfinished when the time is over: the job goes on.
        """
        until = None if timeout is None else clock() + timeout
        pause = _FIRST_LOOK
        while True:
            if progress is not None:
                progress(self.details["progress"], self.details["message"])
            if self._has_ended():
                return self
            left = _LONGEST_LOOK if until is None else until - clock()
            if left <= 0:
                raise Unfinished(self._why_not())
            self._connection.sleep(min(pause, left))
            pause = min(_LONGEST_LOOK, pause * _SLOWER)
            self.refresh()

    def _has_ended(self) -> bool:
        if self.state != "failed":
            return self.state == "done"
        if not self.details["cancelled"]:
            raise Failed(verbatim(self.details["error"]))
        end = Cancelled(verbatim(self.details["error"]))
        end.result = self.result
        raise end

    def _why_not(self) -> Message:
        if not self.details["worker"]:
            return Message(
                "Job {number} waits, and the server has no worker that would do it. Start one with `labeler worker`.",
                number=self.id,
            )
        return Message("Job {number} goes on at the server, and nobody waits for it any longer.", number=self.id)

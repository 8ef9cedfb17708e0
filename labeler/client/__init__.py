"""A Labeler server from Python: projects, items, answers, flags, jobs, files, and webhooks that come from it.

`Client("https://labels.example.org").project("pets")` is where everything begins. It asks /api/v1 and nothing else,
needs only the standard library and knows nothing of the server's rooms; pandas is imported where a table is asked for.
What goes wrong is raised as an error of `labeler.errors` with the server's own sentence.
"""

from labeler.client.client import Client
from labeler.client.files import Exported
from labeler.client.jobs import Job
from labeler.client.projects import Project
from labeler.client.releases import Release
from labeler.client.rows import Rows
from labeler.client.shapes import Answer, Decision, Flag, ImportResult, Item, ProjectDetails, RowLeftOut
from labeler.client.signatures import verify
from labeler.errors import (
    Cancelled,
    Conflict,
    Failed,
    Forbidden,
    Invalid,
    LabelerError,
    NotFound,
    TooLarge,
    Unauthorised,
    Unavailable,
    Unfinished,
    Unreachable,
)

__all__ = [
    "Answer",
    "Cancelled",
    "Client",
    "Conflict",
    "Decision",
    "Exported",
    "Failed",
    "Flag",
    "Forbidden",
    "ImportResult",
    "Invalid",
    "Item",
    "Job",
    "LabelerError",
    "NotFound",
    "Project",
    "ProjectDetails",
    "Release",
    "RowLeftOut",
    "Rows",
    "TooLarge",
    "Unauthorised",
    "Unavailable",
    "Unfinished",
    "Unreachable",
    "verify",
]

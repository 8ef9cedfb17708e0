"""The command line: a thin edge that turns arguments into calls of the main path and results into lines.

Every command ends with status 0, or with one clear line on standard error and another status. With `--json` a command
prints machine-readable output on standard output and nothing else there.
"""

from labeler.cli import backups, classes, demo, exports, imports, people, projects, quality, releases, serving
from labeler.cli.audit_file import command
from labeler.cli.group import labeler

__all__ = [
    "backups",
    "classes",
    "command",
    "demo",
    "exports",
    "imports",
    "labeler",
    "people",
    "projects",
    "quality",
    "releases",
    "serving",
]

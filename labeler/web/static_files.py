"""Scripts and styles, under an address that changes with their content, so that browsers may keep them for ever.

The version stands in the path and not in a query, because modules import each other by relative addresses: all of one
page are of one version, also while an upgrade is under way.
"""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, send_from_directory

import labeler.task_types
from labeler.accounts.permissions import Action
from labeler.extensions.access import needs
from labeler.task_types import TASK_TYPES

_STATIC = Path(__file__).parent / "static"
_WIDGETS = Path(labeler.task_types.__file__).parent


def serve_static(app: Flask) -> None:
    """Serve `static/` and the browser halves of task types at `/static/<version>/…` under the endpoint `static`."""
    current = _version()

    @needs(Action.OPEN)
    def static(version: str, filename: str) -> Response:
        name = filename.removeprefix("task_types/").removesuffix("/widget.mjs")
        of_task = filename == f"task_types/{name}/widget.mjs" and name in TASK_TYPES
        folder, rest = (_WIDGETS / name, "widget.mjs") if of_task else (_STATIC, filename)
        response = send_from_directory(folder, rest, mimetype="text/javascript" if rest.endswith(".mjs") else None)
        # an address of another version is answered too, but not kept: a page may be older than this process
        kept = "public, max-age=31536000, immutable" if version == current else "no-cache"
        response.headers["Cache-Control"] = kept
        return response

    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("version", current)

    app.add_url_rule("/static/<version>/<path:filename>", "static", static)
    app.url_defaults(add_version)


def _version() -> str:
    digest = hashlib.sha256()
    for path in sorted([*_STATIC.rglob("*.*"), *_WIDGETS.rglob("*.mjs")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]

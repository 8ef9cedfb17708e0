"""Scripts and styles, under an address that changes with their content, so that browsers may keep them for ever.

A page asks for one script, `bundles/<page>.mjs` (or `bundles/<page>.<task>.mjs`, with the browser half of a task type),
and one style sheet, `bundles/<page>.css`. They are made from the sources when those change (`python -m tests.bundles`)
and kept in memory, also packed. Where the setting LABELER_PLAIN_ASSETS is on, pages load the sources themselves.

Note: the version stands in the path and not in a query, because modules import each other by relative addresses: all
of one page are of one version, also while an upgrade is under way. A changed file is seen after a restart, like a
changed template.
"""

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

import labeler.task_types
from labeler.accounts.permissions import Action
from labeler.extensions import Instance
from labeler.extensions.access import needs

_STATIC = Path(__file__).parents[1] / "static"
_WIDGETS = Path(labeler.task_types.__file__).parent
BUNDLES = _STATIC / "bundles"
_KINDS = {".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_EVERY_PAGE = ("tokens", "components", "forms", "charts", "layout")
_WORKSPACE = ("workspace", "answers", "guide", "dialogs")
# the style sheets that pages name, each with the sources it has beside those of every page
STYLES: dict[str, tuple[str, ...]] = {
    "base": (),
    "dashboard": ("dashboard",),
    "grid": (*_WORKSPACE, "grid", "tiles"),
    "items": ("items",),
    "pages": ("pages",),
    "review": ("review", "evidence", "disagreements"),
    "workspace": _WORKSPACE,
    "workspace.draw": (*_WORKSPACE, "draw"),
    "workspace.spans": (*_WORKSPACE, "spans"),
}


@dataclass(frozen=True)
class StaticFile:
    """One file as it is sent. packed: {content encoding: bytes}."""

    content: bytes
    mimetype: str
    packed: dict[str, bytes]


def serve_static(app: Flask, instance: Instance) -> None:
    """Serve `static/` and the browser halves of task types at `/static/<version>/…` under the endpoint `static`."""
    current = _version()

    @needs(Action.OPEN)
    def static(version: str, filename: str) -> Response:
        try:
            file = static_file(filename)
        except FileNotFoundError as error:
            raise NotFound from error
        encoding = next((name for name in file.packed if request.accept_encodings[name] > 0), None)
        response = Response(file.packed[encoding] if encoding else file.content, mimetype=file.mimetype)
        if encoding:
            response.headers["Content-Encoding"] = encoding
        response.vary.add("Accept-Encoding")
        # an address of another version is answered too, but not kept: a page may be older than this process
        kept = "public, max-age=31536000, immutable" if version == current else "no-cache"
        response.headers["Cache-Control"] = kept
        return response

    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("version", current)

    app.add_url_rule("/static/<version>/<path:filename>", "static", static)
    app.url_defaults(add_version)
    plain = instance.settings.plain_assets
    app.jinja_env.globals |= {"script_file": partial(script_file, plain=plain), "sheets": partial(sheets, plain=plain)}


def script_file(page: str, task: str = "", *, plain: bool = False) -> str:
    """Return the name below `static` of a page's script, with the widget of a task type if one is named."""
    return f"js/{page}.mjs" if plain else f"bundles/{page}{'.' if task else ''}{task}.mjs"


def sheets(name: str, *, plain: bool = False) -> list[str]:
    """Return the names below `static` of the style sheets of a page."""
    return sheets_of(name) if plain else [f"bundles/{name}.css"]


def sheets_of(name: str) -> list[str]:
    """Return the sources of a style sheet in the order in which they apply."""
    return [f"css/{part}.css" for part in (*_EVERY_PAGE, *STYLES[name])]


@cache
def static_file(name: str) -> StaticFile:
    """Return a file by its name below `/static/<version>/`; raises FileNotFoundError."""
    path = _files().get(name)
    if path is None:
        raise FileNotFoundError(name)
    content = path.read_bytes()
    packed = {"gzip": gzip.compress(content, 9, mtime=0), "deflate": zlib.compress(content, 9)}
    return StaticFile(content, _KINDS[path.suffix], packed)


@cache
def _files() -> dict[str, Path]:
    """Return every file that may be sent: {name: path}. A name that is not here leads nowhere."""
    own = {path.relative_to(_STATIC).as_posix(): path for path in _STATIC.rglob("*.*")}
    of_tasks = {f"task_types/{path.relative_to(_WIDGETS).as_posix()}": path for path in _WIDGETS.glob("*/*.mjs")}
    return {name: path for name, path in (own | of_tasks).items() if path.suffix in _KINDS}


def _version() -> str:
    digest = hashlib.sha256()
    for name, path in sorted(_files().items()):
        digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]

"""Scripts and styles, under an address that changes with their content, so that browsers may keep them for ever.

They stand beside the page or the task type that they belong to, and their addresses mirror the package:
`/static/<version>/web/review/review.mjs`. A page names one script and one style sheet; what these import, by relative
address, comes along. Browsers get each as one bundle, `bundles/<page>.mjs` or `bundles/<page>.<task>.mjs` with the
widget of a task type, made from the sources when those change (`python -m tests.bundles`) and kept in memory, also
packed. Where the setting LABELER_PLAIN_ASSETS is on, pages load the sources themselves.

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

import labeler
from labeler.accounts.permissions import Action
from labeler.extensions import Instance
from labeler.extensions.access import needs

PACKAGE = Path(labeler.__file__).parent
BUNDLES = PACKAGE / "web" / "static" / "bundles"
_STATIC = BUNDLES.parent
_KINDS = {".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class StaticFile:
    """One file as it is sent. packed: {content encoding: bytes}."""

    content: bytes
    mimetype: str
    packed: dict[str, bytes]


def serve_static(app: Flask, instance: Instance) -> None:
    """Serve the scripts and styles of pages and task types at `/static/<version>/…` under the endpoint `static`."""
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
    """Return the name of a page's script, `review/review` for example, with the widget of a task type if one is named.

    Names are those below `/static/<version>/`. Plain, the script fetches the widget by itself.
    """
    return f"web/{page}.mjs" if plain else _bundle(page, task, "mjs")


def sheets(page: str, task: str = "", *, plain: bool = False) -> list[str]:
    """Return the names of the style sheets of a page, with that of a task type if one is named and it has one."""
    own = task if task and (PACKAGE / widget_sheet(task)).exists() else ""
    if not plain:
        return [_bundle(page, own, "css")]
    return [f"web/{page}.css", *([widget_sheet(own)] if own else [])]


def widget_sheet(task: str) -> str:
    """Return the name of the style that a task type may have for its widget."""
    return f"task_types/{task}/widget.css"


def _bundle(page: str, task: str, kind: str) -> str:
    name = page.rpartition("/")[2]
    return f"bundles/{name}{'.' if task else ''}{task}.{kind}"


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
    """Return every file that may be sent: {name: path}. A name that is not here leads nowhere.

    Note: names are never joined to a folder, so there is no path that leads out of it.
    """
    sources = {
        path.relative_to(PACKAGE).as_posix(): path
        for folder in ("web", "task_types")
        for path in (PACKAGE / folder).rglob("*.*")
        if path.suffix in {".mjs", ".css"} and _STATIC not in path.parents
    }
    own = {path.relative_to(_STATIC).as_posix(): path for path in _STATIC.rglob("*.*") if path.suffix in _KINDS}
    return sources | own


@cache
def _version() -> str:
    digest = hashlib.sha256()
    for name, path in sorted(_files().items()):
        digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]

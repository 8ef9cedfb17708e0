"""Scripts and styles, under an address that changes with their content, so that browsers may keep them for ever.

A page asks for `joined/<page>.mjs` (or `joined/<page>.<task>.mjs`, with the browser half of a task type) and
`joined/<page>.css` (or `joined/<page>.<more>.css`): everything it needs, put together here when it is first asked for
and kept in memory, also packed. The source files can be had one by one too, for tests and for looking at them.

What a reader would get wrong: the version stands in the path and not in a query, because modules import each other by
relative addresses: all of one page are of one version, also while an upgrade is under way. A changed file is seen
after a restart, like a changed template.
"""

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

import labeler.task_types
from labeler.accounts.permissions import Action
from labeler.extensions.access import needs
from labeler.web.assets import modules, stylesheets

_STATIC = Path(__file__).parents[1] / "static"
_WIDGETS = Path(labeler.task_types.__file__).parent
_KINDS = {".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_EVERY_PAGE = ("css/tokens.css", "css/components.css", "css/layout.css")
_ALONE = "base"  # the stylesheet of pages that have none of their own
_MADE_BY = ("modules.py", "script_tokens.py", "stylesheets.py")
_AT_MOST = 128  # joined files kept; pages times task types are far fewer


@dataclass(frozen=True)
class StaticFile:
    """One file as it is sent. packed: {content encoding: bytes}."""

    content: bytes
    mimetype: str
    packed: dict[str, bytes]


def serve_static(app: Flask) -> None:
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


@lru_cache(maxsize=_AT_MOST)
def static_file(name: str) -> StaticFile:
    """Return a file by its name below `/static/<version>/`; raises FileNotFoundError."""
    stem, _, kind = name.removeprefix("joined/").rpartition(".")
    if not name.startswith("joined/"):
        text = _read(name)
    elif kind == "css":
        own = [] if stem == _ALONE else [f"css/{part}.css" for part in stem.split(".", maxsplit=1)]
        text = stylesheets.join_stylesheets([*_EVERY_PAGE, *own], _read)
    elif kind == "mjs":
        page, _, task = stem.partition(".")
        text = modules.join_modules(f"js/{page}.mjs", _read, [f"task_types/{task}/widget.mjs"] if task else [])
    else:
        raise FileNotFoundError(name)
    content = text.encode()
    packed = {"gzip": gzip.compress(content, 9, mtime=0), "deflate": zlib.compress(content, 9)}
    return StaticFile(content, _KINDS[f".{kind}"], packed)


def _read(name: str) -> str:
    path = _files().get(name)
    if path is None:
        raise FileNotFoundError(name)
    return path.read_text(encoding="utf-8")


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
    for part in _MADE_BY:
        digest.update(Path(__file__).with_name(part).read_bytes())
    return digest.hexdigest()[:12]

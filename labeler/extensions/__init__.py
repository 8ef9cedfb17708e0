"""What the web pages and the HTTP API share: Flask extensions, this app's database and files, who asks, the headers.

The one place that commits is `storage.database.Database.write`; a view that changes something opens it itself, so that
an answer is acknowledged only after the block has been left.
"""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import Babel
from flask_babel import lazy_gettext as _l
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

from labeler.config import Settings
from labeler.storage.database import Database
from labeler.storage.files import FileStore

# one way to write a moment on every page, short enough for a table; texts of the catalogues, for the order and the dots
_MOMENTS = {
    "date.medium": _l("d MMM y"),
    "time.short": "HH:mm",
    "datetime.short": _l("d MMM, HH:mm"),
    "datetime.medium": _l("d MMM y, HH:mm"),
}


class _Moments(dict[str, Any]):
    """Patterns of moments: which language they are in is known only when one is asked for."""

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        return None if found is None else str(found)


babel = Babel(date_formats=_Moments(Babel.default_date_formats, **_MOMENTS))
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=True)

_KEY = "labeler"


@dataclass(frozen=True)
class Instance:
    """What one running app works on."""

    settings: Settings
    database: Database
    files: FileStore


def attach(instance: Instance) -> dict[str, Instance]:
    """Return the entry for `app.extensions`."""
    return {_KEY: instance}


def instance() -> Instance:
    """Return what the current app works on."""
    found: Instance = current_app.extensions[_KEY]
    return found


def database() -> Database:
    """Return the current app's database."""
    return instance().database


def files() -> FileStore:
    """Return the current app's image files."""
    return instance().files


def settings() -> Settings:
    """Return the current app's settings."""
    return instance().settings

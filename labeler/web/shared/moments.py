"""Moments on pages: when something was. The server knows them in UTC, the browser knows the zone of the reader.

A moment is printed as <time datetime="…"> in UTC, which is said; moments.mjs writes it again in the zone of
the reader. So nobody reads a time without knowing of which zone, also where no script runs.

Note: a day of a chart is no moment. Days are counted in UTC, and the page says that.
"""

from datetime import UTC, datetime

from flask import g
from flask_babel import format_date, format_datetime, format_time
from markupsafe import Markup

from labeler.web.blueprint import blueprint

_WRITTEN = {
    "time": lambda at: format_time(at, "short", rebase=False),
    "date": lambda at: format_date(at, rebase=False),
    "short": lambda at: format_datetime(at, "short", rebase=False),
    "medium": lambda at: format_datetime(at, "medium", rebase=False),
}


@blueprint.app_template_filter("moment")
def moment(at: datetime, form: str = "medium") -> Markup:
    """Return a moment as markup. form: `time`, `date`, `short` (day and time) or `medium` (with the year)."""
    g.moments = True
    utc = at.astimezone(UTC)
    written = _WRITTEN[form](utc)
    return Markup('<time datetime="{}" data-moment="{}">{} UTC</time>').format(
        utc.isoformat(timespec="seconds"), form, written
    )


@blueprint.app_template_global("has_moments")
def has_moments() -> bool:
    """Whether the page that is being rendered printed a moment, so that it needs the script for them."""
    return bool(g.get("moments"))

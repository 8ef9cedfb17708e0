"""How the work goes on: items done by day, when the last one is likely done, and the chart of both.

Note: the forecast is drawn from whole days only, because today is still going on.
"""

from datetime import date, timedelta

from labeler.assignment.forecast import Ahead
from labeler.statistics import foreseen
from labeler.statistics.counts import ProjectCounts
from labeler.web.shared.charts import DayCount, Forecast, LineChart, line_chart
from labeler.web.shared.words import format_date
from labeler.web.shared.words import gettext as _


def done_by_day(tally: ProjectCounts, today: date) -> list[DayCount]:
    """Return the items done in all at the end of each day, for the chart."""
    return [DayCount(day, done) for day, done in foreseen.done_by_day(tally.days, today)]


def look_ahead(tally: ProjectCounts, today: date) -> Ahead | None:
    """Return in how many days all items are likely done; None while nothing can be said."""
    return foreseen.outlook(tally, today).ahead


def forecast_words(ahead: Ahead | None, today: date, tally: ProjectCounts) -> str | None:
    """Say when the last item is likely done; None when nothing can be said yet."""
    if tally.items and tally.done == tally.items:
        return _("All items are done.")
    if ahead is None:
        return None
    early, likely = (today + timedelta(days=days) for days in (ahead.early, ahead.likely))
    if ahead.late is None:
        return _("Done on %(likely)s at this pace, or much later", likely=_day(likely, today))
    late = today + timedelta(days=ahead.late)
    if early == late:
        return _("Done on %(likely)s", likely=_day(likely, today))
    same_month = (early.year, early.month) == (late.year, late.month)
    first = format_date(early, _("d")) if same_month else _day(early, today)
    words = _("Done on %(likely)s, likely %(early)s to %(late)s (80%%)")
    return words % {"likely": _day(likely, today), "early": first, "late": _day(late, today)}


def _day(day: date, today: date) -> str:
    return format_date(day, _("d MMM") if day.year == today.year else _("d MMM y"))


def done_chart(history: list[DayCount], tally: ProjectCounts, ahead: Ahead | None, today: date) -> LineChart | None:
    """Lay out the items done by day with the forecast; None before the second day of work."""
    forecast = None
    if ahead is not None:
        early, likely = (today + timedelta(days=days) for days in (ahead.early, ahead.likely))
        late = None if ahead.late is None else today + timedelta(days=ahead.late)
        forecast = Forecast(likely, early, late)
    return line_chart(history, tally.items, forecast)

"""How the work goes on: items done by day, when the last one is likely done, and the chart of both.

Note: the forecast is drawn from whole days only, because today is still going on.
"""

from datetime import date, timedelta

from labeler.assignment.forecast import DAYS, Ahead, days_ahead
from labeler.statistics.counts import ProjectCounts
from labeler.web.shared.charts import DayCount, Forecast, LineChart, line_chart
from labeler.web.shared.words import format_date
from labeler.web.shared.words import gettext as _

SHOWN_DAYS = 365


def done_by_day(tally: ProjectCounts, today: date) -> list[DayCount]:
    """Return the items done in all at the end of each day, from the first day with work to today, a year at the most.

    Answers that were given elsewhere bring the days on which they were given, which may be long ago.
    """
    known = dict(tally.days)
    if not known:
        return []
    last = max(today.toordinal(), *known)
    first = max(min(known), last - SHOWN_DAYS)
    found, done = [], max((count for day, count in known.items() if day < first), default=0)
    for ordinal in range(first, last + 1):
        done = known.get(ordinal, done)
        found.append(DayCount(date.fromordinal(ordinal), done))
    return found


def look_ahead(tally: ProjectCounts, today: date) -> Ahead | None:
    """Return in how many days all items are likely done; None while nothing can be said."""
    history = [point for point in done_by_day(tally, today) if point.day < today]
    totals = [point.done for point in history]
    daily = [now - before for before, now in zip([0, *totals], totals, strict=False)]
    return days_ahead(daily[-DAYS:], tally.items - tally.done)


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

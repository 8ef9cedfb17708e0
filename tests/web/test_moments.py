"""A time on a page says of which zone it is, also where no script runs; exports and the interface stay ISO 8601."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from labeler.web.shared.moments import moment

TEMPLATES = Path(__file__).parents[2] / "labeler"
AT = datetime(2026, 11, 26, 14, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "form", "words"),
    [
        ("en", "time", "14:32 UTC"),
        ("en", "short", "26 Nov, 14:32 UTC"),
        ("en", "medium", "26 Nov 2026, 14:32 UTC"),
        ("en", "date", "26 Nov 2026 UTC"),
        ("de", "time", "14:32 UTC"),
    ],
)
def test_a_moment_says_its_zone_and_holds_the_whole_instant(app: Flask, language: str, form: str, words: str) -> None:
    with app.test_request_context(), force_locale(language):
        written = str(moment(AT, form))
        elsewhere = str(moment(AT.astimezone(timezone(timedelta(hours=5))), form))
    assert f">{words}</time>" in written
    assert 'datetime="2026-11-26T14:32:00+00:00"' in written
    assert elsewhere == written


DAYS = {  # days without a time, which are the same in every zone
    *("column.day", "c.forecast.likely", "view.chart.history[-1].day", "point.day"),
    *("week.first", "week.last", "week.label", "first", "last", "row.monday"),  # of the agreement page, in UTC
    *("day", "when"),  # of one's own answers, and of costs and plans
}


def test_no_template_prints_a_time_without_its_zone() -> None:
    bare = re.compile(r"\|\s*(datetimeformat|timeformat)|strftime|isoformat")
    for path in TEMPLATES.rglob("*.html"):
        assert not bare.search(path.read_text(encoding="utf-8")), path
        days = re.findall(r"([\w.\[\]-]+) \| dateformat", path.read_text(encoding="utf-8"))
        assert set(days) <= DAYS, path


def test_a_page_with_moments_brings_the_script_that_knows_the_readers_zone(
    sign_in: Callable[[str], Any], make_project: Callable[..., Any]
) -> None:
    make_project(items=2)
    lead = sign_in("olga")
    for page in ("/p/pets/", "/p/pets/annotators", "/p/pets/data"):
        text = lead.get(page).text
        assert ("<time " in text) == ("/bundles/moments.mjs" in text), page
    assert "UTC</time>" in lead.get("/p/pets/").text

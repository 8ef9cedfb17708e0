"""Number fields take what they show and what people of the language type; the server reads it, not the browser."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from labeler.projects.queries import project_by_slug
from labeler.storage.database import Database
from labeler.web.shared.numbers import number_in

BOTH = {
    "0,80": "0.80", "0.8": "0.8", ",5": "0.5", "12": "12", "-3": "-3", "\u22123": "-3", "1,5 %": "1.5",
    "1.000,5": "1000.5", "1,000.5": "1000.5", "1 000": "1000", "1\u202f000": "1000", "1'000": "1000",
    "1.234.567": "1234567",
}  # fmt: skip
FIELDS = {"name": "Pets", "question": "", "votes": "2", "order": "in_order", "target_alpha": "0.7", "error_limit": "5"}


@pytest.mark.parametrize(
    ("language", "own"),
    [("en", {"1,000": "1000", "1.000": "1.000"}), ("de", {"1.000": "1000", "1,000": "1.000"})],
)
def test_a_number_is_read_as_people_of_the_language_write_it(app: Flask, language: str, own: dict[str, str]) -> None:
    with app.test_request_context(), force_locale(language):
        for written, number in {**BOTH, **own}.items():
            assert number_in(written) == Decimal(number), written
        for written in ("", "x", "1,2,3", "NaN", "1e5", "--1", "1.2.3,4", "9" * 50):
            assert number_in(written) is None, written


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("alpha", "limit"), [(0.8, 0.05), (0.667, 0.0125), (0.7, 0.07)])
def test_settings_can_be_saved_as_they_are_shown_and_stay_what_they_were(
    sign_in: Callable[[str], Any], make_project: Callable[..., Any], database: Database, *,
    language: str, alpha: float, limit: float,
) -> None:  # fmt: skip
    make_project()
    lead = sign_in("olga")
    lead.set_cookie("language", language)
    first = {**FIELDS, "target_alpha": str(alpha), "error_limit": str(limit * 100)}
    assert lead.post("/p/pets/settings", data=first).status_code == 302
    shown = shown_in(lead.get("/p/pets/settings").text)
    assert ("," in shown["target_alpha"]) == (language == "de")
    assert lead.post("/p/pets/settings", data={**FIELDS, **shown}).status_code == 302
    with database.read() as session:
        kept = project_by_slug(session, "pets").settings
    assert (kept["target_alpha"], kept["error_limit"]) == pytest.approx((alpha, limit))


def test_a_number_field_is_a_line_of_text_so_that_no_browser_empties_it(
    sign_in: Callable[[str], Any], make_project: Callable[..., Any]
) -> None:
    make_project()
    lead = sign_in("olga")
    for page in ("/p/pets/settings", "/projects/new", "/p/pets/suggestions"):
        text = lead.get(page).text
        assert 'type="number"' not in text, page


def test_a_whole_number_may_be_written_with_a_zero_behind_the_sign_and_nothing_else(
    sign_in: Callable[[str], Any], make_project: Callable[..., Any]
) -> None:
    make_project()
    lead = sign_in("olga")
    lead.set_cookie("language", "de")
    assert lead.post("/p/pets/settings", data={**FIELDS, "votes": "3,0"}).status_code == 302
    refused = lead.post("/p/pets/settings", data={**FIELDS, "votes": "2,5"})
    assert refused.status_code == 422
    assert 'value="2,5"' in refused.text


def shown_in(text: str) -> dict[str, str]:
    """Return the values of the two number fields as the page shows them."""
    found = {}
    for name in ("target_alpha", "error_limit"):
        tag = text[text.index(f'name="{name}"') - 300 : text.index(f'name="{name}"') + 300]
        tag = tag[tag.rindex("<input", 0, 300) :].partition(">")[0]
        found[name] = tag.partition('value="')[2].partition('"')[0]
    return found

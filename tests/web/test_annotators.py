"""The pages about annotators: what leads see, that annotators see none of it, and what can be done from there."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from labeler.accounts.actions import set_member
from labeler.statistics import checked_answers
from labeler.statistics.checked_answers import CheckedAnswer
from labeler.storage.database import Database
from tests.conftest import NOW, Made
from tests.statistics.test_annotators import give
from tests.web.pages import Page

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
ITEMS = 120


@pytest.fixture
def made(database: Database, cast: dict[str, int], make_project: Make) -> Made:
    """Olga and Bob answer what is right; Ann does so for 80 items, and then only ever says "dog", in no time."""
    made = make_project("look", items=ITEMS, votes=3)
    right = ["cat", "dog", "neither", "cat"] * (ITEMS // 4)
    give(database, made, cast["olga"], right, [4.0] * ITEMS)
    give(database, made, cast["bob"], right, [5.0] * ITEMS)
    give(database, made, cast["ann"], right[:80] + ["dog"] * 40, [4.0] * 80 + [1.0] * 40)
    return made


def page(client: FlaskClient, path: str) -> str:
    answered = client.get(path)
    assert answered.status_code == 200
    assert Page(answered.text).problems == []
    return " ".join(answered.text.split())


@pytest.mark.parametrize("path", ["annotators", "annotators/{ann}", "annotators/{ann}/answers"])
def test_annotators_see_nothing_of_it(sign_in: SignIn, cast: dict[str, int], made: Made, path: str) -> None:
    where = f"/p/{made.slug}/{path.format(**cast)}"
    assert sign_in("ann").get(where).status_code == 403
    assert sign_in("zed").get(where).status_code == 404
    assert sign_in("olga").get(where).status_code == 200


def test_who_to_look_at_comes_first_with_the_reasons(sign_in: SignIn, made: Made) -> None:
    shown = page(sign_in("olga"), f"/p/{made.slug}/annotators")
    looks = shown.split('id="look-title"')[1].split("</section>")[0]
    assert "Drift alarm and signs of haste or pattern" in looks
    assert "More answers were judged wrong since 2 Mar" in looks
    assert "took less than half the others&#39; time" in looks
    assert "Bob" not in looks
    names = re.findall(r'<tr id="person-[0-9]+">.*?<span dir="auto">([A-Za-z]+)</span>', shown)
    assert names == ["Ann", "Bob", "Olga"]


def test_with_nobody_to_look_at_it_is_one_line(
    sign_in: SignIn, make_project: Make, answer: Callable[..., object]
) -> None:
    made = make_project()
    olga = sign_in("olga")
    assert "Nobody has answered yet" in page(olga, f"/p/{made.slug}/annotators")
    answer(made, "ann", ["cat"] * 3)
    shown = page(olga, f"/p/{made.slug}/annotators")
    assert "Nobody needs a look." in shown
    assert "none checked yet" in shown  # accuracy is no share before ten answers were checked
    assert "Same as the others" not in shown.split("</table>")[0]  # there is nobody else


def test_names_can_be_hidden(sign_in: SignIn, made: Made) -> None:
    shown = page(sign_in("olga"), f"/p/{made.slug}/annotators?names=hidden").split("<main")[1]
    assert "Annotator A" in shown
    assert "Annotator C" in shown
    assert ">Bob<" not in shown


def test_the_page_of_one_person_says_why_and_what_speaks_against_it(
    sign_in: SignIn, cast: dict[str, int], made: Made
) -> None:
    shown = page(sign_in("olga"), f"/p/{made.slug}/annotators/{cast['ann']}")
    assert "Drift alarm and signs of haste or pattern" in shown
    assert "reached by chance about once in" in shown
    assert "Only the others say so: 0 checked answers since then are too few to tell." in shown
    assert 'role="img" aria-label="CUSUM of wrong answers over 120 judged answers: above the limit 6' in shown
    calm = page(sign_in("olga"), f"/p/{made.slug}/annotators/{cast['bob']}")
    assert "alert-title" not in calm
    assert "no alarm" in calm


def test_counts_lead_to_as_many_answers(sign_in: SignIn, cast: dict[str, int], made: Made) -> None:
    olga = sign_in("olga")
    shown = page(olga, f"/p/{made.slug}/annotators/{cast['ann']}").replace("&amp;", "&")
    links = re.findall(r'<a class="count num" href="([^"]*/answers[^"]*)">([0-9]+)(?: of [0-9]+)?</a>', shown)
    assert len(links) >= 4
    for href, count in links:
        listed = page(olga, href)
        assert re.search(rf">{count} answers?<", listed), href
    assert olga.get(f"/p/{made.slug}/annotators/{cast['zed']}").status_code == 404


def test_others_are_asked_again_as_previewed_and_it_can_be_taken_back(
    sign_in: SignIn, cast: dict[str, int], made: Made
) -> None:
    olga, where = sign_in("olga"), f"/p/{made.slug}/annotators/{cast['ann']}"
    shown = page(olga, where)
    proposed = dict(re.findall(r'type="datetime-local" step="1" name="([a-z]+)" value="([^"]+)"', shown))
    assert proposed["since"] == (NOW + timedelta(minutes=80)).strftime("%Y-%m-%dT%H:%M:%S")
    asked = page(olga, f"{where}?since={proposed['since']}&until={proposed['until']}&which=all&set_aside=1")
    seen = re.search(r'name="seen" value="([0-9,]+)"', asked)
    assert seen is not None
    assert seen[1] == "40,0,40,0"  # everybody has seen these items
    sent = {**proposed, "which": "all", "set_aside": "1", "seen": "1,2,3,4"}
    said = olga.post(f"{where}/ask", data=sent, follow_redirects=True).text
    assert "the numbers are others now" in said
    said = olga.post(f"{where}/ask", data=sent | {"seen": seen[1]}, follow_redirects=True).text
    assert "Their answers do not count since." in said
    history = page(olga, f"/p/{made.slug}/items/{made.items[-1]}")
    assert "Not counted: a lead set it aside" in history
    undo = re.search(rf'action="({where}/ask/[0-9]+/undo)"', said)
    assert undo is not None
    assert "Taken back" in olga.post(undo[1], follow_redirects=True).text


def test_a_lead_who_has_seen_everything_is_told_so(sign_in: SignIn, cast: dict[str, int], made: Made) -> None:
    olga, where = sign_in("olga"), f"/p/{made.slug}/annotators/{cast['ann']}"
    window = {"since": "2026-03-02T00:00:00", "until": "2026-03-03T00:00:00", "which": "all"}
    said = olga.post(f"{where}/look", data=window, follow_redirects=True).text
    assert "whose item you have not seen" in said  # Olga has answered all of them


def test_a_lead_who_has_seen_nothing_answers_twenty(
    database: Database, sign_in: SignIn, cast: dict[str, int], made: Made
) -> None:
    with database.write() as session:
        set_member(session, made.id, cast["rita"], role="lead", now=NOW)
    rita, where = sign_in("rita"), f"/p/{made.slug}/annotators/{cast['ann']}"
    window = {"since": "2026-03-02T00:00:00", "until": "2026-03-03T00:00:00", "which": "all"}
    began = rita.post(f"{where}/look", data=window)
    look = began.headers["Location"]
    asks = page(rita, look)
    assert "What is this?" in asks
    assert "You said" not in asks
    code = re.search(r'value="right:([0-9]+)"', asks)
    assert code is not None
    answered = rita.post(look, data={"position": 1, "decision": f"right:{code[1]}"})
    reveals = page(rita, answered.headers["Location"])
    assert "Ann said" in reveals
    assert "of 20" in reveals
    assert (
        "There is no such class"
        in rita.post(look, data={"position": 2, "decision": "right:999"}, follow_redirects=True).text
    )
    assert "1 of 20 answered" in page(rita, where)
    assert rita.post(f"{look}/undo").status_code == 303
    assert "nothing judged yet" in page(rita, where)


def test_a_person_is_paused_and_handed_items_again(sign_in: SignIn, cast: dict[str, int], made: Made) -> None:
    olga, where = sign_in("olga"), f"/p/{made.slug}/annotators/{cast['ann']}"
    assert "Paused." in olga.post(f"{where}/pause", data={"paused": "1"}, follow_redirects=True).text
    assert "Paused since" in page(olga, f"/p/{made.slug}/annotators")
    said = olga.post(f"{where}/pause", data={"paused": "0"}, follow_redirects=True).text
    assert "They are handed items again." in said
    assert "Paused since" not in page(olga, f"/p/{made.slug}/annotators")


def test_accuracy_is_one_number_on_the_pages_on_the_cards_and_in_the_api(
    sign_in: SignIn,
    bearer: Callable[[str], dict[str, str]],
    cast: dict[str, int],
    made: Made,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked = [CheckedAnswer(cast["ann"], item, n < 17, "audit", 0) for n, item in enumerate(made.items[:20])]
    monkeypatch.setattr(
        checked_answers, "_audited_votes", lambda *_: [one._replace(annotation=n) for n, one in enumerate(checked, 1)]
    )
    olga = sign_in("olga")
    assert '<b>84%</b> <span class="muted">68 to 95</span>' in page(olga, f"/p/{made.slug}/annotators")
    assert '<b>84%</b> <span class="muted">68 to 95</span>' in page(olga, f"/p/{made.slug}/annotators/{cast['ann']}")
    card = page(olga, f"/p/{made.slug}/disagreements?item={made.items[-2]}")
    assert "right on 84% (68 to 95) of checked items" in card
    listed = olga.get(f"/api/v1/projects/{made.slug}/annotators", headers=bearer("olga")).json
    assert listed is not None
    one = next(row for row in listed["data"] if row["email"] == "ann@example.org")
    assert (one["checked"], one["checked_right"]) == (20, 17)
    assert round(one["accuracy"], 4) == round(21 / 25, 4)
    assert (round(one["accuracy_low"], 2), round(one["accuracy_high"], 2)) == (0.68, 0.95)

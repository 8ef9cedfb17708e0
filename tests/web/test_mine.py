"""The page "My answers": one's own numbers and rows, what waits, what became of each answer; nothing of others."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from labeler.projects.actions import add_guideline
from labeler.projects.models import Project
from labeler.statistics.own_answers import SHOWN, OwnFilter, Timed, own_page, time_of
from labeler.storage.database import Database, clock
from tests.conftest import Made
from tests.threads.talk import Talk
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]


@pytest.fixture
def talk(database: Database, make_project: Make, cast: dict[str, int]) -> Talk:
    return Talk(database, make_project(votes=1), cast)


def text_of(client: FlaskClient, path: str = "/mine", language: str = "en") -> str:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, path
    inspect(answer.text)
    return " ".join(answer.text.split())


def rows_in(page: str) -> list[str]:
    """Return the names of the items in the list, in order."""
    return re.findall(r'<div class="what"><b dir="auto">([^<]+)</b>', page)


def counts_in(page: str) -> dict[str, int]:
    """Return the chips with their counts."""
    return {name: int(n) for name, n in re.findall(r"show=(\w+)[^>]*>[^<]+<b class=\"num\">(\d+)</b>", page)}


def answered(talk: Talk) -> None:
    """Ann gives one answer of each kind."""
    a, b, c, d, e, f = talk.made.items
    talk.answers("ann", "cat", item=a, unsure=True)
    talk.answers("ann", "cat", item=b)
    talk.decides("relabel", label="dog", reason="It barks.", item=b)
    talk.answers("ann", None, item=c)
    talk.answers("ann", "cat", "Cat or dog?", item=d)
    talk.says("olga", "A cat.", item=d)
    talk.answers("ann", "dog", item=e)
    talk.decides("send_back", reason="Look again.", item=e)
    talk.answers("ann", "cat", item=f)
    talk.decides("keep", item=f)


def test_the_first_day_says_what_will_be_here(sign_in: SignIn, make_project: Make) -> None:
    make_project()
    page = text_of(sign_in("ann"))
    assert "Your answers will be listed here." in page
    assert "Nothing waits for you." in page
    assert 'href="/p/pets/label"' in page
    assert "You" in text_of(sign_in("zed")), "who is in no project sees an empty page too"


def test_each_answer_says_what_became_of_it_and_what_can_be_done(sign_in: SignIn, talk: Talk) -> None:
    answered(talk)
    page = text_of(sign_in("ann"))
    assert rows_in(page) == ["e5", "e4", "e3", "e2", "e1", "e0"]
    for words in (
        "Decided otherwise:",
        "It barks.",
        "skipped: Not clear",
        "unsure",
        "A cat.",
        "Thread, 2",
        "final since",
    ):
        assert words in page, words
    waits = page.partition("All my answers")[0]
    assert re.findall(r"<b dir=\"auto\">(e\d) (was returned|was decided otherwise)|Reply on (e\d)", waits)[0][:2] == (
        "e4",
        "was returned",
    )
    assert f'href="/p/pets/label#answer={talk.made.items[0]}"' in page, "it can be changed"
    assert f'href="/p/pets/label#answer={talk.made.items[2]}"' in page, "a skip can be answered"
    assert f"#answer={talk.made.items[1]}" not in page, "a lead decided"
    assert "1 returned item first." in page


def test_every_count_is_the_number_of_rows_its_list_shows(
    sign_in: SignIn, talk: Talk, database: Database, cast: dict[str, int]
) -> None:
    answered(talk)
    ann = sign_in("ann")
    counts = counts_in(text_of(ann))
    wanted = {"all": 6, "changeable": 3, "returned": 1, "decided": 1, "unsure": 1, "skipped": 1, "threads": 1}
    assert counts == wanted
    for name, count in counts.items():
        assert len(rows_in(text_of(ann, f"/mine?show={name}"))) == count, name
    with database.read() as session:
        projects = [session.get_one(Project, talk.made.id)]
        rows = own_page(session, cast["ann"], projects, OwnFilter(), before=0, limit=99)
        by_row = {
            "returned": [row for row in rows if row.returned],
            "decided": [row for row in rows if row.decided],
            "changeable": [row for row in rows if row.final_at is None and not row.returned],
        }
        for name, found in by_row.items():
            assert len(own_page(session, cast["ann"], projects, OwnFilter(name), before=0, limit=99)) == len(found), (
                name
            )
    assert set(counts) < set(SHOWN)


def test_answers_are_found_by_text_id_answer_and_comment(sign_in: SignIn, talk: Talk) -> None:
    answered(talk)
    ann = sign_in("ann")
    assert rows_in(text_of(ann, "/mine?q=number+3")) == ["e3"]
    assert rows_in(text_of(ann, "/mine?q=E2")) == ["e2"]
    assert rows_in(text_of(ann, "/mine?q=or+dog%3F")) == ["e3"]
    assert "e4" in rows_in(text_of(ann, "/mine?q=dog"))
    assert "No answer of yours fits this." in text_of(ann, "/mine?q=100%25")
    assert rows_in(text_of(ann, "/mine?project=pets&show=unsure")) == ["e0"]


def test_nobody_sees_numbers_or_rows_of_others(sign_in: SignIn, talk: Talk) -> None:
    answered(talk)
    for name in ("bob", "zed", "olga"):
        page = text_of(sign_in(name))
        assert rows_in(page) == [], name
        assert "Nothing waits for you." in page, name
        assert "It barks." not in page, name


def test_what_waits_goes_when_it_was_opened_or_marked(sign_in: SignIn, talk: Talk, database: Database) -> None:
    answered(talk)
    ann = sign_in("ann")
    with database.write() as session:
        add_guideline(session, talk.made.id, "# Look\nEars first.", by=talk.cast["olga"], now=clock(session))
    assert "My answers: 4 notices" in text_of(ann, "/")
    assert 'Changed: <span dir="auto">Ears first.</span>' in text_of(ann)
    text_of(ann, "/p/pets/guidelines")
    assert "My answers: 3 notices" in text_of(ann, "/")
    text_of(ann, "/mine?show=decided")
    assert "My answers: 2 notices" in text_of(ann, "/")
    assert ann.post("/mine/read").status_code == 303
    assert "My answers: 1 notice" in text_of(ann, "/")
    assert "was returned" in text_of(ann)


def test_a_late_answer_says_so_and_cannot_be_changed(sign_in: SignIn, talk: Talk, database: Database) -> None:
    from labeler import workflow
    from labeler.annotations.actions import Answer
    from labeler.projects.queries import Question
    from tests.conftest import LEASE

    with database.write() as session:
        (held,) = workflow.serve(session, talk.made.id, talk.cast["ann"], count=1, lease=LEASE)
        now = clock(session) + 2 * LEASE
        question = Question.of(session, session.get_one(Project, talk.made.id))
        (other,) = workflow.serve(session, talk.made.id, talk.cast["bob"], count=1, lease=LEASE, now=now)
        assert other.item.id == held.item.id
        for name, one in (("bob", other), ("ann", held)):
            answer = Answer(f"late-{name}-1", one.assignment.id, {"label": "cat"}, seconds=1.0)
            workflow.submit(session, question, talk.cast[name], [answer], now=now)
    page = text_of(sign_in("ann"))
    assert "came late, not counted" in page
    assert "#answer=" not in page


def test_the_page_is_there_in_german_and_from_its_project(sign_in: SignIn, talk: Talk) -> None:
    answered(talk)
    ann = sign_in("ann")
    page = text_of(ann, "/mine", "de")
    for words in ("Meine Antworten", "Wartet auf Sie", "Anders entschieden:", "Nochmals antworten"):
        assert words in page, words
    assert ann.get("/p/pets/mine").location == "/mine?project=pets"
    assert sign_in("zed").get("/p/pets/mine").status_code == 404


def test_time_leaves_breaks_out_and_medians_come_with_enough_answers() -> None:
    today = date(2026, 3, 2)
    before = [Timed(1, today - timedelta(days=1), float(n)) for n in range(1, 22)]
    now = [Timed(1, today, 60.0)] * 19 + [Timed(1, today, 3600.0), Timed(2, today, 30.0)]
    found = time_of(before + now, today)
    assert found.today == pytest.approx(19.5)
    assert (found.answers, len(found.minutes)) == (21, 14)
    assert found.minutes[-2][1] == pytest.approx(231 / 60)
    assert (found.paces[1].answers, found.paces[1].today, found.paces[1].usual) == (20, None, 11.0)
    assert found.paces[1].half == (5.5, 16.5)
    assert found.paces[2].usual is None
    assert time_of([*now, Timed(1, today, 60.0)], today).paces[1].today == pytest.approx(60.0)

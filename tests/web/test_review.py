"""The review page: every state has words, every decision is one form, and nothing is decided twice or unseen."""

import re
import uuid
from collections.abc import Callable, Sequence
from html import unescape

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from labeler import workflow
from labeler.decisions import queries as decision_queries
from labeler.jobs import actions as jobs
from labeler.jobs.models import Job
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.quality.models import Flag, Inspection
from labeler.review import precision
from labeler.review.accepting import Accepting, likely_mistakes
from labeler.review.precision import Precision
from labeler.storage.database import Database
from tests.conftest import NOW, Made
from tests.review.suspects import Suspect, add_pass
from tests.web.pages import inspect

Make = Callable[..., Made]
SignIn = Callable[[str], FlaskClient]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]

CATS = [Suspect(n, "label_error", 0.9 - n / 100, "cat", "dog", 0.9) for n in range(3)]


def show(client: FlaskClient, made: Made, query: str = "", page: str = "review") -> str:
    response = client.get(f"/p/{made.slug}/{page}{query}", follow_redirects=True)
    assert response.status_code == 200, response.text[:500]
    inspect(response.text)
    return response.text


def words(html: str) -> str:
    """Return the text of a page's main parts, without markup and with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("</header>") :]).split())


def field(html: str, name: str) -> str:
    form = html[html.index('data-part="decision"') :]
    return re.search(rf'name="{name}"\s+value="([^"]*)"', form)[1]  # type: ignore[index]


def press(client: FlaskClient, made: Made, html: str, decision: str, query: str = "", **more: str) -> str:
    data = {name: field(html, name) for name in ("item", "key", "stood")} | {"decision": decision} | more
    response = client.post(f"/p/{made.slug}/review/decide{query}", data=data, follow_redirects=False)
    assert response.status_code == 303, response.text[:500]
    return show_at(client, response.headers["Location"])


def show_at(client: FlaskClient, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    inspect(response.text)
    return response.text


def code(database: Database, made: Made, name: str) -> str:
    with database.read() as session:
        return classes_of(session, made.id).by_name[name]


def history(database: Database, made: Made, item: int) -> list[tuple[str, str, str]]:
    with database.read() as session:
        found = decision_queries.history_with_authors(session, made.items[item])
        return [(review.decision, review.status, user.name) for review, user in found]


# -- who may, and the states of the page -----------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["review", "review/many"])
@pytest.mark.parametrize(("name", "status"), [("zed", 404), ("ann", 403), ("", 302)])
def test_only_leads_of_the_project_see_the_review_pages(
    make_project: Make, sign_in: SignIn, page: str, name: str, status: int
) -> None:
    made = make_project()
    assert sign_in(name).get(f"/p/{made.slug}/{page}").status_code == status


@pytest.mark.parametrize("action", ["decide", "undo", "blind", "inspect", "many"])
@pytest.mark.parametrize(("name", "status"), [("zed", 404), ("ann", 403)])
def test_only_leads_of_the_project_may_decide(
    make_project: Make, sign_in: SignIn, action: str, name: str, status: int
) -> None:
    made = make_project()
    assert sign_in(name).post(f"/p/{made.slug}/review/{action}").status_code == status


def test_before_the_first_pass_the_page_offers_to_run_it(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, olga = make_project(), sign_in("olga")
    html = show(olga, made)
    assert "Nothing was inspected yet" in html
    assert "No worker is running" in html
    olga.post(f"/p/{made.slug}/review/inspect")
    olga.post(f"/p/{made.slug}/review/inspect")  # asking twice is one job
    with database.read() as session:
        assert session.query(Job).filter(Job.kind == "inspect").count() == 1
    html = show(olga, made)
    assert "Labels are being checked" in html
    assert 'data-job="/api/v1/jobs/1"' in html


def test_a_living_worker_is_not_missed_and_a_failed_pass_says_why(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, olga = make_project(), sign_in("olga")
    with database.write() as session:
        from labeler.storage.database import clock

        jobs.seen(session, "worker", clock(session))
        job = jobs.ask_for_inspection(session, made.id, by=None, now=NOW)
        job.state, job.error = "failed", "The disk is full."
    html = show(olga, made)
    assert "No worker is running" not in html
    assert "The last label check failed: The disk is full." in html


def test_a_pass_that_found_nothing_says_so(database: Database, make_project: Make, sign_in: SignIn) -> None:
    made, olga = make_project(), sign_in("olga")
    run = add_pass(database, made, [])
    with database.write() as session:
        session.get_one(Inspection, run).summary = {"items": 6, "labeled": 0, "notes": ["No item has a label yet."]}
    html = show(olga, made)
    assert "The last check found nothing to look at" in html
    assert "No item has a label yet." in html


def test_when_everything_is_decided_the_page_says_what_became_of_it(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    add_pass(database, made, CATS)
    dog = code(database, made, "dog")
    html = press(olga, made, show(olga, made), f"relabel:{dog}")
    html = press(olga, made, html, "keep")
    html = press(olga, made, html, "exclude")
    assert "Every flagged item is decided" in html
    assert "1 changed · 1 kept · 1 excluded See them" in words(html)


# -- the card --------------------------------------------------------------------------------------------------------


def test_a_card_shows_item_label_suggestion_reasons_model_votes_and_neighbours(
    database: Database, make_project: Make, answer: Give, sign_in: SignIn
) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    answer(made, "ann", ["cat"])
    answer(made, "bob", ["cat"])
    reasons: tuple[dict[str, object], ...] = (
        {"kind": "model", "class": 1, "probability": 0.94, "given": 0, "given_probability": 0.03},
        {"kind": "neighbours", "count": 7, "of": 8, "class": 1},
        {"kind": "votes", "count": 1, "of": 3, "class": 1},
        {"kind": "mix_up", "given": 0, "suggested": 1, "count": 31},
    )
    add_pass(database, made, [Suspect(0, "label_error", 0.97, "cat", "dog", 0.94, reasons)])
    html = show(olga, made)
    text = words(html)
    assert "Text number 0 about dogs." in text
    assert "Label now cat consensus, 2 of 2 Suggested dog strong suspicion" in text
    assert "known from 10 labels on that were checked one by one; 0 were so far." in text
    assert "A model that never saw this item holds dog for likelier than cat ." in text
    assert "Which label is right the likeliest first, by a model that never saw this item cat dog neither" in text
    assert "%" not in text.replace("90% alike", "").replace("Preview", "")
    assert "7 of its 8 most similar items are dog ." in text
    assert "1 of 3 annotators chose dog ." in text
    assert "dog marked as cat is the most common mix-up here: 31 items ." in text
    assert "Ann 2.0 s" in text
    assert "2 of 2 are dog" not in text  # the similar items are cats
    assert "Change to dog" in text
    assert "Keep cat" in text


def test_every_kind_of_reason_is_said_in_words(
    database: Database, make_project: Make, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    twin = {"kind": "duplicate", "item": made.items[3], "similarity": 0.99, "class": 1}
    lonely = {"kind": "duplicate", "item": made.items[3], "similarity": 0.99, "class": None}
    far = {"kind": "distance", "distance": 0.6, "typical": 0.2}
    blank = {"kind": "distance", "blank": True}
    person = {"kind": "annotator", "annotator": cast["ann"], "class": 0, "share": 0.55, "of": 20}
    gone = person | {"annotator": 0}
    before = {"kind": "annotator", "annotator": cast["bob"], "class": 0, "accuracy": 0.4, "of": 20}  # of an older pass
    unknown = {"kind": "from the future"}
    given = {"label_error": (person, gone, before, twin), "contradiction": (twin, lonely), "outlier": (far, blank)}
    flags = [Suspect(0, kind, 1.0, "cat", "dog", 0.8, (*reasons, unknown)) for kind, reasons in given.items()]
    add_pass(database, made, flags)
    pages = [words(show(olga, made, f"?kind={kind}")) for kind in given]
    text = pages[0]  # a card says the reasons of all flags of its item
    assert f"Nearly the same as item {made.items[3]} (99% alike), which is dog ." in text
    assert "(99% alike), which has no label." in text
    assert "It is 3.0 times as far from its most similar items as usual." in text
    assert "There is nothing to see or to read in it." in text
    assert "Ann chose cat 20 times; others who saw the same items chose otherwise in 55% ." in text
    assert text.count("chose otherwise") == 1  # nothing is said of somebody who is not known, nor what once was judged
    assert "right on it" not in text
    assert text.count("It is 3.0 times as far") == text.count("which has no label.") == 1
    assert text.index("Also: Contradiction") < text.index("Also: Outlier")
    assert "Text number 3" in pages[1]  # its double stands beside it


def test_a_tie_has_no_label_to_keep(database: Database, make_project: Make, answer: Give, sign_in: SignIn) -> None:
    made, olga = make_project(), sign_in("olga")
    answer(made, "ann", ["cat"])
    answer(made, "bob", ["dog"])
    add_pass(database, made, [Suspect(0, "ambiguous", 0.9)])
    html = show(olga, made)
    assert "2 answers, tied" in words(html)
    assert 'value="keep"' not in html
    assert "There is no label to keep" in html


def test_comparing_shows_the_nearest_items_beside_this_one(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    add_pass(database, made, CATS)
    assert "<figcaption>" not in show(olga, made)
    html = show(olga, made, f"?item={made.items[0]}&compare=1")
    assert html.count("<figcaption>") == 3


def test_an_item_without_a_flag_has_a_card_too_and_one_of_another_project_has_none(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, other, olga = make_project(given="cat"), make_project("other"), sign_in("olga")
    add_pass(database, made, CATS)
    assert "Nothing was flagged about this item." in show(olga, made, f"?item={made.items[5]}")
    assert olga.get(f"/p/{made.slug}/review?item={other.items[0]}").status_code == 404


def test_text_from_users_is_shown_and_never_run(database: Database, make_project: Make, sign_in: SignIn) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    add_pass(database, made, CATS)
    html = press(olga, made, show(olga, made), "keep", reason="<script>alert(1)</script>")
    assert "<script>alert" not in show(olga, made, f"?item={made.items[0]}")
    assert "&lt;script&gt;alert(1)" in show(olga, made, f"?item={made.items[0]}")
    assert "<script>alert" not in html


# -- blind ------------------------------------------------------------------------------------------------------------


def test_blind_hides_label_suggestion_and_reasons_until_the_lead_has_answered(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    add_pass(database, made, CATS)
    olga.post(f"/p/{made.slug}/review/blind", data={"item": made.items[0]})
    html = show(olga, made)
    assert "What is this?" in html
    for hidden in ("Label now", "Suggested", "Why this is here", "Most similar items", "→ dog", "Change to"):
        assert hidden not in html
    answered = show(olga, made, f"?item={made.items[0]}&mine={code(database, made, 'dog')}")
    assert "you agree with the suggestion" in answered
    assert "Change to dog" in answered
    assert history(database, made, 0) == []
    olga.post(f"/p/{made.slug}/review/blind")
    assert "Label now" in show(olga, made)


# -- deciding ---------------------------------------------------------------------------------------------------------


def test_a_decision_is_stored_with_who_and_why_and_leads_to_the_next_card(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    add_pass(database, made, CATS)
    html = press(olga, made, show(olga, made), f"relabel:{code(database, made, 'dog')}", reason="it barks")
    assert f"Item {made.items[0]} is now dog" in html
    assert field(html, "item") == str(made.items[1])
    assert history(database, made, 0) == [("relabel", "current", "Olga")]
    text = words(show(olga, made, f"?item={made.items[0]}"))
    assert "Olga changed cat to dog" in text
    assert "it barks" in text


def test_the_queue_goes_on_within_the_reason_that_was_chosen(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    add_pass(database, made, [*CATS, Suspect(3, "outlier", 0.5), Suspect(4, "outlier", 0.4)])
    html = press(olga, made, show(olga, made, "?kind=outlier"), "keep", "?kind=outlier")
    assert field(html, "item") == str(made.items[4])
    html = press(olga, made, html, "keep", "?kind=outlier")
    assert "Nothing is left under this reason" in html


def test_the_last_card_of_the_queue_is_followed_by_the_first(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    add_pass(database, made, CATS)
    html = press(olga, made, show(olga, made, f"?item={made.items[2]}"), "keep")
    assert field(html, "item") == str(made.items[0])


def test_a_form_that_is_sent_twice_is_one_decision(database: Database, make_project: Make, sign_in: SignIn) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    add_pass(database, made, CATS)
    html = show(olga, made)
    press(olga, made, html, "keep")
    press(olga, made, html, "keep")
    assert history(database, made, 0) == [("keep", "current", "Olga")]
    refused = press(olga, made, html, "exclude")
    assert "This key was used for another decision" in refused
    assert history(database, made, 0) == [("keep", "current", "Olga")]


def test_what_another_lead_decided_meanwhile_is_shown_before_it_is_replaced(
    database: Database, make_project: Make, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga, rita = make_project(given="cat"), sign_in("olga"), sign_in("rita")
    with database.write() as session:
        from labeler.accounts.actions import set_member

        set_member(session, made.id, cast["rita"], role="lead", now=NOW)
    add_pass(database, made, CATS)
    seen = show(olga, made)
    press(rita, made, show(rita, made), "exclude")
    html = press(olga, made, seen, "keep")
    assert "Somebody decided this item in the meantime" in html
    assert "Rita excluded it" in words(html)
    assert history(database, made, 0) == [("exclude", "current", "Rita")]
    press(olga, made, show(olga, made, f"?item={made.items[0]}"), f"relabel:{code(database, made, 'cat')}")
    assert [entry[1] for entry in history(database, made, 0)] == ["replaced", "current"]


@pytest.mark.parametrize("decision", ["relabel:999999", "relabel:", "nonsense", ""])
def test_a_decision_that_makes_no_sense_stores_nothing(
    database: Database, make_project: Make, sign_in: SignIn, decision: str
) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    add_pass(database, made, CATS)
    html = press(olga, made, show(olga, made), decision)
    assert 'role="alert"' in html
    assert history(database, made, 0) == []


def test_a_class_can_be_chosen_from_the_list_of_many(database: Database, make_project: Make, sign_in: SignIn) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    add_pass(database, made, CATS)
    press(olga, made, show(olga, made), "other", other=f"relabel:{code(database, made, 'neither')}")
    assert history(database, made, 0) == [("relabel", "current", "Olga")]


def test_undo_brings_the_item_back_and_says_when_nothing_is_left_to_undo(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    add_pass(database, made, CATS)
    press(olga, made, show(olga, made), "exclude")
    response = olga.post(f"/p/{made.slug}/review/undo")
    html = show_at(olga, response.headers["Location"])
    assert f"Item {made.items[0]} is back in the queue" in html
    assert field(html, "item") == str(made.items[0])
    assert history(database, made, 0) == [("exclude", "undone", "Olga")]
    response = olga.post(f"/p/{made.slug}/review/undo")
    assert "There is nothing of yours left to undo" in show_at(olga, response.headers["Location"])


# -- many at once ------------------------------------------------------------------------------------------------------


def check(database: Database, made: Made, by: int, items: Sequence[int], *, kept: int) -> None:
    """Decide some suspects one by one: the first `kept` keep their label, the others take the suggestion."""
    from labeler.decisions.actions import Decision

    dog = code(database, made, "dog")
    with database.write() as session:
        project = session.get_one(Project, made.id)
        for n, item in enumerate(items):
            keeps = n < kept
            decision = Decision(
                str(uuid.uuid4()), made.items[item], "keep" if keeps else "relabel", code="" if keeps else dog
            )
            workflow.resolve(session, project, decision, by=by)


def flags_on(html: str) -> list[str]:
    return re.findall(r'name="flag" value="(\d+)"', html)


def test_many_cannot_be_accepted_before_twenty_were_checked(
    database: Database, make_project: Make, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga = make_project(items=30, given="cat"), sign_in("olga")
    run = add_pass(database, made, [Suspect(n, "label_error", 0.9, "cat", "dog", 0.95) for n in range(30)])
    assert "Possible once 10 labels were checked one by one" in words(show(olga, made))
    check(database, made, cast["olga"], range(19), kept=1)
    html = show(olga, made)
    assert "Check 1 more of those labeled cat one by one first: 19 of 20 were." in words(html)
    assert re.search(r'<button class="btn" type="submit"\s+aria-disabled="true">Preview and accept', html)
    html = show(olga, made, "?at=80", "review/many")
    assert "Check 1 more of those labeled cat one by one first: 19 of 20 were." in words(html)
    assert "Accept all" not in html
    with database.read() as session:
        flag = session.query(Flag).filter(Flag.inspection_id == run, Flag.item_id == made.items[25]).one().id
    data = {"at": "80", "batch": "b" * 32, "flag": [str(flag)]}
    response = olga.post(f"/p/{made.slug}/review/many", data=data)
    assert "Check more of them one by one first" in show_at(olga, response.headers["Location"])
    assert history(database, made, 25) == []


def test_many_cannot_be_accepted_where_too_few_were_right_in_one_of_the_classes(
    database: Database, make_project: Make, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga = make_project(items=60, given="cat"), sign_in("olga")
    labels = ["cat"] * 25 + ["neither"] * 25 + ["cat"] * 5 + ["neither"] * 5
    add_pass(database, made, [Suspect(n, "label_error", 0.95, one, "dog", 0.9) for n, one in enumerate(labels)])
    check(database, made, cast["olga"], range(25), kept=0)
    check(database, made, cast["olga"], range(25, 50), kept=5)
    text = words(show(olga, made, "?at=80", "review/many"))
    said = "Not allowed: of those labeled neither, 20 of 25 suggestions were right (80%); this project asks for 90%."
    assert said in text
    with database.write() as session:
        session.get_one(Project, made.id).settings = {"accept_from": 0.75}
    text = words(show(olga, made, "?at=80", "review/many"))
    assert "Expect 0 to 3 mistakes: 45 of 50 such suggestions checked one by one were right (90%, 79 to 96%)." in text
    assert "Accept all 10 but those ticked" in text


def test_many_are_accepted_in_one_step_but_for_those_left_out_and_one_undo_takes_them_back(
    database: Database, make_project: Make, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga = make_project(items=30, given="cat"), sign_in("olga")
    suspects = [Suspect(n, "label_error", 0.95 if n < 28 else 0.01, "cat", "dog", 0.4) for n in range(30)]
    add_pass(database, made, suspects)
    check(database, made, cast["olga"], range(20), kept=2)
    html = show(olga, made, "?at=80", "review/many")
    assert "8 suggestions for labels that are wrong with a probability of 80% or more" in words(html)
    assert "18 of 20 such suggestions checked one by one were right (90%, 70 to 97%)" in words(html)
    flags = flags_on(html)
    assert len(flags) == 8
    batch = re.search(r'name="batch"\s+value="(\w+)"', html)[1]  # type: ignore[index]
    data = {"kind": "label_error", "at": "80", "batch": batch, "flag": flags, "leave": flags[:1]}
    for _ in range(2):  # a form sent twice changes nothing more
        olga.post(f"/p/{made.slug}/review/many", data=data)
    with database.read() as session:
        assert len(decision_queries.in_batch(session, cast["olga"], batch)) == 7
        assert precision.precision(session, made.id, "label_error").checked == 20  # nobody looked at those
    assert "7 decisions are undone" in show_at(olga, olga.post(f"/p/{made.slug}/review/undo").headers["Location"])
    with database.read() as session:
        assert decision_queries.in_batch(session, cast["olga"], batch) == []


def test_a_flag_of_a_kind_that_is_looked_at_one_by_one_is_not_accepted_with_many(
    database: Database, make_project: Make, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga = make_project(items=24, given="cat"), sign_in("olga")
    suspects = [Suspect(n, "label_error", 0.95, "cat", "dog", 0.4) for n in range(23)]
    run = add_pass(database, made, [*suspects, Suspect(23, "outlier", 0.95, "cat", "dog", 0.4)])
    check(database, made, cast["olga"], range(20), kept=2)
    with database.read() as session:
        flags = session.query(Flag).filter(Flag.inspection_id == run, Flag.item_id.in_(made.items[22:])).all()
        data = {"kind": "label_error", "at": "80", "batch": "b" * 32, "flag": [str(flag.id) for flag in flags]}
    response = olga.post(f"/p/{made.slug}/review/many", data=data)
    assert "1 item changed in one step" in show_at(olga, response.headers["Location"])
    assert [len(history(database, made, place)) for place in (22, 23)] == [1, 0]


def test_what_somebody_decided_meanwhile_and_what_is_of_another_project_is_left_as_it_is(
    database: Database, make_project: Make, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, other, olga = make_project(items=24, given="cat"), make_project("other", given="cat"), sign_in("olga")
    add_pass(database, made, [Suspect(n, "label_error", 0.9, "cat", "dog", 0.95) for n in range(24)])
    foreign = add_pass(database, other, [Suspect(0, "label_error", 0.9, "cat", "dog", 0.95)])
    check(database, made, cast["olga"], range(20), kept=0)
    flags = flags_on(show(olga, made, "?at=80", "review/many"))
    check(database, made, cast["olga"], [20], kept=1)
    with database.read() as session:
        flags.append(str(session.query(Flag).filter(Flag.inspection_id == foreign).one().id))
    olga.post(f"/p/{made.slug}/review/many", data={"at": "80", "batch": "b" * 32, "flag": flags})
    assert history(database, made, 20) == [("keep", "current", "Olga")]
    assert history(database, made, 21) == [("relabel", "current", "Olga")]
    assert history(database, other, 0) == []


def test_a_threshold_counts_what_is_at_or_above_it() -> None:
    waiting = [(50, "1")] * 3 + [(90, "1")] * 2 + [(100, "1")]
    checked = [(89, "1", False)] * 30 + [(90, "1", n < 19) for n in range(20)] + [(95, "1", True)] * 5
    bulk = Accepting("label_error", waiting, checked, known=True)
    assert (bulk.at(50).count, bulk.at(90).count, bulk.at(91).count) == (6, 3, 1)
    found = bulk.at(90)
    assert (found.measured, found.allowed) == (Precision(25, 24), True)
    assert (round(found.measured.interval.low, 3), round(found.measured.interval.high, 3)) == (0.805, 0.993)
    assert [(one.label, one.few) for one in bulk.at(91).lacks] == [("1", True)]
    assert [(one.label, one.few) for one in bulk.at(50).lacks] == [("1", False)]
    assert bulk.bars[0] == 1.0
    assert bulk.bars[-1] == pytest.approx(1 / 3)


def test_the_mistakes_to_expect_are_those_of_a_share_that_is_itself_uncertain() -> None:
    assert likely_mistakes(5, Precision(74, 67)) == (0, 2)
    assert likely_mistakes(100, Precision(74, 67)) == (3, 18)
    low, high = likely_mistakes(1000, Precision(74, 67))
    assert low < 60
    assert high > 140


def test_a_decision_is_about_the_reason_on_the_card_and_not_about_another_of_the_item(
    database: Database, make_project: Callable[..., Made], sign_in: Callable[[str], FlaskClient]
) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    suspects = [Suspect(0, "label_error", 0.9, "cat", "dog"), Suspect(0, "outlier", 0.8, "cat")]
    add_pass(database, made, suspects)
    html = olga.get(f"/p/{made.slug}/review?kind=outlier").text
    form = html[html.index('data-part="decision"') :]
    names = ("item", "key", "stood", "flag")
    data = {name: re.search(rf'name="{name}"\s+value="([^"]*)"', form)[1] for name in names}  # type: ignore[index]
    olga.post(f"/p/{made.slug}/review/decide?kind=outlier", data=data | {"decision": "keep"})
    with database.read() as session:
        review = decision_queries.current_of(session, made.items[0])
        assert review is not None
        assert (review.kind, review.suggested_code) == ("outlier", "")
        assert precision.precision(session, made.id, "label_error").checked == 0


# -- one number, one definition ---------------------------------------------------------------------------------------


def test_before_ten_decisions_a_suspicion_is_said_in_words_and_nothing_is_a_percentage(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, olga = make_project(given="cat"), sign_in("olga")
    reasons = ({"kind": "model", "class": 1, "probability": 0.3, "given": 0, "given_probability": 0.01},)
    add_pass(
        database,
        made,
        [
            Suspect(0, "label_error", 0.91, "cat", "dog", 0.84, reasons),
            Suspect(0, "ambiguous", 0.77, "cat"),
            Suspect(1, "outlier", 0.66, "cat"),
            Suspect(2, "label_error", 0.4, "cat", "dog", 0.84),
            Suspect(3, "label_error", 0.1, "cat", "dog", 0.84),
        ],
    )
    text = words(show(olga, made)).replace("90% alike", "")
    assert "The worst come first. How probable it is that a label is wrong is known from 10 on" in text
    for said in ("cat → dog strong suspicion", "cat → dog some suspicion", "cat → dog weak suspicion"):
        assert said in text
    assert "%" not in text
    item = words(show(olga, made, page=f"items/{made.items[0]}"))
    assert "Probability wrong strong suspicion in words until ten labels were checked one by one" in item
    flags = olga.get(f"/api/v1/projects/{made.slug}/flags").get_json()["data"]
    first, *others = flags
    assert (first["score"], first["suggested_probability"], first["confidence"]) == (0.91, 0.84, 0.84)
    assert {one["probability_wrong"] for one in flags} == {None}
    assert [one["band"] for one in flags] == ["strong", "likely", "sample", "strong", None]
    assert others[2]["score"] == 0.77


def test_the_probability_wrong_is_the_same_in_queue_card_bar_item_page_and_api(
    database: Database, make_project: Make, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga = make_project(items=24, given="cat"), sign_in("olga")
    errors = [Suspect(n, "label_error", 0.99 - n / 500, "cat", "dog", 0.9) for n in range(20)]
    # the score of another kind is no probability of this label, so it is nowhere shown as one
    add_pass(database, made, [*errors, Suspect(12, "ambiguous", 0.77, "cat"), Suspect(21, "outlier", 0.66, "cat")])
    check(database, made, cast["olga"], range(12), kept=0)
    found = next(
        one
        for one in olga.get(f"/api/v1/projects/{made.slug}/flags").get_json()["data"]
        if one["item"] == made.items[12]
    )
    said = f"{found['probability_wrong']:.0%}"
    low, high = round(100 * found["probability_low"]), f"{found['probability_high']:.0%}"
    text = words(show(olga, made, f"?item={made.items[12]}"))
    assert "In percent: the probability that the label is wrong." in text
    assert f"cat → dog {said}" in text
    assert (
        f"{said} Probability that this label is wrong {low} to {high} in 9 of 10 cases, learnt from 12 labels" in text
    )
    assert f"{found['suggested_probability']:.0%} likely to be right" in text
    assert re.search(r"About \d of the next 8 are wrong \(\d to \d\)\.", text)
    assert not {"77%", "66%"} & set(re.findall(r"\d+%", text))
    item = words(show(olga, made, page=f"items/{made.items[12]}"))
    assert f"Probability wrong {said} {low} to {high} in 9 of 10 cases; of the final label, by the last check" in item
    listed = words(show(olga, made, "?state=flagged", page="items"))
    assert f"probability wrong {said}" in listed
    assert found["score"] == found["probability_wrong"]


def test_a_probability_is_said_only_of_the_label_that_the_pass_saw(
    database: Database, make_project: Make, answer: Give, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga = make_project(items=14, given="cat"), sign_in("olga")
    add_pass(database, made, [Suspect(n, "label_error", 0.91, "cat", "dog", 0.9) for n in range(14)])
    answer(made, "ann", ["neither"])
    check(database, made, cast["olga"], range(1, 13), kept=1)
    text = words(show(olga, made, f"?item={made.items[0]}"))
    assert "When the labels were checked, the label was cat." in text
    assert "Probability that this label is wrong" not in text
    flags = olga.get(f"/api/v1/projects/{made.slug}/flags").get_json()["data"]
    wrong = {one["item"]: (one["label"], one["probability_wrong"] == one["score"] > 0.8) for one in flags}
    assert wrong[made.items[0]] == ("neither", False)
    assert wrong[made.items[1]] == ("cat", True)  # kept, so it is the label that the pass saw
    assert wrong[made.items[13]] == ("cat", True)


@pytest.mark.parametrize(("wrong", "said"), [(0.004, "<1%"), (0.01, "1%"), (0.99, "99%"), (0.996, ">99%"), (1, ">99%")])
def test_no_probability_is_shown_as_certain(app: Flask, wrong: float, said: str) -> None:
    page = '{% from "shared/macros/review.html" import probably with context %}{{ probably(wrong) }}'
    with app.test_request_context():
        assert unescape(render_template_string(page, wrong=wrong)) == said


def test_decisions_are_counted_over_all_passes_and_the_same_on_every_page(
    database: Database, make_project: Make, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga = make_project(items=40, given="cat"), sign_in("olga")
    add_pass(database, made, [Suspect(n, "label_error", 0.9, "cat", "dog", 0.9) for n in range(25)])
    check(database, made, cast["olga"], range(25), kept=3)
    # the next pass flags a few of them again, and others; what was decided before is decided still
    flagged = [*range(20, 25), *range(30, 34)]
    add_pass(database, made, [Suspect(n, "label_error", 0.6, "cat", "dog", 0.9) for n in flagged])
    text = words(show(olga, made))
    header = " ".join(re.sub(r"<[^>]+>", " ", show(olga, made).split("</header>")[0]).split())
    assert "25 of 29" in header
    assert "22 changed · 3 kept" in header
    assert "learnt from 25 labels that were checked one by one" in text
    assert "Labels likely wrong: 4 " in words(olga.get(f"/p/{made.slug}/").text)
    for state, count in (("changed", 22), ("kept", 3), ("reviewed", 25)):
        assert f"{count} items<" in show(olga, made, f"?state={state}", "items")


def test_choosing_the_class_that_stands_already_keeps_it_and_a_tie_that_gets_a_label_is_settled(
    database: Database, make_project: Make, answer: Give, sign_in: SignIn, cast: dict[str, int]
) -> None:
    from labeler.decisions.actions import Decision
    from labeler.decisions.outcomes import Decided, decided
    from labeler.projects.models import Project

    made, olga = make_project(items=6, given="cat"), sign_in("olga")
    answer(made, "ann", ["cat"])
    answer(made, "bob", ["dog"])
    cat, dog = code(database, made, "cat"), code(database, made, "dog")
    said = [("relabel", dog), ("relabel", cat), ("relabel", dog), ("exclude", ""), ("send_back", ""), ("ambiguous", "")]
    with database.write() as session:
        project = session.get_one(Project, made.id)
        for number, (verb, label) in enumerate(said):
            soft = {cat: 0.5, dog: 0.5} if verb == "ambiguous" else None
            decision = Decision(f"decide-{number}", made.items[number], verb, code=label, soft=soft)
            workflow.resolve(session, project, decision, by=cast["olga"])
    with database.read() as session:
        found = decided(session, made.id)
    assert found == Decided(changed=1, kept=1, settled=1, excluded=1, sent_back=1, ambiguous=1)
    for state in ("changed", "kept", "settled", "excluded", "sent_back", "ambiguous"):
        assert "1 item<" in show(olga, made, f"?state={state}", "items")

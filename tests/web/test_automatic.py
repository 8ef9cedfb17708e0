"""Automatic labels on their page: what the model could label, starting the check, what became of it, taking it back."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.audits.models import Audit
from labeler.automatic import actions, queries
from labeler.automatic.models import STANDS
from labeler.projects.models import Project
from labeler.projects.queries import Question
from labeler.statistics.remaining_error import remaining_error
from labeler.storage.database import Database
from tests.conftest import LEASE, NOW, Made
from tests.workflow.sure_model import sure_of

Make = Callable[..., Made]
Sign = Callable[[str], FlaskClient]


@pytest.fixture
def made(make_project: Make, database: Database) -> Made:
    made = make_project("many", items=160, votes=1)
    with database.write() as session:
        sure_of(session, made, dict.fromkeys(made.items[:150], 0.999))
    return made


def test_a_lead_sees_what_could_be_labeled_and_starts_the_check(sign_in: Sign, made: Made) -> None:
    lead = sign_in("olga")
    page = lead.get(f"/p/{made.slug}/automatic").text
    assert "99.9%" in page
    assert page.count('name="classes"') == 1  # only cats: of the others there is too little
    started = lead.post(f"/p/{made.slug}/automatic", data={"classes": ["1"], "target": "95"})
    assert started.location.endswith(f"/p/{made.slug}/audits/1")
    page = lead.get(f"/p/{made.slug}/automatic").text
    assert "Being checked" in page
    assert 'name="classes"' not in page  # one audit at a time
    again = lead.post(f"/p/{made.slug}/automatic", data={"classes": ["1"], "target": "95"}, follow_redirects=True).text
    assert "too little" in again


def test_a_target_that_the_model_does_not_reach_offers_nothing(sign_in: Sign, made: Made) -> None:
    page = sign_in("olga").get(f"/p/{made.slug}/automatic?target=99,9").text
    assert 'name="classes"' not in page
    assert "more would have to be checked" in page


def test_labels_that_stand_are_marked_and_can_be_taken_back(sign_in: Sign, made: Made, database: Database) -> None:
    with database.write() as session:
        here = session.get_one(Project, made.id)
        audit = workflow.propose_labels(session, here, ["1"], target=0.95, by=1, seed=1, now=NOW)
        (batch,) = queries.batches_in_audit(session, audit.id)
        actions.settle(session, batch, dict.fromkeys(made.items[:60], True), complete=True, now=NOW)
        assert batch.state == STANDS
        workflow.stop_audit(session, here, audit, by=1)
    lead = sign_in("olga")
    page = lead.get(f"/p/{made.slug}/automatic").text
    assert "150 of 150" in page
    assert 'class="note">by the model</span>' in lead.get(f"/p/{made.slug}/items?state=automatic").text
    assert "150 of these labels are the model" in lead.get(f"/p/{made.slug}/").text
    assert "enough of these are right" in lead.get(f"/p/{made.slug}/items/{made.items[0]}").text
    taken = lead.post(f"/p/{made.slug}/automatic/1/take-back", follow_redirects=True).text
    assert "150 labels were taken back" in taken
    assert "Taken back" in taken
    assert "No item fits all of this." in lead.get(f"/p/{made.slug}/items?state=automatic").text


def test_the_result_of_its_audit_says_what_the_page_says(
    sign_in: Sign, made: Made, database: Database, cast: dict[str, int]
) -> None:
    with database.write() as session:
        here = session.get_one(Project, made.id)
        audit = workflow.propose_labels(session, here, ["1"], target=0.95, by=1, seed=1, spacing=None, now=NOW)
        held = workflow.serve_audit(session, audit, cast["rita"], count=100, lease=LEASE, now=NOW)
        question = Question.of(session, here)
        answers = [Answer(f"key-{n:06d}", one[0].id, {"label": "cat"}) for n, one in enumerate(held)]
        workflow.submit(session, question, cast["rita"], answers, now=NOW)
        assert remaining_error(session, here).running is None  # that one is not about the project's labels
    with database.write() as session:
        here = session.get_one(Project, made.id)
        workflow.finish_audit(session, here, session.get_one(Audit, audit.id), by=1)
    lead = sign_in("olga")
    result, page = (lead.get(f"/p/{made.slug}/{path}").text for path in ("audits/1", "automatic"))
    for text in (result, page):
        assert "Stands" in text
        assert "95.0%" in text  # of 59, none wrong: 0.05 ** (1 / 59) = 0.9505
    assert "Not settled" not in result  # a range with two sides says less, and would contradict
    assert "0 of 59" in page


def test_only_leads_see_it(sign_in: Sign, made: Made) -> None:
    assert sign_in("ann").get(f"/p/{made.slug}/automatic").status_code in {403, 404}

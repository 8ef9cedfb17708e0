"""A lead's pages of projects whose answers have parts."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.annotations.actions import Answer
from labeler.exchange.rows import Row
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Project
from labeler.projects.queries import Question, classes_of
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.task_types.spans.runs import Run, runs_of
from tests.conftest import NOW, Made
from tests.review.suspects import Suspect, add_pass
from tests.storage.pictures import encoded, gradient
from tests.test_workflow_parts import ANSWERS, TEXT
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
PAGES = ("", "/items", "/disagreements", "/review", "/annotators", "/exports", "/people", "/settings", "/data")


@pytest.fixture(params=ANSWERS)
def tied(request: pytest.FixtureRequest, database: Database, files: FileStore, cast: dict[str, int]) -> Made:
    """Return a project with one item on which Ann and Bob do not agree."""
    text = request.param in {"multilabel", "spans"}
    with database.write() as session:
        new = NewProject(request.param, "text" if text else "image", request.param, [("cat", ""), ("dog", "")], votes=2)
        project = create_project(session, new, by=cast["olga"], now=NOW)
        for name, role in (("olga", "lead"), ("ann", "annotator"), ("bob", "annotator")):
            accounts.set_member(session, project.id, cast[name], role=role, now=NOW)
        made = Made(project.id, project.slug, [1])
    picture = encoded(gradient(80, 60))
    row = Row(1, "one", TEXT if text else None, None if text else lambda: picture, None, {})
    workflow.import_items(database, files, made.id, [row], workflow.ImportPlan("x", "csv"))
    first, _, other = ANSWERS[request.param]
    for name, value in (("ann", first), ("bob", other)):
        with database.write() as session:
            held = workflow.serve(session, made.id, cast[name], count=1, lease=timedelta(minutes=9))[0]
            question = Question.of(session, session.get_one(Project, made.id))
            answer = Answer(f"key-of-{name}", held.assignment.id, value)
            assert workflow.submit(session, question, cast[name], [answer])[0].status == "created"
    return made


def test_every_page_of_the_lead_opens(tied: Made, sign_in: SignIn) -> None:
    client = sign_in("olga")
    for page in (*PAGES, f"/items/{tied.items[0]}"):
        response = client.get(f"/p/{tied.slug}{page}", follow_redirects=True)
        assert response.status_code == 200, (page, response.text[:300])
        inspect(response.text)


def test_the_answer_of_one_voter_can_be_taken(tied: Made, sign_in: SignIn) -> None:
    client = sign_in("olga")
    html = client.get(f"/p/{tied.slug}/disagreements").text
    taken = re.findall(r'value="relabel:(\w+)"', html)
    assert len(taken) == 2
    fields = {name: re.search(rf'name="{name}"\s+value="([^"]*)"', html)[1] for name in ("item", "key", "stood")}  # type: ignore[index]
    client.post(f"/p/{tied.slug}/disagreements/decide", data=fields | {"decision": f"relabel:{taken[1]}"})
    data = client.get(f"/api/v1/projects/{tied.slug}/items").get_json()["data"]
    assert data[0]["final_value"] == ANSWERS[tied.slug][2]
    assert data[0]["state"] == "reviewed"
    wrong = fields | {"decision": "relabel:h0000", "key": "another-key"}
    page = client.post(f"/p/{tied.slug}/disagreements/decide", data=wrong, follow_redirects=True).text
    assert "Nobody gave this answer" in page


def test_a_card_says_nothing_of_the_label_at_the_check_and_is_found_by_a_class(
    tied: Made, sign_in: SignIn, database: Database
) -> None:
    client = sign_in("olga")
    add_pass(database, tied, [Suspect(0, "outlier")])
    item = {"key": "review-key-1", "item": tied.items[0], "decision": "relabel", "value": ANSWERS[tied.slug][0]}
    assert client.post(f"/api/v1/projects/{tied.slug}/reviews", json=item).status_code == 201
    page = client.get(f"/p/{tied.slug}/review?item={tied.items[0]}").text
    assert "Outlier" in page
    assert "When the labels were checked" not in page
    assert client.post(f"/p/{tied.slug}/review/undo").status_code == 303
    with database.read() as session:
        codes = classes_of(session, tied.id).by_name
    for name in ("cat", "dog"):
        assert "Nothing" in client.get(f"/p/{tied.slug}/review?label={codes[name]}").text  # a tie is no label
        assert f"/items/{tied.items[0]}" in client.get(f"/p/{tied.slug}/items?vote={codes['cat']}").text


def test_the_api_speaks_of_values(tied: Made, sign_in: SignIn) -> None:
    client = sign_in("olga")
    consensus = client.get(f"/api/v1/projects/{tied.slug}/consensus").get_json()["data"][0]
    assert (consensus["value"], consensus["differ"]) == (None, True)
    agreement = client.get(f"/api/v1/projects/{tied.slug}/agreement").get_json()
    assert agreement["measure"] == ("krippendorff_alpha_masi" if tied.slug == "multilabel" else "f1")
    answers = client.get(f"/api/v1/projects/{tied.slug}/annotations").get_json()["data"]
    assert [one["value"] for one in answers] == [ANSWERS[tied.slug][0], ANSWERS[tied.slug][2]]
    item = {"key": "review-key-1", "item": tied.items[0], "decision": "relabel", "value": ANSWERS[tied.slug][1]}
    assert client.post(f"/api/v1/projects/{tied.slug}/reviews", json=item).status_code == 201


def test_a_text_is_cut_into_runs_that_are_marked_alike() -> None:
    spans = [{"label": "A", "start": 2, "end": 6}, {"label": "B", "start": 4, "end": 6}]
    assert runs_of("ab👩def gh", spans) == [
        Run("ab", (), ()),
        Run("👩d", ("A",), ()),
        Run("ef", ("B", "A"), ("B", "A")),
        Run(" gh", (), ()),
    ]

"""The consensus of a whole project: what a check stores, what it rests on, and what the page of an item says of it."""

import html
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.audits.models import LABELS, Audit, AuditItem
from labeler.consensus.actions import infer
from labeler.consensus.known import CheckedLabel, Known, ModelShares
from labeler.consensus.models import ItemConsensus
from labeler.projects.models import Project
from labeler.projects.queries import Question, classes_of
from labeler.quality.models import Inspection
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import LEASE, NOW, Made

Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]
ITEMS = 60
TRUE = ["cat", "dog"] * (ITEMS // 2)
ANN = TRUE
BOB = ["neither" if n % 10 == 3 else label for n, label in enumerate(TRUE)]


@pytest.fixture
def answered(make_project: Make, answer: Give) -> Made:
    """Two people, one of whom says "neither" every tenth time."""
    made = make_project(items=ITEMS)
    answer(made, "ann", ANN)
    answer(made, "bob", BOB)
    return made


def stored(database: Database, made: Made) -> dict[int, ItemConsensus]:
    with database.read() as session:
        return {
            row.item_id: row
            for row in session.scalars(select(ItemConsensus).where(ItemConsensus.project_id == made.id))
        }


def test_a_check_weighs_who_gave_which_answer_and_keeps_what_that_rests_on(
    database: Database, files: FileStore, cast: dict[str, int], answered: Made
) -> None:
    before = stored(database, answered)
    run = workflow.inspect(database, files, answered.id)
    after = stored(database, answered)
    with database.read() as session:
        told = session.get_one(Inspection, run).summary
    assert {row.method for row in before.values()} == {"majority"}
    assert {row.method for row in after.values()} == {"tempered_dawid_skene"}
    assert told["consensus_method"] == "tempered_dawid_skene"
    assert set(told["consensus"]["right"]) == {str(cast["ann"]), str(cast["bob"])}
    assert told["consensus"]["each"] == ITEMS
    assert all(after[item].code == "" for n, item in enumerate(answered.items) if n % 10 == 3)  # two equals differ


def test_an_answer_after_the_check_counts_at_once_and_is_weighed_by_the_next(
    database: Database, files: FileStore, cast: dict[str, int], answered: Made
) -> None:
    workflow.inspect(database, files, answered.id)
    with database.write() as session:
        project = session.get_one(Project, answered.id)
        workflow.change_votes(session, project, 3)
        held = workflow.serve(session, answered.id, cast["olga"], count=1, lease=LEASE)[0]
        said = Answer("key-olga-1", held.assignment.id, {"label": "cat"}, seconds=1.0)
        workflow.submit(session, Question.of(session, project), cast["olga"], [said])
    item = held.item.id
    assert (stored(database, answered)[item].method, stored(database, answered)[item].votes) == ("majority", 3)
    workflow.inspect(database, files, answered.id)
    assert stored(database, answered)[item].method == "tempered_dawid_skene"


def test_a_project_without_answers_has_no_consensus_to_speak_of(
    database: Database, files: FileStore, make_project: Make
) -> None:
    made = make_project(items=3)
    run = workflow.inspect(database, files, made.id)
    with database.read() as session:
        assert session.get_one(Inspection, run).summary["consensus_method"] == ""


def test_audits_that_find_labels_wrong_make_the_consensus_less_sure(
    database: Database, files: FileStore, answered: Made
) -> None:
    workflow.inspect(database, files, answered.id)
    before = stored(database, answered)
    with database.write() as session:
        codes = classes_of(session, answered.id).by_name
        audit = Audit(
            project_id=answered.id, number=1, about=LABELS, state="finished", population=ITEMS, seed=1, maximum=0.05
        )
        audit.started_at = audit.closed_at = NOW
        session.add(audit)
        session.flush()
        agreed = [item for item in answered.items if before[item].code][:20]
        for place, item in enumerate(agreed):
            wrong = place % 2 == 0
            session.add(
                AuditItem(
                    audit_id=audit.id,
                    project_id=answered.id,
                    item_id=item,
                    position=place,
                    weight=1.0,
                    group="unflagged",
                    code=before[item].code,
                    outcome="wrong" if wrong else "right",
                    right_code=codes["neither"] if wrong and place % 4 else "",
                )
            )
    run = workflow.inspect(database, files, answered.id)
    after = stored(database, answered)
    last = answered.items[-1]
    assert (after[last].code, before[last].code) == (before[last].code, after[last].code)
    assert after[last].confidence < before[last].confidence - 0.1
    with database.read() as session:
        assert session.get_one(Inspection, run).summary["consensus"]["checked"] == 20


def test_a_model_that_tells_is_heard_and_one_that_does_not_is_not(database: Database, answered: Made) -> None:
    with database.read() as session:
        names = classes_of(session, answered.id).names
    right = np.array([[0.9 if name == label else 0.05 for name in names] for label in TRUE])
    model = ModelShares(answered.items, right, check=7)
    heard = infer(database, answered.id, Known(model))
    assert (heard.content_weight > 0.2, heard.content_from) == (True, 7)
    sure = {item: row.confidence for item, row in stored(database, answered).items()}
    noise = ModelShares(answered.items, np.random.default_rng(0).permutation(right), check=7)
    assert infer(database, answered.id, Known(noise)).content_weight < 0.1
    alone = {item: row.confidence for item, row in stored(database, answered).items()}
    assert np.mean(list(sure.values())) > np.mean(list(alone.values()))


def test_checked_items_that_nobody_answered_are_left_out(database: Database, answered: Made) -> None:
    found = infer(database, answered.id, Known(checked=[CheckedLabel(10**6, "1", wrong=False, weight=1.0)]))
    assert found.checked == 0


def said(client: FlaskClient, made: Made, item: int) -> list[str]:
    page = client.get(f"/p/{made.slug}/items/{item}").text
    found = re.search(r'class="why-consensus".*?</ul>', page, re.DOTALL)
    return [html.unescape(one) for one in re.findall(r'<li class="note">(.*?)</li>', found[0])] if found else []


def test_the_page_of_an_item_says_why_it_has_its_label(
    database: Database, files: FileStore, answered: Made, sign_in: Callable[[str], FlaskClient]
) -> None:
    client = sign_in("olga")
    assert said(client, answered, answered.items[0])[0] == "All 2 answers say the same."
    assert "only counted" in said(client, answered, answered.items[0])[-1]
    workflow.inspect(database, files, answered.id)
    lines = said(client, answered, answered.items[3])
    assert sorted(line.split(" ")[0] for line in lines[:2]) == ["Ann", "Bob"]
    assert re.fullmatch(r"Ann \(\d+%\) said dog\.", next(line for line in lines if line.startswith("Ann")))
    assert any("so a lead decides" in line for line in lines)


def test_the_page_says_it_in_german_too(
    database: Database, files: FileStore, answered: Made, sign_in: Callable[[str], FlaskClient]
) -> None:
    workflow.inspect(database, files, answered.id)
    client: Any = sign_in("olga")
    page = client.get(f"/p/{answered.slug}/items/{answered.items[0]}", headers={"Accept-Language": "de"}).text
    assert "Alle 2 Antworten sagen dasselbe." in html.unescape(page)

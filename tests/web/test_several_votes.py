"""One number for one flag wherever it stands, and words about people that are true as they stand."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from labeler import workflow
from labeler.decisions.actions import Decision
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.quality.flag_rows import all_scores, worst_flags
from labeler.quality.models import Flag
from labeler.statistics.counts import Mistaken, Person, ProjectCounts
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.web.dashboard.annotators import annotator_rows
from tests.conftest import Made


def test_card_item_page_api_and_command_line_say_the_same_number(
    *,
    database: Database,
    files: FileStore,
    cast: dict[str, int],
    make_project: Callable[..., Made],
    answer: Callable[[Made, str, list[str]], Any],
    sign_in: Callable[[str], FlaskClient],
    bearer: Callable[[str], dict[str, str]],
) -> None:
    made = make_project(items=60)
    for name in ("ann", "bob"):
        answer(made, name, ["cat", "dog"] * 30)
    with database.write() as session:  # a lead decides against both
        dog = classes_of(session, made.id).by_name["dog"]
        decision = Decision("key-against", made.items[0], "relabel", dog)
        workflow.resolve(session, session.get_one(Project, made.id), decision, by=cast["olga"])
    run = workflow.inspect(database, files, made.id)
    with database.read() as session:
        flag = session.scalars(select(Flag).where(Flag.inspection_id == run, Flag.kind == "label_error")).one()
        listed = [row for row in worst_flags(session, made.id, run) if row.kind == "label_error"]
        scored = {row.item: row.score for row in all_scores(session, made.id, run)}
    assert flag.item_id == made.items[0]
    assert 0.5 < flag.confidence <= flag.score
    assert [row.score for row in listed] == [round(flag.score, 6)] == [scored[flag.item_id]]
    client = sign_in("olga")
    sent: Any = client.get(f"/api/v1/projects/{made.slug}/flags?kind=label_error", headers=bearer("olga")).json
    assert [(one["score"], one["confidence"]) for one in sent["data"]] == [(round(flag.score, 6), flag.confidence)]
    item = client.get(f"/p/{made.slug}/items/{flag.item_id}").text
    assert "strong suspicion" in item  # one decision is too few to know a probability
    with database.write() as session:
        workflow.take_back(session, session.get_one(Project, made.id), cast["olga"])
    card = client.get(f"/p/{made.slug}/review?item={flag.item_id}").text
    assert "agrees" not in re.sub(r"<[^>]+>", " ", card[card.index('class="votes"') :])


@pytest.mark.parametrize(
    ("right", "judged", "words"),
    [
        (45, 90, "Others chose otherwise in 50%"),
        (4, 9, None),  # too few
        (60, 90, None),  # below 70 %, but not surely
        (90, 90, None),  # nobody is called reliable
    ],
)
def test_of_a_person_only_clear_disagreement_is_said(app: Any, right: int, judged: int, words: str | None) -> None:
    flag = flag_of(app, person(right, judged))
    assert (flag.words if flag else None) == words


def test_a_mix_up_is_counted_and_needs_to_stand_out(app: Any) -> None:
    often, seldom = Mistaken(0, 1, 12, 100), Mistaken(0, 1, 5, 100)
    mixed = ((370, 30, 0), (0, 300, 0), (0, 0, 300))
    flag = flag_of(app, person(280, 300, often), mixed)
    assert flag
    assert flag.words == "cat answered as dog: 12 of 100"
    assert flag_of(app, person(280, 300, seldom), ((370, 8, 0), *mixed[1:])) is None


def person(right: int, judged: int, *mistaken: Mistaken) -> Person:
    return Person(7, judged, 600.0, judged, right, judged, 0, 0, 0, tuple(mistaken))


def flag_of(app: Any, one: Person, mixed: tuple[tuple[int, ...], ...] = ()) -> Any:
    tally = ProjectCounts(9, 9, 9, (), mixed, 0, 0, 0, 0, 0, 0.0, None, (), (one, person(95, 100)))
    classes: Any = SimpleNamespace(names=("cat", "dog", "neither"), codes=("1", "2", "3"))
    with app.test_request_context():
        return annotator_rows(tally, "pets", {7: "Ann"}, classes)[0].flag

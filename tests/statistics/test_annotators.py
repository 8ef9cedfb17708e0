"""The figures of annotators: who is compared with whom, what is judged, and lists as long as their counts."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.annotations.actions import Answer, Given, add_annotations, row_of
from labeler.annotations.queries import counted_of_items
from labeler.assignment.actions import add_answered
from labeler.measures.accuracy import Accuracy
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.statistics.annotator_reads import Everybody, read_everybody
from labeler.statistics.annotators import AnnotatorFigures
from labeler.statistics.answer_lists import Wanted, answer_ids
from labeler.statistics.pace import pace
from labeler.statistics.since_alarm import since_alarm
from labeler.statistics.snapshot import read_snapshot
from labeler.storage.database import Database
from labeler.workflow.settling import Moved, settle_all
from tests.conftest import NOW, Made

Make = Callable[..., Made]
ITEMS = 120


def give(database: Database, made: Made, user: int, labels: list[str], seconds: list[float]) -> None:
    """Let somebody answer the first items in order, one a minute: all in one step, as tests of numbers need many."""
    with database.write() as session:
        question = Question.of(session, session.get_one(Project, made.id))
        these = made.items[: len(labels)]
        holds = add_answered(session, made.id, [(item, user, True) for item in these], NOW)
        before = counted_of_items(session, these)
        rows = []
        for place, item in enumerate(these):
            answer = Answer(f"by-{user}-{place:04d}", holds[place], {"label": labels[place]}, seconds=seconds[place])
            given, at = Given(holds[place], made.id, item, user), NOW + timedelta(minutes=place)
            code = question.classes.by_name[labels[place]]
            rows.append(
                row_of(answer, given, code=code, status="counted", version=1, fingerprint=answer.fingerprint, now=at)
                | {"value": None}
            )
        add_annotations(session, rows)
        after = counted_of_items(session, these)
        items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(these)))}
        settle_all(session, question, [Moved(items[item], before[item], after[item]) for item in these], now=NOW)


@pytest.fixture
def made(database: Database, cast: dict[str, int], make_project: Make) -> Made:
    """Olga and Bob answer what is right; Ann does so for 85 items, and then only ever says "dog", in no time."""
    made = make_project("look", items=ITEMS, votes=3)
    right = ["cat", "dog", "neither", "cat"] * (ITEMS // 4)
    give(database, made, cast["olga"], right, [4.0] * ITEMS)
    give(database, made, cast["bob"], right, [5.0] * ITEMS)
    give(database, made, cast["ann"], right[:85] + ["dog"] * 35, [4.0] * 85 + [1.0] * 35)
    return made


def read(session: Session, made: Made) -> Everybody:
    project = session.get_one(Project, made.id)
    return read_everybody(session, classes_of(session, made.id), read_snapshot(session, project))


def of(found: Everybody, user: int) -> AnnotatorFigures:
    one = found.one(user)
    assert one is not None
    return one


def test_a_change_of_care_is_an_alarm_that_says_when_it_began(
    database: Database, cast: dict[str, int], made: Made
) -> None:
    with database.read() as session:
        found = read(session, made)
    ann, bob = of(found, cast["ann"]), of(found, cast["bob"])
    assert ann.alarm is not None
    assert ann.alarm.since in {85, 86}  # of the first four since, three are wrong
    assert ann.please_look
    assert not bob.please_look
    assert bob.alarm is None
    since = since_alarm(found.compared, ann, found.checked)
    assert since is not None
    assert since.first == ann.judged.id[ann.alarm.since]
    assert not since.harder
    assert since.others_since == 0


def test_haste_and_pattern_are_two_signs(database: Database, cast: dict[str, int], made: Made) -> None:
    with database.read() as session:
        found = read(session, made)
    kinds = {sign.kind for sign in of(found, cast["ann"]).signs}
    assert {"fast", "run"} <= kinds
    assert of(found, cast["bob"]).signs == ()


def test_the_mix_up_that_stands_out_has_the_others_rate(database: Database, cast: dict[str, int], made: Made) -> None:
    with database.read() as session:
        found = read(session, made)
    ann = of(found, cast["ann"])
    by_cell = {(one.truth, one.answered): one for one in ann.mix_ups}
    assert by_cell.keys() == {(0, 1), (2, 1)}  # cat and neither, answered as dog
    assert (by_cell[0, 1].of, by_cell[2, 1].of) == (60, 30)
    assert by_cell[0, 1].usual == 0
    assert ann.mix_ups[0].share == max(one.share for one in ann.mix_ups)
    assert ann.stands_out is None  # from 100 answers to a class on
    assert of(found, cast["olga"]).mix_ups == ()


def test_every_list_is_as_long_as_its_count(database: Database, cast: dict[str, int], made: Made) -> None:
    with database.read() as session:
        found = read(session, made)
    for name in ("ann", "bob", "olga"):
        one = of(found, cast[name])
        person = one.person

        def count(one: AnnotatorFigures = one, **wanted: object) -> int:
            return len(answer_ids(found.books, found.compared, one, found.checked, Wanted(**wanted)))  # type: ignore[arg-type]

        assert count() == person.answers
        assert count(only="compared") == person.compared
        assert count(only="same") == person.agreed
        assert count(only="differs") == person.compared - person.agreed
        assert count(only="wrong") == one.judged.wrong.sum()
        assert count(only="checked") == one.checked.together.of == 0
        for mix_up in one.mix_ups:
            assert count(others=mix_up.truth, said=mix_up.answered) == mix_up.count


def test_pace_is_beside_the_others_on_the_same_items(database: Database, cast: dict[str, int], made: Made) -> None:
    with database.read() as session:
        found = read(session, made)
    points = pace(found.compared, cast["ann"])
    assert (points[0].own, points[-1].own) == (4.0, 1.0)
    assert points[-1].others == np.median([4.0] * 40 + [5.0] * 40)
    assert pace(found.compared, 0) == []


def test_nobody_is_compared_with_their_own_answer(
    database: Database, cast: dict[str, int], make_project: Make, answer: Callable[..., object]
) -> None:
    made = make_project("alone", items=12, votes=2)
    answer(made, "ann", ["cat"] * 12)
    with database.read() as session:
        one = of(read(session, made), cast["ann"])
    assert one.person.compared == 0
    assert len(one.judged.id) == 0
    assert one.drift is None
    assert one.checked.together == Accuracy(0, 0)

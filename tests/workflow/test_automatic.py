"""Labels of the model: they stand only where an audit showed that enough are right, and go when one shows otherwise."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.assignment.queries import recount as recount_slots
from labeler.audits import queries as audit_queries
from labeler.audits.actions import Plan
from labeler.automatic import queries
from labeler.automatic.models import AutomaticBatch
from labeler.config import Settings
from labeler.decisions import final
from labeler.decisions.actions import Decision
from labeler.errors import Conflict, Invalid
from labeler.projects.models import Item
from labeler.projects.queries import classes_of
from labeler.statistics.snapshot import open_items
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.workflow.classes import ClassEdit
from tests.conftest import LEASE, NOW, Made
from tests.workflow.sure_model import sure_of
from tests.workflow.test_audits import World

Make = Callable[..., Made]
MANY = 150


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


@pytest.fixture
def world(database: Database, make_project: Make, cast: dict[str, int]) -> World:
    """Items nobody answered; the model is sure that all but the last ten are cats."""
    made = World(database, make_project(items=MANY + 10, votes=1), cast)
    with database.write() as session:
        sure_of(session, made.made, dict.fromkeys(made.made.items[:MANY], 0.999))
    return made


def propose(world: World, name: str = "cat", target: float = 0.95) -> int:
    with world.database.write() as session:
        code = classes_of(session, world.made.id).by_name[name]
        here = world.project(session)
        audit = workflow.propose_labels(
            session, here, [code], target=target, by=world.cast["olga"], seed=3, spacing=0, now=NOW
        )
        return audit.id


def check(world: World, wrong: int, who: str = "rita") -> list[int]:
    """Answer what the audit asks, so many of it otherwise than the model, and close it; returns what it asked."""
    with world.database.read() as session:
        asked = [one.item_id for one in audit_queries.items_of(session, world.audit(session))]
    labels = dict.fromkeys(asked[:wrong], "dog")
    with world.database.write() as session:
        audit, person = world.audit(session), world.cast[who]
        held = workflow.serve_audit(session, audit, person, count=len(asked), lease=LEASE, now=NOW)
        found = [(one[0].id, one[1].id) for one in held]
    for assignment, item in found:
        world.submit(who, assignment, labels.get(item, "cat"))
    assert world.progress().open == 0
    for item in asked[:wrong]:
        world.decide(item, "dog")
    world.finish()
    return asked


def batches(world: World) -> list[AutomaticBatch]:
    with world.database.read() as session:
        return list(queries.batches_of(session, world.made.id))


def sources(world: World) -> dict[int, tuple[str, str]]:
    with world.database.read() as session:
        classes = classes_of(session, world.made.id)
        found = final.standings(session, world.made.id)
        return {one.item_id: (one.source, classes.name_of(one.final) or "") for one in found}


def slots_are_right(world: World) -> None:
    with world.database.read() as session:
        project = world.project(session)
        assert recount_slots(session, project, sorted(final.excluded_items(session, project.id))) == {}


def test_labels_stand_once_an_audit_showed_that_enough_are_right_and_nobody_is_asked_about_them_any_more(
    world: World,
) -> None:
    propose(world)
    assert set(sources(world).values()) == {("", "")}  # nothing stands while they are checked
    asked = check(world, wrong=0)
    (batch,) = batches(world)
    assert (batch.state, batch.labels, batch.checked, batch.wrong) == ("stands", MANY, len(asked), 0)
    assert 59 <= len(asked) < MANY
    found = sources(world)
    assert {item for item, one in found.items() if one == ("automatic", "cat")} == set(world.made.items[:MANY])
    slots_are_right(world)
    rest = [one.item.id for one in world.serve("bob", 50)]
    assert rest == world.made.items[MANY:]
    with world.database.read() as session:
        assert queries.standing_labels(session, world.made.id) == MANY
        assert open_items(session, world.made.id) == 10


def test_nothing_stands_where_too_many_were_wrong_or_the_audit_was_closed_early_or_stopped(world: World) -> None:
    propose(world)
    check(world, wrong=8)
    assert batches(world)[0].state == "failed"
    propose(world)
    assert world.answers("bob", {})
    world.finish()  # closed before everything was answered: who closes may have seen how it goes
    assert batches(world)[0].state == "failed"
    propose(world)
    with world.database.write() as session:
        workflow.stop_audit(session, world.project(session), world.audit(session), by=world.cast["olga"])
    assert batches(world)[0].state == "stopped"
    assert set(sources(world).values()) == {("", "")}
    slots_are_right(world)


def test_a_label_that_its_audit_found_wrong_does_not_stand_with_the_others(world: World) -> None:
    with world.database.write() as session:
        sure_of(session, world.made, dict.fromkeys(world.made.items[:MANY], 0.985))
    propose(world, target=0.9)
    asked = check(world, wrong=1)
    found = sources(world)
    assert batches(world)[0].state == "stands"
    assert found[asked[0]] == ("", "")
    assert found[asked[1]] == ("automatic", "cat")
    slots_are_right(world)


def test_labels_are_taken_back_by_a_lead_and_by_a_later_audit(world: World) -> None:
    propose(world)
    check(world, wrong=0)
    with world.database.write() as session:
        here = world.project(session)
        batch = queries.batch_in(session, here.id, 1)
        excluded = Decision("decision-1", world.made.items[0], "exclude")
        workflow.resolve(session, here, excluded, by=world.cast["olga"])
        assert workflow.take_back_automatic(session, here, batch) == MANY
    assert batches(world)[0].state == "taken_back"
    slots_are_right(world)
    with world.database.write() as session, pytest.raises(Conflict):
        workflow.take_back_automatic(session, world.project(session), queries.batch_in(session, world.made.id, 1))
    propose(world)
    check(world, wrong=0, who="ann")
    world.start(size=100, spacing=0)
    check(world, wrong=12, who="bob")
    assert [one.state for one in batches(world)] == ["taken_back", "taken_back"]
    assert not {source for source, _ in sources(world).values()} & {"automatic"}
    slots_are_right(world)
    assert len(world.serve("ann", 50)) == 50


def test_an_audit_that_finds_them_right_only_makes_it_surer(world: World) -> None:
    propose(world)
    asked = check(world, wrong=0)
    world.start(size=20, spacing=0)
    check(world, wrong=0, who="ann")
    (batch,) = batches(world)
    assert (batch.state, batch.checked) == ("stands", len(asked) + 20)


def test_a_persons_answer_takes_the_place_of_the_models_label(world: World) -> None:
    held = world.serve("bob", 1)[0]  # before anything stands
    propose(world)
    check(world, wrong=0)  # what he holds and is drawn is given back, and his answer is on its way
    assert sources(world)[held.item.id] == ("automatic", "cat")
    world.submit("bob", held.assignment.id, "dog")
    assert sources(world)[held.item.id] == ("consensus", "dog")
    slots_are_right(world)
    with world.database.write() as session:  # and a lead may ask for an answer to any of them
        other = world.made.items[5]
        workflow.resolve(session, world.project(session), Decision("decision-1", other, "send_back"), by=1)
    assert other in {one.item.id for one in world.serve("ann", 5)}
    slots_are_right(world)


def test_the_model_is_not_taught_by_its_own_labels(world: World, tmp_path: Path) -> None:
    from labeler.quality.input import current_dataset

    propose(world)
    check(world, wrong=0)
    with world.database.read() as session:
        classes = classes_of(session, world.made.id)
        data = current_dataset(session, FileStore(tmp_path), world.made.id, classes)
    assert set(data.label_codes) == {""}


def test_a_project_says_what_it_cannot_propose(world: World) -> None:
    with pytest.raises(Invalid, match="too little"):
        propose(world, "dog")
    with pytest.raises(Invalid):
        propose(world, target=1.0)
    propose(world)
    with pytest.raises(Invalid, match="too little"):
        propose(world)  # what is being checked is not proposed again


def test_labels_of_the_model_follow_their_class(world: World) -> None:
    propose(world)
    check(world, wrong=0)
    with world.database.write() as session:
        here = world.project(session)
        ids = {row.name: row.id for row in classes_of(session, here.id).rows}
        with pytest.raises(Invalid, match="in use"):
            workflow.edit_classes(session, here, ClassEdit(removed=[ids["cat"]]))
        workflow.edit_classes(session, here, ClassEdit(merged={ids["cat"]: ids["dog"]}))
    assert {one for one in sources(world).values() if one[0]} == {("automatic", "dog")}
    with world.database.read() as session:
        assert set(session.scalars(select(Item.automatic_code))) == {str(ids["dog"]), ""}
        assert queries.labeled_by(session, batches(world)[0]) == set(world.made.items[:MANY])


def test_an_audit_of_proposals_says_nothing_of_the_projects_labels(world: World) -> None:
    propose(world)
    check(world, wrong=0)
    with world.database.read() as session:
        assert audit_queries.latest_finished(session, world.made.id) is None
        assert audit_queries.audited_labels(session, world.made.id) == []
    world.start(size=10, spacing=0)
    with world.database.read() as session:
        assert world.audit(session).about == "labels"
    assert Plan(1, 0.1).about == "labels"

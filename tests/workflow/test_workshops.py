"""A rule about two classes is saved, items near the border are asked again, and both are taken back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.annotations.actions import Answer
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.errors import Conflict, Invalid
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of, guideline_of
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.workshops.queries import pair_counts, workshops_of
from tests.conftest import LEASE, NOW, PASSWORD

ANSWERS = {"ann": "cat cat dog cat cat", "bob": "dog cat cat cat dog"}  # items 0, 2 and 4 were called both


class World:
    """Five items that Ann and Bob answered; Rita has seen none of them."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        with database.write() as session:
            self.people = {
                name: accounts.add_user(
                    session, f"{name}@example.org", role="annotator", password=PASSWORD, name=name, now=NOW
                ).id
                for name in ("olga", "ann", "bob", "rita")
            }
            new = projects.NewProject(
                "pets", "text", "classification", [("cat", ""), ("dog", "")], votes=2, guidelines="# Look"
            )
            self.project = projects.create_project(session, new, by=self.people["olga"], now=NOW).id
            for name in ("ann", "bob", "rita"):
                accounts.set_member(session, self.project, self.people[name], role="annotator", now=NOW)
            accounts.set_member(session, self.project, self.people["olga"], role="lead", now=NOW)
        rows = [Row(n + 1, f"e{n}", f"Text {n}.", None, None, {}) for n in range(5)]
        files = FileStore.of(settings)
        workflow.import_items(database, files, self.project, rows, workflow.ImportPlan("items.csv", "csv"))
        with database.read() as session:
            here = Item.project_id == self.project
            self.items = list(session.scalars(select(Item.id).where(here).order_by(Item.id)))
            self.codes = classes_of(session, self.project).by_name
        for name, said in ANSWERS.items():
            self.answer(name, said.split())

    def answer(self, name: str, labels: list[str]) -> list[int]:
        """Let somebody answer what they are handed next; return which items that were."""
        with self.database.write() as session:
            held = workflow.serve(session, self.project, self.people[name], count=len(labels), lease=LEASE)
            question = Question.of(session, session.get_one(Project, self.project))
            given = [
                Answer(f"key-{one.assignment.id:08d}", one.assignment.id, {"label": label}, seconds=2.0)
                for one, label in zip(held, labels, strict=False)
            ]
            workflow.submit(session, question, self.people[name], given)
            return [self.items.index(one.item.id) for one in held]

    def save(self, key: str = "11111111", **more: object) -> int:
        """Save a rule about cats and dogs; return how many items it asks about."""
        what = {"text": "Look at the ears.", "line": "Changed: look at the ears", "based_on": 1} | more
        with self.database.write() as session:
            rule = workflow.PairRule((self.codes["dog"], self.codes["cat"]), key=key, **what)  # type: ignore[arg-type]
            project = session.get_one(Project, self.project)
            return workflow.save_rule(session, project, rule, by=self.people["olga"]).asked

    def take_back(self) -> int:
        """Take the newest rule back."""
        with self.database.write() as session:
            newest = workshops_of(session, self.project)[0]
            project = session.get_one(Project, self.project)
            return workflow.take_rule_back(session, project, newest.id, by=self.people["olga"])

    def guidelines(self) -> tuple[int, str]:
        """Return version and text."""
        with self.database.read() as session:
            found = guideline_of(session, self.project)
            assert found is not None
            return found.version, found.text


@pytest.fixture
def world(any_settings: Settings) -> Iterator[World]:
    database = Database(any_settings)
    yield World(database, any_settings)
    database.close()


def test_saving_writes_a_version_and_asks_exactly_what_was_called_both(world: World) -> None:
    assert world.save() == 3
    assert world.guidelines() == (2, "# Look\n\n### cat / dog\n\nLook at the ears.\n")
    assert sorted(world.answer("rita", ["cat"] * 5)) == [0, 2, 4]
    assert world.answer("ann", ["cat"]) == [], "nobody is asked about what they answered"
    with world.database.read() as session:
        (saved,) = workshops_of(session, world.project)
        assert (saved.first, saved.second) == (world.codes["cat"], world.codes["dog"])
        counted = pair_counts(session, world.project, (saved.first, saved.second))
        assert counted.n_items == 5
        assert pair_counts(session, world.project, (saved.first, saved.second), since=2).n_items == 0


def test_what_a_lead_decided_is_not_asked_again(world: World) -> None:
    with world.database.write() as session:
        project = session.get_one(Project, world.project)
        one = Decision("decision-1", world.items[2], "relabel", world.codes["dog"])
        workflow.resolve(session, project, one, by=world.people["olga"])
    assert world.save() == 2


def test_the_same_key_again_changes_nothing(world: World) -> None:
    assert world.save() == world.save() == 3
    assert world.guidelines()[0] == 2


def test_the_rule_alone_asks_nothing(world: World) -> None:
    assert world.save(ask=False) == 0
    assert world.answer("rita", ["cat"]) == []


def test_taking_it_back_restores_guidelines_and_asks_no_more_but_keeps_what_was_answered(world: World) -> None:
    world.save()
    assert len(world.answer("rita", ["cat"])) == 1
    assert world.take_back() == 3
    assert world.guidelines() == (3, "# Look")
    assert world.answer("rita", ["cat"]) == []
    with world.database.read() as session:
        assert workshops_of(session, world.project) == []


def test_a_rule_is_not_taken_back_from_under_a_later_version(world: World) -> None:
    world.save()
    with world.database.write() as session:
        projects.add_guideline(session, world.project, "# Other", by=None, now=NOW)
    with pytest.raises(Conflict):
        world.take_back()
    assert world.guidelines() == (3, "# Other")


def test_a_version_that_somebody_wrote_meanwhile_is_not_lost(world: World) -> None:
    with world.database.write() as session:
        projects.add_guideline(session, world.project, "# Other", by=None, now=NOW)
    with pytest.raises(Conflict):
        world.save()
    assert world.guidelines() == (2, "# Other")
    assert world.answer("rita", ["cat"]) == []


def test_a_case_that_is_shown_with_the_rule_becomes_a_tricky_case(world: World) -> None:
    world.save(tricky=[(world.items[0], world.codes["dog"])])
    with world.database.read() as session:
        found = guideline_of(session, world.project)
        assert found is not None
        (example,) = found.examples
    assert (example["item"], example["kind"], example["class"]) == (world.items[0], "tricky", int(world.codes["dog"]))
    assert example["note"] == "dog: Changed: look at the ears"


@pytest.mark.parametrize("wrong", [{"text": " "}, {"line": ""}, {"line": "x" * 201}, {"text": "x" * 4001}])
def test_a_rule_that_says_nothing_is_refused(world: World, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        world.save(**wrong)
    assert world.guidelines()[0] == 1

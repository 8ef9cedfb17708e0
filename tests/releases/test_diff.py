"""What changed from one release to the next, each item with what decided it."""

from collections.abc import Iterator
from typing import Any

import pytest

from labeler import workflow
from labeler.config import Settings
from labeler.exchange.rows import ExportRow, Row, Vote
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.releases.building import Frozen, compared
from labeler.releases.diff import Change, Changes, Side, changes_between
from labeler.releases.frozen import FILTERED, UNMET, Behind, Decided, Head, Item, Said
from labeler.releases.models import Release
from labeler.workflow import ClassEdit
from tests.releases.world import World, labeled

HEAD = Head(1, "", {}, [{"code": "1", "name": "cat"}, {"code": "2", "name": "dog"}], "", {}, "", "", "", "")
MERGED = Head(2, "", {}, [{"code": "1", "name": "cat"}], "", {}, "", "", "", "")
NAMES = {"1": "cat", "2": "dog", "": None}


def item(code: str, source: str, *, answers: str = "", decided: Decided | None = None, **more: Any) -> Item:
    """An item with a label and what is behind it. answers: a digit each, which is the id of the answer."""
    said = tuple(Said(int(one), code, f"2026-03-0{one}", round=more.pop("round", 0)) for one in answers)
    votes = tuple(Vote(f"who{one}", NAMES[code] or "cat", None, None, "") for one in answers)
    row = ExportRow(1, "e1", "text", None, "text", None, None, NAMES[code], source, None, votes, **more)
    return Item(row, Behind(code, source, said, decided, "majority"))


def review(number: int, before: str = "", **more: Any) -> Decided:
    return Decided(number, "relabel", "2026-03-09", before, **more)


def of(old: Item | None, new: Item | None, heads: tuple[Head, Head] = (HEAD, HEAD)) -> Change | None:
    counts = Changes()

    def frozen(one: Item) -> Item:
        return one if one.out or (one.behind.code and not one.row.excluded) else one._replace(out=UNMET)

    sides = [Side(head, [frozen(one)] if one else []) for head, one in zip(heads, (old, new), strict=True)]
    found = list(changes_between(sides[0], sides[1], counts))
    assert counts.added + counts.removed + counts.changed == len(found)
    return found[0] if found else None


CASES: dict[str, tuple[Item | None, Item | None, str]] = {
    "review": (
        item("1", "consensus", answers="12"),
        item("2", "review", answers="12", decided=review(1, "1")),
        "changed",
    ),
    "audit": (
        item("1", "consensus", answers="12"),
        item("2", "review", answers="12", decided=review(1, "1", audit=True)),
        "changed",
    ),
    "tie_decided": (item("", "ambiguous", answers="12"), item("2", "review", answers="12", decided=review(1)), "added"),
    "answers": (item("1", "consensus", answers="1"), item("2", "consensus", answers="123"), "changed"),
    "asked_again": (item("1", "consensus", answers="1"), item("2", "consensus", answers="2", round=1), "changed"),
    "computed_again": (item("1", "consensus", answers="12"), item("2", "consensus", answers="12"), "changed"),
    "decision_undone": (
        item("1", "review", answers="12", decided=review(1)),
        item("2", "consensus", answers="12"),
        "changed",
    ),
    "answers_undone": (item("1", "consensus", answers="1"), item("", ""), "removed"),
    "imported": (None, item("1", "given"), "added"),
    "automatic": (item("", ""), item("1", "automatic"), "added"),
    "automatic_ended": (item("1", "automatic"), item("", ""), "removed"),
    "ambiguous": (item("1", "consensus", answers="12"), item("2", "ambiguous", answers="12"), "changed"),
    "excluded": (item("1", "given"), item("1", "given", excluded=True), "removed"),
    "sent_back": (
        item("1", "consensus", answers="1"),
        item("", "", decided=Decided(1, "send_back", "2026-03-09")),
        "removed",
    ),
    "tied": (item("1", "consensus", answers="1"), item("", "ambiguous", answers="12"), "removed"),
    "deleted": (item("1", "given"), None, "removed"),
    "filtered": (item("1", "given"), item("1", "given")._replace(out=FILTERED), "removed"),
}


@pytest.mark.parametrize("cause", CASES)
def test_each_change_says_what_decided_it(cause: str) -> None:
    old, new, kind = CASES[cause]
    found = of(old, new)
    assert found is not None
    assert (found.kind, found.cause) == (kind, cause)
    assert (found.before is None, found.now is None) == (kind == "added", kind == "removed")


def test_what_a_filter_left_out_comes_back_by_what_changed_or_by_the_filters() -> None:
    out = item("1", "consensus", answers="1")._replace(out=FILTERED)
    for new, cause in (
        (item("1", "consensus", answers="12"), "answers"),
        (item("1", "review", answers="1", decided=review(1, "1")), "review"),
        (item("1", "consensus", answers="1"), "filtered"),
    ):
        found = of(out, new)
        assert found is not None
        assert (found.kind, found.cause) == ("added", cause)


def test_a_label_that_stays_is_no_change_wherever_it_comes_from() -> None:
    assert of(item("1", "given"), item("1", "consensus", answers="12")) is None


def test_a_class_with_another_name_and_one_that_was_merged_are_told_from_answers() -> None:
    old = item("1", "consensus", answers="12")
    renamed = old._replace(row=old.row._replace(final_label="kitten"))
    assert (found := of(old, renamed)) is not None
    assert found.cause == "class_renamed"
    gone = of(item("2", "consensus", answers="12"), item("1", "consensus", answers="12"), (HEAD, MERGED))
    assert gone is not None
    assert gone.cause == "classes_merged"
    answered = of(item("2", "consensus", answers="1"), item("1", "consensus", answers="123"), (HEAD, MERGED))
    assert answered is not None
    assert answered.cause == "answers"


@pytest.fixture
def world(any_settings: Settings) -> Iterator[World]:
    found = labeled(World.made(any_settings))
    yield found
    found.database.close()


def changed(world: World, old: Release, new: Release) -> tuple[Changes, dict[str, Change]]:
    frozen = [Frozen.at(world.files.release_path(one.state)) for one in (old, new)]
    counts, found = compared(frozen[0], frozen[1])
    return counts, {one.external_id or "": one for one in found}


def test_every_kind_of_change_of_a_real_project_is_named_with_its_decision(world: World) -> None:
    first = world.release("first")
    world.decide("e0", "relabel", "dog", "It barks.")
    world.decide("e2", "relabel", "dog")
    world.decide("e1", "exclude", reason="Twice.")
    with world.database.write() as session:
        workflow.take_back(session, session.get_one(Project, world.project_id), world.people["olga"])
    world.decide("e1", "exclude", reason="Twice in it.")
    world.bring([Row(1, "e7", "Another", None, "cat", {}), Row(2, "e8", "And another", None, None, {})])
    world.answer("ann", ["neither", "neither"])
    second = world.release("second")
    counts, found = changed(world, first, second)
    assert {name: (one.kind, one.before, one.now, one.cause) for name, one in found.items()} == {
        "e0": ("changed", "cat", "dog", "review"),
        "e1": ("removed", "dog", None, "excluded"),
        "e2": ("added", None, "dog", "tie_decided"),
        "e7": ("added", None, "neither", "answers"),
        "e8": ("added", None, "neither", "answers"),
    }
    assert (found["e0"].reason, found["e1"].reason) == ("It barks.", "Twice in it.")
    assert found["e0"].tally == (("cat", 2),)
    assert (counts.added, counts.removed, counts.changed, counts.same) == (3, 1, 1, 2)
    assert first.items - counts.removed + counts.added == second.items
    assert second.numbers["changes"] == counts.as_json()


def test_renamed_merged_and_undone_are_told_from_each_other_in_a_real_project(world: World) -> None:
    first = world.release("first")
    with world.database.write() as session:
        project = session.get_one(Project, world.project_id)
        classes = {row.name: row.id for row in classes_of(session, project.id).rows}
        edit = ClassEdit(merged={classes["dog"]: classes["neither"]}, renamed={classes["cat"]: ("kitten", "")})
        workflow.edit_classes(session, project, edit)
    second = world.release("second")
    _, found = changed(world, first, second)
    assert {name: (one.before, one.now, one.cause) for name, one in found.items()} == {
        "e0": ("cat", "kitten", "class_renamed"),
        "e1": ("dog", "neither", "classes_merged"),
        "e3": ("cat", "kitten", "class_renamed"),
        "e4": ("cat", "kitten", "class_renamed"),
    }
    with world.database.write() as session:
        project = session.get_one(Project, world.project_id)
        for _ in range(2):
            workflow.take_back(session, project, world.people["olga"])
    third = world.release("third")
    _, found = changed(world, second, third)
    assert {name: (one.kind, one.now, one.cause) for name, one in found.items()} == {
        "e3": ("changed", "neither", "decision_undone"),
        "e5": ("added", "kitten", "decision_undone"),
    }


def test_items_left_out_by_the_settings_say_so(world: World) -> None:
    everything = world.release("all", options={"items": "all"})
    counts, found = changed(world, everything, world.release("labeled"))
    assert {name: one.cause for name, one in found.items()} == {"e2": "tied", "e5": "excluded"}
    assert counts.same == 4

"""Releases made with the choices of an export: filters, splits, pictures and soft labels, frozen with the labels."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.config import Settings
from labeler.errors import Invalid
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.releases.building import Frozen, compared
from labeler.releases.models import Release
from labeler.releases.verifying import verify_release
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.workflow import ClassEdit
from tests.conftest import NOW
from tests.exchange.datasets import picture
from tests.releases.world import World, archive_of, labeled, lines

SPLIT = {"split": "train=0.5,val=0.25,test=0.25", "seed": 3, "group_by": ["site"]}


@pytest.fixture
def world(any_settings: Settings) -> Iterator[World]:
    """Six items with answers, and 40 with a label that came along, of 20 sites."""
    found = labeled(World.made(any_settings))
    bring(found, range(40))
    yield found
    found.database.close()


def bring(world: World, numbers: range) -> None:
    rows = [Row(n, f"g{n}", f"Given {n}", None, ("cat", "dog")[n % 2], {"site": f"s{n // 2}"}) for n in numbers]
    world.bring(rows)
    world.in_time()


def changed_since(world: World) -> None:
    """Let items, answers, decisions, classes and what filters ask for be others."""
    bring(world, range(40, 60))
    world.decide("e0", "relabel", "dog")
    world.decide("e1", "exclude")
    world.decide("g0", "relabel", "dog")
    with world.database.write() as session:
        project = session.get_one(Project, world.project_id)
        classes = {row.name: row.id for row in classes_of(session, project.id).rows}
        workflow.edit_classes(session, project, ClassEdit(renamed={classes["cat"]: ("kitten", "")}))


def text_of(world: World, release: Release, name: str) -> str:
    with archive_of(world, release) as archive:
        return archive.read(name).decode()


def test_filters_say_what_is_in_it_and_a_rebuild_is_the_same_when_all_of_it_has_changed(world: World) -> None:
    asked = {"class": ["cat"], "min_votes": 1}
    made = world.release("first", options=asked)
    assert made.options == {"items": "labeled", "people": "pseudonyms", "class": "cat", "min_votes": "1"}
    assert {one["external_id"] for one in lines(world, made, "items.jsonl")} == {"e0", "e3", "e4"}
    assert (made.items, made.numbers["filtered"], made.numbers["all"]) == (3, 41, 46)
    card = " ".join(text_of(world, made, "DATA_CARD.md").split())
    assert "its final label names cat" in card
    assert "at least 1 answer, or a lead decided it" in card
    assert "41 others are left out" in card
    assert "its final label names cat" in json.loads(text_of(world, made, "croissant.json"))["description"]
    changed_since(world)
    found = verify_release(world.database, world.files, world.project_id, 1)
    assert (found.passed, found.rebuilt, found.row) == (True, "same", ())


def test_a_split_is_frozen_item_by_item_and_told_in_every_file(world: World) -> None:
    made = world.release("first", options=SPLIT, format_name="csv")
    parts = {one["external_id"]: one["split"] for one in lines(world, made, "items.jsonl")}
    assert set(parts.values()) == {"train", "val", "test"}
    assert all(parts[f"g{n}"] == parts[f"g{n + 1}"] for n in range(0, 40, 2)), "a site stays in one part"
    told = made.numbers["parts"]
    assert {name: one["items"] for name, one in told.items()} == {
        name: list(parts.values()).count(name) for name in ("train", "val", "test")
    }
    assert sum(one["classes"]["cat"] for one in told.values()) == made.numbers["classes"]["cat"]
    card = text_of(world, made, "DATA_CARD.md")
    assert "## Split" in card
    assert "50% train, 25% val, 25% test, with the seed 3." in card
    assert "items alike in site" in card
    changed_since(world)
    found = verify_release(world.database, world.files, world.project_id, 1)
    assert (found.passed, found.rebuilt) == (True, "same")
    again = world.release("second", options={**SPLIT, "seed": 4}, format_name="csv")
    moved = {one["external_id"]: one["split"] for one in lines(world, again, "items.jsonl")}
    others = sum(parts[name] != part for name, part in moved.items() if name in parts)
    assert again.numbers["changes"]["moved"] == others > 0
    assert f"{others} items of both stand in another part" in text_of(world, again, "DATA_CARD.md")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what mlcroissant calls
def test_the_description_of_a_split_validates_with_mlcroissant_and_names_the_parts(
    world: World, tmp_path: Path
) -> None:
    import mlcroissant

    made = world.release("first", options=SPLIT, told={"license": "https://creativecommons.org/licenses/by/4.0/"})
    with archive_of(world, made) as archive:
        archive.extractall(tmp_path)
    dataset = mlcroissant.Dataset(tmp_path / "croissant.json")
    issues = dataset.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    assert [one["splits/name"] for one in dataset.records("splits")] == ["train", "val", "test"]
    parts = {one["items/split"] for one in dataset.records("items")}
    assert parts == {b"train", b"val", b"test"}


@pytest.mark.parametrize("name", ["cleanlab_votes", "probabilities_npz", "huggingface", "jsonl"])
def test_formats_hold_what_was_chosen(world: World, name: str, tmp_path: Path) -> None:
    made = world.release("first", options={**SPLIT, "items": "all", "soft_labels": True}, format_name=name)
    with archive_of(world, made) as archive:
        archive.extractall(tmp_path)
    data = tmp_path / "data"
    if name == "cleanlab_votes":
        assert (data / "train.csv").read_text().splitlines()[0] == "item,annotator-1,annotator-2"
        assert {path.name for path in data.iterdir()} == {"train.csv", "val.csv", "test.csv", "report.txt"}
    elif name == "probabilities_npz":
        with np.load(data / "pets.npz", allow_pickle=False) as arrays:
            assert set(arrays["split"].tolist()) == {"train", "val", "test"}
    elif name == "huggingface":
        assert list(data.rglob("*train-*.parquet"))
    else:
        rows = {one["external_id"]: one for one in lines(world, made, "data/pets.jsonl")}
        assert rows["e2"]["soft_label"] == {"cat": 0.5, "dog": 0.5}
        assert rows["g0"]["soft_label"] == {"cat": 1.0}
    found = verify_release(world.database, world.files, world.project_id, 1)
    assert (found.passed, found.rebuilt) == (True, "same")


def test_answers_can_be_left_out_and_people_are_told_as_chosen(world: World) -> None:
    made = world.release("first", options={"answers": False, "annotator": "bob@example.org", "people": "emails"})
    rows = lines(world, made, "data/pets.jsonl")
    assert {row["external_id"] for row in rows} == {"e0", "e1", "e3", "e4"}
    assert all(row["votes"] == [] for row in rows)
    card = text_of(world, made, "DATA_CARD.md")
    assert "bob@example.org answered it" in card.replace("\\", "")
    assert "Single answers are left out" in card
    masked = world.release("second", options={"annotator": "annotator-2"})
    assert "annotator-2 answered it" in text_of(world, masked, "DATA_CARD.md")


def test_pictures_are_in_it_by_choice(database: Database, files: FileStore) -> None:
    sent = picture()
    with database.write() as session:
        olga = accounts.add_user(session, "olga@example.org", role="lead", now=NOW).id
        new = projects.NewProject("pets", "image", "boxes", [("cat", ""), ("dog", "")], votes=1)
        project_id = projects.create_project(session, new, by=olga, now=NOW).id
    world = World(database, files, project_id, {"olga": olga})
    value = {"boxes": [{"label": "cat", "x": 1, "y": 1, "width": 3, "height": 3}]}
    world.bring([Row(1, "p1", None, lambda: sent, None, {}, name="a.jpg", given_value=value)])
    without = world.release("first", format_name="coco")
    made = world.release("second", format_name="coco", options={"pictures": True})
    with archive_of(world, made) as archive:
        assert archive.read("data/images/default/a.jpg") == sent
    with archive_of(world, without) as archive:
        assert "data/pets.json" in archive.namelist()
    ignored = world.release("third", format_name="csv", options={"pictures": True, "soft_labels": True})
    assert ignored.options == {"items": "labeled", "people": "pseudonyms"}, "there is no place for them"
    assert verify_release(database, files, project_id, 2).passed


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"class": "cow"}, "classes"),
        ({"split": "train=0.5"}, "split"),
        ({"split": "80/20", "group_by": "nothing"}, "group_by"),
        ({"min_votes": "many"}, "min_votes"),
        ({"annotator": "nobody@example.org"}, "annotator"),
        ({"format": "csv"}, "format"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_by_its_name(world: World, options: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        world.release("wrong", options=options)
    assert refused.value.field == field


def test_filters_that_nothing_meets_are_told_from_a_project_without_labels(world: World) -> None:
    with pytest.raises(Invalid, match="No item meets all that is asked for"):
        world.release("none", options={"class": "neither"})


def test_the_next_release_says_which_items_left_or_came_because_of_a_filter(world: World) -> None:
    made = [
        world.release("all"),
        world.release("cats", options={"class": "cat", "min_votes": 1}),
        world.release("again"),
    ]
    frozen = [Frozen.at(world.files.release_path(one.state)) for one in made]
    _, left = compared(frozen[0], frozen[1])
    assert {(one.kind, one.cause) for one in left} == {("removed", "filtered")}
    counts, came = compared(frozen[1], frozen[2])
    assert {(one.kind, one.cause) for one in came} == {("added", "filtered")}
    assert (counts.added, counts.same) == (made[0].items - 3, 3)
    assert made[1].numbers["changes"]["causes"] == {"removed": {"filtered": made[0].items - 3}}


FIRST_KIND = Path(__file__).parent / "first_kind"


def test_a_release_of_the_first_kind_is_still_written_byte_by_byte(tmp_path: Path) -> None:
    """`first_kind/` holds frozen labels as the version before filters wrote them, and the sums of what came of them."""
    from labeler.releases.building import Place, build
    from labeler.storage.backup import silent

    cases = json.loads((FIRST_KIND / "expected.json").read_text())
    assert {case["options"]["items"] for case in cases} == {"labeled", "all"}
    for case in cases:
        before = Frozen.at(FIRST_KIND / case["before"]) if case["before"] else None
        with (tmp_path / case["state"]).open("w+b") as file:
            frozen = Frozen.at(FIRST_KIND / case["state"])
            written = build(file, frozen, before, Place(lambda _: b"", tmp_path / "part"), silent)
        assert json.loads(json.dumps(written.numbers)) == case["numbers"]
        sums = {one.name: one.sha256 for one in written.entries if one.name in case["sums"]}
        assert sums == case["sums"]


@pytest.mark.postgres
def test_the_same_choices_give_the_same_bytes_on_both_databases(
    other: Callable[..., Settings],
) -> None:
    made: list[list[str]] = []
    for kind in ("sqlite", "postgresql"):
        world = labeled(World.made(other(kind, empty=False)))
        bring(world, range(40))
        asked = {**SPLIT, "min_confidence": 0.5, "no_ties": True, "until": NOW.date().isoformat()}
        made.append([world.release(name, options=asked, format_name=name).sha256 for name in ("jsonl", "csv")])
        world.database.close()
    assert made[0] == made[1]

"""Planted mistakes in labels that are no single class are found, told by place, and put right; true labels are not."""

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from labeler.quality.dataset import Examination, Judged, Verdict
from labeler.quality.judges.base import KIND, Case
from labeler.quality.judges.registry import JUDGES
from labeler.task_types.base import Value
from labeler.task_types.multilabel.task import Multilabel
from labeler.task_types.registry import TASK_TYPES
from tests.quality.judges.worlds import (
    CODES,
    World,
    flags,
    label_sets,
    marked_texts,
    pictures_with_marks,
    problems,
    shuffled,
    written_texts,
)
from tests.quality.worlds import look_at

Make = Callable[[Path, int, int], World]
WORLDS: dict[str, Make] = {
    "several labels": lambda _folder, *sizes: label_sets(*sizes),
    "spans": lambda _folder, *sizes: marked_texts(*sizes),
    "spans without blanks": lambda _folder, count, wrong: marked_texts(count, wrong, blank="、"),
    "boxes by answers": lambda folder, count, wrong: pictures_with_marks(folder, count, wrong, beside="answers"),
    "polygons by answers": lambda folder, count, wrong: pictures_with_marks(
        folder, count, wrong, task="polygons", beside="answers"
    ),
    "boxes by predictions": lambda folder, count, wrong: pictures_with_marks(
        folder, count, wrong, beside="predictions"
    ),
    "boxes by crops": pictures_with_marks,
    "free text": lambda _folder, *sizes: written_texts(*sizes),
}
EACH = pytest.mark.parametrize("name", WORLDS)
SIZES = {name: (40, 8) if "boxes" in name or "polygons" in name else (200, 16) for name in WORLDS}
SIZES["boxes by crops"] = (100, 8)  # models need more to learn from than people do


def examined(name: str, folder: Path, wrong: int | None = None) -> tuple[World, Examination]:
    count, usual = SIZES[name]
    world = WORLDS[name](folder, count, usual if wrong is None else wrong)
    return world, look_at(world.dataset)


def test_every_task_type_whose_labels_are_no_single_class_names_a_judge_that_is_there() -> None:
    assert {kind.judged_by for kind in TASK_TYPES.values() if not kind.one_class} == {*JUDGES}
    assert all(not kind.judged_by for kind in TASK_TYPES.values() if kind.one_class)


@EACH
def test_planted_mistakes_are_found_where_they_are_and_most_suggestions_are_the_truth(
    name: str, tmp_path: Path
) -> None:
    world, found = examined(name, tmp_path)
    flagged = flags(found)
    right = [item for item, problem in world.planted.items() if item in flagged and problem in problems(flagged[item])]
    assert len(right) >= 0.7 * len(world.planted), (name, world.planted, {n: problems(f) for n, f in flagged.items()})
    assert len(flagged.keys() - world.planted.keys()) <= 1
    first = [np.nanargmax(found.label_scores)]
    assert set(first) <= set(world.planted)
    for item, one in flagged.items():
        places = [why for why in one.reasons if why["kind"] == "place"]
        none = math.prod(1 - place["probability"] for place in places)
        assert one.score == pytest.approx(1 - none) == pytest.approx(found.label_scores[item])
        assert [place["probability"] for place in places] == sorted(
            (place["probability"] for place in places), reverse=True
        )
        assert one.suggested is None
        assert 0 <= one.confidence <= one.score + 1e-9


@EACH
def test_true_labels_are_flagged_rarely_and_what_is_said_can_be_stored(name: str, tmp_path: Path) -> None:
    world, found = examined(name, tmp_path, wrong=0)
    count = SIZES[name][0]
    assert len(flags(found)) <= max(1, 0.02 * count), name
    json.dumps([finding.reasons for finding in found.findings], allow_nan=False)
    json.dumps(found.summary, allow_nan=False)
    assert found.summary["labeled"] == count
    del world


@pytest.mark.parametrize("name", [name for name in WORLDS if name != "free text"])
def test_labels_of_other_items_accuse_nobody_and_one_sentence_says_so(name: str, tmp_path: Path) -> None:
    count, wrong = SIZES[name]
    found = look_at(shuffled(WORLDS[name](tmp_path, count, wrong)))
    assert flags(found) == {}
    assert np.isnan(found.label_scores).all()
    assert not found.summary["model"]
    assert "guessing" in found.summary["notes"][0]
    assert len(found.summary["notes"]) == 1


@pytest.mark.parametrize("name", ["several labels", "spans", "boxes by predictions"])
def test_cleanlabs_own_score_stands_beside_ours(name: str, tmp_path: Path) -> None:
    world, found = examined(name, tmp_path)
    wrong = np.isin(np.arange(len(world.truth)), list(world.planted))
    assert 0 <= np.nanmin(found.cleanlab_scores) <= np.nanmax(found.cleanlab_scores) <= 1
    assert np.nanmean(found.cleanlab_scores[wrong]) > np.nanmean(found.cleanlab_scores[~wrong])


def test_a_suggested_set_is_the_whole_corrected_set() -> None:
    world, found = examined("several labels", Path())
    flagged = flags(found)
    right = [flagged[item].value == world.truth[item] for item in world.planted if item in flagged]
    assert sum(right) >= 0.9 * len(right)
    missing = next(one for one in flagged.values() if problems(one) == ["missing"])
    assert missing.value is not None
    assert CODES[missing.reasons[0]["suggested"]] in missing.value["labels"]


def test_suggested_spans_have_the_true_offsets_in_code_points() -> None:
    world = marked_texts(200, 16)
    values = world.dataset.values
    assert values is not None
    before = "\N{GRINNING FACE}\N{FAMILY} "
    moved: list[Value | None] = [
        {"spans": [{**s, "start": s["start"] + len(before), "end": s["end"] + len(before)} for s in one["spans"]]}
        for one in values.labels
        if one is not None
    ]
    contents = [f"{before}{text}" for text in world.dataset.contents]
    found = look_at(
        dataclasses.replace(world.dataset, contents=contents, values=dataclasses.replace(values, labels=moved))
    )
    flagged = flags(found)
    right = 0
    for item in world.planted:
        truth = [(s["label"], s["start"] + len(before), s["end"] + len(before)) for s in world.truth[item]["spans"]]
        one = flagged.get(item)
        said = [(s["label"], s["start"], s["end"]) for s in one.value["spans"]] if one and one.value else []
        right += sorted(said) == sorted(truth)
    assert right >= 0.7 * len(world.planted)


@pytest.mark.parametrize("name", ["boxes by answers", "polygons by answers"])
def test_suggested_marks_lie_where_the_true_ones_are(name: str, tmp_path: Path) -> None:
    world, found = examined(name, tmp_path)
    task = TASK_TYPES[name.split(" ", maxsplit=1)[0]]
    values = world.dataset.values
    assert values is not None
    for item, one in flags(found).items():
        assert one.value is not None
        units = task.units({"truth": world.truth[item], "said": one.value}, values.config, values.contents[item])
        assert all(len(set(labels.values())) == 1 for labels in units.values()), (item, world.planted.get(item))


class Doubted(Multilabel):
    """A task type whose judge doubts the first label."""

    judged_by = "doubt"


def doubt(case: Case) -> Judged:
    """Doubt the first label."""
    place = {"kind": KIND, "problem": "odd", "class": None, "suggested": 0, "probability": 0.4}
    scores = np.full(len(case.dataset), 0.01)
    scores[0] = 0.4
    return Judged(scores, scores, [Verdict(0, [place], {"labels": [CODES[0]]}, 0.3)], ["Odd."], {"model": {"odd": 1}})


def test_a_judge_is_a_line_in_the_table_and_a_name_in_a_task_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(JUDGES, "doubt", doubt)
    world = label_sets(40, 0)
    values = world.dataset.values
    assert values is not None
    found = look_at(dataclasses.replace(world.dataset, values=dataclasses.replace(values, task=Doubted())))
    one = flags(found)[0]
    assert (one.score, one.value, one.confidence) == (0.4, {"labels": [CODES[0]]}, 0.3)
    assert problems(one) == ["odd"]
    assert flags(found).keys() == {0}
    assert found.summary["notes"] == ["Odd."]
    assert found.summary["model"] == {"odd": 1}


def test_items_without_a_label_are_not_judged() -> None:
    world = label_sets(120, 6)
    values = world.dataset.values
    assert values is not None
    labels = [None if item < 20 else one for item, one in enumerate(values.labels)]
    found = look_at(dataclasses.replace(world.dataset, values=dataclasses.replace(values, labels=labels)))
    assert np.isnan(found.label_scores[:20]).all()
    assert not np.isnan(found.label_scores[20:]).any()
    assert found.summary["labeled"] == 100


@EACH
def test_few_labels_are_not_judged_and_a_sentence_says_so(name: str, tmp_path: Path) -> None:
    found = look_at(WORLDS[name](tmp_path, 5, 0).dataset)
    assert flags(found) == {}
    assert found.summary["notes"][0].startswith("Only 5 items have a label")

"""What cannot be judged gets no score: rare classes, unused ones, what is blank, answers with parts."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labeler.quality.features.extraction import extract
from labeler.quality.judgeable import judgeable
from tests.quality.worlds import Integers, dataset, kinds, look_at, texts, with_mistakes


@pytest.mark.parametrize("few", [1, 2])
def test_labels_of_a_class_with_too_few_have_no_score_and_no_flag(few: int) -> None:
    contents, truth = texts((40, 40, few))
    found = look_at(dataset(contents, truth))
    rare = truth == 2
    assert np.isnan(found.label_scores[rare]).all()
    assert np.isnan(found.cleanlab_scores[rare]).all()
    assert not np.isnan(found.label_scores[~rare]).any()
    assert not kinds(found, "label_error") & set(np.flatnonzero(rare).tolist())
    assert f"cannot be judged and are never suggested: attic ({few})." in found.summary["notes"][-1]


@pytest.mark.parametrize("few", [3, 4])
def test_a_right_label_of_a_class_with_fewer_items_than_folds_is_not_called_surely_wrong(few: int) -> None:
    contents, truth = texts((40, 40, few))
    found = look_at(dataset(contents, truth))
    assert found.label_scores[truth == 2].max() < 0.5


def test_copies_of_one_text_do_not_make_a_class_known() -> None:
    contents, truth = texts((20, 20, 0))
    labels: Integers = np.concatenate([truth, [2] * 6])
    found = judgeable(labels, extract("text", [*contents, *["one and the same text about roofs"] * 6]), 3)
    assert found.classes.tolist() == [0, 1]
    assert (found.labels[-6:] == -1).all()


@pytest.mark.parametrize(
    "names", [("a", "zoo", "bank", "attic"), ("zoo", "a", "bank", "attic"), ("zoo", "bank", "attic", "a")]
)
def test_an_unused_class_changes_nothing_wherever_it_stands(names: tuple[str, ...]) -> None:
    contents, truth = texts((30, 30, 30))
    labels = with_mistakes(truth, 0.1, 3)
    places = np.array([names.index(name) for name in ("zoo", "bank", "attic")])
    without, beside = look_at(dataset(contents, labels)), look_at(dataset(contents, places[labels], names))
    np.testing.assert_array_equal(without.label_scores, beside.label_scores)
    np.testing.assert_array_equal(without.cleanlab_scores, beside.cleanlab_scores)
    assert [(one.item, one.kind, one.score) for one in without.findings] == [
        (one.item, one.kind, one.score) for one in beside.findings
    ]
    assert [one.suggested if one.suggested is None else int(places[one.suggested]) for one in without.findings] == [
        one.suggested for one in beside.findings
    ]


def test_a_class_only_among_unlabeled_items_is_never_suggested() -> None:
    contents, truth = texts((30, 30, 30))
    labels = np.where(truth == 2, -1, truth)
    found = look_at(dataset(contents, labels))
    assert not np.isnan(found.label_scores[labels >= 0]).any()
    assert {one.suggested for one in found.findings} <= {0, 1, None}
    assert found.probabilities is not None
    assert found.probabilities[:, 2].max() < 1e-3


def test_labels_of_blank_items_teach_nothing_and_get_no_score() -> None:
    contents, truth = texts((20, 20, 0))
    found = look_at(dataset(["", *contents, " \n"], [0, *truth.tolist(), 1], ("zoo", "bank")))
    assert np.isnan(found.label_scores[[0, -1]]).all()
    assert {0, 41} <= kinds(found, "text_problem")


@pytest.mark.parametrize("colours", [[0], [255], [0, 255]])
def test_pictures_of_one_colour_and_of_one_pixel_crash_nothing(tmp_path: Path, colours: list[int]) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(24)]
    for number, path in enumerate(paths):
        shade = colours[number % len(colours)]
        Image.new("RGB", (1 + number // 2, 1), (shade, shade, shade)).save(path)
    found = look_at(dataset(paths, [number % 2 for number in range(24)], ("a", "b")))
    assert not kinds(found, "label_error")
    assert found.summary["notes"] or len(colours) == 2


@pytest.mark.parametrize("parts", ["boxes", "polygons", "spans", "answers with several labels"])
def test_projects_whose_answers_have_parts_say_what_the_pass_does_there(parts: str) -> None:
    contents, _ = texts((10, 10, 10))
    world = dataclasses.replace(dataset(contents, [-1] * 30), unjudged=parts, answered=24)
    found = look_at(world)
    assert found.summary["notes"] == [
        f"Label errors are not searched in {parts} yet; look-alikes and outliers were looked for in 30 items."
    ]
    assert found.summary["labeled"] == 24

"""Projects in which little or nothing can be learnt: never a crash, always a sentence."""

import subprocess
import sys

import numpy as np
import pytest

from tests.quality.worlds import dataset, kinds, look_at, texts


@pytest.mark.parametrize(
    ("contents", "labels", "sentence"),
    [
        ([], [], "There are no items yet. Import items, label some of them, then check the labels."),
        (["a text"] * 3, [-1] * 3, "No item has a label yet, so only duplicates and outliers were looked for."),
        (["one text"], [0], "Only 1 item has a label; a model needs at least 10. "),
        ([f"text {n}" for n in range(8)], [0, 1] * 4, "Only 8 items have a label; a model needs at least 10. "),
        (
            [f"text {n}" for n in range(40)],
            [1] * 40,
            (
                "All 40 labels are one class, so no model can be trained. "
                "Label items of at least two classes, then run the pass again."
            ),
        ),
        (["same"] * 30, [0, 1] * 15, "All labeled items have the same content, so no model can be trained."),
        (["", "  ", "\n"] * 10, [0, 1, 0] * 10, "There is nothing to read in any item, so no model can be trained."),
    ],
)
def test_what_cannot_be_learnt_is_said_in_a_sentence(contents: list[str], labels: list[int], sentence: str) -> None:
    found = look_at(dataset(contents, labels))
    assert any(note.startswith(sentence) for note in found.summary["notes"])
    assert found.probabilities is None
    assert np.isnan(found.label_scores).all()
    assert len(found.label_scores) == len(found.neighbours) == len(contents)
    assert not kinds(found, "label_error")


def test_empty_images_projects_are_examined_too() -> None:
    from labeler.quality.features.extraction import extract

    features = extract("image", [])
    assert features.blocks == []
    assert len(features.groups) == 0


def test_classes_smaller_than_the_folds_do_not_crash_and_are_named() -> None:
    contents, truth = texts((20, 18, 2))
    found = look_at(dataset(contents, truth))
    assert found.probabilities is not None
    few = "Classes with fewer than 3 labels cannot be judged and are never suggested: attic (2)."
    assert few in found.summary["notes"]
    assert not kinds(found, "label_error") & set(np.flatnonzero(truth == 2).tolist())


def test_a_class_without_an_example_has_a_tiny_probability() -> None:
    contents, truth = texts((20, 20, 0))
    found = look_at(dataset(contents, truth, ("zoo", "bank", "never used")))
    assert found.probabilities is not None
    assert found.probabilities.shape == (40, 3)
    assert 0 < found.probabilities[:, 2].max() < 1e-3


def test_duplicates_everywhere_are_flagged_once_each() -> None:
    contents = [f"the very same sentence number {n % 3}" for n in range(60)]
    found = look_at(dataset(contents, [n % 3 for n in range(60)]))
    assert kinds(found, "near_duplicate") >= set(range(3, 60))
    assert not kinds(found, "label_error")


def test_texts_in_any_script_are_learnt() -> None:
    cat, rain = "猫はとても静かに眠る動物です", "明日の天気は雨になりそうです"
    marks = "一二三四五六七八九十百千万上下左右中大小"
    contents = [text + mark + other for text in (cat, rain) for mark, other in zip(marks, marks[::-1], strict=True)]
    found = look_at(dataset(contents, [0] * 20 + [1] * 20, ("cat", "rain")))
    assert found.summary["model"]["accuracy"] > 0.9


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, labeler.quality, labeler.quality.examine, labeler.quality.detectors, labeler.quality.features\n"
        "print([m for m in ('numpy', 'scipy', 'sklearn', 'cleanlab', 'skimage', 'pandas', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

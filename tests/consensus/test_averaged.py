"""The average of shrunken models: its vectors, what it promises where votes are few, and that content is weighed."""

import json
from typing import Any

import numpy as np
import pytest

from labeler.consensus.base import Votes
from labeler.consensus.methods.averaged import average as averaged
from labeler.consensus.methods.averaged.average import Average, average
from labeler.consensus.methods.averaged.columns import Columns
from labeler.consensus.methods.averaged.fit import Form, fit
from labeler.consensus.methods.averaged.held_out import Content, judge
from labeler.consensus.registry import METHODS
from tests.consensus.test_methods import simulated, votes
from tests.shared import shared_data

VECTORS = 18  # as counted in the file; fewer would mean cases went missing
CLOSE = 1e-6


def read_vectors() -> list[dict[str, Any]]:
    folder = shared_data()
    file = folder / "consensus_vectors.json" if folder else None
    if file is None or not file.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["vectors"]
    return found


def averaged_of(vector: dict[str, Any]) -> Average:
    item, annotator, label = (np.array(vector[name], dtype=np.int64) for name in ("item", "annotator", "label"))
    content = None if vector["content"] is None else Content(np.array(vector["content"]).T)
    given = Votes(item, annotator, label, vector["n_items"], vector["n_annotators"], vector["n_classes"])
    return average(given, content)


def test_no_vector_went_missing() -> None:
    if not read_vectors():
        pytest.skip("shared consensus vectors absent: set LABELER_SHARED or put `shared` beside the project")
    assert len(read_vectors()) == VECTORS


@pytest.mark.parametrize("vector", read_vectors(), ids=lambda vector: vector["name"])
def test_the_average_has_the_values_of_the_vector(vector: dict[str, Any]) -> None:
    found = averaged_of(vector)
    shape = found.probabilities.shape
    assert found.probabilities == pytest.approx(np.array(vector["probabilities"]).reshape(shape), abs=CLOSE)
    assert found.unclear == pytest.approx(np.array(vector["unclear"]), abs=CLOSE)
    if vector["confusion"] is not None:
        assert found.confusion == pytest.approx(np.array(vector["confusion"]), abs=CLOSE)
    assert len(found.models) == len(vector["models"])
    for model, wanted in zip(found.models, vector["models"], strict=True):
        assert (model.form.centre, model.form.strength, model.form.prior) == (
            wanted["centre"],
            wanted["strength"],
            wanted["prior"],
        )
        assert (model.judged.overlap, model.judged.content) == (wanted["rho"], wanted["content"])
        assert model.judged.likelihood == pytest.approx(wanted["fit"], abs=CLOSE)
        assert (model.rounds, list(model.taken_over)) == (wanted["rounds"], wanted["hijacked"])


def test_votes_that_nobody_repeats_are_only_smoothed() -> None:
    found = average(votes([(0, 0, 1), (1, 1, 1), (2, 2, 0)], 3, 3, 2))
    assert found.probabilities[:, 1] == pytest.approx([2.2 / 3, 2.2 / 3, 1.2 / 3])
    assert (found.confusion, found.models) == (None, ())


def test_one_class_leaves_nothing_to_infer() -> None:
    found = METHODS["averaged_dawid_skene"](votes([(0, 0, 0), (0, 1, 0)], 2, 2, 1))
    assert found.label.tolist() == [0, -1]
    assert found.confidence.tolist() == [1.0, 1.0]


def test_it_is_as_right_as_dawid_skene_and_knows_better_how_right() -> None:
    given, truth = simulated(200, 40, each=4, classes=4, seed=3)
    ours, theirs = METHODS["averaged_dawid_skene"](given), METHODS["dawid_skene"](given)
    rows = np.arange(len(truth))
    assert (ours.label == truth).mean() >= (theirs.label == truth).mean()
    assert -np.log(ours.probabilities[rows, truth]).mean() < -np.log(theirs.probabilities[rows, truth]).mean()


def test_the_tempered_average_says_the_same_with_less_confidence() -> None:
    given, _ = simulated(200, 40, each=4, classes=4, seed=3)
    sure, less = METHODS["averaged_dawid_skene"](given), METHODS["tempered_dawid_skene"](given)
    assert (sure.label == less.label).all()
    assert (less.confidence <= sure.confidence).all()
    assert less.confidence.mean() < sure.confidence.mean() - 0.01


def test_guessers_are_told_from_careful_annotators_by_their_tables() -> None:
    found = METHODS["averaged_dawid_skene"](simulated(600, 12)[0])
    assert found.accuracy is not None
    assert found.accuracy[::3].max() < 0.5
    assert np.delete(found.accuracy, np.s_[::3]).min() > 0.8


def test_votes_that_share_their_mistakes_count_for_less() -> None:
    random = np.random.default_rng(4)
    truth = random.integers(0, 3, 200)
    item, annotator = np.repeat(np.arange(200), 10), np.tile(np.arange(10), 200)

    def overlaps(accuracy: Any) -> list[float]:
        right = random.random(2000) < accuracy
        label = np.where(right, truth[item], (truth[item] + random.integers(1, 3, 2000)) % 3)
        return [model.judged.overlap for model in average(Votes(item, annotator, label, 200, 10, 3)).models]

    independent, hard_and_easy = overlaps(0.7), overlaps(np.where(item % 2, 0.95, 0.45))
    assert np.mean(independent) + 0.02 < np.mean(hard_and_easy)


def test_content_that_tells_nothing_is_hardly_heard_and_content_that_tells_is() -> None:
    given, truth = simulated(400, 12, each=3, classes=3, seed=5)
    random = np.random.default_rng(6)
    telling = 2.0 * np.eye(3)[truth].T + random.standard_normal((3, 400))
    alone = average(given)
    noise = average(given, Content(random.permuted(telling, axis=1)))
    heard = average(given, Content(telling))
    assert max(model.judged.content for model in noise.models) <= 0.1
    assert min(model.judged.content for model in heard.models) >= 0.5
    right = [(one.probabilities.argmax(axis=1) == truth).mean() for one in (alone, noise, heard)]
    assert right[1] >= right[0] - 0.01
    assert right[2] > right[0]


def test_every_turn_predicts_held_out_votes_at_least_as_well() -> None:
    given, truth = simulated(300, 12, each=3, classes=3, seed=7)
    columns = Columns.of(given)
    found = fit(columns, Form("pooled", 8.0, "learnt"))
    ratios = 1.5 * np.eye(3)[truth].T + np.random.default_rng(8).standard_normal((3, 300))
    once, often = (judge(columns, found, Content(ratios, turns=turns)) for turns in (1, 3))
    assert often.likelihood >= once.likelihood


def test_rare_annotators_share_a_table_where_all_would_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    given, truth = simulated(300, 12, seed=9)
    monkeypatch.setattr(averaged, "LARGEST_TABLES", 10 * 4**2)
    found = average(given)
    assert found.confusion is None
    assert (found.probabilities.argmax(axis=1) == truth).mean() > 0.85

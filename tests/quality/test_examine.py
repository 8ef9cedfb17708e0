"""The examination from end to end, on worlds whose mistakes are known."""

import json
from pathlib import Path

import numpy as np
import pytest

from labeler.quality.dataset import Examination
from tests.quality.worlds import TOPICS, Integers, dataset, kinds, look_at, pictures, texts, with_mistakes


@pytest.fixture(scope="module")
def planted() -> tuple[Examination, Integers, Integers]:
    """300 texts of three classes with one label in ten wrong: what was found, the labels, the truth."""
    contents, truth = texts((120, 100, 80))
    labels = with_mistakes(truth, 0.1, 3)
    return look_at(dataset(contents, labels)), labels, truth


def test_planted_mistakes_are_ranked_first(planted: tuple[Examination, Integers, Integers]) -> None:
    found, labels, truth = planted
    worst = np.argsort(-found.label_scores)[:30]
    assert (labels != truth)[worst].mean() >= 5 * (labels != truth).mean()


def test_flagged_labels_are_mostly_wrong_and_the_suggestion_right(
    planted: tuple[Examination, Integers, Integers],
) -> None:
    found, labels, truth = planted
    flagged = [finding for finding in found.findings if finding.kind == "label_error"]
    assert len(flagged) >= 20
    assert np.mean([labels[finding.item] != truth[finding.item] for finding in flagged]) > 0.7
    assert np.mean([finding.suggested == truth[finding.item] for finding in flagged]) > 0.7


def test_scores_say_one_for_wrong_and_cleanlab_is_turned_round(planted: tuple[Examination, Integers, Integers]) -> None:
    found, labels, truth = planted
    wrong = labels != truth
    for scores in (found.label_scores, found.cleanlab_scores):
        assert scores.min() >= 0
        assert scores.max() <= 1
        assert scores[wrong].mean() > scores[~wrong].mean() + 0.3


def test_findings_come_worst_first_with_at_most_four_reasons(planted: tuple[Examination, Integers, Integers]) -> None:
    found = planted[0]
    scores = [finding.score for finding in found.findings]
    assert scores == sorted(scores, reverse=True)
    assert all(1 <= len(finding.reasons) <= 4 for finding in found.findings)


def test_everything_reported_can_be_written_as_json(planted: tuple[Examination, Integers, Integers]) -> None:
    found = planted[0]
    json.dumps([finding.reasons for finding in found.findings], allow_nan=False)
    summary = json.loads(json.dumps(found.summary, allow_nan=False))
    assert summary["items"] == summary["labeled"] == 300
    assert sum(summary["classes"].values()) == 300
    assert summary["model"]["folds"] == 5
    assert 0.7 < summary["model"]["accuracy"] <= 1
    assert 0 <= summary["model"]["calibration_error"] < 0.2
    assert summary["model"]["log_loss"] > 0
    assert {"features", "models", "cleanlab"} <= set(summary["seconds"])
    assert {"scikit-learn", "cleanlab"} <= set(summary["versions"])


def test_probabilities_are_in_project_order_which_is_not_alphabetical() -> None:
    contents, truth = texts((60, 50, 40))
    assert tuple(TOPICS) != tuple(sorted(TOPICS))
    forward = look_at(dataset(contents, truth))
    names = tuple(TOPICS)[::-1]
    backward = look_at(dataset(contents, 2 - truth, names))
    assert forward.probabilities is not None
    assert backward.probabilities is not None
    assert (forward.probabilities.argmax(axis=1) == truth).mean() > 0.9
    assert (backward.probabilities.argmax(axis=1) == 2 - truth).mean() > 0.9


def test_two_runs_with_one_seed_are_equal() -> None:
    contents, truth = texts((20, 20, 20))
    labels = with_mistakes(truth, 0.1, 3)
    first, second = look_at(dataset(contents, labels)), look_at(dataset(contents, labels))
    assert first.findings == second.findings
    np.testing.assert_array_equal(first.label_scores, second.label_scores)


def test_unlabeled_items_get_probabilities_but_no_score() -> None:
    contents, truth = texts((30, 30, 30))
    labels = truth.copy()
    labels[:30] = -1
    found = look_at(dataset(contents, labels))
    assert np.isnan(found.label_scores[:30]).all()
    assert not np.isnan(found.label_scores[30:]).any()
    assert found.probabilities is not None
    assert (found.probabilities[:30].argmax(axis=1) == truth[:30]).mean() > 0.8
    assert min(kinds(found, "label_error"), default=30) >= 30


@pytest.mark.slow
def test_a_class_of_one_percent_is_still_flagged() -> None:
    contents, truth = texts((400, 388, 12))
    labels = truth.copy()
    into, out_of = np.flatnonzero(truth == 0)[:2], np.flatnonzero(truth == 2)[:3]
    labels[into], labels[out_of] = 2, 1
    found = look_at(dataset(contents, labels))
    assert len(kinds(found, "label_error") & set(into.tolist())) == 2
    # of these the models, which know nine such items, find the wrong label likelier: no evidence, no flag, a high rank
    assert all((found.label_scores > found.label_scores[item]).sum() < 16 for item in out_of)


@pytest.mark.slow
def test_mistakes_in_labels_of_pictures_are_ranked_first(tmp_path: Path) -> None:
    paths, truth = pictures(tmp_path, (60, 60, 60))
    labels = with_mistakes(truth, 0.1, 3)
    found = look_at(dataset(paths, labels, ("disc", "square", "stripes")))
    worst = np.argsort(-found.label_scores)[:18]
    assert (labels != truth)[worst].mean() >= 5 * (labels != truth).mean()
    assert found.neighbours.shape == (180, 8)


def test_a_broken_picture_is_flagged_and_stops_nothing(tmp_path: Path) -> None:
    paths, truth = pictures(tmp_path, (10, 10, 0))
    paths[3].write_bytes(b"not a picture")
    paths[4].unlink()
    found = look_at(dataset(paths, truth, ("disc", "square")))
    assert {3, 4} <= kinds(found, "image_problem")


def test_votes_that_differ_are_weighed_and_named_in_the_reasons() -> None:
    contents, truth = texts((60, 60, 60))
    rng = np.random.default_rng(5)
    votes = [(item, who, int(truth[item])) for item in range(180) for who in range(4)]
    wrong = rng.permutation(180)[:45].tolist()
    votes += [(item, who, int(truth[item] + 1) % 3) for item in wrong for who in (4, 5, 6)]
    labels = truth.copy()
    labels[wrong] = (truth[wrong] + 1) % 3
    found = look_at(dataset(contents, labels, votes=votes))
    assert not np.isnan(found.consensus_quality).any()
    assert found.consensus_quality[wrong].mean() < found.consensus_quality.mean()
    assert len(set(np.argsort(-found.label_scores)[:45].tolist()) & set(wrong)) >= 43
    said = {reason["kind"] for finding in found.findings if finding.item in wrong for reason in finding.reasons}
    assert {"votes", "annotator"} <= said


def test_progress_runs_from_nought_to_one_and_never_back() -> None:
    contents, truth = texts((10, 10, 10))
    told: list[tuple[float, str]] = []
    from labeler.quality.examine import examine

    examine(dataset(contents, truth), progress=lambda share, sentence: told.append((share, sentence)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert all(sentence.endswith(".") for _, sentence in told)

"""Items with several votes: every annotator keeps the weight they earned, the model is heard as far as it tells."""

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from labeler.consensus.base import Votes
from labeler.consensus.registry import METHODS
from labeler.quality import crowd, examine
from labeler.quality.dataset import Dataset, Evidence, Examination, Finding, WeighedVotes
from labeler.quality.detectors.label_error import several_votes
from labeler.quality.disagreement import disagreement
from tests.quality.worlds import Floats, Integers, dataset, look_at, texts

PEOPLE = 12
ACCURACY = np.where(np.arange(PEOPLE) % 3 == 0, 0.34, 0.9)  # a third guesses


def voted(truth: Integers, each: int, seed: int, accuracy: Any = ACCURACY) -> list[tuple[int, int, int]]:
    rng = np.random.default_rng(seed)
    rows = []
    for item, right in enumerate(truth.tolist()):
        for who in rng.permutation(len(accuracy))[:each]:
            label = right if rng.random() < accuracy[who] else (right + int(rng.integers(1, 3))) % 3
            rows.append((item, int(who), label))
    return rows


def world(size: int, each: int, seed: int) -> tuple[Dataset, Integers, Floats, Floats]:
    """Votes on items without content, with their consensus as labels; truth, a model's probabilities, confidence."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, size)
    rows = voted(truth, each, seed + 1)
    columns = np.array(rows).T
    consensus = METHODS["dawid_skene"](Votes(columns[0], columns[1], columns[2], size, PEOPLE, 3))
    scores = 2.0 * np.eye(3)[truth] + rng.standard_normal((size, 3))
    model = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return (
        dataset([""] * size, consensus.label.astype(np.int64), ("a", "b", "c"), rows),
        truth,
        model,
        consensus.confidence,
    )


def judged(given: Dataset, model: Floats | None) -> WeighedVotes:
    return crowd.weigh(given, crowd.gather(given), model)


def test_wrong_consensus_is_ranked_better_than_by_confidence_and_by_crowdlab() -> None:
    given, truth, model, confidence = world(600, 3, 1)
    found = judged(given, model)
    known = given.labels >= 0
    wrong = (given.labels != truth)[known]
    ours = found.scores(given.labels, np.full(600, np.nan))[known]
    others = max(roc_auc_score(wrong, -confidence[known]), roc_auc_score(wrong, -found.quality[known]))
    assert roc_auc_score(wrong, ours) > others


def test_what_votes_and_model_prefer_is_right_more_often_than_the_consensus() -> None:
    given, truth, model, _ = world(600, 3, 2)
    known = given.labels >= 0
    preferred = judged(given, model).posterior.argmax(axis=1)
    assert (preferred == truth)[known].mean() > (given.labels == truth)[known].mean() + 0.01


def test_the_majority_that_the_consensus_overruled_is_not_brought_back() -> None:
    rows = [(0, 0, 0), (0, 3, 0), (0, 1, 1)]  # two who guess against one who knows
    truth = np.random.default_rng(3).integers(0, 3, 300)
    truth[0] = 1
    rows += [row for row in voted(truth, 4, 4) if row[0] > 0]
    given = dataset([""] * 300, truth, ("a", "b", "c"), rows)
    row = judged(given, np.full((300, 3), 1 / 3)).posterior[0]
    assert row[1] > row[0]


def test_a_model_that_tells_nothing_is_not_heard_and_takes_nothing_away() -> None:
    given, truth, model, _ = world(600, 4, 5)
    alone = judged(given, None)
    noise = judged(given, np.random.default_rng(6).permutation(model))
    assert alone.model_weight == 0.0
    assert noise.model_weight <= 0.1
    right = [(one.posterior.argmax(axis=1) == truth).mean() for one in (alone, noise)]
    assert right[1] >= right[0] - 0.01
    assert np.isnan(alone.quality).all()


def test_an_item_with_one_vote_is_left_to_the_model() -> None:
    rows = [(0, 0, 0), (1, 0, 1), (1, 1, 1), (2, 1, 0), (2, 0, 0)]
    found = judged(dataset([""] * 4, [0, 1, 0, -1], ("a", "b"), rows), None)
    assert found.several.tolist() == [False, True, True, False]
    assert np.isnan(found.posterior[[0, 3]]).all()
    assert found.scores(np.array([0, 1, 0, -1]), np.array([0.7, 0.7, 0.7, np.nan]))[0] == 0.7
    assert found.posterior[1:3].sum(axis=1) == pytest.approx([1.0, 1.0])


def test_classes_the_model_has_never_seen_do_not_break_the_votes() -> None:
    given, _, model, _ = world(60, 3, 7)
    model[:, 2] = 0.0
    assert np.isfinite(judged(given, model).posterior).all()


# -- through the whole pass -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pets() -> tuple[Dataset, Examination]:
    """120 texts with three votes; labels are the consensus, but item 0 has one nobody voted for and item 1 is a tie."""
    contents, truth = texts((40, 40, 40))
    rows = [row for row in voted(truth, 3, 8) if row[0] > 1]
    rows += [(0, who, int(truth[0])) for who in (1, 2, 4)]
    rows += [(1, 1, int(truth[1])), (1, 2, (int(truth[1]) + 1) % 3)]
    columns = np.array(rows).T
    labels = METHODS["dawid_skene"](Votes(columns[0], columns[1], columns[2], 120, PEOPLE, 3)).label.astype(np.int64)
    labels[0] = (truth[0] + 1) % 3
    labels[1] = (truth[1] + 1) % 3
    given = dataset(contents, labels, votes=rows)
    return given, look_at(given)


def test_the_score_and_the_confidence_are_of_one_distribution(pets: tuple[Dataset, Examination]) -> None:
    given, found = pets
    flags = {one.item: one for one in found.findings if one.kind == "label_error"}
    assert flags[0].suggested is not None
    assert flags[0].confidence <= flags[0].score + 1e-12
    for flag in flags.values():
        assert flag.score == pytest.approx(found.label_scores[flag.item])
        assert flag.suggested != given.labels[flag.item]
        if flag.suggested is None:
            assert flag.confidence == 0.0
        else:
            assert flag.confidence >= 1.5 * (1 - flag.score)
    assert found.summary["votes"]["items"] == 120


def test_a_tie_is_never_a_wrong_label(pets: tuple[Dataset, Examination]) -> None:
    _, found = pets
    assert 1 not in {one.item for one in found.findings if one.kind == "label_error"}
    assert found.summary["votes"]["tied"] >= 1


def test_without_a_model_votes_alone_accuse_nobody() -> None:
    truth = np.random.default_rng(9).integers(0, 3, 80)
    labels = truth.copy()
    labels[0] = (truth[0] + 1) % 3
    found = look_at(dataset([""] * 80, labels, ("a", "b", "c"), voted(truth, 5, 10, np.full(8, 0.9))))
    assert found.probabilities is None
    assert np.isnan(found.label_scores).all()
    assert [one for one in found.findings if one.kind == "label_error"] == []


def test_many_votes_are_overruled_only_at_two_to_one(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = np.zeros(4, dtype=np.int64)
    rows = [(item, who, int(who < 6)) for item in (0, 1) for who in range(11)]
    rows += [(item, who, int(who < 4)) for item in (2, 3) for who in range(7)]
    even = np.array([[0.35, 0.65], [0.3, 0.7], [0.35, 0.65], [0.45, 0.55]])
    true_weigh = crowd.weigh

    def fixed(*arguments: Any) -> WeighedVotes:
        found = true_weigh(*arguments)
        found.posterior[:] = even
        return found

    monkeypatch.setattr(crowd, "weigh", fixed)
    seen: list[Evidence] = []

    def keep(evidence: Evidence) -> list[Finding]:
        seen.append(evidence)
        return []

    monkeypatch.setattr(examine, "_detect", keep)
    look_at(dataset([""] * 4, truth, ("a", "b"), rows))
    flags = {one.item: one.suggested for one in several_votes.find(seen[0], "label_error")}
    assert flags == {0: None, 1: 1, 2: 1, 3: None}


# -- what is said of people -------------------------------------------------------------------------------------------


def test_others_disagree_only_with_those_who_guess() -> None:
    truth = np.random.default_rng(11).integers(0, 3, 400)
    given = dataset([""] * 400, truth, ("a", "b", "c"), voted(truth, 4, 12))
    votes = crowd.gather(given)
    said = disagreement(votes, crowd.weigh(given, votes, None))
    assert {who for who, _ in said} == {0, 3, 6, 9}
    for (who, chose), differs in said.items():
        mine = (given.vote_annotators == who) & (given.vote_classes == chose)
        items = given.vote_items[mine]
        others = votes.counts[items].sum() - len(items)
        same = votes.counts[items, chose].sum() - len(items)
        assert differs.of == len(items)
        assert differs.share == pytest.approx(1 - same / others)


def test_of_few_answers_and_of_answers_nobody_else_gave_nothing_is_said() -> None:
    truth = np.random.default_rng(13).integers(0, 3, 300)
    rows = [row for row in voted(truth, 4, 14) if row[1] != 0 or row[0] < 40]
    rows = [row for row in rows if row[1] != 3]
    rows += [(300 + n, 3, 0) for n in range(60)]  # alone with all of them
    given = dataset([""] * 360, [*truth, *[0] * 60], ("a", "b", "c"), rows)
    votes = crowd.gather(given)
    few = np.bincount(given.vote_classes[given.vote_annotators == 0], minlength=3)
    said = disagreement(votes, crowd.weigh(given, votes, None))
    assert few.max() < 10
    assert {who for who, _ in said} == {6, 9}

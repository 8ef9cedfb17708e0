"""Which labels are flagged: what the scores say, without caps, and never against the evidence that is shown."""

import random
from dataclasses import replace

import numpy as np
import pytest

from labeler.quality.dataset import Learnt
from tests.quality.worlds import dataset, kinds, look_at, texts, with_mistakes

WORDS = (
    ["great", "lovely", "wonderful", "happy", "excellent", "nice", "superb", "joyful"],
    ["awful", "terrible", "bad", "sad", "horrible", "poor", "nasty", "dreadful"],
)


def swapped(count: int, wrong: int) -> tuple[list[str], list[int]]:
    """Short texts of two classes that are easy to tell apart, some of each with the other label."""
    rng = random.Random(2)
    contents = [" ".join(rng.choices(WORDS[label], k=10)) for label in (0, 1) for _ in range(count)]
    return contents, [label if place >= wrong else 1 - label for label in (0, 1) for place in range(count)]


@pytest.mark.parametrize(("count", "wrong"), [(60, 4), (60, 0), (300, 1), (700, 2)])
def test_only_wrong_labels_are_flagged_where_the_models_know_the_classes(count: int, wrong: int) -> None:
    contents, labels = swapped(count, wrong)
    found = look_at(dataset(contents, labels, ("pos", "neg")))
    assert kinds(found, "label_error") == {place + half for half in (0, count) for place in range(wrong)}


def test_the_evidence_of_a_flag_prefers_the_suggestion_to_the_label() -> None:
    contents, truth = texts((400, 300, 100))
    for share in (0.0, 0.01, 0.2):
        labels = with_mistakes(truth, share, 3) if share else truth
        found = look_at(dataset(contents, labels))
        assert found.probabilities is not None
        for one in found.findings:
            if one.kind == "label_error":
                assert found.probabilities[one.item, one.suggested] > found.probabilities[one.item, labels[one.item]]
                models = [reason for reason in one.reasons if reason["kind"] == "model"]
                assert all(reason["probability"] > reason["given_probability"] for reason in models)


def test_many_wrong_labels_give_many_flags_and_true_ones_few() -> None:
    contents, truth = texts((200, 200, 200))
    many = look_at(dataset(contents, with_mistakes(truth, 0.25, 3)))
    assert len(kinds(many, "label_error")) > 75  # half of the wrong ones
    assert len(kinds(look_at(dataset(contents, truth)), "label_error")) <= 12


def test_a_model_that_is_merely_weak_does_not_call_everything_ambiguous() -> None:
    rng = random.Random(4)
    contents = [
        " ".join(rng.choices(WORDS[label], k=1) + rng.choices(WORDS[0] + WORDS[1], k=8)) for label in (0, 1) * 200
    ]
    found = look_at(dataset(contents, np.array([0, 1] * 200), ("pos", "neg")))
    if found.probabilities is not None:
        best = np.sort(found.probabilities, axis=1)
        close = set(np.flatnonzero((best[:, 0] >= 0.45) & (best[:, 1] - best[:, 0] <= 0.05)).tolist())
        assert kinds(found, "ambiguous") == close


def test_once_decisions_taught_it_labels_are_flagged_from_there_on_and_twice_as_far_as_was_looked() -> None:
    contents, truth = texts((200, 200, 200))
    labels = with_mistakes(truth, 0.25, 3)
    plain = look_at(dataset(contents, labels))
    first = sorted((one.score for one in plain.findings if one.kind == "label_error"), reverse=True)

    def flagged(learnt: Learnt) -> int:
        return len(kinds(look_at(replace(dataset(contents, labels), learnt=learnt)), "label_error"))

    assert flagged(Learnt(20, 0.0, first[24])) == 50  # all are likely wrong, and 25 stand as high as anybody looked
    assert flagged(Learnt(20, first[9], first[24])) == 10
    assert flagged(Learnt(20, 2.0, first[24])) == 0


def test_labels_are_drawn_at_random_from_the_tenth_with_the_highest_scores_until_enough_is_known() -> None:
    contents, truth = texts((110, 110, 80))
    labels = with_mistakes(truth, 0.05, 3)
    found = look_at(dataset(contents, labels))
    drawn = kinds(found, "random_draw")
    assert len(drawn) == 20
    assert drawn <= set(np.argsort(-found.label_scores, kind="stable")[:30].tolist())
    assert drawn == kinds(look_at(dataset(contents, labels)), "random_draw")
    assert not kinds(look_at(replace(dataset(contents, labels), learnt=Learnt(40, 0.5, 0.1))), "random_draw")
    assert not kinds(look_at(dataset(contents[:150], labels[:150])), "random_draw")  # all of a small set is looked at

"""What judged items teach of how sure a consensus may be."""

import numpy as np
import pytest

from labeler.consensus.temper import Checked, learnt, tempered

SURE = np.tile([0.9, 0.08, 0.02], (200, 1))


def test_nothing_judged_changes_nothing() -> None:
    assert learnt(SURE, []) == 1.0
    assert tempered(SURE, 1.0) is SURE


def test_a_crowd_that_is_wrong_more_often_than_it_says_becomes_less_sure() -> None:
    judged = [Checked(item, 0 if item % 2 else 1) for item in range(20)]
    power = learnt(SURE, judged)
    said = tempered(SURE, power)
    assert power < 0.7
    assert said[0, 0] < 0.8
    assert (said.argsort(axis=1) == SURE.argsort(axis=1)).all()
    assert said.sum(axis=1) == pytest.approx(np.ones(200))


def test_a_crowd_that_is_always_right_becomes_surer_but_not_for_one_item() -> None:
    assert learnt(SURE, [Checked(0, 0)]) == pytest.approx(1.0, abs=0.1)
    assert learnt(SURE, [Checked(item, 0) for item in range(60)]) > 1.2


def test_a_wrong_label_whose_right_one_nobody_knows_counts_against_it() -> None:
    judged = [Checked(item, 0, wrong=item % 2 == 0) for item in range(20)]
    assert learnt(SURE, judged) < 0.7


def test_items_that_stand_for_many_count_for_more() -> None:
    judged = [Checked(item, 1 if item < 5 else 0, weight=1 if item < 5 else 9) for item in range(20)]
    even = [Checked(one.item, one.label) for one in judged]
    assert learnt(SURE, judged) > learnt(SURE, even)


def test_one_class_has_nothing_to_temper() -> None:
    assert learnt(np.ones((3, 1)), [Checked(0, 0)]) == 1.0

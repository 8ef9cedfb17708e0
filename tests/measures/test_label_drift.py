"""Label drift: SciPy's own test as witness, its stated rate where nothing differs, and nothing said of small parts."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency

from labeler.measures.label_drift import chi_square, divergence, drifts, psi


def test_chi_square_is_that_of_scipy() -> None:
    own, rest = np.array([30, 50, 20]), np.array([80, 60, 90])
    statistic, freedom = chi_square(own, rest)
    witness = chi2_contingency(np.array([own, rest]), correction=False)
    assert statistic == pytest.approx(witness.statistic)
    assert freedom == witness.dof
    found = drifts(np.array([own, rest]))[0]
    assert found.chance == pytest.approx(witness.pvalue)
    assert found.effect == pytest.approx((witness.statistic / (own.sum() + rest.sum())) ** 0.5)


def test_rare_classes_are_taken_together() -> None:
    statistic, freedom = chi_square(np.array([100, 100, 1, 2, 3]), np.array([100, 100, 3, 2, 4]))
    witness = chi2_contingency(np.array([[100, 100, 6], [100, 100, 9]]), correction=False)
    assert statistic == pytest.approx(witness.statistic)
    assert freedom == witness.dof


def test_divergence_is_that_of_scipy_and_psi_grows_with_the_difference() -> None:
    one, two = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    assert divergence(one, two) == pytest.approx(jensenshannon(one, two, base=2) ** 2)
    assert divergence(one, one) == 0
    near, far = psi(np.array([50, 50]), np.array([52, 48])), psi(np.array([50, 50]), np.array([90, 10]))
    assert 0 <= near < 0.1 < far
    assert np.isfinite(psi(np.array([50, 0]), np.array([40, 10])))


def test_a_part_stands_out_only_when_it_is_sure_and_clear() -> None:
    small, large = np.array([[520, 480], [5000, 5000]]), np.array([[50_400, 49_600], [49_600, 50_400]])
    assert [one.stands_out for one in drifts(small)] == [False, False]
    found = drifts(large)
    assert found[0].chance < 0.01
    assert not found[0].stands_out, "sure and without weight"
    shifted = drifts(np.array([[70, 30], [500, 500]]))[0]
    assert shifted.stands_out
    assert (shifted.most, shifted.share, shifted.others) == (0, 0.7, 0.5)
    assert drifts(np.array([[30, 10], [500, 500]])) == [], "of forty items nothing is said"


def test_where_nothing_differs_one_part_in_a_hundred_is_sure() -> None:
    random = np.random.default_rng(5)
    sure = [
        drifts(random.multinomial(200, [0.5, 0.2, 0.2, 0.1], 2))[0].chance < 0.01
        for _ in range(1000)
    ]  # fmt: skip
    assert 0.003 <= np.mean(sure) <= 0.02

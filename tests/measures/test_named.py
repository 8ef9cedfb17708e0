"""The measures that people know by name: as by hand, and what they become where they are undefined."""

import numpy as np
import pytest

from labeler.measures.histogram import Histogram, counts
from labeler.measures.named import Named, of_everybody, of_two
from labeler.measures.pairs import cohen_kappa, cohen_standard_error, scott_pi

# Feinstein & Cicchetti (1990): both agree on 85 of 100, on classes that are even, and on one class mostly
EVEN, MOSTLY_ONE = {(0, 0): 40, (0, 1): 9, (1, 0): 6, (1, 1): 45}, {(0, 0): 80, (0, 1): 10, (1, 0): 5, (1, 1): 5}


def values(found: tuple[Named, ...]) -> dict[str, float | None]:
    return {one.measure: one.value for one in found}


@pytest.mark.parametrize(("items", "kappa", "ac1"), [(EVEN, 0.700, 0.701), (MOSTLY_ONE, 0.318, 0.808)])
def test_kappa_falls_where_almost_all_is_one_class_and_ac1_does_not(
    items: dict[tuple[int, int], int], kappa: float, ac1: float
) -> None:
    histogram: Histogram = {(0, 0): items[0, 0], (0, 1): items[0, 1] + items[1, 0], (1, 1): items[1, 1]}
    assert values(of_two(items, 2, "nominal"))["cohen_kappa"] == pytest.approx(kappa, abs=5e-4)
    everybody = of_everybody(counts(histogram, 2), "nominal")
    assert values(everybody)["gwet_ac1"] == pytest.approx(ac1, abs=5e-4)
    assert all(one.standard_error and 0 < one.standard_error < 0.2 for one in everybody)


def test_scotts_pi_is_fleiss_kappa_of_two_annotators() -> None:
    histogram: Histogram = {(0, 0): 40, (0, 1): 15, (1, 1): 45}
    fleiss = values(of_everybody(counts(histogram, 2), "nominal"))["fleiss_kappa"]
    assert values(of_two(EVEN, 2, "nominal"))["scott_pi"] == pytest.approx(fleiss)


def test_ordered_classes_have_weighted_measures_too() -> None:
    items = {(0, 0): 20, (1, 1): 20, (2, 2): 20, (0, 1): 8, (2, 0): 1}
    assert list(values(of_two(items, 3, "ordinal"))) == ["cohen_kappa", "cohen_kappa_quadratic", "scott_pi"]
    assert "gwet_ac2_quadratic" in values(of_everybody(counts({(0, 1): 8, (1, 1): 20}, 3), "ordinal"))


def test_what_is_undefined_is_left_out() -> None:
    table = np.array([[9.0, 0.0], [0.0, 0.0]])
    assert cohen_kappa(table) is scott_pi(table) is cohen_standard_error(table) is None
    assert of_two({(0, 0): 9}, 2, "nominal") == of_two({}, 2, "nominal") == ()
    assert of_everybody(counts({(0,): 5}, 2), "nominal") == ()
    assert "krippendorff_alpha" not in values(of_everybody(counts({(0, 0): 5}, 2), "nominal"))

"""What may be said of a person: only what is clear."""

import numpy as np
import pytest
from scipy.stats import beta

from labeler.agreement.persons import others_clearly_differ


@pytest.mark.parametrize(
    ("agreed", "of", "said"),
    [
        (3, 10, True),
        (5, 10, False),  # half, but ten answers prove little
        (0, 9, False),  # nothing before ten
        (50, 80, False),
        (48, 80, True),
        (690, 1000, False),  # below 70 %, but not surely
        (1000, 1000, False),
    ],
)
def test_it_is_said_only_when_the_whole_range_is_low(agreed: int, of: int, *, said: bool) -> None:
    assert bool(others_clearly_differ(agreed, of)) is said


def test_the_bound_is_that_of_the_beta_distribution() -> None:
    of = np.repeat([10.0, 25.0, 60.0], 50)
    agreed = np.tile(np.linspace(0, 1, 50), 3) * of
    assert (others_clearly_differ(agreed, of) == (beta.ppf(0.95, agreed + 1, of - agreed + 1) < 0.7)).all()


def test_a_sum_of_probabilities_above_the_count_by_rounding_is_all_of_it() -> None:
    assert not others_clearly_differ(12.000000001, 12)

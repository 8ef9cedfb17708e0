"""The nearest items of a large set, in which not everything is compared with everything."""

import numpy as np
import pytest
from numpy.typing import NDArray

from labeler.quality import neighbours
from tests.quality.worlds import Floats, Integers

Singles = NDArray[np.float32]


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "EXACT", 200)


def unit(rows: Floats) -> Singles:
    found: Singles = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)).astype(np.float32)
    return found


def exact(space: Singles, count: int) -> tuple[Integers, Singles]:
    alike = space @ space.T
    np.fill_diagonal(alike, -np.inf)
    places = np.argsort(-alike, axis=1, kind="stable")[:, :count]
    return places, np.take_along_axis(alike, places, axis=1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_hardly_any_of_the_nearest_is_missed(seed: int) -> None:
    random = np.random.default_rng(seed)
    topics = random.normal(size=(40, 48))
    space = unit(topics[random.integers(0, 40, 6_000)] + 0.8 * random.normal(size=(6_000, 48)))
    places, cosines = neighbours.nearest(space)
    right, closeness = exact(space, 32)
    found = [len(set(a) & set(b)) / 32 for a, b in zip(places.tolist(), right.tolist(), strict=True)]
    assert np.mean(found) > 0.97
    assert (closeness - cosines).mean() < 0.005
    assert (np.diff(cosines, axis=1) <= 0).all()
    assert not (places == np.arange(6_000)[:, None]).any()


def test_the_same_content_is_always_found() -> None:
    random = np.random.default_rng(3)
    space = unit(random.normal(size=(1_000, 32)))
    places, cosines = neighbours.nearest(np.concatenate([space, space]))
    assert places[:, 0].tolist() == [*range(1_000, 2_000), *range(1_000)]
    np.testing.assert_allclose(cosines[:, 0], 1, atol=1e-5)


def test_a_set_whose_items_are_all_alike_or_empty_has_neighbours_too() -> None:
    space = np.zeros((700, 8), dtype=np.float32)
    space[:350, 0] = 1
    places, cosines = neighbours.nearest(space)
    assert (places >= 0).all()
    assert all(len(set(row)) == 32 for row in places.tolist())
    assert (places[:350] < 350).all()
    np.testing.assert_allclose(cosines[:350], 1)
    np.testing.assert_allclose(cosines[350:], 0)


def test_items_far_from_all_others_get_as_many_neighbours() -> None:
    random = np.random.default_rng(4)
    space = unit(np.concatenate([random.normal(size=(990, 16)) + 9, -9 - random.normal(size=(10, 16))]))
    places, _ = neighbours.nearest(space)
    assert (places >= 0).all()
    assert all(set(row[:9]) | {990 + one} == set(range(990, 1_000)) for one, row in enumerate(places[990:].tolist()))


def test_the_same_set_gives_the_same_neighbours() -> None:
    space = unit(np.random.default_rng(5).normal(size=(900, 24)))
    first, again = neighbours.nearest(space), neighbours.nearest(space)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])

"""Pages of look-alikes: one class each, no larger than a screen, the densest first, the same every time."""

import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from labeler.quality.clusters import A_PAGE, PART, look_alikes
from labeler.quality.dataset import Features
from tests.quality import worlds

Floats = NDArray[np.float64]


def features(space: Any, blank: Any = None) -> Features:
    rows = np.asarray(space, np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    empty = np.zeros(len(rows), np.bool_) if blank is None else np.asarray(blank, np.bool_)
    return Features([], rows, rows, 0.9, np.arange(len(rows)), empty)


def world(count: int, classes: int, seed: int = 0) -> tuple[Features, Floats]:
    """Items around 40 centres, and probabilities that have nothing to do with them."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(40, 24))
    space = centres[rng.integers(0, 40, count)] + 0.4 * rng.normal(size=(count, 24))
    return features(space), rng.dirichlet(np.full(classes, 0.3), count)


def density(space: Any) -> float:
    return float(np.linalg.norm(space.mean(axis=0)))


@pytest.mark.parametrize("media", ["image", "text"])
@pytest.mark.parametrize("count", [1, 3, 10, 31, 400, 2 * PART + 7])
def test_every_item_is_on_one_page_of_one_class_that_fits_a_screen(media: str, count: int) -> None:
    extracted, probabilities = world(count, 3)
    pages = look_alikes(extracted, probabilities, media)
    assert pages.min() == 0
    likeliest = probabilities.argmax(axis=1)
    for page in range(int(pages.max()) + 1):
        on_page = np.flatnonzero(pages == page)
        assert 1 <= len(on_page) <= A_PAGE[media]
        assert len(set(likeliest[on_page].tolist())) == 1


def test_pages_are_full_but_for_what_a_class_leaves_over() -> None:
    extracted, probabilities = world(1000, 4)
    pages = look_alikes(extracted, probabilities, "image")
    fewest = sum(-(-count // 30) for count in np.bincount(probabilities.argmax(axis=1)).tolist())
    assert int(pages.max()) + 1 == fewest


def test_the_densest_page_comes_first() -> None:
    extracted, probabilities = world(900, 2)
    pages = look_alikes(extracted, probabilities, "text")
    densities = [density(extracted.space[pages == page]) for page in range(int(pages.max()) + 1)]
    assert all(one >= other - 1e-5 for one, other in pairwise(densities))


def test_look_alikes_are_together() -> None:
    extracted, probabilities = world(1200, 1)
    pages = look_alikes(extracted, probabilities, "image")
    shuffled = np.random.default_rng(1).permutation(pages)

    def mean_density(of: Any) -> float:
        return float(np.mean([density(extracted.space[of == page]) for page in range(int(of.max()) + 1)]))

    assert mean_density(pages) > 3 * mean_density(shuffled)


def test_the_same_items_give_the_same_pages() -> None:
    extracted, probabilities = world(PART + 500, 2)
    again, the_same = world(PART + 500, 2)
    assert np.array_equal(look_alikes(extracted, probabilities, "image"), look_alikes(again, the_same, "image"))


def test_identical_items_are_dealt_out_too() -> None:
    extracted = features(np.ones((2 * PART, 3)))
    pages = look_alikes(extracted, np.ones((2 * PART, 1)), "image")
    assert np.bincount(pages).max() <= 30
    assert pages.min() == 0


def test_what_cannot_be_read_is_on_no_page_and_without_a_model_nothing_is() -> None:
    extracted, probabilities = world(50, 2)
    empty = features(extracted.space, blank=[place % 5 == 0 for place in range(50)])
    pages = look_alikes(empty, probabilities, "image")
    assert set(np.flatnonzero(pages < 0).tolist()) == set(range(0, 50, 5))
    assert look_alikes(extracted, None, "image").tolist() == [-1] * 50
    assert look_alikes(features(np.zeros((4, 0))), np.ones((4, 2)), "text").tolist() == [-1] * 4
    assert look_alikes(features(np.zeros((0, 3))), np.zeros((0, 2)), "text").tolist() == []


def test_twenty_thousand_items_take_seconds() -> None:
    extracted, probabilities = world(20_000, 5)
    begin = time.process_time()
    look_alikes(extracted, probabilities, "image")
    assert time.process_time() - begin < 10  # half a second on a free core


@pytest.mark.slow
def test_an_examination_puts_look_alikes_on_pages() -> None:
    contents, truth = worlds.texts([40, 40, 40])
    found = worlds.look_at(worlds.dataset(contents, np.where(np.arange(120) % 3 == 0, -1, truth)))
    assert found.clusters.min() == 0
    assert found.probabilities is not None
    for page in range(int(found.clusters.max()) + 1):
        on_page = found.clusters == page
        assert on_page.sum() <= A_PAGE["text"]
        assert len(set(found.probabilities[on_page].argmax(axis=1).tolist())) == 1

"""The check on mistakes planted on purpose."""

from labeler.quality import planted
from labeler.quality.examine import examine, look_at
from tests.quality import worlds


def quiet(_share: float, _sentence: str) -> None:
    """Hear no progress."""


def test_planted_mistakes_are_found_again_and_the_labels_stay_as_they_were() -> None:
    texts, truth = worlds.texts((80, 70, 60), seed=5)
    world = worlds.dataset(texts, truth)
    contents = look_at(world, progress=quiet)
    scores = examine(world, progress=quiet, contents=contents, most_deals=1).label_scores
    found = planted.check(world, contents, scores, progress=quiet, seed=1)
    assert found is not None
    assert found.planted == 10
    assert 8 <= found.restored <= found.found <= found.planted
    assert found.flagged >= found.found
    assert (world.labels == truth).all()
    few = scores.copy()
    few[100:] = float("nan")
    assert planted.check(world, contents, few, progress=quiet, seed=1) is None

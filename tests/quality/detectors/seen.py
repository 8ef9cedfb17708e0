"""What detectors look at, without a model: contents that were read, and nothing learnt from their labels."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from labeler.cli.audit_file.words import Words
from labeler.quality import crowd, disagreement
from labeler.quality.dataset import Evidence, Features, Finding
from labeler.quality.examine import look_at
from tests.quality.worlds import dataset


def evidence(contents: Sequence[Any], *, read: bool = False, **more: Any) -> Evidence:
    """Return what is known of some items; read: their contents are compared too; more: what else their set has."""
    labels = more.pop("labels", [-1] * len(contents))
    world = replace(dataset(contents, labels), **more)
    count, nothing = len(world), np.zeros((0, 0), np.float32)
    nowhere = np.full((count, 8), -1, np.int64)
    blank = np.array([not str(content).strip() for content in contents], dtype=bool)
    features, twins = Features([], nothing, nothing, 0.9, np.arange(count), blank), {}
    if read:
        seen = look_at(world, progress=lambda _share, _sentence: None)
        features, twins = seen.features, seen.twins
    votes = crowd.gather(world)
    by_votes = crowd.weigh(world, votes, None)
    return Evidence(
        dataset=world,
        features=features,
        neighbours=nowhere,
        similarities=np.zeros((count, 8), np.float32),
        twins=twins,
        probabilities=None,
        posterior=None,
        scores=np.full(count, np.nan),
        judgeable=np.ones(len(world.classes), dtype=bool),
        crowd=votes,
        by_votes=by_votes,
        differs=disagreement.disagreement(votes, by_votes),
    )


def said(finding: Finding) -> list[str]:
    """Return the reasons of a finding as the words of its page say them."""
    return Words(("cat", "dog"), str).said(finding)

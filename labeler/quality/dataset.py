"""What goes into an examination and what comes out, as plain values.

Note: `labels` are the labels under inspection (usually the consensus), while
`given` are those the items came with; both are class *positions* in the order of the project's classes, never ids and
never lexicographic. And `1` means "surely wrong" everywhere; cleanlab's own scores mean the opposite and are turned
round where they come in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]

Progress = Callable[[float, str], None]
Reason = dict[str, Any]
Matrix = Any  # a scipy CSR matrix or a dense float32 array; scipy ships no types


@dataclass(frozen=True)
class Learnt:
    """What leads' decisions about earlier flags say of scores. reviews: how many decisions.

    likely_from: the score from which on a label is as likely wrong as not; lowest: the least score that was looked at.
    """

    reviews: int
    likely_from: float
    lowest: float


@dataclass(frozen=True)
class Dataset:
    """N items with what is known about them. -1 stands for "no label".

    contents: N texts, or N paths of image files; classes: K names in project order; labels, given: N class positions;
    votes: three equally long arrays, one entry per annotation: item position, annotator position, class position;
    unjudged: what labels are made of, in words ("boxes"), where they cannot be judged here yet;
    answered: then, how many items have a label (`labels` cannot say it);
    learnt: None before enough was decided about earlier flags.
    """

    media: Literal["text", "image"]
    contents: Sequence[str] | Sequence[Path]
    classes: tuple[str, ...]
    labels: Integers
    given: Integers
    vote_items: Integers
    vote_annotators: Integers
    vote_classes: Integers
    unjudged: str = ""
    answered: int = 0
    learnt: Learnt | None = None

    def __len__(self) -> int:
        """Count the items."""
        return len(self.contents)


@dataclass(frozen=True)
class Finding:
    """One reason to look at one item again.

    score: 0..1, 1 = surely wrong (for a duplicate: surely the same); suggested: a class position or None;
    confidence: the estimated probability of the suggestion, 0 when there is none; reasons: strongest first, at most
    four, each {"kind": …, and texts and numbers}; "class", "given" and "suggested" are class positions in all of them,
    "item" and "annotator" positions that are stored as ids. Of an annotator only that others chose otherwise is said.
    """

    item: int
    kind: str
    score: float
    suggested: int | None
    confidence: float
    reasons: list[Reason]


@dataclass(frozen=True)
class Examination:
    """Everything one examination found, item by item and in sum.

    label_scores, cleanlab_scores: N floats, 1 = surely wrong, NaN where there is no label, no model or where the label
    cannot be judged (its class has too few); label_scores are NaN also where no model is clearly better than guessing;
    probabilities: N x K held-out class probabilities in project order, or None when there is no model worth hearing;
    consensus_quality: N floats, CROWDLAB's quality of the consensus (1 = good), NaN where there are no votes;
    neighbours, similarities: N x 8 item positions (-1 = none) and cosines, most similar first;
    clusters: N numbers, equal for items that look alike and get one class, 0 the densest, -1 = in none.
    """

    findings: list[Finding]
    label_scores: Floats
    cleanlab_scores: Floats
    consensus_quality: Floats
    probabilities: Singles | None
    neighbours: Integers
    similarities: Singles
    clusters: Integers
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FeatureBlock:
    """N x D numbers under one name; sparse blocks are CSR with unit rows, dense ones standardised float32."""

    name: str
    matrix: Matrix


@dataclass(frozen=True)
class Features:
    """All that is known about the contents of N items.

    space: N x D dense unit rows, for neighbours; fingerprint: N x D unit rows, sparse or dense, whose cosine of at
    least `same_from` means nearly the same item; groups: N positions, equal for items with the same content;
    blank: True where there is nothing to read (an empty text, an image file that cannot be opened);
    pieces: N x D counts of words of the whole texts, of which two nearly identical ones hardly differ; None = pictures;
    meaning: N x D unit rows, alike for texts that say alike things in other words; None = pictures, or no encoder.
    """

    blocks: list[FeatureBlock]
    space: Singles
    fingerprint: Matrix
    same_from: float
    groups: Integers
    blank: Truths
    pieces: Matrix | None = None
    meaning: Singles | None = None


@dataclass(frozen=True)
class Crowd:
    """The votes by item. counts: N x K; the votes of item i are annotators[starts[i]:starts[i + 1]] and classes[…]."""

    counts: Floats
    starts: Integers
    annotators: Integers
    classes: Integers


@dataclass(frozen=True)
class WeighedVotes:
    """What votes and model say of items with several votes.

    several: N booleans, two votes or more; posterior: N x K, NaN for all other items; tied: N booleans, the most voted
    classes have equally many votes; quality: N, CROWDLAB's (1 = good, NaN = none); model_weight: how much the model was
    heard, 0 = not at all, 1 = like an independent opinion.
    """

    several: Truths
    posterior: Floats
    tied: Truths
    quality: Floats
    model_weight: float

    def scores(self, labels: Integers, otherwise: Floats) -> Floats:
        """Return N scores: of items with several votes how probably the label is wrong, of all others `otherwise`."""
        import numpy as np

        wrong = 1 - self.posterior[np.arange(len(labels)), labels]
        found: Floats = np.where(self.several, np.where(labels >= 0, np.clip(wrong, 0.0, 1.0), np.nan), otherwise)
        return found


@dataclass(frozen=True)
class Differs:
    """Others who saw the same items chose otherwise. share: of their votes, 0..1; of: choices that were compared."""

    share: float
    of: int


@dataclass(frozen=True)
class Evidence:
    """Everything the detectors may look at; each reads it and none changes it.

    probabilities: N x K held-out class probabilities of models trained on the labels as given; posterior: N x K of the
    true class by the noise model, for items with one label; both None when no model could be trained or none is clearly
    better than guessing. scores: N floats, 1 = surely wrong, NaN without a label and where the label cannot be judged;
    judgeable: K booleans, True for classes with enough labeled items for a model to know them. twins: nearly identical
    items of an item and how alike they are.
    crowd, by_votes: the votes, and what they and the model say of items with several. differs: annotators and classes
    (positions) of whose choices others clearly chose otherwise.
    """

    dataset: Dataset
    features: Features
    neighbours: Integers
    similarities: Singles
    twins: dict[int, dict[int, float]]
    probabilities: Floats | None
    posterior: Floats | None
    scores: Floats
    judgeable: Truths
    crowd: Crowd
    by_votes: WeighedVotes
    differs: Mapping[tuple[int, int], Differs]

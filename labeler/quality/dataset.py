"""What goes into an examination and what comes out, as plain values.

Note: `labels` are the labels under inspection (usually the consensus), while
`given` are those the items came with; both are class *positions* in the order of the project's classes, never ids and
never lexicographic. And `1` means "surely wrong" everywhere; cleanlab's own scores mean the opposite and are turned
round where they come in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.task_types.base import Content, TaskConfig, TaskType, Value

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
class ImportedAnswer:
    """What an imported prediction says of an item. score: how sure its model was, 0 to 1, None unsaid."""

    value: Value
    score: float | None = None


@dataclass(frozen=True)
class Values:
    """Labels that are no single class of the project, and all else that is known of N items as such values.

    task: what they answer; config: of the project, by code; all values name classes by their codes, which are
    `config.classes` in project order. labels: under inspection, None = none; answers: {annotator position as text:
    answer}; predictions: imported, None = none; starts: what an answer started from, None = nothing; contents: the
    text, or the size of the picture that places are told in.
    """

    task: TaskType
    config: TaskConfig
    labels: list[Value | None]
    answers: list[Mapping[str, Value]]
    predictions: list[ImportedAnswer | None]
    starts: list[Value | None]
    contents: list[Content]


@dataclass(frozen=True)
class Dataset:
    """N items with what is known about them. -1 stands for "no label".

    contents: N texts, or N paths of image files; classes: K names in project order, steps of a scale where `ordered`;
    labels, given: N class positions;
    votes: three equally long arrays, one entry per annotation: item position, annotator position, class position;
    unjudged: what labels are made of, in words ("counts"), where nobody can judge them;
    values: labels that are no single class, whose `labels` are all -1; None where one class is a label;
    answered: then, how many items have a label (`labels` cannot say it);
    learnt: None before enough was decided about earlier flags;
    vectors: imported, N x D, a row of zeros where an item has none; outside: N x K imported class probabilities of a
    model that did not learn from these labels, NaN where there are none;
    columns: what else is known of the items, by column N values as text, "" = none; names: N, of the items, or none;
    sizes: N (width, height) in pixels of pictures as they came, or none.
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
    values: Values | None = None
    ordered: bool = False
    vectors: Singles | None = None
    outside: Floats | None = None
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Sequence[str] = ()
    sizes: Sequence[tuple[int, int]] = ()

    def __len__(self) -> int:
        """Count the items."""
        return len(self.contents)


@dataclass(frozen=True)
class Finding:
    """One reason to look at one item again.

    score: 0..1, 1 = surely wrong (for a duplicate: surely the same); suggested: a class position or None;
    value: the suggestion where labels are no single class, by class code; confidence: the estimated probability of the
    suggestion, 0 when there is none; reasons: strongest first, at most four (but every place is named), each
    {"kind": …, and texts and numbers}; "class", "given" and "suggested" are class positions in all of them,
    "item" and "annotator" positions that are stored as ids. Of an annotator only that others chose otherwise is said.
    """

    item: int
    kind: str
    score: float
    suggested: int | None
    confidence: float
    reasons: list[Reason]
    value: Value | None = None


@dataclass(frozen=True)
class Verdict:
    """What a judge says against one label that is no single class.

    places: reasons of the kind "place", the most probable first, each {"kind", "problem", "class", "suggested",
    "probability", …}: what is wrong, the class now and the right one (positions, None for none), how probably, and
    where, as the judge tells places; more: other reasons. value: the label with the places put right, by class code,
    None where nobody knows it; confidence: how probably that is right as a whole.
    """

    item: int
    places: list[Reason]
    value: Value | None = None
    confidence: float = 0.0
    more: list[Reason] = field(default_factory=list)


@dataclass(frozen=True)
class Judged:
    """What a judge made of a whole set.

    scores: N probabilities that a label is wrong, NaN = not judged, of an item with places 1 - the product of
    (1 - probability) over them; cleanlab: N scores of cleanlab turned round, NaN = none; verdicts: one an item that has
    places; notes: sentences; facts: for the summary, with "gate" ({"open": …} or None) and "model" (None where no model
    was heard and nothing else judged).
    """

    scores: Floats
    cleanlab: Floats
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


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
class Looks:
    """How N pictures look as a whole, NaN where there is none (`features/looks.py`). Greys are 0 (black) to 255.

    dark, bright: the greys below and above which 2 % of the pixels lie; reach: how far the greys go without the utmost
    1 %, or where that is little the colour that goes farthest; sharpness: how steep the steepest edges are, in reaches
    a pixel, NaN where nothing reaches far enough to tell;
    width, height: N pixels of the file, 0 = none.
    """

    dark: Floats
    bright: Floats
    reach: Floats
    sharpness: Floats
    width: Integers
    height: Integers


@dataclass(frozen=True)
class Features:
    """All that is known about the contents of N items.

    space: N x D dense unit rows, for neighbours; fingerprint: N x D unit rows, sparse or dense, whose cosine of at
    least `same_from` means nearly the same item; groups: N positions, equal for items with the same content;
    blank: True where there is nothing to read (an empty text, an image file that cannot be opened);
    pieces: N x D counts of words of the whole texts, of which two nearly identical ones hardly differ; None = pictures;
    spaces: by name, further N x D unit rows (zeros: nothing is known), alike for items that mean alike things in other
    words or pictures: of the sentence encoder, of a model an operator named, imported. Each is a block as well;
    looks: how light, sharp and large pictures are; None = texts, or parts of pictures.
    """

    blocks: list[FeatureBlock]
    space: Singles
    fingerprint: Matrix
    same_from: float
    groups: Integers
    blank: Truths
    pieces: Matrix | None = None
    spaces: Mapping[str, Singles] = field(default_factory=dict)
    looks: Looks | None = None

    def beside(self, spaces: Mapping[str, Singles]) -> Features:
        """Return these features with further spaces, from which models learn too."""
        blocks = [FeatureBlock(name, rows) for name, rows in spaces.items()]
        return replace(self, blocks=[*self.blocks, *blocks], spaces={**self.spaces, **spaces})


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
    (positions) of whose choices others clearly chose otherwise. judged: labels that are no single class, by their
    judge; None where one class is a label or nobody judges.
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
    judged: Judged | None = None

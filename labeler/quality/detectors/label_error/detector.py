"""Labels that are probably wrong.

A label is flagged when its score is at least `LIKELY`, and at least the `FEWEST` worst (or a fiftieth of the labels, if
that is less) are, so that there is something to check the scores by. There is no upper limit: where the scores say so,
many are. Once enough earlier flags were decided, a label is flagged when it is as likely wrong as not by what these
decisions taught, at most twice as far down as anybody has looked: then there is more to learn from.
And a flag's evidence never speaks against it: the models that never saw the item must find another class likelier than
the label. Where that leaves fewer than `FEWEST`, fewer are flagged. Labels that cannot be judged (`judgeable.py`) have
no score and are never flagged. Items with several votes are judged in `several_votes`, labels that are no single class
were judged by the judge that their task type names, whose word is taken in `by_judge`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from labeler.messages import Message
from labeler.quality.dataset import Evidence, Finding
from labeler.quality.detectors.base import Detector
from labeler.quality.detectors.label_error import by_judge, ordinal, reasons, several_votes

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers

KIND = "label_error"
LIKELY = 0.3
FEWEST = 20
SHARE = 50  # one label in so many
FURTHER = 2  # times as far down as anybody has looked


def find(evidence: Evidence) -> list[Finding]:
    """Flag labels for which another class is more probable; suggests that class."""
    if evidence.judged is not None:
        return by_judge.find(evidence.judged, KIND, LIKELY, FEWEST, SHARE)
    if evidence.posterior is None or evidence.probabilities is None:
        return []  # no model is worth hearing: then votes alone accuse nobody either, and say so as disagreements
    return _of_one_label(evidence, evidence.probabilities, evidence.posterior) + several_votes.find(evidence, KIND)


def _of_one_label(evidence: Evidence, probabilities: Floats, posterior: Floats) -> list[Finding]:
    suggested, contrary = _suggest(evidence, probabilities, posterior)
    suspects = _cut(evidence, contrary)
    labels = evidence.dataset.labels
    mixed = Counter((int(labels[item]), int(suggested[item])) for item in suspects)
    return [
        Finding(
            item=int(item),
            kind=KIND,
            score=float(evidence.scores[item]),
            suggested=int(suggested[item]),
            confidence=float(posterior[item, suggested[item]]),
            reasons=reasons.for_label(evidence, int(item), int(suggested[item]), mixed),
        )
        for item in (ordinal.farthest_first(suspects, suggested, labels) if evidence.dataset.ordered else suspects)
    ]


def _suggest(evidence: Evidence, probabilities: Floats, posterior: Floats) -> tuple[Integers, Floats]:
    """Return for all N the best class other than the label, and by how much the evidence prefers it to the label."""
    import numpy as np

    labels, everyone = evidence.dataset.labels, np.arange(len(evidence.dataset))
    others = posterior.copy()
    others[everyone[labels >= 0], labels[labels >= 0]] = -1.0
    others[:, ~evidence.judgeable] = -1.0
    suggested = ordinal.suggest(posterior, others, labels) if evidence.dataset.ordered else others.argmax(axis=1)
    return suggested, probabilities[everyone, suggested] - probabilities[everyone, labels]


def _cut(evidence: Evidence, contrary: Floats) -> Integers:
    """Return the positions of the flagged items, in item order."""
    import numpy as np

    learnt = evidence.dataset.learnt
    judged = ~np.isnan(evidence.scores) & ~evidence.by_votes.several
    scores = np.where(judged & (contrary > 0), evidence.scores, -1.0)
    order = np.argsort(-scores, kind="stable")
    if learnt is not None:
        looked_at = max(FEWEST, int((scores >= learnt.lowest).sum()))
        within = order[: FURTHER * looked_at]
        return np.sort(within[scores[within] >= max(learnt.likely_from, 0.0)])
    worst = order[: min(FEWEST, int(judged.sum()) // SHARE)]
    return np.union1d(np.flatnonzero(scores >= LIKELY), worst[scores[worst] >= 0])


DETECTOR = Detector(
    KIND,
    find,
    title=Message("Likely wrong"),
    waiting=Message("Labels likely wrong"),
    explanation=Message("The model, or the votes and the model together, find another label likelier."),
    tone="warn",
    bulk=True,
    judges=True,
)

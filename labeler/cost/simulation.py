"""Projects as they may go: items answered by people of a drawn crowd, and the label after each further answer.

Labels and confidences are those of `consensus.methods.one_coin` with everybody's accuracy known, as it is once a
project has some fifty answers of each; a test compares the two. So a plan costs no fit: after each answer there is a
label and a confidence, and a plan says after which answer an item ends. Where people answer less than that, their
accuracies are learnt from the answers (`learnt`), as badly as a project would.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeler.consensus.base import Votes
from labeler.consensus.methods import one_coin

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.cost.crowd import Crowd

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

ITEMS, FITTED_ITEMS = 2000, 400  # of one simulated project at most; of one in which accuracies are learnt
_NEVER = (0.02, 0.998)  # nobody is always wrong or always right


@dataclass(frozen=True, eq=False)
class Course:
    """How items went. label, doubt: (answers, items) after each answer: the class position, and 1 - confidence."""

    label: Ints
    doubt: Floats

    def after(self, last: Ints) -> Ints:
        """Return (items,) the labels after so many answers of each."""
        import numpy as np

        return np.asarray(self.label[last - 1, np.arange(len(last))])


@dataclass(frozen=True, eq=False)
class Answered:
    """Who said what of items: (items, answers). people: (people,) their accuracies; truth: (items,) where known."""

    person: Ints
    said: Ints
    people: Floats
    truth: Ints | None = None


def answered(crowd: Crowd, people: int, most: int, chance: np.random.Generator, items: int = ITEMS) -> Answered:
    """Let `most` different people answer each item."""
    import numpy as np

    classes = len(crowd.shares)
    truth = chance.choice(classes, items, p=crowd.shares)
    hard = chance.random(items) < crowd.hard
    looks_like = _drawn(chance, crowd.confusion[truth])
    logit = np.log(crowd.easy / (1 - crowd.easy)) if 0 < crowd.easy < 1 else 4.0
    person_logit = logit + crowd.apart * chance.standard_normal((people, 1))
    own = np.clip(1 / (1 + np.exp(-person_logit - crowd.by_class * chance.standard_normal((people, classes)))), *_NEVER)
    person = np.argsort(chance.random((items, people)), axis=1)[:, :most]
    of_item = chance.beta(crowd.alike * crowd.on_hard, crowd.alike * (1 - crowd.on_hard), items)
    right = chance.random(person.shape) < np.where(hard[:, None], of_item[:, None], own[person, truth[:, None]])
    wrong = np.column_stack([_drawn(chance, crowd.confusion[truth]) for _ in range(person.shape[1])])
    wrong = np.where(hard[:, None], looks_like[:, None], wrong)
    known = (1 - crowd.hard) * (own @ crowd.shares) + crowd.hard * crowd.on_hard
    return Answered(person, np.where(right, truth[:, None], wrong), np.clip(known, *_NEVER), truth)


def _drawn(chance: np.random.Generator, rows: Floats) -> Ints:
    """Draw a class from each row of probabilities."""
    import numpy as np

    found = (rows.cumsum(axis=1) < chance.random((len(rows), 1))).sum(axis=1)
    return np.asarray(np.minimum(found, rows.shape[1] - 1), np.int64)


def course(items: Answered, shares: Floats) -> Course:
    """Return what labels are after each answer. shares: (classes,) how often each class is the truth."""
    import numpy as np

    many, classes = len(items.said), len(shares)
    scores = np.tile(np.log(np.maximum(shares, 1e-12)), (many, 1))
    weight = np.log(items.people * max(classes - 1, 1) / (1 - items.people))
    labels: list[Ints] = []
    doubt: list[Floats] = []
    for person, said in zip(items.person.T, items.said.T, strict=True):
        scores[np.arange(many), said] += weight[person]
        labels.append(scores.argmax(axis=1) if labels else said)  # of one answer, that answer
        best = scores.max(axis=1, keepdims=True)
        doubt.append(1 - 1 / np.exp(scores - best).sum(axis=1))
    return Course(np.array(labels), np.array(doubt))


def learnt(items: Answered, answers: int, classes: int) -> Answered:
    """Return the same with the accuracies that the first answers of each item teach."""
    import numpy as np

    many, people = len(items.said), len(items.people)
    person, said = items.person[:, :answers].ravel(), items.said[:, :answers].ravel()
    fitted = one_coin.consensus(Votes(np.repeat(np.arange(many), answers), person, said, many, people, classes))
    return items if fitted.accuracy is None else replace(items, people=np.clip(fitted.accuracy, *_NEVER))


def ends(doubt: Floats, least: int, most: int, target: float | None) -> Ints:
    """Return after how many answers each item ends. doubt: as of a `Course`; target None: after `most`.

    An item is asked about once more while its label is wrong with a higher probability than the target.
    """
    import numpy as np

    if target is None or most <= least:
        return np.full(doubt.shape[1], most, np.int64)
    sure = doubt[least - 1 : most] <= target
    sure[-1] = True
    return np.asarray(sure.argmax(axis=0) + least, np.int64)

"""Consensus as an average of twelve shrunken Dawid-Skene models, with honest confidence and, if wanted, with content.

Two centres, three strengths and two class priors make twelve models; each is weighed by how well it predicts votes it
did not see, and none is picked: tempering and averaging do most of the work. Note: where no
item has two votes, nothing tells annotators apart, and the votes are only smoothed; no confidence is honest then.
And where a crowd is wrong together, no vote says so: on six of seven recorded sets the average is too sure. `less_sure`
raises its probabilities to a power for that. It is the one number here that was chosen on known truth: powers of .6, .7
and .8 were tried once on those seven sets, .7 and .8 were about equally honest, and the middle was taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from labeler.consensus.base import Consensus, Votes, decided
from labeler.consensus.methods.averaged.columns import Columns
from labeler.consensus.methods.averaged.fit import Centre, Fit, Form, Prior, fit
from labeler.consensus.methods.averaged.held_out import Content, Judged, judge, posterior
from labeler.consensus.temper import tempered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labeler.consensus.base import Floats, Ints

CENTRES: tuple[Centre, ...] = ("pooled", "habit")
CENTRES_ON_STEPS: tuple[Centre, ...] = ("steps", "habit")
PRIORS: tuple[Prior, ...] = ("learnt", "votes")
STRENGTHS = (2.0, 8.0, 1e6)  # the last leaves nothing but the centre
FORMS = tuple(Form(*form) for form in product(CENTRES, STRENGTHS, PRIORS))
ON_STEPS = tuple(Form(*form) for form in product(CENTRES_ON_STEPS, STRENGTHS, PRIORS))
SHARPNESS = 50.0  # a model that is .02 a vote less likely has a third of the weight
DOUBT = 0.75  # power of the probabilities: crowds are wrong together more often than votes can tell (see above)
LARGEST_TABLES = 4_000_000  # cells of all annotators' tables: 32 MB, of which a model holds a few


@dataclass(frozen=True)
class Model:
    """One of the models that were averaged: its form, what was chosen for it, and how it went."""

    form: Form
    judged: Judged
    unclear_share: float
    taken_over: tuple[int, ...]
    rounds: int


@dataclass(frozen=True, eq=False)
class Average:
    """What follows from the votes. probabilities: (items, classes); unclear: (items,) chance of having no clear class.

    confusion: (annotators, true class, given class), None where nobody overlaps or it would be too large; models: one
    a form, none where nobody overlaps; content_weight: how much the content was heard, in the mean of the models.
    """

    probabilities: Floats
    unclear: Floats
    confusion: Floats | None
    models: tuple[Model, ...]
    content_weight: float = 0.0


def consensus(votes: Votes) -> Consensus:
    """Infer labels, a confusion table an annotator and a confidence from votes alone."""
    return _as_consensus(votes, average(votes), 1.0)


def less_sure(votes: Votes, content: Content | None = None) -> Consensus:
    """Do the same with content, if given, and with doubt about the crowd as a whole."""
    return _as_consensus(votes, average(votes, content), DOUBT)


def less_sure_on_steps(votes: Votes, content: Content | None = None) -> Consensus:
    """Do as `less_sure` where classes are steps of a scale: a mistake by one step is likelier than one by two."""
    return _as_consensus(votes, average(votes, content, ON_STEPS), DOUBT)


def _as_consensus(votes: Votes, found: Average, power: float) -> Consensus:
    import numpy as np

    accuracy = None
    if found.confusion is not None:
        shares = found.probabilities[votes.per_item() > 0].mean(axis=0)
        accuracy = np.einsum("att,t->a", found.confusion, shares)
    probabilities = tempered(found.probabilities, power)
    return Consensus(
        probabilities,
        decided(probabilities, votes),
        probabilities.max(axis=1, initial=0.0),
        accuracy=accuracy,
        confusion=found.confusion,
        rounds=sum(model.rounds for model in found.models),
        content_weight=found.content_weight,
    )


def average(votes: Votes, content: Content | None = None, forms: Sequence[Form] = FORMS) -> Average:
    """Average the models, each with a weight of its own for the content: where it tells nothing, it is not heard."""
    import numpy as np

    fewer, person = _with_tables_that_fit(votes)
    columns = Columns.of(fewer)
    if votes.n_classes < 2 or not columns.repeated.any():  # noqa: PLR2004 - nothing tells annotators apart
        smoothed = columns.smoothed.T if votes.n_classes > 1 else np.ones((votes.n_items, votes.n_classes))
        return Average(np.ascontiguousarray(smoothed), np.zeros(votes.n_items), None, ())
    mean = _Mean(columns)
    models = tuple(_hear(mean, columns, form, content) for form in forms)
    confusion = mean.confusion.transpose(1, 0, 2)
    fits = votes.n_annotators * votes.n_classes**2 <= LARGEST_TABLES
    tables = confusion[person] if fits else None
    return Average(mean.probabilities.T, mean.unclear, tables, models, mean.content_weight)


def _hear(mean: _Mean, columns: Columns, form: Form, content: Content | None) -> Model:
    """Fit one model, judge it and take it into the mean; its arrays are free again before the next one is fitted."""
    import numpy as np

    found = fit(columns, form)
    judged = judge(columns, found, content)
    mean.add(found, judged, content)
    taken_over = tuple(np.flatnonzero(found.taken_over).tolist())
    return Model(form, judged, found.unclear_share, taken_over, found.rounds)


class _Mean:
    """A weighted mean of models that come one after the other; the weights are relative to the best so far."""

    def __init__(self, columns: Columns) -> None:
        import numpy as np

        self._columns = columns
        self._best, self._weight, self.content_weight = -np.inf, 0.0, 0.0
        self.probabilities = np.zeros(columns.counts.shape)
        self.unclear = np.zeros(columns.n_items)
        self.confusion = np.zeros((columns.n_classes, columns.n_annotators, columns.n_classes))

    def add(self, found: Fit, judged: Judged, content: Content | None) -> None:
        """Take in one model; its scores are used up."""
        import numpy as np

        kept = self._weight
        if judged.likelihood > self._best:
            kept *= float(np.exp(SHARPNESS * (self._best - judged.likelihood)))
            self._best = judged.likelihood
        weight = float(np.exp(SHARPNESS * (judged.likelihood - self._best)))
        self._weight = kept + weight
        share = weight / self._weight
        self.content_weight += share * (judged.content - self.content_weight)
        values = posterior(self._columns, found, judged, content), found.unclear, found.tables.confusion()
        for mean, value in zip((self.probabilities, self.unclear, self.confusion), values, strict=True):
            np.multiply(mean, 1 - share, out=mean)
            np.multiply(value, share, out=value)
            np.add(mean, value, out=mean)


def _with_tables_that_fit(votes: Votes) -> tuple[Votes, Ints]:
    """Let the annotators with the fewest votes share one table where all tables together would be too large.

    Returns the votes and, for each annotator, whose table is theirs.
    """
    import numpy as np

    most = max(1, LARGEST_TABLES // max(1, votes.n_classes**2))
    if votes.n_annotators <= most:
        return votes, np.arange(votes.n_annotators)
    order = np.argsort(-votes.per_annotator(), kind="stable")
    person = np.empty(votes.n_annotators, dtype=np.int64)
    person[order] = np.minimum(np.arange(votes.n_annotators), most - 1)
    return (
        Votes(votes.item, person[votes.annotator], votes.label, votes.n_items, most, votes.n_classes),
        person,
    )

"""Whether the models are worth hearing at all: clearly better than guessing by how often each class occurs.

Powers and biases are fitted on one half of the labels and judged on the other by how much likelier they make its
labels than the shares of the classes do; several halvings, averaged. Accuracy above the most common class would not do:
on labels without any pattern chance alone lifts it there often. Items with the same content are one witness, not many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.quality import folds, noise, noise_forms

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers

HALVINGS = 3
LEAST_T = 2.5  # standard errors of the gain
LEAST_GAIN = 0.02  # share of the classes' entropy, so that a model of no use does not open it by sheer size
_CHANCE = 0.00621  # of a normal number above LEAST_T


@dataclass(frozen=True)
class Gate:
    """open: whether models may accuse and suggest. gain: nats a label over guessing, as a share of the entropy.

    right, guessed: of `labeled`, how many the pool gives the same label, and how many the most common class `common`
    (a position) has.
    """

    open: bool
    t: float
    gain: float
    right: int
    guessed: int
    labeled: int
    common: int


def compare(logs: Sequence[Floats], pooled: Floats, labels: Integers, groups: Integers, seed: int) -> Gate:
    """Compare held-out opinions (each N x K logs) and their pool with guessing, by the labels (N, -1 = none).

    groups: N numbers, equal for items with the same content.
    """
    import numpy as np

    known = np.flatnonzero(labels >= 0)
    counts = np.bincount(labels[known], minlength=pooled.shape[1])
    used = noise.sample(labels, pooled.shape[1], seed)
    gains = over_guessing([one[used] for one in logs], labels[used], groups[used], seed)
    shares = counts[counts > 0] / len(known)
    t, gain = clearness(gains, groups[used]), float(gains.mean() / -(shares * np.log(shares)).sum())
    return Gate(
        open=is_clear(t, groups[used]) and gain > LEAST_GAIN,
        t=t,
        gain=gain,
        right=int((pooled[known].argmax(axis=1) == labels[known]).sum()),
        guessed=int(counts.max()),
        labeled=len(known),
        common=int(counts.argmax()),
    )


def over_guessing(logs: Sequence[Floats], labels: Integers, groups: Integers, seed: int) -> Floats:
    """Return how many nats likelier each of n labels is by fits that did not see it than by the shares of classes."""
    import numpy as np

    shares = np.bincount(labels) / len(labels)
    with folds.one_thread():
        return _gains(np.stack(logs), labels, groups, seed) - np.log(shares[labels])


def _gains(stack: Floats, labels: Integers, groups: Integers, seed: int) -> Floats:
    """Return the log likelihood of each of n labels under fits that did not see it, the mean over the halvings."""
    import numpy as np

    found, even = np.zeros(len(labels)), np.full(len(stack), 1 / len(stack))
    heads, member = np.unique(groups, return_inverse=True)
    for halving in range(HALVINGS):
        half = (np.random.default_rng(seed + halving).permutation(len(heads)) % 2)[member]
        for part in (0, 1):
            train, test = np.flatnonzero(half != part), np.flatnonzero(half == part)
            fitted = noise.fit(stack[:, train], labels[train], noise_forms.Nothing(stack.shape[2]), even)
            chance = noise.predict(stack[:, test], fitted) @ fitted.matrix
            found[test] += np.log(chance[np.arange(len(test)), labels[test]]) / HALVINGS
    return found


def clearness(gains: Floats, groups: Integers) -> float:
    """Return the mean gain in standard errors, each content counted once."""
    import numpy as np

    _, member, size = np.unique(groups, return_inverse=True, return_counts=True)
    each = np.bincount(member, gains) / size
    return float(each.mean() / (each.std(ddof=1) / len(each) ** 0.5 + 1e-12))


def is_clear(t: float, groups: Integers) -> bool:
    """Whether chance passes t as seldom as a normal number passes LEAST_T, also with few different contents."""
    import numpy as np
    from scipy.stats import t as student

    return bool(t > student.isf(_CHANCE, max(1, len(np.unique(groups)) - 1)))

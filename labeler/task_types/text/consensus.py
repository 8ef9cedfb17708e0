"""One text out of many: the medoid, the answer that is nearest to all others.

Texts are not averaged, letter by letter or word by word: that can make a text which nobody wrote. So the consensus is
always one of the answers. Nearest is the answer with the fewest edits to all others in sum, over normal forms. Edits
and not rates, because they are whole numbers (a tie is a tie, not a rounding) and a metric.

Note: a medoid exists also where everybody wrote something else. Then its confidence is low, and that is all there is
to see it by. With two different answers both are equally near, so there is none: a tie is a person's to decide.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import fsum
from typing import NamedTuple

from labeler.task_types.text.distances import edits, error_rate
from labeler.task_types.text.normal import normal

SPREAD = 0.5  # of the one vote added in smoothing, the part that falls to the answer itself


class Chosen(NamedTuple):
    """text: one of the answers as it was typed, None where undecided; confidence: 0 to 1; differ: not all are equal."""

    text: str | None
    confidence: float
    differ: bool


def nearest(texts: Sequence[str]) -> Chosen:
    """Return the consensus of the answers to one item, given from the earliest to the latest.

    Among answers whose normal forms are equally near, the one that more people gave than any other answer is taken;
    without such a one the item is undecided. Among the answers with the chosen normal form the one typed most often is
    taken, and of those the earliest. Who the answers are from, and the order of different ones, does not matter.

    confidence: how like the others the answer is, the mean of 1 - character error rate with the own vote as 1, after
    adding one vote that is half like it: (sum + 0.5) / (n + 1). So n equal answers have (n + 0.5) / (n + 1), what
    `majority` gives n votes for one of two classes. Undecided: that of the best of the nearest. No answer: 0.
    """
    if not texts:
        return Chosen(None, 0.0, differ=False)
    votes = Counter(normal(text) for text in texts)
    apart = _apart(list(votes))
    sums = {form: sum(many * apart[form, other] for other, many in votes.items()) for form in votes}
    alike = {form: _likeness(form, votes) for form in votes}
    near = [form for form in votes if sums[form] == min(sums.values())]
    chosen = near[0] if len(near) == 1 else _leading(near, votes)
    if chosen is None:
        return Chosen(None, max(alike[form] for form in near), differ=True)
    return Chosen(_as_typed(chosen, texts), alike[chosen], differ=len(votes) > 1)


def _apart(forms: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return how many edits each two of some different texts are apart, both ways round."""
    found = {(one, one): 0 for one in forms}
    for one, other in combinations(forms, 2):
        found[one, other] = found[other, one] = edits(one, other)
    return found


def _leading(near: Sequence[str], votes: Counter[str]) -> str | None:
    """Return the normal form with more votes than any other, if it is one of the nearest."""
    (first, most), (_, second) = votes.most_common(2)
    return first if most > second and first in near else None


def _likeness(form: str, votes: Counter[str]) -> float:
    alike = fsum(many * (1 - error_rate(form, other)) for other, many in votes.items())
    return (alike + SPREAD) / (votes.total() + 1)


def _as_typed(form: str, texts: Sequence[str]) -> str:
    """Return what was typed most often among the texts with a normal form; of several the earliest."""
    typed = Counter(text for text in texts if normal(text) == form)
    return max(typed, key=typed.__getitem__)  # the first of equals: a Counter keeps the order in which it counted

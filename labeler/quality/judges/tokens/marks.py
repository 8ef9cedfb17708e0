"""What can be asked of the marks of a text: whether each is right, one is missing, each ends where it should.

A question is a stretch of tokens with the column it has by the label (0: nothing is marked there). Asked are all marks,
all stretches that the models would mark and nobody did, and of each text the one unmarked token that they would mark
first, so that there are enough stretches where nothing is right. Note: of overlapping marks a token belongs to the
shortest; a mark whose tokens are all others' cannot be judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from labeler.quality.judges.tokens import words

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers
    from labeler.quality.judges.tokens.words import Tokens
    from labeler.task_types.base import Value


class Asked(NamedTuple):
    """A stretch of tokens from `first` up to `end`. column: by the label; mark: its number in the label, -1 = none.

    quiet: only asked so that there are enough where nothing is right.
    """

    text: int
    first: int
    end: int
    column: int
    mark: int
    quiet: bool = False


@dataclass(frozen=True)
class Marked:
    """The marks of n texts on their tokens. columns: T as in `model.expect`; owners: T, number of the mark, -1 = none.

    ranges: of each text, by mark: first token and the one after the last; those that cannot be judged are left out.
    """

    columns: Integers
    owners: Integers
    ranges: list[dict[int, tuple[int, int]]]


def on_tokens(tokens: Tokens, labels: Sequence[Sequence[Value]], column_of: dict[str, int]) -> Marked:
    """Lay marks on tokens. labels: of each text its spans; column_of: by class code, -1 for one nobody can judge."""
    import numpy as np

    columns = np.zeros(len(tokens.starts), dtype=np.int64)
    owners = np.full(len(tokens.starts), -1, dtype=np.int64)
    ranges: list[dict[int, tuple[int, int]]] = []
    for text, spans in enumerate(labels):
        found = {n: words.token_range(tokens, text, one["start"], one["end"]) for n, one in enumerate(spans)}
        for n in sorted(found, key=lambda n: found[n][0] - found[n][1]):
            columns[slice(*found[n])] = column_of.get(spans[n]["label"], -1)
            owners[slice(*found[n])] = n
        whole = {n: place for n, place in found.items() if place[0] < place[1] and (owners[slice(*place)] == n).all()}
        ranges.append({n: place for n, place in whole.items() if columns[place[0]] > 0})
    return Marked(columns, owners, ranges)


def questions(tokens: Tokens, marked: Marked, expected: Floats) -> list[Asked]:
    """Return what is asked of all texts. expected: T x (k + 1) pooled."""
    best = expected.argmax(axis=1)
    asked = []
    for text in range(len(tokens.begins) - 1):
        begin, end = int(tokens.begins[text]), int(tokens.begins[text + 1])
        for mark, place in marked.ranges[text].items():
            asked.append(Asked(text, *place, int(marked.columns[place[0]]), mark))
        runs = list(_runs(best, begin, end))
        free = [run for run in runs if not marked.columns[slice(*run)].any() and (marked.owners[slice(*run)] < 0).all()]
        asked += [Asked(text, *run, 0, -1) for run in free]
        asked += _quiet(text, (begin, end), marked, best, expected)
    return asked


def _runs(best: Integers, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches of one text that the models would mark with one class."""
    import numpy as np

    own = best[begin:end]
    edges = [0, *(np.flatnonzero(own[1:] != own[:-1]) + 1).tolist(), len(own)]
    for first, last in pairwise(edges):
        if last > first and own[first] > 0:
            yield begin + first, begin + last


def _quiet(text: int, ends: tuple[int, int], marked: Marked, best: Integers, expected: Floats) -> list[Asked]:
    import numpy as np

    begin, end = ends
    free = begin + np.flatnonzero((marked.columns[begin:end] == 0) & (best[begin:end] == 0))
    if not len(free):
        return []
    token = int(free[expected[free, 0].argmin()])
    return [Asked(text, token, token + 1, 0, -1, quiet=True)]


def core(asked: Asked, best: Integers) -> Integers:
    """Return the tokens that speak of a question: of a mark those that the models would mark at all, if there are any.

    The others are a matter of where the mark ends.
    """
    import numpy as np

    tokens = np.arange(asked.first, asked.end)
    inside = tokens[best[tokens] > 0]
    return inside if asked.mark >= 0 and len(inside) else tokens


def reach(asked: Asked, marked: Marked, tokens: Tokens, best: Integers) -> tuple[int, int]:
    """Return where a mark of the right class would begin and end by the models; as it is where they do not see it."""
    begin, end = int(tokens.begins[asked.text]), int(tokens.begins[asked.text + 1])
    inside = [token for token in range(asked.first, asked.end) if best[token] == asked.column]
    if not inside:
        return asked.first, asked.end
    first, last = inside[0], inside[-1] + 1
    if first == asked.first:
        while first > begin and best[first - 1] == asked.column and marked.owners[first - 1] < 0:
            first -= 1
    if last == asked.end:
        while last < end and best[last] == asked.column and marked.owners[last] < 0:
            last += 1
    return first, last


def edge_chance(asked: Asked, reached: tuple[int, int], marked: Marked, tokens: Tokens, expected: Floats) -> float:
    """Return how probable the ends of a mark are as they are, against where the models would put them.

    Where these are the same: against the likeliest other ends, one token off.
    """
    import numpy as np

    column = asked.column
    off = [
        *range(min(asked.first, reached[0]), max(asked.first, reached[0])),
        *range(min(asked.end, reached[1]), max(asked.end, reached[1])),
    ]
    if off:
        logs = np.log(expected[off][:, [0, column]])
        inside = np.array([asked.first <= token < asked.end for token in off])
        own = np.where(inside, logs[:, 1], logs[:, 0]).mean()
        other = np.where(inside, logs[:, 0], logs[:, 1]).mean()
        return float(1 / (1 + np.exp(other - own)))
    begin, end = int(tokens.begins[asked.text]), int(tokens.begins[asked.text + 1])
    chances = [1.0]
    inner = [(asked.first, column), (asked.end - 1, column)] if asked.end - asked.first > 1 else []
    for token, kept in (*inner, (asked.first - 1, 0), (asked.end, 0)):
        if begin <= token < end and (kept or marked.owners[token] < 0):
            own, other = expected[token, kept], expected[token, column if kept == 0 else 0]
            chances.append(float(own / (own + other)))
    return min(chances)

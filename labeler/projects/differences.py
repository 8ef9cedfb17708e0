"""What changed between two versions of a text, line by line, with a little of what stayed around it.

Lines are compared as wholes; a changed line is one that went and one that came. Lines that stand once in both texts and
in the same order are what stayed (the idea of "patience" comparing, by B. Cohen); what lies between them is compared by
the shortest way from one to the other (E. W. Myers, An O(ND) Difference Algorithm and Its Variations, 1986).
Note: the work is bounded, as a lead may write any text. Where the bound is reached, the rest
between two lines that stayed is shown as gone and new in whole, which is true but not the shortest way. `cut` marks
where lines that stayed were left out, it is no line of either text.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

AROUND = 2  # lines shown before and after a change
MOST_STEPS = 300_000  # comparisons of lines between those that stand once; some tenths of a second

Pair = tuple[int, int]


@dataclass(frozen=True)
class Line:
    """One line: added, removed or the same in both; cut (without text) stands for lines that stayed."""

    kind: Literal["added", "removed", "same", "cut"]
    text: str = ""


def line_changes(before: str, after: str) -> list[Line]:
    """Return the changed lines of two texts with their surroundings; empty when no line differs.

    Takes time in proportion to the lines, and at most MOST_STEPS more.
    """
    every = list(_every_line(before.splitlines(), after.splitlines()))
    changed = [n for n, line in enumerate(every) if line.kind != "same"]
    found: list[Line] = []
    shown = 0
    for at in changed:
        start = max(shown, at - AROUND)
        if at >= shown and start > shown:
            found.append(Line("cut"))
        end = min(len(every), at + AROUND + 1)
        found.extend(every[max(shown, start) : end])
        shown = max(shown, end)
    if changed and shown < len(every):
        found.append(Line("cut"))
    return found


def _every_line(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    at_old = at_new = 0
    for a, b in (*_same(old, new), (len(old), len(new))):
        yield from (Line("removed", text) for text in old[at_old:a])
        yield from (Line("added", text) for text in new[at_new:b])
        if a < len(old):
            yield Line("same", old[a])
        at_old, at_new = a + 1, b + 1


def _same(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Return the places (in old, in new) of lines that stayed, in order."""
    found: list[Pair] = []
    budget = _Budget(MOST_STEPS)
    ends = [*_anchors(old, new), (len(old), len(new))]
    at_old = at_new = 0
    for a, b in ends:
        between = _between(old[at_old:a], new[at_new:b], budget)
        found.extend((at_old + n, at_new + m) for n, m in between)
        if a < len(old):
            found.append((a, b))
        at_old, at_new = a + 1, b + 1
    return found


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Return the longest run, in order, of lines that stand exactly once in each text."""
    once_old, once_new = ({text for text, count in Counter(lines).items() if count == 1} for lines in (old, new))
    place = {text: n for n, text in enumerate(new) if text in once_new and text in once_old}
    pairs = [(n, place[text]) for n, text in enumerate(old) if text in place]
    tails: list[int] = []  # the smallest place in new that a run of this length can end with
    ends: list[int] = []  # which pair that is
    before: list[int] = []  # by pair, which one comes before it
    for index, (_, b) in enumerate(pairs):
        length = bisect_left(tails, b)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [b]
        ends[length : length + 1] = [index]
    found = []
    index = ends[-1] if ends else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found[::-1]


class _Budget:
    """How many comparisons are left."""

    def __init__(self, steps: int) -> None:
        self.left = steps


def _between(old: Sequence[str], new: Sequence[str], budget: _Budget) -> list[Pair]:
    """Return the lines that stayed of two pieces; those at both ends are found whatever the budget."""
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    room = shorter - head
    tail = next((n for n in range(room) if old[-1 - n] != new[-1 - n]), room)
    middle = _shortest_way(old[head : len(old) - tail], new[head : len(new) - tail], budget)
    return [
        *((n, n) for n in range(head)),
        *((head + n, head + m) for n, m in middle),
        *((len(old) - n, len(new) - n) for n in range(tail, 0, -1)),
    ]


def _shortest_way(old: Sequence[str], new: Sequence[str], budget: _Budget) -> list[Pair]:
    """Return the lines that stay on the shortest way from old to new, or none when that takes too long to find."""
    if not old or not new:
        return []
    furthest = {1: 0}  # by diagonal (place in old less place in new), how far in old one gets
    history: list[dict[int, int]] = []
    for changes in range(len(old) + len(new) + 1):
        history.append(dict(furthest))
        budget.left -= 2 * changes + 1  # the copy
        for diagonal in range(-changes, changes + 1, 2):
            down = diagonal == -changes or (
                diagonal != changes and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
            )
            a = furthest.get(diagonal + 1, 0) if down else furthest.get(diagonal - 1, 0) + 1
            start = a
            while a < len(old) and a - diagonal < len(new) and old[a] == new[a - diagonal]:
                a += 1
            furthest[diagonal] = a
            budget.left -= a - start + 1
            if a >= len(old) and a - diagonal >= len(new):
                return _way_back(history, len(old), len(new))
        if budget.left < 0:
            return []
    return []


def _way_back(history: Sequence[dict[int, int]], a: int, b: int) -> list[Pair]:
    found: list[Pair] = []
    for changes in range(len(history) - 1, -1, -1):
        furthest, diagonal = history[changes], a - b
        down = diagonal == -changes or (
            diagonal != changes and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
        )
        earlier = diagonal + 1 if down else diagonal - 1
        from_a = furthest.get(earlier, 0) if changes else 0
        from_b = from_a - earlier if changes else 0
        while a > from_a and b > from_b and (a, b) != (from_a, from_b):
            if down and b - 1 < from_b + 1 and a == from_a:
                break
            if not down and a - 1 < from_a + 1 and b == from_b:
                break
            a, b = a - 1, b - 1
            found.append((a, b))
        a, b = from_a, from_b
    return found[::-1]


LONGEST_TOLD = 200


def told_change(before: str, after: str) -> str:
    """Return what a new version of the guidelines says in one line: its own "Changed: …", else the first new lines.

    Without the signs of Markdown; "" where no line came.
    """
    new = [_plain(line.text) for line in line_changes(before, after) if line.kind == "added"]
    own = next((line for line in new if line.lower().startswith("changed:")), "")
    told = own.partition(":")[2].strip() or " ".join(line for line in new if line)
    return told if len(told) <= LONGEST_TOLD else f"{told[:LONGEST_TOLD].rstrip()}…"


def _plain(line: str) -> str:
    return line.strip().lstrip("#>*-+ ").replace("**", "").replace("`", "").strip()

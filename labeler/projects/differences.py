"""What changed between two versions of a text, line by line, with a little of what stayed around it.

Lines are compared as wholes (Ratcliff and Obershelp, as in `difflib`); a changed line is one that went and one that
came. What a reader would get wrong: `cut` marks where lines that stayed were left out, it is no line of either text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

AROUND = 2  # lines shown before and after a change


@dataclass(frozen=True)
class Line:
    """One line: added, removed or the same in both; cut (without text) stands for lines that stayed."""

    kind: Literal["added", "removed", "same", "cut"]
    text: str = ""


def line_changes(before: str, after: str) -> list[Line]:
    """Return the changed lines of two texts with their surroundings; empty when no line differs."""
    old, new = before.splitlines(), after.splitlines()
    groups = list(SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND))
    found: list[Line] = []
    end = 0
    for group in groups:
        if group[0][1] > end:
            found.append(Line("cut"))
        for operation in group:
            found.extend(_lines(operation, old, new))
        end = group[-1][2]
    if groups and end < len(old):
        found.append(Line("cut"))
    return found


def _lines(operation: tuple[str, int, int, int, int], old: list[str], new: list[str]) -> Iterator[Line]:
    name, old_start, old_end, new_start, new_end = operation
    if name == "equal":
        yield from (Line("same", text) for text in old[old_start:old_end])
        return
    yield from (Line("removed", text) for text in old[old_start:old_end])
    yield from (Line("added", text) for text in new[new_start:new_end])

"""What labels become when classes of a project are taken away or merged: a calculation on codes and values.

Note: which class a label names is written in three ways (`task_types`): a choice by the
class's id, several labels by its place in the project's order, objects by the id beside each part. So taking away a
class that nobody ever used still moves the codes of several labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from labeler.measures.masks import chosen_in
from labeler.projects.queries import Classes
from labeler.task_types.base import TaskType, Value, renamed


@dataclass(frozen=True)
class Recoding:
    """One class less. gone: its code; into: the code of the class it is merged into, "" where nothing has it."""

    task: TaskType
    before: Classes
    gone: str
    into: str = ""

    def touches(self, code: str, value: Value | None) -> bool:
        """Whether a label names the class that goes."""
        if code.startswith("m"):
            return self._place(self.gone) in chosen_in(code)
        if code.startswith("h"):
            return any(part["label"] == self.gone for parts in (value or {}).values() for part in parts)
        return code == self.gone

    def code(self, code: str) -> str:
        """Return what a code becomes that can be read back: of a choice or of several labels."""
        if code.startswith("m"):
            return f"m{sum({1 << place for place in self._places(chosen_in(code))}):x}"
        return self.into if code == self.gone else code

    def label(self, code: str, value: Value | None) -> tuple[str, Value | None]:
        """Return what a label becomes. value: as it is kept, of objects."""
        if not code.startswith("h") or value is None:
            return self.code(code), value
        changed = {shape: _each_once(parts) for shape, parts in renamed(value, {self.gone: self.into}).items()}
        return self.task.code(changed, {code: code for code in self.before.codes}), changed

    def shares(self, soft: dict[str, float]) -> dict[str, float]:
        """Return what the shares of a soft label become."""
        moved = {code: share for code, share in soft.items() if code != self.gone}
        if self.gone in soft:
            moved[self.into] = moved.get(self.into, 0.0) + soft[self.gone]
        return moved

    def place(self, place: int | None) -> int | None:
        """Return what a place in the project's order becomes."""
        if place is None or place < 0:
            return place
        found = self._places([place])
        return found[0] if found else None

    def probabilities(self, shares: Sequence[float]) -> list[float]:
        """Return what the probabilities of all classes become: those of merged classes are one.

        A class that was added since the run that found them has none yet: there it is 0.
        """
        shares = [*shares, *[0.0] * (len(self.before.codes) - len(shares))]
        moved = [share for place, share in enumerate(shares) if place != self._place(self.gone)]
        if self.into:
            moved[self._places([self._place(self.into)])[0]] += shares[self._place(self.gone)]
        return moved

    def _place(self, code: str) -> int:
        return self.before.index_of_code[code]

    def _places(self, places: Sequence[int]) -> list[int]:
        gone = self._place(self.gone)
        kept = [self._place(self.into) if place == gone and self.into else place for place in places]
        return [place - (place > gone) for place in kept if place != gone]


def _each_once(parts: list[dict[str, object]]) -> list[dict[str, object]]:
    return [part for n, part in enumerate(parts) if part not in parts[:n]]

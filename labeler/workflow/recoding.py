"""What labels become when classes of a project are taken away or merged: a calculation on codes and values.

Note: some codes say where a class stands in the project's order. So taking away a class that nobody ever used still
moves codes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from labeler.projects.queries import Classes
from labeler.task_types.base import TaskType, Value


@dataclass(frozen=True)
class Recoding:
    """One class less. gone: its code; into: the code of the class it is merged into, "" where nothing has it."""

    before: Classes
    gone: str
    into: str = ""

    def touches(self, code: str, value: Value | None) -> bool:
        """Whether a label names the class that goes."""
        said = self.before.by_codes(code, value)
        return said is not None and self.gone in self.task.labels_in(said)

    def code(self, code: str) -> str:
        """Return what a code becomes that says it all."""
        return self.label(code, None)[0]

    def label(self, code: str, value: Value | None) -> tuple[str, Value | None]:
        """Return what a label becomes, as it is kept."""
        said = self.before.by_codes(code, value)
        if said is None:
            return code, value
        changed = self.task.merged(said, self.gone, self.into)
        return self.task.code(changed, self._left), self.task.stored(changed, self._left)

    @cached_property
    def task(self) -> TaskType:
        """What the labels answer."""
        return self.before.task

    @cached_property
    def _left(self) -> dict[str, str]:
        return {code: code for code in self.before.codes if code != self.gone}

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

"""What asking others again would do: which items keep their label without a person's answer, and which are asked.

A calculation. The preview a lead sees and what is done are this same plan.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from labeler.errors import Invalid

WHICH = ("depends", "all", "fast")
ENOUGH = 2  # others who have to agree for an item to keep its label


@dataclass(frozen=True)
class Window:
    """Which of a person's answers are in question, and what should happen to them. since, until: when they were given.

    which: see `rechecks.models.AskedAgain`.
    """

    user_id: int
    since: datetime
    until: datetime
    which: str = "depends"
    set_aside: bool = True

    def check(self) -> None:
        """Raise Invalid, naming the field."""
        if self.which not in WHICH:
            raise Invalid("Choose one of {which}.", field="which", which=", ".join(WHICH))
        if self.since > self.until:
            raise Invalid("The window ends before it begins: choose a later end.", field="until")


@dataclass(frozen=True)
class Answered:
    """One answer in the window, with what else is known of its item.

    others: codes of the counted answers of everybody else; final: the label that stands; decided: a lead said what it
    is, or took it out; open_round: the item is in the round of the answer, so that one more can be asked for;
    seconds: active time; askable: somebody at work has not seen the item.
    """

    annotation_id: int
    item_id: int
    others: Sequence[str]
    final: str
    decided: bool
    open_round: bool
    seconds: float
    askable: bool


@dataclass(frozen=True)
class Plan:
    """What would happen. answers: ids of all in the window; asked: {item: answer} that are asked once more.

    set_aside: {item: answer} of those that would not count; nobody: items that nobody is left to be asked about; kept:
    items that are not asked about.
    """

    answers: tuple[int, ...]
    kept: tuple[int, ...]
    nobody: tuple[int, ...]
    asked: Mapping[int, int]
    set_aside: Mapping[int, int]

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        """How many answers, kept, with nobody left, and asked."""
        return len(self.answers), len(self.kept), len(self.nobody), len(self.asked)


def plan(window: Window, answers: Sequence[Answered], others_seconds: Sequence[float]) -> Plan:
    """Plan it. others_seconds: how long the others took on these items, for what is fast."""
    half = median(others_seconds) / 2 if others_seconds else 0.0
    in_question = [one for one in answers if window.which != "fast" or 0 < one.seconds < half]
    wanted = [one for one in in_question if _is_asked(window, one)]
    asked = {one.item_id: one.annotation_id for one in wanted if one.askable}
    nobody = tuple(one.item_id for one in wanted if not one.askable)
    kept = tuple(one.item_id for one in answers if one.item_id not in asked and one.item_id not in nobody)
    aside = {one.item_id: one.annotation_id for one in in_question} if window.set_aside else {}
    return Plan(tuple(one.annotation_id for one in answers), kept, nobody, asked, aside)


def _is_asked(window: Window, one: Answered) -> bool:
    if one.decided or not one.open_round:
        return False
    return window.which != "depends" or not keeps_label(one.others, one.final)


def keeps_label(others: Sequence[str], final: str) -> bool:
    """Whether an item keeps its label without the answer: at least two others say it, and more than anything else."""
    first, *rest = Counter(others).most_common(2) or [("", 0)]
    return first[0] == final != "" and first[1] >= ENOUGH and (not rest or rest[0][1] < first[1])

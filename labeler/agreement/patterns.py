"""From the answers to one item, as they are kept, to what its task type makes of them."""

from collections import Counter
from collections.abc import Sequence

from labeler.projects.queries import Classes
from labeler.task_types.base import Content, Value

Kept = tuple[str, str, Value | None]
"""One answer: who gave it, its code, and the value beside it."""


def by_person(classes: Classes, answers: Sequence[Kept]) -> dict[str, Value]:
    """Return {who: answer naming classes by code}, without answers of classes that are gone."""
    said = {who: classes.by_codes(code, kept) for who, code, kept in answers}
    return {who: value for who, value in said.items() if value is not None}


def patterns_of(classes: Classes, answers: Sequence[Kept], content: Content) -> Counter[str]:
    """Return {pattern: units} of one item, empty without answers."""
    if not answers:
        return Counter()
    codes, said = _compared(classes, answers)
    return classes.task.patterns(codes, said, classes.config_by_code, content)


def share_alike(classes: Classes, answers: Sequence[Kept], content: Content) -> float:
    """Return the share of the answers to an item that say the most frequent thing, 0 to 1. answers: at least one."""
    first = answers[0][1]
    if all(code == first for _, code, _ in answers):  # equal codes are equal answers: most items need no more
        return 1.0
    codes, said = _compared(classes, answers)
    return classes.task.share_alike(codes, said, classes.config_by_code, content)


def _compared(classes: Classes, answers: Sequence[Kept]) -> tuple[list[str], dict[str, Value]]:
    # codes that say it all are compared as they are: every submit and every row of an export asks for this
    return [code for _, code, _ in answers], by_person(classes, answers) if classes.task.keeps_value else {}

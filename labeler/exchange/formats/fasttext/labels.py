"""How fastText spells the names of classes."""

import re
from collections import defaultdict
from collections.abc import Iterable

from labeler.errors import Invalid

PREFIX = "__label__"
_BLANKS = re.compile(r"\s")


def spelled(name: str) -> str:
    """Return a name without blanks, at which a label would end."""
    return _BLANKS.sub("_", name)


def check_apart(classes: Iterable[str]) -> None:
    """Raise Invalid where two classes are spelled alike."""
    for names in _by_spelling(classes).values():
        if len(names) > 1:
            raise Invalid(
                'fastText spells "{first}" and "{second}" alike, as a label cannot hold blanks; rename one of them.',
                field="format",
                first=names[0],
                second=names[1],
            )


def names_of(classes: Iterable[str]) -> dict[str, str]:
    """Return the class that a label means: the one that is called so, else the only one that is spelled so."""
    known = tuple(classes)
    found = {spelling: names[0] for spelling, names in _by_spelling(known).items() if len(names) == 1}
    return found | {name: name for name in known}


def _by_spelling(classes: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in classes:
        found[spelled(name)].append(name)
    return found

"""The numbers of classes as cleanlab counts them: their places among the sorted names."""

from collections.abc import Iterable


def class_numbers(classes: Iterable[str]) -> dict[str, int]:
    """Return the integer of each class: its place among the sorted names."""
    return {name: number for number, name in enumerate(sorted(set(classes)))}

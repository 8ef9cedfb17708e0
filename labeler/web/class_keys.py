"""Which key answers which class, the same on every page: two rows of keys by position, then Shift with a digit.

Classes that are all named by one digit get that digit, since nobody should press 1 for "0".
"""

from collections.abc import Sequence

CLASS_KEYS = (*"1234567890", *"qwertyuiop", "shift+1", "shift+2", "shift+3", "shift+4")


def class_keys(names: Sequence[str]) -> tuple[str, ...]:
    """Return the key of each class in order, "" for those beyond the last key."""
    if all(len(name) == 1 and name in "0123456789" for name in names):
        return tuple(names)
    return (*CLASS_KEYS[: len(names)], *[""] * (len(names) - len(CLASS_KEYS)))

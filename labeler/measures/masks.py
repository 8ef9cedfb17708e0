"""A set of classes as text: a bit mask in hexadecimal after an "m", bit n for class n of the project's order."""

from collections.abc import Iterable


def mask_of(indices: Iterable[int]) -> str:
    """Return the code of a set of class indices; one that is named twice counts once."""
    return f"m{sum(1 << index for index in set(indices)):x}"


def chosen_in(code: str) -> tuple[int, ...]:
    """Return the class indices of a code made by `mask_of`, ascending."""
    mask = int(code.removeprefix("m"), 16)
    return tuple(index for index in range(mask.bit_length()) if mask >> index & 1)

"""The parts of a very long text that models read."""

WINDOWS = 5


def window(text: str, longest: int) -> str:
    """Return a text whole, or evenly spaced parts of it, `longest` characters in all; the last one is its end."""
    if len(text) <= longest:
        return text
    return "\n".join(_spaced(text, longest // WINDOWS, WINDOWS))


def windows(text: str, longest: int) -> list[str]:
    """Return a text whole, or evenly spaced parts of it of `longest` characters each, at most `WINDOWS`."""
    if len(text) <= longest:
        return [text]
    return _spaced(text, longest, min(WINDOWS, -(-len(text) // longest)))


def _spaced(text: str, size: int, count: int) -> list[str]:
    starts = [place * (len(text) - size) // (count - 1) for place in range(count)]
    return [text[start : start + size] for start in starts]

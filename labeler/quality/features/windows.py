"""The parts of a very long text that models read."""

WINDOWS = 5


def window(text: str, longest: int) -> str:
    """Return a text whole, or evenly spaced parts of it, `longest` characters in all; the last one is its end."""
    if len(text) <= longest:
        return text
    size = longest // WINDOWS
    starts = [place * (len(text) - size) // (WINDOWS - 1) for place in range(WINDOWS)]
    return "\n".join(text[start : start + size] for start in starts)

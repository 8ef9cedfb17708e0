"""Which pictures are odd: unreadable, of one colour, tiny, of an odd shape, too dark, too bright, faint or blurred.

Each but the first three needs two things: a value that is bad in any set (`Looks` says what is measured), and one
that lies far outside what is usual in this set, by medians. So neither a set of night pictures nor one of icons is full
of problems, and an ordinary picture among extreme ones is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from labeler.quality.dataset import Floats, Integers, Looks, Reason, Truths

UNREADABLE, UNIFORM, SMALL, SHAPE, DARK, BRIGHT, FAINT, BLURRED = (
    "unreadable",
    "uniform",
    "small",
    "shape",
    "dark",
    "bright",
    "faint",
    "blurred",
)
Found = dict[str, dict[int, "Reason"]]

FEWEST = 20  # pictures, below which nothing is usual
DARKEST, BRIGHTEST = 64, 200  # greys that the light parts of a dark picture, the dark ones of a bright one do not pass
FLAT, FAINTEST = 6, 32  # how far the greys of a picture of one colour and of a faint one go at most
BLACK, WHITE = 16, 248  # the same where nothing else needs to be known
APART, SPREADS = 60.0, 2.5  # least distance to the usual, in greys and in robust standard deviations
DULL, OF_USUAL = 0.3, 0.4  # sharpness of a blurred picture, and at most that share of the usual one
TINY = 2  # pixels of the shorter edge, at most
SHORT, TIMES_SMALLER = 32, 16  # pixels of the shorter edge of a small picture, and how many times fewer pixels it has
TIMES_LONGER = 2.5  # as the usual picture is longer than wide


def find(looks: Looks, blank: Truths, sizes: Sequence[tuple[int, int]]) -> Found:
    """Return for each problem the pictures (by position) that have it, with what was measured and what is usual.

    blank: N, cannot be opened; sizes: N (width, height) as the pictures came, or none where the files tell.
    """
    import numpy as np

    wide, high = np.array(sizes, dtype=np.int64).T if len(sizes) else (looks.width, looks.height)
    seen = ~blank
    uniform = seen & (looks.reach < FLAT)
    light = {DARK: _dark(looks, seen), BRIGHT: _bright(looks, seen)}
    return {
        UNREADABLE: {int(place): {"kind": UNREADABLE} for place in np.flatnonzero(blank)},
        UNIFORM: {int(place): {"kind": UNIFORM} for place in np.flatnonzero(uniform)},
        SMALL: _small(wide, high, seen),
        SHAPE: _shape(wide, high, seen),
        **light,
        FAINT: _faint(looks, seen & ~uniform, light[DARK].keys() | light[BRIGHT].keys()),
        BLURRED: _blurred(looks, seen),
    }


def _usual(values: Floats, where: Truths) -> tuple[float, float]:
    """Return the median and the robust standard deviation of some values."""
    import numpy as np

    some = values[where]
    typical = float(np.median(some))
    return typical, 1.4826 * float(np.median(np.abs(some - typical)))


def _size(kind: str, wide: Integers, high: Integers, seen: Truths, odd: Truths) -> dict[int, Reason]:
    import numpy as np

    usual = (int(np.median(wide[seen])), int(np.median(high[seen]))) if seen.any() else (0, 0)
    return {
        int(place): {
            "kind": kind,
            "width": int(wide[place]),
            "height": int(high[place]),
            "usual_width": usual[0],
            "usual_height": usual[1],
        }
        for place in np.flatnonzero(odd)
    }


def _small(wide: Integers, high: Integers, seen: Truths) -> dict[int, Reason]:
    import numpy as np

    shorter = np.minimum(wide, high)
    odd = seen & (shorter > 0) & (shorter <= TINY)
    if seen.sum() >= FEWEST:
        pixels = float(np.median((wide * high)[seen]))
        odd |= seen & (shorter > 0) & (shorter < SHORT) & (wide * high * TIMES_SMALLER <= pixels)
    return _size(SMALL, wide, high, seen, odd)


def _shape(wide: Integers, high: Integers, seen: Truths) -> dict[int, Reason]:
    import numpy as np

    known = seen & (np.minimum(wide, high) > TINY)
    if known.sum() < FEWEST:
        return {}
    longer = np.abs(np.log(np.maximum(wide, 1) / np.maximum(high, 1)))
    typical, spread = _usual(longer, known)
    odd = known & (longer > typical + max(np.log(TIMES_LONGER), 2 * SPREADS * spread))
    return _size(SHAPE, wide, high, seen, odd)


def _dark(looks: Looks, seen: Truths) -> dict[int, Reason]:
    bright = looks.bright
    if not seen.any():
        return {}
    typical, spread = _usual(bright, seen)
    far = (bright < typical - max(APART, SPREADS * spread)) if seen.sum() >= FEWEST else bright < BLACK
    return _greys(DARK, bright, typical, seen & (bright < DARKEST) & (far | (bright < BLACK)))


def _bright(looks: Looks, seen: Truths) -> dict[int, Reason]:
    dark = looks.dark
    if not seen.any():
        return {}
    typical, spread = _usual(dark, seen)
    far = (dark > typical + max(APART, SPREADS * spread)) if seen.sum() >= FEWEST else dark > WHITE
    return _greys(BRIGHT, dark, typical, seen & (dark > BRIGHTEST) & (far | (dark > WHITE)))


def _faint(looks: Looks, seen: Truths, known: AbstractSet[int]) -> dict[int, Reason]:
    """Return pictures whose greys lie close together; in dark and bright ones they do so anyway. known: those."""
    if seen.sum() < FEWEST:
        return {}
    typical, spread = _usual(looks.reach, seen)
    odd = seen & (looks.reach < FAINTEST) & (looks.reach < typical - max(APART, SPREADS * spread))
    return {item: why for item, why in _greys(FAINT, looks.reach, typical, odd).items() if item not in known}


def _greys(kind: str, values: Floats, typical: float, odd: Truths) -> dict[int, Reason]:
    import numpy as np

    return {
        int(place): {"kind": kind, "light": round(float(values[place]) / 255, 4), "usual": round(typical / 255, 4)}
        for place in np.flatnonzero(odd)
    }


def _blurred(looks: Looks, seen: Truths) -> dict[int, Reason]:
    import numpy as np

    known = seen & ~np.isnan(looks.sharpness)
    if known.sum() < FEWEST:
        return {}
    typical, _ = _usual(looks.sharpness, known)
    steepness = np.log(np.where(known, np.maximum(looks.sharpness, 1e-3), 1.0))
    middle, spread = _usual(steepness, known)
    odd = known & (looks.sharpness < min(DULL, OF_USUAL * typical)) & (steepness < middle - SPREADS * spread)
    return {
        int(place): {"kind": BLURRED, "of_usual": round(float(looks.sharpness[place]) / typical, 4)}
        for place in np.flatnonzero(odd)
    }

"""When anything may be said about a person, and what: only clear disagreement, never who is right.

Others are no truth. Somebody whose answers differ from theirs may be the one who read the guidelines, and with few
answers chance alone makes anybody look bad. So nothing is said before a few answers were compared, nothing unless the
whole plausible range of their agreement is low, and then only that others chose otherwise, and how often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST = 10  # answers compared before anything is said
LOW = 0.7  # agreement below which it is said
SURE = 0.95


def others_clearly_differ(agreed: NDArray[np.float64] | float, of: NDArray[np.float64] | float) -> NDArray[np.bool_]:
    """Say of each person (or of one) whether agreement is surely below `LOW`, also at its upper 95 % bound.

    The bound is that of Beta(agreed + 1, of - agreed + 1), agreement after even shares were thought equally likely.
    agreed: answers that others or the consensus agree with, sums of probabilities allowed; of: answers compared.
    """
    import numpy as np
    from scipy.special import betainc

    same = np.minimum(np.asarray(agreed, dtype=np.float64), of)
    found: NDArray[np.bool_] = np.asarray((np.asarray(of) >= FEWEST) & (betainc(same + 1, of - same + 1, LOW) > SURE))
    return found

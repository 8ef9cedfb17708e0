"""Hundreds of hostile archives read as uploads: how many came out of their folder, how many brought a reader down.

Run `python -m tests.bench hostile`.
"""

import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.bench.report import emit
from tests.hostile_archives import attack, payloads


def main() -> None:
    """Send them all and print what became of them."""
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        outcome = attack(Path(folder))
    emit(
        bench="hostile archives",
        payloads=outcome.payloads,
        kinds=dict(Counter(one.kind for one in payloads())),
        out_of_their_folder=len(outcome.left_their_folder),
        crashed=len(outcome.crashed),
        refused_in_words=outcome.refused,
        rows=outcome.rows,
        left_out_in_words=outcome.rejected,
        cpu_seconds=round(time.process_time() - started, 1),
    )


if __name__ == "__main__":
    main()

"""The target table of the annotator's screen, measured in Chromium against the real server.

Run `python -m tests.bench workspace [--short] [T3 T9 …]`. Each line names its target, what was measured, the value,
the limit and whether it is met, how many measurements it rests on, and the load of the machine: times mean little
when others use it. `--short` takes fewer and smaller ones (below 90 s in all).
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Error

from tests.bench.bench_serving import serving
from tests.bench.workspace_browser import Bench, chromium
from tests.bench.workspace_instance import seed
from tests.bench.workspace_load import bench_load
from tests.bench.workspace_pages import bench_pages
from tests.bench.workspace_reach import bench_accessibility, bench_keys, bench_windows, name_the_rest
from tests.bench.workspace_safety import bench_ceiling, bench_trouble
from tests.bench.workspace_speed import bench_long_run, bench_paint, bench_undo

PARTS: dict[str, Callable[[Bench], None]] = {
    "T3": bench_load,
    "T1": bench_paint,
    "T10": bench_undo,
    "T8": bench_ceiling,
    "T9": bench_trouble,
    "T13": bench_pages,
    "T14": bench_long_run,
    "T6": bench_accessibility,
    "T7": bench_keys,
    "T18": bench_windows,
    "rest": name_the_rest,
}


def main() -> None:
    """Run the parts that are asked for, all by default, on one server with one seeded instance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer and smaller measurements")
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}")
    chosen, failed = parser.parse_args(), 0
    with tempfile.TemporaryDirectory(prefix="labeler-bench-") as folder:
        sizes = (90, 60) if chosen.short else (2000, 200)
        seeded = seed(Path(folder), pictures=sizes[0], sentences=sizes[1])
        with serving(seeded.settings.instance) as server, chromium() as browser:
            bench = Bench(seeded, f"http://127.0.0.1:{server.port}", browser, chosen.short)
            for name, measure in PARTS.items():
                if not chosen.parts or name in chosen.parts:
                    failed += not _measured(measure, bench, name)
    raise SystemExit(failed)


def _measured(measure: Callable[[Bench], None], bench: Bench, name: str) -> bool:
    """Run one part; one that cannot go on is said to have failed, and the next one runs."""
    try:
        measure(bench)
    except (SystemExit, Error) as error:
        bench.skip(name, "failed", str(error).partition("\n")[0])
        return False
    return True


if __name__ == "__main__":
    main()

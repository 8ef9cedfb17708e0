"""What a label check costs here, in two processes, and on a Dask cluster of two: `python -m tests.bench compute`.

One JSON line a place: wall seconds, processor seconds of this process and of its children, and whether scores and
probabilities are the very same as here. Texts are those of the tests. Note: on a machine of two busy cores nothing gets
faster by being sent about; what is shown is what the way there and back costs.
"""

import argparse
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from labeler.quality import compute
from labeler.quality.dataset import Dataset, Examination
from tests.bench.report import emit
from tests.quality.worlds import dataset, look_at, texts, with_mistakes

SEED = 0


def world_of(count: int) -> Dataset:
    """Return texts of three classes, one label in twenty moved."""
    contents, truth = texts((count - 2 * (count // 3), count // 3, count // 3), SEED)
    return dataset([f"{text} {number}" for number, text in enumerate(contents)], with_mistakes(truth, 0.05, 3, SEED))


@contextmanager
def cluster() -> Iterator[str]:
    """Start two workers on this machine."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as running:
        yield f"dask://{running.scheduler_address.removeprefix('tcp://')}"


def of_children() -> float:
    """Return the processor seconds of children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(world: Dataset, where: str, name: str, before: Examination | None) -> Examination:
    """Check the labels once at a place and print its line."""
    wall, cpu = time.perf_counter(), time.process_time()
    with compute.on(where) as said:
        found = look_at(world)
    same = before is None or all(
        np.array_equal(getattr(found, part), getattr(before, part), equal_nan=True)
        for part in ("label_scores", "probabilities", "clusters")
    )
    emit(
        bench="compute",
        place=name,
        n=len(world),
        seed=SEED,
        same=same,
        notes=said,
        seconds=time.perf_counter() - wall,
        cpu_seconds_here=time.process_time() - cpu,
    )
    return found


def main() -> None:
    """Measure the three places one after the other."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--n", type=int, default=3_000)
    parser.add_argument("--short", action="store_true", help="A small set, to see that it runs.")
    given = parser.parse_args()
    world = world_of(300 if given.short else given.n)
    look_at(world_of(60))  # libraries are loaded once
    here = measure(world, "", "here", None)
    measure(world, "local://2", "two processes", here)
    begun = of_children()
    with cluster() as where:
        measure(world, where, "dask, two workers", here)
    emit(bench="compute", place="dask, two workers", cpu_seconds_of_children=of_children() - begun)


if __name__ == "__main__":
    main()

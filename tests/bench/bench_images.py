"""How many images a second become durable, decoded and thumbnailed, beside only storing the same bytes.

Run `python -m tests.bench.bench_images [count]`. "storing only" writes, flushes and renames the same files with the
same threads and decodes nothing: what is left between the two is the cost of never serving a stranger's bytes.
"""

import hashlib
import io
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from labeler.storage.files import FileStore, StoredImage
from tests.bench.report import emit

BATCH = 64


def clouds(edge: int, cell: int, seed: int) -> Image.Image:
    """Make a picture of soft colours that change every `cell` pixels."""
    rng, cells = random.Random(seed), edge // cell + 1
    return Image.frombytes("RGB", (cells, cells), rng.randbytes(3 * cells**2)).resize((edge, edge))


def photo(edge: int, seed: int) -> bytes:
    """Encode a picture with grain in every pixel, as a camera makes it."""
    grain = Image.frombytes("RGB", (edge, edge), random.Random(seed).randbytes(3 * edge**2))
    return png(Image.blend(clouds(edge, 8, seed), grain, 0.04))


def drawing(edge: int, seed: int) -> bytes:
    """Encode a picture of few colours and large areas."""
    return png(clouds(edge, 44, seed).quantize(12, dither=Image.Dither.NONE).convert("RGB"))


def png(image: Image.Image) -> bytes:
    """Return a picture as the bytes of a PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def store(root: Path, images: Sequence[bytes]) -> None:
    """The import's path: batches through the store."""
    files = FileStore(root)
    for start in range(0, len(images), BATCH):
        results = files.put_images(images[start : start + BATCH])
        if not all(isinstance(result, StoredImage) for result in results):
            raise SystemExit(f"not stored: {results}")


def only_store(root: Path, images: Sequence[bytes]) -> None:
    """The same bytes written, flushed, renamed and their folders flushed; nothing decoded."""

    def write(data: bytes) -> Path:
        digest = hashlib.sha256(data).hexdigest()
        folder = root / digest[:2]
        folder.mkdir(parents=True, exist_ok=True)
        temporary = root / f"{digest}.part"
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / digest)
        return folder

    def flush(folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)

    with ThreadPoolExecutor(FileStore(root).workers) as pool:
        for start in range(0, len(images), BATCH):
            list(pool.map(flush, set(pool.map(write, images[start : start + BATCH]))))


def measure(work: Callable[[Path, Sequence[bytes]], None], images: Sequence[bytes]) -> tuple[float, float]:
    """Return wall and CPU seconds of one run into an empty folder."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("LABELER_BENCH_DIR")) as folder:
        started, cpu = time.perf_counter(), time.process_time()
        work(Path(folder), images)
        return time.perf_counter() - started, time.process_time() - cpu


def main() -> None:
    """Measure small dense PNGs and large plain ones, both of 12 KB, and pictures as large as a screen."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 640
    cases = (
        ("photo 78 px", photo, 78, 1.0),
        ("drawing 400 px", drawing, 400, 1.0),
        ("photo 1600 px", photo, 1600, 0.05),
    )
    for name, make, edge, share in cases:
        images = [make(edge, seed) for seed in range(int(count * share))]
        mean = sum(map(len, images)) / len(images)
        for step, work in (("decoded, thumbnailed, durable", store), ("storing only", only_store)):
            wall, cpu = measure(work, images)
            emit(
                bench="images",
                case=name,
                step=step,
                images=len(images),
                mean_bytes=round(mean),
                per_second=len(images) / wall,
                cpu_ms_each=1000 * cpu / len(images),
            )


if __name__ == "__main__":
    main()

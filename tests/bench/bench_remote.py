"""How many pictures a second come out of a bucket, beside bare fsspec that lists and fetches the same ones.

Run `python -m tests.bench.bench_remote [count] [--short]`. A real S3 server (moto's) runs in a process of its own on
loopback; each step runs in a new process, so that `memory_mb` (how far that process grew over its start with all
libraries loaded) is its own. `cpu` is the processor time of that process a thousand files; the server takes more than
that and shares the machine, so files a second say less.
"""

import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
from PIL import Image

from labeler import workflow
from labeler.config import read_settings
from labeler.exchange.reading import options_of
from labeler.exchange.sources import Source
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Project
from labeler.remote.addresses import parsed
from labeler.remote.files import Keep
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from tests.bench.report import emit, peak_memory
from tests.fresh import open_new

BUCKET = "s3://pictures/set/"
EDGE = 72
SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"""


@contextmanager
def serving() -> Iterator[str]:
    """Serve S3 from another process on loopback; yields its address."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.communicate()


def store(endpoint: str) -> Any:
    """Return fsspec's view of the server, also for what is imported in this process."""
    fsspec.config.conf["s3"] = {"endpoint_url": endpoint, "key": "testing", "secret": "testing"}
    return fsspec.filesystem("s3", use_listings_cache=False)


def fill(endpoint: str, count: int) -> None:
    """Put small pictures into a bucket."""
    found = store(endpoint)
    found.mkdir("pictures")
    for start in range(0, count, 500):
        part = range(start, min(start + 500, count))
        found.pipe({f"pictures/set/{n:06}.png": picture(n) for n in part})


def picture(number: int) -> bytes:
    """Return a small PNG with something in it."""
    buffer = io.BytesIO()
    image = Image.new("L", (EDGE, EDGE))
    image.putdata([(x * number + y * 7) % 256 for y in range(EDGE) for x in range(EDGE)])
    image.save(buffer, "PNG")
    return buffer.getvalue()


@dataclass(frozen=True)
class World:
    """An instance that may fetch from the bucket, with a project of pictures; store: fsspec's own view of it."""

    database: Database
    files: FileStore
    project: int
    store: Any

    def listed_bare(self) -> int:
        """List with fsspec alone."""
        return len(self.store.find("pictures/set/", detail=True))

    def fetched_bare(self) -> int:
        """List and fetch with fsspec alone, a hundred at once, and keep nothing."""
        names = sorted(self.store.find("pictures/set/"))
        return sum(len(self.store.cat(names[start : start + 100])) for start in range(0, len(names), 100))

    def listed(self) -> int:
        """List as an import does."""
        return sum(1 for _ in self.files.elsewhere.below(parsed(BUCKET)))

    def copied(self) -> int:
        """Import all as copies: fetched, checked, our copies made, stored durably."""
        return self._imported("copy")

    def referred(self) -> int:
        """Import all as references: the same, but for the pictures themselves."""
        return self._imported("reference")

    def _imported(self, keep: Keep) -> int:
        with self.database.read() as session:
            options = options_of(session, session.get_one(Project, self.project))
        place = workflow.RemoteSource(self.files.elsewhere, parsed(BUCKET), keep)
        asked = workflow.Asked(Source(BUCKET), None, options)
        return workflow.import_address(self.database, self.files, self.project, place, asked).added


@contextmanager
def world(endpoint: str) -> Iterator[World]:
    """Make such an instance, with all libraries loaded and a connection made."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({"LABELER_REMOTE": BUCKET}, instance=Path(folder))
        database = open_new(settings)
        with database.write() as session:
            new = NewProject("pictures", "image", "classification", [("a", ""), ("b", "")])
            project = create_project(session, new, by=None, now=clock(session)).id
        made = World(database, FileStore.of(settings), project, store(endpoint))
        made.files.elsewhere.state(parsed(f"{BUCKET}000000.png"))
        yield made
        database.close()


STEPS: dict[str, Callable[[World], int]] = {
    "list, fsspec alone": World.listed_bare,
    "list": World.listed,
    "list and fetch, fsspec alone": World.fetched_bare,
    "import as copies": World.copied,
    "import as references": World.referred,
}


def step(name: str, endpoint: str) -> None:
    """Do one step in this process, and print what it took as JSON."""
    with world(endpoint) as made:
        before, cpu, start = peak_memory(), time.process_time(), time.perf_counter()
        count = STEPS[name](made)
        wall, used = time.perf_counter() - start, time.process_time() - cpu
        grown = (peak_memory() - before) / 2**20
    print(json.dumps({"files": count, "seconds": wall, "cpu_seconds": used, "memory_mb": grown}))


def main() -> None:
    """Run every step beside one server."""
    if sys.argv[1:2] == ["--step"]:
        step(*sys.argv[2:4])
        return
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    count = numbers[0] if numbers else 200 if "--short" in sys.argv else 2000
    with serving() as endpoint:
        fill(endpoint, count)
        for name in STEPS:
            command = [sys.executable, "-m", "tests.bench.bench_remote", "--step", name, endpoint]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            if told["files"] != count:
                raise SystemExit(f"{name}: {told['files']} of {count}")
            emit(
                bench="remote",
                step=name,
                files=count,
                files_per_second=count / told["seconds"],
                cpu_seconds_per_1000=1000 * told["cpu_seconds"] / count,
                memory_mb=told["memory_mb"],
            )


if __name__ == "__main__":
    main()

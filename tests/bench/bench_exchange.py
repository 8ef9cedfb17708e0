"""How fast rows come in and go out through the real commands, on SQLite FULL: texts, pictures, exports.

Run `python -m tests.bench.bench_exchange [--short]`. Rates are rows a second of the whole command less the start of an
idle command (`labeler --version`), which is printed too. Compared in the same run: what the same rows cost as bare
INSERTs of one prepared statement (texts), as bare copies with fsync (pictures) and as bare csv lines (exports).
"""

import argparse
import csv
import io
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from tests.bench.bench_formats import CLASSES, texts
from tests.bench.large_project import SLUG, make_large_project
from tests.bench.report import emit

SEED = 7
ANNOTATORS = ("ann", "bob", "cid")


def run(instance: Path, *arguments: str) -> tuple[float, str]:
    """Run a command on the instance; return wall seconds and standard output."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "labeler", *arguments],
        env={**os.environ, "LABELER_INSTANCE": str(instance)},
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - started, done.stdout


def write_texts(path: Path, count: int) -> None:
    """Write a CSV of distinct texts of about 100 characters with ids and given labels."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("id", "text", "label", "source"))
        for number, text in enumerate(texts(count)):
            table.writerow((f"id-{number}", f"{number} {text}", CLASSES[number % 3], "bench"))


def write_pictures(folder: Path, count: int) -> int:
    """Write PNGs of about 12 KB each; return their mean size in bytes."""
    folder.mkdir()
    rng = random.Random(SEED)
    for number in range(count):
        noise = Image.frombytes("RGB", (32, 24), rng.randbytes(32 * 24 * 3))
        picture = noise.resize((200, 150), Image.Resampling.BICUBIC).quantize(8).convert("RGB")
        picture.save(folder / f"p{number:05d}.png")
    return sum(path.stat().st_size for path in folder.iterdir()) // count


def bench_texts(base: Path, count: int, idle: float) -> None:
    """Measure the import of a CSV against bare INSERTs of the same rows."""
    source, instance = base / "texts.csv", base / "texts"
    write_texts(source, count)
    run(
        instance,
        "project",
        "create",
        "t",
        "--media",
        "text",
        "--task",
        "classification",
        "--classes",
        ",".join(CLASSES),
    )
    wall, out = run(instance, "import", "t", str(source), "--json")
    added = json.loads(out)["added"]
    again, _ = run(instance, "import", "t", str(source), "--json")
    bare = _bare_inserts(base / "bare.db", source)
    emit(
        name="import_texts",
        n=added,
        seed=SEED,
        rows_per_s=added / (wall - idle),
        again_rows_per_s=count / (again - idle),
        bare_insert_rows_per_s=count / bare,
        seconds=wall,
        idle_command_seconds=idle,
    )


def _bare_inserts(path: Path, source: Path) -> float:
    with source.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    database = sqlite3.connect(path)
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (id, text, label, source);"
    )
    started = time.perf_counter()
    with database:
        database.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
    return time.perf_counter() - started


def bench_pictures(base: Path, count: int, idle: float) -> None:
    """Measure the import of a folder of PNGs against copying the same bytes durably."""
    folder, instance = base / "pictures", base / "images"
    size = write_pictures(folder, count)
    run(instance, "project", "create", "i", "--media", "image", "--task", "classification", "--classes", "a,b")
    wall, out = run(instance, "import", "i", str(folder), "--json")
    added = json.loads(out)["added"]
    started = time.perf_counter()
    (base / "copies").mkdir()
    for path in folder.iterdir():
        with (base / "copies" / path.name).open("wb") as file:
            file.write(path.read_bytes())
            os.fsync(file.fileno())
    copying = time.perf_counter() - started
    emit(
        name="import_pictures",
        n=added,
        seed=SEED,
        bytes_each=size,
        pictures_per_s=added / (wall - idle),
        store_only_per_s=count / copying,
        seconds=wall,
        idle_command_seconds=idle,
    )


def bench_answers(base: Path, count: int, idle: float) -> None:
    """Measure the import of answers that were given elsewhere; each goes through the rules of a submit."""
    instance, votes, rng = base / "answers", base / "votes.csv", random.Random(SEED)
    classes = ",".join(CLASSES)
    run(
        instance,
        "project",
        "create",
        "t",
        "--media",
        "text",
        "--task",
        "classification",
        "--classes",
        classes,
        "--votes",
        "3",
    )
    write_texts(base / "few.csv", count)
    run(instance, "import", "t", str(base / "few.csv"), "--json")
    with votes.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("id", "annotator", "label"))
        for number in range(count):
            table.writerows((f"id-{number}", person, rng.choice(CLASSES)) for person in ANNOTATORS)
    wall, out = run(instance, "import", "t", str(votes), "--as", "annotations", "--json")
    added = json.loads(out)["added"]
    emit(name="import_answers", n=added, seed=SEED, rows_per_s=added / (wall - idle), seconds=wall)


def bench_export(base: Path, count: int, idle: float) -> None:
    """Measure exports of a large project (three answers an item, flags, decisions) against bare csv lines of texts."""
    instance = base / "large"
    make_large_project(instance, items=count, votes=3)
    bare = _bare_lines(base / "texts.csv")
    for name in ("csv", "jsonl", "label_studio", "cleanlab"):
        out = base / f"out.{name}"
        wall, said = run(instance, "export", SLUG, "--format", name, "--out", str(out), "--json")
        rows = json.loads(said)["written"]
        emit(
            name="export",
            format=name,
            n=rows,
            answers_an_item=3,
            seed=0,
            rows_per_s=rows / (wall - idle),
            bytes=out.stat().st_size,
            bare_csv_rows_per_s=bare,
            seconds=wall,
        )


def _bare_lines(source: Path) -> float:
    with source.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    started = time.perf_counter()
    csv.writer(io.StringIO()).writerows(rows)
    return len(rows) / (time.perf_counter() - started)


def main() -> None:
    """Run all three."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true", help="Small sizes, to see that it runs.")
    short = parser.parse_args().short
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        idle = min(run(base / "idle", "--version")[0] for _ in range(3))
        bench_texts(base, 5_000 if short else 200_000, idle)
        bench_export(base, 2_000 if short else 100_000, idle)
        bench_pictures(base, 100 if short else 2_000, idle)
        bench_answers(base, 100 if short else 2_000, idle)


if __name__ == "__main__":
    main()

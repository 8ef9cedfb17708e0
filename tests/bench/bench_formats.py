"""How many rows a second the formats read and write, alone: no database, no network.

Run `python -m tests.bench.bench_formats [rows]`. Reading counts what an import needs before it stores: parsing and a
sha256 of the text. `memory_mb` is how far the process grew while a step ran for the first time. Spans are three a text,
boxes and outlines five a picture; pictures are small PNGs in a ZIP, whose headers COCO and YOLO read.
"""

import csv
import hashlib
import io
import itertools
import json
import random
import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.registry import READERS, WRITERS, writers_for
from labeler.exchange.rows import ExportRow, FlagOut, Row, Vote
from labeler.exchange.sources import ReadOptions, Source
from tests.bench.report import emit, peak_memory, seconds

CLASSES = ("negative", "neutral", "positive")
WIDE, HIGH = 400, 300
WITH_PARTS = {
    "spans": ("conll", "spacy", "doccano", "label_studio"),
    "boxes": ("coco", "yolo", "label_studio"),
    "polygons": ("coco", "yolo"),
}
WORDS = [
    f"{a}{b}" for a in ("re", "un", "over", "sub", "inter") for b in ("act", "light", "form", "turn", "view", "set")
]


def texts(count: int) -> Iterator[str]:
    """Sentences of about 100 characters, some with commas and quotes."""
    rng = random.Random(7)
    for _ in range(count):
        sentence = " ".join(rng.choices(WORDS, k=12))
        yield f'{sentence}, "{rng.choice(WORDS)}"' if rng.random() < 0.2 else sentence


def export_rows(count: int) -> list[ExportRow]:
    """Items with three votes each, one in ten flagged."""
    rng = random.Random(11)
    people = [f"person{number}@example.org" for number in range(8)]
    rows = []
    for item, text in enumerate(texts(count), 1):
        votes = tuple(
            Vote(person, rng.choice(CLASSES), round(rng.uniform(1, 9), 2), None, "2026-01-05T10:00:00Z")
            for person in rng.sample(people, 3)
        )
        flags = (FlagOut("label_error", round(rng.random(), 4), "neutral"),) if item % 10 == 0 else ()
        label = votes[0].label
        rows.append(
            ExportRow(
                *(item, f"id-{item}", text, None, "text", label, label, label, "consensus", round(rng.random(), 4)),
                votes=votes,
                flags=flags,
                label_score=round(rng.random(), 4),
                suggested_label="neutral" if flags else None,
                agreement=0.6667,
                metadata={"source": "bench", "page": item},
            )
        )
    return rows


def sources(folder: Path, count: int) -> dict[str, Path]:
    """Write the same rows in every text format; return the files."""
    paths = {name: folder / f"rows.{name}" for name in ("csv", "tsv", "jsonl", "json")}
    with (
        paths["csv"].open("w", newline="") as comma,
        paths["tsv"].open("w", newline="") as tab,
        paths["jsonl"].open("w") as lines,
        paths["json"].open("w") as whole,
    ):
        tables = [csv.writer(comma), csv.writer(tab, delimiter="\t")]
        for table in tables:
            table.writerow(("id", "text", "label", "source"))
        for number, text in enumerate(texts(count)):
            record = (f"id-{number}", text, CLASSES[number % 3], "bench")
            for table in tables:
                table.writerow(record)
            line = json.dumps(dict(zip(("id", "text", "label", "source"), record, strict=True)))
            lines.write(line + "\n")
            whole.write(("[" if number == 0 else ",\n") + line)
        whole.write("]")
    return paths


def read(name: str, path: Path, task: str = "classification") -> int:
    """Read every row and hash what is a text; return how many there were."""
    count = 0
    media: Literal["text", "image"] = "image" if task in {"boxes", "polygons"} else "text"
    options = ReadOptions(media=media, task=task, classes=CLASSES)
    for row in READERS[name].read(Source.local(path), options):
        if not isinstance(row, Row):
            raise SystemExit(f"not read: {row}")
        if row.text is not None:
            hashlib.sha256(row.text.encode()).hexdigest()
        count += 1
    return count


def write(name: str, rows: list[ExportRow], task: str = "classification") -> int:
    """Write every row; return how many bytes came out."""
    return sum(map(len, WRITERS[name].write(rows, context_of(task))))


def context_of(task: str) -> ExportContext:
    """Return the context of an export."""
    media = "image" if task in {"boxes", "polygons"} else "text"
    return ExportContext("bench", "Bench", media, task, CLASSES, "2026-01-05T10:00:00Z")


def rows_with_parts(task: str, count: int) -> list[ExportRow]:
    """Items whose labels are spans, boxes or polygons."""
    rng = random.Random(13)
    rows = []
    for item, text in enumerate(texts(count), 1):
        plain = ExportRow(item, f"id-{item}", text, None, "text", None, None, "words", "given", None)
        if task == "spans":
            words = [match.span() for match in itertools.islice(re.finditer(r"\w+", text), 9)]
            chosen = sorted(rng.sample(words, 3))
            value: dict[str, list[Any]] = {
                "spans": [{"label": rng.choice(CLASSES), "start": one, "end": two} for one, two in chosen]
            }
            rows.append(plain._replace(final_value=value))
            continue
        corners = [[rng.randrange(0, 300), rng.randrange(0, 200)] for _ in range(5)]
        value = {task: [_part(task, rng.choice(CLASSES), *corner) for corner in corners]}
        plain = plain._replace(text=None, image=f"{item}.png", media="image", width=WIDE, height=HIGH)
        rows.append(plain._replace(final_value=value))
    return rows


def _part(task: str, label: str, x: int, y: int) -> dict[str, Any]:
    if task == "boxes":
        return {"label": label, "x": x, "y": y, "width": 12.5, "height": 30}
    return {"label": label, "points": [[x, y], [x + 40, y], [x + 40, y + 30.25], [x + 20, y + 12], [x, y + 30]]}


def file_with_parts(folder: Path, name: str, task: str, rows: list[ExportRow]) -> Path:
    """Write rows in a format, with small pictures beside them where it needs them."""
    data = b"".join(WRITERS[name].write(rows, context_of(task)))
    if task == "spans":
        path = folder / f"{name}{WRITERS[name].suffix}"
        path.write_bytes(data)
        return path
    buffer = io.BytesIO()
    Image.new("RGB", (WIDE, HIGH), "white").save(buffer, "PNG")
    path = folder / f"{name}-{task}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        if WRITERS[name].archive:
            with zipfile.ZipFile(io.BytesIO(data)) as labels:
                for entry in labels.namelist():
                    archive.writestr(entry, labels.read(entry))
        else:
            archive.writestr("labels.json", data)
        for row in rows:
            archive.writestr(f"images/train/{row.image}", buffer.getvalue())
    return path


def grown(work: Callable[[], object]) -> float:
    """Return by how many megabytes the peak of this process rose."""
    before = peak_memory()
    work()
    return (peak_memory() - before) / 1e6


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of this process that one call takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Measure every reader of texts, then every writer."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        for name, path in sources(Path(folder), count).items():
            memory = grown(lambda name=name, path=path: read(name, path))  # type: ignore[misc]
            report("read", name, count, lambda name=name, path=path: read(name, path), memory)  # type: ignore[misc]
        for task, names in WITH_PARTS.items():
            parts = rows_with_parts(task, count // 10)
            for name in names:
                memory = grown(partial(write, name, parts, task))
                report("write", f"{name} {task}", len(parts), partial(write, name, parts, task), memory)
                path = file_with_parts(Path(folder), name, task, parts)
                memory = grown(partial(read, name, path, task))
                report("read", f"{name} {task}", len(parts), partial(read, name, path, task), memory)
    rows = export_rows(min(count, 100_000))
    for name in writers_for("classification", "text"):
        memory = grown(lambda name=name: write(name, rows))  # type: ignore[misc]
        report("write", name, len(rows), lambda name=name: write(name, rows), memory)  # type: ignore[misc]


def report(step: str, name: str, count: int, work: Callable[[], object], memory: float) -> None:
    """Measure and emit one line; CPU time is the better guide on a busy machine."""
    taken, cpu = seconds(work), min(cpu_seconds(work) for _ in range(3))
    emit(
        bench="formats",
        step=step,
        format=name,
        rows=count,
        rows_per_second=count / taken,
        cpu_us_each=1e6 * cpu / count,
        memory_mb=memory,
    )


if __name__ == "__main__":
    main()

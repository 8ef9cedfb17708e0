"""Do the flags find real errors, end to end? noisyag_a through the commands: import with given labels, inspect, flags.

Run `python -m tests.bench.bench_flags`. It prints the precision of the worst 5 % and the area under the
precision-recall curve (AUPRC) against the set's truth, beside cleanlab's own score of the same pass and the base rate.
The figure to beat, measured elsewhere: cleanlab's default on TF-IDF + logistic regression, .508 AUPRC.
The engine never sees the truth; only this benchmark does.
"""

import csv
import gzip
import json
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score
from sqlalchemy import select

from labeler.config import read_settings
from labeler.projects.models import Item
from labeler.quality.models import ItemScore
from labeler.storage.database import Database
from tests.bench.bench_exchange import run
from tests.bench.report import emit, shared_data

BASELINE = 0.508
WORST = 0.05


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV, gzipped or not."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Run the whole path on noisyag_a and compare with its truth."""
    data = shared_data()
    if data is None:
        emit(name="flags", skipped="the shared label sets are absent: set LABELER_SHARED")
        return
    folder = data / "noisyag_a"
    labels = {row["item"]: row["label"] for row in read(folder / "labels.csv")}
    truth = {row["item"]: row["truth"] for row in read(folder / "truth.csv")}
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        source = base / "items.csv"
        with source.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(("id", "text", "label"))
            table.writerows((row["item"], row["text"], labels[row["item"]]) for row in read(folder / "items.csv.gz"))
        classes = ",".join(sorted(set(labels.values())))
        run(base, "project", "create", "ag", "--media", "text", "--task", "classification", "--classes", classes)
        _, imported = run(base, "import", "ag", str(source), "--json")
        started = time.perf_counter()
        run(base, "inspect", "ag", "--json")
        seconds = time.perf_counter() - started
        _, listed = run(base, "flags", "ag", "--all", "--json")
        _, flagged = run(base, "flags", "ag", "--json")
        theirs = _cleanlab_scores(base)
    rows = [json.loads(line) for line in listed.splitlines()]
    wrong = np.array([truth[row["external_id"]] != row["given_label"] for row in rows])
    ours = np.array([row["score"] for row in rows])
    cleanlab = np.array([theirs[row["external_id"]] for row in rows])
    errors = [row for line in flagged.splitlines() if (row := json.loads(line))["kind"] == "label_error"]
    emit(
        name="flags",
        set="noisyag_a",
        n=len(rows),
        seed=0,
        added=json.loads(imported)["added"],
        base_rate=float(wrong.mean()),
        auprc=float(average_precision_score(wrong, ours)),
        precision_worst_5_percent=_precision(wrong, ours),
        cleanlab_auprc=float(average_precision_score(wrong, cleanlab)),
        cleanlab_precision_worst_5_percent=_precision(wrong, cleanlab),
        published_cleanlab_auprc=BASELINE,
        flags=len(errors),
        flags_precision=float(np.mean([truth[row["external_id"]] != row["given_label"] for row in errors])),
        inspect_seconds=seconds,
    )


def _precision(
    wrong: "np.ndarray[tuple[int], np.dtype[np.bool_]]", scores: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> float:
    worst = np.argsort(-scores, kind="stable")[: round(WORST * len(scores))]
    return float(wrong[worst].mean())


def _cleanlab_scores(instance: Path) -> dict[str, float]:
    database = Database(read_settings({}, instance=instance))
    query = select(Item.external_id, ItemScore.cleanlab_score).join(ItemScore, ItemScore.item_id == Item.id)
    with database.read() as session:
        found = {str(row[0]): row[1] or 0.0 for row in session.execute(query)}
    database.close()
    return found


if __name__ == "__main__":
    main()

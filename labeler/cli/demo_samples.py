"""Where the sample data lies, and how its small files read.

One folder per sample: `items.csv` (id, text, label: the given label, where there is one), `truth.csv` (id, label,
notes), `classes.json` and `guidelines.md`. Note: in a clone the folder stands beside the
package, in an installed wheel it is a data file that only the wheel's own list of files can name.
The truth is for simulated annotators and tests; nothing of Labeler that judges labels may read it.
"""

import csv
import json
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import labeler
from labeler.errors import NotFound

FOLDER = "sample_data"
LANDMARK = "support_tickets/items.csv"
AMBIGUOUS = "ambiguous: "
OFF_TOPIC = "off topic"


@dataclass(frozen=True)
class Truth:
    """What is right about a sample.

    labels: {item id: class}; hard: {item id: classes a careful person could defend}, empty where no class fits.
    """

    labels: dict[str, str]
    hard: dict[str, tuple[str, ...]]


def sample_folder(name: str) -> Path:
    """Return the folder of one sample: `support_tickets`, `reviews_rating` or `digits`. Raises NotFound."""
    beside = Path(labeler.__file__).parents[1]
    places = [beside / FOLDER, beside / "share" / "labeler" / FOLDER, *_listed()]  # a clone, `pip --target`, a wheel
    root = next((place for place in places if (place / LANDMARK).is_file()), None)
    if root is None or not (root / name).is_dir():
        raise NotFound(
            "The sample data {name!r} is not installed; run this from a clone or install Labeler again.", name=name
        )
    return root / name


def read_classes(folder: Path) -> list[tuple[str, str]]:
    """Return (name, short description) of each class, in order."""
    rows = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
    return [(row["name"], row["description"]) for row in rows]


def read_truth(folder: Path) -> Truth:
    """Read `truth.csv`; its notes say which items are ambiguous (and with which class) or off topic."""
    labels: dict[str, str] = {}
    hard: dict[str, tuple[str, ...]] = {}
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            labels[row["id"]] = row["label"]
            if row["notes"].startswith(AMBIGUOUS):
                hard[row["id"]] = (row["label"], row["notes"].removeprefix(AMBIGUOUS))
            elif row["notes"] == OFF_TOPIC:
                hard[row["id"]] = ()
    return Truth(labels, hard)


def _listed() -> list[Path]:
    """Return the folder the wheel put the samples in, wherever this kind of install places data files."""
    try:
        files = metadata.files("labeler") or []
    except metadata.PackageNotFoundError:
        return []
    landmarks = [file for file in files if file.as_posix().endswith(f"{FOLDER}/{LANDMARK}")]
    return [Path(str(file.locate())).resolve().parents[1] for file in landmarks]

"""Is every planted defect found, and how much of clean data is flagged? `python -m tests.bench detectors`.

Into real sets (their true labels, no others) and into made-up ones defects of each detector are planted, `--planted` of
each, and the same sets are examined clean. One JSON line a defect says how many of the planted were flagged by the
detector of its kind, one a set and kind how many of the clean items were, and one a set what was said of it as a whole.
Duplicates and outliers of a real set may be true ones: their count is no count of mistakes. `--items N` takes N of each
set; `--short` is a small run to see that it works.
"""

import argparse
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageEnhance, ImageFilter

from labeler.quality.dataset import Dataset, Examination
from tests.bench.label_sets import rows
from tests.bench.report import emit, shared_data
from tests.quality.worlds import dataset, look_at, pictures, texts

SEED = 0
TEXT_SETS, PICTURE_SETS = ("noisyag_a", "hausa_news", "sentiment_polarity"), ("cifar10n_a",)
GERMAN = "Der Zug nach Hamburg ist heute nicht gekommen und die Leute warten auf dem Bahnsteig {}"
FRENCH = "Le train pour Lyon est en retard et les voyageurs sont dans la gare avec leurs enfants {}"
RUSSIAN = "Поезд в Москву сегодня опоздал и люди ждут на вокзале {}"
WEAK, WRONG = 0.2, 0.3  # share of the items in the weak group, and of its labels that are changed


@dataclass
class Planting:
    """A set with defects. where: the kind of flag that each planted item should get, by what was planted.

    twins: items whose label must not change, or copies of them would be contradictions and no duplicates.
    """

    contents: list[Any]
    labels: list[int]
    sides: list[str]
    where: dict[str, tuple[str, list[int]]] = field(default_factory=dict)
    twins: set[int] = field(default_factory=set)

    def add(self, defect: str, kind: str, content: Any, label: int, side: str = "train") -> None:
        """Add an item with a defect."""
        self.where.setdefault(defect, (kind, []))[1].append(len(self.contents))
        self.contents.append(content)
        self.labels.append(label)
        self.sides.append(side)


def text_defects(planting: Planting, rng: random.Random, count: int) -> None:
    """Plant `count` of each defect that texts can have."""
    made: dict[str, Callable[[str, int], str]] = {
        "empty": lambda _, number: " " * number,
        "only signs": lambda _, number: "?!" * (number + 1),
        "garbled": lambda text, _: f"{text} café, déjà vu".encode().decode("cp1252"),
        "letters lost": lambda text, _: text.replace("e", "\N{REPLACEMENT CHARACTER}", 2) + "\N{REPLACEMENT CHARACTER}",
        "german": lambda _, number: GERMAN.format(number),
        "french": lambda _, number: FRENCH.format(number),
        "russian": lambda _, number: RUSSIAN.format(number),
        "e-mail": lambda text, number: f"{text} write to ada.{number}@mail.example.org",
        "telephone": lambda text, number: f"{text} call +49 30 1234 56{number:02d}",
        "account": lambda text, _: f"{text} pay to DE89 3704 0044 0532 0130 00",
        "card": lambda text, _: f"{text} card 4111 1111 1111 1111",
    }
    clean = list(range(len(planting.contents)))
    for defect, change in made.items():
        for number in range(count):
            item = rng.choice(clean)
            planting.add(defect, "text_problem", change(planting.contents[item], number), planting.labels[item])
    longest = sorted(clean, key=lambda one: -len(planting.contents[one]))[: 4 * count]
    for item in rng.sample(longest, count):
        planting.sides[item] = "train"
        planting.twins |= {item, len(planting.contents), len(planting.contents) + 1}
        text, label = planting.contents[item], planting.labels[item]
        planting.add("leak", "split_leak", f"{text} .", label, "test")
        planting.add("duplicate", "near_duplicate", f"{text} !", label)


def picture_defects(planting: Planting, rng: random.Random, count: int, folder: Path) -> None:
    """Plant `count` of each defect that pictures can have."""
    made: dict[str, Callable[[Image.Image, int], Image.Image]] = {
        "black": lambda image, _: Image.new("RGB", image.size),
        "white": lambda image, _: Image.new("RGB", image.size, "white"),
        "one pixel": lambda _, number: Image.new("RGB", (1, 1), (number, 90, 90)),
        "dark": lambda image, _: ImageEnhance.Brightness(image).enhance(0.12),
        "bright": lambda image, _: Image.blend(image, Image.new("RGB", image.size, "white"), 0.88),
        "faint": lambda image, _: Image.blend(image, Image.new("RGB", image.size, (120, 120, 120)), 0.92),
        "blurred": lambda image, _: image.filter(ImageFilter.GaussianBlur(max(image.size) / 8)),
        "odd shape": lambda image, _: image.resize((image.width * 8, image.height)),
    }
    clean = list(range(len(planting.contents)))
    for defect, change in made.items():
        for number in range(count):
            item = rng.choice(clean)
            with Image.open(planting.contents[item]) as opened:
                image = change(opened.convert("RGB"), number)
            path = folder / f"{defect} {number}.png"
            image.save(path)
            planting.add(defect, "image_problem", path, planting.labels[item])
    for number in range(count):
        path = folder / f"unreadable {number}.png"
        path.write_bytes(b"\x89PNG cut off")
        planting.add("unreadable", "image_problem", path, planting.labels[rng.choice(clean)])
    for item in rng.sample(clean, count):
        planting.sides[item] = "train"
        planting.twins |= {item, len(planting.contents), len(planting.contents) + 1}
        path = folder / f"again {item}.jpg"
        with Image.open(planting.contents[item]) as opened:
            opened.convert("RGB").save(path, quality=92)
        planting.add("leak", "split_leak", path, planting.labels[item], "test")
        planting.add("duplicate", "near_duplicate", path, planting.labels[item])


def bench(name: str, clean: Dataset, count: int) -> None:
    """Examine a set clean and with defects, and print what was flagged."""
    rng = random.Random(SEED)
    total = len(clean)
    sides = rng.choices(("train", "train", "train", "test"), k=total)
    known = replace(clean, columns={"split": sides, "source": rng.choices("ABCD", k=total)})
    cpu = time.process_time()
    found = look_at(known)
    seconds = time.process_time() - cpu
    for kind, flags in found.summary["findings"].items():
        emit(bench="detectors", set=name, clean=kind, n=total, seed=SEED, flags=flags, share=flags / total)
    said = [str(one["said"]) for one in found.summary["set_findings"]]
    emit(bench="detectors", set=name, clean="set_findings", n=total, seed=SEED, said=said, cpu_seconds=seconds)
    planting = Planting(list(clean.contents), clean.labels.tolist(), list(sides))
    with tempfile.TemporaryDirectory() as folder:
        if clean.media == "text":
            text_defects(planting, rng, count)
        else:
            picture_defects(planting, rng, count, Path(folder))
        _planted(name, clean, planting)


def _planted(name: str, clean: Dataset, planting: Planting) -> None:
    labels, about = _about_the_set(planting, len(clean.classes))
    world = replace(
        dataset(planting.contents, labels, (*clean.classes, "never used")), columns={"split": planting.sides, **about}
    )
    found = look_at(world)
    total = len(planting.contents)
    for defect, (kind, items) in planting.where.items():
        flagged = {one.item for one in found.findings if one.kind == kind}
        emit(
            bench="detectors",
            set=name,
            planted=defect,
            kind=kind,
            n=total,
            seed=SEED,
            count=len(items),
            found=len(flagged & set(items)),
        )
    _said_of_the_set(name, found, total)


def _about_the_set(planting: Planting, classes: int) -> tuple[list[int], dict[str, list[str]]]:
    """Return labels with many wrong ones in one source, that source, and a column that gives the class away."""
    rng = random.Random(SEED + 1)
    source = ["worn" if rng.random() < WEAK else "new" for _ in planting.contents]
    labels = [
        (label + rng.randrange(1, classes)) % classes
        if kind == "worn" and item not in planting.twins and rng.random() < WRONG
        else label
        for item, (label, kind) in enumerate(zip(planting.labels, source, strict=True))
    ]
    camera = [f"camera {label if rng.random() < 0.95 else rng.randrange(classes)}" for label in labels]
    return labels, {"source": source, "camera": camera}


def _said_of_the_set(name: str, found: Examination, total: int) -> None:
    said = found.summary["set_findings"]
    expected = {
        "weak group": any(one["kind"] == "weak_group" and one["value"] == "worn" for one in said),
        "giveaway": any(one["kind"] == "giveaway" and one["facts"]["column"] == "camera" for one in said),
        "rare class": any(one["kind"] == "rare_class" and "never used" in one["facts"]["rare"] for one in said),
    }
    for defect, there in expected.items():
        emit(bench="detectors", set=name, planted=defect, kind="set", n=total, seed=SEED, count=1, found=int(there))


def real_sets(most: int, folder: Path) -> Iterator[tuple[str, Dataset]]:
    """Yield the first items of the recorded sets that have contents, with their true labels."""
    data = shared_data()
    if data is None:
        emit(bench="detectors", skipped="the shared label sets are absent: set LABELER_SHARED")
        return
    for name in (*TEXT_SETS, *PICTURE_SETS):
        items = next(path for path in (data / name / "items.csv", data / name / "items.csv.gz") if path.is_file())
        truth = {row["item"]: row["truth"] for row in rows(data / name / "truth.csv")}
        chosen = [row for row in rows(items) if row["item"] in truth][:most]
        classes = sorted({truth[row["item"]] for row in chosen})
        labels = [classes.index(truth[row["item"]]) for row in chosen]
        if name in TEXT_SETS:
            yield name, dataset([row["text"] for row in chosen], labels, classes)
        else:
            with zipfile.ZipFile(data / name / "images.zip") as packed:
                by_name = {Path(member).name: member for member in packed.namelist()}
                paths = [Path(packed.extract(by_name[Path(row["image"]).name], folder)) for row in chosen]
            yield name, dataset(paths, labels, classes)


def made_up_sets(most: int, folder: Path) -> Iterator[tuple[str, Dataset]]:
    """Yield texts and pictures that were made up, with nothing wrong in them."""
    part = max(60, most // 3)
    contents, truth = texts((part, part, part))
    yield "made-up texts", dataset([f"{text} {number}" for number, text in enumerate(contents)], truth)
    paths, shapes = pictures(folder, (part, part, part))
    yield "made-up pictures", dataset(paths, shapes, ("disc", "square", "stripes"))


def main() -> int:
    """Bench every set."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="Few items of each set, to see that it runs.")
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--planted", type=int, default=10)
    parser.add_argument("--set", default="", help="Only this one.")
    given = parser.parse_args()
    most, count = (300, 3) if given.short else (given.items, given.planted)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        for sets in (real_sets(most, Path(one)), made_up_sets(most, Path(other))):
            for name, clean in sets:
                if given.set in {"", name}:
                    bench(name, clean, count)
    return 0


if __name__ == "__main__":
    sys.exit(main())

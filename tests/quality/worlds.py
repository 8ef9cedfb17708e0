"""Small worlds with known truth: texts and pictures of a few classes, and the mistakes planted in their labels."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from labeler.quality.dataset import Dataset, Examination
from labeler.quality.examine import examine

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

TOPICS = {
    "zoo": ["tiger", "lion", "monkey", "keeper", "cage", "feeding", "elephant", "zebra", "visitors", "giraffe"],
    "bank": ["money", "loan", "interest", "account", "credit", "teller", "mortgage", "deposit", "savings", "fees"],
    "attic": ["dust", "boxes", "ladder", "roof", "beams", "spiders", "trunk", "cobwebs", "insulation", "rafters"],
}
COMMON = ["the", "and", "with", "today", "people", "very", "near", "again", "found", "some", "day", "many", "time"]


def text_about(words: Sequence[str], rng: random.Random, *, own: int = 4) -> str:
    """A sentence with a few words of its topic among everyday ones."""
    chosen = rng.choices(words, k=own) + rng.choices(COMMON, k=6)
    rng.shuffle(chosen)
    return " ".join(chosen)


def texts(counts: Sequence[int], seed: int = 1) -> tuple[list[str], Integers]:
    """Texts and true classes, shuffled; the class order is that of TOPICS, which is not alphabetical."""
    rng = random.Random(seed)
    rows = [(text_about(TOPICS[topic], rng), n) for n, topic in enumerate(TOPICS) for _ in range(counts[n])]
    rng.shuffle(rows)
    return [text for text, _ in rows], np.array([label for _, label in rows], dtype=np.int64)


def with_mistakes(truth: Integers, share: float, classes: int, seed: int = 2) -> Integers:
    """The labels with a share of them moved to another class."""
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(len(truth))[: round(share * len(truth))]
    labels = truth.copy()
    labels[wrong] = (labels[wrong] + rng.integers(1, classes, len(wrong))) % classes
    return labels


def with_mistakes_by_class(truth: Integers, share: float, classes: int, seed: int = 2) -> Integers:
    """The labels with a share of all moved, from half of the classes only, each always to the same other class."""
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(classes)[: max(1, classes // 2)]
    to = (np.arange(classes) + rng.integers(1, classes, classes)) % classes
    candidates = rng.permutation(np.flatnonzero(np.isin(truth, chosen)))
    wrong = candidates[: min(round(share * len(truth)), len(candidates) // 2)]
    labels = truth.copy()
    labels[wrong] = to[labels[wrong]]
    return labels


def pictures(folder: Path, counts: Sequence[int], seed: int = 3) -> tuple[list[Path], Integers]:
    """PNG files of discs, squares and stripes in changing colours and places, shuffled, and their classes."""
    rng = random.Random(seed)
    truth = [shape for shape, count in enumerate(counts) for _ in range(count)]
    rng.shuffle(truth)
    paths = []
    for number, shape in enumerate(truth):
        image = Image.new("RGB", (48, 48), _colour(rng, 0, 90))
        draw, ink = ImageDraw.Draw(image), _colour(rng, 150, 255)
        x, y, size = rng.randrange(3, 18), rng.randrange(3, 18), rng.randrange(18, 27)
        if shape == 0:
            draw.ellipse((x, y, x + size, y + size), fill=ink)
        elif shape == 1:
            draw.rectangle((x, y, x + size, y + size), fill=ink)
        else:
            for line in range(0, 48, 8):
                draw.line((0, line + x % 8, 48, line + x % 8), fill=ink, width=3)
        paths.append(folder / f"{number}.png")
        image.save(paths[-1])
    return paths, np.array(truth, dtype=np.int64)


def _colour(rng: random.Random, low: int, high: int) -> tuple[int, int, int]:
    return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)


def dataset(
    contents: Any,
    labels: Sequence[int] | Integers,
    classes: Sequence[str] = tuple(TOPICS),
    votes: Sequence[tuple[int, int, int]] = (),
) -> Dataset:
    """A dataset without given labels; votes are (item, annotator, class)."""
    array = np.array(labels, dtype=np.int64)
    table = np.array(votes, dtype=np.int64).reshape(-1, 3)
    media = "image" if len(contents) and isinstance(contents[0], Path) else "text"
    nothing = np.full(len(array), -1, dtype=np.int64)
    return Dataset(
        media=media,  # type: ignore[arg-type] # one of the two, seen from the contents
        contents=contents,
        classes=tuple(classes),
        labels=array,
        given=nothing,
        vote_items=table[:, 0],
        vote_annotators=table[:, 1],
        vote_classes=table[:, 2],
    )


def look_at(world: Dataset) -> Examination:
    """Examine without listening to the progress."""
    return examine(world, progress=lambda _share, _sentence: None)


def kinds(found: Examination, kind: str) -> set[int]:
    """The items flagged with one kind."""
    return {finding.item for finding in found.findings if finding.kind == kind}

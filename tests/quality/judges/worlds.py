"""Worlds whose labels are no single class, with the mistakes planted in them: {item: problem}."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from labeler.quality.dataset import Dataset, Examination, Finding, ImportedAnswer, Values
from labeler.task_types.base import Content, TaskConfig, Value
from labeler.task_types.registry import TASK_TYPES
from tests.quality.worlds import COMMON, TOPICS, dataset

CODES = ("4", "7", "9")
PEOPLE = ("Anna", "Bob", "Carla", "David", "Emil", "Fatima", "Greta", "Hugo", "Ines", "Jonas", "Lena", "Mira", "Nils")
FAMILIES = ("Meyer", "Okafor", "Santos", "Thiel", "Brandt", "Khan", "Lopez", "Novak", "Petrov", "Rossi", "Sato")
TOWNS = ("Turin", "Porto", "Oslo", "Lisbon", "Berlin", "Madrid", "Vienna", "Prague", "Dublin", "Zurich", "Lyon")
_ENGLISH = """the cat sat on a mat and looked at birds near big old house while rain was falling over small
town where people walked to work every morning with their bags"""
ENGLISH = _ENGLISH.split()
_GERMAN = """der hund schläft unter dem tisch und die frau liest ein buch während es draußen regnet weil wir
heute nicht arbeiten müssen"""
GERMAN = _GERMAN.split()
RUSSIAN = "собака спит под столом и женщина читает книгу"
Planted = dict[int, str]
Box = tuple[int, float, float, float, float]  # class, x, y, width, height


@dataclass(frozen=True)
class World:
    """A set, its truth as values, and what is wrong where."""

    dataset: Dataset
    truth: list[Value]
    planted: Planted


def with_values(
    task: str,
    contents: Sequence[Any],
    labels: Sequence[Value | None],
    names: Sequence[str],
    *,
    answers: Sequence[Mapping[str, Value]] | None = None,
    predictions: Sequence[ImportedAnswer | None] | None = None,
    starts: Sequence[Value | None] | None = None,
    size: tuple[int, int] | None = None,
) -> Dataset:
    """A set with labels of a task type that judges them."""
    count = len(labels)
    values = Values(
        TASK_TYPES[task],
        TaskConfig(CODES[: len(names)]),
        list(labels),
        list(answers or [{} for _ in labels]),
        list(predictions or [None] * count),
        list(starts or [None] * count),
        [Content(width=size[0], height=size[1]) if size else Content(text=str(one)) for one in contents],
    )
    return replace(dataset(contents, [-1] * count, names), values=values)


def shuffled(world: World, seed: int = 5) -> Dataset:
    """The same items with each other's labels, as far as these fit."""
    values = world.dataset.values
    assert values is not None
    order = np.random.default_rng(seed).permutation(len(values.labels)).tolist()
    labels = [_fitting(values.labels[other], values.contents[item]) for item, other in enumerate(order)]
    answers: list[Mapping[str, Value]] = [{} for _ in labels]
    return replace(world.dataset, values=replace(values, labels=labels, answers=answers))


def _fitting(label: Value | None, content: Content) -> Value | None:
    if label is None or content.text is None or "spans" not in label:
        return label
    return {"spans": [one for one in label["spans"] if one["end"] <= len(content.text)]}


def flags(found: Examination) -> dict[int, Finding]:
    """The wrong labels that were found, by item."""
    return {one.item: one for one in found.findings if one.kind == "label_error"}


def problems(finding: Finding) -> list[str]:
    """What is wrong by a finding, the most probable first."""
    return [why["problem"] for why in finding.reasons if why["kind"] == "place"]


# -- sets of classes --------------------------------------------------------------------------------------------------


def label_sets(count: int, wrong: int, seed: int = 1) -> World:
    """Texts about none to three topics; of each wrong one a topic is missing or one too many."""
    rng, names = random.Random(seed), list(TOPICS)
    contents, truth = [], []
    for number in range(count):
        about = [n for n in range(3) if rng.random() < 0.4]
        words = [word for n in about for word in rng.choices(TOPICS[names[n]], k=3)] + rng.choices(COMMON, k=6)
        rng.shuffle(words)
        contents.append(f"{' '.join(words)} {number}")
        truth.append(about)
    labels, planted = [set(about) for about in truth], {}
    for item in rng.sample(range(count), wrong):
        topic = rng.randrange(3)
        planted[item] = "superfluous" if topic not in labels[item] else "missing"
        labels[item] ^= {topic}
    made = with_values("multilabel", contents, [_set(one) for one in labels], names)
    return World(made, [_set(set(one)) for one in truth], planted)


def _set(about: set[int]) -> Value:
    return {"labels": [CODES[n] for n in sorted(about)]}


# -- spans ------------------------------------------------------------------------------------------------------------


def marked_texts(count: int, wrong: int, seed: int = 1, *, blank: str = " ") -> World:
    """Sentences of who visited which town; each wrong one has one of the four problems."""
    rng = random.Random(seed)
    contents, truth = [], []
    for _ in range(count):
        text, spans = _sentence(rng, blank)
        contents.append(text)
        truth.append({"spans": spans})
    labels: list[list[Value]] = [[dict(span) for span in one["spans"]] for one in truth]
    planted: Planted = {}
    for turn, item in enumerate(rng.sample(range(count), wrong)):
        problem = ("missed", "nothing_there", "wrong_class", "border")[turn % 4]
        planted[item] = problem
        _spoil(problem, labels[item], contents[item], rng)
    return World(with_values("spans", contents, [{"spans": one} for one in labels], ("person", "town")), truth, planted)


def _sentence(rng: random.Random, blank: str) -> tuple[str, list[Value]]:
    text, spans = "", []
    for _ in range(rng.randrange(1, 3)):
        who = rng.choice(PEOPLE) + (f" {rng.choice(FAMILIES)}" if rng.random() < 0.6 else "")
        for word, code in (
            (rng.choice(("yesterday", "today", "then")), ""),
            (who, CODES[0]),
            (rng.choice(("visited", "left", "reached", "praised")), ""),
            (rng.choice(TOWNS), CODES[1]),
            (rng.choice(COMMON), ""),
            (rng.choice(COMMON), ""),
        ):
            text += blank if text else ""
            if code:
                spans.append({"label": code, "start": len(text), "end": len(text) + len(word)})
            text += word
        text += " ."
    return text, spans


def _spoil(problem: str, spans: list[Value], text: str, rng: random.Random) -> None:
    if problem == "missed":
        spans.pop(rng.randrange(len(spans)))
    elif problem == "nothing_there":
        start = spans[-1]["end"] + 1
        spans.append({"label": CODES[0], "start": start, "end": text.index(" ", start + 1)})
    elif problem == "wrong_class":
        span = rng.choice(spans)
        span["label"] = CODES[0] if span["label"] == CODES[1] else CODES[1]
    else:
        spans[0]["end"] = spans[1]["start"] - 1  # the verb behind the name as well


# -- boxes and polygons -----------------------------------------------------------------------------------------------


def pictures_with_marks(
    folder: Path, count: int, wrong: int, seed: int = 1, *, task: str = "boxes", beside: str = ""
) -> World:
    """Pictures of discs and squares; beside: "answers" of three people, "predictions", or nothing but the pictures."""
    rng = random.Random(seed)
    truth, paths = [], []
    for number in range(count):
        boxes, path = _picture(folder / f"{number}.png", rng)
        truth.append(boxes)
        paths.append(path)
    labels, planted = [[_moved(box, rng) for box in boxes] for boxes in truth], {}
    for turn, item in enumerate(rng.sample(range(count), wrong)):
        problem = ("missed", "nothing_there", "wrong_class", "border")[turn % 4] if beside else "wrong_class"
        planted[item] = problem
        _spoil_boxes(problem, labels[item], rng)
    made = with_values(
        task,
        paths,
        [value_of(task, boxes) for boxes in labels],
        ("disc", "square"),
        answers=[{str(who): value_of(task, [_moved(box, rng) for box in boxes]) for who in range(3)} for boxes in truth]
        if beside == "answers"
        else None,
        predictions=[ImportedAnswer(value_of(task, [_moved(box, rng) for box in boxes]), 0.9) for boxes in truth]
        if beside == "predictions"
        else None,
        size=(200, 160),
    )
    return World(made, [value_of(task, boxes) for boxes in truth], planted)


def _picture(path: Path, rng: random.Random) -> tuple[list[Box], Path]:
    image = Image.new("RGB", (200, 160), (rng.randint(0, 80), rng.randint(0, 80), rng.randint(0, 80)))
    draw, boxes = ImageDraw.Draw(image), []
    for place in range(rng.randrange(2, 4)):
        x, y, size, kind = (
            10 + place * 62 + rng.randrange(8),
            rng.randrange(10, 90),
            rng.randrange(30, 44),
            rng.randrange(2),
        )
        ink = (rng.randint(150, 255), rng.randint(150, 255), rng.randint(150, 255))
        (draw.rectangle if kind else draw.ellipse)((x, y, x + size, y + size), fill=ink)
        boxes.append((kind, float(x), float(y), float(size), float(size)))
    image.save(path)
    return boxes, path


def _moved(box: Box, rng: random.Random) -> Box:
    return (box[0], *(side + rng.uniform(-1, 1) for side in box[1:]))  # type: ignore[return-value] # four sides


def _spoil_boxes(problem: str, boxes: list[Box], rng: random.Random) -> None:
    at = rng.randrange(len(boxes))
    kind, x, y, width, height = boxes[at]
    if problem == "missed":
        boxes.pop(at)
    elif problem == "nothing_there":
        boxes.append((kind, rng.uniform(0, 100), 136.0, 30.0, 20.0))
    elif problem == "wrong_class":
        boxes[at] = (1 - kind, x, y, width, height)
    else:
        boxes[at] = (kind, x, y + 0.5 * height, width, height)


def value_of(task: str, boxes: Sequence[Box]) -> Value:
    """Boxes as a value of a task type."""
    if task == "boxes":
        return {"boxes": [{"label": CODES[k], "x": x, "y": y, "width": w, "height": h} for k, x, y, w, h in boxes]}
    outlines = [(k, [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]) for k, x, y, w, h in boxes]
    return {"polygons": [{"label": CODES[k], "points": points} for k, points in outlines]}


# -- free text --------------------------------------------------------------------------------------------------------

OF_TEXTS = ("empty", "copied", "far_from_twins", "far_from_answers", "other_script", "other_language")


def written_texts(count: int, wrong: int, seed: int = 2) -> World:
    """Texts corrected from a start, of each ten items the first three about the same; each wrong one has a problem."""
    rng = random.Random(seed)
    truth = [" ".join(rng.choices(ENGLISH, k=rng.randrange(8, 16))) for _ in range(count)]
    contents = [f"recording {number}" for number in range(count)]
    for first in range(0, count - 2, 10):
        for twin in (first + 1, first + 2):
            truth[twin], contents[twin] = truth[first], contents[first]
    labels, starts = list(truth), [f"{text} uh" for text in truth]
    answers: list[Mapping[str, Value]] = [
        {str(who): {"text": text if rng.random() < 0.7 else f"{text} now"} for who in range(3)} for text in truth
    ]
    planted: Planted = {}
    free = rng.sample(range(count), count)
    for turn in range(wrong):
        problem = OF_TEXTS[turn % len(OF_TEXTS)]
        twins = problem == "far_from_twins"
        item = next(n for n in free if (n % 10 == 0) == twins and n % 10 not in (1, 2) and n not in planted)
        planted[item] = problem
        labels[item] = {
            "empty": "",
            "copied": starts[item],
            "other_script": RUSSIAN,
            "other_language": " ".join(rng.choices(GERMAN, k=12)),
        }.get(problem, " ".join(rng.choices(ENGLISH, k=12)))
        if problem != "far_from_answers":
            answers[item] = {}
    made = with_values(
        "text", contents, [{"text": one} for one in labels], (), answers=answers, starts=[{"text": s} for s in starts]
    )
    return World(made, [{"text": one} for one in truth], planted)

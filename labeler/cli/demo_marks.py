"""Simulated annotators who mark things or type: a right answer with the slips of a person in it.

A careful person hits an edge within a pixel or two, another is further off, misses something or names it wrongly; how
often follows from the same accuracy as in `demo_cast`. Who types leaves out a letter or the dots of an umlaut, takes
the other case, or swaps two words.
"""

import random
import unicodedata
from collections.abc import Sequence
from typing import Any

from labeler.cli.demo_cast import Habits, SimulatedAnswer
from labeler.cli.demo_scenes import HEIGHT, WIDTH, Scene

MISSED, MISNAMED = 0.4, 0.4  # shares of a person's mistakes; the rest are places
MISTYPED = 0.7  # times the share of wrong answers: the chance of a slip in a line of text
UNSTEADY = 40.0  # pixels by which somebody who is never right would miss an edge


def marked(scenes: Sequence[Scene], classes: Sequence[str], habits: Habits, seed: int) -> list[SimulatedAnswer]:
    """Return one answer for each scene. The same arguments give the same answers, on every machine."""
    rng = random.Random(f"{seed} {habits.name}")  # noqa: S311 - simulated people, no secret
    given = []
    for scene in scenes:
        (shape, parts) = next(iter(scene.value.items()))
        if shape == "labels":
            value: dict[str, Any] = {"labels": _chosen(parts, classes, habits, rng)}
        elif shape == "text":
            lines = parts.split("\n")
            value = {"text": "\n".join(_typed(line, habits, rng) for line in lines)}
            parts = lines
        else:
            kept = [part for part in parts if rng.random() > MISSED * (1 - habits.accuracy)]
            length = len(scene.content) if isinstance(scene.content, str) else 0
            value = {shape: [_slipped(part, classes, habits, rng, length) for part in kept]}
        seconds = habits.seconds * (1 + len(parts)) * rng.uniform(0.7, 1.4)
        given.append(SimulatedAnswer(scene.id, habits.name, None, round(seconds, 1), value=value))
    return given


def _chosen(right: Sequence[str], classes: Sequence[str], habits: Habits, rng: random.Random) -> list[str]:
    """Return the classes somebody chooses: each is judged by itself."""
    return [name for name in classes if (name in right) == (rng.random() < habits.accuracy)]


def _typed(line: str, habits: Habits, rng: random.Random) -> str:
    """Return a line as somebody types it, mostly without a slip."""
    if rng.random() >= MISTYPED * (1 - habits.accuracy):
        return line
    slips = (_without_dots(line), _letter_left_out(line, rng), _other_case(line, rng), _words_swapped(line, rng))
    return rng.choice([slip for slip in slips if slip != line])


def _without_dots(line: str) -> str:
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in line)


def _letter_left_out(line: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(line))
    return line[:at] + line[at + 1 :]


def _other_case(line: str, rng: random.Random) -> str:
    words = line.split(" ")
    at = rng.randrange(len(words))
    return " ".join((*words[:at], words[at][:1].swapcase() + words[at][1:], *words[at + 1 :]))


def _words_swapped(line: str, rng: random.Random) -> str:
    words = line.split(" ")
    at = rng.randrange(len(words) - 1)
    words[at], words[at + 1] = words[at + 1], words[at]
    return " ".join(words)


def _slipped(
    part: dict[str, Any], classes: Sequence[str], habits: Habits, rng: random.Random, length: int
) -> dict[str, Any]:
    """Return a mark as somebody makes it: a little beside its place, and with another name at times."""
    wrong = 1 - habits.accuracy
    label = rng.choice(classes) if rng.random() < MISNAMED * wrong else part["label"]
    beside = UNSTEADY * wrong
    if "points" in part:
        # moved and drawn too large or small as a whole: corners that move each by themselves would cross
        (right, down), grown = (rng.gauss(0, beside / 2), rng.gauss(0, beside / 2)), 1 + rng.gauss(0, wrong / 4)
        x0, y0 = part["points"][0]
        return {
            "label": label,
            "points": [_inside(x0 + grown * (x - x0) + right, y0 + grown * (y - y0) + down) for x, y in part["points"]],
        }
    if "x" in part:
        left, top = _inside(part["x"] + rng.gauss(0, beside), part["y"] + rng.gauss(0, beside))
        right, bottom = _inside(
            part["x"] + part["width"] + rng.gauss(0, beside), part["y"] + part["height"] + rng.gauss(0, beside)
        )
        return {"label": label, "x": left, "y": top, "width": max(4.0, right - left), "height": max(4.0, bottom - top)}
    longer = rng.choice((1, 2)) if rng.random() < wrong else 0
    return {"label": label, "start": part["start"], "end": min(length, part["end"] + longer)}


def _inside(x: float, y: float) -> list[float]:
    return [round(min(max(x, 0.0), WIDTH - 5.0), 1), round(min(max(y, 0.0), HEIGHT - 5.0), 1)]

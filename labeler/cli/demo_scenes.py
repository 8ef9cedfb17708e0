"""Samples for answers with parts, made up on the spot: pictures of things on a bench and of roofs, notes, feedback.

Each scene knows what is truly in it, since it was put together from that. The same seed makes the same scenes.
"""

import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageDraw

from labeler import durable

WIDTH, HEIGHT = 640, 420
Draw = Callable[[ImageDraw.ImageDraw, list[tuple[float, float]], random.Random], None]
Points = list[tuple[float, float]]

THINGS = (("Screw", "A long body with a head."), ("Nut", "Six sides and a hole."), ("Washer", "A flat ring."))
ROOFS = (("Roof", "A whole roof, gutters included."), ("Pool", "Water in the garden."))
MENTIONS = (
    ("Person", "A name, without title."),
    ("Place", "A town or a street."),
    ("Time", "A day or an hour, as it is written."),
)
ASPECTS = (
    ("Price", "What it costs, discounts, value for money."),
    ("Delivery", "When and how it came."),
    ("Quality", "How well it is made and works."),
    ("Support", "How people at the company helped."),
)

_PEOPLE = (
    "Aylin Demir",
    "Tom Okafor",
    "Mei Tanaka",
    "Lucia Rossi",
    "Jan Novak",
    "Priya Nair",
    "Omar Haddad",
    "Eva Lund",
)
_PLACES = ("Porto", "Gdansk", "Mill Lane", "Lyon", "Harbour Street", "Utrecht", "Bergen", "Cork")
_TIMES = ("on Monday", "at noon", "by Friday", "at 8:30", "tomorrow", "on 3 March", "before 17:00", "on Thursday")
_NOTES = (
    "Parcel for {Person} goes to {Place} {Time}.",
    "{Person} asked to be called {Time}; the box stays in {Place}.",
    "Driver says: road to {Place} closed, {Person} informed {Time}.",
    "{Time} two pallets to {Place}, signed by {Person}.",
    "No one home in {Place}. Left with {Person} {Time}.",
    "Return from {Place} expected {Time}.",
    "Please ring {Person} before you leave {Place}.",
    "Nothing special today, all stops done.",
)
_SAID = {
    "Price": ("Cheaper than anywhere else.", "For that money I expected more.", "The discount was a nice surprise."),
    "Delivery": ("It came two days early.", "The parcel was left in the rain.", "Shipping took three weeks."),
    "Quality": ("The seams are perfect.", "It broke after a week.", "Feels solid and works every time."),
    "Support": ("They answered within an hour.", "Nobody picks up the phone.", "A friendly person solved it."),
}
_PLAIN = ("Bought it for my sister.", "This is my second order.", "I use it every morning.")


class Scene(NamedTuple):
    """One item. content: the text, or the file of a picture; value: the right answer; columns: (name, cell) of more."""

    id: str
    content: str | Path
    value: dict[str, Any]
    columns: tuple[tuple[str, str], ...] = ()


def feedback(count: int, seed: int) -> Iterator[Scene]:
    """Make up messages about one to three of ASPECTS, some about none."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible sample, no secret
    names = [name for name, _ in ASPECTS]
    for number in range(count):
        about = sorted(rng.sample(names, rng.choice((0, 1, 1, 2, 2, 3))), key=names.index)
        said = [rng.choice(_SAID[name]) for name in about] + [rng.choice(_PLAIN)]
        rng.shuffle(said)
        yield Scene(f"feedback-{number + 1:02d}", f"{' '.join(said)} (order {1200 + number})", {"labels": about})


def notes(count: int, seed: int) -> Iterator[Scene]:
    """Make up notes of drivers that mention MENTIONS."""
    rng = random.Random(seed)  # noqa: S311 - as above
    for number in range(count):
        text, spans = "", []
        for piece in rng.choice(_NOTES).replace("}", "{").split("{"):
            said = {"Person": _PEOPLE, "Place": _PLACES, "Time": _TIMES}.get(piece)
            word = rng.choice(said) if said else piece
            word = word[0].upper() + word[1:] if word and not text else word
            if said:
                spans.append({"label": piece, "start": len(text), "end": len(text) + len(word)})
            text += word
        yield Scene(f"note-{number + 1:02d}", f"{text} Tour {number + 1}.", {"spans": spans})


def bench(folder: Path, count: int, seed: int) -> Iterator[Scene]:
    """Draw pictures of THINGS on a bench, with the box of each."""
    rng = random.Random(seed)  # noqa: S311 - as above
    for number in range(count):
        picture, boxes = _ground((203, 191, 170), rng), []
        for left, top in _spots(rng, rng.randint(2, 6)):
            label, draw = rng.choice(((THINGS[0][0], _screw), (THINGS[1][0], _nut), (THINGS[2][0], _washer)))
            points = draw(ImageDraw.Draw(picture), (left + 60, top + 55), rng)
            boxes.append({"label": label, **_box_around(points)})
        name = f"bench-{number + 1:02d}"
        yield Scene(name, saved(picture, folder, name), {"boxes": boxes})


def roofs(folder: Path, count: int, seed: int) -> Iterator[Scene]:
    """Draw gardens from above, with the outline of each of ROOFS."""
    rng = random.Random(seed)  # noqa: S311 - as above
    for number in range(count):
        picture, outlines = _ground((112, 138, 88), rng), []
        for left, top in _spots(rng, rng.randint(2, 5)):
            pool = rng.random() < 1 / 3
            points = _turned(_ellipse(34, 22) if pool else _roof(rng), (left + 60, top + 60), rng.uniform(0, math.pi))
            fill = (94, 170, 202) if pool else rng.choice(((158, 84, 66), (120, 112, 108), (140, 70, 60)))
            ImageDraw.Draw(picture).polygon(points, fill=fill, outline=(50, 45, 42))
            outlines.append({"label": ROOFS[pool][0], "points": [[round(x, 1), round(y, 1)] for x, y in points]})
        yield Scene(
            f"roofs-{number + 1:02d}", saved(picture, folder, f"roofs-{number + 1:02d}"), {"polygons": outlines}
        )


def _ground(colour: tuple[int, int, int], rng: random.Random) -> Image.Image:
    """Return an uneven ground in about this colour."""
    wide, high = WIDTH // 32, HEIGHT // 32
    grain = Image.frombytes("L", (wide, high), rng.randbytes(wide * high)).convert("RGB")
    small = Image.blend(Image.new("RGB", (wide, high), colour), grain, 0.06)
    return small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


def _spots(rng: random.Random, count: int) -> list[tuple[int, int]]:
    """Return places 120 pixels apart, so that nothing covers another."""
    return rng.sample([(20 + 120 * column, 20 + 130 * row) for column in range(5) for row in range(3)], count)


def _screw(draw: ImageDraw.ImageDraw, middle: tuple[float, float], rng: random.Random) -> Points:
    angle, length = rng.uniform(0, math.pi), rng.uniform(34, 46)
    body = _turned([(-length, -5), (length, -5), (length, 5), (-length, 5)], middle, angle)
    head = _turned([(-length - 12, -13), (-length, -13), (-length, 13), (-length - 12, 13)], middle, angle)
    draw.polygon(body, fill=(128, 132, 140), outline=(70, 72, 78))
    draw.polygon(head, fill=(106, 110, 118), outline=(60, 62, 68))
    return body + head


def _nut(draw: ImageDraw.ImageDraw, middle: tuple[float, float], rng: random.Random) -> Points:
    size = rng.uniform(20, 30)
    corners = [(size * math.cos(n * math.pi / 3), size * math.sin(n * math.pi / 3)) for n in range(6)]
    points = _turned(corners, middle, rng.uniform(0, 1))
    draw.polygon(points, fill=(146, 140, 118), outline=(80, 76, 60))
    _hole(draw, middle, size * 0.45)
    return points


def _washer(draw: ImageDraw.ImageDraw, middle: tuple[float, float], rng: random.Random) -> Points:
    size = rng.uniform(18, 30)
    points = _turned(_ellipse(size, size), middle, 0)
    draw.polygon(points, fill=(172, 174, 178), outline=(96, 98, 102))
    _hole(draw, middle, size * 0.5)
    return points


def _hole(draw: ImageDraw.ImageDraw, middle: tuple[float, float], size: float) -> None:
    x, y = middle
    draw.ellipse((x - size, y - size, x + size, y + size), fill=(188, 176, 156), outline=(90, 84, 74))


def _roof(rng: random.Random) -> Points:
    wide, high = rng.uniform(34, 48), rng.uniform(24, 36)
    whole: Points = [(-wide, -high), (wide, -high), (wide, high), (-wide, high)]
    cut: Points = [(-wide, -high), (wide, -high), (wide, 0), (0, 0), (0, high), (-wide, high)]
    return cut if rng.random() < 1 / 3 else whole


def _ellipse(wide: float, high: float) -> Points:
    return [(wide * math.cos(n * math.pi / 12), high * math.sin(n * math.pi / 12)) for n in range(24)]


def _turned(points: Points, middle: tuple[float, float], angle: float) -> Points:
    (x, y), cosine, sine = middle, math.cos(angle), math.sin(angle)
    return [(x + a * cosine - b * sine, y + a * sine + b * cosine) for a, b in points]


def _box_around(points: Points) -> dict[str, float]:
    across, down = [x for x, _ in points], [y for _, y in points]
    x, y = round(min(across), 1), round(min(down), 1)
    return {"x": x, "y": y, "width": round(max(across) - x, 1), "height": round(max(down) - y, 1)}


def saved(picture: Image.Image, folder: Path, name: str) -> Path:
    """Write a picture into a folder and return its file."""
    durable.make_folder(folder)
    path = folder / f"{name}.jpg"
    with durable.renamed(folder / f"{name}.part", path) as file:
        picture.save(file, "JPEG", quality=85)
    return path

"""Old index cards to be typed, made up and drawn on the spot: what stands on them, and what a poor reader made of it.

The same seed makes the same cards. Letters come from the one font that Pillow brings along, which has no accents and
one script: so the dots of an umlaut are drawn above their letter, and the Hebrew of one card is drawn stroke by stroke.
"""

import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from labeler.cli.demo_scenes import Scene, saved

WIDTH, HEIGHT = 560, 320
SIZE, LEFT, TOP, STEP = 30, 46, 62, 74  # pixels: of a letter, of the first one's place, from line to line
INKS = ((38, 36, 40), (52, 46, 92), (70, 44, 36))
DOTS = "\N{COMBINING DIAERESIS}"
MISREAD = {"l": "1", "o": "0", "S": "5", "g": "q", "h": "b", ",": ".", "m": "rn", "B": "8"}
READ_BADLY = 0.12  # of the letters that look like another one

_NAMES = (
    "K\u00f6hler, Mina", "Ross, Edith", "J\u00e4ger, Otto", "Bell, Harold", "Gr\u00fcn, Selma", "Moss, Arthur",
    "B\u00e4umler, Ida", "Holm, Signe", "Schr\u00f6der, Paul", "Webb, Lillian",
)  # fmt: skip
_THINGS = (
    "Brass hinge, left", "Oak drawer knob", "Small oil lamp", "Spring of a clock", "Glass bell, chipped",
    "Key for a school desk", "Door bolt, old shape", "Violin peg, ebony",
)  # fmt: skip
_PLACES = ("Shelf", "Box", "Drawer", "Room")
# "Old book / Cupboard 4", and as a poor reader read it: of two letters alike the wrong one
HEBREW = "\u05e1\u05e4\u05e8 \u05d9\u05e9\u05df\n\u05d0\u05e8\u05d5\u05df 4"
HEBREW_READ = "\u05e1\u05e4\u05d3 \u05d9\u05e9\u05df\n\u05d0\u05e8\u05d5\u05d5 4"
HEBREW_AT = 1
# letter: (width, strokes of points), in a square of 10
_STROKES = {
    "\u05d0": (8, (((1, 1), (8, 10)), ((7, 1), (7, 4), (5, 6)), ((3, 4), (1, 6), (1, 10)))),
    "\u05d5": (3, (((0, 1), (2, 1), (2, 10)),)),
    "\u05d9": (3, (((0, 1), (2, 1), (2, 5)),)),
    "\u05df": (3, (((0, 1), (2, 1), (2, 14)),)),
    "\u05e1": (8, (((0, 1), (8, 1), (8, 6), (5, 10), (3, 10), (1, 6), (1, 1)),)),
    "\u05e4": (8, (((3, 5), (1, 5), (1, 1), (7, 1), (7, 10), (1, 10)),)),
    "\u05e8": (6, (((0, 1), (5, 1), (6, 3), (6, 10)),)),
    "\u05e9": (9, (((0, 1), (1, 10), (8, 8), (9, 1)), ((5, 1), (4, 5), (1, 7)))),
}


def cards(folder: Path, count: int, seed: int) -> Iterator[Scene]:
    """Draw index cards, with the text of each and the column `ocr`: what a program read in it, with its mistakes."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible sample, no secret
    for number in range(count):
        name = f"card-{number + 1:02d}"
        if number == HEBREW_AT:
            text, read = HEBREW, HEBREW_READ
        else:
            lines = (rng.choice(_NAMES), rng.choice(_THINGS), f"{rng.choice(_PLACES)} {rng.randint(2, 90)}")
            text = "\n".join(lines)
            read = _read(text, rng)
        yield Scene(name, saved(_drawn(text, rng), folder, name), {"text": text}, (("ocr", read),))


def _read(text: str, rng: random.Random) -> str:
    """Return a text as a poor reader reads it: letters for letters that look like them, and few dots."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if c != DOTS or rng.random() < 1 / 2)
    read = (MISREAD[c] if c in MISREAD and rng.random() < READ_BADLY else c for c in bare)
    return unicodedata.normalize("NFC", "".join(read))


def _drawn(text: str, rng: random.Random) -> Image.Image:
    """Draw a card: yellowed paper with a rule and a hole, its text a little uneven and turned."""
    paper = Image.new("RGB", (WIDTH, HEIGHT), (rng.randint(236, 246), rng.randint(226, 234), rng.randint(196, 212)))
    draw = ImageDraw.Draw(paper)
    for line in range(3):
        y = TOP + STEP * line + SIZE + 8
        draw.line((24, y, WIDTH - 24, y), fill=(186, 196, 206) if line else (206, 130, 120), width=2)
    draw.ellipse((WIDTH / 2 - 9, HEIGHT - 32, WIDTH / 2 + 9, HEIGHT - 14), fill=(120, 112, 100))
    ink = rng.choice(INKS)
    for line, words in enumerate(text.split("\n")):
        write = _stroke_line if any(letter in _STROKES for letter in words) else _type_line
        write(draw, words, TOP + STEP * line, ink, rng)
    turned = paper.rotate(rng.uniform(-1.5, 1.5), Image.Resampling.BICUBIC, fillcolor=(92, 84, 76))
    return turned.filter(ImageFilter.GaussianBlur(0.6))


def _type_line(
    draw: ImageDraw.ImageDraw, words: str, top: float, ink: tuple[int, int, int], rng: random.Random
) -> None:
    """Type a line, letter by letter, none quite on the line."""
    font = ImageFont.load_default(SIZE)
    left = float(LEFT)
    for letter in words:
        apart = unicodedata.normalize("NFD", letter)
        base, dotted = apart[0], DOTS in apart
        y, wide = top + rng.uniform(-1.5, 1.5), font.getlength(base)
        draw.text((left, y), base, fill=ink, font=font)
        if dotted:
            above = y + (9 if base.islower() else 0)
            for x in (left + wide / 2 - 5, left + wide / 2 + 5):
                draw.ellipse((x - 2.2, above - 2.2, x + 2.2, above + 2.2), fill=ink)
        left += wide + 2.5 + rng.uniform(-0.4, 0.4)


def _stroke_line(
    draw: ImageDraw.ImageDraw, words: str, top: float, ink: tuple[int, int, int], rng: random.Random
) -> None:
    """Write a line from the right, stroke by stroke; what is no letter of the alphabet is typed."""
    font = ImageFont.load_default(SIZE)
    right, scale = float(WIDTH - LEFT), SIZE / 12
    for letter in words:
        wide, strokes = _STROKES.get(letter, (font.getlength(letter) / scale, ()))
        left = right - wide * scale
        for stroke in strokes:
            points = [(left + x * scale, top + 5 + y * scale + rng.uniform(-0.7, 0.7)) for x, y in stroke]
            draw.line(points, fill=ink, width=4, joint="curve")
        if not strokes:
            draw.text((left, top), letter, fill=ink, font=font)
        right = left - 9

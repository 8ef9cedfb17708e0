"""Problems of pictures: measured against the others of their set, and none in an ordinary set of any kind."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from labeler.quality.dataset import Finding
from labeler.quality.detectors.image_problem import measured
from labeler.quality.detectors.registry import DETECTORS
from labeler.quality.features import image
from tests.quality.detectors.seen import evidence, said
from tests.quality.worlds import pictures

KIND = DETECTORS["image_problem"]
Change = Callable[[Image.Image], Image.Image]


def photo(rng: random.Random, size: tuple[int, int] = (96, 72)) -> Image.Image:
    """Something like a photograph: patches of many sizes and shades, with edges between them."""
    numbers = np.random.default_rng(rng.randrange(10**6))
    found = Image.new("RGB", size, tuple(numbers.integers(60, 200, 3).tolist()))
    for _ in range(40):
        wide, high = (int(side * 10 ** rng.uniform(-1.2, -0.3)) + 1 for side in size)
        colour = tuple(numbers.integers(0, 256, 3).tolist())
        found.paste(colour, (x := rng.randrange(-5, size[0]), y := rng.randrange(-5, size[1]), x + wide, y + high))
    return found


def stored(folder: Path, made: list[Image.Image]) -> list[Path]:
    paths = [folder / f"{number}.png" for number in range(len(made))]
    for path, one in zip(paths, made, strict=True):
        one.save(path)
    return paths


def photos(folder: Path, count: int = 60, change: Change = lambda one: one) -> list[Path]:
    rng = random.Random(5)
    folder.mkdir(exist_ok=True)
    return stored(folder, [change(photo(rng)) for _ in range(count)])


def flagged(paths: list[Path]) -> dict[int, Finding]:
    return {one.item: one for one in KIND.find(evidence(paths, read=True))}


def kinds(one: Finding) -> list[str]:
    return [reason["kind"] for reason in one.reasons]


def darker(share: float) -> Change:
    return lambda one: ImageEnhance.Brightness(one).enhance(share)


DEFECTS: dict[str, tuple[Change, str]] = {
    "black": (lambda one: Image.new("RGB", one.size), "It is one colour all over: there is nothing to see in it."),
    "white": (lambda one: Image.new("RGB", one.size, "white"), "It is one colour all over"),
    "one pixel": (lambda _: Image.new("RGB", (1, 1), "red"), "It is one colour all over"),
    "dark": (darker(0.12), "Its light parts reach"),
    "bright": (lambda one: Image.blend(one, Image.new("RGB", one.size, "white"), 0.88), "Its dark parts are at"),
    "faint": (
        lambda one: Image.blend(one, Image.new("RGB", one.size, (120, 120, 120)), 0.9),
        "Hardly anything stands out in it: its light and dark parts are only",
    ),
    "blurred": (lambda one: one.filter(ImageFilter.GaussianBlur(8)), "Blurred: its sharpest edges are"),
    "strip": (lambda one: one.resize((4000, 81)), "It is 4,000 by 81 pixels; usual here are 96 by 72."),
    "stamp": (lambda one: one.resize((12, 9)), "It is 12 by 9 pixels; usual here are 96 by 72."),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    """What is flagged, by what was planted; "" for anything else."""
    folder = tmp_path_factory.mktemp("planted")
    rng = random.Random(7)
    paths = photos(folder / "clean")
    paths += stored(folder, [change(photo(rng)) for change, _ in DEFECTS.values()])
    broken = folder / "cut.png"
    broken.write_bytes(paths[0].read_bytes()[:40])
    names = {60 + place: name for place, name in enumerate([*DEFECTS, "unreadable"])}
    return {names.get(item, ""): one for item, one in flagged([*paths, broken]).items()}


def test_every_planted_defect_is_flagged_and_nothing_else(planted: dict[str, Finding]) -> None:
    assert planted.keys() == {*DEFECTS, "unreadable"}


@pytest.mark.parametrize("name", DEFECTS)
def test_the_reason_names_what_was_measured_and_what_is_usual(planted: dict[str, Finding], name: str) -> None:
    assert said(planted[name])[0].startswith(DEFECTS[name][1])
    assert planted[name].suggested is None


def test_a_picture_of_one_colour_is_not_called_dark_as_well(planted: dict[str, Finding]) -> None:
    assert kinds(planted["black"]) == ["uniform"]
    assert kinds(planted["one pixel"]) == ["uniform", "small"]
    assert kinds(planted["unreadable"]) == ["unreadable"]


@pytest.mark.parametrize(
    "change",
    [
        darker(0.15),
        lambda one: one.filter(ImageFilter.GaussianBlur(4)),
        lambda one: Image.blend(one, Image.new("RGB", one.size, "white"), 0.8),
        lambda one: Image.blend(one, Image.new("RGB", one.size, (120, 120, 120)), 0.9),
        lambda one: one.resize((32, 32)),
        lambda one: one.resize((8, 8)),
        lambda one: one.resize((600, 40)),
        lambda one: one.convert("L"),
    ],
    ids=["dark", "blurred", "bright", "faint", "32 pixels", "8 pixels", "strips", "grey"],
)
def test_a_set_that_is_so_by_nature_has_no_problems(tmp_path: Path, change: Change) -> None:
    seen = evidence(photos(tmp_path, change=change), read=True)
    assert KIND.find(seen) == []
    assert KIND.notes(seen) == []


def test_mixed_sizes_shapes_and_lights_have_no_problems(tmp_path: Path) -> None:
    rng = random.Random(3)
    made = [
        darker(rng.uniform(0.4, 1.2))(photo(rng, (rng.randrange(60, 400), rng.randrange(60, 400)))) for _ in range(60)
    ]
    assert flagged(stored(tmp_path, made)) == {}


def test_made_up_pictures_and_no_pictures_have_no_problems(tmp_path: Path) -> None:
    assert flagged(pictures(tmp_path, (20, 20, 20))[0]) == {}
    assert flagged([]) == {}


def test_pages_with_little_on_them_are_not_of_one_colour(tmp_path: Path) -> None:
    made = []
    for number in range(40):
        page = Image.new("L", (200, 280), 255)
        page.paste(0, (20, 20 + number, 150, 24 + number))
        made.append(page)
    assert flagged(stored(tmp_path, made)) == {}


def test_colours_of_one_brightness_are_something_to_see(tmp_path: Path) -> None:
    made = photos(tmp_path / "others", 30)
    two = Image.new("RGB", (90, 60), (255, 0, 0))
    two.paste((0, 130, 0), (0, 0, 45, 60))
    assert flagged([*made, *stored(tmp_path, [two])]) == {}


def test_what_more_than_a_tenth_has_is_said_once_and_not_of_each(tmp_path: Path) -> None:
    (tmp_path / "black").mkdir()
    black = stored(tmp_path / "black", [Image.new("RGB", (96, 72))] * 20)
    seen = evidence([*photos(tmp_path / "others", 30), *black], read=True)
    assert KIND.find(seen) == []
    assert [note.split(",")[0] for note in KIND.notes(seen)] == ["20 of 50 pictures are one colour all over"]


def test_the_size_that_a_picture_came_in_is_said_where_it_is_known(tmp_path: Path) -> None:
    paths = photos(tmp_path, 30)
    sizes = [(960, 720)] * 29 + [(9600, 300)]
    (one,) = KIND.find(evidence(paths, read=True, sizes=sizes))
    assert said(one) == ["It is 9,600 by 300 pixels; usual here are 960 by 720."]


def test_parts_of_pictures_are_not_looked_at(tmp_path: Path) -> None:
    crops = [image.Crop(path, 0.0, 0.0, 0.5, 0.5) for path in photos(tmp_path, 3)]
    assert image.extract_crops(crops, 0).looks is None


def test_few_pictures_are_measured_by_what_is_bad_in_any_set(tmp_path: Path) -> None:
    seen = evidence([*photos(tmp_path, 3, darker(0.05)), *stored(tmp_path, [Image.new("RGB", (96, 72))])], read=True)
    assert seen.features.looks is not None
    found = measured.find(seen.features.looks, seen.features.blank, ())
    assert {kind for kind, ones in found.items() if ones} == {"uniform", "dark"}

import csv
import io
import math
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as reference

from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.masks.write import HIDDEN, TOO_THIN, UNLABELED, UNMEASURED
from labeler.exchange.formats.registry import WRITERS
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.raster import covered
from tests.exchange.datasets import CLASSES

SQUARE = [[2, 1], [6, 1], [6, 4], [2, 4]]


def written(*rows: ExportRow, classes: tuple[str, ...] = CLASSES) -> tuple[zipfile.ZipFile, ExportContext]:
    context = ExportContext("p", "P", "image", "polygons", classes, "2026-02-03T10:00:00Z")
    return zipfile.ZipFile(io.BytesIO(b"".join(WRITERS["masks"].write(rows, context)))), context


def row(item: int, name: str, *parts: tuple[str, Any], **others: Any) -> ExportRow:
    polygons = [{"label": label, "points": points} for label, points in parts]
    told = {"final_value": {"polygons": polygons}, "width": 10, "height": 6, **others}
    return ExportRow(item, None, None, name, "image", None, None, "words", "given", None, **told)


def pixels(archive: zipfile.ZipFile, name: str) -> Any:
    return np.asarray(Image.open(io.BytesIO(archive.read(name))))


def test_a_pixel_holds_the_number_of_its_class_and_the_list_says_which_that_is() -> None:
    archive, context = written(row(1, "a.jpg", ("dog", SQUARE)), row(2, "sub/b.png"))
    expected = np.zeros((6, 10))
    expected[1:4, 2:6] = 2
    assert (pixels(archive, "masks/a.png") == expected).all()
    assert (pixels(archive, "masks/sub/b.png") == 0).all()
    listed = list(csv.reader(io.StringIO(archive.read("classes.csv").decode())))
    assert [line[:2] for line in listed] == [["number", "class"], ["0", ""], ["1", "cat"], ["2", "dog"]]
    shown = Image.open(io.BytesIO(archive.read("masks/a.png"))).convert("RGB").getpixel((3, 2))
    assert shown == tuple(map(int, listed[3][2:])) == (0, 128, 0)
    assert context.report.losses == {}


def test_what_a_mask_cannot_show_is_counted() -> None:
    thin = [[1, 1.6], [5, 1.6], [5, 1.9]]
    rows = (
        row(1, "a.jpg", ("cat", SQUARE), ("dog", SQUARE), ("dog", SQUARE)),
        row(2, "b.jpg", ("cat", thin)),
        row(3, "c.jpg", final_value=None),
        row(4, "d.jpg", ("cat", SQUARE), width=None),
    )
    archive, context = written(*rows)
    assert (pixels(archive, "masks/a.png")[1:4, 2:6] == 2).all()
    counted = {sentence: (loss.count, loss.items) for sentence, loss in context.report.losses.items()}
    assert counted == {HIDDEN: (1, [1]), TOO_THIN: (1, [2]), UNLABELED: (1, [3]), UNMEASURED: (1, [4])}
    assert [name for name in archive.namelist() if name.endswith(".png")] == ["masks/a.png", "masks/b.png"]


def test_more_classes_than_a_palette_has_take_16_bits() -> None:
    classes = tuple(f"c{n}" for n in range(300))
    archive, _ = written(row(1, "a.jpg", ("c299", SQUARE)), classes=classes)
    assert pixels(archive, "masks/a.png")[2, 3] == 300


@pytest.mark.parametrize("name", ["../../etc/passwd", "/abs.png", "c:\\x.png", "", "..."])
def test_no_name_leaves_the_folder(name: str) -> None:
    archive, _ = written(row(1, name, ("cat", SQUARE)))
    (png,) = [entry for entry in archive.namelist() if entry.endswith(".png")]
    assert png.startswith("masks/")
    assert not set(png.split("/")) & {"..", ""}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools' own
@given(st.integers(3, 9), st.floats(0, 6), st.floats(0.2, 0.7))
def test_pixels_are_those_of_pycocotools_but_for_the_edge(corners: int, turn: float, reach: float) -> None:
    """The tools of COCO round corners to a fifth of a pixel, so at most the pixels along the line differ."""
    wide, high = 60, 40
    angles = [turn + 2 * math.pi * n / corners for n in range(corners)]
    points = [[wide * (0.5 + reach * math.cos(a)), high * (0.5 + reach * math.sin(a))] for a in angles]
    clipped = [[min(max(x, 0.0), wide), min(max(y, 0.0), high)] for x, y in points]
    ours = covered(clipped, wide, high)
    (theirs,) = reference.frPyObjects([[side for point in clipped for side in point]], high, wide)
    assert (ours != reference.decode(theirs)).sum() <= 2 * (wide + high)
    assert ours.shape == (high, wide)

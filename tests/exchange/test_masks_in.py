"""Masks as they come in: ours, and those of Pascal VOC with the list of colours that CVAT writes."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labeler.errors import Invalid
from labeler.exchange.formats.masks.read import UNKNOWN, UNUSED
from labeler.exchange.parsing.run_lengths import HOLES
from tests.exchange.datasets import bad, good, picture, read_set

NUMBERS = "number,class\n0,\n1,cat\n2,dog\n"
COLOURS = "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:128,0,0::\ndog:0,128,0::\n"


def png(pixels: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def drawn(*shape: int) -> Any:
    return np.zeros(shape, np.uint8)


def test_each_piece_of_a_class_is_an_object_and_holes_and_unknown_numbers_are_told() -> None:
    pixels = drawn(50, 100)
    pixels[5:20, 5:20], pixels[30:40, 60:80], pixels[10, 10], pixels[45, 90] = 1, 2, 0, 255
    pixels[30:35, 10:15] = 1
    files: dict[str, bytes | str] = {"classes.csv": NUMBERS, "images/a.jpg": picture(), "masks/a.png": png(pixels)}
    entries = read_set("masks", {**files, "images/b.jpg": picture(), "masks/gone.png": png(pixels)}, "polygons")
    first, second = good(entries)
    assert [part["label"] for part in (first.given_value or {})["polygons"]] == ["cat", "cat", "dog"]
    assert dict(first.left_out) == {HOLES: 1, UNKNOWN: 1}
    assert (second.given_value, second.left_out) == (None, ())
    assert bad(entries) == [UNUSED]


def test_colours_mean_classes_where_a_list_says_so() -> None:
    pixels = drawn(50, 100, 3)
    pixels[5:20, 5:20] = (0, 128, 0)
    files: dict[str, bytes | str] = {"labelmap.txt": COLOURS, "JPEGImages/a.jpg": picture()}
    (row,) = good(read_set("masks", {**files, "SegmentationClass/a.png": png(pixels)}, "polygons"))
    assert [part["label"] for part in (row.given_value or {})["polygons"]] == ["dog"]


def test_a_mask_of_nothing_says_nothing_is_there_and_one_of_another_size_is_no_label() -> None:
    files: dict[str, bytes | str] = {"classes.csv": NUMBERS, "images/a.jpg": picture(), "images/b.jpg": picture()}
    sets = {**files, "masks/a.png": png(drawn(50, 100)), "masks/b.png": png(drawn(9, 9))}
    entries = read_set("masks", sets, "polygons")
    assert [row.given_value for row in good(entries)] == [{"polygons": []}, None]
    assert ["is 100 x 50, but a mask of it is 9 x 9" in reason for reason in bad(entries)] == [True]


@pytest.mark.parametrize("listed", ["", "number,class\nx,cat\n", "colour,class\n1,cat\n"])
def test_a_set_that_does_not_say_what_its_masks_mean_is_refused(listed: str) -> None:
    files: dict[str, bytes | str] = {"images/a.jpg": picture(), "masks/a.png": png(drawn(50, 100))}
    with pytest.raises(Invalid, match=r"classes\.csv|number and class"):
        read_set("masks", {**files, "classes.csv": listed} if listed else files, "polygons")


def test_what_is_not_read_of_a_set_is_named() -> None:
    files: dict[str, bytes | str] = {"data.yaml": "names: [cat]", "images/a.jpg": picture(), "labels/a.txt": ""}
    more: dict[str, bytes | str] = {
        "inner.zip": b"PK",
        "extra.json": "{}",
        "README.md": "x",
        "labelTxt/a.txt": "1 1 2 2 3 3 cat 0",
    }
    entries = read_set("yolo", {**files, **more})
    assert len(good(entries)) == 1
    reasons = bad(entries)
    words = ("an archive within", "other files", "no picture")
    assert [sum(word in reason for reason in reasons) for word in words] == [1, 1, 1]

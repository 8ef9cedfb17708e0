import json
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as reference
from scipy import ndimage

from labeler.errors import Invalid
from labeler.exchange.parsing.coordinates import Size
from labeler.exchange.parsing.run_lengths import HOLES, outlines_of, run_lengths
from labeler.exchange.rows import Row
from labeler.exchange.writing.raster import covered
from tests.exchange.datasets import annotation, bad, coco, good, image, picture, read_set

Bits = Any


def compressed(bits: Bits) -> dict[str, Any]:
    found = reference.encode(np.asfortranarray(bits.astype(np.uint8)))
    return {"size": found["size"], "counts": found["counts"].decode()}


def plain(bits: Bits) -> dict[str, Any]:
    flat = bits.T.reshape(-1).astype(np.int8)
    ends = np.flatnonzero(np.diff(np.concatenate(([0], flat)))).tolist()
    edges = [0, *ends, len(flat)]
    return {"size": list(bits.shape), "counts": [b - a for a, b in pairwise(edges)]}


def square(width: int = 100, height: int = 50) -> Bits:
    bits = np.zeros((height, width), bool)
    bits[10:20, 30:45] = True
    return bits


def one(segmentation: Any, task: str = "polygons", **others: Any) -> tuple[Row, list[str]]:
    given_one = annotation(segmentation=segmentation, **others)
    entries = read_set("coco", {"c.json": coco([image()], [given_one]), "a.jpg": picture()}, task)
    (row,) = good(entries)
    return row, bad(entries)


@given(arrays.arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 12))).filter(np.any))
def test_the_outlines_of_a_mask_cover_its_pixels_and_its_holes(bits: Bits) -> None:
    height, width = bits.shape
    filled = ndimage.binary_fill_holes(bits, np.ones((3, 3)))
    for written in (compressed(bits), plain(bits)):
        outlines, holes = outlines_of(run_lengths(written), Size(width, height))
        drawn = np.zeros_like(bits)
        for corners in outlines:
            drawn |= covered(corners, width, height)
        assert (drawn == filled).all()
        assert (holes > 0) == bool((filled != bits).any())


def test_counts_of_more_than_one_character_are_read() -> None:
    bits = np.zeros((900, 1100), bool)
    bits[100:800, 50:1000] = True
    (corners,), _ = outlines_of(run_lengths(compressed(bits)), Size(1100, 900))
    assert (covered(corners, 1100, 900) == bits).all()


@pytest.mark.parametrize("write", [compressed, plain])
def test_a_mask_becomes_outlines_or_where_boxes_are_asked_for_its_box(write: Any) -> None:
    row, told = one(write(square()))
    assert (told, row.left_out) == ([], ())
    (outline,) = (row.given_value or {})["polygons"]
    assert (covered(outline["points"], 100, 50) == square()).all()
    row, _ = one(write(square()), "boxes", bbox=[1, 2, 3, 4])
    assert row.given_value == {"boxes": [{"label": "cat", "x": 1, "y": 2, "width": 3, "height": 4}]}
    row, _ = one(write(square()), "boxes", bbox=None)
    assert row.given_value == {"boxes": [{"label": "cat", "x": 30, "y": 10, "width": 15, "height": 10}]}


def test_holes_and_pieces_are_counted() -> None:
    bits = square()
    bits[13, 33] = False
    bits[40:45, 80:90] = True
    row, _ = one(compressed(bits))
    assert len((row.given_value or {})["polygons"]) == 2
    assert dict(row.left_out) == {HOLES: 1}


GOOD = plain(square())


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        ({**GOOD, "size": [100, 50]}, "but a mask of it is 50 x 100"),
        ({**GOOD, "size": [10**30, 10**30]}, "but a mask of it is 1000"),
        ({**GOOD, "size": [50]}, "must be a size"),
        ({**GOOD, "size": [True, 100]}, "must be a size"),
        ({**GOOD, "counts": None}, "must be a size"),
        ({**GOOD, "counts": [1, 2]}, "do not fill"),
        ({**GOOD, "counts": [-1, 5001]}, "no whole number"),
        ({**GOOD, "counts": [0.5, 4999.5]}, "no whole number"),
        ({**GOOD, "counts": [10**30]}, "no whole number"),
        ({**GOOD, "counts": ["a"]}, "no whole number"),
        ({**GOOD, "counts": [5000]}, "covers nothing"),
        ({**GOOD, "counts": ""}, "do not fill"),
        ({**GOOD, "counts": "ä"}, "no run lengths"),
        ({**GOOD, "counts": "o" * 10_000}, "no run lengths"),
        ({**GOOD, "counts": "P"}, "no run lengths"),
        ({**GOOD, "counts": "O"}, "no run lengths"),
    ],
)
def test_a_mask_that_is_none_is_left_out_and_counted_and_its_picture_stays(mask: dict[str, Any], reason: str) -> None:
    row, told = one(mask)
    assert (row.given_value, told) == (None, [])
    ((said, count),) = row.left_out
    assert (bool(re.search(reason, said)), count) == (True, 1)
    row, _ = one(mask, "boxes")
    assert row.left_out == (), "its box is enough for a label"
    assert [count for _, count in row.not_asked] == [1]


def test_a_second_annotation_with_the_same_mask_is_the_same() -> None:
    twice = [annotation(1, segmentation=GOOD), json.loads(json.dumps(annotation(1, segmentation=GOOD)))]
    entries = read_set("coco", {"c.json": coco([image()], twice), "a.jpg": picture()}, "polygons")
    assert len((good(entries)[0].given_value or {})["polygons"]) == 1
    assert "stands twice" in bad(entries)[0]


@given(st.text(st.characters(min_codepoint=40, max_codepoint=120), max_size=30))
def test_no_text_brings_the_reader_down(text: str) -> None:
    try:
        outlines, _ = outlines_of(run_lengths({"size": [5, 7], "counts": text}), Size(7, 5))
    except Invalid:
        return
    assert outlines

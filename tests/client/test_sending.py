"""Rows as they are sent: tables and dictionaries, with what JSON has no word for."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labeler.client import Invalid
from labeler.client.sending import PIECE, json_lines, multipart


def sent(rows: Any, image: str | None = None) -> list[Any]:
    return [json.loads(line) for line in json_lines(rows, image)]


def test_a_table_is_sent_by_its_columns_and_what_is_missing_is_null() -> None:
    frame = pd.DataFrame(
        {
            "id": pd.array([7, 8, None], dtype="Int64"),
            "text": ["Größe 😀", "b", "c"],
            "label": ["cat", None, float("nan")],
            "score": np.array([0.5, np.nan, 1.0], dtype=np.float32),
            "seen": [pd.Timestamp("2026-03-02", tz="UTC"), pd.NaT, pd.NaT],
        }
    )
    first, second, third = sent(frame)
    assert first == {"id": 7, "text": "Größe 😀", "label": "cat", "score": 0.5, "seen": "2026-03-02T00:00:00+00:00"}
    assert second == {"id": 8, "text": "b", "label": None, "score": None, "seen": None}
    assert third == {"id": None, "text": "c", "label": None, "score": 1.0, "seen": None}


def test_values_are_sent_as_json_has_them() -> None:
    row = {
        "none": None,
        "yes": np.bool_(True),  # noqa: FBT003 - the value under test
        "count": np.int64(3),
        "vector": np.array([[1, 2]]),
        "nested": {1: (float("nan"), {"a"})},
        "at": datetime(2026, 3, 2, tzinfo=UTC),
        "on": date(2026, 3, 2),
        "path": Path("a") / "b",
    }
    assert sent([row]) == [
        {
            "none": None,
            "yes": True,
            "count": 3,
            "vector": [[1, 2]],
            "nested": {"1": [None, ["a"]]},
            "at": "2026-03-02T00:00:00+00:00",
            "on": "2026-03-02",
            "path": "a/b",
        }
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [(float("inf"), "infinite"), (object(), "holds object"), (b"bytes", "holds bytes"), ([1, {"a": 1j}], "complex")],
)
def test_what_json_cannot_say_is_named_by_row_and_column(value: object, words: str) -> None:
    with pytest.raises(Invalid, match=rf"Row 2: odd .*{words}") as caught:
        sent([{"odd": 1}, {"odd": value}])
    assert caught.value.field == "odd"


def test_a_column_that_stands_twice_and_a_row_that_is_none_are_refused() -> None:
    with pytest.raises(Invalid, match="'a' stands twice"):
        sent(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(Invalid, match="Row 1 is no dictionary"):
        sent(["text"])


def test_half_a_surrogate_pair_reaches_the_server_which_says_what_is_wrong() -> None:
    assert b"\\ud800" in next(json_lines([{"text": "\ud800"}]))


def test_pictures_are_sent_as_bytes_or_by_their_files(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    encoded = base64.b64encode(b"\x89PNG").decode()
    rows = [{"image": tmp_path / "a.png"}, {"image": str(tmp_path / "a.png")}, {"image": b"\x89PNG"}, {"image": None}]
    named = {"file_name": "a.png", "image": encoded}
    assert sent(rows, "image") == [named, named, {"image": encoded}, {"image": None}]
    for wrong in (tmp_path / "none.png", 3):
        with pytest.raises(Invalid, match="Row 1: the picture in image cannot be read"):
            sent([{"image": wrong}], "image")


def test_rows_are_made_while_they_are_sent() -> None:
    made = 0

    def rows() -> Iterator[dict[str, str]]:
        nonlocal made
        for _ in range(1000):
            made += 1
            yield {"text": "x" * 1000}

    _, pieces = multipart({"as": "items"}, json_lines(rows()))
    assert made == 0
    first = next(pieces)
    assert PIECE <= len(first) < PIECE + 2000
    assert made < 70
    assert sum(map(len, pieces)) > 900_000
    assert made == 1000

"""Numbers of single contents are worked out once, and kept for the next pass."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from labeler.quality.features import known
from labeler.quality.features.known import Known
from labeler.storage.files import NUMBERS, FileStore
from labeler.storage.leftovers import remove_numbers_of_others


class Lengths:
    """Works out how long texts are, and notes which."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return np.array([[len(text), -len(text)] for text in texts], dtype=np.float32)


def test_only_new_texts_are_worked_out_and_equal_ones_once(tmp_path: Path) -> None:
    first, second = Lengths(), Lengths()
    np.testing.assert_array_equal(
        Known(tmp_path / "7").rows("lengths", ["a", "bb", "a"], first, 2), [[1, -1], [2, -2], [1, -1]]
    )
    np.testing.assert_array_equal(Known(tmp_path / "7").rows("lengths", ["ccc", "bb"], second, 2), [[3, -3], [2, -2]])
    assert first.asked == ["a", "bb"]
    assert second.asked == ["ccc"]
    third = Lengths()
    Known(tmp_path / "7").rows("lengths", ["a", "bb"], third, 2)
    assert third.asked == ["a"]  # what the newest pass did not need is not kept


def test_a_pass_that_is_stopped_on_the_way_has_not_worked_in_vain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "SAVED_EVERY", 2)

    def stopped(texts: Sequence[str]) -> NDArray[np.float32]:
        if "d" in texts:
            raise KeyboardInterrupt
        return Lengths()(texts)

    with pytest.raises(KeyboardInterrupt):
        Known(tmp_path).rows("lengths", ["a", "bb", "ccc", "d"], stopped, 2)
    again = Lengths()
    Known(tmp_path).rows("lengths", ["a", "bb", "ccc", "d"], again, 2)
    assert again.asked == ["ccc", "d"]


@pytest.mark.parametrize("damaged", [b"", b"PK\x03\x04 half a file", b"no archive"])
def test_a_damaged_file_counts_as_none(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "lengths.npz").write_bytes(damaged)
    lengths = Lengths()
    Known(tmp_path).rows("lengths", ["a"], lengths, 2)
    assert lengths.asked == ["a"]
    Known(tmp_path).rows("lengths", ["a"], lengths, 2)
    assert lengths.asked == ["a"]


def test_numbers_of_another_width_are_worked_out_anew(tmp_path: Path) -> None:
    Known(tmp_path).rows("lengths", ["a"], Lengths(), 2)
    wide = Known(tmp_path).rows("lengths", ["a"], lambda texts: np.ones((len(texts), 3), np.float32), 3)
    assert wide.shape == (1, 3)


def test_a_folder_that_takes_no_file_does_not_stop_the_pass(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    np.testing.assert_array_equal(Known(tmp_path / "file").rows("lengths", ["a"], Lengths(), 2), [[1, -1]])
    assert Known().rows("lengths", [], Lengths(), 2).shape == (0, 2)


def test_numbers_go_with_their_project(tmp_path: Path) -> None:
    files = FileStore(tmp_path)
    for project in (1, 2):
        Known(files.numbers_of(project)).rows("lengths", ["a"], Lengths(), 2)
    assert remove_numbers_of_others(files, {2}) == 1
    assert [folder.name for folder in (tmp_path / NUMBERS).iterdir()] == ["2"]

"""Numbers of single contents are worked out once, and kept for the next pass."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from labeler.quality.features import image, known
from labeler.quality.features.extraction import extract
from labeler.quality.features.known import Known
from labeler.storage.files import NUMBERS, FileStore
from labeler.storage.leftovers import remove_numbers_of_others
from tests.quality.worlds import pictures


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


@pytest.mark.parametrize("damaged", [b"", b"\x93NUMPY\x01\x00 half a file", b"no numbers"])
def test_a_damaged_file_counts_as_none(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "lengths.npy").write_bytes(damaged)
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


def test_a_file_that_lost_its_end_counts_as_none(tmp_path: Path) -> None:
    Known(tmp_path).rows("lengths", ["a", "bb"], Lengths(), 2)
    path = tmp_path / "lengths.npy"
    path.write_bytes(path.read_bytes()[:-1])
    lengths = Lengths()
    Known(tmp_path).rows("lengths", ["a", "bb"], lengths, 2)
    assert lengths.asked == ["a", "bb"]


def test_pictures_are_opened_once_and_give_the_same_numbers_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, _ = pictures(tmp_path, (12, 12, 12))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    paths += [paths[0], tmp_path / "broken.png", tmp_path / "missing.png"]
    known_ones = Known(tmp_path / "numbers")
    first = extract("image", paths, known=known_ones)
    opened: list[Any] = []
    really_open = image.open_picture

    def noted(file: Any) -> Any:
        opened.append(file)
        return really_open(file)

    monkeypatch.setattr(image, "open_picture", noted)
    Image.new("RGB", (48, 48), (9, 99, 9)).save(tmp_path / "new.png")
    second = extract("image", paths, known=known_ones)
    assert not opened
    for one, other in zip(first.blocks, second.blocks, strict=True):
        np.testing.assert_array_equal(one.matrix, other.matrix)
    np.testing.assert_array_equal(first.space, second.space)
    np.testing.assert_array_equal(first.fingerprint, second.fingerprint)
    np.testing.assert_array_equal(first.blank, second.blank)
    assert list(second.blank.nonzero()[0]) == [37, 38]
    assert list(second.groups[36:]) == [0, 37, 38]
    extract("image", [*paths, tmp_path / "new.png"], known=known_ones)
    assert [one.getvalue() for one in opened] == [(tmp_path / "new.png").read_bytes()]

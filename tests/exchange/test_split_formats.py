"""What a split and pictures become in each format, read by the readers of its own world."""

import csv
import io
import itertools
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from cleanlab.multiannotator import get_label_quality_multiannotator
from PIL import Image
from pyarrow import parquet
from pycocotools.coco import COCO

from labeler.errors import NotFound
from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.formats.registry import READERS, WRITERS
from labeler.exchange.numbers import open_numbers
from labeler.exchange.rows import ExportRow, RejectedRow, Row, Vote
from labeler.exchange.sources import ReadOptions, Source
from labeler.exchange.writing.originals import GONE
from labeler.exchange.writing.parts import divided
from labeler.exchange.writing.report import Report
from labeler.task_types.registry import TASK_TYPES, task_type

PARTS = ("train", "val", "test")
CLASSES = ("dog", "cat")
VALUES: dict[str, dict[str, Any]] = {
    "boxes": {"boxes": [{"label": "cat", "x": 1, "y": 2, "width": 3, "height": 4}]},
    "polygons": {"polygons": [{"label": "cat", "points": [[1, 1], [9, 1], [5, 9]]}]},
    "spans": {"spans": [{"label": "cat", "start": 0, "end": 4}]},
}


def picture(digest: str) -> bytes:
    """Return the picture of a hash, which here is a shade; that of "gone" is not there."""
    if digest == "gone":
        raise NotFound("The image is not in the store.")
    buffer = io.BytesIO()
    Image.new("L", (20, 20), int(digest)).save(buffer, "PNG")
    return buffer.getvalue()


def context(writer: Writer, media: str = "", **others: Any) -> ExportContext:
    """Return a context that a writer fits, for a split."""
    media = media or ("text" if "text" in writer.media else "image")
    task = next(task for task in TASK_TYPES if writer.holds(task_type(task).shape, media))
    told = {"parts": PARTS, "picture": picture, **others}
    return ExportContext("p", "P", media, task, CLASSES, "2026-02-03T10:00:00Z", **told)


def rows(told: ExportContext, count: int = 10) -> Iterator[ExportRow]:
    """Yield items of which eight of ten are in train."""
    value = VALUES.get(task_type(told.task).shape)
    for item in range(1, count + 1):
        text, name = ("text", None) if told.media == "text" else (None, f"{item}.png")
        label = CLASSES[item % 2] if value is None else "a few words"
        part = PARTS[max(0, item % 10 - 7)] if item % 10 else "train"
        yield ExportRow(item, f"i{item}", text, name, told.media, None, None, label, "given", None)._replace(
            final_value=value, width=20, height=20, split=part, content_hash=f"{item % 200}"
        )


def written(name: str, told: ExportContext, count: int = 10) -> bytes:
    writer = WRITERS[name].packed or WRITERS[name]
    return b"".join(writer.write(rows(told, count), told))


def unpacked(data: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    return folder


def told_parts(name: str, data: bytes) -> str:
    """Return all that a file says, as text."""
    if name in {"parquet", "probabilities_parquet"}:
        return json.dumps(parquet.read_table(io.BytesIO(data)).to_pydict(), default=str)
    if name == "probabilities_npz":
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return json.dumps(arrays["split"].tolist())
    if name == "xlsx":
        read = READERS[name].read(Source.sent(io.BytesIO(data), "out.xlsx"), ReadOptions())
        return json.dumps([row.metadata for row in read if isinstance(row, Row)])
    if not (WRITERS[name].packed or WRITERS[name]).archive:
        return data.decode()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return "\n".join(
            [*archive.namelist(), *(archive.read(one).decode(errors="replace") for one in archive.namelist())]
        )


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_a_format_says_in_which_part_a_row_is(name: str) -> None:
    told = context(WRITERS[name])
    said = told_parts(name, written(name, told))
    for part in (("train",), ("val", "valid", "validation", "dev"), ("test",)):
        assert any(word in said for word in part), part
    assert told.report.written == 10


@pytest.mark.parametrize("name", ["csv", "tsv", "jsonl"])
def test_a_column_split_is_read_by_pandas_and_comes_back_as_metadata(name: str) -> None:
    data = written(name, context(WRITERS[name]))
    table = (
        pd.read_json(io.BytesIO(data), lines=True)
        if name == "jsonl"
        else pd.read_csv(io.BytesIO(data), sep="\t" if name == "tsv" else ",")
    )
    assert table["split"].value_counts().to_dict() == {"train": 8, "val": 1, "test": 1}
    back = READERS[name].read(Source.sent(io.BytesIO(data), f"out.{name}"), ReadOptions(classes=CLASSES))
    assert [row.metadata["split"] for row in back if isinstance(row, Row)] == table["split"].tolist()


def test_without_a_split_no_format_has_a_column_for_it() -> None:
    for name in ("csv", "jsonl", "parquet", "cleanlab", "doccano"):
        told = context(WRITERS[name], parts=())
        data = b"".join(WRITERS[name].write((row._replace(split="") for row in rows(told)), told))
        assert b"split" not in data


@pytest.mark.parametrize(("name", "middle"), [("conll", "dev.conll"), ("fasttext", "valid.txt")])
def test_texts_for_programs_that_take_a_file_a_part_are_such_files(name: str, middle: str) -> None:
    archive = zipfile.ZipFile(io.BytesIO(written(name, context(WRITERS[name]))))
    ending = middle.partition(".")[2]
    assert archive.namelist() == [f"train.{ending}", middle, f"test.{ending}", "report.txt"]
    assert archive.read(middle).count(b"cat") == archive.read(f"test.{ending}").count(b"cat") or name == "fasttext"
    lines = [len(archive.read(one).splitlines()) for one in archive.namelist()[:3]]
    assert lines[0] > lines[1] == lines[2]


def test_coco_in_parts_is_read_by_pycocotools_with_its_pictures(tmp_path: Path) -> None:
    root = unpacked(written("coco", context(WRITERS["coco"], pictures=True)), tmp_path)
    for part, count in zip(PARTS, (8, 1, 1), strict=True):
        data = COCO(str(root / f"annotations/instances_{part}.json"))
        assert len(data.getImgIds()) == len(data.getAnnIds()) == count
        for image in data.loadImgs(data.getImgIds()):
            with Image.open(root / "images" / part / image["file_name"]) as opened:
                assert opened.size == (20, 20)


def test_coco_with_pictures_and_no_split_is_one_set(tmp_path: Path) -> None:
    told = context(WRITERS["coco"], pictures=True, parts=())
    root = unpacked(written("coco", told), tmp_path)
    data = COCO(str(root / "annotations/instances_default.json"))
    assert {image["file_name"] for image in data.loadImgs(data.getImgIds())} == {
        path.name for path in (root / "images/default").iterdir()
    }
    assert "named, not contained" not in (root / "report.txt").read_text()


@pytest.mark.parametrize("name", ["coco", "yolo", "voc"])
def test_an_archive_with_parts_and_pictures_comes_in_again(name: str) -> None:
    told = context(WRITERS[name], pictures=True)
    entries = list(
        READERS[name].read(
            Source.sent(io.BytesIO(written(name, told)), "set.zip"),
            ReadOptions(media="image", task=told.task, classes=CLASSES),
        )
    )
    assert [entry for entry in entries if isinstance(entry, RejectedRow)] == []
    found = [(row.metadata.get("split"), row.given_value is not None) for row in entries if isinstance(row, Row)]
    assert sorted(found) == [("test", True), *[("train", True)] * 8, ("val", True)]


def test_yolo_finds_its_pictures_where_data_yaml_says(tmp_path: Path) -> None:
    root = unpacked(written("yolo", context(WRITERS["yolo"], pictures=True)), tmp_path)
    data = yaml.safe_load((root / "data.yaml").read_text())
    assert "path" not in data
    for part, count in zip(PARTS, (8, 1, 1), strict=True):
        pictures = sorted((root / data[part]).iterdir())
        assert len(pictures) == count
        for one in pictures:  # ultralytics looks for labels where images stands in the path of the picture
            assert Path(str(one.with_suffix(".txt")).replace("/images/", "/labels/")).read_text()


@pytest.mark.parametrize("name", ["imagefolder", "yolo_classify"])
def test_the_split_that_was_chosen_goes_before_that_of_the_metadata(name: str) -> None:
    told = context(WRITERS[name], media="image")
    odd = (row._replace(metadata={"split": "test"}) for row in rows(told))
    names = zipfile.ZipFile(io.BytesIO(b"".join(WRITERS[name].write(odd, told)))).namelist()
    assert sum(one.startswith("train/") and one.endswith(".png") for one in names) == 8


def test_hugging_face_gets_its_parts_pictures_and_soft_labels(tmp_path: Path) -> None:
    told = context(WRITERS["huggingface"], media="image", pictures=True, soft_labels=True)
    soft = (row._replace(soft_label={"cat": 0.75, "dog": 0.25}) for row in rows(told))
    data = b"".join(WRITERS["huggingface"].write(soft, told))
    root = unpacked(data, tmp_path)
    assert sorted(path.name for path in (root / "data").iterdir()) == [
        "test-00000.parquet",
        "train-00000.parquet",
        "validation-00000.parquet",
    ]
    table = parquet.read_table(root / "data/train-00000.parquet")
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features["image"] == {"_type": "Image"}
    assert features["label"]["names"] == list(CLASSES)
    first = table.to_pylist()[0]
    assert first["soft_label"] == [0.25, 0.75]
    assert first["image"] == {"bytes": picture("1"), "path": "1.png"}
    options = ReadOptions(media="image", task=told.task, classes=CLASSES)
    back = list(READERS["huggingface"].read(Source.sent(io.BytesIO(data), "set.zip"), options))
    found = [row for row in back if isinstance(row, Row)]
    assert len(found) == 10
    assert all(row.image and row.image().startswith(b"\x89PNG") for row in found)


def test_a_picture_that_is_gone_is_counted_and_its_item_stays() -> None:
    told = context(WRITERS["yolo"], pictures=True)
    gone = (row._replace(content_hash="gone") if row.item == 3 else row for row in rows(told))
    names = zipfile.ZipFile(io.BytesIO(b"".join(WRITERS["yolo"].write(gone, told)))).namelist()
    assert sum(name.startswith("images/") for name in names) == 9
    assert sum(name.startswith("labels/") for name in names) == 10
    assert told.report.losses[GONE].items == [3]


def test_cleanlab_takes_the_wide_table_of_answers_as_it_is() -> None:
    people = ("annotator-1", "annotator-2", "annotator-3")
    told = context(WRITERS["cleanlab_votes"], annotators=people)

    def votes(item: int) -> tuple[Vote, ...]:
        who = [people[(item + one) % 3] for one in range(2)]
        return tuple(Vote(name, CLASSES[item % 2], 1.0, None, "") for name in who)

    answered = (row._replace(votes=votes(row.item) if row.item != 7 else ()) for row in rows(told))
    data = b"".join(WRITERS["cleanlab_votes"].write(answered, told))
    table = pd.read_csv(io.BytesIO(data), index_col="item")
    assert list(table.columns) == list(people)
    assert table.shape == (10, 3)
    assert table.loc[1].to_dict() == {
        "annotator-2": 0,
        "annotator-3": 0,
        "annotator-1": pytest.approx(np.nan, nan_ok=True),
    }
    table = table.dropna(how="all")
    assert 7 not in table.index
    shares = np.full((len(table), 2), 0.5)
    quality = get_label_quality_multiannotator(table, shares, verbose=False)
    assert quality["label_quality"]["num_annotations"].tolist() == [2] * 9


def test_each_part_of_the_wide_table_has_the_same_people_and_its_own_items(tmp_path: Path) -> None:
    people = ("annotator-1", "annotator-2")
    told = context(WRITERS["cleanlab_votes"], annotators=people)
    answered = (row._replace(votes=(Vote(people[row.item % 2], "cat", 1.0, None, ""),)) for row in rows(told))
    packed = WRITERS["cleanlab_votes"].packed
    assert packed is not None
    folder = unpacked(b"".join(packed.write(answered, told)), tmp_path)
    tables = {part: pd.read_csv(folder / f"{part}.csv", index_col="item") for part in PARTS}
    assert {part: list(table.index) for part, table in tables.items()} == {
        part: [row.item for row in rows(told) if row.split == part] for part in PARTS
    }
    assert all(list(table.columns) == list(people) for table in tables.values())


def test_probabilities_are_read_by_numpy_and_come_in_again(tmp_path: Path) -> None:
    told = context(WRITERS["probabilities_npz"])
    shares = (0.25, 0.75)
    given = [row._replace(probabilities=shares if row.item != 2 else None) for row in rows(told)]
    given[0] = given[0]._replace(external_id="a\\n ü\n")
    path = tmp_path / "out.npz"
    path.write_bytes(b"".join(WRITERS["probabilities_npz"].write(given, told)))
    with np.load(path, allow_pickle=False) as data:
        assert data["classes"].tolist() == list(CLASSES)
        assert data["item"].tolist() == list(range(1, 11))
        assert data["external_id"].tolist() == [row.external_id for row in given]
        assert data["label"].tolist() == [1, 0] * 5
        assert data["probabilities"].dtype == np.float32
        assert np.isnan(data["probabilities"][1]).all()
        assert data["split"].tolist() == [row.split for row in given]
    _, entries = open_numbers(Source.local(path), None, ReadOptions(classes=CLASSES, wants="probabilities"))
    back = list(entries)
    assert sum(isinstance(entry, RejectedRow) for entry in back) == 1
    assert [entry[3].tolist() for entry in back if not isinstance(entry, RejectedRow)] == [list(shares)] * 9


def test_probabilities_as_parquet_are_lists_in_the_order_of_the_classes() -> None:
    told = context(WRITERS["probabilities_parquet"])
    given = (row._replace(probabilities=(0.25, 0.75) if row.item != 2 else None) for row in rows(told))
    table = parquet.read_table(io.BytesIO(b"".join(WRITERS["probabilities_parquet"].write(given, told))))
    assert json.loads(table.schema.metadata[b"classes"]) == list(CLASSES)
    assert table.column("probabilities").to_pylist() == [[0.25, 0.75], None, *[[0.25, 0.75]] * 8]
    assert told.report.losses[next(iter(told.report.losses))].items == [2]


def test_rows_of_parts_wait_on_disk_and_come_as_they_were() -> None:
    told = context(WRITERS["jsonl"])
    given = list(rows(told, 100))
    found = {part: list(own) for part, own in divided(iter(given), PARTS)}
    assert found == {part: [row for row in given if row.split == part] for part in PARTS}


@pytest.mark.parametrize("name", ["coco", "conll"])
def test_an_archive_with_parts_takes_no_more_memory_for_more_rows(name: str) -> None:
    def peak(count: int) -> int:
        told = replace(context(WRITERS[name]), report=Report())
        writer = WRITERS[name].packed or WRITERS[name]
        wide = (row._replace(text=f"word {row.item} " * 40) if row.text else row for row in rows(told, count))
        tracemalloc.start()
        for _ in writer.write(wide, told):
            pass
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(100)
    names = 400 * 6_000  # of pictures, which are given once each
    assert peak(8_000) < peak(2_000) + names


def test_a_table_of_pictures_says_their_part() -> None:
    archive = zipfile.ZipFile(io.BytesIO(written("masks", context(WRITERS["masks"]))))
    table = list(csv.DictReader(io.StringIO(archive.read("pictures.csv").decode())))
    assert [one["split"] for one in table] == [
        row.split for row in itertools.islice(rows(context(WRITERS["masks"])), 10)
    ]

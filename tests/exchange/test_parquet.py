"""Parquet in and out, tried with the readers of its own world: pyarrow, pandas and datasets where it is installed."""

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.registry import READERS, WRITERS
from labeler.exchange.parsing.annotations import as_votes
from labeler.exchange.rows import ExportRow, FlagOut, RejectedRow, Row, Skip, Vote, VoteRow
from labeler.exchange.sources import Limits, ReadOptions, Source
from tests.exchange.datasets import picture
from tests.exchange.reading import read, read_good, read_rejected

CLASSES = ("never", "cat", "dog")


def table(columns: dict[str, Any], features: dict[str, Any] | None = None) -> bytes:
    made = pa.table(columns)
    if features is not None:
        made = made.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    buffer = io.BytesIO()
    parquet.write_table(made, buffer)
    return buffer.getvalue()


def class_label(*names: str) -> dict[str, Any]:
    return {"names": list(names), "_type": "ClassLabel"}


def test_dictionary_columns_and_numbers_of_classes_become_names() -> None:
    kind = pa.array(["b", "a", None]).dictionary_encode()
    data = table({"text": ["x", "y", "z"], "label": [1, 0, -1], "kind": kind}, {"label": class_label("pos", "neg")})
    found = read_good("parquet", data)
    assert [row.given_label for row in found] == ["neg", "pos", None]
    assert [row.metadata for row in found] == [{"kind": "b"}, {"kind": "a"}, {"kind": None}]


@pytest.mark.parametrize("spelled", ["Sequence", "List", "a list"])
def test_lists_of_class_numbers_become_names(spelled: str) -> None:
    inner = class_label("a", "b", "c")
    kind = [inner] if spelled == "a list" else {"feature": inner, "_type": spelled}
    data = table({"text": ["x", "y", "z"], "labels": [[2, 0], [], None]}, {"labels": kind})
    found = read_good("parquet", data, task="multilabel", classes=("a", "b", "c"))
    assert [row.given_value for row in found] == [{"labels": ["c", "a"]}, {"labels": []}, None]


def test_spans_as_structs_with_class_numbers_are_spans() -> None:
    span = {"label": class_label("PER", "ORG"), "start": {"dtype": "int64", "_type": "Value"}}
    data = table({"text": ["Ada met IBM"], "spans": [[{"label": 1, "start": 8, "end": 11}]]}, {"spans": [span]})
    (row,) = read_good("parquet", data, task="spans")
    assert row.given_value == {"spans": [{"label": "ORG", "start": 8, "end": 11}]}


def test_whole_numbers_that_a_gap_made_floats_are_classes_and_nan_is_no_label() -> None:
    data = table({"text": ["a", "b", "c"], "label": [1.0, float("nan"), None]})
    assert [row.given_label for row in read_good("parquet", data, classes=("0", "1"))] == ["1", None, None]


@pytest.mark.parametrize("name", ["01.png", None])
def test_a_picture_in_a_cell_comes_in_with_its_name(name: str | None) -> None:
    data = table({"image": [{"bytes": picture(), "path": name}], "label": [0]}, {"label": class_label("cat")})
    (row,) = read_good("parquet", data, media="image")
    assert row.image is not None
    assert row.image() == picture()
    assert (row.name, row.given_label, row.metadata) == (name, "cat", {})


def test_a_picture_that_is_only_named_is_not_looked_for_on_a_server(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(table({"image": [{"bytes": None, "path": "/etc/passwd"}]}))
    (row,) = READERS["parquet"].read(Source.upload(path, "a.parquet"), ReadOptions(media="image"))
    assert isinstance(row, RejectedRow)
    assert "only in a folder or a ZIP" in row.reason


def test_a_list_where_one_text_is_meant_is_refused_with_that_reason() -> None:
    found = read("parquet", table({"text": [["a", "b"]], "label": ["x"]}))
    assert [entry.reason for entry in found if isinstance(entry, RejectedRow)] == ["a text is expected, not a list"]
    rejected = read_rejected("parquet", table({"text": ["a", "b"], "label": [["x", "y"], ["y"]]}))
    assert (rejected.number, rejected.column) == (1, "label")
    assert rejected.reason == "one text or whole number is expected, not several values"


def test_a_text_with_a_nul_costs_its_row_alone() -> None:
    rejected = read_rejected("parquet", table({"text": ["a", "b\0", "c"]}))
    assert (rejected.number, rejected.column, rejected.reason) == (2, "text", "a NUL character")


def test_times_and_numbers_are_kept_as_json_has_them() -> None:
    at = pa.array([0], pa.timestamp("ms", tz="UTC"))
    data = table({"text": ["a"], "at": at, "share": [0.25], "gone": [float("inf")], "list": [[1.0, 2.5]]})
    (row,) = read_good("parquet", data)
    expected = {"at": "1970-01-01T00:00:00+00:00", "share": 0.25, "gone": None, "list": [1.0, 2.5]}
    assert row.metadata == expected


def test_a_damaged_file_is_refused_and_one_that_is_too_large_unpacked_as_well() -> None:
    data = table({"text": ["a" * 1000] * 1000})
    with pytest.raises(Invalid, match="cannot be read"):
        read("parquet", data[:-20])
    with pytest.raises(Invalid, match="unpacks to"):
        read("parquet", data, limits=Limits(unpacked_bytes=100))


def test_a_file_whose_middle_is_damaged_gives_what_came_before_and_says_that_the_rest_was_not_read() -> None:
    buffer = io.BytesIO()
    with parquet.ParquetWriter(buffer, pa.schema([("text", pa.string())]), compression="zstd") as writer:
        for block in range(3):
            writer.write_table(pa.table({"text": [f"{block}-{n}" for n in range(1000)]}))
    whole = buffer.getvalue()
    at = parquet.ParquetFile(buffer).metadata.row_group(1).column(0).data_page_offset + 30
    found = read("parquet", whole[:at] + b"\xff" * 200 + whole[at + 200 :])
    assert len(found) == 1001
    assert isinstance(found[-1], RejectedRow)
    assert "what follows was not read" in found[-1].reason


ROWS = [
    ExportRow(
        7, "a", "It drips", None, "text", "cat", "dog", "dog", "consensus", 0.9,
        (Vote("ann@example.org", "dog", 1.5, "sure", "2026-02-01T10:00:00Z"),
         Vote("bob@example.org", "cat", None, None, "2026-02-01T10:00:00Z", None, unsure=True)),
        (FlagOut("label_error", 0.75, "dog"),), 0.1, "dog", 0.5, {"channel": "mail", "pages": 3},
        skips=(Skip("eve@example.org", "too_hard", 2.0, None, "2026-02-01T10:00:00Z"),),
    ),
    ExportRow(8, None, "All fine", None, "text", None, None, None, None, None, soft_label={"cat": 0.5, "dog": 0.5}),
]  # fmt: skip


def written(rows: list[ExportRow], task: str = "classification", classes: tuple[str, ...] = CLASSES) -> bytes:
    context = ExportContext("p", "P", "text", task, classes, "2026-02-03T10:00:00Z")
    return b"".join(WRITERS["parquet"].write(rows, context))


def test_pandas_reads_labels_as_categories_in_the_order_of_the_classes() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(io.BytesIO(written(ROWS)))
    assert list(frame["final_label"].cat.categories) == list(CLASSES)
    assert frame["final_label"].tolist()[0] == "dog"
    assert frame["final_label"].isna().tolist() == [False, True]
    assert frame["votes"][0][1]["unsure"]
    assert json.loads(frame["soft_label"][1]) == {"cat": 0.5, "dog": 0.5}
    assert json.loads(frame["metadata"][0]) == {"channel": "mail", "pages": 3}


def test_a_rating_has_ordered_categories() -> None:
    data = written([ROWS[0]._replace(given_label="1", consensus_label="2", final_label="2", suggested_label=None)],
                   "rating", ("1", "2", "3"))  # fmt: skip
    field = parquet.read_schema(io.BytesIO(data)).field("final_label")
    assert field.type.ordered


def test_the_datasets_library_reads_the_file(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the datasets library is not installed")
    (tmp_path / "a.parquet").write_bytes(written(ROWS))
    found = datasets.Dataset.from_parquet(str(tmp_path / "a.parquet"), cache_dir=str(tmp_path / "cache"))
    assert found[0]["final_label"] == "dog"
    assert found[0]["votes"][0]["annotator"] == "ann@example.org"
    assert found[1]["final_label"] is None


def test_answers_go_out_and_come_in_again() -> None:
    options = ReadOptions(wants="annotations", classes=CLASSES)
    rows = READERS["parquet"].read(Source.sent(io.BytesIO(written(ROWS[:1])), "a"), options)
    said = [vote for vote in as_votes(rows, options) if isinstance(vote, VoteRow)]
    votes = [vote for vote in said if vote.skip is None]
    assert [(vote.annotator, vote.label, vote.seconds, vote.comment, vote.unsure) for vote in votes] == [
        ("ann@example.org", "dog", 1.5, "sure", False),
        ("bob@example.org", "cat", None, None, True),
    ]
    (row,) = read_good("parquet", written(ROWS[:1]))
    assert (row.external_id, row.metadata) == ("a", {"channel": "mail", "pages": 3})


def test_a_label_of_a_class_that_is_gone_still_has_its_name() -> None:
    (row,) = read_good("parquet", written([ROWS[0]._replace(given_label="bird")]))
    assert isinstance(row, Row)
    assert row.given_label == "bird"


@pytest.mark.parametrize("way", ["in", "out"])
def test_without_its_library_it_says_what_to_install(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = table({"text": ["a"]})
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(Invalid, match=r"labeler\[parquet\]"):
        _ = read("parquet", data) if way == "in" else written(ROWS)

"""Labels with parts in the plain formats, the JSON of doccano and spaCy, and what models say."""

import io
import json
from typing import Any

import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.registry import READERS, WRITERS
from labeler.exchange.formats.spacy.write import OVERLAPPING, UNEVEN
from labeler.exchange.parsing.annotations import as_votes
from labeler.exchange.parsing.offsets import guessed, to_code_points
from labeler.exchange.parsing.values import score_of, value_of
from labeler.exchange.rows import ExportRow, RejectedRow, Row, Vote, VoteRow
from labeler.exchange.sources import Mapping, ReadOptions, Source
from labeler.task_types.registry import TASK_TYPES
from tests.exchange.datasets import picture, zipped
from tests.exchange.reading import mapped, read, read_good, read_rejected

CLASSES = ("a", "b", "c, d", "e|f")
SPAN = {"label": "a", "start": 0, "end": 2}
BOX = {"label": "a", "x": 1, "y": 2, "width": 3.5, "height": 4}
ASTRAL = "\U0001f600 hi there"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a", ["a"]),
        ("a|b", ["a", "b"]),
        ("a; b", ["a", "b"]),
        ("a,b", ["a", "b"]),
        ("c, d", ["c, d"]),
        ("e|f", ["e|f"]),
        ("a|zebra", ["a", "zebra"]),
        ("[]", []),
        ('["c, d", "e|f"]', ["c, d", "e|f"]),
        (["a", 7], ["a", "7"]),
        ({"labels": ["a"]}, ["a"]),
    ],
)
def test_several_labels_are_read_however_they_are_spelled(given: Any, expected: list[str]) -> None:
    assert value_of(given, "labels", CLASSES) == {"labels": expected}


def cell_of(labels: list[str], classes: tuple[str, ...]) -> str:
    return TASK_TYPES["multilabel"].to_cell({"labels": labels}, classes)


def test_several_labels_come_back_from_one_cell() -> None:
    for labels in ([], ["a"], ["a", "b"], ["c, d"], ["e|f", "a"], ["a", "c, d"]):
        assert value_of(cell_of(labels, CLASSES), "labels", CLASSES) == {"labels": labels}
    assert cell_of(["a", "b"], ("a", "b")) == "a|b"


@pytest.mark.parametrize(
    ("given", "shape", "expected"),
    [
        ('{"boxes": []}', "boxes", []),
        ([BOX], "boxes", [BOX]),
        ({"bbox": [[1, 2, 3.5, 4]], "categories": ["a"]}, "boxes", [BOX]),
        ([[0, 2, "a"]], "spans", [SPAN]),
        ([{"id": 4, "start_offset": 0, "end_offset": 2, "label": "a"}], "spans", [SPAN]),
        (
            [{"label": "a", "points": [0, 0, 9, 0, 9, 9]}],
            "polygons",
            [{"label": "a", "points": [[0, 0], [9, 0], [9, 9]]}],
        ),
    ],
)
def test_objects_are_read_however_they_are_spelled(given: Any, shape: str, expected: Any) -> None:
    assert value_of(given, shape, CLASSES) == {shape: expected}


@pytest.mark.parametrize(
    ("given", "shape", "reason"),
    [
        ("{", "boxes", "not valid JSON"),
        ("3 cats", "boxes", "written as JSON"),
        ('{"boxes": NaN}', "boxes", "NaN is not JSON"),
        ("[" * 100_000, "spans", "not valid JSON"),
        (7, "spans", "a list is expected"),
        ({"bbox": [[1, 2]], "categories": ["a"]}, "boxes", r"each bbox must be"),
        ({"bbox": [], "categories": ["a"]}, "boxes", "same length"),
        ([1.5], "labels", "one class is expected"),
        (["a", "b"], "label", "one class is expected"),
    ],
)
def test_what_is_no_label_is_refused_in_words(given: Any, shape: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        value_of(given, shape, CLASSES)


@pytest.mark.parametrize("given", [None, "", "x", "nan", -0.1, 1.1, True, [], "1e999", 10**400])
def test_a_score_that_is_none_is_nothing(given: Any) -> None:
    assert score_of(given) is None
    assert (score_of("0.5"), score_of(1)) == (0.5, 1)


def test_tables_hold_sets_and_objects() -> None:
    rows = read_good("csv", b"id,text,label\n1,hi,a|b\n2,ho,[]\n3,hu,\n", task="multilabel", classes=CLASSES)
    assert [row.given_value for row in rows] == [{"labels": ["a", "b"]}, {"labels": []}, None]
    data = b'id,text,value\n1,hi,"{""spans"": [{""label"": ""a"", ""start"": 0, ""end"": 2}]}"\n'
    (row,) = read_good("csv", data, task="spans")
    assert row.given_value == {"spans": [SPAN]}
    rejected = read_rejected("csv", b"id,text,value\n1,hi,a\n2,ho,[]\n", task="spans")
    assert (rejected.column, rejected.number) == ("value", 1)


def test_lines_hold_sets_and_objects() -> None:
    lines = b'{"text": "hi", "labels": ["a", "b"]}\n{"text": "ho", "labels": []}\n{"text": "hu"}\n'
    rows = read_good("jsonl", lines, task="multilabel", classes=CLASSES)
    assert [row.given_value for row in rows] == [{"labels": ["a", "b"]}, {"labels": []}, None]
    (row,) = read_good("json", json.dumps([{"text": "hi", "spans": [SPAN], "n": 1}]).encode(), task="spans")
    assert (row.given_value, row.metadata) == ({"spans": [SPAN]}, {"n": 1})


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_final_labels_and_votes_with_parts_come_back(name: str) -> None:
    value: dict[str, Any] = {"spans": [SPAN]}
    other: dict[str, Any] = {"spans": []}
    votes = tuple(Vote(who, "1 a", 2.0, None, "2026-02-01T10:00:00Z", value) for who in ("ann", "bob"))
    row = ExportRow(1, "i1", "hi you", None, "text", "\N{EN DASH}", "1 a", "1 a", "consensus", 0.9, votes)
    row = row._replace(given_value=other, consensus_value=value, final_value=value)
    context = ExportContext("p", "P", "text", "spans", CLASSES, "2026-02-03T10:00:00Z")
    data = b"".join(WRITERS[name].write([row], context))
    assert read_good(name, data, task="spans")[0].given_value == other
    final = read_good(name, data, task="spans", **mapped(label="final_label"))
    assert (final[0].given_value, final[0].metadata) == (value, {})
    options = ReadOptions(task="spans", wants="annotations")
    found = list(as_votes(read(name, data, task="spans", wants="annotations"), options))
    assert [(vote.annotator, vote.value) for vote in found if isinstance(vote, VoteRow)] == [
        ("ann", value),
        ("bob", value),
    ]


def test_answers_with_parts_are_read_long_and_wide() -> None:
    options = ReadOptions(task="multilabel", wants="annotations", classes=CLASSES)
    long = read("csv", b"id,annotator,answer\n1,ann,a|b\n", task="multilabel", wants="annotations", classes=CLASSES)
    (vote,) = as_votes(long, options)
    assert isinstance(vote, VoteRow)
    assert (vote.label, vote.value) == ("", {"labels": ["a", "b"]})
    mapping = Mapping(annotators=("ann", "bob"))
    wide = ReadOptions(task="multilabel", wants="annotations", classes=CLASSES, mapping=mapping)
    rows = read("csv", b"id,ann,bob\n1,a|b,[]\n2,[1.5],\n", task="multilabel", wants="annotations", mapping=mapping)
    first, second, third = as_votes(rows, wide)
    assert isinstance(first, VoteRow)
    assert isinstance(second, VoteRow)
    assert (first.value, second.value) == ({"labels": ["a", "b"]}, {"labels": []})
    assert isinstance(third, RejectedRow)
    assert "the answer of ann" in third.reason


def test_a_column_of_predictions_comes_in_beside_items_and_alone() -> None:
    data = b"id,text,prediction,prediction_score\n1,hi,a,0.9\n2,ho,,\n"
    first, second = read_good("csv", data)
    assert (first.prediction, first.prediction_score, first.metadata) == ({"label": "a"}, 0.9, {})
    assert (second.prediction, second.metadata) == (None, {})
    entries = read("csv", data, wants="predictions")
    assert isinstance(entries[0], Row)
    assert (entries[0].external_id, entries[0].prediction, entries[0].prediction_score) == ("1", {"label": "a"}, 0.9)
    assert isinstance(entries[1], RejectedRow)
    (row,) = read_good("jsonl", b'{"id": 1, "predicted": "b", "confidence": 2}', wants="predictions")
    assert (row.prediction, row.prediction_score) == ({"label": "b"}, None)
    with pytest.raises(Invalid, match="what a model says"):
        read("csv", b"id,text\n1,hi\n", wants="predictions")


def test_what_is_no_prediction_here_stays_with_the_item() -> None:
    (row,) = read_good("jsonl", b'{"text": "hi", "prediction": "a", "prediction_score": 0.5}', task="spans")
    assert (row.prediction, row.metadata) == (None, {"prediction": "a", "prediction_score": 0.5})


def test_folders_are_labels_only_where_an_answer_is_made_of_classes() -> None:
    source = Source.sent(io.BytesIO(zipped({"cat/a.jpg": picture(), "dog/b.jpg": picture()})), "x.zip")
    options = ReadOptions(media="image", task="multilabel")
    found = [row.given_value for row in READERS["zip"].read(source, options) if isinstance(row, Row)]
    assert found == [{"labels": ["cat"]}, {"labels": ["dog"]}]
    (row, _) = READERS["zip"].read(source, ReadOptions(media="image", task="boxes"))
    assert isinstance(row, Row)
    assert (row.given_label, row.given_value) == (None, None)


def test_a_table_beside_pictures_holds_boxes() -> None:
    line = {"file_name": "a.jpg", "objects": {"bbox": [[1, 2, 3.5, 4]], "categories": ["a"]}}
    source = Source.sent(io.BytesIO(zipped({"metadata.jsonl": json.dumps(line), "a.jpg": picture()})), "x.zip")
    (row,) = READERS["zip"].read(source, ReadOptions(media="image", task="boxes"))
    assert isinstance(row, Row)
    assert row.given_value == {"boxes": [BOX]}


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([(2, 4)], [(2, 4)]),
        ([(3, 5)], [(2, 4)]),
        ([(3, 5), (6, 11)], [(2, 4), (5, 10)]),
        ([(0, 2)], [(0, 2)]),
        ([(3, 4)], [(3, 4)]),
        ([(1, 2)], [(1, 2)]),
        ([(90, 91)], [(90, 91)]),
        ([(6, 11)], [(5, 10)]),
    ],
)
def test_places_behind_an_emoji_are_told_apart_by_whole_words(
    places: list[tuple[int, int]], expected: list[tuple[int, int]]
) -> None:
    assert guessed(ASTRAL, places) == expected


def test_half_a_character_is_no_place() -> None:
    assert to_code_points(ASTRAL, [(1, 5)]) is None
    assert to_code_points(ASTRAL, [(0, 2)]) == [(0, 1)]


def test_doccano_keeps_relations_and_comments_and_reads_boxes_beside_pictures() -> None:
    line = {"id": 1, "text": "hi", "entities": [], "relations": [{"id": 1}], "Comments": ["x"]}
    (row,) = read_good("doccano", json.dumps(line).encode(), task="spans")
    assert (row.given_value, row.metadata) == ({"spans": []}, {"relations": [{"id": 1}], "Comments": ["x"]})
    boxed = {"id": 1, "filename": "a.jpg", "bbox": [BOX]}
    source = Source.sent(io.BytesIO(zipped({"all.jsonl": json.dumps(boxed), "images/a.jpg": picture()})), "x.zip")
    (found,) = READERS["doccano"].read(source, ReadOptions(media="image", task="boxes"))
    assert isinstance(found, Row)
    assert (found.given_value, found.name) == ({"boxes": [BOX]}, "a.jpg")


def test_spacy_reads_pairs_cats_and_groups_of_spans() -> None:
    pair = ["hi you", {"entities": [[0, 2, "a"]]}]
    for data in (json.dumps(pair), json.dumps([pair]), json.dumps({"text": "hi you", "entities": [[0, 2, "a"]]})):
        (row,) = read_good("spacy", data.encode(), task="spans")
        assert row.given_value == {"spans": [SPAN]}
    grouped = {"text": "hi", "spans": {"sc": [[0, 2, "a", "Q1"]]}, "entities": []}
    assert read_good("spacy", json.dumps(grouped).encode(), task="spans")[0].given_value == {"spans": [SPAN]}
    cats = json.dumps({"text": "hi", "cats": {"a": 1.0, "b": 0.2, "c": 0.5}}).encode()
    assert read_good("spacy", cats, task="multilabel")[0].given_value == {"labels": ["a", "c"]}
    assert "one text or whole number" in read_rejected("spacy", cats).reason


def test_spacy_gets_overlaps_apart_and_uneven_spans_counted() -> None:
    marked = [SPAN, {"label": "b", "start": 0, "end": 6}, {"label": "a", "start": 4, "end": 6}]
    row = ExportRow(3, None, "hi you", None, "text", None, None, "w", "given", None, final_value={"spans": marked})
    context = ExportContext("p", "P", "text", "spans", CLASSES, "2026-02-03T10:00:00Z")
    out = json.loads(b"".join(WRITERS["spacy"].write([row], context)))
    assert out["entities"] == [[0, 6, "b"]]
    assert len(out["spans"]["sc"]) == 3
    assert context.report.losses[OVERLAPPING].count == 1
    assert context.report.losses[UNEVEN].items == [3]


def test_cleanlab_gets_lists_of_numbers_and_corners() -> None:
    row = ExportRow(3, None, None, "a.jpg", "image", None, None, "w", "given", None)
    numbers: dict[str, dict[str, Any]] = {"multilabel": {"labels": ["b", "a"]}, "boxes": {"boxes": [BOX]}}
    cells = {}
    for task, value in numbers.items():
        context = ExportContext("p", "P", "image", task, ("b", "a"), "2026-02-03T10:00:00Z")
        out = b"".join(WRITERS["cleanlab"].write([row._replace(final_value=value)], context))
        (came,) = read_good("csv", out, media="image", wants="predictions", **mapped(label="label"))
        cells[task] = came.prediction
    assert cells["multilabel"] == {"label": "[1, 0]"}
    assert json.loads((cells["boxes"] or {})["label"]) == {
        "bboxes": [[1, 2, 4.5, 6]],
        "labels": [0],
        "image_name": "a.jpg",
    }

"""Label Studio's JSON_MIN and CSV: the same rows as its long export gives."""

import csv
import io
import json
from typing import Any

import pytest

from labeler.exchange.formats.detection import detect
from labeler.exchange.parsing.annotations import as_votes
from labeler.exchange.rows import RejectedRow, Row, VoteRow
from labeler.exchange.sources import ReadOptions
from tests.exchange.datasets import picture, read_set
from tests.exchange.reading import read, read_good

SPANS = [
    {"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]},
    {"start": 8, "end": 11, "text": "IBM", "labels": ["ORG"]},
]


def told(number: int, annotator: object = 1, **others: Any) -> dict[str, Any]:
    times = {"created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-01T10:00:00Z", "lead_time": 2.5}
    return {"id": number, "annotator": annotator, "annotation_id": number * 10, **times, **others}


def as_json(*rows: dict[str, Any]) -> bytes:
    return json.dumps(rows).encode()


def as_csv(*rows: dict[str, Any]) -> bytes:
    buffer = io.StringIO()
    table = csv.DictWriter(buffer, list(dict.fromkeys(key for row in rows for key in row)))
    table.writeheader()
    for row in rows:
        table.writerow({key: what if isinstance(what, str) else json.dumps(what) for key, what in row.items()})
    return buffer.getvalue().encode()


both = pytest.mark.parametrize("made", [as_json, as_csv])


@both
def test_spans_are_spans(made: Any) -> None:
    data = made(told(1, text="Ada met IBM.", label=SPANS))
    assert detect("export", data).format == "label_studio"
    (row,) = read_good("label_studio", data, task="spans", classes=("PER", "ORG"))
    found = [{"label": "PER", "start": 0, "end": 3}, {"label": "ORG", "start": 8, "end": 11}]
    assert (row.external_id, row.text, row.given_value, row.metadata) == ("1", "Ada met IBM.", {"spans": found}, {})


@both
def test_one_choice_and_several_choices(made: Any) -> None:
    (row,) = read_good("label_studio", made(told(1, text="a", sentiment="pos", source="shop")), classes=("pos", "neg"))
    assert (row.given_label, row.metadata) == ("pos", {"source": "shop"})
    data = made(told(1, text="a", topics={"choices": ["x", "y"]}), told(2, text="b"))
    rows = read_good("label_studio", data, task="multilabel", classes=("x", "y"))
    assert [row.given_value for row in rows] == [{"labels": ["x", "y"]}, None]


def test_boxes_are_percents_of_the_picture() -> None:
    box = {"x": 10, "y": 20, "width": 50, "height": 10, "rotation": 0, "rectanglelabels": ["cat"]}
    label = [{**box, "original_width": 100, "original_height": 50}]
    data = as_json(told(1, image="/data/upload/1/0123abcd-a.jpg", label=label))
    (row,) = read_set("label_studio", {"export.json": data, "a.jpg": picture()})
    assert isinstance(row, Row)
    assert row.given_value == {"boxes": [{"label": "cat", "x": 10, "y": 10, "width": 50, "height": 5}]}


@both
def test_the_rows_of_one_task_are_its_answers(made: Any) -> None:
    rows = [told(1, "ann@example.org", text="a", label="pos"), told(1, 2, text="a", label="neg")]
    data = made(*rows, told(2, 2, text="b", label="neg"))
    found = read_good("label_studio", data, classes=("pos", "neg"))
    assert [(row.external_id, row.given_label) for row in found] == [("1", None), ("2", "neg")]
    options = ReadOptions(wants="annotations", classes=("pos", "neg"))
    votes = list(as_votes(read("label_studio", data, wants="annotations", classes=options.classes), options))
    given = [(vote.annotator, vote.label, vote.seconds, vote.created_at) for vote in votes if isinstance(vote, VoteRow)]
    at = "2024-05-01T10:00:00Z"
    assert given == [
        ("ann@example.org", "pos", 2.5, at),
        ("Label Studio user 2", "neg", 2.5, at),
        ("Label Studio user 2", "neg", 2.5, at),
    ]


def test_a_span_that_contradicts_its_text_is_no_label_and_told() -> None:
    wrong = [{"start": 0, "end": 3, "text": "Eve", "labels": ["PER"]}]
    data = as_json(told(1, text="Ada", label=wrong), told(2, text="Ada", label=SPANS[:1]))
    first, second = read_good("label_studio", data, task="spans", classes=("PER",))
    assert (first.given_value, [count for _, count in first.left_out]) == (None, [1])
    assert second.given_value is not None


def test_a_row_with_too_few_cells_costs_itself_alone() -> None:
    data = as_csv(told(1, text="a", label="x"), told(3, text="c", label="x")).replace(b"\r\n3,", b"\r\n2,b\r\n3,")
    found = read("label_studio", data)
    assert [row.text for row in found if isinstance(row, Row)] == ["a", "c"]
    assert [row.number for row in found if isinstance(row, RejectedRow)] == [2]

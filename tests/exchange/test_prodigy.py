import json
from typing import Any

from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.detection import detect
from labeler.exchange.formats.registry import WRITERS
from labeler.exchange.rows import ExportRow
from tests.exchange.reading import read_good

CLASSES = ("PER", "ORG")
SPANS = (
    b'{"text": "Ada met IBM.", "tokens": [{"text": "Ada", "start": 0, "end": 3, "id": 0}], "_input_hash": 5, '
    b'"spans": [{"start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "PER"}], "answer": "accept"}\n'
    b'{"text": "Bob is no one.", "spans": [{"start": 0, "end": 3, "label": "ORG"}], "answer": "reject"}\n'
    b'{"text": "Carl skipped.", "spans": [{"start": 0, "end": 4, "label": "PER"}], "answer": "ignore"}\n'
)


def written(rows: list[ExportRow], task: str) -> tuple[list[dict[str, Any]], ExportContext]:
    context = ExportContext("p", "P", "text", task, CLASSES, "2026-02-03T10:00:00Z")
    data = b"".join(WRITERS["prodigy"].write(rows, context))
    return [json.loads(line) for line in data.splitlines()], context


def row(text: str, **others: Any) -> ExportRow:
    return ExportRow(1, "i", text, None, "text", None, None, None, None, None)._replace(**others)


def test_only_what_was_accepted_is_a_label_and_the_hash_is_kept() -> None:
    assert detect("a.jsonl", SPANS).format == "prodigy"
    rows = read_good("prodigy", SPANS, task="spans", classes=CLASSES)
    assert [one.given_value for one in rows] == [{"spans": [{"label": "PER", "start": 0, "end": 3}]}, None, None]
    assert rows[0].metadata["_input_hash"] == 5
    assert [one.left_out[0][0][:20] for one in rows[1:]] == ["the answer is reject", "the answer is ignore"]


def test_spans_go_out_with_the_tokens_they_cover() -> None:
    spans = [{"label": "PER", "start": 0, "end": 12}, {"label": "ORG", "start": 18, "end": 20}]
    (task,), context = written([row("Ada Lovelace met IBM.", final_value={"spans": spans})], "spans")
    assert task["answer"] == "accept"
    assert task["spans"][0] == {"start": 0, "end": 12, "label": "PER", "token_start": 0, "token_end": 1}
    assert task["tokens"][1] == {"text": "Lovelace", "start": 4, "end": 12, "id": 1, "ws": True}
    assert "token_start" not in task["spans"][1]
    assert [loss.count for loss in context.report.losses.values()] == [1]


def test_an_item_without_a_label_is_ignored_and_counted() -> None:
    (task,), context = written([row("x", metadata={"_input_hash": 7, "page": 2})], "classification")
    assert task == {"text": "x", "id": "i", "_input_hash": 7, "answer": "ignore", "meta": {"page": 2}}
    assert [loss.items for loss in context.report.losses.values()] == [[1]]


def test_a_choice_is_accepted_and_comes_back() -> None:
    (task,), _ = written([row("x", final_label="ORG")], "classification")
    assert (task["accept"], task["answer"]) == (["ORG"], "accept")
    (found,) = read_good("prodigy", json.dumps(task).encode(), classes=CLASSES)
    assert (found.external_id, found.given_label) == ("i", "ORG")

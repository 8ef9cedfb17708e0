import csv
import io
import json
from typing import Any

import pytest

from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.registry import READERS, WRITERS
from labeler.exchange.parsing.annotations import as_votes
from labeler.exchange.rows import ExportRow, FlagOut, Row, Vote, VoteRow
from labeler.exchange.sources import Mapping, ReadOptions, Source
from labeler.exchange.writing.class_numbers import class_numbers

CLASSES = ("spam", "ham", "=odd")
CONTEXT = ExportContext("mail", "Mail", "text", "classification", CLASSES, "2026-02-03T10:00:00Z", "tfidf-lr")
ANN = Vote("ann@example.org", "spam", 2.5, 'a "hm"\nthen', "2026-02-01T10:00:00Z")
BOB = Vote("bob@example.org", "ham", None, None, "2026-02-01T11:00:00Z")
FULL = ExportRow(
    item=1,
    external_id="m-1",
    text='Win "now"\n😀, friend',
    image=None,
    media="text",
    given_label="ham",
    consensus_label="spam",
    final_label="=odd",
    final_source="review",
    confidence=0.91,
    votes=(ANN, BOB),
    flags=(FlagOut("label_error", 0.93, "spam"), FlagOut("outlier", 0.4, None)),
    label_score=0.07,
    flagged_wrong=0.93,
    suggested_label="spam",
    agreement=0.5,
    metadata={"page": 3, "tags": ["ä"]},
)
BARE = ExportRow(2, None, "=1+1", None, "text", None, None, None, None, None)
EXCLUDED = BARE._replace(item=3, text="-5", external_id="-7", excluded=True)


def written(name: str, *rows: ExportRow, context: ExportContext = CONTEXT) -> bytes:
    return b"".join(WRITERS[name].write(iter(rows), context))


def table(name: str, *rows: ExportRow) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(name, *rows).decode(), newline="")))


def lines(*rows: ExportRow) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written("jsonl", *rows).decode().splitlines()]


def _spelled(vote: Vote) -> dict[str, Any]:
    return {key: what for key, what in vote._asdict().items() if key != "value"}


def test_csv_holds_labels_votes_and_flags() -> None:
    (row,) = table("csv", FULL)
    assert row["text"] == FULL.text
    assert [row[key] for key in ("item", "external_id", "given_label", "consensus_label")] == [
        "1",
        "m-1",
        "ham",
        "spam",
    ]
    assert [row[key] for key in ("final_label", "final_source", "confidence")] == ["'=odd", "review", "0.91"]
    assert [row[key] for key in ("label_score", "suggested_label", "agreement")] == ["0.07", "spam", "0.5"]
    assert json.loads(row["votes"]) == {"ann@example.org": "spam", "bob@example.org": "ham"}
    assert json.loads(row["flags"]) == {"label_error": 0.93, "outlier": 0.4}
    assert json.loads(row["metadata"]) == FULL.metadata


def test_csv_neutralises_formulas_and_leaves_numbers() -> None:
    rows = table("csv", BARE, EXCLUDED)
    assert [row["text"] for row in rows] == ["'=1+1", "-5"]
    assert rows[1]["external_id"] == "-7"
    assert [row["excluded"] for row in rows] == ["", "yes"]


def test_json_lines_hold_every_field() -> None:
    full, bare = lines(FULL, BARE)
    assert full == {
        "item": 1,
        "external_id": "m-1",
        "text": FULL.text,
        "given_label": "ham",
        "consensus_label": "spam",
        "final_label": "=odd",
        "final_source": "review",
        "confidence": 0.91,
        "label_score": 0.07,
        "suggested_label": "spam",
        "agreement": 0.5,
        "excluded": False,
        "votes": [_spelled(ANN), _spelled(BOB)],
        "flags": [flag._asdict() for flag in FULL.flags],
        "metadata": {"page": 3, "tags": ["ä"]},
    }
    assert bare["text"] == "=1+1"
    assert [bare[key] for key in ("external_id", "final_label", "confidence", "votes", "metadata")] == [
        None,
        None,
        None,
        [],
        {},
    ]


def test_json_never_holds_what_json_does_not_know() -> None:
    odd = FULL._replace(confidence=float("nan"), label_score=float("inf"))
    assert (lines(odd)[0]["confidence"], lines(odd)[0]["label_score"]) == (None, None)


def test_text_that_is_half_a_character_does_not_stop_an_export() -> None:
    odd = FULL._replace(votes=(ANN._replace(comment="\ud800"),))
    assert lines(odd)[0]["votes"][0]["comment"] == "?"


def test_label_studio_gets_one_annotation_a_vote_and_the_suggestion_as_prediction() -> None:
    (task,) = json.loads(written("label_studio", FULL))
    assert task["id"] == 1
    assert task["data"]["text"] == FULL.text
    assert (task["data"]["final_label"], task["data"]["page"]) == ("=odd", 3)
    first, second, decided = task["annotations"]
    assert first["completed_by"] == {"email": "ann@example.org"}
    assert first["result"][0]["value"] == {"choices": ["spam"]}
    assert {first["result"][0][key] for key in ("from_name", "to_name", "type")} == {"label", "text", "choices"}
    assert (first["lead_time"], second["lead_time"]) == (2.5, None)
    assert (first["was_cancelled"], first["ground_truth"], first["task"]) == (False, False, 1)
    assert (decided["ground_truth"], decided["result"][0]["value"]) == (True, {"choices": ["=odd"]})
    prediction, existing = task["predictions"]
    assert existing["model_version"] == "existing label"
    assert (prediction["model_version"], prediction["score"]) == ("tfidf-lr", 0.93)
    assert prediction["result"][0]["value"] == {"choices": ["spam"]}


def test_label_studio_ids_are_unique_over_tasks_and_unlabeled_tasks_stay() -> None:
    tasks = json.loads(written("label_studio", FULL, BARE, FULL._replace(item=4)))
    assert [task["id"] for task in tasks] == [1, 2, 4]
    ids = [annotation["id"] for task in tasks for annotation in task["annotations"]]
    assert len(ids) == len(set(ids)) == 6
    assert (tasks[1]["annotations"], tasks[1]["predictions"]) == ([], [])


def test_metadata_cannot_hide_what_an_item_is() -> None:
    odd = FULL._replace(metadata={"text": "other", "final_label": "other", "note": "kept"})
    (task,) = json.loads(written("label_studio", odd))
    assert (task["data"]["text"], task["data"]["final_label"], task["data"]["note"]) == (FULL.text, "=odd", "kept")


def test_images_are_named() -> None:
    context = ExportContext("p", "P", "image", "classification", CLASSES, "2026-02-03T10:00:00Z")
    row = FULL._replace(text=None, image="cat/1.png", media="image")
    assert b"cat/1.png" in written("csv", row, context=context)
    assert json.loads(written("jsonl", row, context=context))["image"] == "cat/1.png"
    (task,) = json.loads(written("label_studio", row, context=context))
    assert task["data"]["image"] == "cat/1.png"
    assert task["annotations"][0]["result"][0]["to_name"] == "image"
    assert b"cat/1.png" in written("cleanlab", row, context=context)


def test_cleanlab_numbers_follow_the_sorted_class_names() -> None:
    assert class_numbers(CLASSES) == {"=odd": 0, "ham": 1, "spam": 2}
    full, bare = table("cleanlab", FULL, BARE)
    assert [full[key] for key in ("label", "given_label", "predicted_label", "consensus_label")] == ["0", "1", "2", "2"]
    assert [full[key] for key in ("label_score", "is_label_issue", "consensus_quality_score")] == [
        "0.07",
        "True",
        "0.91",
    ]
    assert [full[key] for key in ("annotator_agreement", "num_annotations", "final_label")] == ["0.5", "2", "'=odd"]
    assert [bare[key] for key in ("label", "given_label", "is_label_issue", "num_annotations")] == [
        "",
        "",
        "False",
        "0",
    ]


def test_a_label_that_is_no_class_any_more_gets_no_number() -> None:
    (row,) = table("cleanlab", FULL._replace(final_label="gone", given_label="gone"))
    assert (row["label"], row["given_label"], row["final_label"]) == ("", "", "gone")


def back(name: str, *rows: ExportRow, **options: Any) -> list[Row]:
    source = Source.sent(io.BytesIO(written(name, *rows)), f"export.{name}")
    entries = list(READERS[name].read(source, ReadOptions(**options)))
    return [entry for entry in entries if isinstance(entry, Row)]


def test_what_goes_out_comes_in_again_as_it_was() -> None:
    for name in ("csv", "jsonl"):
        full, bare, excluded = back(name, FULL, BARE, EXCLUDED)
        assert (full.external_id, full.text, full.given_label) == ("m-1", FULL.text, "ham")
        assert full.metadata == FULL.metadata
        assert (bare.external_id, bare.text, bare.given_label, bare.metadata) == (None, "=1+1", None, {})
        assert (excluded.external_id, excluded.text) == ("-7", "-5")


def test_final_labels_come_in_when_asked_for() -> None:
    for name in ("csv", "jsonl"):
        assert back(name, FULL, mapping=Mapping(label="final_label"))[0].given_label == "=odd"


def test_the_votes_of_an_export_come_in_as_answers() -> None:
    rows = back("jsonl", FULL, BARE, wants="annotations")
    assert list(as_votes(rows, ReadOptions())) == [
        VoteRow(1, "m-1", FULL.text, *ANN),
        VoteRow(1, "m-1", FULL.text, *BOB),
    ]
    votes = list(as_votes(back("csv", FULL, BARE, wants="annotations"), ReadOptions()))
    assert [(vote.annotator, vote.label) for vote in votes if isinstance(vote, VoteRow)] == [
        ("ann@example.org", "spam"),
        ("bob@example.org", "ham"),
    ]
    assert len(votes) == 2


def test_pandas_reads_a_tsv_with_tabs_quotes_and_line_breaks_in_its_cells() -> None:
    pandas = pytest.importorskip("pandas")
    text = 'a\tb "c"\nd'
    row = ExportRow(1, "i", text, None, "text", "no", None, "yes", "given", None)
    context = ExportContext("p", "P", "text", "classification", ("no", "yes"), "2026-02-03T10:00:00Z")
    frame = pandas.read_csv(io.BytesIO(b"".join(WRITERS["tsv"].write([row], context))), sep="\t")
    assert (frame["text"][0], frame["final_label"][0]) == (text, "yes")

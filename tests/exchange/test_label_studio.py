import io
import json
from dataclasses import replace
from typing import Any

import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.label_studio.write import UNMEASURED
from labeler.exchange.formats.registry import READERS, WRITERS
from labeler.exchange.parsing.annotations import AN_ANSWER, as_votes
from labeler.exchange.rows import ExportRow, RejectedRow, Row, Vote, VoteRow
from labeler.exchange.sources import Mapping, ReadOptions, Source
from tests.exchange.datasets import bad, good, picture, zipped

CLASSES = ("cat", "dog", "person")
EMOJI = "\U0001f468\u200d\U0001f692 firemen drive"


def told(task: str, **others: Any) -> ReadOptions:
    options = ReadOptions(task=task, classes=CLASSES, **others)
    return replace(options, media="image") if task in {"boxes", "polygons"} else options


def read(tasks: Any, options: ReadOptions) -> list[Row | RejectedRow]:
    data = json.dumps(tasks).encode()
    if options.media == "image":
        data = zipped({"tasks.json": data, "upload/1/a.jpg": picture(200, 100)})
    return list(READERS["label_studio"].read(Source.sent(io.BytesIO(data), "tasks.json"), options))


def task(results: list[Any], **others: Any) -> dict[str, Any]:
    return {"id": 5, "data": {"text": "hi", "image": "a.jpg"}, "annotations": [answer(results)], **others}


def answer(results: Any, who: Any = 3, **others: Any) -> dict[str, Any]:
    return {"id": 9, "completed_by": who, "result": results, **others}


def region(kind: str, value: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"from_name": "tag", "to_name": "x", "type": kind, "value": value, **others}


def choice(*names: str, **others: Any) -> dict[str, Any]:
    return region("choices", {"choices": list(names)}, **others)


def box(**others: Any) -> dict[str, Any]:
    sides = {"x": 10, "y": 20, "width": 30.5, "height": 40, "rotation": 0}
    return region("rectanglelabels", {**sides, "rectanglelabels": ["cat"], **others})


def span(start: Any, end: Any, text: str | None) -> dict[str, Any]:
    quoted = {} if text is None else {"text": text}
    return region("labels", {"start": start, "end": end, "labels": ["person"], **quoted})


@pytest.mark.parametrize(
    ("name", "results", "value"),
    [
        ("classification", [choice("cat")], "cat"),
        ("rating", [region("rating", {"rating": 4})], "4"),
        ("multilabel", [choice("cat", "dog")], {"labels": ["cat", "dog"]}),
        ("multilabel", [], {"labels": []}),
        ("boxes", [box()], {"boxes": [{"label": "cat", "x": 20, "y": 20, "width": 61, "height": 40}]}),
        ("boxes", [], {"boxes": []}),
        (
            "polygons",
            [region("polygonlabels", {"points": [[0, 0], [50, 0], [50, 100]], "polygonlabels": ["dog"]})],
            {"polygons": [{"label": "dog", "points": [[0, 0], [100, 0], [100, 100]]}]},
        ),
        ("spans", [span(0, 2, "hi")], {"spans": [{"label": "person", "start": 0, "end": 2}]}),
    ],
)
def test_the_only_annotation_of_a_task_is_its_given_label(name: str, results: list[Any], value: Any) -> None:
    (row,) = read([task(results)], told(name))
    assert isinstance(row, Row)
    assert (row.given_label or row.given_value, row.external_id) == (value, "5")


def test_of_several_annotations_the_ground_truth_is_given_and_else_none() -> None:
    several = [answer([choice("cat")]), answer([choice("dog")])]
    (row,) = good(read([task([], annotations=several)], told("classification")))
    assert row.given_label is None
    several[1]["ground_truth"] = True
    (row,) = good(read([task([], annotations=several)], told("classification")))
    assert row.given_label == "dog"
    skipped = [answer([choice("cat")]), answer([], was_cancelled=True)]
    (row,) = good(read([task([], annotations=skipped)], told("classification")))
    assert row.given_label == "cat"


@pytest.mark.parametrize(
    ("text", "place", "quoted", "expected"),
    [
        (EMOJI, (4, 11), "firemen", (4, 11)),
        (EMOJI, (6, 13), "firemen", (4, 11)),
        (EMOJI, (6, 13), None, (4, 11)),
        (EMOJI, (4, 11), None, (4, 11)),
        ("a\nb c", (0, 3), "a\\nb", (0, 3)),
    ],
)
def test_places_are_checked_against_the_text_as_code_points_and_as_utf_16(
    text: str, place: tuple[int, int], quoted: str | None, expected: tuple[int, int]
) -> None:
    (row,) = good(read([task([span(*place, quoted)], data={"text": text})], told("spans")))
    assert row.given_value == {"spans": [{"label": "person", "start": expected[0], "end": expected[1]}]}


@pytest.mark.parametrize(
    ("name", "results", "reason"),
    [
        ("spans", [span(0, 1, "hello")], "another text"),
        ("spans", [span("/p[1]", "/p[1]", "hi")], "inside HTML"),
        ("spans", [region("labels", {"start": 0, "end": 2, "text": "hi"})], "no class"),
        ("boxes", [box(rotation=15)], "turned"),
        ("boxes", [{**box(), "image_rotation": 90}], "turned picture"),
        ("boxes", [box(x="1")], "not a number"),
        ("boxes", [box(width=0)], "no width"),
        ("boxes", [box(rectanglelabels=[])], "no class"),
        ("boxes", [region("ellipselabels", {"x": 1})], "'ellipselabels' cannot be held"),
        ("boxes", [region("brushlabels", {"rle": []})], "'brushlabels' cannot be held"),
        ("boxes", [{**box(), "original_width": 100, "original_height": 200}], "was drawn on 100 x 200"),
        ("polygons", [region("polygonlabels", {"points": [[1, 2, 3]], "polygonlabels": ["cat"]})], "point"),
        (
            "polygons",
            [region("polygonlabels", {"points": [[1, 2]], "closed": False, "polygonlabels": ["cat"]})],
            "closed",
        ),
        ("classification", [choice("cat"), choice("dog", from_name="other")], "2 questions"),
        ("classification", [choice("cat", "dog")], "one choice is expected, not 2"),
        ("classification", [{"type": "choices"}], "no value"),
        ("classification", "cat", "list of objects"),
        ("multilabel", [region("choices", {"choices": [1.5]})], "must be a text"),
    ],
)
def test_a_label_that_cannot_be_held_costs_itself_and_not_its_task(name: str, results: Any, reason: str) -> None:
    (row,) = good(read([task(results)], told(name)))
    assert (row.given_label, row.given_value) == (None, None)
    ((said, count),) = row.left_out
    assert (reason in said, count) == (True, 1)
    if "was drawn on" not in reason:  # answers come without their picture, so nobody knows its size
        options = told(name, wants="annotations")
        (refused,) = as_votes(read([task(results)], options), options)
        assert isinstance(refused, RejectedRow), "a person's answer without a part of it would be another one"


def test_of_several_regions_only_the_ones_that_cannot_be_held_are_left_out() -> None:
    comment = region("textarea", {"text": ["blurred"]}, from_name="why")
    outside = box(x=95, width=20)
    (row,) = good(read([task([box(), box(width=0), box(rotation=15), box(height=0), comment, outside])], told("boxes")))
    assert len((row.given_value or {})["boxes"]) == 2
    assert sorted(count for _, count in row.left_out) == [1, 2]
    assert (row.metadata["other_results"], row.metadata["clipped_objects"]) == ({"textarea": 1}, 1)
    (row,) = good(read([task([span(0, 2, "hi"), span(0, 1, "x")])], told("spans")))
    assert row.given_value == {"spans": [{"label": "person", "start": 0, "end": 2}]}


def test_answers_that_are_not_taken_with_items_are_told() -> None:
    several = [answer([choice("cat")]), answer([choice("dog")], 4), answer([], 5, was_cancelled=True)]
    (row,) = good(read([task([], annotations=several)], told("classification")))
    assert row.left_out == ((AN_ANSWER, 3),)
    two = [box(), region("textarea", {"text": ["blurred"]}, from_name="why")]
    sized = [{**one, "original_width": 200, "original_height": 100} for one in two]
    options = told("boxes", wants="annotations")
    (vote,) = as_votes(read([task(sized)], options), options)
    assert [count for _, count in vote.left_out] == [1] if isinstance(vote, VoteRow) else False


def test_answers_to_other_questions_are_named_and_one_question_can_be_chosen() -> None:
    comment = region("textarea", {"text": ["blurred"]}, from_name="why")
    (row,) = good(read([task([box(), comment])], told("boxes")))
    assert row.metadata["other_results"] == {"textarea": 1}
    two = [choice("cat"), choice("dog", from_name="other")]
    (row,) = good(read([task(two)], told("classification", mapping=Mapping(label="other"))))
    assert row.given_label == "dog"


def test_pictures_are_found_by_the_end_of_their_address_and_never_fetched() -> None:
    addresses = [
        "/data/upload/3/1a2b3c4d-a.jpg",
        "https://x.org/data/a.jpg?token=1",
        "/data/local-files/?d=upload/1/a.jpg",
    ]
    tasks = [{"id": n, "data": {"image": address}} for n, address in enumerate(addresses)]
    rows = good(read(tasks, told("boxes")))
    assert [row.image is not None for row in rows] == [True] * 3
    assert rows[0].metadata["image_address"] == addresses[0]
    reasons = bad(read([{"id": 1, "data": {"image": "https://x.org/other.jpg"}}], told("boxes")))
    assert ["no picture" in reasons[0], reasons[1:]] == [True, ["no annotation file names this picture"]]


def test_answers_come_in_with_who_gave_them_when_and_how_long_it_took() -> None:
    annotations = [
        answer([choice("cat")], {"id": 1, "email": "ann@x.org"}, lead_time=4.5, created_at="2026-01-05T10:00:00Z"),
        answer([choice("dog")], 7),
        answer([], 8, was_cancelled=True),
        answer([choice("dog")], None),
        answer([choice("cat", "dog")], 9),
        answer([choice("cat")], {"id": 1, "email": "ann@x.org"}),
    ]
    options = told("classification", wants="annotations")
    entries = list(as_votes(read([task([], annotations=annotations)], options), options))
    assert [entry[:5] for entry in entries if isinstance(entry, VoteRow)] == [
        (1, "5", "hi", "Label Studio user 7", "dog"),
        (1, "5", "hi", "Label Studio user 8", ""),
        (1, "5", "hi", "ann@x.org", "cat"),
    ]
    assert [entry.skip for entry in entries if isinstance(entry, VoteRow)] == [None, "", None]
    reasons = [entry.reason for entry in entries if isinstance(entry, RejectedRow)]
    assert len(reasons) == 3
    for reason, part in zip(reasons, ["completed_by", "one choice", "answered this item again"], strict=True):
        assert part in reason


def test_boxes_come_in_as_answers_without_their_picture_when_its_size_is_told() -> None:
    sized = {**box(), "original_width": 1000, "original_height": 500}
    options = told("boxes", wants="annotations")
    (vote,) = as_votes(read([task([sized])], options), options)
    assert isinstance(vote, VoteRow)
    assert vote.value == {"boxes": [{"label": "cat", "x": 100, "y": 100, "width": 305, "height": 200}]}
    (refused,) = as_votes(read([task([box()])], options), options)
    assert isinstance(refused, RejectedRow)
    assert "how large" in refused.reason


def test_predictions_come_in_beside_items_or_alone() -> None:
    predictions = [{"model_version": "m", "score": 0.75, "result": [choice("dog")]}]
    tasks = [task([], predictions=predictions), task([], predictions=[{"result": [choice("cat", "dog")]}])]
    first, second = good(read(tasks, told("classification")))
    assert (first.prediction, first.prediction_score, second.prediction) == ({"label": "dog"}, 0.75, None)
    assert "one choice" in second.metadata["prediction_problem"]
    entries = read([*tasks, task([])], told("classification", wants="predictions"))
    assert [(row.external_id, row.prediction, row.prediction_score) for row in good(entries)] == [
        ("5", {"label": "dog"}, 0.75)
    ]
    assert len(bad(entries)) == 2


def test_the_persons_own_id_in_the_data_is_kept() -> None:
    (row,) = good(read([{"id": 5, "data": {"id": "own-1", "text": "hi", "page": 3}}], told("classification")))
    assert (row.external_id, row.metadata) == ("own-1", {"page": 3})


def test_the_only_text_is_the_item_whatever_it_is_called() -> None:
    (row,) = good(read([{"id": 5, "data": {"question_body": "hi", "page": 3}}], told("classification")))
    assert (row.text, row.metadata) == ("hi", {"page": 3})


def test_what_is_no_task_is_refused_or_left_out() -> None:
    with pytest.raises(Invalid, match="no tasks"):
        read([{"text": "hi"}], told("classification"))
    entries = read([{"data": {"text": "hi"}}, {"data": "hi"}, 5], told("classification"))
    assert (len(good(entries)), len(bad(entries))) == (1, 2)


def written(name: str, row: ExportRow) -> tuple[Any, ExportContext]:
    context = ExportContext("p", "P", row.media, name, CLASSES, "2026-02-03T10:00:00Z")
    return json.loads(b"".join(WRITERS["label_studio"].write([row], context))), context


def item(value: dict[str, Any], **others: Any) -> ExportRow:
    vote = Vote("ann@x.org", "words", 2.0, None, "2026-02-01T10:00:00Z", value)
    row = ExportRow(4, "i4", None, "a.jpg", "image", "w", "w", "w", "review", None, (vote,))
    return row._replace(given_value=value, final_value=value, width=200, height=100, **others)


def test_parts_of_an_answer_go_out_as_results_with_percents() -> None:
    value = {"boxes": [{"label": "cat", "x": 20, "y": 20, "width": 61, "height": 40}] * 2}
    ((out,), _) = written("boxes", item(value))
    vote, decided = out["annotations"]
    assert (vote["result_count"], decided["ground_truth"]) == (2, True)
    first = vote["result"][0]
    assert first["value"] == {"x": 10, "y": 20, "width": 30.5, "height": 40, "rotation": 0, "rectanglelabels": ["cat"]}
    assert (first["type"], first["original_width"], first["original_height"]) == ("rectanglelabels", 200, 100)
    assert out["data"]["final_value"] == value
    ids = [result["id"] for annotation in out["annotations"] for result in annotation["result"]]
    assert len(set(ids)) == 4


def test_spans_go_out_with_their_text_in_code_points() -> None:
    value = {"spans": [{"label": "person", "start": 4, "end": 11}]}
    ((out,), _) = written("spans", item(value, text=EMOJI, image=None, media="text"))
    (result,) = out["annotations"][0]["result"]
    assert result["value"] == {"start": 4, "end": 11, "text": "firemen", "labels": ["person"]}


def test_an_answer_without_the_size_of_its_picture_is_counted_not_guessed() -> None:
    ((out,), context) = written(
        "boxes",
        item(
            {"boxes": [{"label": "cat", "x": 1, "y": 1, "width": 1, "height": 1}]},
        ),
    )
    assert len(out["annotations"]) == 2
    row = item({"boxes": [{"label": "cat", "x": 1, "y": 1, "width": 1, "height": 1}]})._replace(width=None)
    ((out,), context) = written("boxes", row)
    assert out["annotations"] == []
    assert context.report.losses[UNMEASURED].count == 3


def test_answers_that_went_out_come_in_again() -> None:
    value = {"polygons": [{"label": "cat", "points": [[0.1, 0.2], [150.3, 0], [33, 99.9]]}]}
    row = item(value)
    data, _ = written("polygons", row)
    options = told("polygons", wants="annotations")
    entries = list(as_votes(read(data, options), options))
    (vote,) = [entry for entry in entries if isinstance(entry, VoteRow)]
    assert (vote.external_id, vote.annotator, vote.seconds, vote.value) == ("i4", "ann@x.org", 2.0, value)
    (row_in,) = good(read(data, told("polygons", mapping=Mapping(label="final_label"))))
    assert row_in.given_value == value

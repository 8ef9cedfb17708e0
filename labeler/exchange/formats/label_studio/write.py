"""Label Studio's JSON as it goes out; __init__.py says what fits it.

Note: in Label Studio every answer is an annotation of a person. The review's decision and the
consensus are therefore in `data`, and a reviewed item also gets one annotation marked `ground_truth`, so that its
final label survives there. The label that an item came with is a prediction, which Label Studio shows and nobody has
to answer for. The pieces are put together as text, as in JSON Lines; only answers with parts are encoded
whole.
"""

import itertools
from collections.abc import Iterable, Iterator
from functools import lru_cache
from json.encoder import encode_basestring as quote
from typing import Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.formats.label_studio.regions import Seen, results_of
from labeler.exchange.parsing.column_names import EXPORT_COLUMNS, VALUE_COLUMNS
from labeler.exchange.parsing.coordinates import Size
from labeler.exchange.parsing.values import Value
from labeler.exchange.rows import ExportRow, Skip, Vote
from labeler.exchange.writing.chunks import chunks, to_json
from labeler.exchange.writing.report import Report
from labeler.messages import Message
from labeler.task_types.registry import by_shape

OWN = frozenset(("external_id", *EXPORT_COLUMNS[:4], "excluded", *VALUE_COLUMNS))
"""What is added to the data of a task."""
GIVEN = "existing label"
"""What stands for a model where a prediction is the label that the item came with."""
UNMEASURED = Message("The size of the picture is not known, so an answer could not be written as percents.")


class Task(NamedTuple):
    """What the answers of one item share. content: what its object is called; ids: numbers of annotations to come."""

    row: ExportRow
    content: str
    seen: Seen
    ids: Iterator[int]
    report: Report


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a JSON list of tasks in UTF-8."""
    content = "image" if context.media == "image" else "text"
    model = quote(context.model_version or "labeler")
    separator = "[\n"
    ids = itertools.count(1)
    for chunk in chunks(rows, context.report):
        tasks = ",\n".join([_task(Task(row, content, _seen(row), ids, context.report), model) for row in chunk])
        yield (separator + tasks).encode(errors="replace")
        separator = ",\n"
    yield b"[]\n" if separator == "[\n" else b"\n]\n"


def _seen(row: ExportRow) -> Seen:
    return Seen(row.text, Size(row.width, row.height) if row.width and row.height else None)


def _task(task: Task, model: str) -> str:
    row = task.row
    annotations = [one for vote in row.votes if (one := _annotation(vote, task))]
    annotations += [_skipped(skip, task) for skip in row.skips]
    if row.final_source == "review" and (decided := _decided(task)):
        annotations.append(decided)
    predictions = []
    if row.suggested_label is not None:
        predictions.append(
            f'{{"model_version": {model}, "score": {_number(row.flagged_wrong)}, '
            f'"result": [{_choice(row.suggested_label, task.content, f"p{row.item}")}]}}'
        )
    if row.given_label is not None and (given := _given(task)):
        predictions.append(given)
    return (
        f'{{"id": {row.item}, "data": {_data(row, task.content)}, "annotations": [{", ".join(annotations)}], '
        f'"predictions": [{", ".join(predictions)}]}}'
    )


def _data(row: ExportRow, content: str) -> str:
    """Return the task's data; what the item is comes before metadata of the same name."""
    kept = {key: value for key, value in (row.metadata or {}).items() if key not in OWN and key != content}
    data = {
        content: row.image if content == "image" else row.text,
        "external_id": row.external_id,
        **_said("given", row.given_label, row.given_value),
        **_said("consensus", row.consensus_label, row.consensus_value),
        **_said("final", row.final_label, row.final_value),
        "final_source": row.final_source,
        "excluded": row.excluded,
        **kept,
        **({"split": row.split} if row.split else {}),
    }
    return to_json(data)


def _said(kind: str, label: str | None, value: Value | None) -> dict[str, Any]:
    """Return a label as a member of the data: what says it whole, or the value."""
    if value is None:
        return {f"{kind}_label": label}
    (shape,) = value
    task = by_shape(shape)
    return {f"{kind}_label": task.to_json(value)} if task.label_says_all else {f"{kind}_value": value}


def _annotation(vote: Vote, task: Task) -> str:
    """Return one answer, "" when it could not be written."""
    number = next(task.ids)
    results, count = _results(vote.label, vote.value, task, f"a{number}")
    if results is None:
        return ""
    time = quote(vote.created_at)
    return (
        f'{{"id": {number}, "completed_by": {{"email": {_short(vote.annotator)}}}, '
        f'"result": {results}, "was_cancelled": false, "ground_truth": false, '
        f'"created_at": {time}, "updated_at": {time}, "lead_time": {_number(vote.seconds)}, "result_count": {count}, '
        f'"task": {task.row.item}}}'
    )


def _skipped(skip: Skip, task: Task) -> str:
    time = quote(skip.created_at)
    return (
        f'{{"id": {next(task.ids)}, "completed_by": {{"email": {_short(skip.annotator)}}}, '
        f'"result": [], "was_cancelled": true, "ground_truth": false, '
        f'"created_at": {time}, "updated_at": {time}, "lead_time": {_number(skip.seconds)}, "result_count": 0, '
        f'"task": {task.row.item}}}'
    )


def _decided(task: Task) -> str:
    """Return the final label of a reviewed item, "" when there is none or it could not be written."""
    row = task.row
    if row.final_label is None:
        return ""
    number = next(task.ids)
    results, count = _results(row.final_label, row.final_value, task, f"a{number}")
    if results is None:
        return ""
    return (
        f'{{"id": {number}, "result": {results}, "was_cancelled": false, '
        f'"ground_truth": true, "lead_time": null, "result_count": {count}, "task": {row.item}}}'
    )


def _given(task: Task) -> str:
    """Return the label that the item came with as Label Studio shows what nobody answered, "" where it cannot be."""
    row = task.row
    results, _ = _results(row.given_label or "", row.given_value, task, f"g{row.item}")
    return "" if results is None else f'{{"model_version": "{GIVEN}", "result": {results}}}'


def _results(label: str, value: Value | None, task: Task, identity: str) -> tuple[str | None, int]:
    """Return the results of one answer as JSON and how many they are; None when they could not be written."""
    if value is None:
        return f"[{_choice(label, task.content, identity)}]", 1
    try:
        results = results_of(value, task.content, identity, task.seen)
    except Invalid:
        task.report.lose(UNMEASURED, task.row.item)
        return None, 0
    return to_json(results), len(results)


def _choice(label: str, content: str, identity: str) -> str:
    return (
        f'{{"id": "{identity}", "from_name": "label", "to_name": "{content}", "type": "choices", '
        f'"value": {{"choices": [{_short(label)}]}}}}'
    )


@lru_cache(maxsize=4096)
def _short(value: str) -> str:
    return quote(value)


def _number(value: float | None) -> str:
    """JSON knows no NaN and no infinity; both go out as null."""
    return "null" if value is None or value - value != 0 else repr(value)


WRITER = Writer(
    "label_studio",
    "Label Studio JSON",
    ".json",
    "application/json",
    (
        Message("Comments on answers are left out; Label Studio imports none."),
        Message("Flags are left out but for the suggested label, which becomes a prediction."),
        Message("Confidence and agreement are left out; the consensus label is in the data of the task."),
        Message("Images are named, not contained: the names must lie where Label Studio serves files."),
    ),
    write,
    counts=True,
    keeps=frozenset({"skips"}),
    answers=True,
)

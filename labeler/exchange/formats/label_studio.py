"""Label Studio's JSON: a list of tasks with their annotations and predictions, for its own import.

The labeling configuration that fits has one Choices tag: name "label", toName "text" or "image".

What a reader would get wrong: in Label Studio every answer is an annotation of a person. The review's decision and the
consensus are therefore in `data`, and a reviewed item also gets one annotation marked `ground_truth`, so that its
final label survives there.
"""

import itertools
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from json.encoder import encode_basestring as quote

from labeler.exchange.formats.base import ExportContext, ExportRow, Vote, Writer

ROWS_IN_A_CHUNK = 500
_to_json = json.JSONEncoder(ensure_ascii=False).encode
_RESERVED = frozenset(("external_id", "given_label", "consensus_label", "final_label", "final_source", "excluded"))


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a JSON list of tasks in UTF-8."""
    content = "image" if context.media == "image" else "text"
    model = quote(context.model_version or "labeler")
    remaining = iter(rows)
    separator = "[\n"
    ids = itertools.count(1)
    while chunk := list(itertools.islice(remaining, ROWS_IN_A_CHUNK)):
        tasks = ",\n".join([_task(row, content, model, ids) for row in chunk])
        yield (separator + tasks).encode(errors="replace")
        separator = ",\n"
    yield b"[]\n" if separator == "[\n" else b"\n]\n"


def _task(row: ExportRow, content: str, model: str, ids: Iterator[int]) -> str:
    annotations = [_annotation(vote, row.item, content, next(ids)) for vote in row.votes]
    if row.final_source == "review" and row.final_label is not None:
        annotations.append(_decided(row, row.final_label, content, next(ids)))
    prediction = ""
    if row.suggested_label is not None:
        score = max((flag.score for flag in row.flags), default=None)
        prediction = (
            f'{{"model_version": {model}, "score": {_number(score)}, '
            f'"result": [{_choice(row.suggested_label, content, f"p{row.item}")}]}}'
        )
    return (
        f'{{"id": {row.item}, "data": {_data(row, content)}, "annotations": [{", ".join(annotations)}], '
        f'"predictions": [{prediction}]}}'
    )


def _data(row: ExportRow, content: str) -> str:
    """Return the task's data; what the item is comes before metadata of the same name."""
    kept = {key: value for key, value in (row.metadata or {}).items() if key not in _RESERVED and key != content}
    data = {
        content: row.image if content == "image" else row.text,
        "external_id": row.external_id,
        "given_label": row.given_label,
        "consensus_label": row.consensus_label,
        "final_label": row.final_label,
        "final_source": row.final_source,
        "excluded": row.excluded,
        **kept,
    }
    return _to_json(data)


def _annotation(vote: Vote, item: int, content: str, number: int) -> str:
    time = quote(vote.created_at)
    return (
        f'{{"id": {number}, "completed_by": {{"email": {_short(vote.annotator)}}}, '
        f'"result": [{_choice(vote.label, content, f"a{number}")}], "was_cancelled": false, "ground_truth": false, '
        f'"created_at": {time}, "updated_at": {time}, "lead_time": {_number(vote.seconds)}, "result_count": 1, '
        f'"task": {item}}}'
    )


def _decided(row: ExportRow, label: str, content: str, number: int) -> str:
    return (
        f'{{"id": {number}, "result": [{_choice(label, content, f"a{number}")}], "was_cancelled": false, '
        f'"ground_truth": true, "lead_time": null, "result_count": 1, "task": {row.item}}}'
    )


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
        "Comments on answers are left out; Label Studio imports none.",
        "Flags are left out but for the suggested label, which becomes a prediction.",
        "Confidence and agreement are left out; the consensus label is in the data of the task.",
        "Images are named, not contained: the names must lie where Label Studio serves files.",
    ),
    write,
)

"""Label Studio's short exports (JSON_MIN, CSV): a row for each annotation, the answer under the name of its control.

Rows become tasks as the long export has them, so that everything that is said of those holds here too: the rows of one
task, which stand together, are its annotations.

Note: nothing says which key is the answer and which is data. A list of regions or {"choices"} is an answer;
a plain text is one under a usual name, or where every text of the first rows under that key is a class.
"""

import csv
import itertools
from collections.abc import Iterator
from typing import Any

from labeler.exchange.parsing.column_names import USUAL_NAMES
from labeler.exchange.parsing.json_lines_or_list import records as json_records
from labeler.exchange.parsing.json_records import LOOKED_AT, Record
from labeler.exchange.parsing.json_stream import DECODER
from labeler.exchange.parsing.text_lines import TextLines, opened, text_of
from labeler.exchange.rows import SHOWN, RejectedRow
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message

FIXED = frozenset(("annotation_id", "annotator", "lead_time", "created_at", "updated_at"))
MARKS = frozenset(("annotation_id", "lead_time"))
_REGIONS = ("rectanglelabels", "polygonlabels", "hypertextlabels", "labels")
_BESIDE = ("original_width", "original_height", "image_rotation")
_HEAD = 4096

Entries = Iterator[Record | RejectedRow]


def records(source: Source, options: ReadOptions) -> Entries:
    """Yield the values of a source: of JSON, or the rows of a table as objects."""
    with opened(source) as stream:
        head = stream.read(_HEAD)
    if source.stream is not None:
        source.stream.seek(0)
    if text_of(head).lstrip()[:1] in {"[", "{"} or not is_flat_header(text_of(head)):
        return json_records(source, options)
    return _rows(source, options)


def is_flat_header(text: str) -> bool:
    """Say whether the first line names the columns of such a table."""
    names = {name.strip('" \r') for name in text.partition("\n")[0].split(",")}
    return names >= MARKS


def _rows(source: Source, options: ReadOptions) -> Entries:
    with opened(source) as stream:
        lines = TextLines(stream, source.name, options.encoding)
        table = csv.reader(iter(lines))
        header = next(table, [])
        for number, cells in enumerate(table, 1):
            if lines.bad and lines.bad[0].line <= table.line_num:
                yield RejectedRow(number, "", lines.bad.popleft().reason, ",".join(cells)[:SHOWN])
            elif len(cells) != len(header):
                count, wanted = len(cells), len(header)
                why = Message("{count} cells where the header names {wanted} columns", count=count, wanted=wanted)
                yield RejectedRow(number, "", why, ",".join(cells)[:SHOWN])
            elif cells:
                value = {name: _cell(name, cell) for name, cell in zip(header, cells, strict=True) if cell}
                yield Record(number, value, ",".join(cells))


def _cell(name: str, cell: str) -> Any:
    if cell[0] in "[{" or (name in {"id", *FIXED} and cell.isdigit()):
        try:
            return DECODER.decode(cell)
        except (ValueError, RecursionError):
            return cell
    return cell


def as_tasks(entries: Entries, options: ReadOptions) -> Entries:
    """Yield tasks for flat rows, and everything else as it is."""
    first = list(itertools.islice(entries, LOOKED_AT))
    following = itertools.chain(first, entries)
    values = [entry.value for entry in first if isinstance(entry, Record) and isinstance(entry.value, dict)]
    if not values or not all(value.keys() & FIXED and not isinstance(value.get("data"), dict) for value in values):
        return following
    return _grouped(following, _answer_keys(values, options))


def _answer_keys(values: list[dict[str, Any]], options: ReadOptions) -> tuple[str, ...]:
    """Return the keys that hold answers, in the order of the rows."""
    if options.mapping.label:
        return (options.mapping.label,)
    content = {*USUAL_NAMES["text"], *USUAL_NAMES["image"], options.mapping.text, options.mapping.image}
    keys = dict.fromkeys(key for value in values for key in value if key not in FIXED | {"id"} and key not in content)
    held = {key: [value[key] for value in values if value.get(key) is not None] for key in keys}
    structured = tuple(key for key in keys if any(_results(key, one) for one in held[key] if not isinstance(one, str)))
    if structured:
        return structured
    classes = set(options.classes)
    usual = [key for key in keys if key.casefold() in USUAL_NAMES["label"]]
    known = [key for key in keys if held[key] and all(str(one) in classes for one in held[key])]
    return tuple((usual or known)[:1])


def _grouped(entries: Entries, keys: tuple[str, ...]) -> Entries:
    """Yield one task for the rows of each task, which stand together."""
    held: Record | None = None
    for entry in entries:
        if isinstance(entry, RejectedRow) or not isinstance(entry.value, dict):
            yield entry
            continue
        task = _task(entry, keys)
        if held is not None and held.value["id"] is not None and held.value["id"] == task["id"]:
            held.value["annotations"].extend(task["annotations"])
            continue
        if held is not None:
            yield held
        held = entry._replace(value=task)
    if held is not None:
        yield held


def _task(entry: Record, keys: tuple[str, ...]) -> dict[str, Any]:
    row = entry.value
    data = {key: what for key, what in row.items() if key not in FIXED and key not in keys and key != "id"}
    results = [result for key in keys for result in _results(key, row.get(key))]
    told = {"completed_by": row.get("annotator"), "lead_time": row.get("lead_time"), "result": results}
    annotation = {"id": row.get("annotation_id"), "created_at": row.get("created_at"), **told}
    answered = any(row.get(key) is not None for key in keys)
    return {"id": row.get("id"), "data": data, "annotations": [annotation] if answered else []}


def _results(key: str, answer: Any) -> list[dict[str, Any]]:
    """Return what stands under the name of a control as results of the long export, [] for what is none."""
    if isinstance(answer, dict) and isinstance(answer.get("choices"), list):
        return [{"from_name": key, "type": "choices", "value": answer}]
    if isinstance(answer, list):
        return [_region(key, one) for one in answer if isinstance(one, dict) and any(kind in one for kind in _REGIONS)]
    if isinstance(answer, bool) or not isinstance(answer, str | int) or not str(answer).strip():
        return []
    if isinstance(answer, int):
        return [{"from_name": key, "type": "rating", "value": {"rating": answer}}]
    return [{"from_name": key, "type": "choices", "value": {"choices": [answer.strip()]}}]


def _region(key: str, one: dict[str, Any]) -> dict[str, Any]:
    kind = next(kind for kind in _REGIONS if kind in one)
    beside = {name: one[name] for name in _BESIDE if name in one}
    return {"from_name": key, "type": kind, **beside, "value": one}
